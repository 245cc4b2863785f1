//! Waivers: from the words of the author to the entry of the blueprint that they cover.

use crate::blueprint::Blueprint;
use crate::diagnostic::{Diagnostic, Diagnostics, Waiver, closest};
use crate::inventory::codes::names::UNKNOWN_REFERENCE;
use crate::source::Span;

/// Resolves the waivers of all blueprints.
pub(super) fn resolve(blueprints: &[&Blueprint], log: &mut Diagnostics) -> Vec<Waiver> {
    blueprints
        .iter()
        .flat_map(|blueprint| blueprint.waivers.iter().map(move |waiver| (blueprint, waiver)))
        .filter_map(|(blueprint, waiver)| {
            let on = waiver.on.value.as_str();
            let Some(scope) = entry(blueprint, on) else {
                let known = subjects(blueprint);
                let near = closest(on, known.iter().map(String::as_str));
                let diagnostic = Diagnostic::new(
                    &UNKNOWN_REFERENCE,
                    waiver.on.span(),
                    format!("the blueprint has no entry `{on}`"),
                );
                log.push(match near {
                    Some(near) => diagnostic.help(format!("write `{near}`")),
                    None => diagnostic.help("write `secrets.NAME`, `keys.NAME`, `consumers.NAME`, `alerts.NAME` or `environments.NAME`"),
                });
                return None;
            };
            Some(Waiver {
                finding: waiver.finding.value.to_string(),
                scope,
                because: waiver.because.value.to_string(),
                until: waiver.until.value.to_string(),
                span: waiver.span,
            })
        })
        .collect()
}

/// The text of an entry: from its name to the end of what is under it.
fn entry(blueprint: &Blueprint, subject: &str) -> Option<Span> {
    entries(blueprint).into_iter().find(|(name, _)| name == subject).map(|(_, span)| span)
}

fn subjects(blueprint: &Blueprint) -> Vec<String> {
    entries(blueprint).into_iter().map(|(name, _)| name).collect()
}

fn entries(blueprint: &Blueprint) -> Vec<(String, Span)> {
    let join = |name: Span, body: Span| Span { end: body.end.max(name.end), ..name };
    let mut entries = Vec::new();
    for entry in blueprint.secrets.iter() {
        entries.push((format!("secrets.{}", entry.name.value), join(entry.name.span(), entry.body.extent)));
    }
    for entry in blueprint.keys.iter() {
        entries.push((format!("keys.{}", entry.name.value), join(entry.name.span(), entry.body.extent)));
    }
    for entry in blueprint.consumers.iter() {
        entries.push((format!("consumers.{}", entry.name.value), join(entry.name.span(), entry.body.extent)));
    }
    for entry in blueprint.alerts.iter() {
        entries.push((format!("alerts.{}", entry.name.value), join(entry.name.span(), entry.body.extent)));
    }
    for entry in blueprint.environments.iter() {
        entries
            .push((format!("environments.{}", entry.name.value), join(entry.name.span(), entry.body.extent)));
    }
    entries
}
