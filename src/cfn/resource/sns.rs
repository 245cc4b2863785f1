//! `AWS::SNS`.

use super::{Tag, resource};
use crate::cfn::value::words::{KeyIdentifier, Text, TopicArn, Unused};
use crate::cfn::{PolicyDocument, Value};

resource! {
    /// A topic; `Ref` is its ARN.
    Topic = "AWS::SNS::Topic", Ref = TopicArn {
        topic_name: Value<Text> = "TopicName",
        kms_master_key_id: Value<KeyIdentifier> = "KmsMasterKeyId",
        signature_version: Value<Text> = "SignatureVersion",
        tags: Vec<Tag> = "Tags",
    }
    /// The policy of a topic; it replaces the default one.
    TopicPolicy = "AWS::SNS::TopicPolicy", Ref = Unused {
        topics: Vec<Value<TopicArn>> = "Topics",
        policy_document: PolicyDocument = "PolicyDocument",
    }
    /// Where a topic's messages go.
    Subscription = "AWS::SNS::Subscription", Ref = Unused {
        topic_arn: Value<TopicArn> = "TopicArn",
        protocol: Value<Text> = "Protocol",
        endpoint: Value<Text> = "Endpoint",
    }
}
