//! What access comes to in words: reading, writing, administering.

use serde_json::{Value, json};

use crate::access::{Answer, Policy, PolicyKind, known_actions};
use crate::deployed::scene::ThingKind;
use crate::verify::questions::{KEY_ADMINISTRATION, Level as Question, SECRET_ADMINISTRATION};

/// A level of access.
pub(super) struct Level {
    /// What one does.
    pub(super) word: &'static str,
    /// The actions of which each is enough.
    pub(super) actions: &'static [&'static str],
    /// The same as a question, with every call that it needs.
    pub(super) question: Question,
}

const fn level(word: &'static str, actions: &'static [&'static str], question: Question) -> Level {
    Level { word, actions, question }
}

static SECRET: [Level; 4] = [
    level("read", &["secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue"], Question::Read),
    level("write", &["secretsmanager:PutSecretValue"], Question::Write),
    level("administer", &SECRET_ADMINISTRATION, Question::Administer),
    level(
        "describe",
        &["secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"],
        Question::Describe,
    ),
];

static KEY: [Level; 3] = [
    level("decrypt with", &["kms:Decrypt"], Question::Read),
    level("encrypt with", &["kms:Encrypt", "kms:GenerateDataKey"], Question::EncryptWith),
    level("administer", &KEY_ADMINISTRATION, Question::Administer),
];

/// The levels of a kind of thing.
pub(super) fn levels(kind: ThingKind) -> &'static [Level] {
    match kind {
        ThingKind::Secret => &SECRET,
        ThingKind::Key => &KEY,
    }
}

/// Asks about the actions of a kind of thing that exist; others, which a wildcard takes in too, are no access today.
pub(super) fn known(mut ask: impl FnMut(&Policy) -> Answer, kind: ThingKind) -> Answer {
    let service = match kind {
        ThingKind::Secret => "secretsmanager",
        ThingKind::Key => "kms",
    };
    let actions = known_actions(service);
    ask(&meant(&actions.iter().map(String::as_str).collect::<Vec<_>>()))
}

/// Services whose actions are looked up, one after the other, until a witness exists or none is left.
const MOST_SERVICES: usize = 8;

/// Asks until the action of a witness exists, or the service of it is not in the catalogue.
pub(super) fn real(mut ask: impl FnMut(Option<&Policy>) -> Answer) -> Answer {
    let mut services: Vec<String> = Vec::new();
    let mut only: Option<Policy> = None;
    loop {
        let answer = ask(only.as_ref());
        let Answer::Refuted(request) = &answer else { return answer };
        let service = request.action.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let known = known_actions(&service);
        let exists = known.is_empty() || known.iter().any(|it| it.eq_ignore_ascii_case(&request.action));
        if exists || services.len() == MOST_SERVICES || services.contains(&service) {
            return answer;
        }
        services.push(service);
        let actions: Vec<String> = services.iter().flat_map(|service| known_actions(service)).collect();
        let others: Vec<String> = services.iter().map(|service| format!("{service}:*")).collect();
        only = Some(policy(&json!([
            { "Effect": "Allow", "Action": actions, "Resource": "*" },
            { "Effect": "Allow", "NotAction": others, "Resource": "*" },
        ])));
    }
}

/// The policy that allows some actions, to ask about them alone.
pub(super) fn meant(actions: &[&str]) -> Policy {
    policy(&json!([{ "Effect": "Allow", "Action": actions, "Resource": "*" }]))
}

/// The policy that allows everything on things, and the use of keys for them: what came with a thing is no gain.
pub(super) fn everything_on(arns: &[String]) -> Policy {
    if arns.is_empty() {
        return Policy::nothing();
    }
    let arns: Vec<String> = arns.iter().map(|arn| by_name(arn)).collect();
    let below: Vec<String> =
        arns.iter().flat_map(|arn| [arn.clone(), format!("{arn}:*"), format!("{arn}/*")]).collect();
    let secrets: Vec<&String> = arns.iter().filter(|arn| arn.contains(":secretsmanager:")).collect();
    let mut statements = vec![json!({ "Effect": "Allow", "Action": "*", "Resource": below })];
    if !secrets.is_empty() {
        statements.push(json!({ "Effect": "Allow", "Action": "kms:*", "Resource": "*",
            "Condition": { "StringLike": { "kms:EncryptionContext:SecretARN": secrets } } }));
    }
    policy(&Value::Array(statements))
}

/// An ARN as policies write it that know only the name: of a secret, without the six random characters.
fn by_name(arn: &str) -> String {
    match arn.rsplit_once('-') {
        Some((name, suffix)) if arn.contains(":secretsmanager:") && suffix.chars().count() == 6 => {
            format!("{name}-??????")
        }
        Some(_) | None => arn.to_owned(),
    }
}

/// Requests from principals of organisations.
pub(super) fn from_organizations(ids: &[String]) -> Policy {
    policy(&json!([{ "Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": { "StringEquals": { "aws:PrincipalOrgID": ids } } }]))
}

/// A policy of the language version in which `${` means nothing.
fn policy(statements: &Value) -> Policy {
    let document = json!({ "Version": "2008-10-17", "Statement": statements });
    Policy::from_value(&document, PolicyKind::Identity).unwrap_or_else(|_| Policy::nothing())
}

/// A list of verbs as people write it.
pub(super) fn spoken(verbs: &[&str]) -> String {
    match verbs {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [several @ .., last] => format!("{} and {last}", several.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_listed_as_people_do() {
        assert_eq!(spoken(&[]), "");
        assert_eq!(spoken(&["read"]), "read");
        assert_eq!(spoken(&["read", "write", "administer"]), "read, write and administer");
    }
}
