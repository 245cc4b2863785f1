//! What differs in a template as a whole: parameters, outputs, transforms.

use serde_json::{Map, Value};

use super::Class;
use super::model::{Change, Spot};
use super::step::Step;
use super::unit::Unit;

/// Everything outside the resources that both sides of a template have in other words.
pub(super) fn compare(step: &Step<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    for (old, new) in step.pairs {
        let old = old.and_then(|at| step.old.units.get(at));
        let new = new.and_then(|at| step.new.units.get(at));
        if let (Some(old), Some(new)) = (old, new) {
            parameters(old, new, &mut changes);
            outputs(step, old, new, &mut changes);
            rest(old, new, &mut changes);
        }
    }
    changes
}

fn members<'u>(unit: &'u Unit, name: &str) -> impl Iterator<Item = (&'u String, &'u Value)> {
    unit.document.get(name).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn spot(unit: &Unit, pointer: String) -> Option<Spot> {
    Some(Spot { template: unit.path.clone(), logical_id: String::new(), pointer })
}

fn parameters(old: &Unit, new: &Unit, changes: &mut Vec<Change>) {
    let other =
        |unit: &'_ Unit, name: &str| unit.document.get("Parameters").and_then(|it| it.get(name)).cloned();
    for (name, is) in members(new, "Parameters") {
        let pointer = format!("/Parameters/{name}");
        let at = |change: Change| change.at(spot(old, pointer.clone()), spot(new, pointer.clone()));
        let subject = format!("parameter `{name}`");
        match other(old, name) {
            None if is.get("Default").is_none() => {
                changes.push(at(Change::new(
                    Class::Order,
                    subject,
                    "is new and needs a value at deployment",
                )));
            }
            None => changes.push(at(Change::new(Class::Other, subject, "is new"))),
            Some(was) if was == *is => {}
            Some(was) => {
                let hidden = |it: &Value| {
                    it.get("NoEcho").is_some_and(|it| it.to_string().trim_matches('"') == "true")
                };
                let (class, what) = match (hidden(&was), hidden(is)) {
                    (true, false) => (Class::Weaker, "its value is no longer hidden (`NoEcho`)"),
                    (false, true) => (Class::Stronger, "its value is hidden (`NoEcho`)"),
                    (_, _) => {
                        (Class::Altered, "is declared in another way; a deployment with its default changes")
                    }
                };
                changes.push(at(Change::new(class, subject, what)));
            }
        }
    }
    for (name, _) in members(old, "Parameters").filter(|(name, _)| other(new, name).is_none()) {
        let pointer = format!("/Parameters/{name}");
        let change = Change::new(Class::Other, format!("parameter `{name}`"), "is gone");
        changes.push(change.at(spot(old, pointer), None));
    }
}

fn outputs(step: &Step<'_>, old: &Unit, new: &Unit, changes: &mut Vec<Change>) {
    let export = |output: &Value| output.get("Export").and_then(|it| it.get("Name")).cloned();
    let exports: Vec<Value> = members(new, "Outputs").filter_map(|(_, output)| export(output)).collect();
    for (name, was) in members(old, "Outputs") {
        let is = new.document.get("Outputs").and_then(|it| it.get(name));
        if is == Some(was) {
            continue;
        }
        let pointer = format!("/Outputs/{name}");
        let subject = format!("output `{name}`");
        let lost = export(was).filter(|exported| !exports.contains(exported));
        let text = lost.as_ref().map(|name| name.as_str().map_or_else(|| name.to_string(), str::to_owned));
        let used = text.as_ref().is_some_and(|text| {
            step.new
                .units
                .iter()
                .any(|unit| unit.document.to_string().contains(&format!("\"Fn::ImportValue\":\"{text}\"")))
        });
        let (class, what) = match (&text, is) {
            (Some(text), _) if used => {
                (Class::UpdateFails, format!("the export `{text}` goes away while a stack imports it"))
            }
            (Some(text), _) => (
                Class::Order,
                format!("the export `{text}` goes away: stacks that import it must change first"),
            ),
            (None, Some(_)) => (Class::Altered, "has another value or description".to_owned()),
            (None, None) => (Class::Other, "is gone".to_owned()),
        };
        let after = is.and_then(|_| spot(new, pointer.clone()));
        changes.push(Change::new(class, subject, what).at(spot(old, pointer), after));
    }
    for (name, _) in members(new, "Outputs") {
        if old.document.get("Outputs").and_then(|it| it.get(name)).is_none() {
            let change = Change::new(Class::Other, format!("output `{name}`"), "is new");
            changes.push(change.at(None, spot(new, format!("/Outputs/{name}"))));
        }
    }
}

fn rest(old: &Unit, new: &Unit, changes: &mut Vec<Change>) {
    for (name, class) in [
        ("Conditions", Class::Altered),
        ("Mappings", Class::Altered),
        ("Rules", Class::Altered),
        ("Description", Class::Other),
        ("Metadata", Class::Other),
        ("AWSTemplateFormatVersion", Class::Other),
    ] {
        let (was, is) = (old.document.get(name), new.document.get(name));
        if was != is {
            let change = Change::new(class, format!("`{name}` of {}", new.path), "is written in another way");
            changes.push(change.at(spot(old, format!("/{name}")), spot(new, format!("/{name}"))).text(
                name,
                was.cloned(),
                is.cloned(),
            ));
        }
    }
}
