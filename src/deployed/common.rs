//! What two states of the templates have in common: read once, for both.

use std::collections::{BTreeMap, BTreeSet};

use super::{Doubt, Place, Placed};

/// Policies of templates that say and take the same in two states.
#[derive(Debug, Default)]
pub(crate) struct Common {
    /// The paths of these templates.
    paths: BTreeSet<String>,
    /// What was read so far: by path and pointer, the policy and what is not understood of it.
    read: BTreeMap<(String, String), (Option<Placed>, Vec<Doubt>)>,
}

impl Common {
    /// The templates of these paths are the same in both states.
    pub(crate) fn of(paths: BTreeSet<String>) -> Common {
        Common { paths, read: BTreeMap::new() }
    }

    /// Whether a template is the same in both states.
    pub(super) fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// What was read in the other state, as it stands in the template at a position.
    pub(super) fn known(
        &self,
        path: &str,
        pointer: &str,
        template: usize,
    ) -> Option<(Option<Placed>, Vec<Doubt>)> {
        let (placed, doubts) = self.read.get(&(path.to_owned(), pointer.to_owned()))?;
        let here = |place: &Place| Place { template, pointer: place.pointer.clone() };
        let placed = placed.as_ref().map(|it| Placed { place: here(&it.place), ..it.clone() });
        let doubts = doubts.iter().map(|it| Doubt { place: here(&it.place), ..it.clone() });
        Some((placed, doubts.collect()))
    }

    /// Keeps what was read for the other state.
    pub(super) fn keep(&mut self, path: String, pointer: String, placed: Option<Placed>, doubts: Vec<Doubt>) {
        self.read.insert((path, pointer), (placed, doubts));
    }
}
