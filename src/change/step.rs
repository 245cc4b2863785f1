//! The step from one side to the other: both, read, with what came into being between them and what ceased to be.

use std::collections::{BTreeMap, BTreeSet};

use super::levels::everything_on;
use super::pairs::Aligned;
use super::same::Same;
use super::unit::{Side, located};
use crate::access::{Policy, Unknowns, readable};
use crate::deployed::{Common, DeployedAlias, Place, names};

/// Which way a question looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    /// What the new side allows and the old one does not.
    Gained,
    /// What the old side allows and the new one does not.
    Lost,
}

/// Both sides.
pub(super) struct Step<'u> {
    pub(super) old: Side<'u>,
    pub(super) new: Side<'u>,
    pub(super) pairs: &'u [(Option<usize>, Option<usize>)],
    pub(super) same: Same,
    pub(super) unknowns: Unknowns,
    /// What only the new side has, as policies call it, and what allows everything on it.
    pub(super) born: Policy,
    /// The same of the old side.
    pub(super) gone: Policy,
    /// The names of what only the new side has, and of what only the old one has.
    names: [BTreeSet<String>; 2],
    aliases: BTreeMap<String, String>,
}

impl<'u> Step<'u> {
    /// Reads both sides.
    pub(super) fn between(aligned: &'u Aligned) -> Step<'u> {
        let mut unknowns = Unknowns::default();
        let [were, are] = [&aligned.old, &aligned.new].map(|units| located(units));
        let same = Same::of(aligned, [&were, &are], &mut unknowns);
        let mut common = Common::of(same.keys(aligned));
        let old = Side::read(&aligned.old, were, &mut unknowns, &mut common);
        let new = Side::read(&aligned.new, are, &mut unknowns, &mut common);
        let pairs = aligned.pairs.as_slice();
        let [mut gone, mut born] = lone_names([&old, &new], pairs, &same, &mut unknowns);
        if !(born.is_empty() && gone.is_empty()) {
            // What a template that did not change is called, neither side has alone.
            let unchanged = names_of(&new, |at| same.is_whole(at), &mut unknowns);
            born.retain(|name| !unchanged.contains(name));
            gone.retain(|name| !unchanged.contains(name));
        }
        let (born, gone): (Vec<String>, Vec<String>) =
            (born.into_iter().collect(), gone.into_iter().collect());
        let names = [born.iter().cloned().collect(), gone.iter().cloned().collect()];
        let aliases =
            [&old, &new].into_iter().flat_map(|side| side.deployed.aliases.iter().map(alias)).collect();
        Step {
            old,
            new,
            pairs,
            same,
            unknowns,
            born: everything_on(&born),
            gone: everything_on(&gone),
            names,
            aliases,
        }
    }

    /// What came with things that the side before does not have: no gain, and no loss.
    pub(super) fn beside(&self, direction: Direction) -> &Policy {
        match direction {
            Direction::Gained => &self.born,
            Direction::Lost => &self.gone,
        }
    }

    /// Whether only the new side has what policies call so; a key may be named by its id alone.
    pub(super) fn is_born(&self, name: &str) -> bool {
        has(&self.names[0], name)
    }

    /// Whether only the new side has an alias of a key in a Region.
    pub(super) fn is_alias_born(&self, name: &str, region: &str) -> bool {
        let has = |side: &Side<'_>| {
            side.deployed.aliases.iter().any(|alias| alias.name == name && alias.site.1 == region)
        };
        has(&self.new) && !has(&self.old)
    }

    /// Whether only the old side has it.
    pub(super) fn is_gone(&self, name: &str) -> bool {
        has(&self.names[1], name)
    }

    /// What people call a key that a property names by ARN, id or alias.
    pub(super) fn key_named(&self, text: &str) -> String {
        let keys = [&self.new, &self.old].into_iter().flat_map(|side| &side.deployed.keys);
        let found = keys.into_iter().find(|key| key.arn == text || key.arn.ends_with(&format!("/{text}")));
        match found {
            Some(key) => self.key(&key.arn, &key.place),
            None if readable(text).trim_matches('?').is_empty() => "a key that no template shows".to_owned(),
            None => format!("`{}`", readable(text)),
        }
    }

    /// The resources of a template of the new side that refer to another one.
    pub(super) fn dependants(&self, template: usize, id: &str) -> Vec<String> {
        let Some(unit) = self.new.units.get(template) else { return Vec::new() };
        let marks = [
            format!("{{\"Ref\":\"{id}\"}}"),
            format!("\"Fn::GetAtt\":[\"{id}\","),
            format!("${{{id}}}"),
            format!("${{{id}."),
        ];
        unit.resources()
            .filter(|(other, _)| *other != id)
            .filter(|(_, it)| {
                let text = it.to_string();
                marks.iter().any(|mark| text.contains(mark))
            })
            .map(|(other, _)| other.clone())
            .collect()
    }

    /// What people call a secret.
    pub(super) fn secret(&self, arn: &str, place: &Place) -> String {
        let name = arn.splitn(7, ':').nth(6).and_then(|rest| rest.rsplit_once('-')).map(|(name, _)| name);
        format!("secret {}", named(name, place))
    }

    /// What people call a key: by its alias, else by its logical id.
    pub(super) fn key(&self, arn: &str, place: &Place) -> String {
        format!("key {}", named(self.aliases.get(arn).map(String::as_str), place))
    }

    /// What people call a role.
    pub(super) fn role(&self, arn: &str, place: Option<&Place>) -> String {
        let name = arn.split_once(":role/").map(|(_, name)| name).filter(|name| readable(name) == *name);
        match (name, place.and_then(Place::logical_id)) {
            (Some(name), _) => name.to_owned(),
            (None, Some(id)) => id,
            (None, None) => readable(arn),
        }
    }
}

fn has(names: &BTreeSet<String>, name: &str) -> bool {
    names.contains(name)
        || names.iter().any(|known| known.strip_suffix(name).is_some_and(|rest| rest.ends_with('/')))
}

fn alias(alias: &DeployedAlias) -> (String, String) {
    (alias.key.clone(), alias.name.clone())
}

/// What only the old side and what only the new side calls something, of templates that are not the same.
fn lone_names(
    [old, new]: [&Side<'_>; 2],
    pairs: &[(Option<usize>, Option<usize>)],
    same: &Same,
    unknowns: &mut Unknowns,
) -> [BTreeSet<String>; 2] {
    let whole: BTreeSet<usize> = pairs
        .iter()
        .filter(|pair| pair.1.is_some_and(|at| same.is_whole(at)))
        .filter_map(|pair| pair.0)
        .collect();
    let had = names_of(old, |at| !whole.contains(&at), unknowns);
    let has = names_of(new, |at| !same.is_whole(at), unknowns);
    [had.difference(&has).cloned().collect(), has.difference(&had).cloned().collect()]
}

/// What the resources of some templates of a side are called.
fn names_of(side: &Side<'_>, of: impl Fn(usize) -> bool, unknowns: &mut Unknowns) -> BTreeSet<String> {
    let wanted: Vec<(usize, &str)> = side
        .units
        .iter()
        .enumerate()
        .filter(|(at, _)| of(*at))
        .flat_map(|(at, unit)| unit.resources().map(move |(id, _)| (at, id.as_str())))
        .collect();
    names(&side.located, &wanted, unknowns).into_iter().collect()
}

fn named(name: Option<&str>, place: &Place) -> String {
    match name.filter(|name| readable(name) == **name && !name.is_empty()) {
        Some(name) => format!("`{name}`"),
        None => format!("`{}`", place.logical_id().unwrap_or_default()),
    }
}
