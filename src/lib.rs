//! keyprint: from a blueprint of secrets to verified CloudFormation templates.

mod aws;
mod blueprint;
mod diagnostic;
mod source;

pub use diagnostic::{Category, Code, Diagnostic, Diagnostics, Label, Level, Stop, Subject};
pub use source::{Cause, LineColumn, Origin, Source, SourceId, Sourced, Sources, Span};

/// The blueprint language as a JSON Schema, for editors.
pub fn schema() -> serde_json::Value {
    blueprint::schema()
}

/// Reads blueprints and says how many were understood; the rest of the compiler is not run.
#[doc(hidden)]
pub fn read(sources: &Sources, log: &mut Diagnostics) -> usize {
    blueprint::read(sources, log).len()
}

/// The places whose text no report may show, because it looks like a secret's value.
#[doc(hidden)]
pub fn masked(log: &Diagnostics) -> Vec<Span> {
    blueprint::masked(log)
}

/// The catalogued codes.
#[doc(hidden)]
pub fn codes() -> Vec<&'static Code> {
    blueprint::codes::ALL.iter().flat_map(|file| file.iter().copied()).collect()
}
