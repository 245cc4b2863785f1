//! What things of the inventory are called in AWS.

use super::intent::{Holder, Target, When};
use crate::inventory::{
    Environment, Inventory, KeyRef, Person, RoleForm, Secret, SecretRef, SecretValue, TemplateValue,
};
use crate::source::Origin;

/// Who deploys: the named role, or whomever IAM allows it.
pub(super) fn deployer(environment: &Environment) -> (Holder, Origin) {
    let account = &environment.account.value;
    match &environment.deployer {
        Some(deployer) => (Holder::Role(role(environment, account, &deployer.value)), deployer.origin),
        None => (Holder::Account(account.clone()), environment.origin),
    }
}

/// The ARN of a role for people.
pub(super) fn person_arn(environment: &Environment, person: &Person) -> String {
    role(environment, &environment.account.value, &person.role.value)
}

/// Account and name of a role, and whether its policies come from the templates.
pub(super) fn role_of<'a>(environment: &'a Environment, form: &'a RoleForm) -> (&'a str, &'a str, bool) {
    match form {
        RoleForm::Created { name, .. } => (&environment.account.value, name, true),
        RoleForm::Existing { name } => (&environment.account.value, &name.value, true),
        RoleForm::Foreign(foreign) => (&foreign.account.value, &foreign.role.value, true),
    }
}

/// The ARN of a role by account and name.
pub(super) fn role(environment: &Environment, account: &str, name: &str) -> String {
    let region = environment.places.first().map_or("", |place| place.region.value.as_str());
    format!("arn:{}:iam::{account}:role/{name}", partition(region))
}

/// The ARN of a secret in a Region, with `??????` for what its name does not decide.
pub(super) fn secret_arn(environment: &Environment, secret: &Secret, region: &str) -> String {
    let account = &environment.account.value;
    let name = &secret.physical_name.value;
    format!("arn:{}:secretsmanager:{region}:{account}:secret:{name}-??????", partition(region))
}

/// How calls for a secret must come: encrypted, and from the organization if there is one.
pub(super) fn circumstances(home: &Environment, within: bool) -> Vec<When> {
    let mut when: Vec<When> = vec![("Bool", "aws:SecureTransport", vec!["true".to_owned()])];
    if let Some(organization) = home.organization.as_ref().filter(|_| within) {
        when.push(("StringEquals", "aws:PrincipalOrgID", vec![organization.value.clone()]));
    }
    when
}

/// How Secrets Manager uses a key for a caller of an account.
pub(super) fn through_secrets_manager(region: &str, account: &str) -> Vec<When> {
    vec![
        ("StringEquals", "kms:CallerAccount", vec![account.to_owned()]),
        ("StringEquals", "kms:ViaService", vec![format!("secretsmanager.{region}.{}", suffix(region))]),
    ]
}

/// The superuser secrets that a secret names in its JSON.
pub(super) fn superusers(secret: &Secret) -> Vec<&SecretRef> {
    let SecretValue::Generated { template, .. } = &secret.value else { return Vec::new() };
    template
        .iter()
        .filter_map(|(_, value)| match value {
            TemplateValue::SecretArn(reference) => Some(&reference.value),
            TemplateValue::Text(_) => None,
        })
        .collect()
}

/// The partition of a Region.
pub(super) fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// The end of service names in a Region.
pub(super) fn suffix(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

/// Any version but the one that a rotation is making.
pub(super) fn unfinished() -> When {
    ("StringNotEquals", "secretsmanager:VersionStage", vec!["AWSPENDING".to_owned()])
}

/// The key that a reference means, in a Region.
pub(super) fn key_in(
    inventory: &Inventory,
    environment: &Environment,
    reference: &KeyRef,
    region: &str,
) -> Option<Target> {
    let (home, key) = match reference {
        KeyRef::Own(id) => (environment, environment.keys.get(*id)?),
        KeyRef::Other { application, environment, key } => {
            let home = inventory.applications.get(*application)?.environments.get(*environment)?;
            (home, home.keys.get(*key)?)
        }
    };
    let held =
        key.places.iter().filter_map(|at| home.places.get(*at)).any(|place| place.region.value == region);
    held.then(|| Target::Key {
        alias: key.alias.value.clone(),
        account: home.account.value.clone(),
        region: region.to_owned(),
    })
}

/// The roles that exist already, by ARN with their paths.
pub(super) fn existing_roles(inventory: &Inventory) -> Vec<String> {
    let mut roles = Vec::new();
    for environment in inventory.applications.iter().flat_map(|of| &of.environments) {
        let account = &environment.account.value;
        let people = &environment.people;
        let persons = [&people.administrators, &people.auditors, &people.break_glass];
        roles.extend(environment.deployer.iter().map(|deployer| role(environment, account, &deployer.value)));
        roles.extend(persons.into_iter().flatten().map(|person| person_arn(environment, person)));
        for spec in environment.consumers.iter().flat_map(|consumer| &consumer.roles) {
            let (account, name, _) = role_of(environment, &spec.form);
            roles.push(role(environment, account, name));
        }
    }
    roles.sort();
    roles.dedup();
    roles
}
