//! The queue of a stack for events that its rules cannot deliver.

use crate::cfn::resource::events::DeadLetterConfig;
use crate::cfn::resource::sqs::{Queue, QueuePolicy};
use crate::cfn::value::words::{QueueArn, RuleArn};
use crate::cfn::{
    ConditionOperator, Draft, Handle, HomeId, LogicalId, PolicyDocument, PrincipalElement, Statement, Value,
};

use crate::source::Origin;

use super::program;
use super::site::{Site, World};

/// Seconds that undelivered events wait for somebody: 14 days, the longest SQS keeps them.
const KEEP_UNDELIVERED_SECONDS: u32 = 1_209_600;

/// The queue of a stack with the rules that write to it.
#[derive(Debug)]
pub(super) struct Undelivered {
    queue: Handle<Queue>,
    rules: Vec<Value<RuleArn>>,
}

/// Where a rule of a stack puts what it cannot deliver; the first call makes the queue.
pub(super) fn letters(world: &mut World<'_>, site: &Site<'_>, home: HomeId) -> Option<Value<QueueArn>> {
    let by = site.origin().derived("undelivered events");
    if !world.undelivered.contains_key(&home) {
        let queue = Queue {
            kms_master_key_id: program::alerts_key(world, site).map(|key| by.put(key.widen())),
            message_retention_period: Some(by.put(KEEP_UNDELIVERED_SECONDS)),
            tags: Some(by.put(site.tags(&[]))),
        };
        let draft = Draft::new(home, LogicalId::of("undelivered-events", "Queue"), by);
        let queue = world.resources.add(draft, &queue);
        world.undelivered.insert(home, Undelivered { queue, rules: Vec::new() });
    }
    world.undelivered.get(&home).map(|found| found.queue.arn())
}

/// The property of a target for the queue of its stack.
pub(super) fn config(queue: &Option<Value<QueueArn>>, by: Origin) -> DeadLetterConfig {
    DeadLetterConfig { arn: queue.clone().map(|arn| by.put(arn)) }
}

/// Takes note of a rule that may write to the queue of its stack.
pub(super) fn admit(world: &mut World<'_>, home: HomeId, rule: Value<RuleArn>) {
    if let Some(found) = world.undelivered.get_mut(&home) {
        found.rules.push(rule);
    }
}

/// Writes the policies of a site's queues, once all its rules are known.
pub(super) fn finish(world: &mut World<'_>, site: &Site<'_>) {
    let by = site.origin().derived("undelivered events");
    for (home, Undelivered { queue, rules }) in std::mem::take(&mut world.undelivered) {
        let on_queue = || [queue.arn().widen()];
        let statements = vec![
            Statement::allow("Rules", ["sqs:SendMessage"], by)
                .by(PrincipalElement::Service(vec![Value::from("events.amazonaws.com")]))
                .on(on_queue())
                .when(ConditionOperator::ArnEquals, "aws:SourceArn", rules.into_iter().map(Value::widen)),
            Statement::deny("DenyInsecureTransport", ["sqs:*"], by)
                .by(PrincipalElement::Everyone)
                .on(on_queue())
                .when(ConditionOperator::Bool, "aws:SecureTransport", [Value::from("false")]),
        ];
        world.resources.add(
            Draft::new(home, LogicalId::of("undelivered-events", "QueuePolicy"), by),
            &QueuePolicy {
                queues: Some(by.put(vec![queue.reference()])),
                policy_document: Some(by.put(PolicyDocument { statements })),
            },
        );
    }
}
