//! What parts of statements come to, worked out once for all callers of a question.

use std::hash::{Hash, Hasher};

use super::super::policy::{Condition, Element};
use super::super::reading::Reading;
use super::encode::Scope;
use super::formula::Formula;
use super::hash::{Map, Mixer};

/// A part of a statement whose formula does not depend on the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Part<'a> {
    /// `Action` or `NotAction`.
    Action(&'a Element),
    /// `Resource` or `NotResource`, whether short patterns are completed, and which resources are asked about.
    Resource(&'a Element, bool, &'a Scope),
    /// A condition.
    Condition(&'a Condition),
}

#[derive(Debug)]
enum Owned {
    Action(Element),
    Resource(Element, bool, Scope),
    Condition(Condition),
}

impl Owned {
    fn part(&self) -> Part<'_> {
        match self {
            Owned::Action(element) => Part::Action(element),
            Owned::Resource(element, completes, scope) => Part::Resource(element, *completes, scope),
            Owned::Condition(condition) => Part::Condition(condition),
        }
    }
}

/// The formulas so far, by the digest of their parts and readings; parts are compared, digests may be equal by chance.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    known: Map<u64, Vec<(Owned, Reading, Formula)>>,
}

impl Memo {
    /// The formula of a part, if it was worked out.
    pub(crate) fn get(&self, part: Part<'_>, reading: &Reading) -> Option<Formula> {
        let entries = self.known.get(&digest(part, reading))?;
        let own = entries.iter().find(|(owned, of, _)| of == reading && owned.part() == part)?;
        Some(own.2.clone())
    }

    /// Keeps a formula.
    pub(crate) fn keep(&mut self, part: Part<'_>, reading: &Reading, formula: &Formula) {
        let owned = match part {
            Part::Action(element) => Owned::Action(element.clone()),
            Part::Resource(element, completes, scope) => {
                Owned::Resource(element.clone(), completes, scope.clone())
            }
            Part::Condition(condition) => Owned::Condition(condition.clone()),
        };
        let entries = self.known.entry(digest(part, reading)).or_default();
        entries.push((owned, *reading, formula.clone()));
    }
}

fn digest(part: Part<'_>, reading: &Reading) -> u64 {
    let mut mixer = Mixer::default();
    part.hash(&mut mixer);
    reading.hash(&mut mixer);
    mixer.finish()
}
