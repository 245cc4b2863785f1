//! Changes that one property alone does not tell: a secret's key and replicas, network rules, thresholds, attributes.

use serde_json::Value;

use super::Class;
use super::controls::{self, Finding};
use super::differences::Part;
use super::resources::Both;
use super::step::Step;

fn finding(class: Class, what: impl Into<String>) -> Finding {
    Finding { class, what: what.into(), details: Vec::new() }
}

impl Finding {
    fn detail(mut self, text: impl Into<String>) -> Finding {
        self.details.push(text.into());
        self
    }
}

/// What the parts of a resource come to that no table decides, each with its pointer.
pub(super) fn judge(step: &Step<'_>, resource: &Both<'_>, parts: &[Part<'_>]) -> Vec<(String, Finding)> {
    let below = |property: &str| parts.iter().any(|part| part.pointer.starts_with(property));
    let at = |side: usize, pointer: &str| resource.properties.get(side).and_then(|it| it.pointer(pointer));
    let mut found = Vec::new();
    let mut push = |pointer: &str, findings: Vec<Finding>| {
        found.extend(findings.into_iter().map(|it| (pointer.to_owned(), it)));
    };
    match resource.kind {
        "AWS::SecretsManager::Secret" => {
            if below("/KmsKeyId") {
                push("/KmsKeyId", key(step, at(0, "/KmsKeyId"), at(1, "/KmsKeyId")));
            }
            if below("/ReplicaRegions") {
                push("/ReplicaRegions", replicas(step, at(0, "/ReplicaRegions"), at(1, "/ReplicaRegions")));
            }
        }
        "AWS::EC2::SecurityGroup" => {
            for (property, way) in [("/SecurityGroupIngress", "in"), ("/SecurityGroupEgress", "out")] {
                if below(property) {
                    push(
                        property,
                        network(at(0, property), at(1, property), way, property.ends_with("Egress")),
                    );
                }
            }
        }
        "AWS::EC2::SecurityGroupIngress" => push("", network(at(0, ""), at(1, ""), "in", false)),
        "AWS::EC2::SecurityGroupEgress" => push("", network(at(0, ""), at(1, ""), "out", false)),
        "AWS::CloudWatch::Alarm" if below("/Threshold") => {
            push(
                "/Threshold",
                threshold(at(0, "/Threshold"), at(1, "/Threshold"), at(1, "/ComparisonOperator")),
            );
        }
        _ => {}
    }
    found
}

/// A secret that moves to another key. Sources: facts kms.md (a changed key re-encrypts the labelled versions, which
/// stay readable with the old key until a new version is written), peers.md on moves that lost values.
fn key(step: &Step<'_>, old: Option<&Value>, new: Option<&Value>) -> Vec<Finding> {
    let name = |key: Option<&Value>| match key {
        None => "the AWS managed key".to_owned(),
        Some(key) => step.key_named(key.as_str().unwrap_or_default()),
    };
    let what = format!("it moves to {}, from {}", name(new), name(old));
    let class = match (old, new) {
        (Some(_), None) => Class::Weaker,
        (None, Some(_)) => Class::Stronger,
        (_, _) => Class::Altered,
    };
    let mut findings = vec![
        finding(class, what)
            .detail(
                "who may use the new key reads it from now on; versions without label stay under the old key",
            )
            .detail("until a new version is written, the present ones stay readable with the old key"),
    ];
    if let Some(gone) = old.and_then(Value::as_str).filter(|key| step.is_gone(key)) {
        findings.push(
            finding(
                Class::Order,
                format!("its old key, {}, goes away in the same step", step.key_named(gone)),
            )
            .detail("move the secret first, let it rotate, and take the key away in a later deployment"),
        );
    }
    findings
}

/// Replicas that come or go: each is a further place to read the value.
fn replicas(step: &Step<'_>, old: Option<&Value>, new: Option<&Value>) -> Vec<Finding> {
    let of = |value: Option<&Value>| -> Vec<(String, Option<String>)> {
        let text = |it: &Value, name: &str| it.get(name).and_then(Value::as_str).map(str::to_owned);
        let entries = value.and_then(Value::as_array).into_iter().flatten();
        entries.filter_map(|it| Some((text(it, "Region")?, text(it, "KmsKeyId")))).collect()
    };
    let (old, new) = (of(old), of(new));
    let mut findings = Vec::new();
    for (region, key) in &new {
        match old.iter().find(|(known, _)| known == region) {
            None => {
                findings
                    .push(finding(Class::Broader, format!("it can be read in {region} too, from a replica")));
                if key.as_deref().is_some_and(|key| step.is_born(key)) {
                    findings.push(
                        finding(
                            Class::Order,
                            format!("the key of its replica in {region} must be there first"),
                        )
                        .detail("deploy the stack of that key before this one; the manifest's order does"),
                    );
                }
                if key.is_none() {
                    findings.push(finding(
                        Class::Weaker,
                        format!("its replica in {region} is encrypted with the AWS managed key"),
                    ));
                }
            }
            Some((_, known)) if known != key => {
                let class = match (known, key) {
                    (Some(_), None) => Class::Weaker,
                    (None, Some(_)) => Class::Stronger,
                    (_, _) => Class::Altered,
                };
                findings.push(finding(class, format!("its replica in {region} moves to another key")));
            }
            Some(_) => {}
        }
    }
    for (region, _) in old.iter().filter(|(region, _)| new.iter().all(|(known, _)| known != region)) {
        findings.push(
            finding(Class::Narrower, format!("it can no longer be read in {region}: its replica is deleted"))
                .detail("whoever reads it there must have moved before"),
        );
    }
    findings
}

/// Rules of security groups. A group without rules for what goes out lets everything out.
fn network(old: Option<&Value>, new: Option<&Value>, way: &str, open: bool) -> Vec<Finding> {
    let everything = serde_json::json!([{ "IpProtocol": "-1", "CidrIp": "0.0.0.0/0" }]);
    let of = |value: Option<&Value>| match value {
        None if open => controls::rules(Some(&everything)),
        value => controls::rules(value),
    };
    let (old, new) = (of(old), of(new));
    let beyond = |from: &[_], to: &[controls::Admission], class, verb: &str| -> Option<Finding> {
        let more: Vec<String> = to
            .iter()
            .filter(|it| !from.iter().any(|known: &controls::Admission| known.covers(it)))
            .map(controls::Admission::said)
            .collect();
        (!more.is_empty()).then(|| finding(class, format!("{verb} {way}: {}", more.join("; "))))
    };
    let more = beyond(&old, &new, Class::Broader, "more is let");
    let less = beyond(&new, &old, Class::Narrower, "less is let");
    more.into_iter().chain(less).collect()
}

fn threshold(old: Option<&Value>, new: Option<&Value>, operator: Option<&Value>) -> Vec<Finding> {
    let number = |value: Option<&Value>| -> Option<f64> {
        let value = value?;
        value.as_f64().or_else(|| value.as_str()?.parse().ok())
    };
    let what = format!("the threshold: {} instead of {}", controls::said(new), controls::said(old));
    let class = match (number(old), number(new), operator.and_then(Value::as_str)) {
        (Some(old), Some(new), _) if (old - new).abs() < f64::EPSILON => return Vec::new(),
        (Some(old), Some(new), Some(operator)) if operator.starts_with("GreaterThan") => {
            if new > old {
                Class::Weaker
            } else {
                Class::Stronger
            }
        }
        (Some(old), Some(new), Some(operator)) if operator.starts_with("LessThan") => {
            if new < old {
                Class::Weaker
            } else {
                Class::Stronger
            }
        }
        (_, _, _) => Class::Altered,
    };
    vec![finding(class, what)]
}

/// Types that hold what cannot be had again, or that protect it.
const KEEPERS: [&str; 9] = [
    "AWS::SecretsManager::Secret",
    "AWS::SecretsManager::RotationSchedule",
    "AWS::SecretsManager::ResourcePolicy",
    "AWS::KMS::Key",
    "AWS::KMS::ReplicaKey",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::CloudTrail::Trail",
    "AWS::RDS::DBCluster",
];

/// Whether a type holds what cannot be had again, or protects it.
pub(super) fn is_keeper(kind: &str) -> bool {
    KEEPERS.contains(&kind)
}

/// From what protects least to what protects most (facts: resources.md, resource attributes).
const POLICIES: [&str; 4] = ["Delete", "Snapshot", "RetainExceptOnCreate", "Retain"];

/// What becomes of a resource when it leaves the stack, or is replaced.
pub(super) fn policy(resource: &Value, name: &str) -> String {
    resource.get(name).and_then(Value::as_str).unwrap_or("Delete").to_owned()
}

/// Attributes beside the properties that differ.
pub(super) fn attributes(resource: &Both<'_>) -> Vec<(&'static str, Finding)> {
    let [old, new] = resource.written;
    let mut found = Vec::new();
    for (name, when) in
        [("DeletionPolicy", "when it leaves the stack"), ("UpdateReplacePolicy", "when it is replaced")]
    {
        let (was, is) = (policy(old, name), policy(new, name));
        if was == is {
            continue;
        }
        let rank = |word: &str| POLICIES.iter().position(|known| *known == word);
        let class = match (rank(&was), rank(&is)) {
            (_, _) if !is_keeper(resource.kind) => Class::Other,
            (Some(was), Some(is)) if is < was => Class::Weaker,
            (Some(_), Some(_)) => Class::Stronger,
            (_, _) => Class::Altered,
        };
        found.push((name, finding(class, format!("{when}: `{is}` instead of `{was}`"))));
    }
    let differs = |name: &str| old.get(name) != new.get(name);
    if differs("Condition") {
        let what = "the condition under which it is made is another one";
        found.push(("Condition", finding(Class::Altered, what)));
    }
    if differs("DependsOn") {
        found.push(("DependsOn", waits(resource.kind, old.get("DependsOn"), new.get("DependsOn"))));
    }
    for name in ["CreationPolicy", "UpdatePolicy"] {
        if differs(name) {
            found.push((name, finding(Class::Altered, format!("`{name}` is another one"))));
        }
    }
    if differs("Metadata") {
        found.push(("Metadata", finding(Class::Other, "`Metadata` is another one")));
    }
    found
}

fn waits(kind: &str, old: Option<&Value>, new: Option<&Value>) -> Finding {
    let of = |value: Option<&Value>| -> Vec<String> {
        match value {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => Vec::new(),
        }
    };
    let (old, new) = (of(old), of(new));
    let gone: Vec<&str> = old.iter().filter(|it| !new.contains(it)).map(String::as_str).collect();
    let rotation = kind == "AWS::SecretsManager::RotationSchedule";
    match gone.as_slice() {
        [] if old.len() == new.len() => finding(Class::Other, "`DependsOn` has another order"),
        [] => finding(Class::Other, "it is made after more resources than before"),
        gone if rotation => {
            finding(Class::Altered, format!("it no longer waits for `{}`", gone.join("`, `")))
                .detail("a rotation that starts before its permission, role or value is there fails")
        }
        gone => finding(Class::Other, format!("it no longer waits for `{}`", gone.join("`, `"))),
    }
}
