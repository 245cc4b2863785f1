//! The log that every stage writes to.

use super::{Diagnostic, Level};

/// The messages of a run.
#[derive(Debug, Default)]
pub struct Diagnostics {
    entries: Vec<Diagnostic>,
}

/// Says that a stage found errors that make the next one pointless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop;

impl Diagnostics {
    /// Takes a message in.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.entries.push(diagnostic);
    }

    /// Stops the pipeline when a stage has reported an error.
    ///
    /// # Errors
    /// [`Stop`] when any message so far is an error.
    pub fn gate(&self) -> Result<(), Stop> {
        if self.has_errors() { Err(Stop) } else { Ok(()) }
    }

    /// Whether any message is an error.
    pub fn has_errors(&self) -> bool {
        self.entries.iter().any(|entry| entry.level == Level::Error)
    }

    /// How many messages have a level.
    pub fn count(&self, level: Level) -> usize {
        self.entries.iter().filter(|entry| entry.level == level).count()
    }

    /// The messages in reading order, by place and then by code, each once.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut all: Vec<&Diagnostic> = self.entries.iter().collect();
        all.sort_by(|left, right| {
            let place = |entry: &Diagnostic| entry.labels.first().map(|label| label.span);
            place(left)
                .cmp(&place(right))
                .then_with(|| left.code.cmp(&right.code))
                .then_with(|| left.subject.cmp(&right.subject))
                .then_with(|| left.message.cmp(&right.message))
        });
        all.dedup();
        all
    }

    /// The messages as they came.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.entries.iter()
    }

    /// Keeps the messages that the condition accepts and returns the others.
    pub(crate) fn split_off(&mut self, mut leaves: impl FnMut(&Diagnostic) -> bool) -> Vec<Diagnostic> {
        let (left, kept) = std::mem::take(&mut self.entries).into_iter().partition(|entry| leaves(entry));
        self.entries = kept;
        left
    }
}
