//! What can be wrong with a workspace whose text is right.

pub(super) mod access;
pub(super) mod function;
pub(super) mod names;
pub(super) mod network;
pub(super) mod rotation;

use crate::diagnostic::Code;

/// Every code of this stage, by what it looks at.
pub(crate) const CODES: &[&[&Code]] =
    &[names::CODES, access::CODES, rotation::CODES, function::CODES, network::CODES];
