//! Policy documents, typed: what a statement says, before anybody asks what it allows.

mod condition;
mod json;
mod parse;
mod principal;

pub(crate) use condition::{Condition, Quantifier, Test};
pub(crate) use json::Json;
pub(crate) use principal::{Entry, PrincipalElement};

use std::sync::Arc;

use super::pattern::Pattern;

/// Where a policy is attached, which decides the elements it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyKind {
    /// Attached to a user, group or role.
    Identity,
    /// Attached to a resource: secret, bucket, queue, function.
    Resource,
    /// A role's trust policy.
    Trust,
    /// A KMS key policy.
    Key,
    /// A VPC endpoint policy.
    Endpoint,
    /// A permissions boundary.
    Boundary,
    /// A session policy.
    Session,
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
    /// An SNS topic policy.
    Topic,
}

impl PolicyKind {
    /// The kind a command-line word names.
    pub fn named(word: &str) -> Option<PolicyKind> {
        match word {
            "identity" => Some(PolicyKind::Identity),
            "resource" => Some(PolicyKind::Resource),
            "trust" => Some(PolicyKind::Trust),
            "key" => Some(PolicyKind::Key),
            "endpoint" => Some(PolicyKind::Endpoint),
            "boundary" => Some(PolicyKind::Boundary),
            "session" => Some(PolicyKind::Session),
            "scp" => Some(PolicyKind::Scp),
            "rcp" => Some(PolicyKind::Rcp),
            "topic" => Some(PolicyKind::Topic),
            _ => None,
        }
    }

    /// Whether statements of this kind name principals.
    pub fn has_principal(self) -> bool {
        match self {
            PolicyKind::Resource
            | PolicyKind::Trust
            | PolicyKind::Key
            | PolicyKind::Endpoint
            | PolicyKind::Rcp
            | PolicyKind::Topic => true,
            PolicyKind::Identity | PolicyKind::Boundary | PolicyKind::Session | PolicyKind::Scp => false,
        }
    }
}

/// One policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub(crate) kind: PolicyKind,
    /// Shared by copies: policies are passed on far more often than they are read.
    pub(crate) statements: Arc<[Statement]>,
}

impl Policy {
    /// Reads a document from its JSON text.
    ///
    /// # Errors
    ///
    /// Malformed JSON, duplicate keys, and elements that AWS refuses; every problem found is listed. A construct
    /// that is only not understood is no error: it stays in its statement and makes answers about it undecided.
    pub fn parse(text: &str, kind: PolicyKind) -> Result<Policy, Vec<PolicyError>> {
        let json = Json::parse(text).map_err(|message| vec![PolicyError { path: String::new(), message }])?;
        parse::policy(&json, kind)
    }

    /// Reads a document from a value parsed elsewhere.
    ///
    /// # Errors
    ///
    /// As [`Policy::parse`], but duplicate keys are gone in such a value.
    pub fn from_value(value: &serde_json::Value, kind: PolicyKind) -> Result<Policy, Vec<PolicyError>> {
        parse::policy(&Json::from_value(value), kind)
    }

    pub(crate) fn from_json(json: &Json, kind: PolicyKind) -> Result<Policy, Vec<PolicyError>> {
        parse::policy(json, kind)
    }

    /// The constructs that are not understood, each with its statement.
    pub fn unsupported(&self) -> Vec<String> {
        let in_statement = |s: &Statement| {
            let label = s.label();
            s.unsupported.iter().map(move |construct| format!("{label}: {construct}")).collect::<Vec<_>>()
        };
        self.statements.iter().flat_map(in_statement).collect()
    }

    /// All statements of policies that are attached to the same thing: together they are one policy.
    pub fn merged<'p>(kind: PolicyKind, policies: impl IntoIterator<Item = &'p Policy>) -> Policy {
        let statements = policies.into_iter().flat_map(|policy| policy.statements.iter().cloned()).collect();
        Policy { kind, statements }
    }

    /// Whether some statement may be about one of these resources; a quick answer that errs towards yes.
    pub fn may_concern(&self, arns: &[&str]) -> bool {
        self.statements.iter().any(|statement| match &statement.resource {
            Element::Everything | Element::NotIn(_) => true,
            Element::In(patterns) => patterns
                .iter()
                .any(|pattern| !pattern.is_complete() || arns.iter().any(|arn| pattern.may_match(arn))),
        })
    }

    /// Whether some statement allows something to a role itself, rather than to its account; errs towards yes.
    pub fn grants_to(&self, role: &str) -> bool {
        let name = role.rsplit('/').next().unwrap_or(role);
        self.statements.iter().filter(|statement| statement.effect == Effect::Allow).any(|statement| {
            match &statement.principal {
                PrincipalElement::Absent => false,
                PrincipalElement::NotIn(_) => true,
                PrincipalElement::In(entries) => entries.iter().any(|entry| match entry {
                    Entry::Anyone => true,
                    Entry::Role(arn) => arn == role,
                    Entry::Session(arn) => arn.contains(name),
                    Entry::Account(_)
                    | Entry::User(_)
                    | Entry::FederatedUser(_)
                    | Entry::Service(_)
                    | Entry::Federated(_)
                    | Entry::Canonical(_)
                    | Entry::Deleted(_) => false,
                }),
            }
        })
    }

    /// What the policy denies, as a policy that allows just that.
    pub fn denials(&self) -> Policy {
        let denies = self.statements.iter().filter(|statement| statement.effect == Effect::Deny);
        let statements =
            denies.map(|statement| Statement { effect: Effect::Allow, ..statement.clone() }).collect();
        Policy { kind: self.kind, statements }
    }

    /// The policy without one of its statements, by place.
    pub(crate) fn without(&self, at: usize) -> Policy {
        let others = self.statements.iter().enumerate().filter(|(other, _)| *other != at);
        Policy { kind: self.kind, statements: others.map(|(_, statement)| statement.clone()).collect() }
    }

    /// A policy that allows nothing.
    pub fn nothing() -> Policy {
        Policy { kind: PolicyKind::Identity, statements: Arc::default() }
    }

    /// Whether there is an Allow at all.
    pub(crate) fn has_allow(&self) -> bool {
        self.statements.iter().any(|statement| statement.effect == Effect::Allow)
    }

    /// The kind it was read as.
    pub fn kind(&self) -> PolicyKind {
        self.kind
    }
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// JSON pointer to the element; empty for the document.
    pub path: String,
    /// What is wrong there.
    pub message: String,
}

impl std::fmt::Display for PolicyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.message),
            path => write!(f, "{} at `{path}`", self.message),
        }
    }
}

/// What a matching statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effect {
    /// Grants.
    Allow,
    /// Denies, whatever grants.
    Deny,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Its `Sid`.
    pub(crate) sid: Option<String>,
    /// Its place in the document.
    pub(crate) index: usize,
    /// What it does.
    pub(crate) effect: Effect,
    /// Whom it names.
    pub(crate) principal: PrincipalElement,
    /// Which actions, in lower case.
    pub(crate) action: Element,
    /// Which resources.
    pub(crate) resource: Element,
    /// All must hold.
    pub(crate) conditions: Vec<Condition>,
    /// Constructs that are not understood: an Allow counts as if they held, a Deny as if they did not.
    pub(crate) unsupported: Vec<String>,
}

impl Statement {
    /// How messages name the statement: by `Sid`, else by its place.
    pub(crate) fn label(&self) -> String {
        match &self.sid {
            Some(sid) => format!("statement `{sid}`"),
            None => format!("statement {}", self.index),
        }
    }
}

/// `Action`/`NotAction` or `Resource`/`NotResource`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Element {
    /// The element is absent where it may be: everything.
    Everything,
    /// One of the patterns matches.
    In(Vec<Pattern>),
    /// None of the patterns matches.
    NotIn(Vec<Pattern>),
}

impl Element {
    /// The patterns, of either sign.
    pub(crate) fn patterns(&self) -> &[Pattern] {
        match self {
            Element::Everything => &[],
            Element::In(patterns) | Element::NotIn(patterns) => patterns,
        }
    }
}
