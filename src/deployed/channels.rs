//! What templates make beside secrets, keys and roles that somebody can send to, read from or call: topics, queues,
//! permissions to invoke functions.

use serde_json::{Value, json};

use super::intrinsics::Resolver;
use super::{Place, Placed};
use crate::access::{Policy, PolicyKind};

/// A topic or a queue.
#[derive(Debug, Clone)]
pub(crate) struct DeployedChannel {
    /// Its ARN.
    pub(crate) arn: String,
    /// Where it is made.
    pub(crate) place: Place,
    /// Its policy.
    pub(crate) policy: Option<Placed>,
    /// The ARNs of the event rules that leave undelivered events in it.
    pub(crate) rules: Vec<String>,
    /// What `Ref` of it is, by which policies name it.
    reference: String,
}

/// A permission to invoke a function.
#[derive(Debug, Clone)]
pub(crate) struct DeployedPermission {
    /// The ARN of the function.
    pub(crate) function: String,
    /// The permission as the statement that Lambda makes of it (Lambda guide, *Resource-based policies*).
    pub(crate) policy: Placed,
}

/// What was found of channels.
#[derive(Default)]
pub(super) struct Channels {
    pub(super) topics: Vec<DeployedChannel>,
    pub(super) queues: Vec<DeployedChannel>,
    pub(super) permissions: Vec<DeployedPermission>,
    /// References of topics and queues with the policy for them.
    policies: Vec<(String, Placed)>,
    /// Queues, by ARN, that rules leave undelivered events in, with the ARN of the rule.
    undelivered: Vec<(String, String)>,
}

/// Takes note of a resource, if it is a channel, speaks about one, or sends to one.
pub(super) fn note(resolver: &mut Resolver<'_, '_>, id: &str, kind: &str, found: &mut Channels) {
    match kind {
        "AWS::SNS::Topic" => {
            let arn = resolver.reference(id);
            found.topics.push(channel(resolver, id, arn));
        }
        "AWS::SQS::Queue" => {
            let arn = resolver.attribute(id, "Arn");
            found.queues.push(channel(resolver, id, arn));
        }
        "AWS::SNS::TopicPolicy" => policies(resolver, id, "Topics", PolicyKind::Topic, found),
        "AWS::SQS::QueuePolicy" => policies(resolver, id, "Queues", PolicyKind::Resource, found),
        "AWS::Lambda::Permission" => found.permissions.extend(permission(resolver, id)),
        "AWS::Events::Rule" => {
            let rule = resolver.attribute(id, "Arn");
            let targets = resolver.property(id, "Targets");
            for target in targets.into_iter().filter_map(Value::as_array).flatten() {
                if let Some(queue) = target.pointer("/DeadLetterConfig/Arn") {
                    found.undelivered.push((resolver.text(queue), rule.clone()));
                }
            }
        }
        _ => {}
    }
}

fn channel(resolver: &mut Resolver<'_, '_>, id: &str, arn: String) -> DeployedChannel {
    let (place, reference) = (resolver.place(id), resolver.reference(id));
    DeployedChannel { arn, place, policy: None, rules: Vec::new(), reference }
}

fn policies(
    resolver: &mut Resolver<'_, '_>,
    id: &str,
    property: &str,
    kind: PolicyKind,
    found: &mut Channels,
) {
    let Some(placed) = resolver.policy(id, "/PolicyDocument", kind) else { return };
    let targets = resolver.property(id, property);
    for target in targets.into_iter().filter_map(Value::as_array).flatten() {
        found.policies.push((resolver.text(target), placed.clone()));
    }
}

fn permission(resolver: &mut Resolver<'_, '_>, id: &str) -> Option<DeployedPermission> {
    let mut text = |name: &str| {
        let value = resolver.property(id, name)?;
        Some(resolver.text(value))
    };
    let (function, action, principal) = (text("FunctionName")?, text("Action")?, text("Principal")?);
    let mut conditions = serde_json::Map::new();
    for (property, operator, key) in [
        ("SourceAccount", "StringEquals", "aws:SourceAccount"),
        ("SourceArn", "ArnLike", "aws:SourceArn"),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
    ] {
        if let Some(value) = text(property) {
            conditions.entry(operator).or_insert_with(|| json!({}))[key] = Value::from(value);
        }
    }
    let function = resolver.function_arn(&function);
    let family = if principal.ends_with(".amazonaws.com") { "Service" } else { "AWS" };
    let document = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { family: principal }, "Action": action, "Resource": function,
        "Condition": conditions,
    }] });
    let place = resolver.place(id);
    match Policy::from_value(&document, PolicyKind::Resource) {
        Ok(policy) => {
            let policy = Placed { policy, document: document.into(), place, statements: vec![String::new()] };
            Some(DeployedPermission { function, policy })
        }
        Err(errors) => {
            let first = errors.first().map(|error| error.message.clone()).unwrap_or_default();
            resolver.doubt(&place.pointer, format!("a permission that is not understood: {first}"));
            None
        }
    }
}

impl Channels {
    /// Gives each channel its policy and its senders.
    pub(super) fn joined(mut self) -> Channels {
        for channel in self.topics.iter_mut().chain(&mut self.queues) {
            let own = |(target, _): &&(String, Placed)| *target == channel.reference;
            channel.policy = self.policies.iter().find(own).map(|(_, policy)| policy.clone());
            let to_it = self.undelivered.iter().filter(|(queue, _)| *queue == channel.arn);
            channel.rules = to_it.map(|(_, rule)| rule.clone()).collect();
            channel.rules.sort();
            channel.rules.dedup();
        }
        self
    }
}

impl Resolver<'_, '_> {
    /// The ARN of the function that a text names by ARN or name.
    fn function_arn(&mut self, text: &str) -> String {
        if text.starts_with("arn:") {
            return text.to_owned();
        }
        let (partition, region, account) = (self.partition(), self.region(), self.account());
        format!("arn:{partition}:lambda:{region}:{account}:function:{text}")
    }
}
