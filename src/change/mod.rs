//! What differs between two states of a deployment, and which way it goes: from the meaning, not from the text.
//!
//! `unit` is a side, `pairs` and `step` put two together; `resource_side`, `identity_side` and `effective` say what
//! policies let through, `controls` what properties protect, `effects` and `presence` what the update does.
//!
//! *Never:* blueprints, formats, terminals.

mod access;
mod acknowledge;
mod class;
mod codes;
mod controls;
mod differences;
mod effective;
mod effects;
mod identity_side;
mod levels;
mod model;
mod pairs;
mod presence;
mod resource_side;
mod resources;
mod review;
mod same;
mod special;
mod step;
mod unit;
mod waived;
mod whole;

pub(crate) use acknowledge::{Accepted, acknowledge};
pub use class::{CLASSES, Class, STOPPING, named, words};
pub(crate) use codes::{CODES, code_of};
pub use model::{Acknowledged, Change, Difference, Equal, Review, Spot};
pub(crate) use review::review;
pub(crate) use unit::Unit;
pub(crate) use waived::{Waived, waived};
