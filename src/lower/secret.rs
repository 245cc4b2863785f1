//! Secrets: generated values, replicas, resource policies, attachments. Rotation is in its own file.

use crate::cfn::resource::secretsmanager::{
    GenerateSecretString, ReplicaRegion, ResourcePolicy, Secret as SecretResource, SecretTargetAttachment,
};
use crate::cfn::value::words::{KeyIdentifier, Text};
use crate::cfn::{
    ConditionOperator, Draft, Expr, Handle, HomeId, LogicalId, Output, PolicyDocument, PrincipalElement,
    Statement, Sub, Value,
};
use crate::inventory::{Id, Person, Rotation, Secret, SecretRef, SecretValue, TemplateValue};
use crate::source::Sourced;

use super::arn;
use super::grants::{Grants, Rights, User};
use super::site::{SecretAt, Site, World, key_at};
use super::statements;

/// Changes to a secret, its policy, its rotation, its replicas and its tags.
const CHANGES: [&str; 12] = [
    "secretsmanager:CancelRotateSecret",
    "secretsmanager:DeleteResourcePolicy",
    "secretsmanager:DeleteSecret",
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:RemoveRegionsFromReplication",
    "secretsmanager:ReplicateSecretToRegions",
    "secretsmanager:RestoreSecret",
    "secretsmanager:RotateSecret",
    "secretsmanager:StopReplicationToReplica",
    "secretsmanager:TagResource",
    "secretsmanager:UntagResource",
    "secretsmanager:UpdateSecret",
];

/// Changes to a secret's versions.
const VERSIONS: [&str; 2] = ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"];

/// Makes the secrets of a site; replicas come with their primary.
pub(super) fn lower(world: &mut World<'_>, site: &Site<'_>, grants: &Grants) {
    if !site.is_primary() {
        return;
    }
    // Secrets that others name in their JSON come first: `masterarn` is a `Ref` to them.
    let mut ids: Vec<Id<Secret>> = site.environment.secrets.iter().map(|(id, _)| id).collect();
    ids.sort_by_key(|id| site.environment.secrets.get(*id).is_some_and(names_another));
    for id in ids {
        if let Some(secret) = site.environment.secrets.get(id)
            && !matches!(secret.value, SecretValue::OwnedByService { .. })
        {
            make(world, site, (id, secret), grants);
        }
    }
}

fn names_another(secret: &Secret) -> bool {
    super::grants::superusers(secret).next().is_some()
}

fn make(world: &mut World<'_>, site: &Site<'_>, (id, secret): (Id<Secret>, &Secret), grants: &Grants) {
    let at = (site.application_index, site.environment_index, id);
    let home = world.stack_home(site, secret.stack.as_ref());
    let by = secret.origin.derived("secret");
    let key = world.key_arn(site.application_index, site.environment_index, &secret.key.value, 0);
    let resource = SecretResource {
        name: Some(secret.physical_name.clone().map(Value::from)),
        description: Some(secret.description.clone().map(Value::from)),
        secret_type: partner_type(secret).map(|word| word.map(Value::from)),
        kms_key_id: key.map(|key| secret.key.origin.put(key.widen())),
        generate_secret_string: generation(world, site, home, secret).map(|generation| by.put(generation)),
        replica_regions: replicas(world, site, secret),
        tags: Some(by.put(site.tags(&secret.tags))),
    };
    let made = world.resources.add(
        Draft::new(home, LogicalId::of(&secret.stable_name, "Secret"), secret.origin).retained(),
        &resource,
    );
    world.secrets.insert(at, (made, home));
    world.resources.output(Output {
        home,
        name: LogicalId::of(&secret.stable_name, "SecretArn"),
        description: format!("ARN of the secret {}", secret.physical_name.value),
        value: Expr::Ref(made.id()),
        origin: secret.origin,
    });
    let mut before = vec![resource_policy(world, site, home, (at, secret), made, grants)];
    if let Some(attachment) = &secret.attachment {
        let attached = world.resources.add(
            Draft::new(
                home,
                LogicalId::of(&secret.stable_name, "SecretTargetAttachment"),
                attachment.target_id.origin,
            )
            .retained(),
            &SecretTargetAttachment {
                secret_id: Some(by.put(made.reference())),
                target_type: Some(attachment.target_type.map(Value::from)),
                target_id: Some(attachment.target_id.clone().map(Value::from)),
            },
        );
        before.push(attached.id());
    }
    world.before_rotation.insert(at, before);
}

fn partner_type(secret: &Secret) -> Option<Sourced<String>> {
    match &secret.value {
        SecretValue::PutLater { partner_type } => partner_type.clone(),
        SecretValue::Generated { .. } | SecretValue::OwnedByService { .. } => None,
    }
}

fn generation(
    world: &World<'_>,
    site: &Site<'_>,
    home: HomeId,
    secret: &Secret,
) -> Option<GenerateSecretString> {
    let SecretValue::Generated {
        template,
        generated_member,
        length,
        exclude_characters,
        exclude_punctuation,
    } = &secret.value
    else {
        return None;
    };
    let by = secret.origin.derived("generated value");
    Some(GenerateSecretString {
        secret_string_template: generated_member.as_ref().map(|_| by.put(json(world, site, home, template))),
        generate_string_key: generated_member.clone().map(|member| member.map(Value::from)),
        password_length: Some(*length),
        exclude_characters: Some(exclude_characters.clone().map(Value::from))
            .filter(|_| !exclude_punctuation.value),
        exclude_punctuation: Some(*exclude_punctuation).filter(|exclude| exclude.value),
        require_each_included_type: Some(by.put(true)),
    })
}

/// The JSON object around the generated member.
fn json(
    world: &World<'_>,
    site: &Site<'_>,
    home: HomeId,
    template: &[(String, TemplateValue)],
) -> Value<Text> {
    let mut sub = Sub::new().text("{");
    for (position, (name, value)) in template.iter().enumerate() {
        if position > 0 {
            sub = sub.text(",");
        }
        sub = sub.text(quoted(name)).text(":");
        sub = match value {
            TemplateValue::Text(text) => sub.text(quoted(&text.value)),
            TemplateValue::SecretArn(reference) => {
                sub.text("\"").value(complete_arn(world, site, home, &reference.value)).text("\"")
            }
        };
    }
    sub.text("}").build()
}

/// The complete ARN of a secret, which its JSON consumers need. `Ref` over a stack boundary becomes an import.
fn complete_arn(world: &World<'_>, site: &Site<'_>, home: HomeId, reference: &SecretRef) -> Value<Text> {
    let Some((at, _, secret)) = world.secret(site, reference) else { return Value::from("") };
    match &secret.value {
        SecretValue::OwnedByService { arn, .. } => Value::from(arn.value.as_str()),
        SecretValue::Generated { .. } | SecretValue::PutLater { .. } => match world.secret_in(home, at) {
            Some(own) => own.widen(),
            None => world
                .secrets
                .get(&at)
                .map_or_else(|| Value::from(""), |(handle, _)| handle.reference().widen()),
        },
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn replicas(world: &World<'_>, site: &Site<'_>, secret: &Secret) -> Option<Sourced<Vec<ReplicaRegion>>> {
    let first = secret.replicas.first()?;
    let (application, environment, key) =
        key_at(site.application_index, site.environment_index, &secret.key.value);
    let alias = world.environment(application, environment)?.keys.get(key)?.alias.clone();
    let regions = secret
        .replicas
        .iter()
        .filter_map(|replica| {
            let region = site.environment.places.get(replica.value)?.region.clone();
            Some(ReplicaRegion {
                region: Some(region.map(Value::from)),
                kms_key_id: Some(alias.clone().map(|alias| Value::Literal(KeyIdentifier(alias)))),
            })
        })
        .collect();
    Some(first.origin.put(regions))
}

fn resource_policy(
    world: &mut World<'_>,
    site: &Site<'_>,
    home: HomeId,
    (at, secret): (SecretAt, &Secret),
    made: Handle<SecretResource>,
    grants: &Grants,
) -> crate::cfn::ResourceId {
    let by = secret.origin.derived("resource policy");
    let mut policy = guards(site, secret, at, grants);
    policy.extend(readers_of_other_accounts(site, at, grants));
    world
        .resources
        .add(
            Draft::new(home, LogicalId::of(&secret.stable_name, "ResourcePolicy"), by).retained(),
            &ResourcePolicy {
                secret_id: Some(by.put(made.reference())),
                block_public_policy: Some(by.put(true)),
                resource_policy: Some(by.put(PolicyDocument { statements: policy })),
            },
        )
        .id()
}

/// What nobody may do, whatever grants it.
fn guards(site: &Site<'_>, secret: &Secret, at: SecretAt, grants: &Grants) -> Vec<Statement> {
    let by = secret.origin.derived("resource policy");
    let everyone = |sid: &str, actions: &[&'static str], origin| {
        Statement::deny(sid, actions.to_vec(), origin).by(PrincipalElement::Everyone).on_all()
    };
    let person = |person: &Person| arn::role(site.account(), &person.role.value, site.vantage());
    let people = &site.environment.people;
    let mut statements = vec![everyone("DenyInsecureTransport", &["secretsmanager:*"], by).when(
        ConditionOperator::Bool,
        "aws:SecureTransport",
        [Value::from("false")],
    )];
    if let Rotation::Generated { function, schedule } = &secret.rotation
        && let Some(function) = site.environment.functions.get(*function)
    {
        // Until a rotation has ended, its new value is nobody's but the function's.
        let exempt = [arn::role(site.account(), &function.physical_name, site.vantage())]
            .into_iter()
            .chain(people.break_glass.iter().map(person));
        statements.push(
            everyone(
                "DenyPendingVersion",
                &["secretsmanager:GetSecretValue"],
                schedule.expression.origin.derived("pending version guard"),
            )
            .when(ConditionOperator::StringEquals, "secretsmanager:VersionStage", [Value::from("AWSPENDING")])
            .when(ConditionOperator::ArnNotEquals, "aws:PrincipalArn", exempt),
        );
    }
    if let Some(organization) = &site.environment.organization {
        // Negated operators are true where the key is absent, so services are exempt by name of the key that says what
        // they are (IAM docs).
        let mut statement = everyone(
            "DenyOutsideOrganization",
            &["secretsmanager:*"],
            organization.origin.derived("organization perimeter"),
        )
        .when(
            ConditionOperator::StringNotEquals,
            "aws:PrincipalOrgID",
            [Value::from(organization.value.as_str())],
        )
        .when(ConditionOperator::BoolIfExists, "aws:PrincipalIsAWSService", [Value::from("false")]);
        let foreign = foreign_accounts(site, at, grants);
        if !foreign.is_empty() {
            statement = statement.when(
                ConditionOperator::StringNotEquals,
                "aws:PrincipalAccount",
                foreign.iter().map(|account| Value::from(account.as_str())),
            );
        }
        if let Some(break_glass) = &people.break_glass {
            statement =
                statement.when(ConditionOperator::ArnNotEquals, "aws:PrincipalArn", [person(break_glass)]);
        }
        statements.push(statement);
    }
    if let Some(deployer) = &site.environment.deployer {
        let by = deployer.origin.derived("change guard");
        let managers: Vec<Value<Text>> = [arn::role(site.account(), &deployer.value, site.vantage())]
            .into_iter()
            .chain(people.administrators.iter().map(person))
            .chain(people.break_glass.iter().map(person))
            .collect();
        let guard = |sid: &str, actions: &[&'static str], exempt: Vec<Value<Text>>| {
            everyone(sid, actions, by).when(ConditionOperator::ArnNotEquals, "aws:PrincipalArn", exempt).when(
                ConditionOperator::BoolIfExists,
                "aws:PrincipalIsAWSService",
                [Value::from("false")],
            )
        };
        let operators = roles_with(site, at, grants, &[Rights::Administer]);
        if operators.is_empty() {
            statements.push(guard("DenyChangesByOthers", &CHANGES, managers.clone()));
        } else {
            // Consumers that administer a secret do not move it to another key.
            let (moves, changes): (Vec<&'static str>, Vec<&'static str>) =
                CHANGES.iter().partition(|action| **action == "secretsmanager:UpdateSecret");
            statements.push(guard("DenyChangesByOthers", &changes, [managers.clone(), operators].concat()));
            statements.push(guard("DenyMovesByOthers", &moves, managers.clone()));
        }
        // The transform makes the role of a hosted function, so no statement can exempt it.
        if !matches!(secret.rotation, Rotation::Hosted { .. }) {
            let writers = roles_with(site, at, grants, &[Rights::Write, Rights::Rotate]);
            statements.push(guard("DenyVersionsByOthers", &VERSIONS, [managers, writers].concat()));
        }
    }
    statements
}

/// The roles of consumers and functions that have one of these rights on a secret, each once.
fn roles_with(site: &Site<'_>, at: SecretAt, grants: &Grants, rights: &[Rights]) -> Vec<Value<Text>> {
    let mut roles: Vec<(&str, &str)> = grants
        .on(at)
        .filter(|grant| rights.contains(&grant.rights) && !matches!(grant.user, User::Person(..)))
        .map(|grant| (grant.account.as_str(), grant.role.as_str()))
        .collect();
    roles.sort_unstable();
    roles.dedup();
    roles.into_iter().map(|(account, role)| arn::role(account, role, site.vantage())).collect()
}

fn foreign_accounts(site: &Site<'_>, at: SecretAt, grants: &Grants) -> Vec<String> {
    let mut accounts: Vec<String> = grants
        .on(at)
        .map(|grant| grant.account.clone())
        .filter(|account| account != site.account())
        .collect();
    accounts.sort();
    accounts.dedup();
    accounts
}

/// The owner's half of every grant to another account.
fn readers_of_other_accounts(site: &Site<'_>, at: SecretAt, grants: &Grants) -> Vec<Statement> {
    let mut groups: Vec<(String, Rights, Vec<String>, crate::source::Origin)> = Vec::new();
    for grant in grants.on(at).filter(|grant| grant.account != site.account()) {
        match groups
            .iter_mut()
            .find(|(account, rights, ..)| *account == grant.account && *rights == grant.rights)
        {
            Some((_, _, roles, _)) => roles.push(grant.role.clone()),
            None => {
                groups.push((grant.account.clone(), grant.rights, vec![grant.role.clone()], grant.origin));
            }
        }
    }
    let mut sids = statements::Sids::default();
    groups
        .into_iter()
        .map(|(account, rights, mut roles, origin)| {
            roles.sort();
            roles.dedup();
            let statement = Statement::allow(
                sids.next(&format!("AllowAccount{account}")),
                rights.secret_actions().to_vec(),
                origin.derived("cross-account grant"),
            )
            .by(PrincipalElement::Aws(vec![arn::account_principal(&account, site.vantage())]))
            .on_all();
            statements::only_roles(
                statement,
                roles.iter().map(|role| arn::role(&account, role, site.vantage())),
            )
        })
        .collect()
}
