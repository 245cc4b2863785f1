//! Topics, encrypted with the key that only alerts use, and their subscribers.

use crate::cfn::resource::sns::{Subscription, Topic, TopicPolicy};
use crate::cfn::{
    ConditionOperator, Draft, Expr, LogicalId, Output, PolicyDocument, PrincipalElement, Statement, Value,
};
use crate::inventory::{Alert, Destination};
use crate::lower::site::{Site, World};
use crate::lower::{arn, program};

use super::Made;

/// What the account itself may do with a topic once the default policy is replaced.
const OWNER_ACTIONS: [&str; 5] = [
    "sns:DeleteTopic",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
];

/// Makes a topic for each alert.
pub(super) fn lower<'inventory>(world: &mut World<'inventory>, site: &Site<'_>) -> Vec<Made<'inventory>> {
    let Some(environment) = world.environment(site.application_index, site.environment_index) else {
        return Vec::new();
    };
    environment.alerts.iter().map(|alert| make(world, site, alert)).collect()
}

fn make<'inventory>(
    world: &mut World<'inventory>,
    site: &Site<'_>,
    alert: &'inventory Alert,
) -> Made<'inventory> {
    let home = world.stack_home(site, None);
    let by = alert.origin.derived("alert topic");
    let topic = world.resources.add(
        Draft::new(home, LogicalId::of(&alert.name.value, "Topic"), alert.origin),
        &Topic {
            topic_name: Some(by.put(Value::from(alert.physical_name.as_str()))),
            kms_master_key_id: program::alerts_key(world, site).map(|key| by.put(key.widen())),
            signature_version: Some(by.put(Value::from("2"))),
            tags: Some(by.put(site.tags(&[]))),
        },
    );
    let on_topic = || [topic.reference().widen()];
    let statements = vec![
        Statement::allow("Owner", OWNER_ACTIONS, by)
            .by(PrincipalElement::Aws(vec![arn::account_principal(site.account(), site.vantage())]))
            .on(on_topic()),
        Statement::allow("Alarms", ["sns:Publish"], by)
            .by(PrincipalElement::Service(vec![Value::from("cloudwatch.amazonaws.com")]))
            .on(on_topic())
            .when(ConditionOperator::StringEquals, "aws:SourceAccount", [arn::own_account()])
            .when(ConditionOperator::ArnLike, "aws:SourceArn", [arn::regional("cloudwatch", "alarm:*")]),
        // EventBridge documents no conditions for topic policies.
        Statement::allow("Rules", ["sns:Publish"], by)
            .by(PrincipalElement::Service(vec![Value::from("events.amazonaws.com")]))
            .on(on_topic()),
        Statement::deny("DenyInsecureTransport", ["sns:Publish"], by)
            .by(PrincipalElement::Everyone)
            .on(on_topic())
            .when(ConditionOperator::Bool, "aws:SecureTransport", [Value::from("false")]),
    ];
    world.resources.add(
        Draft::new(home, LogicalId::of(&alert.name.value, "TopicPolicy"), by),
        &TopicPolicy {
            topics: Some(by.put(vec![topic.reference()])),
            policy_document: Some(by.put(PolicyDocument { statements })),
        },
    );
    for (position, destination) in alert.destinations.iter().enumerate() {
        let noun =
            if position == 0 { "Subscription".to_owned() } else { format!("Subscription{}", position + 1) };
        let (protocol, endpoint) = match &destination.value {
            Destination::Email(address) => ("email", address),
            Destination::Https(url) => ("https", url),
            Destination::Sqs(queue) => ("sqs", queue),
            Destination::Lambda(function) => ("lambda", function),
        };
        world.resources.add(
            Draft::new(home, LogicalId::of(&alert.name.value, &noun), destination.origin),
            &Subscription {
                topic_arn: Some(by.put(topic.reference())),
                protocol: Some(destination.origin.derived("subscription").put(Value::from(protocol))),
                endpoint: Some(destination.origin.put(Value::from(endpoint.as_str()))),
            },
        );
    }
    world.resources.output(Output {
        home,
        name: LogicalId::of(&alert.name.value, "TopicArn"),
        description: format!("ARN of the topic {}", alert.physical_name),
        value: Expr::Ref(topic.id()),
        origin: alert.origin,
    });
    Made { alert, topic: topic.reference() }
}
