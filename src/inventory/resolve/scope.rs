//! What is called how, over the whole workspace.

use std::collections::BTreeMap;

use crate::blueprint::Blueprint;
use crate::blueprint::key::Key as KeyEntry;
use crate::blueprint::name::{Name, Reference};
use crate::blueprint::secret::Secret as SecretEntry;
use crate::diagnostic::{Diagnostic, Diagnostics, closest};
use crate::inventory::codes::names::UNKNOWN_REFERENCE;
use crate::inventory::{Id, Key, KeyRef, Secret, SecretRef};
use crate::source::{Sourced, Sources};

/// An environment of the workspace: application, environment.
pub(super) type At = (usize, usize);

/// The names of a workspace and the rows that they will have.
pub(super) struct Scope<'a> {
    /// The blueprints, sorted by application.
    pub(super) blueprints: Vec<&'a Blueprint>,
    /// The files of the workspace.
    pub(super) sources: &'a Sources,
    keys: BTreeMap<(usize, usize, String), Id<Key>>,
    secrets: BTreeMap<(usize, usize, String), Id<Secret>>,
}

/// Whether an entry belongs to an environment.
pub(super) fn applies(only: &[Sourced<Name>], except: &[Sourced<Name>], environment: &Name) -> bool {
    let listed = |names: &[Sourced<Name>]| names.iter().any(|name| name.value == *environment);
    (only.is_empty() || listed(only)) && !listed(except)
}

/// Reports environments in `only` and `except` that the blueprint does not have.
pub(super) fn environments_exist(blueprint: &Blueprint, log: &mut Diagnostics) {
    let keys = blueprint.keys.iter().map(|entry| (&entry.body.only, &entry.body.except));
    let secrets = blueprint.secrets.iter().map(|entry| (&entry.body.only, &entry.body.except));
    let consumers = blueprint.consumers.iter().map(|entry| (&entry.body.only, &entry.body.except));
    for name in keys.chain(secrets).chain(consumers).flat_map(|(only, except)| only.iter().chain(except)) {
        if blueprint.environments.get(&name.value).is_some() {
            continue;
        }
        let known = blueprint.environments.iter().map(|entry| entry.name.value.as_str());
        let diagnostic = Diagnostic::new(
            &UNKNOWN_REFERENCE,
            name.span(),
            format!("the blueprint has no environment `{}`", name.value),
        );
        log.push(match closest(name.value.as_str(), known) {
            Some(near) => diagnostic.help(format!("`{near}` has a similar name")),
            None => diagnostic.help("correct the name, or describe the environment"),
        });
    }
}

impl<'a> Scope<'a> {
    /// Takes the names in.
    pub(super) fn new(blueprints: &[&'a Blueprint], sources: &'a Sources) -> Self {
        let mut scope = Self {
            blueprints: blueprints.to_vec(),
            sources,
            keys: BTreeMap::new(),
            secrets: BTreeMap::new(),
        };
        for (application, blueprint) in blueprints.iter().enumerate() {
            for (environment, within) in blueprint.environments.iter().enumerate() {
                let keys = own_keys(blueprint, &within.name.value);
                for (row, name) in keys.into_iter().enumerate() {
                    scope.keys.insert((application, environment, name), Id::of_row(row));
                }
                for (row, (name, _)) in own_secrets(blueprint, &within.name.value).enumerate() {
                    scope.secrets.insert((application, environment, name.value.to_string()), Id::of_row(row));
                }
            }
        }
        scope
    }

    /// The blueprint of an application.
    pub(super) fn blueprint(&self, application: usize) -> Option<&'a Blueprint> {
        self.blueprints.get(application).copied()
    }

    /// Looks up a secret.
    pub(super) fn secret(
        &self,
        at: At,
        reference: &Sourced<Reference>,
        log: &mut Diagnostics,
    ) -> Option<SecretRef> {
        let (application, environment, row) = self.find(at, reference, &self.secrets, "secret", log)?;
        Some(if (application, environment) == at {
            SecretRef::Own(row)
        } else {
            SecretRef::Other { application, environment, secret: row }
        })
    }

    /// Looks up a key.
    pub(super) fn key(
        &self,
        at: At,
        reference: &Sourced<Reference>,
        log: &mut Diagnostics,
    ) -> Option<KeyRef> {
        let (application, environment, row) = self.find(at, reference, &self.keys, "key", log)?;
        Some(if (application, environment) == at {
            KeyRef::Own(row)
        } else {
            KeyRef::Other { application, environment, key: row }
        })
    }

    /// The row of an own key by name.
    pub(super) fn own_key(&self, at: At, name: &str) -> Option<Id<Key>> {
        self.keys.get(&(at.0, at.1, name.to_owned())).copied()
    }

    /// What the author wrote about the secret behind a reference.
    pub(super) fn secret_entry(&self, at: At, reference: &Reference) -> Option<&'a SecretEntry> {
        let blueprint = match &reference.application {
            None => self.blueprint(at.0)?,
            Some(application) => self
                .blueprints
                .iter()
                .copied()
                .find(|blueprint| blueprint.application.value == *application)?,
        };
        blueprint.secrets.get(&reference.name).map(|entry| &entry.body)
    }

    fn find<T>(
        &self,
        at: At,
        reference: &Sourced<Reference>,
        rows: &BTreeMap<(usize, usize, String), Id<T>>,
        what: &str,
        log: &mut Diagnostics,
    ) -> Option<(usize, usize, Id<T>)> {
        let environment_name =
            self.blueprint(at.0)?.environments.iter().nth(at.1).map(|entry| &entry.name.value)?;
        let application = match &reference.value.application {
            None => at.0,
            Some(name) => {
                let found = self.blueprints.iter().position(|blueprint| blueprint.application.value == *name);
                let Some(found) = found else {
                    let known = self.blueprints.iter().map(|blueprint| blueprint.application.value.as_str());
                    log.push(unknown(
                        reference,
                        format!("no blueprint describes the application `{name}`"),
                        closest(name.as_str(), known),
                    ));
                    return None;
                };
                found
            }
        };
        let blueprint = self.blueprint(application)?;
        let Some(environment) =
            blueprint.environments.iter().position(|entry| entry.name.value == *environment_name)
        else {
            log.push(
                unknown(
                    reference,
                    format!("`{}` has no environment `{environment_name}`", blueprint.application.value),
                    None,
                )
                .also(blueprint.application.span(), "described here"),
            );
            return None;
        };
        let name = reference.value.name.as_str();
        let row = rows.get(&(application, environment, name.to_owned())).copied();
        if row.is_none() {
            let known = rows
                .keys()
                .filter(|(of, within, _)| (*of, *within) == (application, environment))
                .map(|(_, _, name)| name.as_str());
            log.push(unknown(
                reference,
                format!(
                    "there is no {what} `{name}` in environment `{environment_name}` of `{}`",
                    blueprint.application.value
                ),
                closest(name, known),
            ));
        }
        Some((application, environment, row?))
    }
}

fn unknown(reference: &Sourced<Reference>, message: String, near: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::new(&UNKNOWN_REFERENCE, reference.span(), message);
    match near {
        Some(near) => diagnostic.help(format!("`{near}` has a similar name")),
        None => diagnostic.help("correct the name, or describe what it names"),
    }
}

/// The author's keys of an environment, by name, in order; one named as the application when secrets need one and there
/// is none; then the one for alerts, which every environment has a row for.
fn own_keys(blueprint: &Blueprint, environment: &Name) -> Vec<String> {
    let mut names: Vec<String> =
        written_keys(blueprint, environment).map(|(name, _)| name.value.to_string()).collect();
    if names.is_empty() {
        names.push(blueprint.application.value.to_string());
    }
    names
}

/// The author's keys of an environment.
pub(super) fn written_keys<'a>(
    blueprint: &'a Blueprint,
    environment: &'a Name,
) -> impl Iterator<Item = (&'a Sourced<Name>, &'a KeyEntry)> {
    blueprint
        .keys
        .iter()
        .filter(|entry| applies(&entry.body.only, &entry.body.except, environment))
        .map(|entry| (&entry.name, &entry.body))
}

/// The author's secrets of an environment.
pub(super) fn own_secrets<'a>(
    blueprint: &'a Blueprint,
    environment: &'a Name,
) -> impl Iterator<Item = (&'a Sourced<Name>, &'a SecretEntry)> {
    blueprint
        .secrets
        .iter()
        .filter(|entry| applies(&entry.body.only, &entry.body.except, environment))
        .map(|entry| (&entry.name, &entry.body))
}
