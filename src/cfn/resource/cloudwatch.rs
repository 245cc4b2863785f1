//! `AWS::CloudWatch`.

use super::{Tag, object, resource};
use crate::cfn::Value;
use crate::cfn::value::words::{AlarmName, AnyArn, Text, Unused};

resource! {
    /// A metric alarm; `Ref` is its name.
    Alarm = "AWS::CloudWatch::Alarm", Ref = AlarmName {
        alarm_name: Value<AlarmName> = "AlarmName",
        alarm_description: Value<Text> = "AlarmDescription",
        namespace: Value<Text> = "Namespace",
        metric_name: Value<Text> = "MetricName",
        dimensions: Vec<Dimension> = "Dimensions",
        statistic: Value<Text> = "Statistic",
        period: u32 = "Period",
        metrics: Vec<MetricQuery> = "Metrics",
        threshold_metric_id: Value<Text> = "ThresholdMetricId",
        evaluation_periods: u32 = "EvaluationPeriods",
        threshold: u32 = "Threshold",
        comparison_operator: Value<Text> = "ComparisonOperator",
        treat_missing_data: Value<Text> = "TreatMissingData",
        alarm_actions: Vec<Value<AnyArn>> = "AlarmActions",
        ok_actions: Vec<Value<AnyArn>> = "OKActions",
        tags: Vec<Tag> = "Tags",
    }
    /// A page of metrics; `Ref` is its name.
    Dashboard = "AWS::CloudWatch::Dashboard", Ref = Unused {
        dashboard_name: Value<Text> = "DashboardName",
        dashboard_body: Value<Text> = "DashboardBody",
    }
    /// An alarm over alarms; `Ref` is its name.
    CompositeAlarm = "AWS::CloudWatch::CompositeAlarm", Ref = AlarmName {
        alarm_name: Value<AlarmName> = "AlarmName",
        alarm_description: Value<Text> = "AlarmDescription",
        alarm_rule: Value<Text> = "AlarmRule",
        alarm_actions: Vec<Value<AnyArn>> = "AlarmActions",
        tags: Vec<Tag> = "Tags",
    }
}

object! {
    /// A metric's dimension.
    Dimension {
        name: Value<Text> = "Name",
        value: Value<Text> = "Value",
    }
    /// A metric or an expression in an alarm over several.
    MetricQuery {
        id: Value<Text> = "Id",
        label: Value<Text> = "Label",
        expression: Value<Text> = "Expression",
        metric_stat: MetricStat = "MetricStat",
        return_data: bool = "ReturnData",
    }
    /// A metric with its statistic.
    MetricStat {
        metric: Metric = "Metric",
        period: u32 = "Period",
        stat: Value<Text> = "Stat",
    }
    /// A metric.
    Metric {
        namespace: Value<Text> = "Namespace",
        metric_name: Value<Text> = "MetricName",
        dimensions: Vec<Dimension> = "Dimensions",
    }
}
