//! Waivers: from the words of the author to the entry of the blueprint that they cover.

use crate::blueprint::name::Name;
use crate::blueprint::{Blueprint, Located, Table};
use crate::diagnostic::{Diagnostic, Diagnostics, Waiver, closest};
use crate::inventory::codes::names::UNKNOWN_REFERENCE;
use crate::source::Span;

/// Resolves the waivers of all blueprints.
pub(super) fn resolve(blueprints: &[&Blueprint], log: &mut Diagnostics) -> Vec<Waiver> {
    blueprints
        .iter()
        .flat_map(|blueprint| blueprint.waivers.iter().map(move |waiver| (blueprint, waiver)))
        .filter_map(|(blueprint, waiver)| {
            let on = &*waiver.on.value;
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
    fn of<T: Located>(kind: &str, table: &Table<Name, T>, entries: &mut Vec<(String, Span)>) {
        entries
            .extend(table.iter().map(|entry| (format!("{kind}.{}", entry.name.value), entry.body.whole())));
    }
    let mut entries = Vec::new();
    of("secrets", &blueprint.secrets, &mut entries);
    of("keys", &blueprint.keys, &mut entries);
    of("consumers", &blueprint.consumers, &mut entries);
    of("alerts", &blueprint.alerts, &mut entries);
    of("environments", &blueprint.environments, &mut entries);
    entries
}
