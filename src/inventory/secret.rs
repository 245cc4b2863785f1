//! Secrets: how they are called, generated, encrypted, replicated and rotated. No field can hold a value.

use crate::source::{Origin, Sourced};

use super::{Id, KeyRef, Rotation};

/// A secret of an environment.
#[derive(Debug)]
pub(crate) struct Secret {
    /// Its name in the blueprint.
    pub(crate) name: Sourced<String>,
    /// What logical ids are made of: the pinned id, the former name after a rename, or the name.
    pub(crate) stable_name: String,
    /// Its name in Secrets Manager.
    pub(crate) physical_name: Sourced<String>,
    /// What it is, in words.
    pub(crate) description: Sourced<String>,
    /// The key that encrypts it.
    pub(crate) key: Sourced<KeyRef>,
    /// How it comes to a value.
    pub(crate) value: SecretValue,
    /// The database whose connection is copied into it.
    pub(crate) attachment: Option<Attachment>,
    /// Places of the environment, other than the primary, that hold a replica.
    pub(crate) replicas: Vec<Sourced<usize>>,
    /// How it rotates.
    pub(crate) rotation: Rotation,
    /// The function that is told when another value has become current.
    pub(crate) on_change: Option<Sourced<String>>,
    /// The stack that the author placed it in, below `{application}-`.
    pub(crate) stack: Option<Sourced<String>>,
    /// Further tags.
    pub(crate) tags: Vec<(Sourced<String>, Sourced<String>)>,
    /// Its entry in the blueprint.
    pub(crate) origin: Origin,
}

impl Secret {
    /// The name of the rule that tells of another current value.
    pub(crate) fn change_rule(&self, prefix: &str) -> String {
        format!("{prefix}-{}-changed", self.stable_name)
    }
}

/// How a secret comes to its first value.
#[derive(Debug)]
pub(crate) enum SecretValue {
    /// Secrets Manager generates it.
    Generated {
        /// JSON members beside the generated one; none for a plain text.
        template: Vec<(String, TemplateValue)>,
        /// The JSON member that is generated; absent for a plain text.
        generated_member: Option<Sourced<String>>,
        /// Length of the generated part, 8 to 4096.
        length: Sourced<u32>,
        /// Characters that do not occur in it.
        exclude_characters: Sourced<String>,
        /// Whether it has letters and digits only.
        exclude_punctuation: Sourced<bool>,
    },
    /// Nobody generates it: the named procedure (a partner, a person with the operator's role) puts the first
    /// version. The type is Secrets Manager's `Type` for a partner.
    PutLater {
        /// The partner's type string, for example `SalesforceClientSecret`.
        partner_type: Option<Sourced<String>>,
    },
    /// A service owns the secret; keyprint makes none and grants access to it.
    OwnedByService {
        /// Its complete ARN.
        arn: Sourced<String>,
        /// The ARN of the customer key that encrypts it.
        key_arn: Option<Sourced<String>>,
    },
}

/// A JSON member that is not secret.
#[derive(Debug, Clone)]
pub(crate) enum TemplateValue {
    /// Literal text.
    Text(Sourced<String>),
    /// The ARN of another secret, for `masterarn`.
    SecretArn(Sourced<SecretRef>),
}

/// The tie to a database.
#[derive(Debug)]
pub(crate) struct Attachment {
    /// The CloudFormation type, one that `SecretTargetAttachment` takes.
    pub(crate) target_type: Sourced<&'static str>,
    /// The database's identifier.
    pub(crate) target_id: Sourced<String>,
}

/// A secret of this environment, or of the environment of the same name in another blueprint.
#[derive(Debug, Clone)]
pub(crate) enum SecretRef {
    /// A secret of this environment.
    Own(Id<Secret>),
    /// A secret of another application.
    Other {
        /// Which application, as an index into the inventory.
        application: usize,
        /// Which of its environments.
        environment: usize,
        /// The secret there.
        secret: Id<Secret>,
    },
}
