//! `AWS::Logs`.

use super::{Tag, object, resource};
use crate::cfn::value::words::{KeyArn, LogGroupArn, LogGroupName, Text, Unused};
use crate::cfn::{Handle, Value};

resource! {
    /// A log group; `Ref` is its name.
    LogGroup = "AWS::Logs::LogGroup", Ref = LogGroupName {
        log_group_name: Value<LogGroupName> = "LogGroupName",
        retention_in_days: u32 = "RetentionInDays",
        kms_key_id: Value<KeyArn> = "KmsKeyId",
        tags: Vec<Tag> = "Tags",
    }
    /// Counts log entries as a metric.
    MetricFilter = "AWS::Logs::MetricFilter", Ref = Unused {
        log_group_name: Value<LogGroupName> = "LogGroupName",
        filter_pattern: Value<Text> = "FilterPattern",
        metric_transformations: Vec<MetricTransformation> = "MetricTransformations",
    }
}

object! {
    /// The metric of a filter.
    MetricTransformation {
        metric_namespace: Value<Text> = "MetricNamespace",
        metric_name: Value<Text> = "MetricName",
        metric_value: Value<Text> = "MetricValue",
        default_value: u32 = "DefaultValue",
        unit: Value<Text> = "Unit",
    }
}

impl Handle<LogGroup> {
    /// The group's ARN, which ends in `:*`.
    pub(crate) fn arn(self) -> Value<LogGroupArn> {
        self.attribute("Arn")
    }
}
