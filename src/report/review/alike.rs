//! Changes that say the same of several things, told together.

use std::collections::{BTreeMap, BTreeSet};

use super::Shown;
use super::told::{shown, stands};
use crate::change::Change;

/// So many things are named in one sentence.
const NAMED: usize = 6;

/// So many places are told for people, with the names of the changes there.
pub(super) const PLACES: usize = 6;

/// Groups changes of one class that come to the same, in the order of the first of each.
pub(super) fn alike<'r>(changes: impl Iterator<Item = &'r Change>) -> Vec<Vec<&'r Change>> {
    let mut groups: Vec<Vec<&Change>> = Vec::new();
    let mut positions: BTreeMap<(&str, &[String]), usize> = BTreeMap::new();
    for change in changes {
        let position = *positions.entry((&change.what, &change.details)).or_insert(groups.len());
        match groups.get_mut(position) {
            Some(group) => group.push(change),
            None => groups.push(vec![change]),
        }
    }
    groups
}

/// The things that changes are about, each once: the first ones by name.
pub(super) fn subjects(group: &[&Change], name: impl Fn(&str) -> String) -> String {
    let mut seen = BTreeSet::new();
    let subjects = group.iter().map(|change| change.subject.as_str());
    let subjects: Vec<&str> = subjects.filter(|subject| seen.insert(*subject)).collect();
    let named = if subjects.len() > NAMED + 1 { NAMED } else { subjects.len() };
    let mut text = subjects.iter().take(named).map(|subject| name(subject)).collect::<Vec<_>>().join(", ");
    if subjects.len() > named {
        text.push_str(&format!(" and {} more", subjects.len() - named));
    }
    if subjects.len() < group.len() {
        text.push_str(&format!(", {} times", group.len()));
    }
    text
}

/// A place with the word before it, if there is one, and the names of the changes there.
pub(super) type Named = (Option<(&'static str, String)>, Vec<String>);

/// Where changes stand, each place once, with the names by which those that stop are acknowledged.
pub(super) fn places(of: &Shown<'_>, group: &[&Change]) -> Vec<Named> {
    let mut places: Vec<Named> = Vec::new();
    let mut positions = BTreeMap::new();
    for change in group {
        let place = stands(of, change);
        let name = Some(shown(&change.id)).filter(|id| !id.is_empty() && of.stops(change));
        let position = *positions.entry(place.clone()).or_insert(places.len());
        match places.get_mut(position) {
            Some((_, names)) => names.extend(name),
            None => places.push((place, name.into_iter().collect())),
        }
    }
    places.retain(|(place, names)| place.is_some() || !names.is_empty());
    places
}
