//! What differs between two states of a deployment, and which way it goes: from the meaning, not from the text.
//!
//! *Never:* blueprints, formats, terminals.

mod class;
mod codes;
mod model;

pub use class::{CLASSES, Class, STOPPING, named, words};
pub(crate) use codes::{CODES, code_of};
pub use model::{Acknowledged, Change, Difference, Equal, Review, Spot};
