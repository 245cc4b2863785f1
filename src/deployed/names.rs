//! What a resource is called: the values of `Ref` and `Fn::GetAtt`, as far as its properties decide them.

use serde_json::Value;

use super::intrinsics::Resolver;

/// Characters of a KMS key id.
const KEY_ID: u32 = 36;

/// Random characters at the end of a secret's ARN (Secrets Manager guide, *Secret ARNs*).
const SECRET_SUFFIX: u32 = 6;

/// Characters that stand for a text of unknown length.
const ANY_LENGTH: u32 = 24;

impl<'a> Resolver<'_, 'a> {
    /// What `Ref` of a resource is.
    pub(super) fn reference(&mut self, id: &str) -> String {
        let Some((kind, _)) = self.resource(id) else {
            return self.unknown(&format!("Ref {id}"), ANY_LENGTH);
        };
        match kind {
            "AWS::SecretsManager::Secret" => self.secret_arn(id),
            "AWS::SecretsManager::SecretTargetAttachment"
            | "AWS::SecretsManager::RotationSchedule"
            | "AWS::SecretsManager::ResourcePolicy" => match self.property(id, "SecretId") {
                Some(secret) => self.text(secret),
                None => self.unknown(&format!("Ref {id}"), ANY_LENGTH),
            },
            "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => self.key_id(id),
            "AWS::IAM::Role" => self.name(id, "RoleName"),
            "AWS::IAM::User" => self.name(id, "UserName"),
            "AWS::IAM::ManagedPolicy" => self.iam(id, "policy", "ManagedPolicyName"),
            "AWS::Lambda::Function" => self.name(id, "FunctionName"),
            "AWS::Logs::LogGroup" => self.name(id, "LogGroupName"),
            "AWS::KMS::Alias" => self.name(id, "AliasName"),
            "AWS::S3::Bucket" => self.name(id, "BucketName"),
            "AWS::SNS::Topic" => {
                let name = self.name(id, "TopicName");
                self.regional("sns", &name)
            }
            _ => self.unknown(&format!("Ref {id}"), ANY_LENGTH),
        }
    }

    /// What `Fn::GetAtt` of a resource is.
    pub(super) fn attribute(&mut self, id: &str, attribute: &str) -> String {
        let kind = self.resource(id).map_or("", |(kind, _)| kind);
        match (kind, attribute) {
            ("AWS::SecretsManager::Secret", "Id") => self.secret_arn(id),
            ("AWS::KMS::Key" | "AWS::KMS::ReplicaKey", "KeyId") => self.key_id(id),
            ("AWS::KMS::Key" | "AWS::KMS::ReplicaKey", "Arn") => {
                let key = self.key_id(id);
                self.regional("kms", &format!("key/{key}"))
            }
            ("AWS::IAM::Role", "Arn") => self.iam(id, "role", "RoleName"),
            ("AWS::IAM::User", "Arn") => self.iam(id, "user", "UserName"),
            ("AWS::Lambda::Function", "Arn") => {
                let name = self.name(id, "FunctionName");
                self.regional("lambda", &format!("function:{name}"))
            }
            ("AWS::Logs::LogGroup", "Arn") => {
                let name = self.name(id, "LogGroupName");
                self.regional("logs", &format!("log-group:{name}:*"))
            }
            ("AWS::SNS::Topic", "TopicName") => self.name(id, "TopicName"),
            ("AWS::SNS::Topic", "TopicArn") => self.reference(id),
            ("AWS::SQS::Queue", "Arn") => {
                let name = self.name(id, "QueueName");
                self.regional("sqs", &name)
            }
            ("AWS::Events::Rule", "Arn") => {
                let name = self.name(id, "Name");
                self.regional("events", &format!("rule/{name}"))
            }
            ("AWS::S3::Bucket", "Arn") => {
                let (partition, name) = (self.partition(), self.name(id, "BucketName"));
                format!("arn:{partition}:s3:::{name}")
            }
            ("AWS::CloudWatch::Alarm" | "AWS::CloudWatch::CompositeAlarm", "Arn") => {
                let name = self.name(id, "AlarmName");
                self.regional("cloudwatch", &format!("alarm:{name}"))
            }
            (known, "Arn") if !known.is_empty() => {
                // Whatever it is of: an ARN has six parts.
                let parts = ["service", "region", "account", "resource"];
                let unknown = parts.map(|part| self.unknown(&format!("{id}.Arn {part}"), ANY_LENGTH));
                format!("arn:{}:{}", self.partition(), unknown.join(":"))
            }
            _ => self.unknown(&format!("{id}.{attribute}"), ANY_LENGTH),
        }
    }

    /// A resource's own name, or an unknown one if CloudFormation makes it up.
    pub(super) fn name(&mut self, id: &str, property: &str) -> String {
        match self.property(id, property) {
            Some(value) => self.text(value),
            None => self.unknown(&format!("{id}.{property}"), ANY_LENGTH),
        }
    }

    /// The ARN of a secret: its name and six random characters that all its replicas share.
    pub(super) fn secret_arn(&mut self, id: &str) -> String {
        let name = self.name(id, "Name");
        let suffix = self.unknown(&format!("suffix of {id}"), SECRET_SUFFIX);
        self.regional("secretsmanager", &format!("secret:{name}-{suffix}"))
    }

    /// The id of a key; a replica key has that of its primary.
    fn key_id(&mut self, id: &str) -> String {
        if let Some(primary) = self.property(id, "PrimaryKeyArn") {
            let arn = self.text(primary);
            if let Some((_, key)) = arn.split_once(":key/") {
                return key.to_owned();
            }
        }
        self.unknown(&format!("{id}.KeyId"), KEY_ID)
    }

    /// The ARN of something of IAM, with its path.
    fn iam(&mut self, id: &str, noun: &str, property: &str) -> String {
        let name = self.name(id, property);
        let path = match self.property(id, "Path") {
            Some(path) => self.text(path),
            None => "/".to_owned(),
        };
        let (partition, account) = (self.partition(), self.account());
        format!("arn:{partition}:iam::{account}:{noun}{path}{name}")
    }

    fn regional(&mut self, service: &str, rest: &str) -> String {
        let (partition, region, account) = (self.partition(), self.region(), self.account());
        format!("arn:{partition}:{service}:{region}:{account}:{rest}")
    }

    /// A property of a resource, as written.
    pub(super) fn property(&self, id: &str, name: &str) -> Option<&'a Value> {
        self.resource(id)?.1.get("Properties")?.get(name)
    }
}
