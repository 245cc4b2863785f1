//! `AWS::SQS`.

use super::{Tag, resource};
use crate::cfn::value::words::{KeyIdentifier, QueueArn, QueueUrl, Unused};
use crate::cfn::{Handle, PolicyDocument, Value};

resource! {
    /// A queue; `Ref` is its URL.
    Queue = "AWS::SQS::Queue", Ref = QueueUrl {
        kms_master_key_id: Value<KeyIdentifier> = "KmsMasterKeyId",
        message_retention_period: u32 = "MessageRetentionPeriod",
        tags: Vec<Tag> = "Tags",
    }
    /// The policy of a queue.
    QueuePolicy = "AWS::SQS::QueuePolicy", Ref = Unused {
        queues: Vec<Value<QueueUrl>> = "Queues",
        policy_document: PolicyDocument = "PolicyDocument",
    }
}

impl Handle<Queue> {
    /// The queue's ARN.
    pub(crate) fn arn(self) -> Value<QueueArn> {
        self.attribute("Arn")
    }
}
