//! Policies of whatever else: topics, queues, buckets, functions, users, and types that are not known.

use serde_json::{Map, Value, json};

use super::intrinsics::Resolver;
use super::{DeployedDocument, Place, Placed};
use crate::access::{Policy, PolicyKind};
use crate::pointer::escaped;

/// Types whose policies are read for what they are.
const KNOWN: [&str; 8] = [
    "AWS::SecretsManager::Secret",
    "AWS::SecretsManager::ResourcePolicy",
    "AWS::KMS::Key",
    "AWS::KMS::ReplicaKey",
    "AWS::KMS::Alias",
    "AWS::EC2::VPCEndpoint",
    "AWS::IAM::Role",
    "AWS::IAM::RolePolicy",
];

/// How deep a policy may lie in the properties of a resource.
const DEEPEST: usize = 12;

/// Collects the policies of a resource that is none of the known types.
pub(super) fn note(resolver: &mut Resolver<'_, '_>, id: &str, kind: &str, found: &mut Vec<DeployedDocument>) {
    if KNOWN.contains(&kind) {
        return;
    }
    if kind == "AWS::Lambda::Permission" {
        found.extend(permission(resolver, id));
        return;
    }
    let Some(properties) = resolver.resource(id).and_then(|(_, it)| it.get("Properties")) else { return };
    let mut open = vec![(String::new(), properties, 0)];
    let mut places = Vec::new();
    while let Some((pointer, value, depth)) = open.pop() {
        if is_policy(value) {
            places.push((pointer, kind_of(value, kind)));
            continue;
        }
        if depth > DEEPEST {
            continue;
        }
        let members = value.as_object().into_iter().flatten();
        open.extend(members.map(|(name, it)| (format!("{pointer}/{}", escaped(name)), it, depth + 1)));
        let items = value.as_array().into_iter().flatten().enumerate();
        open.extend(items.map(|(at, it)| (format!("{pointer}/{at}"), it, depth + 1)));
    }
    places.sort();
    for (pointer, kind) in places {
        let Some(placed) = resolver.policy(id, &pointer, kind) else { continue };
        let owner = format!("{id}{pointer}");
        found.push(DeployedDocument { owner, placed, account: resolver.account() });
    }
}

fn is_policy(value: &Value) -> bool {
    let statements = match value.get("Statement") {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    statements.iter().any(|it| it.get("Effect").is_some())
}

fn kind_of(document: &Value, kind: &str) -> PolicyKind {
    let text = document.to_string();
    match kind {
        "AWS::SNS::TopicPolicy" => PolicyKind::Topic,
        _ if text.contains("\"Principal\"") || text.contains("\"NotPrincipal\"") => PolicyKind::Resource,
        _ => PolicyKind::Identity,
    }
}

/// A permission of a function as the statement that Lambda makes of it.
/// Source: Lambda guide, *Viewing resource-based IAM policies*.
fn permission(resolver: &mut Resolver<'_, '_>, id: &str) -> Option<DeployedDocument> {
    let mut text = |name: &str| -> Option<String> {
        let value = resolver.property(id, name)?;
        Some(resolver.text(value))
    };
    let (function, principal, action) = (text("FunctionName")?, text("Principal")?, text("Action")?);
    let principal = match principal.as_str() {
        "*" => json!("*"),
        name if name.contains(".amazon") && !name.starts_with("arn:") => json!({ "Service": name }),
        name => json!({ "AWS": name }),
    };
    let mut conditions = Map::new();
    let keys = [
        ("SourceArn", "ArnLike", "AWS:SourceArn"),
        ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
        ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
        ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
    ];
    for (property, operator, key) in keys {
        let Some(value) = text(property) else { continue };
        let block = conditions.entry(operator).or_insert_with(|| json!({}));
        if let Some(block) = block.as_object_mut() {
            block.insert(key.to_owned(), Value::from(value));
        }
    }
    let mut statement =
        json!({ "Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*" });
    if let Some(members) = statement.as_object_mut().filter(|_| !conditions.is_empty()) {
        members.insert("Condition".to_owned(), Value::Object(conditions));
    }
    let document = json!({ "Version": "2012-10-17", "Statement": [statement] });
    let policy = Policy::from_value(&document, PolicyKind::Resource).ok()?;
    let place = Place { template: resolver.at, pointer: format!("/Resources/{}/Properties", escaped(id)) };
    let placed = Placed { policy, document: document.into(), place, statements: vec![String::new()] };
    Some(DeployedDocument {
        owner: format!("permissions of {function}"),
        placed,
        account: resolver.account(),
    })
}
