//! Which template of one side is which of the other.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::unit::{Unit, type_of};
use crate::deployed::account;

/// Two sides whose templates are paired.
pub(super) struct Aligned {
    /// The old side.
    pub(super) old: Vec<Unit>,
    /// The new side.
    pub(super) new: Vec<Unit>,
    /// Old and new position of templates that belong together; one without counterpart has one of them.
    pub(super) pairs: Vec<(Option<usize>, Option<usize>)>,
    /// What was assumed, and why.
    pub(super) notes: Vec<String>,
}

/// Pairs templates: by name, else by the end of their names; a single template with the one that it resembles most.
/// What one side does not know of a deployment it takes from the other.
pub(super) fn align(mut old: Vec<Unit>, mut new: Vec<Unit>) -> Aligned {
    let mut notes = Vec::new();
    let pairs = match (old.as_slice(), new.as_slice()) {
        ([_], [_]) => vec![(Some(0), Some(0))],
        ([one], [_, _, ..]) if resembled(one, &new).is_some() => {
            old = completed(one.clone(), &new, &mut notes);
            identity(new.len())
        }
        ([_, _, ..], [one]) if resembled(one, &old).is_some() => {
            new = completed(one.clone(), &old, &mut notes);
            identity(old.len())
        }
        _ => by_name(&old, &new),
    };
    for (before, after) in &pairs {
        let (Some(before), Some(after)) =
            (before.and_then(|at| old.get_mut(at)), after.and_then(|at| new.get_mut(at)))
        else {
            continue;
        };
        inherit(before, after);
        inherit(after, before);
        before.key.clone_from(&after.key);
        // Inferred from one text for both, so that an edit of that text moves nothing.
        if before.account.is_none() || after.account.is_none() {
            let account = account::account(&after.document).or_else(|| account::account(&before.document));
            for unit in [&mut *before, &mut *after] {
                unit.account = unit.account.take().or_else(|| account.clone());
            }
        }
        if before.region.is_none() || after.region.is_none() {
            let region = account::region(&after.document).or_else(|| account::region(&before.document));
            for unit in [before, after] {
                unit.region = unit.region.take().or_else(|| region.clone());
            }
        }
    }
    let known = accounts(&old).into_iter().chain(accounts(&new)).collect();
    settle(&mut old, &known);
    settle(&mut new, &known);
    Aligned { old, new, pairs, notes }
}

/// The account of each directory, where its templates name one.
fn accounts(units: &[Unit]) -> BTreeMap<String, String> {
    units.iter().filter_map(|unit| Some((directory(&unit.key), unit.account.clone()?))).collect()
}

/// Templates that lie in one directory are deployed in one account.
fn settle(units: &mut [Unit], known: &BTreeMap<String, String>) {
    for unit in units.iter_mut().filter(|unit| unit.account.is_none()) {
        unit.account = known.get(&directory(&unit.key)).cloned();
    }
}

fn directory(key: &str) -> String {
    key.rsplit_once('/').map_or_else(String::new, |(directory, _)| directory.to_owned())
}

fn identity(count: usize) -> Vec<(Option<usize>, Option<usize>)> {
    (0..count).map(|at| (Some(at), Some(at))).collect()
}

fn inherit(unit: &mut Unit, from: &Unit) {
    let take = |own: &mut Option<String>, other: &Option<String>| {
        if own.is_none() {
            own.clone_from(other);
        }
    };
    take(&mut unit.account, &from.account);
    take(&mut unit.region, &from.region);
    take(&mut unit.stack, &from.stack);
    if unit.parameters.is_empty() {
        unit.parameters.clone_from(&from.parameters);
    }
}

fn by_name(old: &[Unit], new: &[Unit]) -> Vec<(Option<usize>, Option<usize>)> {
    let mut partner: Vec<Option<usize>> =
        old.iter().map(|unit| new.iter().position(|other| other.key == unit.key)).collect();
    let mut taken: BTreeSet<usize> = partner.iter().flatten().copied().collect();
    for (unit, partner) in old.iter().zip(&mut partner).filter(|(_, partner)| partner.is_none()) {
        let ends = |long: &str, short: &str| {
            long.strip_suffix(short).is_some_and(|rest| rest.ends_with('/') && !short.is_empty())
        };
        let mut fitting = new.iter().enumerate().filter(|(at, other)| {
            !taken.contains(at) && (ends(&unit.key, &other.key) || ends(&other.key, &unit.key))
        });
        if let (Some((at, _)), None) = (fitting.next(), fitting.next()) {
            *partner = Some(at);
            taken.insert(at);
        }
    }
    let mut pairs: Vec<(Option<usize>, Option<usize>)> =
        partner.into_iter().enumerate().map(|(at, partner)| (Some(at), partner)).collect();
    pairs.extend((0..new.len()).filter(|at| !taken.contains(at)).map(|at| (None, Some(at))));
    pairs
}

/// The template with which a single one shares the most resources.
fn resembled(one: &Unit, several: &[Unit]) -> Option<usize> {
    let shared = |other: &Unit| {
        let same =
            |(id, it): &(&String, &Value)| one.resource(id).is_some_and(|same| type_of(same) == type_of(it));
        other.resources().filter(same).count()
    };
    let counts: Vec<usize> = several.iter().map(shared).collect();
    let most = counts.iter().max().copied().filter(|most| *most > 0)?;
    counts.iter().position(|count| *count == most)
}

/// A side of which one template is known: the others are taken to be as they are on the other side.
fn completed(mut one: Unit, several: &[Unit], notes: &mut Vec<String>) -> Vec<Unit> {
    let mut side = several.to_vec();
    if let Some(unit) = resembled(&one, several).and_then(|at| side.get_mut(at)) {
        notes.push(format!(
            "`{}` is compared with `{}`, which it resembles most; the other templates are taken to be unchanged",
            one.path, unit.path
        ));
        one.parameters.clone_from(&unit.parameters);
        inherit(&mut one, &unit.clone());
        one.key.clone_from(&unit.key);
        *unit = one;
    }
    side
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn unit(key: &str, ids: &[&str]) -> Unit {
        let resources: serde_json::Map<String, Value> =
            ids.iter().map(|id| ((*id).to_owned(), json!({ "Type": "T" }))).collect();
        Unit {
            path: key.to_owned(),
            key: key.to_owned(),
            document: json!({ "Resources": resources }),
            account: None,
            region: None,
            stack: None,
            parameters: BTreeMap::new(),
        }
    }

    #[test]
    fn names_and_ends_of_names_pair() {
        let old = [unit("a/x.json", &[]), unit("y.json", &[]), unit("gone.json", &[])];
        let new = [unit("deep/y.json", &[]), unit("a/x.json", &[]), unit("new.json", &[])];
        let found = align(old.to_vec(), new.to_vec());
        assert_eq!(found.pairs, [(Some(0), Some(1)), (Some(1), Some(0)), (Some(2), None), (None, Some(2))]);
        let two = [unit("p/y.json", &[]), unit("q/y.json", &[])];
        let found = align(vec![unit("y.json", &[]), unit("z", &[])], two.to_vec());
        assert_eq!(found.pairs.len(), 4, "two fit: neither is it");
    }

    #[test]
    fn a_single_template_meets_the_one_it_resembles() {
        let mut several = vec![unit("a", &["P"]), unit("b", &["P", "Q"]), unit("c", &[])];
        several[1].account = Some("111122223333".to_owned());
        let found = align(vec![unit("x", &["P", "Q", "R"])], several.clone());
        assert_eq!(found.pairs.len(), 3);
        assert_eq!(found.old[1].path, "x");
        assert_eq!(found.old[1].account.as_deref(), Some("111122223333"));
        assert!(found.notes[0].contains("compared with `b`"));
        assert_eq!(align(several, vec![unit("x", &["Z"])]).pairs.len(), 4, "it resembles none");
        assert_eq!(align(vec![unit("x", &[])], vec![unit("y", &["Q"])]).pairs, [(Some(0), Some(0))]);
    }
}
