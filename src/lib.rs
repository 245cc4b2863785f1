//! keyprint: from a blueprint of secrets to verified CloudFormation templates.

mod catalog;
mod cfn;
mod diagnostic;
mod digest;
mod inventory;
mod lower;
mod report;
mod run;
mod source;
mod stack;
mod template;
pub mod verify;
mod workspace;

pub use diagnostic::{Category, Code, Diagnostic, Diagnostics, Label, Level, Stop, Subject};
pub use run::{Artifact, Evidence, Outcome, Run, Summary};
pub use source::{Cause, LineColumn, Origin, Source, SourceId, Sourced, Sources, Span};
