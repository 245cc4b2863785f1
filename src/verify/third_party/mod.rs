//! Templates from elsewhere: JSON or YAML, from whatever tool, judged as far as they can be read.

mod account;
mod branches;
mod codes;
mod findings;
mod judge;
mod place;
mod text;

pub(crate) use codes::CODES;
pub(crate) use judge::{Judged, Settings, judge};
