//! From templates to policies: which principals and resources there will be, and every document that decides about them.
//!
//! Written for any template, not only for those of keyprint. What a template does not say is an unknown run of
//! characters with a name, never a guess; what is not understood is a [`Doubt`].

pub(crate) mod account;
pub(crate) mod branches;
mod channels;
mod collect;
mod common;
mod condition;
mod identity;
mod intrinsics;
mod names;
mod other;
pub(crate) mod scene;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::access::{Policy, Unknowns};

pub(crate) use channels::{DeployedChannel, DeployedPermission};
pub(crate) use common::Common;

/// A template with what is known of its deployment.
#[derive(Debug, Clone)]
pub(crate) struct Located<'a> {
    /// How messages name it.
    pub(crate) path: String,
    /// The document.
    pub(crate) document: &'a Value,
    /// The account that it is deployed in, if it is known.
    pub(crate) account: Option<String>,
    /// The Region, if it is known.
    pub(crate) region: Option<String>,
    /// The name of its stack, if it is known.
    pub(crate) stack: Option<String>,
    /// What is known of its parameters.
    pub(crate) parameters: BTreeMap<String, Argument>,
}

/// What a parameter of a template gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Argument {
    /// An output of another template, by position and name.
    Output(usize, String),
}

/// A place in one of the templates.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The template, by position.
    pub(crate) template: usize,
    /// The JSON pointer.
    pub(crate) pointer: String,
}

/// A policy document with the way back to where it is written.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    /// What it says.
    pub(crate) policy: Policy,
    /// The document with every reference resolved.
    pub(crate) document: Arc<Value>,
    /// The document in its template.
    pub(crate) place: Place,
    /// For each statement, where it stands below the document.
    pub(crate) statements: Vec<String>,
}

/// A role: one of the templates, or one that exists and gets policies from them.
#[derive(Debug, Clone)]
pub(crate) struct DeployedRole {
    /// Its ARN.
    pub(crate) arn: String,
    /// Where it is made, or the first policy that is attached to it.
    pub(crate) place: Place,
    /// Whether a template makes it; of others not every policy is known.
    pub(crate) made: bool,
    /// Its identity policies.
    pub(crate) identity: Vec<Placed>,
    /// Its permissions boundary, where a template holds it.
    pub(crate) boundaries: Vec<Placed>,
    /// Its trust policy.
    pub(crate) trust: Option<Placed>,
    /// ARNs of identity policies that no template holds.
    pub(crate) elsewhere: Vec<String>,
    /// ARN of a boundary that no template holds.
    pub(crate) bounded_elsewhere: Option<String>,
}

/// The key that encrypts a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// The key with this ARN.
    Key(String),
    /// The AWS managed key of Secrets Manager, which every principal of the account may use through it.
    Managed,
    /// A key that the template does not tell.
    Unknown,
}

/// A secret, or a replica of one.
#[derive(Debug, Clone)]
pub(crate) struct DeployedSecret {
    /// Its ARN.
    pub(crate) arn: String,
    /// Where it is made.
    pub(crate) place: Place,
    /// The primary secret, by position, if this is a replica.
    pub(crate) replica_of: Option<usize>,
    /// What encrypts it.
    pub(crate) encryption: Encryption,
    /// Its resource policy; a replica has that of its primary.
    pub(crate) policy: Option<Placed>,
}

/// A key.
#[derive(Debug, Clone)]
pub(crate) struct DeployedKey {
    /// Its ARN.
    pub(crate) arn: String,
    /// Where it is made.
    pub(crate) place: Place,
    /// Its policy; without one KMS gives the account everything (KMS guide, *Default key policy*).
    pub(crate) policy: Option<Placed>,
}

/// An alias of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeployedAlias {
    /// Its name, with `alias/`.
    pub(crate) name: String,
    /// Account and Region.
    pub(crate) site: (String, String),
    /// The ARN of its key.
    pub(crate) key: String,
}

/// A VPC endpoint.
#[derive(Debug, Clone)]
pub(crate) struct DeployedEndpoint {
    /// The service, for example `secretsmanager`.
    pub(crate) service: String,
    /// The VPC.
    pub(crate) vpc: String,
    /// Account and Region.
    pub(crate) site: (String, String),
    /// Where it is made.
    pub(crate) place: Place,
    /// Its policy; without one it lets everything through.
    pub(crate) policy: Option<Placed>,
}

/// A policy of something else, or an identity policy of a user or group.
#[derive(Debug, Clone)]
pub(crate) struct DeployedDocument {
    /// What it belongs to: equal on both sides of a change.
    pub(crate) owner: String,
    /// The document.
    pub(crate) placed: Placed,
    /// The account.
    pub(crate) account: String,
}

/// A construct that is not understood, and what was done about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Doubt {
    /// Where it stands.
    pub(crate) place: Place,
    /// What it is, in words.
    pub(crate) construct: String,
}

/// Everything that the templates make and that decides about access.
#[derive(Debug, Clone, Default)]
pub(crate) struct Deployed {
    /// Roles, sorted by ARN.
    pub(crate) roles: Vec<DeployedRole>,
    /// Secrets and replicas, in the order of the templates.
    pub(crate) secrets: Vec<DeployedSecret>,
    /// Keys, in the order of the templates.
    pub(crate) keys: Vec<DeployedKey>,
    /// Aliases, each with its account and Region and the ARN of its key.
    pub(crate) aliases: Vec<DeployedAlias>,
    /// Endpoints, in the order of the templates.
    pub(crate) endpoints: Vec<DeployedEndpoint>,
    /// Topics, in the order of the templates.
    pub(crate) topics: Vec<DeployedChannel>,
    /// Queues, in the order of the templates.
    pub(crate) queues: Vec<DeployedChannel>,
    /// Permissions to invoke functions, in the order of the templates.
    pub(crate) permissions: Vec<DeployedPermission>,
    /// What is not understood, sorted.
    pub(crate) doubts: Vec<Doubt>,
}

impl Deployed {
    /// Reads templates that are deployed together.
    ///
    /// `roles` are the ARNs of roles that exist already, for their paths: a template attaches a policy by name alone.
    pub(crate) fn read(templates: &[Located<'_>], roles: &[String]) -> Deployed {
        collect::collect(templates, roles, &mut Unknowns::default(), &mut Common::default())
    }

    /// Reads one of two states of templates. Unknowns are those of both: what has the same name in both is the same.
    pub(crate) fn read_state(
        templates: &[Located<'_>],
        unknowns: &mut Unknowns,
        common: &mut Common,
    ) -> Deployed {
        collect::collect(templates, &[], unknowns, common)
    }
}

impl Place {
    /// The logical id of the resource that it lies in.
    pub(crate) fn logical_id(&self) -> Option<String> {
        crate::pointer::logical_id(&self.pointer)
    }
}

impl Placed {
    /// Where a statement is written.
    pub(crate) fn statement(&self, index: usize) -> Place {
        let below = self.statements.get(index).map_or("", String::as_str);
        Place { template: self.place.template, pointer: format!("{}{below}", self.place.pointer) }
    }
}

/// The policies of everything that [`Deployed`] does not have, and managed policies whether or not a role has them, in
/// the order of the templates; none of templates that both states have in common.
pub(crate) fn others(
    templates: &[Located<'_>],
    unknowns: &mut Unknowns,
    common: &mut Common,
) -> Vec<DeployedDocument> {
    collect::others(templates, unknowns, common)
}

/// What templates hand each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Handed {
    /// For each template, the values of the parameters that others give.
    pub(crate) parameters: Vec<BTreeMap<String, Value>>,
    /// Account, Region, name and value of each export.
    pub(crate) exports: Vec<(String, String, String, Value)>,
}

/// What templates hand each other.
pub(crate) fn handed(templates: &[Located<'_>], unknowns: &mut Unknowns) -> Handed {
    collect::handed(templates, unknowns)
}

/// What resources are called in policies: their ARNs, and what else `Ref` and `Fn::GetAtt` make of them.
pub(crate) fn names(
    templates: &[Located<'_>],
    wanted: &[(usize, &str)],
    unknowns: &mut Unknowns,
) -> Vec<String> {
    collect::names(templates, wanted, unknowns)
}

/// The properties of resources with every reference resolved, in the order in which they are asked for.
pub(crate) fn resolved(
    templates: &[Located<'_>],
    wanted: &[(usize, &str)],
    unknowns: &mut Unknowns,
) -> Vec<Value> {
    collect::resolved(templates, wanted, unknowns)
}

/// Calls back for every text in a document.
pub(crate) fn texts<'v>(document: Option<&'v Value>, with: &mut dyn FnMut(&'v str)) {
    let mut open: Vec<&Value> = document.into_iter().collect();
    while let Some(value) = open.pop() {
        if let Some(text) = value.as_str() {
            with(text);
        }
        open.extend(value.as_array().into_iter().flatten());
        open.extend(value.as_object().into_iter().flat_map(serde_json::Map::values));
    }
}

/// The account part of an ARN.
pub(crate) fn account_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|account| !account.is_empty())
}

/// The Region part of an ARN.
pub(crate) fn region_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(3).filter(|region| !region.is_empty())
}
