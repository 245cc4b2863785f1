//! Alarms, events, topics, queues, logs, trails.

use super::{Control, Rule, control};
use crate::change::Class;

const ALARM: &str = "AWS::CloudWatch::Alarm";
const COMPOSITE: &str = "AWS::CloudWatch::CompositeAlarm";
const RULE: &str = "AWS::Events::Rule";
const TOPIC: &str = "AWS::SNS::Topic";
const SUBSCRIPTION: &str = "AWS::SNS::Subscription";
const QUEUE: &str = "AWS::SQS::Queue";
const LOGS: &str = "AWS::Logs::LogGroup";
const TRAIL: &str = "AWS::CloudTrail::Trail";
const BUCKET: &str = "AWS::S3::Bucket";
const OTHER: Rule = Rule::Says(Class::Altered, "it watches something else, or by another measure");

/// Seconds that a message is kept where it is left out (facts: resources.md, `AWS::SQS::Queue`).
const FOUR_DAYS: i64 = 345_600;

pub(super) const CONTROLS: &[Control] = &[
    control(ALARM, "/ActionsEnabled", "whether it tells anybody", Rule::TrueIsStronger(true)),
    control(ALARM, "/AlarmActions", "whom it tells", Rule::MoreEntriesAreStronger),
    control(ALARM, "/InsufficientDataActions", "whom it tells of silence", Rule::MoreEntriesAreStronger),
    control(ALARM, "/EvaluationPeriods", "periods until it alarms", Rule::LessIsStronger(None)),
    control(ALARM, "/DatapointsToAlarm", "data points until it alarms", Rule::LessIsStronger(None)),
    control(ALARM, "/Period", "seconds of a period", Rule::LessIsStronger(None)),
    control(
        ALARM,
        "/TreatMissingData",
        "what silence means",
        Rule::Words(&["ignore", "notBreaching", "missing", "breaching"], "missing"),
    ),
    control(ALARM, "/Threshold", "the threshold", Rule::Elsewhere),
    control(ALARM, "/ComparisonOperator", "how it compares", OTHER),
    control(ALARM, "/MetricName", "the metric that it watches", OTHER),
    control(ALARM, "/Namespace", "the namespace of the metric", OTHER),
    control(ALARM, "/Dimensions", "what the metric is of", OTHER),
    control(ALARM, "/Metrics", "the metrics that it watches", OTHER),
    control(ALARM, "/Statistic", "the statistic that it watches", OTHER),
    control(COMPOSITE, "/ActionsEnabled", "whether it tells anybody", Rule::TrueIsStronger(true)),
    control(COMPOSITE, "/AlarmActions", "whom it tells", Rule::MoreEntriesAreStronger),
    control(COMPOSITE, "/ActionsSuppressor", "what silences it", Rule::AbsenceIsStronger),
    control(COMPOSITE, "/AlarmRule", "what it watches", OTHER),
    control(
        RULE,
        "/State",
        "whether it is enabled",
        Rule::Words(&["DISABLED", "ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"], "ENABLED"),
    ),
    control(RULE, "/EventPattern", "the events that it watches", Rule::EventPattern),
    control(
        RULE,
        "/ScheduleExpression",
        "when it runs",
        Rule::Says(Class::Altered, "what it starts runs at other times"),
    ),
    control(RULE, "/Targets", "whom it tells", Rule::Targets),
    control(
        RULE,
        "/RoleArn",
        "the role that it runs under",
        Rule::Says(Class::Broader, "somebody else comes by the role"),
    ),
    control(TOPIC, "/KmsMasterKeyId", "the key that encrypts it", Rule::PresenceIsStronger),
    control(TOPIC, "/Subscription", "who is told", Rule::MoreEntriesAreStronger),
    control(SUBSCRIPTION, "/Endpoint", "who is told", Rule::Says(Class::Altered, "somebody else is told")),
    control(
        SUBSCRIPTION,
        "/Protocol",
        "how they are told",
        Rule::Says(Class::Altered, "they are told in another way"),
    ),
    control(
        SUBSCRIPTION,
        "/TopicArn",
        "of what they are told",
        Rule::Says(Class::Altered, "they are told of other things"),
    ),
    control(SUBSCRIPTION, "/FilterPolicy", "what is kept from them", Rule::AbsenceIsStronger),
    control(SUBSCRIPTION, "/RedrivePolicy", "where undelivered messages go", Rule::PresenceIsStronger),
    control("AWS::SNS::TopicPolicy", "", "its policy", Rule::Elsewhere),
    control(QUEUE, "/KmsMasterKeyId", "the key that encrypts it", Rule::PresenceIsStronger),
    control(QUEUE, "/SqsManagedSseEnabled", "whether it is encrypted", Rule::TrueIsStronger(true)),
    control(
        QUEUE,
        "/MessageRetentionPeriod",
        "seconds that messages are kept",
        Rule::MoreIsStronger(Some(FOUR_DAYS)),
    ),
    control("AWS::SQS::QueuePolicy", "", "its policy", Rule::Elsewhere),
    control(LOGS, "/KmsKeyId", "the key that encrypts it", Rule::PresenceIsStronger),
    control(LOGS, "/RetentionInDays", "days that it is kept", Rule::MoreIsStronger(None)),
    control(LOGS, "/DataProtectionPolicy", "what is masked in it", Rule::PresenceIsStronger),
    control(
        LOGS,
        "/LogGroupClass",
        "its class",
        Rule::Says(Class::Altered, "metric filters and alarms do not work on every class"),
    ),
    control("AWS::Logs::MetricFilter", "/FilterPattern", "what it counts", OTHER),
    control("AWS::Logs::MetricFilter", "/LogGroupName", "where it counts", OTHER),
    control("AWS::Logs::MetricFilter", "/MetricTransformations", "what it publishes", OTHER),
    control(TRAIL, "/IsLogging", "whether it records", Rule::TrueIsStronger(true)),
    control(TRAIL, "/IsMultiRegionTrail", "whether it records every Region", Rule::TrueIsStronger(false)),
    control(TRAIL, "/IncludeGlobalServiceEvents", "whether it records IAM", Rule::TrueIsStronger(false)),
    control(TRAIL, "/EnableLogFileValidation", "whether its files are sealed", Rule::TrueIsStronger(false)),
    control(TRAIL, "/KMSKeyId", "the key that encrypts it", Rule::PresenceIsStronger),
    control(TRAIL, "/EventSelectors", "what it records", OTHER),
    control(TRAIL, "/AdvancedEventSelectors", "what it records", OTHER),
    control(BUCKET, "/BucketEncryption", "how it is encrypted", Rule::PresenceIsStronger),
    control(
        BUCKET,
        "/VersioningConfiguration/Status",
        "whether it keeps versions",
        Rule::Words(&["Suspended", "Enabled"], "Suspended"),
    ),
    control(
        BUCKET,
        "/PublicAccessBlockConfiguration/BlockPublicAcls",
        "whether public lists are refused",
        Rule::TrueIsStronger(false),
    ),
    control(
        BUCKET,
        "/PublicAccessBlockConfiguration/BlockPublicPolicy",
        "whether a public policy is refused",
        Rule::TrueIsStronger(false),
    ),
    control(
        BUCKET,
        "/PublicAccessBlockConfiguration/IgnorePublicAcls",
        "whether public lists are ignored",
        Rule::TrueIsStronger(false),
    ),
    control(
        BUCKET,
        "/PublicAccessBlockConfiguration/RestrictPublicBuckets",
        "whether a public bucket is closed",
        Rule::TrueIsStronger(false),
    ),
    control(BUCKET, "/LifecycleConfiguration", "how long it keeps", OTHER),
    control(
        "AWS::Scheduler::Schedule",
        "/State",
        "whether it is enabled",
        Rule::Words(&["DISABLED", "ENABLED"], "ENABLED"),
    ),
    control(
        "AWS::Scheduler::Schedule",
        "/ScheduleExpression",
        "when it runs",
        Rule::Says(Class::Altered, "what it starts runs at other times"),
    ),
    control("AWS::Scheduler::Schedule", "/Target", "what it starts", OTHER),
];
