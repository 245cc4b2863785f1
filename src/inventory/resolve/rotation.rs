//! How each secret rotates, and the functions that keyprint makes for it.

use std::collections::BTreeSet;

use crate::aws::{Form, FunctionArn, ScheduleExpression, rds_authorities};
use crate::blueprint::name::Name;
use crate::blueprint::rotation::{
    Rotation as WrittenRotation, RotationPlan, Rotator, Strategy as WrittenStrategy,
};
use crate::blueprint::secret::{Engine, Secret as Written, SecretType};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::inventory::codes::function::{AUTHORITIES_UNKNOWN, DATA_API_INCOMPLETE};
use crate::inventory::codes::network::UNREACHABLE_DATABASE;
use crate::inventory::codes::rotation::{
    FUNCTION_IN_OTHER_REGION, HOSTED_ROTATION_WITH_BOUNDARY, ROTATION_IMPOSSIBLE, ROTATION_INTERVAL_TOO_LONG,
    SECRET_WITHOUT_ROTATION, STRATEGY_WITHOUT_SUPERUSER,
};
use crate::inventory::{
    Changes, Environment, FunctionSpec, Id, Rotation, Schedule, Secret, SecretValue, Strategy,
};
use crate::source::{Origin, Sourced, Span};

use super::environment::Described;
use super::scope::own_secrets;
use super::{file, secret, text};

/// Days between rotations of a database user when the author does not say.
const DATABASE_RATE: &str = "rate(30 days)";

/// Hours that a rotation window stays open when the author does not say; without a window the service takes the rest of
/// the day.
const WINDOW_HOURS: u32 = 4;

/// The longest interval that needs no waiver (Security Hub SecretsManager.4: 90 days).
const LONGEST_INTERVAL_HOURS: u32 = 90 * 24;

/// Decides the rotation of every secret of an environment.
pub(super) fn resolve(described: &Described<'_>, environment: &mut Environment, log: &mut Diagnostics) {
    for (row, (name, written)) in own_secrets(described.blueprint, described.name).enumerate() {
        let rotation = decide(described, environment, row, (name, written), log);
        if let Some(schedule) = rotation.schedule()
            && schedule.interval_hours > LONGEST_INTERVAL_HOURS
        {
            log.push(
                Diagnostic::new(
                    &ROTATION_INTERVAL_TOO_LONG,
                    schedule.expression.span(),
                    format!(
                        "`{}` may stay the same for {} days",
                        name.value,
                        schedule.interval_hours.div_ceil(24)
                    ),
                )
                .here("more than 90 days between rotations")
                .help("rotate more often, or waive it with a reason"),
            );
        }
        if let Some(secret) = environment.secrets.get_mut(Id::<Secret>::of_row(row)) {
            secret.rotation = rotation;
        }
    }
}

/// Who rotates a type when the author does not say.
fn default_rotator(written: &Written, plan: &RotationPlan) -> Option<Rotator> {
    let kind = written.kind.value;
    if kind == SecretType::Managed {
        Some(Rotator::Managed)
    } else if kind == SecretType::Partner {
        Some(Rotator::Partner)
    } else if changes(written, plan).is_some() {
        Some(Rotator::Function)
    } else {
        hosted_word(kind).map(|_| Rotator::Hosted)
    }
}

/// What a function of keyprint changes in secrets of a type, with the word in the function's name.
fn changes(written: &Written, plan: &RotationPlan) -> Option<(Changes, String)> {
    if plan.through_data_api(written.kind.value) {
        return Some(by_statements(written));
    }
    match written.kind.value {
        SecretType::PostgreSql | SecretType::AuroraPostgreSql => {
            Some((Changes::PostgreSqlUsers, "postgresql".to_owned()))
        }
        SecretType::MySql | SecretType::AuroraMySql | SecretType::MariaDb => {
            Some((Changes::MySqlUsers, "mysql".to_owned()))
        }
        SecretType::IamAccessKey => Some((Changes::AccessKeys, "access-keys".to_owned())),
        SecretType::ElastiCacheUser => Some((Changes::CacheUsers, "elasticache".to_owned())),
        SecretType::Text => Some((Changes::RandomValue { field: None }, "random".to_owned())),
        SecretType::KeyValue if plan.module.is_none() => {
            let field = written.fields.first().map(|field| field.value.to_string());
            let word = field
                .as_ref()
                .map_or("random".to_owned(), |field| format!("random-{}", field.to_lowercase()));
            Some((Changes::RandomValue { field }, word))
        }
        SecretType::KeyValue
        | SecretType::ApiKey
        | SecretType::OauthClient
        | SecretType::SshKey
        | SecretType::ActiveDirectory
        | SecretType::TimestreamInfluxDb => {
            let module = plan.module.as_ref()?.value.to_string();
            let file = module.rsplit('/').next().unwrap_or_default();
            let stem = file.strip_suffix(".py").unwrap_or(file).replace(['.', '_'], "-").to_lowercase();
            Some((Changes::ProviderKeys { module }, stem))
        }
        SecretType::Oracle
        | SecretType::SqlServer
        | SecretType::Db2
        | SecretType::Redshift
        | SecretType::DocumentDb
        | SecretType::Managed
        | SecretType::Partner => None,
    }
}

/// Users whose password a superuser sets through a Data API; a function serves one cluster, whose name follows.
fn by_statements(written: &Written) -> (Changes, String) {
    let cluster = written.database.as_ref().map_or_else(String::new, |database| database.value.to_string());
    match written.kind.value.engine() {
        Some(Engine::Redshift) => {
            let word = format!("redshift-{cluster}");
            (Changes::RedshiftDataUsers { cluster }, word)
        }
        Some(_) | None => {
            let word = format!("data-{cluster}");
            (Changes::RdsDataUsers { cluster }, word)
        }
    }
}

/// The beginning of the `RotationType` words of a type (CloudFormation docs).
fn hosted_word(kind: SecretType) -> Option<&'static str> {
    Some(match kind.engine()? {
        Engine::PostgreSql | Engine::AuroraPostgreSql => "PostgreSQL",
        Engine::MySql | Engine::AuroraMySql => "MySQL",
        Engine::MariaDb => "MariaDB",
        Engine::Oracle => "Oracle",
        Engine::SqlServer => "SQLServer",
        Engine::Db2 => "Db2",
        Engine::Redshift => "Redshift",
        Engine::DocumentDb => "MongoDB",
    })
}

fn decide(
    described: &Described<'_>,
    environment: &mut Environment,
    row: usize,
    (name, written): (&Sourced<Name>, &Written),
    log: &mut Diagnostics,
) -> Rotation {
    let kind = written.kind.value;
    let plan = match &written.rotation {
        Some(WrittenRotation::Planned(plan)) => plan.as_ref().clone(),
        Some(WrittenRotation::None(span)) => {
            without_rotation(name, *span, log);
            return Rotation::None;
        }
        // The owning service rotates what it owns, on a schedule of its own.
        None if matches!(kind, SecretType::Managed) => return Rotation::None,
        None if kind.engine().is_some() => bare_plan(written),
        None => {
            without_rotation(name, name.span(), log);
            return Rotation::None;
        }
    };
    let schedule = schedule(&plan, written);
    if let Some(function) = &plan.function {
        same_region(environment, function, log);
        return Rotation::ByArn { function: text(function), schedule };
    }
    let rotator = plan.by.as_ref().map(|by| by.value).or_else(|| default_rotator(written, &plan));
    match rotator {
        Some(Rotator::Function) if changes(written, &plan).is_some() => {
            generated(described, environment, (row, written), &plan, schedule, log)
        }
        Some(Rotator::Hosted) if hosted_word(kind).is_some() => {
            hosted(described, environment, (name, written), &plan, schedule, log)
        }
        Some(Rotator::Managed) if kind == SecretType::Managed => Rotation::Managed { schedule },
        Some(Rotator::Partner) if kind == SecretType::Partner => Rotation::Partner {
            metadata: written
                .partner
                .iter()
                .flat_map(|partner| partner.metadata.iter())
                .map(|entry| (text(&entry.name), text(&entry.body)))
                .collect(),
            schedule,
        },
        Some(_) | None => {
            impossible(written, &plan, rotator, log);
            Rotation::None
        }
    }
}

/// Secrets Manager invokes functions of the secret's own Region.
fn same_region(environment: &Environment, function: &Sourced<FunctionArn>, log: &mut Diagnostics) {
    let Some(primary) = environment.places.first().map(|place| &place.region) else { return };
    if function.value.region() != primary.value {
        log.push(
            Diagnostic::new(
                &FUNCTION_IN_OTHER_REGION,
                function.span(),
                format!(
                    "the function is in `{}`, and the secret in `{}`",
                    function.value.region(),
                    primary.value
                ),
            )
            .also(primary.span(), "the primary Region is here")
            .help("name a function of that Region"),
        );
    }
}

fn without_rotation(name: &Sourced<Name>, span: Span, log: &mut Diagnostics) {
    log.push(
        Diagnostic::new(&SECRET_WITHOUT_ROTATION, span, format!("nothing rotates `{}`", name.value))
            .help("add `rotation: { every: 30 days }`, or waive it with a reason and a last day"),
    );
}

fn bare_plan(written: &Written) -> RotationPlan {
    RotationPlan {
        span: written.kind.span(),
        schedule: None,
        window: None,
        by: None,
        function: None,
        strategy: None,
        superuser: None,
        immediately: None,
        runtime: None,
        via: None,
        module: None,
        check: None,
    }
}

fn schedule(plan: &RotationPlan, written: &Written) -> Schedule {
    let by = Origin::defaulted(written.kind.span());
    let expression = plan
        .schedule
        .clone()
        .or_else(|| ScheduleExpression::parse(DATABASE_RATE).ok().map(|rate| by.put(rate)));
    Schedule {
        interval_hours: expression.as_ref().map_or(0, |expression| expression.value.longest_pause()),
        expression: expression.as_ref().map_or_else(|| by.put(DATABASE_RATE.to_owned()), text),
        window_hours: plan.window.as_ref().map_or_else(
            || {
                by.put(
                    expression
                        .as_ref()
                        .map_or(WINDOW_HOURS, |known| known.value.longest_window().min(WINDOW_HOURS)),
                )
            },
            |window| window.origin.put(window.value.count()),
        ),
        immediately: plan.immediately.unwrap_or(by.put(false)),
    }
}

fn impossible(written: &Written, plan: &RotationPlan, rotator: Option<Rotator>, log: &mut Diagnostics) {
    let kind = written.kind.value;
    let place = plan.by.as_ref().map_or(plan.span, Sourced::span);
    let message = match rotator {
        Some(rotator) => {
            format!("a secret of type `{}` cannot be rotated by `{}`", kind.word(), rotator.word())
        }
        None => format!("nothing that keyprint knows rotates a secret of type `{}`", kind.word()),
    };
    let help = match default_rotator(written, plan) {
        Some(other) => {
            format!("write `by: {}`, or name a function of its own with `function: ARN`", other.word())
        }
        None => "name a module with `module: FILE`, a function of its own with `function: ARN`, or write `rotation: none` and waive it"
            .to_owned(),
    };
    let diagnostic = Diagnostic::new(&ROTATION_IMPOSSIBLE, place, message);
    let diagnostic = match kind.engine() {
        Some(Engine::Oracle | Engine::SqlServer | Engine::Db2 | Engine::DocumentDb)
            if rotator == Some(Rotator::Function) =>
        {
            diagnostic
                .here("needs a driver that Lambda's runtime does not have, and AWS offers no Data API for it")
        }
        Some(_) | None => diagnostic,
    };
    log.push(diagnostic.also(written.kind.span(), "the type is here").help(help));
}

fn strategy(written: &Written, plan: &RotationPlan, log: &mut Diagnostics) -> Strategy {
    match plan.strategy.as_ref().filter(|strategy| strategy.value == WrittenStrategy::AlternatingUsers) {
        Some(asked) => {
            if plan.superuser.is_none() {
                log.push(
                    Diagnostic::new(
                        &STRATEGY_WITHOUT_SUPERUSER,
                        asked.span(),
                        "alternating users need the secret of a superuser",
                    )
                    .also(written.kind.span(), "for this secret")
                    .help("add `superuser: NAME`, the secret of a user who may create others"),
                );
            }
            Strategy::AlternatingUsers
        }
        None => Strategy::SingleUser,
    }
}

/// The port and the security group of a secret's database.
pub(super) fn database_group(described: &Described<'_>, written: &Written) -> (u32, Option<Sourced<String>>) {
    let database = secret::database(described, written);
    let port = database.and_then(|database| database.port.as_ref()).map(|port| port.value.count());
    let default = written.kind.value.engine().map_or(0, secret::default_port);
    (port.unwrap_or(default), database.and_then(|database| database.security_group.as_ref()).map(text))
}

/// A database user can only be rotated by what reaches the database.
pub(super) fn reachable(
    described: &Described<'_>,
    environment: &Environment,
    written: &Written,
    plan: &RotationPlan,
    log: &mut Diagnostics,
) {
    // A database that is not described has been reported; nothing is known of the way to it.
    if written.database.is_some() && secret::database(described, written).is_none() {
        return;
    }
    let has_network = environment.places.first().is_some_and(|place| place.network.is_some());
    let (_, group) = database_group(described, written);
    let missing = match (has_network, group) {
        (false, _) => "the environment has no `network` for a rotation function",
        (true, None) => "the database has no `security-group` that could let the rotation function in",
        (true, Some(_)) => return,
    };
    let diagnostic = Diagnostic::new(
        &UNREACHABLE_DATABASE,
        plan.by.as_ref().map_or(plan.span, Sourced::span),
        format!("no rotation function could reach the database in environment `{}`", described.name),
    )
    .here(missing)
    .help(if has_network {
        "add `security-group: sg-…` to the database"
    } else {
        "add `network: { vpc: …, subnets: […], endpoints: create }` to the environment"
    });
    log.push(diagnostic.also(environment.origin.span, "this environment"));
}

/// The identifier that a Data API is asked by; without it or a superuser nothing can be set.
fn cluster(
    described: &Described<'_>,
    written: &Written,
    plan: &RotationPlan,
    log: &mut Diagnostics,
) -> String {
    let place =
        plan.via.as_ref().map(Sourced::span).or(plan.by.as_ref().map(Sourced::span)).unwrap_or(plan.span);
    if plan.superuser.is_none() {
        log.push(
            Diagnostic::new(
                &DATA_API_INCOMPLETE,
                place,
                "a Data API runs statements as a superuser, and none is named",
            )
            .also(written.kind.span(), "for this secret")
            .help("add `superuser: NAME`, the secret of a user who may change the passwords of others"),
        );
    }
    let Some(database) = secret::database(described, written) else { return String::new() };
    let Some(cluster) = &database.cluster else {
        log.push(
            Diagnostic::new(
                &DATA_API_INCOMPLETE,
                place,
                format!("the database has no `cluster` in environment `{}`", described.name),
            )
            .also(database.span, "described here")
            .help("add `cluster: NAME`; the policy of the function names its ARN, and a workgroup's holds an id that nobody knows beforehand"),
        );
        return String::new();
    };
    cluster.value.to_string()
}

/// What the author says vouches for a database; for RDS the Region's own authorities are known in most Regions.
pub(super) fn authorities(
    described: &Described<'_>,
    environment: &Environment,
    written: &Written,
    log: &mut Diagnostics,
) -> Option<Sourced<String>> {
    let database = secret::database(described, written)?;
    if let Some(file) = &database.authorities {
        return Some(file::authorities(described, file, log));
    }
    let region = &environment.places.first()?.region;
    let of_rds = database.host.as_ref().is_none_or(|host| host.value.contains(".rds.amazonaws.com"));
    if of_rds && rds_authorities(&region.value).is_none() {
        log.push(
            Diagnostic::new(
                &AUTHORITIES_UNKNOWN,
                database.span,
                format!("the authorities of databases in `{}` are not known", region.value),
            )
            .also(written.kind.span(), "the user of this secret logs in there")
            .help("add `authorities: FILE` to the database, with the Region's bundle that AWS publishes for RDS"),
        );
    }
    None
}

fn generated(
    described: &Described<'_>,
    environment: &mut Environment,
    (row, written): (usize, &Written),
    plan: &RotationPlan,
    schedule: Schedule,
    log: &mut Diagnostics,
) -> Rotation {
    let Some((changes, engine)) = changes(written, plan) else { return Rotation::None };
    let logs_in = matches!(changes, Changes::PostgreSqlUsers | Changes::MySqlUsers);
    let changes = match changes {
        Changes::RdsDataUsers { .. } => {
            Changes::RdsDataUsers { cluster: cluster(described, written, plan, log) }
        }
        Changes::RedshiftDataUsers { .. } => {
            Changes::RedshiftDataUsers { cluster: cluster(described, written, plan, log) }
        }
        other @ (Changes::PostgreSqlUsers
        | Changes::MySqlUsers
        | Changes::CacheUsers
        | Changes::ProviderKeys { .. }
        | Changes::AccessKeys
        | Changes::RandomValue { .. }) => other,
    };
    if logs_in {
        reachable(described, environment, written, plan, log);
    }
    let authorities = if logs_in { authorities(described, environment, written, log) } else { None };
    // An API of AWS is reached from the network where there is one, through its endpoint.
    let through_api = matches!(
        changes,
        Changes::RdsDataUsers { .. } | Changes::RedshiftDataUsers { .. } | Changes::CacheUsers
    );
    let networked = environment.places.first().is_some_and(|place| place.network.is_some());
    let in_network = logs_in || through_api && networked;
    let strategy = strategy(written, plan, log);
    let word = match strategy {
        Strategy::SingleUser => "single",
        Strategy::AlternatingUsers => "alternating",
    };
    let mut stable_name =
        if logs_in { format!("rotate-{engine}-{word}") } else { format!("rotate-{engine}") };
    if let Some(stack) = &written.stack {
        stable_name = format!("{stable_name}-{}", stack.value);
    }
    let (port, group) = database_group(described, written);
    let known =
        environment.functions.iter().find(|(_, spec)| spec.stable_name == stable_name).map(|(id, _)| id);
    let function = known.unwrap_or_else(|| {
        environment.functions.add(FunctionSpec {
            physical_name: format!("{}-{stable_name}", described.prefix()),
            stable_name,
            changes: written.kind.origin.derived("rotation function").put(changes),
            length: Origin::defaulted(written.kind.span()).put(0),
            exclude_characters: Origin::defaulted(written.kind.span()).put(String::new()),
            strategy,
            in_network,
            databases: Vec::new(),
            users: Vec::new(),
            module: plan.module.as_ref().map(|file| file::module(described, file, log)),
            authorities: Vec::new(),
            stack: written.stack.as_ref().map(text),
            origin: schedule.expression.origin.derived("rotation function"),
        })
    });
    let generation = environment.secrets.get(Id::of_row(row)).and_then(|secret| match &secret.value {
        SecretValue::Generated { length, exclude_characters, .. } => {
            Some((*length, exclude_characters.clone()))
        }
        SecretValue::PutLater { .. } | SecretValue::OwnedByService { .. } => None,
    });
    if let Some(spec) = environment.functions.get_mut(function) {
        if let Some(group) = group.filter(|_| logs_in)
            && !spec
                .databases
                .iter()
                .any(|(known, known_port)| known.value == group.value && *known_port == port)
        {
            spec.databases.push((group, port));
            spec.databases.sort_by(|left, right| (&left.0.value, left.1).cmp(&(&right.0.value, right.1)));
        }
        if spec.changes.value == Changes::AccessKeys {
            spec.users.extend(written.username.as_ref().map(text));
        }
        if spec.changes.value == Changes::CacheUsers {
            spec.users.extend(secret::cache_user_id(written));
        }
        if let Some(authorities) = authorities
            && !spec.authorities.iter().any(|known| known.value == authorities.value)
        {
            spec.authorities.push(authorities);
        }
        if let Some((length, excluded)) = generation {
            if length.value > spec.length.value {
                spec.length = length;
            }
            let all: BTreeSet<char> =
                spec.exclude_characters.value.chars().chain(excluded.value.chars()).collect();
            spec.exclude_characters = excluded.origin.put(all.into_iter().collect());
        }
    }
    Rotation::Generated { function, schedule }
}

fn hosted(
    described: &Described<'_>,
    environment: &Environment,
    (name, written): (&Sourced<Name>, &Written),
    plan: &RotationPlan,
    schedule: Schedule,
    log: &mut Diagnostics,
) -> Rotation {
    let place = plan.by.as_ref().map_or(written.kind.span(), Sourced::span);
    if let Some(boundary) = &environment.boundary {
        log.push(
            Diagnostic::new(
                &HOSTED_ROTATION_WITH_BOUNDARY,
                place,
                "the role of a hosted rotation function cannot take a permissions boundary",
            )
            .also(boundary.span(), "every role of this environment needs one")
            .help("write `by: function` where keyprint knows the engine, or name a function with `function: ARN`"),
        );
    }
    reachable(described, environment, written, plan, log);
    let users = match strategy(written, plan, log) {
        Strategy::SingleUser => "SingleUser",
        Strategy::AlternatingUsers => "MultiUser",
    };
    let word = hosted_word(written.kind.value).unwrap_or_default();
    let (port, database_group) = database_group(described, written);
    Rotation::Hosted {
        rotation_type: written.kind.origin.derived("hosted rotation").put(format!("{word}{users}")),
        runtime: plan.runtime.as_ref().map(text),
        function_name: format!("{}-{}", described.prefix(), name.value),
        superuser: secret::superuser(described, written, log),
        port,
        database_group,
        schedule,
    }
}
