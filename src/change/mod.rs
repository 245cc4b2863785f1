//! What differs between two states of a deployment, and which way it goes: from the meaning, not from the text.
//!
//! *Never:* blueprints, formats, terminals.

mod class;
mod model;

pub use class::{CLASSES, Class, STOPPING, named, words};
pub use model::{Acknowledged, Change, Difference, Equal, Review, Spot};
