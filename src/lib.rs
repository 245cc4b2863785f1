//! keyprint: from a blueprint of secrets to verified CloudFormation templates.

mod cfn;
mod diagnostic;
mod digest;
mod inventory;
mod run;
mod source;
mod workspace;

pub use diagnostic::{Category, Code, Diagnostic, Diagnostics, Label, Level, Stop, Subject};
pub use run::{Artifact, Evidence, Outcome, Run, Summary};
pub use source::{Cause, LineColumn, Origin, Source, SourceId, Sourced, Sources, Span};
