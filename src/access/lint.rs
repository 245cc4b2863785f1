//! Statements that are written otherwise than they work: actions that do not exist or do not go with the resources,
//! condition keys that are never sent or never of the type that is asked for.
//!
//! Judged by the dated list of [`super::reference`], so these are hints and never part of a proof.

use serde_json::Value;

use super::reference::{Action, KeyType, Reference, ValueType, arns_meet, reference};

/// Something odd about a statement.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flaw {
    /// No action has this name.
    UnknownAction(String),
    /// The action goes with none of the statement's resources; with which it does.
    NeverMeets(String, Vec<String>),
    /// No such condition key is sent, or none with these actions.
    UnknownKey(String),
    /// The operator cannot do with the key's values; why.
    UnfitOperator(String, String, &'static str),
    /// The action on the pattern reaches more secrets or keys than one.
    Reaches(String, String),
}

/// Keys of a service that come with the caller, whatever the action (IAM User Guide, *Service-specific context keys*).
const WITH_THE_CALLER: [&str; 3] = ["ec2:roledelivery", "ec2:sourceinstancearn", "lambda:sourcefunctionarn"];

/// Everything odd about a statement of an identity policy, sorted.
pub(crate) fn lint(statement: &Value) -> Vec<Flaw> {
    let list = reference();
    let mut flaws = Vec::new();
    let actions = texts(statement.get("Action"));
    let resources = texts(statement.get("Resource"));
    let mut meant: Vec<&Action> = Vec::new();
    // Whether every action of the statement is known, so that something can be said of all.
    let mut complete = !actions.is_empty();
    for action in &actions {
        let Some(known) = list.actions(action) else {
            complete = false;
            continue;
        };
        if known.is_empty() {
            flaws.push(Flaw::UnknownAction((*action).to_owned()));
        } else if !resources.is_empty() && !known.iter().any(|known| meets(list, known, &resources)) {
            let mut kinds: Vec<String> =
                known.iter().flat_map(|known| list.resources(known)).map(str::to_owned).collect();
            kinds.sort();
            kinds.dedup();
            flaws.push(Flaw::NeverMeets((*action).to_owned(), kinds));
        }
        for pattern in resources.iter().filter(|pattern| is_wide(pattern)) {
            let reaching = known.iter().any(|known| {
                guarded(&known.name) && list.resources(known).iter().any(|arn| arns_meet(arn, pattern))
            });
            if reaching {
                flaws.push(Flaw::Reaches((*action).to_owned(), (*pattern).to_owned()));
            }
        }
        meant.extend(known);
    }
    let conditions = statement.get("Condition").and_then(Value::as_object);
    for (operator, block) in conditions.into_iter().flatten() {
        for key in block.as_object().into_iter().flat_map(serde_json::Map::keys) {
            flaws.extend(condition(list, operator, key, complete.then_some(&meant)));
        }
    }
    flaws.sort();
    flaws.dedup();
    flaws
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(one) => one.as_str().into_iter().collect(),
        None => Vec::new(),
    }
}

fn meets(list: &Reference, action: &Action, resources: &[&str]) -> bool {
    let kinds = list.resources(action);
    resources.iter().any(|resource| {
        let plain = without_variables(resource);
        *resource == "*" || kinds.iter().any(|kind| arns_meet(kind, &plain))
    })
}

/// A pattern with a wildcard for each policy variable.
fn without_variables(pattern: &str) -> String {
    let mut plain = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        plain.push_str(before);
        plain.push('*');
        rest = after.split_once('}').map_or("", |(_, behind)| behind);
    }
    plain + rest
}

/// Whether a pattern can mean more than one secret or key: the six random characters at the end of an ARN do not count.
fn is_wide(pattern: &str) -> bool {
    pattern.strip_suffix("-??????").unwrap_or(pattern).contains(['*', '?'])
}

/// Whether an action is one on secrets or keys.
fn guarded(action: &str) -> bool {
    action.starts_with("secretsmanager:") || action.starts_with("kms:")
}

fn condition(list: &Reference, operator: &str, key: &str, meant: Option<&Vec<&Action>>) -> Option<Flaw> {
    let kind = list.key_type(key)?;
    let global = key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"));
    let elsewhere = WITH_THE_CALLER.contains(&key.to_ascii_lowercase().as_str());
    // Resource types lend keys to actions, under their services' names.
    let sent =
        global || elsewhere || meant.is_none_or(|meant| meant.iter().any(|one| list.has_key(one, key)));
    match kind {
        Some(kind) if sent => {
            let why = unfit(operator, kind)?;
            Some(Flaw::UnfitOperator(operator.to_owned(), key.to_owned(), why))
        }
        Some(_) | None => Some(Flaw::UnknownKey(key.to_owned())),
    }
}

/// Why an operator cannot do with the values of a key, if it cannot.
fn unfit(operator: &str, kind: KeyType) -> Option<&'static str> {
    let (set, base) = match operator.split_once(':') {
        Some((_, base)) => (true, base),
        None => (false, operator),
    };
    let base = base.to_ascii_lowercase();
    if base.starts_with("null") {
        return None;
    }
    match (set, kind.many) {
        (true, false) => return Some("a set operator on a key with one value"),
        (false, true) => return Some("no set operator on a key with several values"),
        (true, true) | (false, false) => {}
    }
    let starts = |word: &str| base.starts_with(word);
    match kind.value {
        _ if starts("string") => None,
        ValueType::Text | ValueType::Arn if starts("arn") || starts("binary") => None,
        ValueType::Truth if starts("bool") => None,
        ValueType::Number if starts("numeric") => None,
        ValueType::Instant if starts("date") || starts("numeric") => None,
        ValueType::Address if starts("ipaddress") || starts("notipaddress") => None,
        ValueType::Text => Some("the key's values are texts"),
        ValueType::Arn => Some("the key's values are ARNs"),
        ValueType::Truth => Some("the key's values are `true` and `false`"),
        ValueType::Number => Some("the key's values are numbers"),
        ValueType::Instant => Some("the key's values are instants"),
        ValueType::Address => Some("the key's values are addresses"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn flaws(action: &str, resource: &str, condition: Value) -> Vec<Flaw> {
        lint(
            &json!({ "Effect": "Allow", "Action": [action], "Resource": [resource], "Condition": condition }),
        )
    }

    const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-??????";

    #[test]
    fn actions_and_their_resources() {
        let none = || json!({});
        assert_eq!(flaws("secretsmanager:GetSecretValue", SECRET, none()), []);
        assert_eq!(flaws("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:orders", none()), []);
        let unknown = Flaw::UnknownAction("sqs:SendMesage".to_owned());
        assert_eq!(flaws("sqs:SendMesage", "arn:aws:sqs:eu-west-1:111122223333:orders", none()), [unknown]);
        let queue = vec!["arn:*:sqs:*:*:*".to_owned()];
        let never = Flaw::NeverMeets("sqs:SendMessage".to_owned(), queue);
        assert_eq!(flaws("sqs:SendMessage", "arn:aws:s3:::orders/*", none()), [never]);
        let bare = Flaw::NeverMeets("secretsmanager:ListSecrets".to_owned(), Vec::new());
        assert_eq!(flaws("secretsmanager:ListSecrets", SECRET, none()), [bare]);
        assert_eq!(flaws("secretsmanager:ListSecrets", "*", none()), []);
        // Services that the list does not cover, and negated elements, are no case.
        assert_eq!(flaws("braket:Nonsense", "arn:aws:s3:::orders", none()), []);
        assert_eq!(lint(&json!({ "Effect": "Allow", "NotAction": "sqs:Nonsense", "Resource": "*" })), []);
    }

    #[test]
    fn wildcards_that_reach_secrets_and_keys() {
        let reaches = |action: &str, resource: &str| {
            flaws(action, resource, json!({})).iter().any(|flaw| matches!(flaw, Flaw::Reaches(..)))
        };
        assert!(reaches("secretsmanager:GetSecretValue", "*"));
        assert!(reaches("secretsmanager:Get*", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-*"));
        assert!(reaches("kms:Decrypt", "arn:aws:kms:*:111122223333:key/*"));
        assert!(!reaches("secretsmanager:GetSecretValue", SECRET));
        assert!(!reaches("secretsmanager:ListSecrets", "*"));
        assert!(!reaches("s3:GetObject", "arn:aws:s3:::orders/*"));
    }

    #[test]
    fn condition_keys_and_operators() {
        let with = |condition: Value| flaws("secretsmanager:GetSecretValue", SECRET, condition);
        assert_eq!(with(json!({ "StringEquals": { "secretsmanager:VersionStage": "AWSCURRENT" } })), []);
        assert_eq!(with(json!({ "Bool": { "aws:SecureTransport": "true" } })), []);
        assert_eq!(with(json!({ "StringEquals": { "saml:aud": "x" } })), []);
        assert_eq!(
            with(json!({ "ArnLike": { "lambda:SourceFunctionArn": "arn:aws:lambda:*:*:function:f" } })),
            []
        );
        for key in ["aws:PrincipleArn", "secretsmanager:Stage", "kms:ViaService"] {
            let unknown = Flaw::UnknownKey(key.to_owned());
            assert_eq!(with(json!({ "StringEquals": { key: "x" } })), [unknown], "{key}");
        }
        for (operator, key) in [
            ("NumericEquals", "aws:PrincipalTag/team"),
            ("Bool", "aws:SourceIp"),
            ("StringEquals", "aws:TagKeys"),
            ("ForAllValues:StringEquals", "aws:PrincipalOrgID"),
            ("ArnLike", "aws:SecureTransport"),
        ] {
            let found = with(json!({ operator: { key: "x" } }));
            assert!(matches!(found.as_slice(), [Flaw::UnfitOperator(..)]), "{operator} {key}: {found:?}");
        }
    }
}
