//! keyprint: from a blueprint of secrets to verified CloudFormation templates.

mod aws;
mod blueprint;
mod diagnostic;
mod source;

pub use diagnostic::{Category, Code, Diagnostic, Diagnostics, Label, Level, Stop, Subject};
pub use source::{Cause, LineColumn, Origin, Source, SourceId, Sourced, Sources, Span};
