//! Databases: whether a secret says where its database is, and whether those who read it get there.

use crate::blueprint::environment::DatabaseTarget;
use crate::blueprint::secret::{Engine, Secret as Written};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::inventory::codes::network::UNREACHABLE_DATABASE;
use crate::inventory::codes::rotation::{DATABASE_WITHOUT_ADDRESS, ENGINE_MISMATCH};
use crate::inventory::{Environment, Rotation, SecretRef};
use crate::source::Sourced;

use super::environment::Described;
use super::scope::own_secrets;
use super::{rotation, secret};

/// Checks the databases behind an environment's secrets.
pub(super) fn check(described: &Described<'_>, environment: &Environment, log: &mut Diagnostics) {
    for (_, written) in own_secrets(described.blueprint, described.name) {
        if let Some(engine) = written.kind.value.engine() {
            address(described, written, engine, log);
            same_engine(described, written, engine, log);
        }
    }
    readers(described, environment, log);
}

/// What CloudFormation attaches fills in the address; otherwise the environment has to say it.
fn address(described: &Described<'_>, written: &Written, engine: Engine, log: &mut Diagnostics) {
    let Some(database) = secret::database(described, written) else { return };
    if database.target().is_some_and(|target| !matches!(target, DatabaseTarget::Workgroup)) {
        return;
    }
    let name = written.database.as_ref();
    let missing = match (&database.host, &database.dbname) {
        (None, _) => "host",
        (Some(_), None) if engine == Engine::Oracle => "dbname",
        (Some(_), _) => return,
    };
    log.push(
        Diagnostic::new(
            &DATABASE_WITHOUT_ADDRESS,
            name.map_or(written.span, Sourced::span),
            format!(
                "the database `{}` has no `{missing}` in environment `{}`",
                name.map_or("", |name| name.value.as_str()),
                described.name
            ),
        )
        .also(database.span, "described here")
        .help(if missing == "host" {
            "add `host: NAME`, or the `cluster` or `instance` that CloudFormation can look up"
        } else {
            "add `dbname: NAME`; Oracle has no default"
        }),
    );
}

/// A secret is of the type that its database is of, where the environment says.
fn same_engine(described: &Described<'_>, written: &Written, engine: Engine, log: &mut Diagnostics) {
    let stated = secret::database(described, written).and_then(|database| database.engine.as_ref());
    if let Some(stated) = stated.filter(|stated| stated.value != engine) {
        log.push(
            Diagnostic::new(
                &ENGINE_MISMATCH,
                written.kind.span(),
                format!("a secret of type `{engine}` for a database of engine `{}`", stated.value),
            )
            .also(stated.span(), "the engine is here")
            .help(format!("write `type: {}`, or name another database", stated.value)),
        );
    }
}

/// A consumer in the VPC gets to a database through the database's security group. Where a function of ours rotates
/// the secret, the same is said about the function already.
fn readers(described: &Described<'_>, environment: &Environment, log: &mut Diagnostics) {
    for consumer in environment.consumers.iter().filter(|consumer| consumer.in_network) {
        for access in consumer.roles.iter().flat_map(|role| &role.accesses) {
            let SecretRef::Own(id) = &access.secret.value else { continue };
            let Some((_, written)) = own_secrets(described.blueprint, described.name).nth(id.row()) else {
                continue;
            };
            let by_function = environment.secrets.get(*id).is_some_and(|secret| {
                matches!(secret.rotation, Rotation::Generated { .. } | Rotation::Hosted { .. })
            });
            let (_, group) = rotation::database_group(described, written);
            let Some(database) = secret::database(described, written) else { continue };
            if by_function || group.is_some() {
                continue;
            }
            log.push(
                Diagnostic::new(
                    &UNREACHABLE_DATABASE,
                    access.secret.span(),
                    format!(
                        "`{}` cannot reach the database behind its secret in environment `{}`",
                        consumer.name.value, described.name
                    ),
                )
                .also(database.span, "the database has no `security-group` that could let it in")
                .help("add `security-group: sg-…` to the database"),
            );
        }
    }
}
