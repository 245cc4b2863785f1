//! The codes of the reader, by what they look at.

pub(crate) mod fields;
pub(crate) mod schedule;
pub(crate) mod text;
pub(crate) mod values;

use crate::diagnostic::Code;

/// Every code of the reader.
pub(crate) const ALL: &[&[&Code]] = &[text::CODES, fields::CODES, values::CODES, schedule::CODES];
