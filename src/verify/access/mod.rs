//! Proof that templates grant what was asked and nothing else.

mod actions;
mod channels;
mod check;
mod codes;
mod groups;
mod intent;
mod judge;
mod named;
mod page;
mod proof;
mod rotating;
mod statements;
mod trust;
mod work;

pub(crate) use check::check;
pub(crate) use codes::CODES;
pub use judge::AccessJudge;
pub(crate) use page::pages;
