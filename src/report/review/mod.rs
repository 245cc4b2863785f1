//! Showing a review, what a change does to access, controls and what is kept: one file per format.
//!
//! *Never:* how a change is judged, files, terminals.

mod alike;
mod columns;
mod findings;
mod github;
mod json_v1;
mod junit;
mod markdown;
mod sarif;
mod secrets;
mod text;
mod told;

use std::collections::BTreeSet;

use crate::change::{Change, Class, Review, Spot};
use crate::source::{Sources, Span};

/// How much of a review is told to people; documents for programs hold everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What stops, and what could not be judged.
    Quiet,
    /// Every change, in few lines.
    Usual,
    /// The texts too, old beside new, and what differs without meaning anything.
    Verbose,
}

/// A review with what a face needs to show it.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// What differs.
    pub review: &'a Review,
    /// The classes that stop a pipeline.
    pub stopping: &'a BTreeSet<Class>,
    /// How much is told.
    pub detail: Detail,
    /// The files of the new side.
    pub sources: &'a Sources,
    /// Where in these files a place stands, or what caused it.
    pub locate: &'a dyn Fn(&Spot) -> Option<Span>,
}

/// A face: a review in one format.
pub type Face = fn(&Shown<'_>) -> String;

/// The formats by the word that asks for them; the first is the one for people, and the only one with colours.
pub const REVIEW_FORMATS: [(&str, Face); 6] = [
    ("text", text::report),
    ("markdown", markdown::report),
    ("json", json_v1::report),
    ("sarif", sarif::report),
    ("github", github::report),
    ("junit", junit::report),
];

impl Shown<'_> {
    /// Whether a change stops a pipeline: its class does, and nobody has acknowledged it.
    pub fn stops(&self, change: &Change) -> bool {
        change.acknowledged.is_none() && self.stopping.contains(&change.class)
    }

    /// Whether any change stops a pipeline.
    pub fn stops_at_all(&self) -> bool {
        self.review.changes.iter().any(|change| self.stops(change))
    }

    /// The changes of a class that nobody has acknowledged.
    fn open(&self, class: Class) -> impl Iterator<Item = &Change> {
        let changes = self.review.changes.iter();
        changes.filter(move |change| change.class == class && change.acknowledged.is_none())
    }
}
