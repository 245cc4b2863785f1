//! CloudFormation in types: values and intrinsics, resource kinds, policy documents, and the resources of a run.
//!
//! *Never:* a blueprint's words, stacks' contents, template text.

mod logical_id;
mod policy_document;
pub(crate) mod resource;
mod resources;
mod tree;
pub(crate) mod value;

pub(crate) use logical_id::LogicalId;
pub(crate) use policy_document::{
    ConditionOperator, PolicyDocument, PrincipalElement, Statement, policy_size,
};
pub(crate) use resource::{Property, Resource};
pub(crate) use resources::{
    Declared, Draft, Entry, Handle, Home, HomeId, Layer, Output, ResourceId, Resources, Retention,
};
pub(crate) use tree::{Node, ToTree, Tree, member};
pub(crate) use value::{Expr, Part, Pseudo, Sub, Value};
