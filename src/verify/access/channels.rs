//! Who may send to topics and queues, invoke functions, and pass the endpoint of the token service: whole policies,
//! compared with what is meant.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::documents::{Deployed, DeployedChannel, DeployedEndpoint, Place};
use super::named::{partition, role};
use super::proof::{Finding, Verdict};
use super::trust::compared;
use crate::inventory::{Environment, Inventory, RoleForm, Rotation, Trust};
use crate::source::Origin;

/// What the owner's own account may do with a topic by its IAM (SNS guide, *Default topic policy*, without publishing).
const OWNER: [&str; 5] = [
    "sns:DeleteTopic",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
];

/// Compares the policies of topics, queues, functions and token endpoints with what is meant.
pub(super) fn prove(deployed: &Deployed, inventory: &Inventory) -> Vec<Finding> {
    let mut findings = topics(deployed, inventory);
    for queue in &deployed.queues {
        let mut meant = vec![];
        if !queue.rules.is_empty() {
            meant.push(json!({
                "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": "sqs:SendMessage",
                "Resource": queue.arn, "Condition": { "ArnEquals": { "aws:SourceArn": queue.rules } },
            }));
        }
        meant.push(by_tls_alone("sqs:*", &queue.arn));
        channel(queue, &meant, &mut findings);
    }
    invocations(deployed, inventory, &mut findings);
    for endpoint in deployed.endpoints.iter().filter(|endpoint| endpoint.service == "sts") {
        token_service(endpoint, inventory, &mut findings);
    }
    findings
}

fn by_tls_alone(actions: &str, resource: &str) -> Value {
    json!({
        "Effect": "Deny", "Principal": "*", "Action": actions, "Resource": resource,
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    })
}

fn channel(channel: &DeployedChannel, meant: &[Value], findings: &mut Vec<Finding>) {
    match &channel.policy {
        Some(placed) => compared(placed, meant, true, findings),
        None => findings.push(Finding {
            place: channel.place.clone(),
            verdict: Verdict::Undecided("it has no policy that could be read".to_owned()),
        }),
    }
}

/// Alarms and rules publish, the account's IAM decides who subscribes and administers, and that is all.
fn topics(deployed: &Deployed, inventory: &Inventory) -> Vec<Finding> {
    let mut meant: BTreeMap<String, (Vec<Value>, Origin)> = BTreeMap::new();
    for environment in inventory.applications.iter().flat_map(|of| &of.environments) {
        let account = &environment.account.value;
        for place in &environment.places {
            let region = &place.region.value;
            let (partition, here) = (partition(region), format!("{region}:{account}"));
            for alert in &environment.alerts {
                let arn = format!("arn:{partition}:sns:{here}:{}", alert.physical_name);
                let publish = |service: &str, when: Value| {
                    json!({
                        "Effect": "Allow", "Principal": { "Service": service }, "Action": "sns:Publish", "Resource": arn,
                        "Condition": when,
                    })
                };
                let alarms = json!({
                    "StringEquals": { "aws:SourceAccount": account },
                    "ArnLike": { "aws:SourceArn": format!("arn:{partition}:cloudwatch:{here}:alarm:*") },
                });
                let statements = vec![
                    json!({
                        "Effect": "Allow", "Principal": { "AWS": account }, "Action": OWNER, "Resource": arn,
                    }),
                    publish("cloudwatch.amazonaws.com", alarms),
                    publish("events.amazonaws.com", json!({})),
                    by_tls_alone("sns:Publish", &arn),
                ];
                meant.insert(arn, (statements, alert.origin));
            }
        }
    }
    let mut findings = Vec::new();
    for topic in &deployed.topics {
        let statements = meant.remove(&topic.arn).map(|(statements, _)| statements).unwrap_or_default();
        channel(topic, &statements, &mut findings);
    }
    for (arn, (_, origin)) in meant {
        let verdict = Verdict::NotEffective {
            request: None,
            why: vec![format!("no template makes the topic `{arn}`")],
            origin,
        };
        findings.push(Finding { place: Place { template: 0, pointer: String::new() }, verdict });
    }
    findings
}

/// Secrets Manager invokes a function for the secrets that it rotates.
fn invocations(deployed: &Deployed, inventory: &Inventory, findings: &mut Vec<Finding>) {
    let mut sources: BTreeMap<String, Vec<(&Environment, String)>> = BTreeMap::new();
    for environment in inventory.applications.iter().flat_map(|of| &of.environments) {
        let account = &environment.account.value;
        // Only the primary secret rotates, in the first Region.
        let Some(region) = environment.places.first().map(|place| place.region.value.as_str()) else {
            continue;
        };
        let (partition, here) = (partition(region), format!("{region}:{account}"));
        for secret in environment.secrets.rows() {
            if let Rotation::Generated { function, .. } = &secret.rotation
                && let Some(spec) = environment.functions.get(*function)
            {
                let name = &spec.physical_name;
                let stem =
                    format!("arn:{partition}:secretsmanager:{here}:secret:{}", secret.physical_name.value);
                let of = |arn: &&str| arn.rsplit_once('-').is_some_and(|(own, _)| own == stem);
                let arn = deployed.secrets.iter().map(|secret| secret.arn.as_str()).find(of);
                let arn = arn.map_or_else(|| format!("{stem}-??????"), str::to_owned);
                let function = format!("arn:{partition}:lambda:{here}:function:{name}");
                sources.entry(function).or_default().push((environment, arn));
            }
        }
    }
    let mut allowed: BTreeSet<(&str, &str)> = BTreeSet::new();
    for permission in &deployed.permissions {
        let meant: Vec<Value> = sources
            .get(&permission.function)
            .into_iter()
            .flatten()
            .map(|(environment, secret)| invocation(&permission.function, environment, secret))
            .collect();
        let before = findings.len();
        compared(&permission.policy, &meant, false, findings);
        let source = permission
            .policy
            .document
            .pointer("/Statement/0/Condition/ArnLike/aws:SourceArn")
            .and_then(Value::as_str);
        if let Some(source) = source.filter(|_| findings.len() == before) {
            allowed.insert((&permission.function, source));
        }
    }
    for (function, secrets) in &sources {
        for (environment, secret) in secrets {
            if !allowed.contains(&(function.as_str(), secret.as_str())) {
                let why = vec![format!("Secrets Manager may not invoke `{function}` for `{secret}`")];
                let verdict = Verdict::NotEffective { request: None, why, origin: environment.origin };
                findings.push(Finding { place: Place { template: 0, pointer: String::new() }, verdict });
            }
        }
    }
}

fn invocation(function: &str, environment: &Environment, secret: &str) -> Value {
    json!({
        "Effect": "Allow", "Principal": { "Service": "secretsmanager.amazonaws.com" },
        "Action": "lambda:InvokeFunction", "Resource": function,
        "Condition": {
            "StringEquals": { "aws:SourceAccount": environment.account.value },
            "ArnLike": { "aws:SourceArn": secret },
        },
    })
}

/// Whoever lives in the VPC and is known by a token may take its role. The callers are nobody yet.
fn token_service(endpoint: &DeployedEndpoint, inventory: &Inventory, findings: &mut Vec<Finding>) {
    let mut roles = BTreeSet::new();
    for environment in inventory.applications.iter().flat_map(|of| &of.environments) {
        let account = &environment.account.value;
        let lives_there = environment.places.iter().any(|place| {
            let vpc = place.network.as_ref().map(|network| network.vpc.value.as_str());
            (account, &place.region.value, vpc)
                == (&endpoint.site.0, &endpoint.site.1, Some(endpoint.vpc.as_str()))
        });
        for consumer in environment.consumers.iter().filter(|consumer| lives_there && consumer.in_network) {
            for spec in &consumer.roles {
                if let RoleForm::Created { name, trust: Trust::WebIdentity { .. }, .. } = &spec.form {
                    roles.insert(role(environment, account, name));
                }
            }
        }
    }
    let meant = json!({
        "Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRoleWithWebIdentity", "Resource": roles,
    });
    match &endpoint.policy {
        Some(placed) => compared(placed, &[meant], true, findings),
        None => findings.push(Finding {
            place: endpoint.place.clone(),
            verdict: Verdict::Undecided("the endpoint has no policy that could be read".to_owned()),
        }),
    }
}
