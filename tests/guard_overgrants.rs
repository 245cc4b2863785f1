//! What widely used frameworks emit by default grants too much in known ways; each is caught by a rule.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::collections::BTreeSet;

use keyprint::verify::guard::{Verdict, built_in};
use serde_json::{Value, json};

fn account_root() -> Value {
    json!({ "AWS": { "Fn::Join": ["", ["arn:", { "Ref": "AWS::Partition" }, ":iam::111122223333:root"]] } })
}

/// One service as such a framework writes it: key, secret, rotation, reader, endpoint.
fn common_template() -> Value {
    let via = json!({ "StringEquals": { "kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com" } });
    let use_of_key =
        ["kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"];
    json!({ "Resources": {
        "Key": { "Type": "AWS::KMS::Key", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain",
            "Properties": { "KeyPolicy": { "Version": "2012-10-17", "Statement": [
                { "Effect": "Allow", "Principal": account_root(), "Action": "kms:*", "Resource": "*" },
                { "Effect": "Allow", "Principal": account_root(), "Action": use_of_key, "Resource": "*", "Condition": via },
                { "Effect": "Allow", "Principal": { "AWS": { "Fn::GetAtt": ["Reader", "Arn"] } },
                  "Action": "kms:Decrypt", "Resource": "*", "Condition": via },
                { "Effect": "Allow", "Principal": { "AWS": { "Fn::GetAtt": ["Admin", "Arn"] } },
                  "Action": ["kms:Create*", "kms:Get*", "kms:Put*"], "Resource": "*" }
            ] } } },
        "Secret": { "Type": "AWS::SecretsManager::Secret", "DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete",
            "Properties": { "KmsKeyId": { "Fn::GetAtt": ["Key", "Arn"] }, "GenerateSecretString": {} } },
        "SecretPolicy": { "Type": "AWS::SecretsManager::ResourcePolicy",
            "Properties": { "SecretId": { "Ref": "Secret" }, "ResourcePolicy": { "Statement": [
                { "Effect": "Deny", "Principal": account_root(), "Action": "secretsmanager:DeleteSecret", "Resource": "*" }
            ] } } },
        "Permission": { "Type": "AWS::Lambda::Permission", "Properties": {
            "Action": "lambda:InvokeFunction", "FunctionName": { "Fn::GetAtt": ["Rotation", "Arn"] },
            "Principal": "secretsmanager.amazonaws.com" } },
        "RotationRole": { "Type": "AWS::IAM::Role", "Properties": {
            "ManagedPolicyArns": [{ "Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole" }],
            "AssumeRolePolicyDocument": { "Statement": [
                { "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }
            ] } } },
        "Reader": { "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": { "Statement": [
            { "Effect": "Allow", "Principal": { "Service": "ecs-tasks.amazonaws.com" }, "Action": "sts:AssumeRole" }
        ] } } },
        "ReaderPolicy": { "Type": "AWS::IAM::ManagedPolicy", "Properties": { "PolicyDocument": { "Statement": [
            { "Effect": "Allow", "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
              "Resource": { "Ref": "Secret" } },
            { "Effect": "Allow", "Action": ["kms:Decrypt", "kms:ReEncrypt*"], "Resource": { "Fn::GetAtt": ["Key", "Arn"] } },
            { "Effect": "Allow", "Action": ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret"],
              "Resource": { "Ref": "Secret" } },
            { "Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
              "Resource": { "Fn::Sub": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*" } }
        ] } } },
        "Endpoint": { "Type": "AWS::EC2::VPCEndpoint", "Properties": {
            "VpcId": { "Ref": "Vpc" }, "VpcEndpointType": "Interface", "PrivateDnsEnabled": true } },
        "EndpointGroup": { "Type": "AWS::EC2::SecurityGroup", "Properties": {
            "SecurityGroupIngress": [{ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": { "Ref": "VpcCidr" } }],
            "SecurityGroupEgress": [{ "IpProtocol": "-1", "CidrIp": "0.0.0.0/0" }] } }
    } })
}

#[test]
fn every_known_over_grant_is_caught() {
    let caught: BTreeSet<String> = built_in()
        .unwrap()
        .evaluate(&common_template())
        .unwrap()
        .into_iter()
        .filter(|outcome| matches!(outcome.verdict, Verdict::Fail { .. }))
        .map(|outcome| outcome.rule)
        .collect();
    let known = [
        ("everything to the account in the key policy", "KEY_POLICY_GRANTS_NOT_EVERYTHING"),
        ("grants and wildcards through Secrets Manager", "KEY_POLICY_ALLOWS_NO_GRANTS"),
        ("decryption without the secret's encryption context", "KEY_POLICY_BINDS_USE_TO_SECRETS"),
        ("data key and re-encryption wildcards", "KEY_POLICY_GRANTS_NO_WILDCARD_ACTION"),
        ("a writer who may move the secret to another key", "GRANT_MOVES_NO_SECRET"),
        ("decryption outside Secrets Manager in the identity policy", "GRANT_DECRYPTS_NAMED_SECRETS"),
        ("an administrator who manages and uses the key", "KEY_POLICY_SEPARATES_DUTIES"),
        ("rotation started by any account", "ROTATION_PERMISSION_NAMES_SOURCE"),
        ("policies that AWS writes on the rotation role", "ROLE_TAKES_NO_AWS_POLICY"),
        ("every secret of the account", "GRANT_NAMES_ITS_SECRETS"),
        ("a service trusted on behalf of any account", "TRUST_NAMES_SOURCE_ACCOUNT"),
        ("an endpoint without a policy", "ENDPOINT_HAS_POLICY"),
        ("an endpoint open to the whole VPC", "GROUP_ADMITS_NO_ADDRESSES"),
        ("egress to everywhere", "GROUP_EGRESS_IS_NARROW"),
        ("a secret's policy without a denial of plain transport", "SECRET_POLICY_DEMANDS_TLS"),
        ("a secret's policy that does not block public access", "SECRET_POLICY_BLOCKS_PUBLIC_ACCESS"),
        ("a secret deleted with its stack", "SECRET_SURVIVES_STACK"),
        ("a resource policy deleted with its stack", "SECRET_POLICY_SURVIVES_STACK"),
        ("a secret that nothing rotates", "SECRET_IS_ROTATED"),
        ("a key that is never rotated", "KEY_IS_ROTATED"),
    ];
    for (over_grant, rule) in known {
        assert!(caught.contains(rule), "{rule} misses {over_grant}");
    }
}
