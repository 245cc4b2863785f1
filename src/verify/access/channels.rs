//! Who may send to topics and queues, invoke functions, and pass the endpoint of the token service: whole policies,
//! compared with what is meant.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::named::{partition, role};
use super::proof::{Finding, Verdict};
use super::trust::compared;
use crate::deployed::{Deployed, DeployedChannel, DeployedEndpoint, DeployedPermission, Place};
use crate::inventory::{Does, Environment, Inventory, RoleForm, Rotation, Trust};
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

/// Who invokes a function: a service, for something of the account.
struct Caller<'a> {
    environment: &'a Environment,
    service: &'static str,
    source: String,
}

/// Secrets Manager invokes a function for the secrets that it rotates, EventBridge those that run by the clock or by a
/// change, for their rules.
fn invocations(deployed: &Deployed, inventory: &Inventory, findings: &mut Vec<Finding>) {
    let mut meant: BTreeMap<String, Vec<Caller<'_>>> = BTreeMap::new();
    for application in &inventory.applications {
        for environment in &application.environments {
            let prefix = format!("{}-{}", application.name.value, environment.name.value);
            callers(deployed, &prefix, environment, &mut meant);
        }
    }
    let mut allowed: BTreeSet<(&str, &str)> = BTreeSet::new();
    for permission in &deployed.permissions {
        let own = meant.get(&permission.function).into_iter().flatten();
        let statements: Vec<Value> = own.map(|caller| invocation(&permission.function, caller)).collect();
        let before = findings.len();
        compared(&permission.policy, &statements, false, findings);
        if let Some(source) = source_of(permission).filter(|_| findings.len() == before) {
            allowed.insert((&permission.function, source));
        }
    }
    for (function, callers) in &meant {
        for caller in callers {
            if !allowed.contains(&(function.as_str(), caller.source.as_str())) {
                let Caller { environment, service, source } = caller;
                let why = vec![format!("{service} may not invoke `{function}` for `{source}`")];
                let verdict = Verdict::NotEffective { request: None, why, origin: environment.origin };
                findings.push(Finding { place: Place { template: 0, pointer: String::new() }, verdict });
            }
        }
    }
}

fn callers<'a>(
    deployed: &Deployed,
    prefix: &str,
    environment: &'a Environment,
    meant: &mut BTreeMap<String, Vec<Caller<'a>>>,
) {
    let account = &environment.account.value;
    // Only the primary secret rotates, in the first Region.
    let Some(region) = environment.places.first().map(|place| place.region.value.as_str()) else { return };
    let (partition, here) = (partition(region), format!("{region}:{account}"));
    let function = |name: &str| format!("arn:{partition}:lambda:{here}:function:{name}");
    let rule = |name: &str| format!("arn:{partition}:events:{here}:rule/{name}");
    let mut add = |function: String, service, source| {
        meant.entry(function).or_default().push(Caller { environment, service, source });
    };
    for secret in environment.secrets.rows() {
        if let Rotation::Generated { function: id, .. } = &secret.rotation
            && let Some(spec) = environment.functions.get(*id)
        {
            let stem = format!("arn:{partition}:secretsmanager:{here}:secret:{}", secret.physical_name.value);
            let of = |arn: &&str| arn.rsplit_once('-').is_some_and(|(own, _)| own == stem);
            let arn = deployed.secrets.iter().map(|secret| secret.arn.as_str()).find(of);
            let arn = arn.map_or_else(|| format!("{stem}-??????"), str::to_owned);
            add(function(&spec.physical_name), "secretsmanager.amazonaws.com", arn);
        }
        if let Some(told) = &secret.on_change {
            let source = rule(&secret.change_rule(prefix));
            add(told.value.clone(), "events.amazonaws.com", source);
        }
    }
    for task in &environment.tasks {
        let own = function(&task.physical_name);
        let stem = rule(&format!("{prefix}-{}", task.stable_name));
        let mut sources = BTreeSet::from([stem.clone()]);
        if task.does != Does::Watch {
            sources.insert(format!("{stem}-changed"));
        }
        // Many secrets are told by several rules, which have numbers.
        let permissions = deployed.permissions.iter().filter(|it| it.function == own);
        sources.extend(
            permissions
                .filter_map(source_of)
                .filter(|it| is_numbered(it, &sources))
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        );
        for source in sources {
            add(own.clone(), "events.amazonaws.com", source);
        }
    }
}

/// Whether a rule is one of those that are known, with a number behind its name.
fn is_numbered(source: &str, known: &BTreeSet<String>) -> bool {
    let number = |it: &String| source.strip_prefix(it.as_str())?.strip_prefix('-')?.parse::<u32>().ok();
    known.iter().any(|it| number(it).is_some())
}

/// The ARN for which a permission is given.
fn source_of(permission: &DeployedPermission) -> Option<&str> {
    permission.policy.document.pointer("/Statement/0/Condition/ArnLike/aws:SourceArn")?.as_str()
}

fn invocation(function: &str, caller: &Caller<'_>) -> Value {
    json!({
        "Effect": "Allow", "Principal": { "Service": caller.service },
        "Action": "lambda:InvokeFunction", "Resource": function,
        "Condition": {
            "StringEquals": { "aws:SourceAccount": caller.environment.account.value },
            "ArnLike": { "aws:SourceArn": caller.source },
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
