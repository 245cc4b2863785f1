//! Showing a finished run: one file per format.
//!
//! *Never:* how anything is decided, files, terminals.

pub(crate) mod deploy_plan;
mod excerpt;
mod github;
mod json_v1;
mod junit;
mod mask;
mod place;
pub mod review;
mod sarif;
mod text;

use crate::run::Run;

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// Everything, with a summary.
    Full,
    /// Findings alone.
    Quiet,
}

/// A report: a run in one format.
pub type Report = fn(&Run, Voice) -> String;

/// The formats by the word that asks for them; the first is the one for people, and the only one with colours.
pub const FORMATS: [(&str, Report); 5] = [
    ("text", text::report),
    ("json", json_v1::report),
    ("sarif", sarif::report),
    ("github", github::report),
    ("junit", junit::report),
];
