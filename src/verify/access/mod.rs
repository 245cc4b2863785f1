//! Proof that templates grant what was asked and nothing else.

mod check;
mod codes;
pub(crate) mod documents;
mod intent;
mod proof;

pub(crate) use check::check;
pub(crate) use codes::CODES;
