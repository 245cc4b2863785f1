//! `AWS::SecretsManager`.

use super::{Tag, object, resource};
use crate::cfn::value::words::{AnyArn, FunctionArn, KeyArn, KeyIdentifier, RoleArn, SecretArn, Text};
use crate::cfn::{PolicyDocument, Value};

/// The transform that turns `HostedRotationLambda` into a nested stack; the 2020 version does not honour `DependsOn`
/// (CloudFormation docs).
const HOSTED_ROTATION_TRANSFORM: &str = "AWS::SecretsManager-2024-09-16";

resource! {
    /// A secret; `Ref` is its complete ARN. There is no field for a value: keyprint has values generated.
    Secret = "AWS::SecretsManager::Secret", Ref = SecretArn {
        name: Value<Text> = "Name",
        description: Value<Text> = "Description",
        secret_type: Value<Text> = "Type",
        kms_key_id: Value<KeyIdentifier> = "KmsKeyId",
        generate_secret_string: GenerateSecretString = "GenerateSecretString",
        replica_regions: Vec<ReplicaRegion> = "ReplicaRegions",
        tags: Vec<Tag> = "Tags",
    }
    /// The policy on a secret; `Ref` is the secret's ARN.
    ResourcePolicy = "AWS::SecretsManager::ResourcePolicy", Ref = SecretArn {
        secret_id: Value<SecretArn> = "SecretId",
        block_public_policy: bool = "BlockPublicPolicy",
        resource_policy: PolicyDocument = "ResourcePolicy",
    }
    /// Copies the connection of a database into a secret; `Ref` is the secret's ARN.
    SecretTargetAttachment = "AWS::SecretsManager::SecretTargetAttachment", Ref = SecretArn {
        secret_id: Value<SecretArn> = "SecretId",
        target_type: Value<Text> = "TargetType",
        target_id: Value<Text> = "TargetId",
    }
    /// The rotation of a secret; `Ref` is the secret's ARN.
    RotationSchedule = "AWS::SecretsManager::RotationSchedule", Ref = SecretArn {
        secret_id: Value<SecretArn> = "SecretId",
        rotation_lambda_arn: Value<FunctionArn> = "RotationLambdaARN",
        hosted_rotation_lambda: HostedRotationLambda = "HostedRotationLambda",
        external_secret_rotation_role_arn: Value<RoleArn> = "ExternalSecretRotationRoleArn",
        external_secret_rotation_metadata: Vec<Metadata> = "ExternalSecretRotationMetadata",
        rotation_rules: RotationRules = "RotationRules",
        rotate_immediately_on_update: bool = "RotateImmediatelyOnUpdate",
    } transform(this) { this.hosted_rotation_lambda.as_ref().map(|_| HOSTED_ROTATION_TRANSFORM) }
}

object! {
    /// How Secrets Manager makes the first value.
    GenerateSecretString {
        secret_string_template: Value<Text> = "SecretStringTemplate",
        generate_string_key: Value<Text> = "GenerateStringKey",
        password_length: u32 = "PasswordLength",
        exclude_characters: Value<Text> = "ExcludeCharacters",
        exclude_punctuation: bool = "ExcludePunctuation",
        require_each_included_type: bool = "RequireEachIncludedType",
    }
    /// A Region that holds a replica, with a key valid there.
    ReplicaRegion {
        region: Value<Text> = "Region",
        kms_key_id: Value<KeyIdentifier> = "KmsKeyId",
    }
    /// A rotation function that a transform generates.
    HostedRotationLambda {
        rotation_type: Value<Text> = "RotationType",
        rotation_lambda_name: Value<Text> = "RotationLambdaName",
        runtime: Value<Text> = "Runtime",
        kms_key_arn: Value<KeyArn> = "KmsKeyArn",
        superuser_secret_arn: Value<AnyArn> = "SuperuserSecretArn",
        superuser_secret_kms_key_arn: Value<KeyArn> = "SuperuserSecretKmsKeyArn",
        exclude_characters: Value<Text> = "ExcludeCharacters",
        vpc_security_group_ids: Value<Text> = "VpcSecurityGroupIds",
        vpc_subnet_ids: Value<Text> = "VpcSubnetIds",
    }
    /// When to rotate.
    RotationRules {
        schedule_expression: Value<Text> = "ScheduleExpression",
        duration: Value<Text> = "Duration",
    }
    /// One entry of a partner's rotation metadata.
    Metadata {
        key: Value<Text> = "Key",
        value: Value<Text> = "Value",
    }
}
