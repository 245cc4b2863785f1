//! What CloudFormation does to a resource to bring a change about: in place, interrupted, replaced, refused.

use serde_json::Value;

use super::Class;
use super::controls::Finding;
use super::differences::Part;
use super::resources::Both;
use super::special::policy;
use super::step::Step;
use crate::verify::provider_schema::property_lists;

/// Types that bind others together: made anew they are what they were, if what they bind is.
const BINDINGS: [&str; 9] = [
    "AWS::Lambda::Permission",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SNS::Subscription",
    "AWS::SecretsManager::ResourcePolicy",
    "AWS::KMS::Alias",
    "AWS::Logs::MetricFilter",
];

/// The property that gives a resource its name, by type: a second one of the name cannot be made beside the first.
const NAMES: [(&str, &str); 17] = [
    ("AWS::SecretsManager::Secret", "Name"),
    ("AWS::KMS::Alias", "AliasName"),
    ("AWS::IAM::Role", "RoleName"),
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyName"),
    ("AWS::IAM::User", "UserName"),
    ("AWS::IAM::InstanceProfile", "InstanceProfileName"),
    ("AWS::Lambda::Function", "FunctionName"),
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::CloudWatch::Alarm", "AlarmName"),
    ("AWS::CloudWatch::CompositeAlarm", "AlarmName"),
    ("AWS::Events::Rule", "Name"),
    ("AWS::SNS::Topic", "TopicName"),
    ("AWS::SQS::Queue", "QueueName"),
    ("AWS::S3::Bucket", "BucketName"),
    ("AWS::EC2::SecurityGroup", "GroupName"),
    ("AWS::CloudTrail::Trail", "TrailName"),
    ("AWS::Scheduler::Schedule", "Name"),
];

/// Whether the schema of a type is known.
pub(super) fn is_known(kind: &str) -> bool {
    property_lists(kind).is_ok()
}

/// The name that a resource has by its properties, if it has one.
pub(super) fn name_of<'v>(kind: &str, properties: &'v Value) -> Option<&'v str> {
    let (_, property) = NAMES.iter().find(|(known, _)| *known == kind)?;
    properties.get(*property)?.as_str()
}

/// What the update does to a resource whose parts differ.
pub(super) fn of(step: &Step<'_>, resource: &Both<'_>, parts: &[Part<'_>]) -> Vec<Finding> {
    let Ok(lists) = property_lists(resource.kind) else { return Vec::new() };
    let replaced: Vec<&str> = touched(&lists.create_only, parts);
    if replaced.is_empty() {
        let perhaps = touched(&lists.conditional_create_only, parts);
        return perhaps
            .first()
            .map(|property| Finding {
                class: Class::Replacement,
                what: format!("a change of `{property}` may replace it"),
                details: Vec::new(),
            })
            .into_iter()
            .collect();
    }
    let [old, new] = &resource.properties;
    let listed = replaced.join("`, `");
    let mut details = Vec::new();
    if let Some(name) = name_of(resource.kind, new).filter(|name| name_of(resource.kind, old) == Some(*name))
    {
        return vec![Finding {
            class: Class::UpdateFails,
            what: format!(
                "`{listed}` can only change with a replacement, and its name `{}` is taken",
                crate::access::readable(name)
            ),
            details: vec![
                "CloudFormation makes the new one before it removes the old: give it another name".to_owned(),
            ],
        }];
    }
    let dependants = step.dependants(resource.at[1], resource.id);
    if !dependants.is_empty() {
        details.push(format!("what refers to it changes with it: `{}`", dependants.join("`, `")));
    }
    let is_lost = policy(resource.written[0], "UpdateReplacePolicy") == "Delete";
    let mut findings = Vec::new();
    match resource.kind {
        "AWS::SecretsManager::Secret" => {
            details.push("the new secret has another ARN and a value of its own".to_owned());
            if is_lost {
                findings.push(Finding {
                    class: Class::DataLost,
                    what: "its value is deleted with the secret that it replaces, without a recovery window"
                        .to_owned(),
                    details: vec!["`UpdateReplacePolicy: Retain` keeps it".to_owned()],
                });
            }
        }
        "AWS::SecretsManager::RotationSchedule" => {
            details.push("the secret that it was for is no longer rotated".to_owned());
        }
        "AWS::IAM::Role" => details.push("policies that name the old role no longer match".to_owned()),
        "AWS::Logs::LogGroup" if is_lost => findings.push(Finding {
            class: Class::DataLost,
            what: "the logs of the group that it replaces are deleted".to_owned(),
            details: Vec::new(),
        }),
        _ => {}
    }
    let class = if BINDINGS.contains(&resource.kind) { Class::Other } else { Class::Replacement };
    findings.push(Finding {
        class,
        what: format!("it is replaced, since `{listed}` cannot change in place"),
        details,
    });
    findings
}

/// The properties of a list, such as `/properties/Name`, that some part is or lies below.
fn touched<'l>(list: &'l [String], parts: &[Part<'_>]) -> Vec<&'l str> {
    let property = |entry: &'l String| entry.strip_prefix("/properties/");
    let is_touched = |property: &&str| {
        parts.iter().any(|part| {
            let pointer = part.pointer.trim_start_matches('/');
            pointer == *property
                || pointer.strip_prefix(*property).is_some_and(|rest| rest.starts_with('/'))
                || property.strip_prefix(pointer).is_some_and(|rest| rest.starts_with('/'))
        })
    };
    list.iter().filter_map(property).filter(is_touched).collect()
}
