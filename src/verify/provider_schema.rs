//! Resources against CloudFormation's own description of their properties.
//!
//! The only code that knows `jsonschema`. The schemas lie in `schemas/cloudformation/`, derived by
//! `schemas/derive.py`. They describe plain values; an intrinsic function is accepted wherever a scalar or a list
//! is expected, and must itself be well formed.
//!
//! Never: a value of the template in a message.

use std::sync::OnceLock;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::pointer::escaped;

/// One way in which a resource's properties break its type's schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemaFinding {
    /// JSON pointer from the properties.
    pub pointer: String,
    /// What is wrong, without the value.
    pub message: String,
}

/// Why a resource could not be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaError {
    /// No schema exists for the type.
    UnknownType,
    /// The type's schema cannot be used.
    BrokenSchema,
}

impl std::fmt::Display for SchemaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            SchemaError::UnknownType => "no provider schema exists for the resource type",
            SchemaError::BrokenSchema => "the provider schema of the resource type cannot be used",
        })
    }
}

impl std::error::Error for SchemaError {}

/// What a change of a property does, and what can be read: paths like `/properties/Name`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PropertyLists {
    /// Changing one replaces the resource.
    pub create_only: Vec<String>,
    /// Changing one may replace the resource.
    pub conditional_create_only: Vec<String>,
    /// The service sets them; a template must not.
    pub read_only: Vec<String>,
    /// The service never returns them.
    pub write_only: Vec<String>,
    /// Names that `Fn::GetAtt` accepts.
    pub attributes: Vec<String>,
}

struct Entry {
    type_name: &'static str,
    text: &'static str,
    compiled: OnceLock<Option<(Validator, PropertyLists)>>,
}

static ENTRIES: [Entry; 38] = [
    entry("AWS::CloudWatch::Alarm", include_str!("../../schemas/cloudformation/AWS-CloudWatch-Alarm.json")),
    entry(
        "AWS::CloudWatch::AnomalyDetector",
        include_str!("../../schemas/cloudformation/AWS-CloudWatch-AnomalyDetector.json"),
    ),
    entry(
        "AWS::CloudWatch::CompositeAlarm",
        include_str!("../../schemas/cloudformation/AWS-CloudWatch-CompositeAlarm.json"),
    ),
    entry(
        "AWS::CloudWatch::Dashboard",
        include_str!("../../schemas/cloudformation/AWS-CloudWatch-Dashboard.json"),
    ),
    entry("AWS::EC2::SecurityGroup", include_str!("../../schemas/cloudformation/AWS-EC2-SecurityGroup.json")),
    entry(
        "AWS::EC2::SecurityGroupEgress",
        include_str!("../../schemas/cloudformation/AWS-EC2-SecurityGroupEgress.json"),
    ),
    entry(
        "AWS::EC2::SecurityGroupIngress",
        include_str!("../../schemas/cloudformation/AWS-EC2-SecurityGroupIngress.json"),
    ),
    entry("AWS::EC2::VPCEndpoint", include_str!("../../schemas/cloudformation/AWS-EC2-VPCEndpoint.json")),
    entry(
        "AWS::EKS::PodIdentityAssociation",
        include_str!("../../schemas/cloudformation/AWS-EKS-PodIdentityAssociation.json"),
    ),
    entry("AWS::Events::Rule", include_str!("../../schemas/cloudformation/AWS-Events-Rule.json")),
    entry("AWS::Glue::Connection", include_str!("../../schemas/cloudformation/AWS-Glue-Connection.json")),
    entry(
        "AWS::IAM::InstanceProfile",
        include_str!("../../schemas/cloudformation/AWS-IAM-InstanceProfile.json"),
    ),
    entry("AWS::IAM::ManagedPolicy", include_str!("../../schemas/cloudformation/AWS-IAM-ManagedPolicy.json")),
    entry("AWS::IAM::OIDCProvider", include_str!("../../schemas/cloudformation/AWS-IAM-OIDCProvider.json")),
    entry("AWS::IAM::Policy", include_str!("../../schemas/cloudformation/AWS-IAM-Policy.json")),
    entry("AWS::IAM::Role", include_str!("../../schemas/cloudformation/AWS-IAM-Role.json")),
    entry("AWS::KMS::Alias", include_str!("../../schemas/cloudformation/AWS-KMS-Alias.json")),
    entry("AWS::KMS::Key", include_str!("../../schemas/cloudformation/AWS-KMS-Key.json")),
    entry("AWS::KMS::ReplicaKey", include_str!("../../schemas/cloudformation/AWS-KMS-ReplicaKey.json")),
    entry("AWS::Lambda::Function", include_str!("../../schemas/cloudformation/AWS-Lambda-Function.json")),
    entry("AWS::Lambda::Permission", include_str!("../../schemas/cloudformation/AWS-Lambda-Permission.json")),
    entry("AWS::Logs::LogGroup", include_str!("../../schemas/cloudformation/AWS-Logs-LogGroup.json")),
    entry("AWS::Logs::MetricFilter", include_str!("../../schemas/cloudformation/AWS-Logs-MetricFilter.json")),
    entry(
        "AWS::Logs::QueryDefinition",
        include_str!("../../schemas/cloudformation/AWS-Logs-QueryDefinition.json"),
    ),
    entry("AWS::RDS::DBProxy", include_str!("../../schemas/cloudformation/AWS-RDS-DBProxy.json")),
    entry(
        "AWS::RDS::DBProxyTargetGroup",
        include_str!("../../schemas/cloudformation/AWS-RDS-DBProxyTargetGroup.json"),
    ),
    entry("AWS::SNS::Subscription", include_str!("../../schemas/cloudformation/AWS-SNS-Subscription.json")),
    entry("AWS::SNS::Topic", include_str!("../../schemas/cloudformation/AWS-SNS-Topic.json")),
    entry("AWS::SNS::TopicPolicy", include_str!("../../schemas/cloudformation/AWS-SNS-TopicPolicy.json")),
    entry("AWS::SQS::Queue", include_str!("../../schemas/cloudformation/AWS-SQS-Queue.json")),
    entry("AWS::SQS::QueuePolicy", include_str!("../../schemas/cloudformation/AWS-SQS-QueuePolicy.json")),
    entry("AWS::SSM::Document", include_str!("../../schemas/cloudformation/AWS-SSM-Document.json")),
    entry("AWS::SSM::Parameter", include_str!("../../schemas/cloudformation/AWS-SSM-Parameter.json")),
    entry(
        "AWS::Scheduler::Schedule",
        include_str!("../../schemas/cloudformation/AWS-Scheduler-Schedule.json"),
    ),
    entry(
        "AWS::SecretsManager::ResourcePolicy",
        include_str!("../../schemas/cloudformation/AWS-SecretsManager-ResourcePolicy.json"),
    ),
    entry(
        "AWS::SecretsManager::RotationSchedule",
        include_str!("../../schemas/cloudformation/AWS-SecretsManager-RotationSchedule.json"),
    ),
    entry(
        "AWS::SecretsManager::Secret",
        include_str!("../../schemas/cloudformation/AWS-SecretsManager-Secret.json"),
    ),
    entry(
        "AWS::SecretsManager::SecretTargetAttachment",
        include_str!("../../schemas/cloudformation/AWS-SecretsManager-SecretTargetAttachment.json"),
    ),
];

/// The resource types that have a schema, sorted.
pub fn types() -> Vec<&'static str> {
    ENTRIES.iter().map(|entry| entry.type_name).collect()
}

/// The texts of the schemas.
pub(super) fn texts() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().map(|entry| entry.text)
}

/// Checks the `Properties` of a resource; no finding means that they conform.
pub fn check(type_name: &str, properties: &Value) -> Result<Vec<SchemaFinding>, SchemaError> {
    let (validator, _) = compiled(type_name)?;
    let mut findings = Vec::new();
    check_intrinsics(properties, &mut String::new(), &mut findings);
    findings.extend(validator.iter_errors(properties).filter_map(|error| finding(&error)));
    findings.sort();
    findings.dedup();
    Ok(findings)
}

/// The lists that the schema of a type keeps about its properties.
pub fn property_lists(type_name: &str) -> Result<&'static PropertyLists, SchemaError> {
    Ok(&compiled(type_name)?.1)
}

const fn entry(type_name: &'static str, text: &'static str) -> Entry {
    Entry { type_name, text, compiled: OnceLock::new() }
}

fn compiled(type_name: &str) -> Result<&'static (Validator, PropertyLists), SchemaError> {
    let position = ENTRIES.binary_search_by(|entry| entry.type_name.cmp(type_name));
    let entry = position.ok().and_then(|index| ENTRIES.get(index)).ok_or(SchemaError::UnknownType)?;
    entry.compiled.get_or_init(|| compile(entry.text)).as_ref().ok_or(SchemaError::BrokenSchema)
}

fn compile(text: &str) -> Option<(Validator, PropertyLists)> {
    let schema: Value = serde_json::from_str(text).ok()?;
    let list = |key: &str| -> Vec<String> {
        let items = schema.get(key).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let lists = PropertyLists {
        create_only: list("createOnlyProperties"),
        conditional_create_only: list("conditionalCreateOnlyProperties"),
        read_only: list("readOnlyProperties"),
        write_only: list("writeOnlyProperties"),
        attributes: list("attributes"),
    };
    Some((jsonschema::draft7::new(&schema).ok()?, lists))
}

fn finding(error: &ValidationError<'_>) -> Option<SchemaFinding> {
    let message = describe(error.kind(), is_intrinsic(error.instance()))?;
    Some(SchemaFinding { pointer: error.instance_path().to_string(), message })
}

/// The message for a violation; none where an intrinsic function stands for the value.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the schemas use no other keyword, and its name still says which"
)]
fn describe(kind: &ValidationErrorKind, intrinsic: bool) -> Option<String> {
    if let ValidationErrorKind::AdditionalProperties { unexpected } = kind {
        let names: Vec<String> = unexpected.iter().map(|name| format!("`{name}`")).collect();
        return Some(format!("{} is no property here", names.join(", ")));
    }
    if let ValidationErrorKind::Required { property } = kind {
        return Some(format!("property `{}` is missing", property.as_str().unwrap_or_default()));
    }
    if intrinsic {
        return None;
    }
    Some(match kind {
        ValidationErrorKind::Type { kind: TypeKind::Single(expected) } => format!("not of type {expected}"),
        ValidationErrorKind::Type { kind: TypeKind::Multiple(_) } => String::from("not of a permitted type"),
        ValidationErrorKind::Enum { options } => format!("not one of {options}"),
        ValidationErrorKind::Constant { expected_value } => format!("not {expected_value}"),
        ValidationErrorKind::Pattern { pattern } => format!("does not match the pattern {pattern}"),
        ValidationErrorKind::MinLength { limit } => format!("shorter than {limit} characters"),
        ValidationErrorKind::MaxLength { limit } => format!("longer than {limit} characters"),
        ValidationErrorKind::Minimum { limit } => format!("less than {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("more than {limit}"),
        ValidationErrorKind::MinItems { limit } => format!("fewer than {limit} items"),
        ValidationErrorKind::MaxItems { limit } => format!("more than {limit} items"),
        ValidationErrorKind::UniqueItems => String::from("items are not unique"),
        ValidationErrorKind::OneOfNotValid { .. } | ValidationErrorKind::AnyOf { .. } => {
            String::from("none of the properties is given of which one is needed")
        }
        ValidationErrorKind::OneOfMultipleValid { .. } | ValidationErrorKind::Not { .. } => {
            String::from("properties are given together that exclude each other")
        }
        other => format!("breaks the keyword `{}` of the provider schema", other.keyword()),
    })
}

fn is_intrinsic(value: &Value) -> bool {
    let Value::Object(members) = value else { return false };
    members.len() == 1 && members.keys().all(|key| names_intrinsic(key))
}

fn names_intrinsic(key: &str) -> bool {
    key == "Ref" || key.starts_with("Fn::")
}

/// Finds malformed intrinsic functions anywhere below a value.
fn check_intrinsics(value: &Value, pointer: &mut String, findings: &mut Vec<SchemaFinding>) {
    let length = pointer.len();
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                pointer.push('/');
                pointer.push_str(&escaped(key));
                if names_intrinsic(key) {
                    let problem =
                        if members.len() == 1 { intrinsic_problem(key, member) } else { Some(ALONE) };
                    findings.extend(problem.map(|problem| SchemaFinding {
                        pointer: pointer.clone(),
                        message: format!("`{key}` {problem}"),
                    }));
                }
                check_intrinsics(member, pointer, findings);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                check_intrinsics(item, pointer, findings);
                pointer.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

const ALONE: &str = "stands beside other keys, where an intrinsic function must stand alone";

fn intrinsic_problem(name: &str, argument: &Value) -> Option<&'static str> {
    let items = argument.as_array().map(Vec::as_slice);
    let (sound, problem) = match name {
        "Ref" => (argument.is_string(), "needs a logical id"),
        "Fn::GetAtt" => {
            let pair = matches!(items, Some([Value::String(_), attribute]) if attribute.is_string() || is_intrinsic(attribute));
            (pair || argument.is_string(), "needs a logical id and an attribute")
        }
        "Fn::Sub" => {
            let pair = matches!(items, Some([Value::String(_), Value::Object(_)]));
            (pair || argument.is_string(), "needs a text, or a text and a map")
        }
        "Fn::Join" | "Fn::Split" | "Fn::Select" => (matches!(items, Some([_, _])), "needs two arguments"),
        "Fn::If" => (matches!(items, Some([Value::String(_), _, _])), "needs a condition and two values"),
        "Fn::FindInMap" => (matches!(items, Some([_, _, _, ..])), "needs a map and two keys"),
        "Fn::ImportValue" | "Fn::GetAZs" | "Fn::Base64" => {
            (argument.is_string() || is_intrinsic(argument), "needs a text")
        }
        "Fn::Cidr" | "Fn::Length" | "Fn::ToJsonString" | "Fn::Transform" => (true, ""),
        _ => (false, "is no intrinsic function"),
    };
    (!sound).then_some(problem)
}
