//! Resource kinds: one struct each, in the file of its service. A kind names each of its properties once.

pub(crate) mod cloudwatch;
pub(crate) mod ec2;
pub(crate) mod eks;
pub(crate) mod events;
pub(crate) mod iam;
pub(crate) mod kms;
pub(crate) mod lambda;
pub(crate) mod logs;
pub(crate) mod secretsmanager;
pub(crate) mod sns;
pub(crate) mod sqs;
pub(crate) mod ssm;
mod tag;

use std::borrow::Cow;

use crate::source::Sourced;

use super::tree::Node;

pub(crate) use tag::Tag;

/// A property: absent, or a value with its origin.
pub(crate) type Property<T> = Option<Sourced<T>>;

/// A kind of resource. Property names and what `Ref` returns come from the CloudFormation resource schemas.
pub(crate) trait Resource {
    /// `AWS::Service::Resource`.
    const TYPE: &'static str;
    /// What `Ref` returns.
    type Ref;

    /// The properties that are set, in the order in which they are written.
    fn properties(&self) -> Vec<(Cow<'static, str>, Node)>;

    /// The transform that a template with this resource needs.
    fn transform(&self) -> Option<&'static str> {
        None
    }
}

/// Collects the set properties of a struct in order.
macro_rules! members {
    ($self:ident, $($field:ident = $name:literal),+) => {{
        let mut members = Vec::new();
        $(if let Some(value) = &$self.$field {
            members.push($crate::cfn::member($name, value));
        })+
        members
    }};
}

/// Declares a resource kind.
macro_rules! resource {
    ($($(#[doc = $doc:literal])+ $kind:ident = $type:literal, Ref = $ref:ty {
        $($field:ident: $value:ty = $name:literal,)+
    } $(transform($this:ident) $transform:block)?)+) => { $(
        $(#[doc = $doc])+
        #[derive(Debug, Default)]
        pub(crate) struct $kind {
            $(#[doc = concat!("`", $name, "`.")] pub(crate) $field: $crate::cfn::Property<$value>,)+
        }
        impl $crate::cfn::Resource for $kind {
            const TYPE: &'static str = $type;
            type Ref = $ref;
            fn properties(&self) -> Vec<(std::borrow::Cow<'static, str>, $crate::cfn::Node)> {
                $crate::cfn::resource::members!(self, $($field = $name),+)
            }
            $(fn transform(&self) -> Option<&'static str> { let $this = self; $transform })?
        }
    )+ };
}

/// Declares an object that stands in a property.
macro_rules! object {
    ($($(#[doc = $doc:literal])+ $kind:ident { $($field:ident: $value:ty = $name:literal,)+ })+) => { $(
        $(#[doc = $doc])+
        #[derive(Debug, Default)]
        pub(crate) struct $kind {
            $(#[doc = concat!("`", $name, "`.")] pub(crate) $field: $crate::cfn::Property<$value>,)+
        }
        impl $crate::cfn::ToTree for $kind {
            fn to_tree(&self) -> $crate::cfn::Tree {
                $crate::cfn::Tree::Map($crate::cfn::resource::members!(self, $($field = $name),+))
            }
        }
    )+ };
}

pub(crate) use {members, object, resource};
