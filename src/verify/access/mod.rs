//! Proof that templates grant what was asked and nothing else.

pub(crate) mod documents;
