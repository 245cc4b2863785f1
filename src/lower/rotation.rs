//! Rotation: schedules, and the functions of keyprint with everything around them. A schedule waits for the permission to
//! invoke, the attachment, the policies and the network rules, so that no rotation starts before it can succeed.

use crate::cfn::resource::secretsmanager::{
    HostedRotationLambda, Metadata, RotationRules, RotationSchedule, Secret as SecretResource,
};
use crate::cfn::resource::{iam, lambda};
use crate::cfn::value::words::{FunctionArn, SecretArn, Text};
use crate::cfn::{
    ConditionOperator, Draft, Handle, HomeId, LogicalId, PolicyDocument, PrincipalElement, ResourceId,
    Statement, Value,
};
use crate::inventory::{Changes, FunctionSpec, Id, Rotation, Schedule, Secret, SecretValue, Strategy};

use super::function::{self, FunctionEngine, Inserts};
use super::grants::{Grants, User, partner_role_name};
use super::program::{self, Made, Program};
use super::site::{SecretAt, Site, World};
use super::statements::Sids;
use super::{arn, calls, endpoint, identity, pack, role, rollback};

/// Seconds that a step may take; every attempt to reach a database or a service is shorter.
const FUNCTION_TIMEOUT_SECONDS: u32 = 60;

/// Seconds that a step may take which waits until a change of an ElastiCache user has reached every node.
const CACHE_TIMEOUT_SECONDS: u32 = 600;

/// Makes the functions and schedules of a site; only the primary secret rotates.
pub(super) fn lower(world: &mut World<'_>, site: &Site<'_>, grants: &Grants) {
    if !site.is_primary() {
        return;
    }
    let functions: Vec<(Id<FunctionSpec>, Made)> = site
        .environment
        .functions
        .iter()
        .map(|(id, spec)| (id, make(world, site, (id, spec), grants)))
        .collect();
    for (id, secret) in site.environment.secrets.iter() {
        let at = (site.application_index, site.environment_index, id);
        let made = functions.iter().find(
            |(id, _)| matches!(&secret.rotation, Rotation::Generated { function, .. } if function == id),
        );
        schedule(world, site, (at, secret), made.map(|(_, made)| made), grants);
    }
}

fn make(
    world: &mut World<'_>,
    site: &Site<'_>,
    (id, spec): (Id<FunctionSpec>, &FunctionSpec),
    grants: &Grants,
) -> Made {
    let home = world.stack_home(site, spec.stack.as_ref());
    let user = User::Function(site.application_index, site.environment_index, id.row());
    let mut statements = identity::secrets(world, site, home, user, grants, &mut Sids::default());
    statements.extend(calls::statements(spec));
    let program = Program {
        stable_name: &spec.stable_name,
        physical_name: &spec.physical_name,
        description: format!("Rotates secrets of {}", site.prefix()),
        role: "Rotation function",
        source: source(site, spec),
        variables: variables(spec),
        timeout: match spec.changes.value {
            Changes::CacheUsers => CACHE_TIMEOUT_SECONDS,
            Changes::PostgreSqlUsers
            | Changes::MySqlUsers
            | Changes::RdsDataUsers { .. }
            | Changes::RedshiftDataUsers { .. }
            | Changes::ProviderKeys { .. }
            | Changes::AccessKeys
            | Changes::RandomValue { .. } => FUNCTION_TIMEOUT_SECONDS,
        },
        databases: spec.in_network.then_some(spec.databases.as_slice()),
        origin: spec.origin,
    };
    let made = program::make(world, site, home, program, statements);
    rollback::lower(world, site, home, (id, spec), &made);
    made
}

/// What the function reads from its environment; never a secret's value.
fn variables(spec: &FunctionSpec) -> Vec<(&'static str, Value<Text>)> {
    let mut variables = Vec::new();
    if !matches!(spec.changes.value, Changes::AccessKeys | Changes::ProviderKeys { .. }) {
        variables.push(("EXCLUDE_CHARACTERS", Value::from(spec.exclude_characters.value.as_str())));
        variables.push(("PASSWORD_LENGTH", Value::from(spec.length.value.to_string())));
    }
    match &spec.changes.value {
        Changes::PostgreSqlUsers | Changes::MySqlUsers => {
            let strategy = match spec.strategy {
                Strategy::SingleUser => "single-user",
                Strategy::AlternatingUsers => "alternating-users",
            };
            variables.push(("ROTATION_STRATEGY", Value::from(strategy)));
        }
        Changes::RdsDataUsers { cluster } => {
            variables.push(("CLUSTER_ARN", arn::regional("rds", &format!("cluster:{cluster}"))));
        }
        Changes::RedshiftDataUsers { cluster } => {
            variables.push(("REDSHIFT_CLUSTER", Value::from(cluster.as_str())));
        }
        Changes::CacheUsers | Changes::ProviderKeys { .. } | Changes::AccessKeys => {}
        Changes::RandomValue { field } => {
            variables.extend(field.as_ref().map(|field| ("RANDOM_FIELD", Value::from(field.as_str()))));
        }
    }
    variables
}

/// The assembled source of a function.
fn source(site: &Site<'_>, spec: &FunctionSpec) -> String {
    let engine = match spec.changes.value {
        Changes::PostgreSqlUsers => FunctionEngine::PostgreSql,
        Changes::MySqlUsers => FunctionEngine::MySql,
        Changes::RdsDataUsers { .. } => FunctionEngine::RdsData,
        Changes::RedshiftDataUsers { .. } => FunctionEngine::RedshiftData,
        Changes::CacheUsers => FunctionEngine::ElastiCache,
        Changes::ProviderKeys { .. } => FunctionEngine::Hook,
        Changes::AccessKeys => FunctionEngine::AccessKey,
        Changes::RandomValue { .. } => FunctionEngine::RandomValue,
    };
    let authorities = program::authorities(site, &spec.authorities);
    let hook = spec.module.as_ref().map(|module| module.value.as_str());
    function::source(engine, &Inserts { authorities: &authorities, hook })
}

fn schedule(
    world: &mut World<'_>,
    site: &Site<'_>,
    (at, secret): (SecretAt, &Secret),
    made: Option<&Made>,
    grants: &Grants,
) {
    let home = world.stack_home(site, secret.stack.as_ref());
    let secret_id: Value<SecretArn> = match (&secret.value, world.secrets.get(&at)) {
        (SecretValue::OwnedByService { arn, .. }, _) => Value::from(arn.value.as_str()),
        (SecretValue::Generated { .. } | SecretValue::PutLater { .. }, Some((handle, _))) => {
            handle.reference()
        }
        (SecretValue::Generated { .. } | SecretValue::PutLater { .. }, None) => return,
    };
    let mut after = world.before_rotation.get(&at).cloned().unwrap_or_default();
    let mut rotation =
        RotationSchedule { secret_id: Some(secret.origin.put(secret_id)), ..Default::default() };
    let when = match &secret.rotation {
        Rotation::None => return,
        Rotation::Generated { schedule, .. } => {
            let Some(made) = made else { return };
            after.push(permission(world, home, secret, made.function, at));
            after.extend(&made.ready);
            rotation.rotation_lambda_arn = Some(schedule.expression.origin.put(made.function.arn()));
            schedule
        }
        Rotation::ByArn { function, schedule } => {
            rotation.rotation_lambda_arn = Some(function.clone().map(Value::<FunctionArn>::from));
            schedule
        }
        Rotation::Hosted { schedule, .. } => {
            let (hosted, rules) = hosted(world, site, home, (at, secret));
            rotation.hosted_rotation_lambda = hosted.map(|hosted| schedule.expression.origin.put(hosted));
            after.extend(rules);
            schedule
        }
        Rotation::Managed { schedule } => schedule,
        Rotation::Partner { metadata, schedule } => {
            let by = schedule.expression.origin.derived("partner rotation");
            let (role, policies) = partner_role(world, site, home, (at, secret), grants);
            after.extend(policies);
            rotation.external_secret_rotation_role_arn = Some(by.put(role.arn()));
            let entries = metadata.iter().map(|(key, value)| Metadata {
                key: Some(key.clone().map(Value::from)),
                value: Some(value.clone().map(Value::from)),
            });
            rotation.external_secret_rotation_metadata = Some(by.put(entries.collect()));
            schedule
        }
    };
    rotation.rotation_rules = Some(when.expression.origin.put(rules(when)));
    rotation.rotate_immediately_on_update = Some(when.immediately);
    world.resources.add(
        Draft::new(home, LogicalId::of(&secret.stable_name, "RotationSchedule"), when.expression.origin)
            .retained()
            .after(after),
        &rotation,
    );
}

fn rules(schedule: &Schedule) -> RotationRules {
    RotationRules {
        schedule_expression: Some(schedule.expression.clone().map(Value::from)),
        duration: Some(schedule.window_hours.map(|hours| Value::from(format!("{hours}h")))),
    }
}

/// Without `SourceAccount` Secrets Manager of any account could invoke the function (Secrets Manager docs).
fn permission(
    world: &mut World<'_>,
    home: HomeId,
    secret: &Secret,
    function: Handle<lambda::Function>,
    at: SecretAt,
) -> ResourceId {
    let by = secret.origin.derived("permission to invoke");
    let source =
        world.secrets.get(&at).map(|(handle, _): &(Handle<SecretResource>, HomeId)| handle.reference());
    let permission = world.resources.add(
        Draft::new(home, LogicalId::of(&secret.stable_name, "RotationPermission"), by),
        &lambda::Permission {
            function_name: Some(by.put(function.arn().widen())),
            action: Some(by.put(Value::from("lambda:InvokeFunction"))),
            principal: Some(by.put(Value::from("secretsmanager.amazonaws.com"))),
            source_account: Some(by.put(arn::own_account())),
            source_arn: source.map(|secret| by.put(secret.widen())),
        },
    );
    permission.id()
}

fn hosted(
    world: &mut World<'_>,
    site: &Site<'_>,
    home: HomeId,
    (_, secret): (SecretAt, &Secret),
) -> (Option<HostedRotationLambda>, Vec<ResourceId>) {
    let Rotation::Hosted { rotation_type, runtime, function_name, superuser, port, database_group, schedule } =
        &secret.rotation
    else {
        return (None, Vec::new());
    };
    let by = schedule.expression.origin.derived("hosted rotation");
    let name = format!("{}-rotation", secret.stable_name);
    let databases: Vec<_> = database_group.iter().map(|group| (group.clone(), *port)).collect();
    let group =
        endpoint::group(world, site, home, (&name, function_name), &databases, schedule.expression.origin);
    let superuser_at = superuser.as_ref().and_then(|reference| world.secret(site, &reference.value));
    let superuser_key = superuser_at.and_then(|(at, _, other)| match &other.value {
        SecretValue::OwnedByService { key_arn, .. } => {
            key_arn.as_ref().map(|key| Value::from(key.value.as_str()))
        }
        SecretValue::Generated { .. } | SecretValue::PutLater { .. } => {
            world.key_arn(at.0, at.1, &other.key.value, 0)
        }
    });
    let superuser_arn = superuser_at.and_then(|(at, _, other)| match &other.value {
        SecretValue::OwnedByService { arn, .. } => Some(Value::from(arn.value.as_str())),
        SecretValue::Generated { .. } | SecretValue::PutLater { .. } => {
            world.secrets.get(&at).map(|(handle, _)| handle.reference().widen())
        }
    });
    let subnets = site.place.network.as_ref().map(|network| {
        let ids: Vec<&str> = network.subnets.iter().map(|subnet| subnet.value.as_str()).collect();
        ids.join(",")
    });
    let exclude = match &secret.value {
        SecretValue::Generated { exclude_characters, .. } => Some(exclude_characters.clone()),
        SecretValue::PutLater { .. } | SecretValue::OwnedByService { .. } => None,
    };
    let hosted = HostedRotationLambda {
        rotation_type: Some(rotation_type.clone().map(Value::from)),
        rotation_lambda_name: Some(by.put(Value::from(function_name.as_str()))),
        runtime: runtime.clone().map(|runtime| runtime.map(Value::from)),
        kms_key_arn: world
            .key_arn(site.application_index, site.environment_index, &secret.key.value, 0)
            .map(|key| secret.key.origin.put(key)),
        superuser_secret_arn: superuser_arn.map(|arn| by.put(arn)),
        superuser_secret_kms_key_arn: superuser_key.map(|key| by.put(key)),
        exclude_characters: exclude.map(|characters| characters.map(Value::from)),
        vpc_security_group_ids: group.as_ref().map(|(group, _)| {
            by.put(match group.group_id() {
                Value::Literal(id) => Value::from(id.0),
                Value::Expr(expr, _) => Value::expr(expr),
            })
        }),
        vpc_subnet_ids: subnets.map(|subnets| by.put(Value::from(subnets))),
    };
    (Some(hosted), group.map(|(_, rules)| rules).unwrap_or_default())
}

/// The role that Secrets Manager takes to rotate a partner's secret (Secrets Manager docs, managed external secrets).
fn partner_role(
    world: &mut World<'_>,
    site: &Site<'_>,
    home: HomeId,
    (at, secret): (SecretAt, &Secret),
    grants: &Grants,
) -> (Handle<iam::Role>, Vec<ResourceId>) {
    let by = secret.origin.derived("partner rotation");
    let name = format!("{}-rotation", secret.stable_name);
    let assume = Statement::allow("Assume", ["sts:AssumeRole"], by)
        .by(PrincipalElement::Service(vec![Value::from("secretsmanager.amazonaws.com")]))
        .when(ConditionOperator::StringEquals, "aws:SourceAccount", [arn::own_account()])
        .when(ConditionOperator::ArnLike, "aws:SourceArn", [arn::regional("secretsmanager", "secret:*")]);
    let made = world.resources.add(
        Draft::new(home, LogicalId::of(&name, "Role"), by),
        &iam::Role {
            role_name: Some(by.put(Value::from(partner_role_name(&site.prefix(), secret)))),
            description: Some(by.put(Value::from(format!("Partner rotation of {}", secret.name.value)))),
            assume_role_policy_document: Some(by.put(PolicyDocument { statements: vec![assume] })),
            permissions_boundary: role::boundary(site),
            max_session_duration: Some(by.put(3600)),
            tags: Some(by.put(site.tags(&[]))),
        },
    );
    let user = User::Partner(at.0, at.1, at.2.row());
    let statements = identity::secrets(world, site, home, user, grants, &mut Sids::default());
    let description = format!("Partner rotation of {}", secret.name.value);
    let policies =
        pack::attach(world, home, (&name, "Policy"), &made.reference(), &description, statements, by);
    (made, policies)
}
