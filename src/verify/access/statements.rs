//! Grants as statements, and a first look at statements of templates.

use serde_json::{Value, json};

use super::intent::{Grant, When};
use crate::access::{Policy, PolicyKind};

/// All that a grant may come to: the pattern of every secret's name.
pub(super) fn limit(grant: &Grant, arn: &str) -> Value {
    let context: Vec<When> = context("StringLike", grant.secrets.clone());
    statement(grant, arn, &context)
}

/// The condition on the secrets for which a key is used.
pub(super) fn context(operator: &'static str, secrets: Vec<String>) -> Vec<When> {
    if secrets.is_empty() { Vec::new() } else { vec![(operator, "kms:EncryptionContext:SecretARN", secrets)] }
}

/// A grant as a statement on a resource.
pub(super) fn statement(grant: &Grant, arn: &str, context: &[When]) -> Value {
    let mut conditions = serde_json::Map::new();
    for (operator, key, values) in grant.when.iter().chain(context) {
        let block = conditions.entry(*operator).or_insert_with(|| json!({}));
        if let Some(block) = block.as_object_mut() {
            block.insert((*key).to_owned(), json!(values));
        }
    }
    json!({ "Effect": "Allow", "Action": grant.actions, "Resource": arn, "Condition": conditions })
}

/// An identity policy of these statements.
pub(super) fn allow(statements: &[Value]) -> Policy {
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    // Made of ARNs and names that were checked; nothing allowed is what remains of anything else.
    Policy::from_value(&document, PolicyKind::Identity).unwrap_or_else(|_| Policy::nothing())
}

/// Whether a document allows anything of a service, by a look at the beginnings of its actions.
pub(super) fn may_reach(document: &Value, service: &str) -> bool {
    let statements = document.get("Statement").and_then(Value::as_array);
    statements.into_iter().flatten().any(|statement| statement_reaches(statement, service))
}

/// Whether a statement says anything of a service, by a look at the beginnings of its actions.
pub(super) fn statement_reaches(statement: &Value, service: &str) -> bool {
    let actions = match statement.get("Action") {
        None => return true,
        Some(Value::Array(actions)) => actions.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    actions.iter().filter_map(Value::as_str).any(|action| {
        let action = action.to_ascii_lowercase();
        action.starts_with(service) || action.split(':').next().is_none_or(|own| own.contains(['*', '?']))
    })
}
