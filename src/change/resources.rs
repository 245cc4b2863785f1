//! Resources that both sides have: which of their properties differ, what these control, and what the update does.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Class;
use super::controls::{self, Finding, Rule};
use super::differences::{Part, differences};
use super::effects;
use super::model::{Change, Equal, Spot};
use super::resource_side::shown;
use super::special;
use super::step::Step;
use super::unit::{Unit, type_of};
use crate::deployed::resolved;

/// A resource of both sides.
pub(super) struct Both<'s> {
    pub(super) id: &'s str,
    pub(super) kind: &'s str,
    /// Where it stands: the template's positions.
    pub(super) at: [usize; 2],
    /// As written.
    pub(super) written: [&'s Value; 2],
    /// Its properties with references resolved.
    pub(super) properties: [Value; 2],
}

/// What was found about resources of both sides.
#[derive(Default)]
pub(super) struct Found {
    pub(super) changes: Vec<Change>,
    pub(super) equal: Vec<Equal>,
    pub(super) unchanged: usize,
}

/// Compares every resource that both sides have.
pub(super) fn compare(step: &mut Step<'_>) -> Found {
    let mut found = Found::default();
    let both = both(step, &mut found.unchanged);
    for resource in &both {
        let before = found.changes.len();
        one(step, resource, &mut found.changes);
        if found.changes.len() == before {
            let spot = spot(step, resource, 1, "");
            found.equal.push(Equal { subject: subject(resource), because: because(resource), spot });
        }
    }
    found
}

/// The resources that both sides have and that are not written in the same words.
fn both<'u>(step: &mut Step<'u>, unchanged: &mut usize) -> Vec<Both<'u>> {
    let (old_units, new_units) = (step.old.units, step.new.units);
    let mut places: Vec<(&'u str, [usize; 2], [&'u Value; 2])> = Vec::new();
    for (old, new) in step.pairs {
        let (Some(old), Some(new)) = (*old, *new) else { continue };
        let (Some(before), Some(after)) = (old_units.get(old), new_units.get(new)) else { continue };
        if step.same.is_whole(new) {
            *unchanged += after.resources().count();
            continue;
        }
        for (id, was) in before.resources() {
            let Some(is) = after.resource(id).filter(|is| type_of(is) == type_of(was)) else { continue };
            let same = before.account == after.account && before.region == after.region;
            // What another stack hands over may be something else, though the words that take it are the same.
            if was == is && same && (step.same.is_given(new) || !refers_elsewhere(is, after)) {
                *unchanged += 1;
            } else {
                places.push((id, [old, new], [was, is]));
            }
        }
    }
    let wanted = |side: usize| -> Vec<(usize, &'u str)> {
        places.iter().filter_map(|(id, at, _)| Some((*at.get(side)?, *id))).collect()
    };
    let old = resolved(&step.old.located, &wanted(0), &mut step.unknowns);
    let new = resolved(&step.new.located, &wanted(1), &mut step.unknowns);
    let mut resources = Vec::new();
    for ((id, at, written), (old, new)) in places.into_iter().zip(old.into_iter().zip(new)) {
        if written[0] == written[1] && old == new {
            *unchanged += 1;
            continue;
        }
        resources.push(Both { id, kind: type_of(written[1]), at, written, properties: [old, new] });
    }
    resources
}

/// Whether a resource takes something from another stack.
fn refers_elsewhere(resource: &Value, unit: &Unit) -> bool {
    let text = resource.to_string();
    text.contains("Fn::ImportValue")
        || unit.parameters.keys().any(|name| text.contains(&format!("\"{name}\"")))
}

/// Every change of one resource.
fn one(step: &Step<'_>, resource: &Both<'_>, changes: &mut Vec<Change>) {
    let [old, new] = &resource.properties;
    let parts = differences(old, new);
    let mut said: BTreeSet<&str> = BTreeSet::new();
    for part in &parts {
        let control = controls::of(resource.kind, &part.pointer);
        let finding = match control {
            Some(control) if matches!(control.rule, Rule::Elsewhere) => continue,
            Some(control) => {
                if !said.insert(control.property) {
                    continue;
                }
                let [was, is] = controls::whole(control, part, [old, new]);
                let Some(finding) = controls::judge(control, was, is) else { continue };
                finding
            }
            None if effects::replaces(resource.kind, &part.pointer) => continue,
            None => other(resource, part),
        };
        changes.push(change(step, resource, &part.pointer, finding, Some(part)));
    }
    for (pointer, finding) in special::judge(step, resource, &parts) {
        changes.push(change(step, resource, &pointer, finding, None));
    }
    for finding in effects::of(step, resource, &parts) {
        changes.push(change(step, resource, "", finding, None));
    }
    for (name, finding) in special::attributes(resource) {
        let spot = |at: usize| {
            spot(step, resource, at, "")
                .map(|it| Spot { pointer: format!("/Resources/{}/{name}", resource.id), ..it })
        };
        let pair = resource.written.map(|it| it.get(name).cloned());
        let [was, is] = pair;
        changes.push(with(finding, subject(resource)).at(spot(0), spot(1)).text(name, was, is));
    }
}

fn with(finding: Finding, subject: String) -> Change {
    let change = Change::new(finding.class, subject, finding.what);
    finding.details.into_iter().fold(change, Change::detail)
}

fn change(
    step: &Step<'_>,
    resource: &Both<'_>,
    pointer: &str,
    finding: Finding,
    part: Option<&Part<'_>>,
) -> Change {
    let change = with(finding, subject(resource))
        .at(spot(step, resource, 0, pointer), spot(step, resource, 1, pointer));
    match part {
        Some(part) => {
            let title = part.pointer.trim_start_matches('/').to_owned();
            change.text(title, part.old.map(shown), part.new.map(shown))
        }
        None => change,
    }
}

/// A property that no table has: known to be plain, or altered.
fn other(resource: &Both<'_>, part: &Part<'_>) -> Finding {
    let plain = controls::is_plain(&part.pointer);
    let name = part.pointer.trim_start_matches('/');
    Finding {
        class: if plain { Class::Other } else { Class::Altered },
        what: format!("`{name}`: {} instead of {}", controls::said(part.new), controls::said(part.old)),
        details: if plain || effects::is_known(resource.kind) {
            Vec::new()
        } else {
            vec![format!("{} is not known: what the update does to it is not judged", resource.kind)]
        },
    }
}

/// Why texts that differ mean the same.
fn because(resource: &Both<'_>) -> String {
    let [old, new] = &resource.properties;
    if old == new {
        return "references are written in other ways".to_owned();
    }
    let parts = differences(old, new);
    match parts.as_slice() {
        [] => "only the order of lists differs".to_owned(),
        _ => "the policy says the same in other words, of the actions that exist".to_owned(),
    }
}

/// What people call a resource.
pub(super) fn subject(resource: &Both<'_>) -> String {
    called(resource.id, resource.kind)
}

/// A logical id with its type, short.
pub(super) fn called(id: &str, kind: &str) -> String {
    let kind = kind.strip_prefix("AWS::").unwrap_or(kind);
    format!("`{id}` ({kind})")
}

fn spot(step: &Step<'_>, resource: &Both<'_>, side: usize, pointer: &str) -> Option<Spot> {
    let units = if side == 0 { step.old.units } else { step.new.units };
    let unit = units.get(*resource.at.get(side)?)?;
    let id = crate::pointer::escaped(resource.id);
    Some(Spot {
        template: unit.path.clone(),
        logical_id: resource.id.to_owned(),
        pointer: if pointer.is_empty() {
            format!("/Resources/{id}")
        } else {
            format!("/Resources/{id}/Properties{pointer}")
        },
    })
}
