//! Keys of an environment, and the Regions that need them.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::inventory::codes::access::KEY_NOT_IN_REGION;
use crate::inventory::{Environment, Id, Inventory, Key, KeyRef, Purpose};
use crate::source::{Origin, Sourced};

use super::environment::Described;
use super::scope::written_keys;
use super::text;

/// Days between rotations of key material when the author does not say (KMS default).
const ROTATION_DAYS: u32 = 365;

/// Days before a deleted key is gone when the author does not say (KMS default, and its maximum).
const DELETION_WINDOW_DAYS: u32 = 30;

/// The name of the key for topics and logs.
const ALERTS: &str = "alerts";

/// Adds the author's keys, or one named as the application.
pub(super) fn resolve(described: &Described<'_>, environment: &mut Environment) {
    for (name, written) in written_keys(described.blueprint, described.name) {
        let by = Origin::defaulted(written.span);
        let last =
            written.alias.as_ref().map_or_else(|| name.value.to_string(), |alias| alias.value.to_string());
        environment.keys.add(Key {
            name: text(name),
            stable_name: stable_name(name, written.was.as_ref(), written.id.as_ref()),
            purpose: Purpose::Secrets,
            alias: written
                .alias
                .as_ref()
                .map_or(name.origin, |alias| alias.origin)
                .derived("alias")
                .put(alias(described, &last)),
            description: written.description.as_ref().map_or_else(
                || {
                    by.put(format!(
                        "Encrypts secrets of {} in {}",
                        described.blueprint.application.value, described.name
                    ))
                },
                text,
            ),
            rotation_days: written
                .rotate_every
                .as_ref()
                .map_or(by.put(ROTATION_DAYS), |days| days.origin.put(days.value.count())),
            deletion_window_days: written
                .deletion_window
                .as_ref()
                .map_or(by.put(DELETION_WINDOW_DAYS), |days| days.origin.put(days.value.count())),
            multi_region: written.multi_region.unwrap_or(by.put(false)),
            places: vec![0],
            origin: Origin::written(name.span()),
        });
    }
    if environment.keys.rows().is_empty() {
        let name = text(&described.blueprint.application);
        let by = Origin::defaulted(described.blueprint.application.span());
        environment.keys.add(implicit(described, name, Purpose::Secrets, "Encrypts secrets of", by));
    }
}

/// Adds the key for topics, queues and logs where there are any.
pub(super) fn for_alerts(described: &Described<'_>, environment: &mut Environment) {
    let functions = environment.functions.rows().first().map(|function| function.origin);
    let functions = functions.or(environment.tasks.first().map(|task| task.origin));
    let Some(origin) = environment.alerts.first().map(|alert| alert.origin).or(functions) else { return };
    let by = origin.derived("alert key");
    let mut key =
        implicit(described, by.put(ALERTS.to_owned()), Purpose::Alerts, "Encrypts alerts and logs of", by);
    key.places = (0..environment.places.len()).collect();
    environment.keys.add(key);
}

fn implicit(
    described: &Described<'_>,
    name: Sourced<String>,
    purpose: Purpose,
    what: &str,
    by: Origin,
) -> Key {
    Key {
        alias: by.put(alias(described, &name.value)),
        stable_name: name.value.clone(),
        name,
        purpose,
        description: by
            .put(format!("{what} {} in {}", described.blueprint.application.value, described.name)),
        rotation_days: by.put(ROTATION_DAYS),
        deletion_window_days: by.put(DELETION_WINDOW_DAYS),
        multi_region: by.put(false),
        places: vec![0],
        origin: by,
    }
}

fn alias(described: &Described<'_>, name: &str) -> String {
    format!("alias/{}/{}/{name}", described.blueprint.application.value, described.name)
}

/// What logical ids are made of: the pinned id, the former name after a rename, or the name.
pub(super) fn stable_name(
    name: &Sourced<impl std::fmt::Display>,
    was: Option<&Sourced<impl std::fmt::Display>>,
    id: Option<&Sourced<impl std::fmt::Display>>,
) -> String {
    match (id, was) {
        (Some(id), _) => id.value.to_string(),
        (None, Some(was)) => was.value.to_string(),
        (None, None) => name.value.to_string(),
    }
}

/// A key, by application, environment and row, that a Region needs, with the line that says so.
type Needed = ((usize, usize, Id<Key>), String, Origin);

/// Gives each key the Regions in which secrets are encrypted with it.
pub(super) fn places(inventory: &mut Inventory, log: &mut Diagnostics) {
    let mut needed: Vec<Needed> = Vec::new();
    for (application, of) in inventory.applications.iter().enumerate() {
        for (environment, within) in of.environments.iter().enumerate() {
            for (_, secret) in within.secrets.iter() {
                let key = match &secret.key.value {
                    KeyRef::Own(key) => (application, environment, *key),
                    KeyRef::Other { application, environment, key } => (*application, *environment, *key),
                };
                let held = std::iter::once(0).chain(secret.replicas.iter().map(|replica| replica.value));
                needed.extend(
                    held.filter_map(|place| within.places.get(place))
                        .map(|place| (key, place.region.value.clone(), secret.key.origin)),
                );
            }
        }
    }
    for ((application, environment, id), region, origin) in needed {
        let Some(owner) =
            inventory.applications.get_mut(application).and_then(|of| of.environments.get_mut(environment))
        else {
            continue;
        };
        let place = owner.places.iter().position(|place| place.region.value == region);
        let Some(key) = owner.keys.get_mut(id) else { continue };
        match place {
            Some(place) if !key.places.contains(&place) => {
                key.places.push(place);
                key.places.sort_unstable();
            }
            Some(_) => {}
            None => log.push(
                Diagnostic::new(
                    &KEY_NOT_IN_REGION,
                    origin.span,
                    format!("the key `{}` does not exist in {region}", key.name.value),
                )
                .here(format!("a secret in {region} is encrypted with it"))
                .also(owner.origin.span, "its environment has other Regions")
                .help(format!(
                    "add {region} to the `regions` of that environment, or use a key of this application"
                )),
            ),
        }
    }
}
