//! The page that an auditor reads first: who has which access to which secret and key, under which conditions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::intent::{self, Effect, Grant, Holder, Target};
use crate::access::SEMANTICS;
use crate::inventory::{Application, Environment, Inventory, RoleForm, Rotation, SecretValue};
use crate::run::Artifact;

/// What everything rests on, whatever the blueprint says.
const ASSUMPTIONS: [&str; 6] = [
    "KMS grants are not in templates: nobody but the account's administrators of grants makes any",
    "whoever may change IAM policies of an account can give himself what a policy delegates to that account's IAM",
    "service control policies, resource control policies and sessions only take access away, and none is counted on",
    "stacks are deployed as they were compiled, and nothing changes them beside CloudFormation",
    "who else of an account may see what a secret is called, its versions and its policy, is left to that account's IAM; its value stays out of reach",
    "the root user is a principal of the account, bound by key policies and by Deny statements alone",
];

/// A line of the table: who, what, under which conditions; with actions and Regions.
type Rows = BTreeMap<(String, String, String), (BTreeSet<&'static str>, BTreeSet<String>)>;

/// One page for each application.
pub(crate) fn pages(inventory: &Inventory) -> Vec<Artifact> {
    let grants = intent::intended(inventory).grants;
    let page = |application: &Application| Artifact {
        path: format!("{}/access.txt", application.name.value),
        text: text(application, &grants),
        snapshot: true,
    };
    inventory.applications.iter().map(page).collect()
}

fn text(application: &Application, grants: &[Grant]) -> String {
    let mut text = format!("Access to the secrets and keys of {}\n\n", application.name.value);
    text.push_str("Proved of the templates beside this file: what is listed works, and nothing else does.\n");
    let _ = writeln!(text, "Semantics: IAM, KMS, Secrets Manager and PrivateLink guides {SEMANTICS}.\n");
    text.push_str("Assumptions\n");
    for assumption in ASSUMPTIONS {
        let _ = writeln!(text, "  - {assumption}");
    }
    for environment in &application.environments {
        let _ = writeln!(text, "\n{} in account {}\n", environment.name.value, environment.account.value);
        let assumptions = assumptions(environment);
        for assumption in &assumptions {
            let _ = writeln!(text, "  - {assumption}");
        }
        if !assumptions.is_empty() {
            text.push('\n');
        }
        table(&mut text, &rows(environment, grants));
    }
    text
}

/// What the proof of an environment rests on beside.
fn assumptions(environment: &Environment) -> Vec<String> {
    let mut list = Vec::new();
    if environment.deployer.is_none() {
        list.push(
            "no deployer is named: whomever the account's IAM allows it changes keys and secrets".to_owned(),
        );
    }
    if let Some(boundary) = &environment.boundary {
        list.push(format!("the boundary {} allows what its roles are meant to do", boundary.value));
    }
    for consumer in &environment.consumers {
        for spec in &consumer.roles {
            match &spec.form {
                RoleForm::Existing { name } => list.push(format!(
                    "role {} exists: its other policies are not known, and what keys and secrets refuse stays refused",
                    name.value
                )),
                RoleForm::Foreign(foreign) => list.push(format!(
                    "role {} of account {} exists: its other policies are not known",
                    foreign.role.value, foreign.account.value
                )),
                RoleForm::Created { .. } => {}
            }
        }
    }
    let people = &environment.people;
    for person in [&people.administrators, &people.auditors, &people.break_glass].into_iter().flatten() {
        if person.trust.is_none() {
            list.push(format!("role {} exists: its other policies are not known", person.role.value));
        }
    }
    for secret in environment.secrets.rows() {
        let name = &secret.physical_name.value;
        if let SecretValue::OwnedByService { .. } = secret.value {
            list.push(format!("secret {name} belongs to a service: its own policy and key are not known"));
        }
        match &secret.rotation {
            Rotation::Hosted { .. } => list.push(format!(
                "secret {name} is rotated by a function of the hosted-rotation transform, whose role is not named: who else of the account writes its versions is left to that account's IAM"
            )),
            Rotation::ByArn { function, .. } => {
                list.push(format!("secret {name} is rotated by {}, whose role is not known", function.value));
            }
            Rotation::None
            | Rotation::Generated { .. }
            | Rotation::Managed { .. }
            | Rotation::Partner { .. } => {}
        }
    }
    list.sort();
    list.dedup();
    list
}

fn rows(environment: &Environment, grants: &[Grant]) -> Rows {
    let mut rows = Rows::new();
    for grant in grants.iter().filter(|grant| grant.effect != Effect::Accepted || covers_all(grant)) {
        let Some((what, region)) = within(environment, &grant.target) else { continue };
        let who = match &grant.holder {
            Holder::Role(arn) => arn.splitn(5, ':').nth(4).unwrap_or(arn).replacen(":role/", " role ", 1),
            Holder::Account(account) => format!("{account} by its IAM"),
            Holder::Service(name) => name.clone(),
        };
        let mut when: Vec<String> = grant
            .when
            .iter()
            .map(|(operator, key, values)| condition(operator, key, values, &region))
            .collect();
        let names = grant.secrets.iter().filter_map(|arn| arn.split(":secret:").nth(1));
        when.extend(names.map(|name| format!("for {}", name.trim_end_matches("-??????"))));
        let (actions, regions) = rows.entry((what, who, when.join(", "))).or_default();
        actions.extend(&grant.actions);
        regions.insert(region);
    }
    rows
}

fn covers_all(grant: &Grant) -> bool {
    grant.actions.contains(&"secretsmanager:*")
}

/// A condition in few words; what differs by Region alone is written the same.
fn condition(operator: &str, key: &str, values: &[String], region: &str) -> String {
    let values = values.join(" or ").replace(region, "REGION");
    match key {
        "aws:SecureTransport" => "by TLS".to_owned(),
        "aws:PrincipalOrgID" => format!("from {values}"),
        "kms:CallerAccount" => format!("by {values}"),
        "kms:ViaService" => "through Secrets Manager".to_owned(),
        "secretsmanager:VersionStage" if operator == "StringNotEquals" => format!("any version but {values}"),
        _ if operator.contains("Not") => format!("{key} not {values}"),
        _ => format!("{key} {values}"),
    }
}

/// The name of a target and its Region, if it belongs to the environment.
fn within(environment: &Environment, target: &Target) -> Option<(String, String)> {
    match target {
        Target::Secret(arn) => {
            let mut parts = arn.splitn(7, ':').skip(3);
            let (region, account) = (parts.next()?, parts.next()?);
            let name = arn.split(":secret:").nth(1)?.trim_end_matches("-??????");
            let own = environment.secrets.rows().iter().any(|secret| secret.physical_name.value == name);
            (own && account == environment.account.value)
                .then(|| (format!("secret {name}"), region.to_owned()))
        }
        Target::Key { alias, account, region } => {
            let own = environment.keys.rows().iter().any(|key| key.alias.value == *alias);
            (own && *account == environment.account.value).then(|| (format!("key {alias}"), region.clone()))
        }
    }
}

/// One block for each secret and key; the columns of a block are aligned.
fn table(text: &mut String, rows: &Rows) {
    let things: BTreeSet<&String> = rows.keys().map(|(what, ..)| what).collect();
    for thing in things {
        let _ = writeln!(text, "  {thing}");
        let own: Vec<_> = rows.iter().filter(|((what, ..), _)| what == thing).collect();
        let width = own.iter().map(|((_, who, _), _)| who.chars().count()).max().unwrap_or_default();
        for ((_, who, when), (actions, regions)) in own {
            let short = |action: &&'static str| action.split(':').nth(1).unwrap_or(action).to_owned();
            let actions: Vec<String> = actions.iter().map(short).collect();
            let regions: Vec<&str> = regions.iter().map(String::as_str).collect();
            let _ = writeln!(text, "    {who:<width$}  {}", actions.join(" "));
            let when = if when.is_empty() { "always" } else { when };
            let _ = writeln!(text, "    {:<width$}    {when}; {}", "", regions.join(" "));
        }
        text.push('\n');
    }
}
