//! The identity statements of a role: what its grants ask for, exact in actions, ARNs and conditions.

use std::borrow::Cow;

use crate::cfn::value::words::{AnyArn, KeyArn, Text};
use crate::cfn::{ConditionOperator, HomeId, Statement, Value};
use crate::inventory::{Arrangement, AuthorStatement, DatabaseLogin, Secret, SecretValue};
use crate::source::Origin;

use super::arn::{self, Vantage};
use super::grants::{Grant, Grants, Rights, User};
use super::pack::SECRETS_PER_STATEMENT;
use super::site::{SecretAt, Site, World, key_at};
use super::statements::{Sids, through_secrets_manager};

/// A secret as a policy of a stack names it.
struct Named {
    arn: Value<Text>,
    pattern: bool,
    key: Option<Value<KeyArn>>,
    region: String,
    origin: Origin,
}

/// The statements for everything that a user may do with secrets at a site, for a policy in the given stack.
pub(super) fn secrets(
    world: &World<'_>,
    site: &Site<'_>,
    home: HomeId,
    user: User,
    grants: &Grants,
    sids: &mut Sids,
) -> Vec<Statement> {
    let mut rights: Vec<Rights> = grants.of(user).map(|grant| grant.rights).collect();
    rights.sort();
    rights.dedup();
    let mut statements = Vec::new();
    for right in rights {
        if !site.is_primary() && !right.on_replicas() {
            continue;
        }
        let named: Vec<Named> = grants
            .of(user)
            .filter(|grant| grant.rights == right)
            .filter_map(|grant| name(world, site, home, grant))
            .collect();
        statements.extend(on_secrets(right, &named, sids));
        statements.extend(on_keys(right, &named, site.vantage_of(world, home), sids));
    }
    statements
}

/// The statements on the secrets themselves.
fn on_secrets(right: Rights, named: &[Named], sids: &mut Sids) -> Vec<Statement> {
    let stem = match right {
        Rights::Read { .. } | Rights::ReadPrimary => "ReadSecrets",
        Rights::Describe => "DescribeSecrets",
        Rights::Write => "WriteSecrets",
        Rights::Administer => "AdministerSecrets",
        Rights::Rotate => "RotateSecrets",
        Rights::Watch => "WatchSecrets",
    };
    let mut statements: Vec<Statement> = named
        .chunks(SECRETS_PER_STATEMENT)
        .filter_map(|chunk| {
            let first = chunk.first()?;
            Some(
                Statement::allow(sids.next(stem), right.secret_actions().to_vec(), first.origin)
                    .on(chunk.iter().map(|secret| arn::as_arn(secret.arn.clone()))),
            )
        })
        .collect();
    if let Rights::Read { batch: true, .. } = right
        && let Some(first) = named.first()
    {
        // Batch reads have no resource level; each secret in a batch is still checked for GetSecretValue (SAR).
        statements.push(
            Statement::allow(
                sids.next("ReadInBatches"),
                ["secretsmanager:BatchGetSecretValue"],
                first.origin,
            )
            .on_all(),
        );
    }
    statements
}

/// The statements on the keys: by key, through Secrets Manager, and for the very secrets.
fn on_keys(right: Rights, named: &[Named], from: Vantage<'_>, sids: &mut Sids) -> Vec<Statement> {
    let actions = right.key_actions();
    if actions.is_empty() {
        return Vec::new();
    }
    let stem =
        if actions.len() > 1 { "EncryptThroughSecretsManager" } else { "DecryptThroughSecretsManager" };
    let mut by_key: Vec<(&Value<KeyArn>, Vec<&Named>)> = Vec::new();
    for secret in named {
        let Some(key) = &secret.key else { continue };
        match by_key.iter_mut().find(|(known, _)| *known == key) {
            Some((_, secrets)) => secrets.push(secret),
            None => by_key.push((key, vec![secret])),
        }
    }
    by_key
        .into_iter()
        .flat_map(|(key, secrets)| {
            secrets
                .chunks(SECRETS_PER_STATEMENT)
                .filter_map(|chunk| {
                    let first = chunk.first()?;
                    let operator = if chunk.iter().any(|secret| secret.pattern) {
                        ConditionOperator::StringLike
                    } else {
                        ConditionOperator::StringEquals
                    };
                    let statement = Statement::allow(sids.next(stem), actions.to_vec(), first.origin)
                        .on([key.clone().widen()]);
                    Some(through_secrets_manager(statement, &first.region, from, [arn::own_account()]).when(
                        operator,
                        "kms:EncryptionContext:SecretARN",
                        chunk.iter().map(|secret| secret.arn.clone()),
                    ))
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// How a policy of a stack at a site names the secret of a grant, where the secret exists in that Region.
fn name(world: &World<'_>, site: &Site<'_>, home: HomeId, grant: &Grant) -> Option<Named> {
    let environment = world.environment(grant.secret.0, grant.secret.1)?;
    let secret = environment.secrets.get(grant.secret.2)?;
    let place = environment.places.iter().position(|place| place.region.value == site.place.region.value)?;
    let held = place == 0 || secret.replicas.iter().any(|replica| replica.value == place);
    if !held {
        return None;
    }
    let region = site.place.region.value.clone();
    let owner = environment.account.value.clone();
    let (application, key_environment, key) = key_at(grant.secret.0, grant.secret.1, &secret.key.value);
    let (arn, pattern, key) = match &secret.value {
        SecretValue::OwnedByService { arn, key_arn } => {
            let key = key_arn.as_ref().map(|key| Value::from(key.value.as_str()));
            (Value::from(arn.value.as_str()), false, key)
        }
        SecretValue::Generated { .. } | SecretValue::PutLater { .. } => {
            let key = world.keys.get(&(application, key_environment, key, place)).cloned();
            let (arn, pattern) = named_secret(world, site, home, grant.secret, secret, &owner);
            (arn, pattern, key)
        }
    };
    Some(Named { arn, pattern, key, region, origin: grant.origin })
}

/// `Ref` in the secret's own stack, its name with six question marks elsewhere.
pub(super) fn named_secret(
    world: &World<'_>,
    site: &Site<'_>,
    home: HomeId,
    at: SecretAt,
    secret: &Secret,
    owner: &str,
) -> (Value<Text>, bool) {
    match world.secret_in(home, at) {
        Some(own) if site.is_primary() => (own.widen(), false),
        _ => {
            let from = site.vantage_of(world, home);
            (arn::secret(&secret.physical_name.value, owner, &site.place.region.value, from), true)
        }
    }
}

/// What a kind of compute needs beside secrets, and the refusal of what only the service needs to the code itself.
pub(super) fn arrangements(arrangements: &[Arrangement], origin: Origin) -> Vec<Statement> {
    let by = origin.derived("compute permissions");
    let mut statements = Vec::new();
    for arrangement in arrangements {
        let statement = Statement::allow(arrangement.sid, arrangement.actions.clone(), by);
        statements.push(if arrangement.resources.is_empty() {
            statement.on_all()
        } else {
            let arns =
                arrangement.resources.iter().map(|(service, rest)| arn::as_arn(arn::regional(service, rest)));
            statement.on(arns)
        });
        if let Some((service, rest)) = &arrangement.withheld_from {
            statements.push(withheld(arrangement.sid, &arrangement.actions, (service, rest), by));
        }
    }
    statements
}

/// Refuses to a function's code what Lambda alone needs (Lambda docs: `lambda:SourceFunctionArn`).
pub(super) fn withheld(
    sid: &str,
    actions: &[&'static str],
    (service, rest): (&str, &str),
    by: Origin,
) -> Statement {
    Statement::deny(format!("{sid}NotByCode"), actions.to_vec(), by).on_all().when(
        ConditionOperator::ArnEquals,
        "lambda:SourceFunctionArn",
        [arn::regional(service, rest)],
    )
}

/// Logins to databases with IAM (RDS docs; service authorization reference: `rds-db`).
pub(super) fn logins(logins: &[DatabaseLogin]) -> Option<Statement> {
    let first = logins.first()?;
    Some(Statement::allow("ConnectToDatabases", ["rds-db:connect"], first.user.origin).on(logins.iter().map(
        |login| {
            let rest = format!("dbuser:{}/{}", login.resource_id.value, login.user.value);
            arn::as_arn(arn::regional("rds-db", &rest))
        },
    )))
}

/// Statements that the author wrote.
pub(super) fn author(statements: &[AuthorStatement], sids: &mut Sids) -> Vec<Statement> {
    statements
        .iter()
        .map(|written| {
            let actions: Vec<Cow<'static, str>> =
                written.actions.iter().map(|action| Cow::Owned(action.value.clone())).collect();
            let resources =
                written.resources.iter().map(|resource| Value::<AnyArn>::from(resource.value.as_str()));
            written.conditions.iter().fold(
                Statement::allow(sids.next("Author"), actions, written.origin).on(resources),
                |statement, (operator, key, values)| {
                    statement.when(
                        ConditionOperator::Other(operator.value.clone()),
                        key.value.clone(),
                        values.iter().map(|value| Value::from(value.value.as_str())),
                    )
                },
            )
        })
        .collect()
}
