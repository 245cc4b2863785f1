//! Statements that people wrote, held against the list of AWS's actions: hints, where the proof has nothing to say.

mod check;
mod codes;
mod say;

pub(super) use check::check;
pub(crate) use codes::CODES;
pub(super) use say::said;
