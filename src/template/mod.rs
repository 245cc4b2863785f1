//! The text of templates and of the manifest, and the way back from a place in a template to the blueprint.
//!
//! *Never:* meaning.

mod deployment;
mod json;
mod manifest;
mod places;
mod render;

pub(crate) use deployment::{Deployment, Planned, PlannedParameter, ValueSource};
pub(crate) use manifest::{Deployers, manifest};
pub(crate) use places::{origin_at, trace};
pub(crate) use render::render;

/// The exact text of a stack's template.
#[derive(Debug)]
pub(crate) struct Template {
    /// Where it belongs below the output directory.
    pub(crate) path: String,
    /// The text.
    pub(crate) text: String,
    /// SHA-256 of the text, in hexadecimal.
    pub(crate) digest: String,
    /// The position of its stack in the order of deployment.
    pub(crate) stack: usize,
}
