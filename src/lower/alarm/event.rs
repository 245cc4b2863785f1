//! Rules on events of Secrets Manager, KMS and STS. Apart from the native ones, they reach EventBridge only where a trail
//! logs (EventBridge docs).

use std::borrow::Cow;

use crate::cfn::resource::events::{InputTransformer, Rule, Target};
use crate::cfn::value::words::Text;
use crate::cfn::{Draft, LogicalId, Node, ToTree, Tree, Value};
use crate::inventory::Signal;
use crate::lower::site::{Site, World};
use crate::lower::{arn, undelivered};

use super::{Made, listeners};

/// What a rule listens to.
struct Event {
    signal: Signal,
    name: &'static str,
    description: &'static str,
    pattern: Tree,
    /// Read-only calls match only in the wider state (EventBridge docs).
    read_only: bool,
    /// Whether a replica Region has it too.
    on_replicas: bool,
    template: &'static str,
}

/// Makes the rules of a site with the queue for what they cannot deliver.
pub(super) fn lower(world: &mut World<'_>, site: &Site<'_>, topics: &[Made<'_>]) {
    let events: Vec<Event> = events(site)
        .into_iter()
        .filter(|event| {
            (site.is_primary() || event.on_replicas) && !listeners(topics, event.signal).is_empty()
        })
        .collect();
    for event in &events {
        rule(world, site, topics, event);
    }
}

fn rule(world: &mut World<'_>, site: &Site<'_>, topics: &[Made<'_>], event: &Event) {
    let home = world.stack_home(site, None);
    let listeners = listeners(topics, event.signal);
    let asked = listeners.first().map_or_else(|| site.origin(), |(_, asked)| asked.origin);
    let by = asked.derived("event rule");
    let letters = undelivered::letters(world, site, home);
    let targets = listeners
        .iter()
        .map(|(made, asked)| Target {
            id: Some(asked.origin.put(Value::from(made.alert.name.value.as_str()))),
            arn: Some(asked.origin.put(made.topic.clone().widen())),
            dead_letter_config: Some(by.put(undelivered::config(&letters, by))),
            input_transformer: Some(by.put(InputTransformer {
                input_paths_map: Some(by.put(paths(event.template))),
                input_template: Some(by.put(Value::from(event.template))),
            })),
            ..Target::default()
        })
        .collect();
    let state = if event.read_only { "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" } else { "ENABLED" };
    let rule = world.resources.add(
        Draft::new(home, LogicalId::of(event.name, "Rule"), asked),
        &Rule {
            name: Some(by.put(Value::from(format!("{}-{}", site.prefix(), event.name)))),
            description: Some(by.put(Value::from(event.description))),
            event_pattern: Some(by.put(event.pattern.clone())),
            state: Some(by.put(Value::from(state))),
            targets: Some(by.put(targets)),
            tags: Some(by.put(site.tags(&[]))),
            ..Rule::default()
        },
    );
    undelivered::admit(world, home, rule.arn());
}

/// The events of each signal. Field names are those of the documented events (EventBridge and Secrets Manager docs).
fn events(site: &Site<'_>) -> Vec<Event> {
    let mut events = vec![
        Event {
            signal: Signal::RotationFailed,
            name: "rotation-failed",
            description: "A rotation, a test rotation or a replication failed or was abandoned",
            pattern: secrets_manager_service_event(
                &["RotationFailed", "RotationAbandoned", "TestRotationFailed", "ReplicationFailed"],
                secret_arns(site),
            ),
            read_only: false,
            on_replicas: false,
            template: r#""<time> <name> for <secret>: <error>""#,
        },
        Event {
            signal: Signal::RotationSucceeded,
            name: "rotation-succeeded",
            description: "A secret was rotated",
            pattern: secrets_manager_service_event(&["RotationSucceeded"], secret_arns(site)),
            read_only: false,
            on_replicas: false,
            template: r#""<time> <name> for <secret>""#,
        },
        Event {
            signal: Signal::SecretDeleted,
            name: "secret-deleted",
            description: "A secret was deleted, or its rotation or replication ended",
            pattern: api_call(
                "secretsmanager",
                &[
                    "CancelRotateSecret",
                    "DeleteSecret",
                    "RemoveRegionsFromReplication",
                    "StopReplicationToReplica",
                ],
            ),
            read_only: false,
            on_replicas: true,
            template: r#""<time> <name> by <who>""#,
        },
        Event {
            signal: Signal::PolicyChanged,
            name: "secret-policy-changed",
            description: "The resource policy of a secret changed",
            pattern: api_call("secretsmanager", &["DeleteResourcePolicy", "PutResourcePolicy"]),
            read_only: false,
            on_replicas: true,
            template: r#""<time> <name> by <who>""#,
        },
        Event {
            signal: Signal::PolicyChanged,
            name: "key-policy-changed",
            description: "A key policy changed, or a grant on a key was made",
            pattern: api_call("kms", &["CreateGrant", "PutKeyPolicy"]),
            read_only: false,
            on_replicas: true,
            template: r#""<time> <name> by <who>""#,
        },
        Event {
            signal: Signal::KeyDisabled,
            name: "key-disabled",
            description: "A key was disabled, its rotation ended, or its deletion was scheduled",
            pattern: api_call(
                "kms",
                &["DeleteImportedKeyMaterial", "DisableKey", "DisableKeyRotation", "ScheduleKeyDeletion"],
            ),
            read_only: false,
            on_replicas: true,
            template: r#""<time> <name> by <who>""#,
        },
    ];
    if let Some(person) = &site.environment.people.break_glass {
        let role = arn::role(site.account(), &person.role.value, site.vantage());
        events.push(Event {
            signal: Signal::BreakGlassUsed,
            name: "break-glass-used",
            description: "Somebody took the break-glass role",
            pattern: map(vec![
                ("source", list(["aws.sts"])),
                ("detail-type", list(["AWS API Call via CloudTrail"])),
                (
                    "detail",
                    map(vec![
                        ("eventSource", list(["sts.amazonaws.com"])),
                        ("eventName", list(["AssumeRole"])),
                        ("requestParameters", map(vec![("roleArn", vec![role].to_tree())])),
                    ]),
                ),
            ]),
            read_only: true,
            on_replicas: true,
            template: r#""<time> <name> by <who>""#,
        });
    }
    events
}

fn secret_arns(site: &Site<'_>) -> Vec<Value<Text>> {
    vec![arn::regional(
        "secretsmanager",
        &format!("secret:{}/{}/", site.application.name.value, site.environment.name.value),
    )]
}

/// A service event of Secrets Manager; the secret is in `additionalEventData`, not in the request.
fn secrets_manager_service_event(names: &[&'static str], prefixes: Vec<Value<Text>>) -> Tree {
    let secrets: Vec<Tree> =
        prefixes.iter().map(|prefix| Tree::Map(vec![(Cow::Borrowed("prefix"), prefix.to_node())])).collect();
    map(vec![
        ("source", list(["aws.secretsmanager"])),
        ("detail-type", list(["AWS Service Event via CloudTrail"])),
        (
            "detail",
            map(vec![
                ("eventSource", list(["secretsmanager.amazonaws.com"])),
                ("eventName", names.to_vec().to_tree()),
                ("additionalEventData", map(vec![("SecretId", secrets.to_tree())])),
            ]),
        ),
    ])
}

fn api_call(service: &str, names: &[&'static str]) -> Tree {
    map(vec![
        ("source", vec![format!("aws.{service}")].to_tree()),
        ("detail-type", list(["AWS API Call via CloudTrail"])),
        (
            "detail",
            map(vec![
                ("eventSource", vec![format!("{service}.amazonaws.com")].to_tree()),
                ("eventName", names.to_vec().to_tree()),
            ]),
        ),
    ])
}

/// The paths of the words that a message template uses.
fn paths(template: &str) -> Tree {
    let known = [
        ("error", "$.detail.errorMessage"),
        ("name", "$.detail.eventName"),
        ("secret", "$.detail.additionalEventData.SecretId"),
        ("time", "$.time"),
        ("who", "$.detail.userIdentity.arn"),
    ];
    map(known
        .into_iter()
        .filter(|(word, _)| template.contains(&format!("<{word}>")))
        .map(|(word, path)| (word, path.to_tree()))
        .collect())
}

fn map(members: Vec<(&'static str, Tree)>) -> Tree {
    Tree::Map(
        members.into_iter().map(|(name, tree)| (Cow::Borrowed(name), Node { tree, origin: None })).collect(),
    )
}

fn list<const N: usize>(texts: [&'static str; N]) -> Tree {
    texts.to_vec().to_tree()
}
