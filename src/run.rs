//! The result of one run: what was read, what was said, what was made and what was judged. Reports take nothing else.

use crate::diagnostic::{Diagnostics, Subject};
use crate::inventory::Inventory;
use crate::source::Sources;
use crate::stack::Stacks;
use crate::template::Template;

/// Everything that a run came to.
#[derive(Debug, Default)]
pub struct Run {
    /// The files it read.
    pub sources: Sources,
    /// What there is to say.
    pub diagnostics: Diagnostics,
    /// The files it made, sorted by path; none when a stage failed.
    pub artifacts: Vec<Artifact>,
    /// What was judged, each check on each subject.
    pub evidence: Vec<Evidence>,
    /// What a person wants to know first.
    pub summary: Summary,
}

/// A file that keyprint makes, whole and in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Where it belongs below the output directory, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Whether it belongs among the snapshots too.
    pub snapshot: bool,
}

/// What the pipeline made, before it was judged.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// What will exist.
    pub(crate) inventory: Inventory,
    /// The resources, grouped.
    pub(crate) stacks: Stacks,
    /// The text of every stack, in the order of deployment.
    pub(crate) templates: Vec<Template>,
}

/// The outcome of a check on a subject. Silence is never a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The code of the check, or `guard/<rule>`.
    pub check: String,
    /// What was judged.
    pub subject: Subject,
    /// How it came out.
    pub outcome: Outcome,
}

/// How a check came out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not; there is a diagnostic.
    Fail,
    /// It does not, and the blueprint says why that is accepted, and until when.
    Waived {
        /// The author's reason.
        because: String,
        /// The last day, `YYYY-MM-DD`.
        until: String,
    },
    /// It does not apply, for this reason.
    NotApplicable(String),
    /// It could not be decided, for this reason; an error.
    Undecided(String),
}

/// Counts for the end of a terminal report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Blueprints compiled.
    pub blueprints: usize,
    /// Stacks made.
    pub stacks: usize,
    /// Resources in them.
    pub resources: usize,
}
