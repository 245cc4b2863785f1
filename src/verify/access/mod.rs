//! Proof that templates grant what was asked and nothing else.

mod check;
mod codes;
pub(crate) mod documents;
mod intent;
mod judge;
mod page;
mod proof;
mod trust;

pub(crate) use check::check;
pub(crate) use codes::CODES;
pub use judge::AccessJudge;
pub(crate) use page::pages;
