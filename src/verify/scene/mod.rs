//! The scene of questions: all principals, secrets and keys of some templates, with the policies that decide about
//! them and where each policy stands.
//!
//! *Never:* which access was wanted.

mod collect;
mod resolve;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::access::World;

pub(crate) use collect::collect;

/// A template as it is deployed.
#[derive(Debug)]
pub(crate) struct TemplateInput<'a> {
    /// How it is called in answers.
    pub(crate) path: String,
    /// Its document.
    pub(crate) document: &'a Value,
    /// The account it is deployed to, 12 digits.
    pub(crate) account: String,
    /// The Region it is deployed to.
    pub(crate) region: String,
    /// Parameters that hold an output of another template: its position and the output's name.
    pub(crate) given: BTreeMap<String, (usize, String)>,
}

/// Everything that questions are about, in one account.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    /// What decides.
    pub(crate) world: World,
    /// The roles of the world, in its order.
    pub(crate) roles: Vec<Actor>,
    /// The resources of the world, in its order.
    pub(crate) things: Vec<Thing>,
    /// The policies of endpoints, each with its service.
    pub(crate) endpoints: Vec<Endpoint>,
    /// What could not be judged.
    pub(crate) doubts: Vec<Doubt>,
}

/// A resource of a template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The position of the template.
    pub(crate) template: usize,
    /// The logical id.
    pub(crate) logical_id: String,
}

/// A policy document and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    /// The resource that holds it.
    pub(crate) place: Place,
    /// The JSON pointer to it in the template.
    pub(crate) pointer: String,
    /// Its text at deployment.
    pub(crate) value: Value,
}

/// A role and where its policies stand.
#[derive(Debug)]
pub(crate) struct Actor {
    /// Where it is made, unless it exists already.
    pub(crate) place: Option<Place>,
    /// Its identity policies, in the world's order; of a role that exists already, those that the templates add.
    pub(crate) identity: Vec<Document>,
    /// Its boundaries, in the world's order.
    pub(crate) boundaries: Vec<Document>,
    /// Whether policies that no template shows count as allowing it everything.
    pub(crate) is_open: bool,
}

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ThingKind {
    /// A secret.
    Secret,
    /// A KMS key.
    Key,
}

/// A secret or a key.
#[derive(Debug)]
pub(crate) struct Thing {
    /// What it is.
    pub(crate) kind: ThingKind,
    /// Where it is made.
    pub(crate) place: Place,
    /// Its own policy.
    pub(crate) policy: Option<Document>,
    /// What encrypts a secret.
    pub(crate) encryption: Encryption,
}

/// What encrypts a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// It is no secret.
    None,
    /// The key that AWS manages, which asks nothing of the caller beside the secret's call.
    AwsManaged,
    /// A key of the scene, by its position among the things.
    Key(usize),
    /// A key that no template shows, by what the template says.
    Elsewhere(String),
}

/// A VPC endpoint.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// The Region and the service, `eu-west-1` and `secretsmanager`.
    pub(crate) service: (String, String),
    /// Its policy; without one it lets everything through.
    pub(crate) policy: Option<Document>,
}

/// Something that could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Doubt {
    /// Where.
    pub(crate) place: Place,
    /// What, and why.
    pub(crate) text: String,
}

impl TemplateInput<'_> {
    fn resource(&self, id: &str) -> Option<&Value> {
        self.document.get("Resources")?.get(id)
    }
}

/// The type of a resource.
fn kind(resource: &Value) -> &str {
    resource.get("Type").and_then(Value::as_str).unwrap_or_default()
}
