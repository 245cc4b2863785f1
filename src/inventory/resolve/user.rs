//! Database users: their names, and the superusers that change their passwords.

use crate::blueprint::name::Name;
use crate::blueprint::rotation::{Rotation, RotationPlan, Strategy};
use crate::blueprint::secret::{Engine, Secret as Written, SecretType};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::inventory::codes::rotation::{
    ALTERNATING_BEHIND_PROXY, STRATEGY_WITHOUT_SUPERUSER, SUPERUSER_UNFIT, USER_NAME_TOO_LONG,
};
use crate::source::Sourced;

use super::environment::Described;
use super::scope::own_secrets;
use super::secret;

/// What the rotation functions put behind the name of the second user (facts: rotation.md, strategies).
const CLONE: &str = "_clone";

/// Checks the users of an environment's databases.
pub(super) fn check(described: &Described<'_>, log: &mut Diagnostics) {
    for (name, written) in own_secrets(described.blueprint, described.name) {
        let Some(engine) = written.kind.value.engine() else { continue };
        let plan = match &written.rotation {
            Some(Rotation::Planned(plan)) => Some(plan.as_ref()),
            Some(Rotation::None(_)) | None => None,
        };
        let alternating = plan
            .and_then(|plan| plan.strategy.as_ref())
            .filter(|strategy| strategy.value == Strategy::AlternatingUsers);
        user_name(written, engine, alternating, log);
        if let Some(strategy) = alternating {
            proxy(described, written, strategy, log);
        }
        if let Some(plan) = plan {
            superuser(described, (name, written), plan, log);
        }
        if engine == Engine::Db2
            && plan.is_some_and(|plan| plan.superuser.is_none() && plan.function.is_none())
        {
            log.push(
                Diagnostic::new(
                    &STRATEGY_WITHOUT_SUPERUSER,
                    plan.map_or(name.span(), |plan| plan.span),
                    "users of Db2 cannot change their own password",
                )
                .also(written.kind.span(), "for this secret")
                .help("add `superuser: NAME`, the secret of a user who may change others' passwords"),
            );
        }
    }
}

/// The longest user name of an engine, and of MySQL when a hosted function makes a second user (facts: rotation.md,
/// strategies).
fn longest(engine: Engine) -> Option<usize> {
    match engine {
        Engine::PostgreSql | Engine::AuroraPostgreSql => Some(63),
        Engine::MySql | Engine::AuroraMySql => Some(32),
        Engine::MariaDb => Some(80),
        Engine::SqlServer => Some(128),
        Engine::Db2 => Some(16),
        Engine::Oracle | Engine::Redshift | Engine::DocumentDb => None,
    }
}

fn user_name(
    written: &Written,
    engine: Engine,
    alternating: Option<&Sourced<Strategy>>,
    log: &mut Diagnostics,
) {
    let (Some(user), Some(longest)) = (&written.username, longest(engine)) else { return };
    let added = if alternating.is_some() { CLONE.chars().count() } else { 0 };
    let length = user.value.chars().count().saturating_add(added);
    if length <= longest {
        return;
    }
    let message = if alternating.is_some() {
        format!("`{}{CLONE}` has {length} characters, more than {longest}", user.value)
    } else {
        format!("`{}` has {length} characters, more than {longest}", user.value)
    };
    let mut diagnostic = Diagnostic::new(&USER_NAME_TOO_LONG, user.span(), message)
        .also(written.kind.span(), format!("`{engine}` takes up to {longest}"));
    if let Some(strategy) = alternating {
        diagnostic = diagnostic.also(strategy.span(), "this makes a second user");
    }
    log.push(diagnostic.help("choose a shorter user name"));
}

fn proxy(described: &Described<'_>, written: &Written, strategy: &Sourced<Strategy>, log: &mut Diagnostics) {
    let resource = secret::database(described, written).and_then(|database| database.resource_id.as_ref());
    if let Some(resource) = resource.filter(|resource| resource.value.starts_with("prx-")) {
        log.push(
            Diagnostic::new(
                &ALTERNATING_BEHIND_PROXY,
                strategy.span(),
                "RDS Proxy does not support alternating users",
            )
            .also(resource.span(), "the database is reached through a proxy")
            .help("write `strategy: single-user`, or give the database itself"),
        );
    }
}

/// A superuser is another user of the same database.
fn superuser(
    described: &Described<'_>,
    (name, written): (&Sourced<Name>, &Written),
    plan: &RotationPlan,
    log: &mut Diagnostics,
) {
    let Some(reference) = &plan.superuser else { return };
    let Some(entry) = described.scope.secret_entry(described.at, &reference.value) else { return };
    let unfit = |message: String| Diagnostic::new(&SUPERUSER_UNFIT, reference.span(), message);
    let itself = reference.value.application.is_none() && reference.value.name == name.value;
    let a_user = entry.kind.value.engine().is_some() || entry.kind.value == SecretType::Managed;
    let same_database = entry.database.as_ref().map(|database| &database.value)
        == written.database.as_ref().map(|database| &database.value);
    if itself {
        log.push(
            unfit(format!("`{}` is its own superuser", name.value)).help("name the secret of another user"),
        );
    } else if !a_user {
        log.push(
            unfit(format!("`{}` is not the secret of a database user", reference.value))
                .also(entry.kind.span(), "it has this type")
                .help("name the secret of a user who may create others"),
        );
    } else if reference.value.application.is_none() && !same_database {
        let other = entry.database.as_ref().map_or(entry.span, Sourced::span);
        log.push(
            unfit(format!("`{}` is a user of another database", reference.value))
                .also(other, "its database")
                .also(
                    written.database.as_ref().map_or(written.span, Sourced::span),
                    "the database of this secret",
                )
                .help("name the secret of a user of the same database"),
        );
    }
}
