//! Metric alarms: rotation functions, undelivered events, and what the trail's log group shows.

use crate::cfn::resource::cloudwatch::{Alarm, CompositeAlarm, Dimension, Metric, MetricQuery, MetricStat};
use crate::cfn::resource::logs::{MetricFilter, MetricTransformation};
use crate::cfn::value::words::{AlarmName, AnyArn, Text};
use crate::cfn::{Draft, HomeId, LogicalId, Property, Sub, Value};
use crate::inventory::{Does, Signal, Task};
use crate::lower::site::{Site, World};
use crate::lower::task;
use crate::source::Origin;

use super::{Made, listeners};

/// Seconds of one period; events are rare and five minutes tell soon enough.
const PERIOD_SECONDS: u32 = 300;

/// Milliseconds after which a step of a rotation is slow: three quarters of the function's timeout.
const SLOW_MILLISECONDS: u32 = 45_000;

/// What one alarm watches.
struct Watch {
    name: String,
    description: String,
    signal: Signal,
    metric: Watched,
    threshold: u32,
    timing: Timing,
}

/// How often an alarm looks, and what silence means.
#[derive(Clone, Copy)]
struct Timing {
    period: u32,
    periods: u32,
    comparison: &'static str,
    missing: &'static str,
}

/// Something happened.
const HAPPENED: Timing = Timing {
    period: PERIOD_SECONDS,
    periods: 1,
    comparison: "GreaterThanOrEqualToThreshold",
    missing: "notBreaching",
};

enum Watched {
    Metric {
        namespace: &'static str,
        name: String,
        statistic: &'static str,
        dimension: Option<(&'static str, Value<Text>)>,
    },
    ReadVolume,
}

/// Makes the alarms of a site and the composite alarm over them.
pub(super) fn lower(world: &mut World<'_>, site: &Site<'_>, topics: &[Made<'_>]) {
    if !site.is_primary() {
        return;
    }
    let home = world.stack_home(site, None);
    let mut watches = functions(site);
    watches.extend(site.environment.tasks.iter().flat_map(|task| tasks(site, task)));
    watches.extend(trail(world, site, home, topics));
    let mut alarms: Vec<Value<AlarmName>> = Vec::new();
    let mut actions: Vec<Value<AnyArn>> = Vec::new();
    for watch in &watches {
        let listeners = listeners(topics, watch.signal);
        let Some((_, asked)) = listeners.first() else { continue };
        let told: Vec<Value<AnyArn>> = listeners.iter().map(|(made, _)| made.topic.clone().widen()).collect();
        for action in &told {
            if !actions.contains(action) {
                actions.push(action.clone());
            }
        }
        let made = alarm(site, watch, told, asked.origin);
        let draft = Draft::new(home, LogicalId::of(&watch.name, "Alarm"), asked.origin);
        alarms.push(world.resources.add(draft, &made).reference());
    }
    if !alarms.is_empty() {
        composite(world, site, home, alarms, actions);
    }
}

fn functions(site: &Site<'_>) -> Vec<Watch> {
    site.environment
        .functions
        .iter()
        .flat_map(|(_, function)| {
            [
                ("errors", "Errors", "Sum", 1, "a step failed"),
                ("throttles", "Throttles", "Sum", 1, "a step was throttled"),
                ("duration", "Duration", "Maximum", SLOW_MILLISECONDS, "a step came near the timeout"),
            ]
            .map(|(word, metric, statistic, threshold, what)| Watch {
                name: format!("{}-{word}", function.stable_name),
                description: format!("{}: {what}", function.physical_name),
                signal: Signal::FunctionFailing,
                metric: Watched::Metric {
                    namespace: "AWS/Lambda",
                    name: metric.to_owned(),
                    statistic,
                    dimension: Some(("FunctionName", Value::from(function.physical_name.as_str()))),
                },
                threshold,
                timing: HAPPENED,
            })
        })
        .collect()
}

/// What a task finds, and that it is heard of at all: without data nobody would know that nobody looks.
fn tasks(site: &Site<'_>, task: &Task) -> [Watch; 2] {
    let (signal, namespace, metric, word, found, period) = match task.does {
        Does::Watch => (
            Signal::RotationLate,
            task::ROTATION_METRICS,
            "LateSecrets",
            "late",
            "the rotation of a secret is late; the log of the function names it",
            task::WATCH_SECONDS,
        ),
        Does::CheckPostgreSql | Does::CheckMySql => (
            Signal::LogInFailed,
            task::HEALTH_METRICS,
            "FailedChecks",
            "failed",
            "a current value does not open its database; the log of the function names it",
            task::CHECK_SECONDS,
        ),
    };
    let watched = |statistic| Watched::Metric {
        namespace,
        name: metric.to_owned(),
        statistic,
        dimension: Some(("Stack", Value::from(task::metric_stack(site, task)))),
    };
    [
        Watch {
            name: format!("{}-{word}", task.stable_name),
            description: format!("{}: {found}", task.physical_name),
            signal,
            metric: watched("Maximum"),
            threshold: 1,
            timing: Timing { period, ..HAPPENED },
        },
        Watch {
            name: format!("{}-silent", task.stable_name),
            description: format!(
                "{}: nothing was heard of it in two turns; a new stack is silent until its first",
                task.physical_name
            ),
            signal,
            metric: watched("SampleCount"),
            threshold: 1,
            timing: Timing { period, periods: 2, comparison: "LessThanThreshold", missing: "breaching" },
        },
    ]
}

/// Alarms on the account's trail, where the environment names its log group and somebody listens.
fn trail(world: &mut World<'_>, site: &Site<'_>, home: HomeId, topics: &[Made<'_>]) -> Vec<Watch> {
    let Some(group) = &site.environment.trail_log_group else { return Vec::new() };
    let namespace = "Keyprint/Audit";
    let mut watches = Vec::new();
    let filters = [
        (
            Signal::AccessDenied,
            "refused-reads",
            "reads of secrets were refused",
            5,
            r#"{ ($.eventSource = "secretsmanager.amazonaws.com") && ($.eventName = "GetSecretValue") && (($.errorCode = "AccessDenied*") || ($.errorCode = "*Unauthorized*")) }"#,
        ),
        (
            Signal::RootUsed,
            "root-used",
            "the root user acted",
            1,
            r#"{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != "AwsServiceEvent") }"#,
        ),
    ];
    for (signal, name, what, threshold, pattern) in filters {
        let Some((_, asked)) = listeners(topics, signal).first().copied() else { continue };
        let by = asked.origin.derived("trail metric");
        let metric = format!("{}-{name}", site.prefix());
        world.resources.add(
            Draft::new(home, LogicalId::of(name, "MetricFilter"), asked.origin),
            &MetricFilter {
                log_group_name: Some(group.clone().map(Value::from)),
                filter_pattern: Some(by.put(Value::from(pattern))),
                metric_transformations: Some(by.put(vec![MetricTransformation {
                    metric_namespace: Some(by.put(Value::from(namespace))),
                    metric_name: Some(by.put(Value::from(metric.as_str()))),
                    metric_value: Some(by.put(Value::from("1"))),
                    default_value: Some(by.put(0)),
                    unit: Some(by.put(Value::from("Count"))),
                }])),
            },
        );
        watches.push(Watch {
            name: name.to_owned(),
            description: format!("{}: {what}", site.prefix()),
            signal,
            metric: Watched::Metric { namespace, name: metric, statistic: "Sum", dimension: None },
            threshold,
            timing: HAPPENED,
        });
    }
    watches.push(Watch {
        name: "unusual-reads".to_owned(),
        description: format!("{}: the volume of reads is out of its usual band", site.prefix()),
        signal: Signal::UnusualReads,
        metric: Watched::ReadVolume,
        threshold: 0,
        timing: HAPPENED,
    });
    watches
}

fn alarm(site: &Site<'_>, watch: &Watch, actions: Vec<Value<AnyArn>>, origin: Origin) -> Alarm {
    let by = origin.derived("alarm");
    let text = |text: &str| -> Property<Value<Text>> { Some(by.put(Value::from(text))) };
    let base = Alarm {
        alarm_name: Some(by.put(Value::from(format!("{}-{}", site.prefix(), watch.name)))),
        alarm_description: text(&watch.description),
        treat_missing_data: text(watch.timing.missing),
        alarm_actions: Some(origin.put(actions)),
        tags: Some(by.put(site.tags(&[]))),
        ..Alarm::default()
    };
    match &watch.metric {
        Watched::Metric { namespace, name, statistic, dimension } => Alarm {
            namespace: text(namespace),
            metric_name: text(name),
            dimensions: dimension.as_ref().map(|(name, value)| {
                by.put(vec![Dimension { name: text(name), value: Some(by.put(value.clone())) }])
            }),
            statistic: text(statistic),
            period: Some(by.put(watch.timing.period)),
            evaluation_periods: Some(by.put(watch.timing.periods)),
            threshold: Some(by.put(watch.threshold)),
            comparison_operator: text(watch.timing.comparison),
            ..base
        },
        Watched::ReadVolume => Alarm {
            metrics: Some(by.put(read_volume(by))),
            threshold_metric_id: text("band"),
            evaluation_periods: Some(by.put(3)),
            comparison_operator: text("GreaterThanUpperThreshold"),
            ..base
        },
    }
}

/// Calls of `GetSecretValue` against the band that CloudWatch expects (CloudWatch docs: usage metrics).
fn read_volume(by: Origin) -> Vec<MetricQuery> {
    let text = |text: &str| -> Property<Value<Text>> { Some(by.put(Value::from(text))) };
    let dimensions =
        [("Service", "Secrets Manager"), ("Type", "API"), ("Resource", "GetSecretValue"), ("Class", "None")]
            .map(|(name, value)| Dimension { name: text(name), value: text(value) });
    let metric = Metric {
        namespace: text("AWS/Usage"),
        metric_name: text("CallCount"),
        dimensions: Some(by.put(dimensions.into())),
    };
    vec![
        MetricQuery {
            id: text("calls"),
            metric_stat: Some(by.put(MetricStat {
                metric: Some(by.put(metric)),
                period: Some(by.put(PERIOD_SECONDS)),
                stat: text("Sum"),
            })),
            return_data: Some(by.put(true)),
            ..MetricQuery::default()
        },
        MetricQuery {
            id: text("band"),
            label: text("expected"),
            expression: text("ANOMALY_DETECTION_BAND(calls, 3)"),
            return_data: Some(by.put(true)),
            ..MetricQuery::default()
        },
    ]
}

fn composite(
    world: &mut World<'_>,
    site: &Site<'_>,
    home: HomeId,
    alarms: Vec<Value<AlarmName>>,
    actions: Vec<Value<AnyArn>>,
) {
    let by = site.application.origin.derived("composite alarm");
    let rule = alarms.into_iter().enumerate().fold(Sub::new(), |rule, (position, alarm)| {
        let rule = if position == 0 { rule } else { rule.text(" OR ") };
        rule.text("ALARM(\"").value(alarm.widen()).text("\")")
    });
    world.resources.add(
        Draft::new(home, LogicalId::of(&site.application.name.value, "CompositeAlarm"), by),
        &CompositeAlarm {
            alarm_name: Some(by.put(Value::from(site.prefix()))),
            alarm_description: Some(
                by.put(Value::from(format!("Anything of {} is in alarm", site.prefix()))),
            ),
            alarm_rule: Some(by.put(rule.build())),
            alarm_actions: Some(by.put(actions)),
            tags: Some(by.put(site.tags(&[]))),
        },
    );
}
