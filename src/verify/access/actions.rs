//! The actions that a verb of the language, a tier of people and the service's own work come to.

/// What reading takes (Secrets Manager guide, *Permissions*).
pub(super) const READ: [&str; 1] = ["secretsmanager:GetSecretValue"];
/// What a caching client asks beside.
pub(super) const DESCRIBE: [&str; 1] = ["secretsmanager:DescribeSecret"];
/// How old versions are.
pub(super) const VERSIONS: [&str; 1] = ["secretsmanager:ListSecretVersionIds"];
/// What a batch is asked for with.
pub(super) const BATCH: [&str; 1] = ["secretsmanager:BatchGetSecretValue"];
/// Everything that may be seen of a secret but its value.
pub(super) const METADATA: [&str; 3] = [
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetResourcePolicy",
    "secretsmanager:ListSecretVersionIds",
];
/// New versions and their labels.
pub(super) const WRITE: [&str; 2] =
    ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"];
/// The secret itself, without its value.
pub(super) const ADMINISTER: [&str; 12] = [
    "secretsmanager:CancelRotateSecret",
    "secretsmanager:DeleteResourcePolicy",
    "secretsmanager:DeleteSecret",
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:RemoveRegionsFromReplication",
    "secretsmanager:ReplicateSecretToRegions",
    "secretsmanager:RestoreSecret",
    "secretsmanager:RotateSecret",
    "secretsmanager:StopReplicationToReplica",
    "secretsmanager:TagResource",
    "secretsmanager:UntagResource",
    "secretsmanager:ValidateResourcePolicy",
];
/// Lists, which have no resource (service authorization reference).
pub(super) const LISTS: [&str; 1] = ["secretsmanager:ListSecrets"];
/// Lists of keys, which have no resource.
pub(super) const KEY_LISTS: [&str; 2] = ["kms:ListAliases", "kms:ListKeys"];
/// What may be seen of a key (KMS guide).
pub(super) const KEY_AUDIT: [&str; 7] = [
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
];
/// What changes a key without using it (KMS guide, key administrators; grants cannot be made).
pub(super) const KEY_CHANGES: [&str; 15] = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
];
/// What others of the account may not do to a secret once a deployer is named: write, and change in any way.
pub(super) const CLOSED: [&str; 14] = [
    "secretsmanager:CancelRotateSecret",
    "secretsmanager:DeleteResourcePolicy",
    "secretsmanager:DeleteSecret",
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:PutSecretValue",
    "secretsmanager:RemoveRegionsFromReplication",
    "secretsmanager:ReplicateSecretToRegions",
    "secretsmanager:RestoreSecret",
    "secretsmanager:RotateSecret",
    "secretsmanager:StopReplicationToReplica",
    "secretsmanager:TagResource",
    "secretsmanager:UntagResource",
    "secretsmanager:UpdateSecret",
    "secretsmanager:UpdateSecretVersionStage",
];
