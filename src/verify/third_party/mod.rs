//! Templates from elsewhere: JSON or YAML, from whatever tool, judged as far as they can be read.

mod codes;
mod findings;
mod judge;
pub(crate) mod place;
pub(crate) mod text;

pub(crate) use codes::{CODES, TEMPLATE_UNREADABLE};
pub(crate) use judge::{Judged, Settings, judge};
