//! Who is meant to take a role, and what is meant to pass an endpoint: whole documents, compared with those deployed.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::{Value, json};

use super::intent::{Grant, Holder, Intended, Network, Target, passage};
use super::named::{partition, role};
use super::proof::{Finding, Verdict};
use super::statements::limit;
use crate::access::{Answer, Budget, Policy, PolicyKind, compare, granting};
use crate::deployed::{Deployed, DeployedRole, Place, Placed};
use crate::inventory::{Environment, Inventory, PersonTrust, RoleForm, Rotation, Trust};

/// The trust that is meant for each role that templates make, by its ARN: statements, and whether they are complete.
fn intended(inventory: &Inventory) -> BTreeMap<String, (Value, bool)> {
    let mut trusts = BTreeMap::new();
    for of in &inventory.applications {
        for environment in &of.environments {
            let account = &environment.account.value;
            for spec in environment.consumers.iter().flat_map(|consumer| &consumer.roles) {
                if let RoleForm::Created { name, trust, .. } = &spec.form {
                    trusts.insert(role(environment, account, name), consumer(environment, trust));
                }
            }
            for function in environment.functions.rows() {
                let statement = by_service(&["lambda.amazonaws.com"], json!({}));
                trusts.insert(role(environment, account, &function.physical_name), (statement, true));
            }
            for function in environment.functions.rows() {
                if environment.rollback.value && function.can_roll_back() {
                    let region = environment.places.first().map_or("", |place| &place.region.value);
                    let source =
                        format!("arn:{}:ssm:{region}:{account}:automation-execution/*", partition(region));
                    let when = json!({
                        "StringEquals": { "aws:SourceAccount": account },
                        "ArnLike": { "aws:SourceArn": source },
                    });
                    let statement = by_service(&["ssm.amazonaws.com"], when);
                    trusts.insert(role(environment, account, &function.rollback_name()), (statement, true));
                }
            }
            for task in &environment.tasks {
                let statement = by_service(&["lambda.amazonaws.com"], json!({}));
                trusts.insert(role(environment, account, &task.physical_name), (statement, true));
            }
            for secret in environment.secrets.rows() {
                if let Rotation::Partner { .. } = secret.rotation {
                    let prefix = format!("{}-{}", of.name.value, environment.name.value);
                    let name = format!("{prefix}-{}-rotation", secret.stable_name);
                    let region = environment.places.first().map_or("", |place| &place.region.value);
                    let source =
                        format!("arn:{}:secretsmanager:{region}:{account}:secret:*", partition(region));
                    let when = json!({
                        "StringEquals": { "aws:SourceAccount": account },
                        "ArnLike": { "aws:SourceArn": source },
                    });
                    let statement = by_service(&["secretsmanager.amazonaws.com"], when);
                    trusts.insert(role(environment, account, &name), (statement, true));
                }
            }
            let people = &environment.people;
            for person in
                [&people.administrators, &people.auditors, &people.break_glass].into_iter().flatten()
            {
                if let Some(trust) = &person.trust {
                    let arn = role(environment, account, &person.role.value);
                    trusts.insert(arn, (people_statement(environment, trust), true));
                }
            }
        }
    }
    trusts
}

fn consumer(environment: &Environment, trust: &Trust) -> (Value, bool) {
    let account = &environment.account.value;
    let regions: Vec<&str> = environment.places.iter().map(|place| place.region.value.as_str()).collect();
    let region = regions.first().copied().unwrap_or_default();
    let arns = |service: &str, rest: &str| -> Vec<String> {
        let arn = |region: &&str| format!("arn:{}:{service}:{region}:{account}:{rest}", partition(region));
        regions.iter().map(arn).collect()
    };
    match trust {
        Trust::Service { principals, source_account, source_arn, external_ids } => {
            let mut equal = serde_json::Map::new();
            let mut like = serde_json::Map::new();
            if *source_account {
                equal.insert("aws:SourceAccount".to_owned(), json!(account));
            }
            if let Some((service, rest)) = source_arn {
                like.insert("aws:SourceArn".to_owned(), json!(arns(service, rest)));
            }
            if !external_ids.is_empty() {
                let ids: Vec<String> =
                    external_ids.iter().flat_map(|(service, rest)| arns(service, rest)).collect();
                equal.insert("sts:ExternalId".to_owned(), json!(ids));
            }
            (by_service(principals, json!({ "StringEquals": equal, "ArnLike": like })), true)
        }
        Trust::PodIdentity { namespace, service_account } => {
            let statement = json!({
                "Effect": "Allow",
                "Principal": { "Service": "pods.eks.amazonaws.com" },
                "Action": ["sts:AssumeRole", "sts:TagSession"],
                "Condition": { "StringEquals": {
                    "aws:RequestTag/kubernetes-namespace": namespace.value,
                    "aws:RequestTag/kubernetes-service-account": service_account.value,
                } },
            });
            (statement, true)
        }
        Trust::WebIdentity { provider, audience, subjects } => {
            let host = &provider.value;
            let subjects: Vec<&str> = subjects.iter().map(|subject| subject.value.as_str()).collect();
            let mut equal = serde_json::Map::new();
            equal.insert(format!("{host}:aud"), json!(audience));
            equal.insert(format!("{host}:sub"), json!(subjects));
            let federated = format!("arn:{}:iam::{account}:oidc-provider/{host}", partition(region));
            let statement = json!({
                "Effect": "Allow",
                "Principal": { "Federated": federated },
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": { "StringEquals": equal },
            });
            (statement, true)
        }
        Trust::External(foreign) => {
            let other = &foreign.account.value;
            // The external id is a parameter: some value must be demanded, and which one only the deployer knows.
            let statement = json!({
                "Effect": "Allow",
                "Principal": { "AWS": other },
                "Action": "sts:AssumeRole",
                "Condition": {
                    "ArnEquals": { "aws:PrincipalArn": role(environment, other, &foreign.role.value) },
                    "Null": { "sts:ExternalId": "false" },
                },
            });
            (statement, false)
        }
    }
}

fn people_statement(environment: &Environment, trust: &PersonTrust) -> Value {
    let own = &environment.account.value;
    let account = trust.from_account.as_ref().map_or(own, |account| &account.value);
    json!({
        "Effect": "Allow",
        "Principal": { "AWS": account },
        "Action": "sts:AssumeRole",
        "Condition": {
            "Bool": { "aws:MultiFactorAuthPresent": "true" },
            "NumericLessThan": { "aws:MultiFactorAuthAge": "3600" },
        },
    })
}

fn by_service(principals: &[&str], when: Value) -> Value {
    json!({
        "Effect": "Allow",
        "Principal": { "Service": principals },
        "Action": "sts:AssumeRole",
        "Condition": when,
    })
}

/// Compares the trust policies and endpoint policies of templates with what is meant.
pub(super) fn prove(deployed: &Deployed, inventory: &Inventory, meant: &Intended) -> Vec<Finding> {
    let mut findings = identities(deployed, meant);
    let grants = &meant.grants;
    let trusts = intended(inventory);
    for role in deployed.roles.iter().filter(|role| role.made) {
        let (meant, complete) = match trusts.get(&role.arn) {
            Some((statement, complete)) => (vec![statement.clone()], *complete),
            None => (Vec::new(), false),
        };
        match &role.trust {
            Some(placed) => {
                compared(placed, &meant, complete, &mut findings);
                if !meant.is_empty() && !placed.policy.has_allow() {
                    let reason = "the role is meant to be taken, and its trust policy lets nobody".to_owned();
                    findings
                        .push(Finding { place: placed.place.clone(), verdict: Verdict::Undecided(reason) });
                }
            }
            None => findings.push(Finding {
                place: role.place.clone(),
                verdict: Verdict::Undecided("the role has no trust policy that could be read".to_owned()),
            }),
        }
    }
    for endpoint in &deployed.endpoints {
        let here = |(account, region, vpc): &Network| {
            (account, region, vpc) == (&endpoint.site.0, &endpoint.site.1, &endpoint.vpc)
        };
        let through = |grant: &&Grant| grant.network.as_ref().is_some_and(here);
        // Whether grants are effective is asked with their secrets; of those that services own, there is only the way.
        let (granted, ways): (Vec<Value>, Vec<Value>) = match endpoint.service.as_str() {
            "secretsmanager" => (
                grants.iter().filter(through).flat_map(secret_statements).collect(),
                meant.passages.iter().filter(|(network, _)| here(network)).map(|it| it.1.clone()).collect(),
            ),
            "kms" => {
                let through = grants.iter().filter(through);
                (through.flat_map(|grant| key_statements(deployed, grant)).collect(), Vec::new())
            }
            // The way to the token service is among the channels; other endpoints lead to no secret.
            _ => continue,
        };
        match &endpoint.policy {
            Some(placed) => {
                compared(placed, &[granted, ways.clone()].concat(), false, &mut findings);
                asked(placed, &ways, false, &mut findings);
            }
            None => findings.push(Finding {
                place: endpoint.place.clone(),
                verdict: Verdict::Undecided("the endpoint has no policy that could be read".to_owned()),
            }),
        }
    }
    findings
}

/// The identity policies that templates give to roles allow nothing else either, of any service.
fn identities(deployed: &Deployed, meant: &Intended) -> Vec<Finding> {
    let mut grants: BTreeMap<&str, Vec<&Grant>> = BTreeMap::new();
    for grant in &meant.grants {
        if let Holder::Role(arn) = &grant.holder {
            grants.entry(arn).or_default().push(grant);
        }
    }
    let mut others: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for (arn, statement) in &meant.others {
        others.entry(arn).or_default().push(statement);
    }
    let of = |role: &DeployedRole| -> Vec<Finding> {
        let granted = grants.get(role.arn.as_str()).into_iter().flatten();
        let mut own: Vec<Value> = granted.flat_map(|grant| identity_statements(deployed, grant)).collect();
        own.extend(others.get(role.arn.as_str()).into_iter().flatten().map(|statement| (*statement).clone()));
        let mut findings = Vec::new();
        let Some(first) = role.identity.first() else { return findings };
        // A refusal in one policy limits what another one allows.
        let statements = role.identity.iter().flat_map(|placed| statements(&placed.document));
        let document = json!({ "Version": "2012-10-17", "Statement": statements.collect::<Vec<_>>() });
        match Policy::from_value(&document, PolicyKind::Identity) {
            Ok(policy) => {
                compared(&Placed { policy, ..first.clone() }, &own, false, &mut findings);
            }
            Err(_) => findings.push(Finding {
                place: first.place.clone(),
                verdict: Verdict::Undecided("the role's policies do not make one policy".to_owned()),
            }),
        }
        for finding in &mut findings {
            blame(finding, role);
        }
        findings
    };
    deployed.roles.par_iter().flat_map_iter(of).collect()
}

fn statements(document: &Value) -> impl Iterator<Item = &Value> {
    document.get("Statement").and_then(Value::as_array).into_iter().flatten()
}

/// Points a finding about all policies of a role at those statements that allow its request.
fn blame(finding: &mut Finding, role: &DeployedRole) {
    let Verdict::Beyond { request, by } = &mut finding.verdict else { return };
    let mut places = Vec::new();
    for placed in &role.identity {
        for (index, statement) in statements(&placed.document).enumerate() {
            let alone = json!({ "Version": "2012-10-17", "Statement": [statement] });
            let alone = Policy::from_value(&alone, PolicyKind::Identity);
            if alone.is_ok_and(|alone| granting(request, &alone).is_some()) {
                places.push(placed.statement(index));
            }
        }
    }
    if let Some(first) = places.first() {
        finding.place = Place { template: first.template, pointer: resource_of(&first.pointer) };
        *by = places;
    }
}

/// The resource that a place lies in.
fn resource_of(pointer: &str) -> String {
    pointer.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
}

/// What a grant comes to in an identity policy.
fn identity_statements(deployed: &Deployed, grant: &Grant) -> Vec<Value> {
    let resources: Vec<&str> = match &grant.target {
        Target::Secret(arn) => vec![arn],
        Target::Key { alias, account, region } => deployed
            .aliases
            .iter()
            .filter(|known| known.name == *alias && known.site.0 == *account && known.site.1 == *region)
            .map(|known| known.key.as_str())
            .collect(),
    };
    let without_resource = |action: &&&str| WITHOUT_RESOURCE.contains(*action);
    let anywhere: Vec<&str> = grant.actions.iter().filter(without_resource).copied().collect();
    let mut statements: Vec<Value> = resources
        .into_iter()
        .map(|resource| match &grant.target {
            // How a call must come is the business of the secret's own policy.
            Target::Secret(_) => json!({ "Effect": "Allow", "Action": grant.actions, "Resource": resource }),
            Target::Key { .. } => limit(grant, resource),
        })
        .collect();
    if !anywhere.is_empty() {
        statements.push(json!({ "Effect": "Allow", "Action": anywhere, "Resource": "*" }));
    }
    statements
}

/// Lists and batches, which have no resource (service authorization reference).
const WITHOUT_RESOURCE: [&str; 4] =
    ["kms:ListAliases", "kms:ListKeys", "secretsmanager:BatchGetSecretValue", "secretsmanager:ListSecrets"];

/// Asks whether a policy allows more than is meant and, where that is said, less.
pub(super) fn compared(placed: &Placed, meant: &[Value], complete: bool, findings: &mut Vec<Finding>) {
    asked(placed, meant, true, findings);
    if complete {
        asked(placed, meant, false, findings);
    }
}

/// Asks whether a policy allows more than is meant, or else less.
fn asked(placed: &Placed, meant: &[Value], more: bool, findings: &mut Vec<Finding>) {
    let document = json!({ "Version": "2012-10-17", "Statement": meant });
    let verdict = match Policy::from_value(&document, placed.policy.kind()) {
        Err(_) => Verdict::Undecided("what is meant cannot be written as a policy".to_owned()),
        Ok(meant) => {
            let (old, new) = if more { (&meant, &placed.policy) } else { (&placed.policy, &meant) };
            match compare(old, new, Budget::default()).answer {
                Answer::Proven => return,
                Answer::Refuted(request) if more => {
                    Verdict::Beyond { request, by: vec![placed.place.clone()] }
                }
                Answer::Refuted(request) => Verdict::Undecided(format!(
                    "`{}` is meant to do `{}` here and is not allowed to",
                    request.principal, request.action
                )),
                Answer::Undecided(reason) => Verdict::Undecided(reason),
            }
        }
    };
    findings.push(Finding { place: placed.place.clone(), verdict });
}

fn secret_statements(grant: &Grant) -> Vec<Value> {
    let (Target::Secret(arn), Holder::Role(role)) = (&grant.target, &grant.holder) else { return Vec::new() };
    let mut statements = vec![passage(&grant.actions, arn, role)];
    let batch = "secretsmanager:BatchGetSecretValue";
    if grant.actions.contains(&batch) {
        statements.push(passage(&[batch], "*", role));
    }
    statements
}

fn key_statements(deployed: &Deployed, grant: &Grant) -> Vec<Value> {
    let (Target::Key { alias, account, region }, Holder::Role(role)) = (&grant.target, &grant.holder) else {
        return Vec::new();
    };
    let here = deployed
        .aliases
        .iter()
        .filter(|known| known.name == *alias && known.site.0 == *account && known.site.1 == *region);
    here.map(|known| passage(&grant.actions, &known.key, role)).collect()
}
