//! What people ask for, as the authorisations that AWS checks.

use serde_json::{Value, json};

use crate::access::{Policy, PolicyKind, Resource};
use crate::deployed::scene::{Scene, ThingKind};

/// One authorisation of what is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The actions, of which one suffices; more than one only where a level has many.
    pub(crate) actions: Vec<String>,
    /// On what.
    pub(crate) resource: Resource,
    /// The thing of the scene that it is, if it is one.
    pub(crate) thing: Option<usize>,
    /// The condition keys that such requests have.
    pub(crate) context: Vec<(String, String)>,
    /// The condition keys that such requests do not have with these values.
    pub(crate) never: Vec<(String, String)>,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Level {
    /// A secret's value, or decryption with a key.
    Read,
    /// Everything but the value.
    Describe,
    /// A new value.
    Write,
    /// The secret or key itself, its policy included.
    Administer,
    /// Encryption with a key.
    EncryptWith,
    /// A login to a database with IAM.
    ConnectTo,
    /// One IAM action.
    Action(String),
}

/// The words of [`Level`], for suggestions.
pub(crate) const WORDS: [&str; 6] = ["read", "describe", "write", "administer", "connect-to", "encrypt-with"];

/// What administers a secret without reading it. Source: the Secrets Manager actions of the Service Authorization
/// Reference, access levels *Permissions management* and *Write* apart from values.
pub(crate) const SECRET_ADMINISTRATION: [&str; 12] = [
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:DeleteResourcePolicy",
    "secretsmanager:DeleteSecret",
    "secretsmanager:RestoreSecret",
    "secretsmanager:RotateSecret",
    "secretsmanager:CancelRotateSecret",
    "secretsmanager:UpdateSecret",
    "secretsmanager:TagResource",
    "secretsmanager:UntagResource",
    "secretsmanager:ReplicateSecretToRegions",
    "secretsmanager:RemoveRegionsFromReplication",
    "secretsmanager:StopReplicationToReplica",
];

/// What administers a key. Source: the KMS actions of the Service Authorization Reference.
pub(crate) const KEY_ADMINISTRATION: [&str; 5] = [
    "kms:PutKeyPolicy",
    "kms:CreateGrant",
    "kms:ScheduleKeyDeletion",
    "kms:DisableKey",
    "kms:DeleteImportedKeyMaterial",
];

impl Level {
    /// The level that a word of the language or an IAM action names.
    pub(crate) fn named(word: &str) -> Option<Level> {
        Some(match word {
            "read" => Level::Read,
            "describe" => Level::Describe,
            "write" => Level::Write,
            "administer" => Level::Administer,
            "encrypt-with" => Level::EncryptWith,
            "connect-to" => Level::ConnectTo,
            action => {
                let (service, name) = action.split_once(':')?;
                let is_word = |text: &str| {
                    !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
                };
                if !is_word(service) || !is_word(name) {
                    return None;
                }
                Level::Action(action.to_owned())
            }
        })
    }
}

/// The authorisations that a level needs on a resource, all of them.
pub(crate) fn calls(scene: &Scene, resource: &Resource, thing: Option<usize>, level: &Level) -> Vec<Call> {
    let kind = thing.and_then(|at| scene.things.get(at)).map(|thing| thing.kind);
    let own = |actions: &[&str]| Call {
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        resource: resource.clone(),
        thing,
        context: Vec::new(),
        never: Vec::new(),
    };
    let is_key = kind == Some(ThingKind::Key) || resource.arn.contains(":kms:");
    match (level, is_key) {
        (Level::Read, true) => vec![own(&["kms:Decrypt"])],
        (Level::Describe, true) => vec![own(&["kms:DescribeKey"])],
        (Level::Write | Level::EncryptWith, true) => vec![own(&["kms:Encrypt", "kms:GenerateDataKey"])],
        (Level::Administer, true) => vec![own(&KEY_ADMINISTRATION)],
        (Level::Read, false) => with_key(scene, own(&["secretsmanager:GetSecretValue"]), "kms:Decrypt"),
        (Level::Describe, false) => vec![own(&["secretsmanager:DescribeSecret"])],
        (Level::Write | Level::EncryptWith, false) => {
            with_key(scene, own(&["secretsmanager:PutSecretValue"]), "kms:GenerateDataKey")
        }
        (Level::Administer, false) => vec![own(&SECRET_ADMINISTRATION)],
        (Level::ConnectTo, _) => vec![own(&["rds-db:connect"])],
        (Level::Action(action), _) => {
            let call = own(&[action]);
            match action.to_ascii_lowercase().as_str() {
                "secretsmanager:getsecretvalue" => with_key(scene, call, "kms:Decrypt"),
                "secretsmanager:putsecretvalue" => with_key(scene, call, "kms:GenerateDataKey"),
                _ => vec![call],
            }
        }
    }
}

/// A call of Secrets Manager, and the call of the key that it makes with the caller's permissions.
/// Source: Secrets Manager guide, *Secret encryption and decryption*.
fn with_key(scene: &Scene, call: Call, action: &str) -> Vec<Call> {
    let key = call.thing.and_then(|at| scene.things.get(at)).and_then(|thing| thing.key);
    let Some(at) = key else { return vec![call] };
    let Some(key) = scene.world.resources.get(at) else { return vec![call] };
    let arn = call.resource.arn.clone();
    let region = arn.split(':').nth(3).unwrap_or_default();
    let suffix = if arn.starts_with("arn:aws-cn:") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let context = vec![
        ("kms:ViaService".to_owned(), format!("secretsmanager.{region}.{suffix}")),
        ("kms:EncryptionContext:SecretARN".to_owned(), arn.clone()),
    ];
    // What Secrets Manager validates a new key with is no version of a secret, and decrypts none.
    let never =
        vec![("kms:EncryptionContext:SecretVersionId".to_owned(), "RequestToValidateKeyAccess".to_owned())];
    let (actions, resource) = (vec![action.to_owned()], key.clone());
    let second = Call { actions, resource, thing: Some(at), context, never };
    vec![call, second]
}

impl Call {
    /// The policy that allows just the requests that are meant.
    pub(crate) fn meant(&self, more: &[(String, String)]) -> Option<Policy> {
        let mut condition = serde_json::Map::new();
        for (key, value) in self.context.iter().chain(more) {
            condition.insert(key.clone(), Value::from(value.clone()));
        }
        let mut statement = json!({ "Effect": "Allow", "Action": self.actions, "Resource": "*" });
        let never: serde_json::Map<String, Value> =
            self.never.iter().map(|(key, value)| (key.clone(), Value::from(value.clone()))).collect();
        let blocks = [("StringEquals", condition), ("StringNotEquals", never)];
        let blocks: serde_json::Map<String, Value> = blocks
            .into_iter()
            .filter(|(_, keys)| !keys.is_empty())
            .map(|(operator, keys)| (operator.to_owned(), Value::Object(keys)))
            .collect();
        if !blocks.is_empty()
            && let Some(fields) = statement.as_object_mut()
        {
            fields.insert("Condition".to_owned(), Value::Object(blocks));
        }
        let document = json!({ "Version": "2008-10-17", "Statement": statement });
        Policy::from_value(&document, PolicyKind::Identity).ok()
    }
}
