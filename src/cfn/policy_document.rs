//! Policy documents: one typed form for identity, resource, trust, key, topic, queue and endpoint policies.

use std::borrow::Cow;

use crate::source::Origin;

use super::tree::{Node, ToTree, Tree, member};
use super::value::{Expr, Part, Value, words};

/// A policy document of version 2012-10-17.
#[derive(Debug, Clone, Default)]
pub(crate) struct PolicyDocument {
    /// The statements, in the order in which they are written.
    pub(crate) statements: Vec<Statement>,
}

/// One statement. `NotAction`, `NotResource` and `NotPrincipal` have no form here: keyprint never writes them.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    /// Letters and digits, unique in its document.
    pub(crate) sid: String,
    /// Allow or Deny.
    pub(crate) effect: Effect,
    /// Who, in documents that name principals.
    pub(crate) principal: Option<PrincipalElement>,
    /// What, as `service:Action`.
    pub(crate) actions: Vec<Cow<'static, str>>,
    /// On what; empty in trust policies.
    pub(crate) resources: Vec<Value<words::AnyArn>>,
    /// Under which conditions; all must hold.
    pub(crate) conditions: Vec<Condition>,
    /// What in the blueprint asked for it.
    pub(crate) origin: Origin,
}

/// Allow or Deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Grants.
    Allow,
    /// Refuses, whatever grants.
    Deny,
}

/// The principal of a statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PrincipalElement {
    /// Everyone; only with conditions or Deny.
    Everyone,
    /// AWS principals by ARN.
    Aws(Vec<Value<words::AnyArn>>),
    /// Services by principal name.
    Service(Vec<Value<words::Text>>),
    /// A federation provider by ARN.
    Federated(Value<words::AnyArn>),
}

/// One operator on one condition key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    /// How it compares.
    pub(crate) operator: ConditionOperator,
    /// The condition key; an OIDC provider's keys contain its host and path.
    pub(crate) key: String,
    /// The values; one must match, none for negated operators.
    pub(crate) values: Vec<Value<words::Text>>,
}

/// The condition operators that keyprint writes, and those that an author's own statement names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ConditionOperator {
    /// Part by part, `*` and `?` are wildcards.
    ArnEquals,
    /// Part by part, `*` and `?` are wildcards.
    ArnLike,
    /// True also where the key is absent.
    ArnNotEquals,
    /// `true` or `false`.
    Bool,
    /// `true` or `false`, or the key is absent.
    BoolIfExists,
    /// Whole numbers.
    NumericLessThan,
    /// Exact text.
    StringEquals,
    /// Text with `*` and `?`.
    StringLike,
    /// True also where the key is absent.
    StringNotEquals,
    /// An operator of an author's own statement, by name.
    Other(String),
}

impl ConditionOperator {
    /// The name in the policy language.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::ArnEquals => "ArnEquals",
            Self::ArnLike => "ArnLike",
            Self::ArnNotEquals => "ArnNotEquals",
            Self::Bool => "Bool",
            Self::BoolIfExists => "BoolIfExists",
            Self::NumericLessThan => "NumericLessThan",
            Self::StringEquals => "StringEquals",
            Self::StringLike => "StringLike",
            Self::StringNotEquals => "StringNotEquals",
            Self::Other(name) => name,
        }
    }
}

impl Statement {
    /// An Allow without principal, resources and conditions yet.
    pub(crate) fn allow(
        sid: impl Into<String>,
        actions: impl IntoIterator<Item = impl Into<Cow<'static, str>>>,
        origin: Origin,
    ) -> Self {
        Self {
            sid: sid.into(),
            effect: Effect::Allow,
            principal: None,
            actions: actions.into_iter().map(Into::into).collect(),
            resources: Vec::new(),
            conditions: Vec::new(),
            origin,
        }
    }

    /// A Deny without principal, resources and conditions yet.
    pub(crate) fn deny(
        sid: impl Into<String>,
        actions: impl IntoIterator<Item = impl Into<Cow<'static, str>>>,
        origin: Origin,
    ) -> Self {
        Self { effect: Effect::Deny, ..Self::allow(sid, actions, origin) }
    }

    /// Names the principal.
    #[must_use]
    pub(crate) fn by(mut self, principal: PrincipalElement) -> Self {
        self.principal = Some(principal);
        self
    }

    /// Adds resources.
    #[must_use]
    pub(crate) fn on(mut self, resources: impl IntoIterator<Item = Value<words::AnyArn>>) -> Self {
        self.resources.extend(resources);
        self
    }

    /// Puts the resource `*`: this key or secret in a resource policy, everything elsewhere.
    #[must_use]
    pub(crate) fn on_all(self) -> Self {
        self.on([Value::from("*")])
    }

    /// Adds a condition.
    #[must_use]
    pub(crate) fn when(
        mut self,
        operator: ConditionOperator,
        key: impl Into<String>,
        values: impl IntoIterator<Item = Value<words::Text>>,
    ) -> Self {
        self.conditions.push(Condition { operator, key: key.into(), values: values.into_iter().collect() });
        self
    }
}

impl ToTree for PolicyDocument {
    fn to_tree(&self) -> Tree {
        let statements = self.statements.iter().map(ToTree::to_node).collect();
        Tree::Map(vec![
            member("Version", &"2012-10-17"),
            (Cow::Borrowed("Statement"), Node { tree: Tree::List(statements), origin: None }),
        ])
    }
}

impl ToTree for Statement {
    fn to_tree(&self) -> Tree {
        let effect = match self.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        let mut members = vec![member("Sid", &self.sid), member("Effect", &effect)];
        if let Some(principal) = &self.principal {
            members.push(member("Principal", principal));
        }
        let actions: Vec<&str> = self.actions.iter().map(AsRef::as_ref).collect();
        members.push(member("Action", &actions));
        if !self.resources.is_empty() {
            members.push(member("Resource", &self.resources));
        }
        if !self.conditions.is_empty() {
            members.push((
                Cow::Borrowed("Condition"),
                Node { tree: condition_block(&self.conditions), origin: None },
            ));
        }
        Tree::Map(members)
    }

    fn to_node(&self) -> Node {
        Node { tree: self.to_tree(), origin: Some(self.origin) }
    }
}

impl ToTree for PrincipalElement {
    fn to_tree(&self) -> Tree {
        match self {
            Self::Everyone => Tree::Text("*".to_owned()),
            Self::Aws(arns) => Tree::Map(vec![member("AWS", arns)]),
            Self::Service(names) => Tree::Map(vec![member("Service", names)]),
            Self::Federated(provider) => Tree::Map(vec![member("Federated", provider)]),
        }
    }
}

/// Members of an object.
type Members = Vec<(Cow<'static, str>, Node)>;

/// Groups conditions by operator, both in the order of their first mention.
fn condition_block(conditions: &[Condition]) -> Tree {
    let mut operators: Vec<(Cow<'static, str>, Members)> = Vec::new();
    for condition in conditions {
        let key = (Cow::Owned(condition.key.clone()), condition.values.to_node());
        match operators.iter_mut().find(|(name, _)| *name == condition.operator.name()) {
            Some((_, keys)) => keys.push(key),
            None => operators.push((Cow::Owned(condition.operator.name().to_owned()), vec![key])),
        }
    }
    Tree::Map(
        operators
            .into_iter()
            .map(|(name, keys)| (name, Node { tree: Tree::Map(keys), origin: None }))
            .collect(),
    )
}

/// The size of a document as IAM counts it: characters of its JSON without white space between tokens, with what is
/// known only at deployment taken at its longest (IAM quotas).
pub(crate) fn policy_size(tree: &Tree) -> usize {
    match tree {
        Tree::Bool(value) => {
            if *value {
                4
            } else {
                5
            }
        }
        Tree::Integer(value) => value.to_string().len(),
        Tree::Text(text) => text_size(text).saturating_add(2),
        Tree::Expr(expr) => expr_size(expr).saturating_add(2),
        Tree::List(nodes) => {
            let inner: usize = nodes.iter().map(|node| policy_size(&node.tree)).sum();
            inner.saturating_add(nodes.len().saturating_sub(1)).saturating_add(2)
        }
        Tree::Map(members) => {
            let inner: usize = members
                .iter()
                .map(|(name, node)| text_size(name).saturating_add(3).saturating_add(policy_size(&node.tree)))
                .sum();
            inner.saturating_add(members.len().saturating_sub(1)).saturating_add(2)
        }
    }
}

fn text_size(text: &str) -> usize {
    text.chars().map(|c| if matches!(c, '"' | '\\') { 2 } else { 1 }).sum()
}

/// The longest that an expression can become: a complete secret ARN with a name of ordinary length is the longest
/// thing referred to; pseudo parameters are taken at the longest values in use.
fn expr_size(expr: &Expr) -> usize {
    match expr {
        Expr::Ref(_) | Expr::GetAtt(..) | Expr::Parameter(_) => 130,
        Expr::Pseudo(pseudo) => match pseudo {
            super::value::Pseudo::AccountId => 12,
            super::value::Pseudo::Partition => 10,
            super::value::Pseudo::Region => 14,
            super::value::Pseudo::UrlSuffix => 16,
        },
        Expr::Sub(parts) => parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text_size(text),
                Part::Expr(expr) => expr_size(expr),
            })
            .sum(),
    }
}
