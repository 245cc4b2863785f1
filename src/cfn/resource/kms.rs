//! `AWS::KMS`.

use super::{Tag, resource};
use crate::cfn::value::words::{KeyArn, KeyId, KeyIdentifier, Text, Unused};
use crate::cfn::{Handle, PolicyDocument, Value};

resource! {
    /// A customer managed key; `Ref` is the key id. A change of `MultiRegion` fails the update (CloudFormation docs).
    Key = "AWS::KMS::Key", Ref = KeyId {
        description: Value<Text> = "Description",
        enable_key_rotation: bool = "EnableKeyRotation",
        rotation_period_in_days: u32 = "RotationPeriodInDays",
        pending_window_in_days: u32 = "PendingWindowInDays",
        multi_region: bool = "MultiRegion",
        key_policy: PolicyDocument = "KeyPolicy",
        tags: Vec<Tag> = "Tags",
    }
    /// The replica of a multi-Region key; `Ref` is the key id.
    ReplicaKey = "AWS::KMS::ReplicaKey", Ref = KeyId {
        description: Value<Text> = "Description",
        primary_key_arn: Value<KeyArn> = "PrimaryKeyArn",
        pending_window_in_days: u32 = "PendingWindowInDays",
        key_policy: PolicyDocument = "KeyPolicy",
        tags: Vec<Tag> = "Tags",
    }
    /// A name for a key; `Ref` is that name.
    Alias = "AWS::KMS::Alias", Ref = Unused {
        alias_name: Value<Text> = "AliasName",
        target_key_id: Value<KeyIdentifier> = "TargetKeyId",
    }
}

impl Handle<Key> {
    /// The key's ARN.
    pub(crate) fn arn(self) -> Value<KeyArn> {
        self.attribute("Arn")
    }
}

impl Handle<ReplicaKey> {
    /// The replica's ARN.
    pub(crate) fn arn(self) -> Value<KeyArn> {
        self.attribute("Arn")
    }
}
