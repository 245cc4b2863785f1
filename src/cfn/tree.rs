//! The property tree of a resource, every node with the origin of its value.
//!
//! Each resource kind becomes a tree exactly once; writing templates, collecting references and tracing a place back
//! to the blueprint all walk that tree.

use std::borrow::Cow;

use crate::source::{Origin, Sourced};

use super::value::{Expr, Value, words};

/// A value in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tree {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
    /// An intrinsic function.
    Expr(Expr),
    /// A list.
    List(Vec<Node>),
    /// An object, in the order in which it is written.
    Map(Vec<(Cow<'static, str>, Node)>),
}

/// A tree with where it comes from; without an origin of its own it has that of the nearest node around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// The value.
    pub(crate) tree: Tree,
    /// Where it comes from.
    pub(crate) origin: Option<Origin>,
}

/// What can stand in a template.
pub(crate) trait ToTree {
    /// The value as a tree.
    fn to_tree(&self) -> Tree;

    /// The value as a node without an origin of its own.
    fn to_node(&self) -> Node {
        Node { tree: self.to_tree(), origin: None }
    }
}

/// A member of an object.
pub(crate) fn member(name: &'static str, value: &impl ToTree) -> (Cow<'static, str>, Node) {
    (Cow::Borrowed(name), value.to_node())
}

impl Tree {
    /// Visits every expression, parts of texts included.
    pub(crate) fn expressions<'tree>(&'tree self, visit: &mut impl FnMut(&'tree Expr)) {
        match self {
            Self::Bool(_) | Self::Integer(_) | Self::Text(_) => {}
            Self::Expr(expr) => {
                if let Expr::Sub(parts) = expr {
                    for part in parts {
                        if let super::value::Part::Expr(inner) = part {
                            visit(inner);
                        }
                    }
                } else {
                    visit(expr);
                }
            }
            Self::List(nodes) => nodes.iter().for_each(|node| node.tree.expressions(visit)),
            Self::Map(members) => members.iter().for_each(|(_, node)| node.tree.expressions(visit)),
        }
    }
}

impl<T: ToTree> ToTree for Sourced<T> {
    fn to_tree(&self) -> Tree {
        self.value.to_tree()
    }

    fn to_node(&self) -> Node {
        Node { tree: self.value.to_tree(), origin: Some(self.origin) }
    }
}

impl<T: ToTree> ToTree for Vec<T> {
    fn to_tree(&self) -> Tree {
        Tree::List(self.iter().map(ToTree::to_node).collect())
    }
}

impl<T: ToTree> ToTree for Value<T> {
    fn to_tree(&self) -> Tree {
        match self {
            Self::Literal(value) => value.to_tree(),
            Self::Expr(expr, _) => Tree::Expr(expr.clone()),
        }
    }
}

impl ToTree for Tree {
    fn to_tree(&self) -> Tree {
        self.clone()
    }
}

impl ToTree for bool {
    fn to_tree(&self) -> Tree {
        Tree::Bool(*self)
    }
}

impl ToTree for u32 {
    fn to_tree(&self) -> Tree {
        Tree::Integer(i64::from(*self))
    }
}

impl ToTree for String {
    fn to_tree(&self) -> Tree {
        Tree::Text(self.clone())
    }
}

impl ToTree for &str {
    fn to_tree(&self) -> Tree {
        Tree::Text((*self).to_owned())
    }
}

macro_rules! word_trees {
    ($($word:ident)+) => { $(impl ToTree for words::$word {
        fn to_tree(&self) -> Tree { Tree::Text(self.as_str().to_owned()) }
    })+ };
}
word_trees! {
    Text AnyArn SecretArn KeyArn KeyId KeyIdentifier RoleName RoleArn PolicyArn InstanceProfileName FunctionName
    FunctionArn SecurityGroupId EndpointId TopicArn QueueUrl QueueArn LogGroupName LogGroupArn AlarmName AlarmArn
    RuleName RuleArn Unused
}
