//! Keys: one stack of keys at each site, with policies in tiers and an exported ARN for each key.

use crate::cfn::resource::kms;
use crate::cfn::value::words::{KeyArn, KeyIdentifier, Text};
use crate::cfn::{
    ConditionOperator, Draft, Expr, HomeId, LogicalId, Output, PolicyDocument, PrincipalElement, Pseudo,
    Statement, Sub, Value,
};
use crate::inventory::{Id, Key, Purpose, Secret, SecretValue};
use crate::source::Origin;

use super::arn;
use super::grants::Grants;
use super::site::{SecretAt, Site, World, key_at};
use super::statements::{self, Holder};

/// What administrators and the deployer may do with a key: everything but use it and hand it on (KMS docs, tiers).
pub(super) const ADMINISTRATION: &[&str] = &[
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
];

/// What auditors may see of a key (KMS docs, tiers).
pub(super) const AUDIT: &[&str] = &[
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
];

/// The value of `SecretVersionId` in the encryption context when Secrets Manager only tries the key (SM docs).
const KEY_VALIDATION: &str = "RequestToValidateKeyAccess";

/// Makes the keys of a site.
pub(super) fn lower(world: &mut World<'_>, site: &Site<'_>, grants: &Grants) {
    for (id, key) in site.environment.keys.iter() {
        if !key.places.contains(&site.place_index) {
            continue;
        }
        let home = world.keys_home(site);
        let policy = policy(world, site, id, key, grants);
        let arn = if site.is_primary() || !key.multi_region.value {
            own_key(world, site, key, home, policy)
        } else {
            replica(world, site, (id, key), home, policy)
        };
        export(world, key, home, &arn);
        world.keys.insert((site.application_index, site.environment_index, id, site.place_index), arn);
    }
}

fn own_key(
    world: &mut World<'_>,
    site: &Site<'_>,
    key: &Key,
    home: HomeId,
    policy: PolicyDocument,
) -> Value<KeyArn> {
    let by = key.origin.derived("key");
    let made = world.resources.add(
        Draft::new(home, LogicalId::of(&key.stable_name, "Key"), key.origin).retained(),
        &kms::Key {
            description: Some(key.description.clone().map(Value::from)),
            enable_key_rotation: Some(by.put(true)),
            rotation_period_in_days: Some(key.rotation_days),
            pending_window_in_days: Some(key.deletion_window_days),
            multi_region: Some(key.multi_region),
            key_policy: Some(by.put(policy)),
            tags: Some(by.put(site.tags(&[]))),
        },
    );
    alias(world, key, home, made.reference().widen());
    made.arn()
}

fn replica(
    world: &mut World<'_>,
    site: &Site<'_>,
    (id, key): (Id<Key>, &Key),
    home: HomeId,
    policy: PolicyDocument,
) -> Value<KeyArn> {
    let by = key.multi_region.origin.derived("replica key");
    let primary = world.keys.get(&(site.application_index, site.environment_index, id, 0)).cloned();
    let made = world.resources.add(
        Draft::new(home, LogicalId::of(&key.stable_name, "ReplicaKey"), key.origin).retained(),
        &kms::ReplicaKey {
            description: Some(key.description.clone().map(Value::from)),
            primary_key_arn: primary.map(|arn| by.put(arn)),
            pending_window_in_days: Some(key.deletion_window_days),
            key_policy: Some(by.put(policy)),
            tags: Some(by.put(site.tags(&[]))),
        },
    );
    alias(world, key, home, made.reference().widen());
    made.arn()
}

fn alias(world: &mut World<'_>, key: &Key, home: HomeId, target: Value<KeyIdentifier>) {
    let by = key.origin.derived("alias");
    world.resources.add(
        Draft::new(home, LogicalId::of(&key.stable_name, "KeyAlias"), by),
        &kms::Alias {
            alias_name: Some(key.alias.clone().map(Value::from)),
            target_key_id: Some(by.put(target)),
        },
    );
}

fn export(world: &mut World<'_>, key: &Key, home: HomeId, arn: &Value<KeyArn>) {
    if let Value::Expr(expr @ Expr::GetAtt(..), _) = arn {
        world.resources.output(Output {
            home,
            name: LogicalId::of(&key.stable_name, "KeyArn"),
            description: format!("ARN of the key {}", key.name.value),
            value: expr.clone(),
            origin: key.origin,
        });
    }
}

fn policy(world: &World<'_>, site: &Site<'_>, id: Id<Key>, key: &Key, grants: &Grants) -> PolicyDocument {
    let mut statements = management(site, key);
    match key.purpose {
        Purpose::Alerts => statements.extend(services(site, key)),
        Purpose::Secrets => {
            let secrets = encrypted(world, site, id);
            statements.extend(creation(world, site, key, &secrets));
            statements.extend(use_through_secrets_manager(world, site, &secrets, grants));
            statements.extend(envelope(world, site, id));
        }
    }
    PolicyDocument { statements }
}

/// The tiers that manage a key without using it.
fn management(site: &Site<'_>, key: &Key) -> Vec<Statement> {
    let by = key.origin.derived("key policy");
    let mut deployment = ADMINISTRATION.to_vec();
    if key.multi_region.value {
        deployment.push("kms:ReplicateKey");
    }
    let account = || PrincipalElement::Aws(vec![arn::account_principal(site.account(), site.vantage())]);
    let mut statements = Vec::new();
    // INVARIANT: the deployer keeps kms:PutKeyPolicy; KMS refuses a policy that locks its own caller out, and without
    // it no later deployment could change the policy.
    let own = Statement::allow("Deployment", deployment.clone(), by).by(account()).on_all();
    statements.push(match &site.environment.deployer {
        Some(deployer) => {
            statements::only_roles(own, [arn::role(site.account(), &deployer.value, site.vantage())])
        }
        None => own,
    });
    for (sid, actions, person) in [
        ("Administration", deployment.as_slice(), &site.environment.people.administrators),
        ("Audit", AUDIT, &site.environment.people.auditors),
    ] {
        if let Some(person) = person {
            let statement = Statement::allow(sid, actions.to_vec(), person.origin).by(account()).on_all();
            let role = arn::role(site.account(), &person.role.value, site.vantage());
            statements.push(statements::only_roles(statement, [role]));
        }
    }
    statements
}

/// A secret with where it is described.
type Encrypted<'inventory> = (SecretAt, &'inventory Secret);

/// The secrets of the workspace that a key of the site's environment encrypts there.
fn encrypted<'inventory>(
    world: &World<'inventory>,
    site: &Site<'_>,
    id: Id<Key>,
) -> Vec<Encrypted<'inventory>> {
    let wanted = (site.application_index, site.environment_index, id);
    let mut secrets = Vec::new();
    for (application, of) in world.inventory.applications.iter().enumerate() {
        for (environment, within) in of.environments.iter().enumerate() {
            let here = within.places.iter().position(|place| place.region.value == site.place.region.value);
            for (secret_id, secret) in within.secrets.iter() {
                let held = here.is_some_and(|place| {
                    place == 0 || secret.replicas.iter().any(|replica| replica.value == place)
                });
                // What a service owns is encrypted under a key of its choice.
                let ours = !matches!(secret.value, SecretValue::OwnedByService { .. });
                if held && ours && key_at(application, environment, &secret.key.value) == wanted {
                    secrets.push(((application, environment, secret_id), secret));
                }
            }
        }
    }
    secrets
}

/// What the deployer needs to make secrets under the key. It reads values only where CloudFormation itself does: to
/// attach a database and to replicate.
fn creation(world: &World<'_>, site: &Site<'_>, key: &Key, secrets: &[Encrypted<'_>]) -> Vec<Statement> {
    let by = key.origin.derived("key policy");
    let names = |wanted: &dyn Fn(&Secret) -> bool| -> Vec<Value<Text>> {
        secrets
            .iter()
            .filter(|(_, secret)| wanted(secret))
            .filter_map(|(at, secret)| {
                let environment = world.environment(at.0, at.1)?;
                Some(arn::secret(
                    &secret.physical_name.value,
                    &environment.account.value,
                    site.region(),
                    site.vantage(),
                ))
            })
            .collect()
    };
    let all = names(&|_| true);
    if all.is_empty() {
        return Vec::new();
    }
    let deployer = |statement: Statement| {
        let statement = statement
            .by(PrincipalElement::Aws(vec![arn::account_principal(site.account(), site.vantage())]))
            .on_all();
        let statement = match &site.environment.deployer {
            Some(role) => {
                statements::only_roles(statement, [arn::role(site.account(), &role.value, site.vantage())])
            }
            None => statement,
        };
        statements::through_secrets_manager(statement, site.region(), site.vantage(), [arn::own_account()])
    };
    let replicated = |secret: &Secret| !secret.replicas.is_empty();
    let context = "kms:EncryptionContext:SecretARN";
    let mut statements = vec![
        deployer(Statement::allow("EncryptNewSecrets", ["kms:GenerateDataKey"], by)).when(
            ConditionOperator::StringLike,
            context,
            all.clone(),
        ),
        deployer(Statement::allow("ValidateForSecrets", ["kms:Decrypt"], by))
            .when(
                ConditionOperator::StringEquals,
                "kms:EncryptionContext:SecretVersionId",
                [Value::from(KEY_VALIDATION)],
            )
            .when(ConditionOperator::StringLike, context, all),
    ];
    let copied = names(&replicated);
    if !copied.is_empty() {
        statements.push(deployer(Statement::allow("EncryptReplicas", ["kms:Encrypt"], by)).when(
            ConditionOperator::StringLike,
            context,
            copied,
        ));
    }
    let read = names(&|secret| secret.attachment.is_some() || replicated(secret));
    if !read.is_empty() {
        statements.push(deployer(Statement::allow("AttachAndReplicateSecrets", ["kms:Decrypt"], by)).when(
            ConditionOperator::StringLike,
            context,
            read,
        ));
    }
    statements
}

/// Who uses the key, always through Secrets Manager and for named secrets: one statement for each distinct set of
/// roles and actions.
fn use_through_secrets_manager(
    world: &World<'_>,
    site: &Site<'_>,
    secrets: &[Encrypted<'_>],
    grants: &Grants,
) -> Vec<Statement> {
    let mut groups: Vec<(Holder, Vec<Value<Text>>)> = Vec::new();
    for (at, secret) in secrets {
        let Some(environment) = world.environment(at.0, at.1) else { continue };
        let name = arn::secret(
            &secret.physical_name.value,
            &environment.account.value,
            site.region(),
            site.vantage(),
        );
        for holder in statements::holders(world, *at, secret, site, grants) {
            match groups.iter_mut().find(|(known, _)| *known == holder) {
                Some((_, names)) => names.push(name.clone()),
                None => groups.push((holder, vec![name.clone()])),
            }
        }
    }
    let mut sids = statements::Sids::default();
    groups
        .into_iter()
        .map(|(holder, names)| {
            let statement = Statement::allow(
                sids.next(if holder.actions.contains(&"kms:GenerateDataKey") { "Write" } else { "Read" }),
                holder.actions.iter().copied(),
                holder.origin,
            )
            .by(PrincipalElement::Aws(vec![arn::account_principal(&holder.account, site.vantage())]))
            .on_all();
            let statement = match holder.roles.as_slice() {
                [] => statement,
                roles => statements::only_roles(
                    statement,
                    roles.iter().map(|role| arn::role(&holder.account, role, site.vantage())),
                ),
            };
            let caller = if holder.account == site.account() {
                arn::own_account()
            } else {
                Value::from(holder.account.as_str())
            };
            statements::through_secrets_manager(statement, site.region(), site.vantage(), [caller]).when(
                ConditionOperator::StringLike,
                "kms:EncryptionContext:SecretARN",
                names,
            )
        })
        .collect()
}

/// Consumers that encrypt with the key themselves.
fn envelope(world: &World<'_>, site: &Site<'_>, id: Id<Key>) -> Vec<Statement> {
    let wanted = (site.application_index, site.environment_index, id);
    let mut sids = statements::Sids::default();
    let mut statements = Vec::new();
    for (application, of) in world.inventory.applications.iter().enumerate() {
        for (environment, within) in of.environments.iter().enumerate() {
            for consumer in &within.consumers {
                let asked = consumer
                    .encrypts_with
                    .iter()
                    .find(|reference| key_at(application, environment, &reference.value) == wanted);
                let (Some(asked), Some(role)) = (asked, consumer.roles.first()) else { continue };
                let (account, name) = statements::role_name(&role.form, within);
                let statement = Statement::allow(
                    sids.next("Encrypt"),
                    ["kms:Decrypt", "kms:GenerateDataKey"],
                    asked.origin,
                )
                .by(PrincipalElement::Aws(vec![arn::account_principal(account, site.vantage())]))
                .on_all();
                statements
                    .push(statements::only_roles(statement, [arn::role(account, name, site.vantage())]));
            }
        }
    }
    statements
}

/// The services that publish to encrypted topics and write encrypted logs. EventBridge and CloudWatch document no
/// conditions for their use of a topic's key (SNS docs), which is why no secret is ever encrypted with this one.
fn services(site: &Site<'_>, key: &Key) -> Vec<Statement> {
    let by: Origin = key.origin.derived("alert key policy");
    let publishers = ["cloudwatch.amazonaws.com", "events.amazonaws.com"];
    let logs = Sub::new().text("logs.").pseudo(Pseudo::Region).text(".").pseudo(Pseudo::UrlSuffix).build();
    let prefix = site.prefix();
    vec![
        Statement::allow("PublishToTopics", ["kms:Decrypt", "kms:GenerateDataKey*"], by)
            .by(PrincipalElement::Service(publishers.map(Value::from).to_vec()))
            .on_all(),
        Statement::allow(
            "EncryptLogs",
            ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
            by,
        )
        .by(PrincipalElement::Service(vec![logs]))
        .on_all()
        .when(
            ConditionOperator::ArnLike,
            "kms:EncryptionContext:aws:logs:arn",
            [arn::regional("logs", &format!("log-group:/aws/lambda/{prefix}-*"))],
        ),
    ]
}
