//! Resolves blueprints: looks up every name over the whole workspace, fills in every default, decides how each secret
//! rotates, and finds what cannot work.

mod alert;
mod consumer;
mod database;
mod environment;
mod file;
mod key;
mod names;
mod network;
mod rotation;
mod scope;
mod secret;
mod separation;
mod task;
mod user;
mod waiver;

use crate::blueprint::Blueprint;
use crate::blueprint::acknowledgement::Acknowledgement as Written;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Origin, Sourced, Sources};

use super::codes::names::APPLICATION_TWICE;
use super::{Acknowledgement, Application, Inventory};
pub(crate) use file::attachments;
use scope::Scope;

/// What everything that keyprint makes is tagged with, so that it can be told from what people made.
const MANAGED_BY: &str = "keyprint";

/// Resolves the blueprints of a workspace.
pub(crate) fn resolve(blueprints: &[Blueprint], sources: &Sources, log: &mut Diagnostics) -> Inventory {
    let mut blueprints: Vec<&Blueprint> = blueprints.iter().collect();
    blueprints.sort_by(|left, right| left.application.value.cmp(&right.application.value));
    for pair in blueprints.windows(2) {
        if let [first, second] = pair
            && first.application.value == second.application.value
        {
            log.push(
                Diagnostic::new(
                    &APPLICATION_TWICE,
                    second.application.span(),
                    format!("the application `{}` is described twice", second.application.value),
                )
                .also(first.application.span(), "the first is here")
                .help("give one of them another name, or join the blueprints"),
            );
        }
    }
    blueprints.dedup_by(|second, first| second.application.value == first.application.value);
    let scope = Scope::new(&blueprints, sources);
    blueprints.iter().for_each(|blueprint| scope::environments_exist(blueprint, log));
    let mut inventory = Inventory {
        applications: blueprints
            .iter()
            .enumerate()
            .map(|(index, blueprint)| application(&scope, index, blueprint, log))
            .collect(),
        waivers: waiver::resolve(&blueprints, log),
        acknowledged: blueprints.iter().flat_map(|blueprint| &blueprint.acknowledged).map(accepted).collect(),
    };
    key::places(&mut inventory, log);
    network::services(&mut inventory, log);
    names::check(&inventory, log);
    inventory
}

fn accepted(written: &Written) -> Acknowledgement {
    Acknowledgement {
        change: text(&written.change),
        because: written.because.value.to_string(),
        until: written.until.value.to_string(),
    }
}

fn application(scope: &Scope<'_>, index: usize, blueprint: &Blueprint, log: &mut Diagnostics) -> Application {
    let environments = blueprint
        .environments
        .iter()
        .enumerate()
        .map(|(position, entry)| environment::resolve(scope, (index, position), blueprint, entry, log))
        .collect();
    Application {
        name: text(&blueprint.application),
        tags: tags(blueprint),
        environments,
        origin: Origin::written(blueprint.span),
    }
}

/// The tags of everything: the author's own, and the words by which findings and costs are addressed.
fn tags(blueprint: &Blueprint) -> Vec<(Sourced<String>, Sourced<String>)> {
    let derived =
        |key: &str, value: &Sourced<String>| (value.origin.derived("tag").put(key.to_owned()), value.clone());
    let mut tags: Vec<(Sourced<String>, Sourced<String>)> =
        blueprint.tags.iter().map(|entry| (text(&entry.name), text(&entry.body))).collect();
    tags.push(derived("application", &text(&blueprint.application)));
    tags.push(derived("owner", &text(&blueprint.owner)));
    tags.extend(blueprint.contact.as_ref().map(|contact| derived("contact", &text(contact))));
    tags.extend(blueprint.data_class.as_ref().map(|class| derived("data-class", &text(class))));
    let by = Origin::defaulted(blueprint.application.span());
    tags.push((by.put("managed-by".to_owned()), by.put(MANAGED_BY.to_owned())));
    tags.sort_by(|left, right| left.0.value.cmp(&right.0.value));
    tags.dedup_by(|second, first| second.0.value == first.0.value);
    tags
}

/// A value as its text, at the same place.
pub(super) fn text(value: &Sourced<impl std::fmt::Display>) -> Sourced<String> {
    value.origin.put(value.value.to_string())
}
