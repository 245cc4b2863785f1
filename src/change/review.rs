//! Two sides in, a review out.

use std::collections::BTreeSet;

use super::model::{Change, Review};
use super::pairs::{Aligned, align};
use super::step::Step;
use super::unit::Unit;
use super::{access, presence, resources, whole};
use crate::deployed::branches;
use crate::digest::sha256;

/// What differs between two sides, classified; `sides` is what people call them.
pub(crate) fn review(sides: [String; 2], old: Vec<Unit>, new: Vec<Unit>) -> Review {
    let mut aligned = align(old, new);
    let mut review = Review { sides, notes: std::mem::take(&mut aligned.notes), ..Review::default() };
    let variants = variants(aligned, &mut review.notes);
    let mut seen = BTreeSet::new();
    for (at, variant) in variants.iter().enumerate() {
        let mut one = judge(variant);
        for change in &mut one.changes {
            change.id = id(change);
        }
        // What holds under several answers of a template's conditions is told once.
        review.changes.extend(one.changes.into_iter().filter(|change| seen.insert(change.id.clone())));
        if at == 0 {
            review.unchanged = one.unchanged;
            review.equal = one.equal;
        }
    }
    let changed: BTreeSet<_> = review
        .changes
        .iter()
        .flat_map(|change| change.old.iter().chain(&change.new))
        .map(|spot| (spot.template.clone(), spot.logical_id.clone()))
        .collect();
    review.equal.retain(|equal| {
        equal
            .spot
            .as_ref()
            .is_none_or(|spot| !changed.contains(&(spot.template.clone(), spot.logical_id.clone())))
    });
    review.equal.sort();
    sort(&mut review);
    review
}

/// The gravest first, then by template and resource.
pub(super) fn sort(review: &mut Review) {
    review.changes.sort_by(|left, right| {
        let place = |change: &Change| change.new.clone().or_else(|| change.old.clone());
        let key =
            |change: &Change| (change.class, place(change), change.subject.clone(), change.what.clone());
        key(left).cmp(&key(right))
    });
}

/// The sides as they are under one answer to every condition.
fn judge(aligned: &Aligned) -> Review {
    let mut review = Review::default();
    let mut step = Step::between(aligned);
    let access = access::compare(&step);
    review.changes = access.changes;
    let found = resources::compare(&mut step);
    review.changes.extend(found.changes);
    review.equal = found.equal;
    review.equal.retain(|equal| {
        let name = equal.spot.as_ref().map(|spot| (spot.template.clone(), spot.logical_id.clone()));
        name.is_none_or(|name| !access.affected.contains(&name))
    });
    review.unchanged = found.unchanged;
    presence::compare(&mut step, &access.readers, &mut review.changes);
    review.changes.extend(whole::compare(&step));
    review
}

/// Every combination of the answers of template conditions, the same answers on both sides together.
fn variants(aligned: Aligned, notes: &mut Vec<String>) -> Vec<Aligned> {
    let plain = |units: &[Unit]| units.iter().all(|unit| unit.document.get("Conditions").is_none());
    if plain(&aligned.old) && plain(&aligned.new) {
        return vec![aligned];
    }
    let copy = |old: Vec<Unit>, new: Vec<Unit>| Aligned {
        old,
        new,
        pairs: aligned.pairs.clone(),
        notes: Vec::new(),
    };
    let mut explored = |unit: &Unit| match branches::branches(&unit.document) {
        Ok(branches) => branches,
        Err(too_many) => {
            notes.push(format!("`{}`: {}", unit.path, too_many.0));
            vec![branches::Branch { answers: Vec::new(), template: unit.document.clone() }]
        }
    };
    let old: Vec<Vec<branches::Branch>> = aligned.old.iter().map(&mut explored).collect();
    let new: Vec<Vec<branches::Branch>> = aligned.new.iter().map(&mut explored).collect();
    let count = old.iter().chain(&new).map(Vec::len).max().unwrap_or(1);
    let pick = |branches: &[branches::Branch], at: usize| branches.get(at).or(branches.last()).cloned();
    (0..count)
        .map(|at| {
            let after: Vec<Unit> =
                aligned.new.iter().zip(&new).map(|(unit, it)| with(unit, pick(it, at))).collect();
            let before: Vec<Unit> = aligned
                .old
                .iter()
                .zip(&old)
                .enumerate()
                .map(|(position, (unit, it))| {
                    let partner =
                        aligned.pairs.iter().find(|(old, _)| *old == Some(position)).and_then(|pair| pair.1);
                    let answers =
                        partner.and_then(|partner| pick(new.get(partner)?, at)).map(|it| it.answers);
                    let same = it.iter().find(|branch| Some(&branch.answers) == answers.as_ref()).cloned();
                    with(unit, same.or_else(|| pick(it, at)))
                })
                .collect();
            copy(before, after)
        })
        .collect()
}

fn with(unit: &Unit, branch: Option<branches::Branch>) -> Unit {
    match branch {
        Some(branch) => Unit { document: branch.template, ..unit.clone() },
        None => unit.clone(),
    }
}

/// Characters of a digest that tell changes of one review apart, and more.
const DIGITS: usize = 12;

/// The name of exactly this change: what is said, about what, and the texts behind it.
pub(super) fn id(change: &Change) -> String {
    let mut text = format!("{}\n{}\n{}\n", change.class.word(), change.subject, change.what);
    for difference in &change.texts {
        text.push_str(&format!("{}\n{:?}\n{:?}\n", difference.title, difference.old, difference.new));
    }
    let digest = sha256(text.as_bytes());
    format!("{}:{}", change.class.word(), digest.get(..DIGITS).unwrap_or(&digest))
}
