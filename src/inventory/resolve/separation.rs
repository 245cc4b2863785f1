//! Accesses that contradict each other or cannot work: duties of one role, readers in other accounts, and caches.

use crate::aws::ScheduleExpression;
use crate::blueprint::consumer::{Consumer as Written, Identity, Verb};
use crate::blueprint::rotation::Rotation;
use crate::blueprint::secret::SecretType;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::inventory::codes::access::{
    DUTIES_NOT_SEPARATED, FOREIGN_READER_WITHOUT_KEY, LONG_LIVED_ACCESS_KEY,
};

use crate::inventory::codes::rotation::CACHE_OUTLASTS_ROTATION;
use crate::source::Sourced;

use super::environment::Described;
use super::scope::{applies, own_secrets};
use super::secret;

/// Checks the consumers of an environment.
pub(super) fn check(described: &Described<'_>, log: &mut Diagnostics) {
    for entry in described.blueprint.consumers.iter() {
        let written = &entry.body;
        if applies(&written.only, &written.except, described.name) {
            duties(written, log);
            foreign(described, written, log);
            cache(described, written, log);
        }
    }
    for (name, written) in own_secrets(described.blueprint, described.name) {
        if written.kind.value == SecretType::IamAccessKey {
            log.push(
                Diagnostic::new(
                    &LONG_LIVED_ACCESS_KEY,
                    written.kind.span(),
                    format!("`{}` holds an access key, which works until somebody takes it away", name.value),
                )
                .help("let whoever uses it assume a role, under `consumers`"),
            );
        }
    }
}

fn duties(written: &Written, log: &mut Diagnostics) {
    for administered in &written.administers {
        let read = written.uses().find(|(verb, reference)| {
            matches!(verb, Verb::Reads | Verb::Injects) && reference.value == administered.value
        });
        if let Some((_, read)) = read {
            log.push(
                Diagnostic::new(
                    &DUTIES_NOT_SEPARATED,
                    administered.span(),
                    format!("one role administers `{}` and reads it", administered.value),
                )
                .also(read.span(), "it reads it here")
                .help("give one of the two to another consumer, or waive it with a reason"),
            );
        }
    }
}

/// The AWS managed key cannot be used from another account (facts: iam.md, cross-account read).
fn foreign(described: &Described<'_>, written: &Written, log: &mut Diagnostics) {
    let Some(Identity::Foreign { account, .. }) = written.identity() else { return };
    if account.value == described.written.account.value {
        return;
    }
    for (_, reference) in written.uses().filter(|(verb, _)| *verb == Verb::Reads) {
        let Some(entry) = described.scope.secret_entry(described.at, &reference.value) else { continue };
        let managed = entry.kind.value == SecretType::Managed && reference.value.application.is_none();
        let database = secret::database(described, entry).filter(|_| managed);
        if let Some(database) =
            database.filter(|database| database.secret.is_some() && database.key.is_none())
        {
            log.push(
                Diagnostic::new(
                    &FOREIGN_READER_WITHOUT_KEY,
                    reference.span(),
                    format!(
                        "account {} reads `{}`, which no customer key encrypts",
                        account.value, reference.value
                    ),
                )
                .also(database.span, "this has no `key`")
                .help("encrypt the service's secret with a customer key, and add `key: ARN` to the database"),
            );
        }
    }
}

/// No cache hears of a rotation (facts: rotation.md, client-side facts).
fn cache(described: &Described<'_>, written: &Written, log: &mut Diagnostics) {
    let Some(cache) = &written.cache else { return };
    for (_, reference) in written.uses().filter(|(verb, _)| *verb == Verb::Reads) {
        let entry = described.scope.secret_entry(described.at, &reference.value);
        let schedule = match entry.and_then(|entry| entry.rotation.as_ref()) {
            Some(Rotation::Planned(plan)) => plan.schedule.as_ref(),
            Some(Rotation::None(_)) | None => None,
        };
        let shorter = |schedule: &&Sourced<ScheduleExpression>| {
            schedule.value.longest_pause().saturating_mul(60) <= cache.value.count()
        };
        if let Some(schedule) = schedule.filter(shorter) {
            log.push(
                Diagnostic::new(
                    &CACHE_OUTLASTS_ROTATION,
                    cache.span(),
                    format!("the cache outlasts the rotation of `{}`", reference.value),
                )
                .also(schedule.span(), format!("it rotates by `{}`", schedule.value))
                .help("keep values for a fraction of the time between rotations"),
            );
        }
    }
}
