//! Values that are known now or at deployment, with the type they will have then.

use std::marker::PhantomData;

use super::resources::ResourceId;

/// A value of type `T`, or an expression that will be one at deployment.
#[derive(Debug)]
pub(crate) enum Value<T> {
    /// Known now.
    Literal(T),
    /// Known when the stack is deployed.
    Expr(Expr, PhantomData<fn() -> T>),
}

/// An expression of CloudFormation. References are ids: whether one becomes `Ref`, `Fn::GetAtt`, `Fn::ImportValue`
/// or a parameter is decided when the template is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Expr {
    /// What `Ref` returns for a resource.
    Ref(ResourceId),
    /// An attribute of a resource.
    GetAtt(ResourceId, &'static str),
    /// A stack parameter by name.
    Parameter(String),
    /// A pseudo parameter.
    Pseudo(Pseudo),
    /// Text with parts that are known at deployment.
    Sub(Vec<Part>),
}

/// A piece of a text that is put together at deployment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// Literal text; the writer escapes `${` in it.
    Text(String),
    /// A reference, a parameter or a pseudo parameter.
    Expr(Expr),
}

/// The pseudo parameters that keyprint uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pseudo {
    /// The account of the stack.
    AccountId,
    /// The partition of the Region.
    Partition,
    /// The Region of the stack.
    Region,
    /// The domain suffix of the partition.
    UrlSuffix,
}

impl Pseudo {
    /// The name in templates.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AccountId => "AWS::AccountId",
            Self::Partition => "AWS::Partition",
            Self::Region => "AWS::Region",
            Self::UrlSuffix => "AWS::URLSuffix",
        }
    }
}

/// What a value will be at deployment. The words of CloudFormation for things that are all strings in a template.
pub(crate) mod words {
    macro_rules! words {
        ($($(#[doc = $doc:literal])+ $name:ident)+) => {
            $($(#[doc = $doc])+
            #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
            pub(crate) struct $name(pub(crate) String);
            impl $name {
                /// The text.
                pub(crate) fn as_str(&self) -> &str { &self.0 }
            }
            impl From<$name> for $crate::cfn::Value<$name> {
                fn from(literal: $name) -> Self { Self::Literal(literal) }
            }
            impl From<&str> for $crate::cfn::Value<$name> {
                fn from(text: &str) -> Self { Self::Literal($name(text.to_owned())) }
            }
            impl From<String> for $crate::cfn::Value<$name> {
                fn from(text: String) -> Self { Self::Literal($name(text)) }
            })+
        };
    }
    words! {
        /// Any text.
        Text
        /// Any ARN; what a policy's `Resource` or an alarm's action takes.
        AnyArn
        /// The complete ARN of a secret.
        SecretArn
        /// The ARN of a KMS key.
        KeyArn
        /// The id of a KMS key.
        KeyId
        /// An id, ARN or alias of a key, where a service takes any of them.
        KeyIdentifier
        /// The name of a role.
        RoleName
        /// The ARN of a role.
        RoleArn
        /// The ARN of a managed policy.
        PolicyArn
        /// The name of an instance profile.
        InstanceProfileName
        /// The name of a function.
        FunctionName
        /// The ARN of a function.
        FunctionArn
        /// The id of a security group.
        SecurityGroupId
        /// The id of a VPC endpoint.
        EndpointId
        /// The ARN of a topic.
        TopicArn
        /// The URL of a queue.
        QueueUrl
        /// The ARN of a queue.
        QueueArn
        /// The name of a log group.
        LogGroupName
        /// The ARN of a log group with `:*` at its end, as `Fn::GetAtt` gives it.
        LogGroupArn
        /// The name of an alarm.
        AlarmName
        /// The ARN of an alarm.
        AlarmArn
        /// The name of a rule.
        RuleName
        /// The ARN of a rule.
        RuleArn
        /// Something whose `Ref` nothing may use.
        Unused
    }
}

/// Says that a value of this word may stand where the other is asked for.
pub(crate) trait Widens<Target> {
    /// The same text under the wider word.
    fn widened(self) -> Target;
}

macro_rules! widens {
    ($($from:ident -> $($to:ident),+;)+) => { $($(
        impl Widens<words::$to> for words::$from {
            fn widened(self) -> words::$to { words::$to(self.0) }
        }
    )+)+ };
}
widens! {
    SecretArn -> AnyArn, Text;
    KeyArn -> AnyArn, KeyIdentifier, Text;
    KeyId -> KeyIdentifier, Text;
    RoleArn -> AnyArn, Text;
    FunctionArn -> AnyArn, FunctionName, Text;
    TopicArn -> AnyArn, Text;
    QueueArn -> AnyArn, Text;
    LogGroupArn -> AnyArn;
    AlarmArn -> AnyArn;
    RuleArn -> AnyArn, Text;
    RoleName -> Text;
    FunctionName -> Text;
    AlarmName -> Text;
    AnyArn -> Text;
}

impl<T> Value<T> {
    /// A value known at deployment.
    pub(crate) fn expr(expr: Expr) -> Self {
        Self::Expr(expr, PhantomData)
    }

    /// The same value where a wider word is asked for.
    pub(crate) fn widen<U>(self) -> Value<U>
    where
        T: Widens<U>,
    {
        match self {
            Self::Literal(word) => Value::Literal(word.widened()),
            Self::Expr(expr, _) => Value::expr(expr),
        }
    }

    /// A stack parameter.
    pub(crate) fn parameter(name: impl Into<String>) -> Self {
        Self::expr(Expr::Parameter(name.into()))
    }
}

impl Value<words::Text> {
    /// A pseudo parameter as text.
    pub(crate) fn pseudo(pseudo: Pseudo) -> Self {
        Self::expr(Expr::Pseudo(pseudo))
    }
}

impl<T: Clone> Clone for Value<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Literal(value) => Self::Literal(value.clone()),
            Self::Expr(expr, _) => Self::expr(expr.clone()),
        }
    }
}

impl<T: PartialEq> PartialEq for Value<T> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Literal(left), Self::Literal(right)) => left == right,
            (Self::Expr(left, _), Self::Expr(right, _)) => left == right,
            (Self::Literal(_), Self::Expr(..)) | (Self::Expr(..), Self::Literal(_)) => false,
        }
    }
}

/// Puts a text together from literal pieces and expressions.
#[derive(Debug, Default)]
pub(crate) struct Sub(Vec<Part>);

impl Sub {
    /// An empty text.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds literal text.
    #[must_use]
    pub(crate) fn text(mut self, text: impl AsRef<str>) -> Self {
        match self.0.last_mut() {
            Some(Part::Text(last)) => last.push_str(text.as_ref()),
            Some(Part::Expr(_)) | None => self.0.push(Part::Text(text.as_ref().to_owned())),
        }
        self
    }

    /// Adds a pseudo parameter.
    #[must_use]
    pub(crate) fn pseudo(mut self, pseudo: Pseudo) -> Self {
        self.0.push(Part::Expr(Expr::Pseudo(pseudo)));
        self
    }

    /// Adds a value.
    #[must_use]
    pub(crate) fn value(self, value: Value<words::Text>) -> Self {
        match value {
            Value::Literal(text) => self.text(text.as_str()),
            Value::Expr(Expr::Sub(parts), _) => parts.into_iter().fold(self, |mut sub, part| match part {
                Part::Text(text) => sub.text(text),
                Part::Expr(expr) => {
                    sub.0.push(Part::Expr(expr));
                    sub
                }
            }),
            Value::Expr(expr, _) => {
                let mut sub = self;
                sub.0.push(Part::Expr(expr));
                sub
            }
        }
    }

    /// The finished value: a literal when nothing in it waits for the deployment.
    pub(crate) fn build<T>(self) -> Value<T>
    where
        Value<T>: From<String>,
    {
        match self.0.as_slice() {
            [] => Value::from(String::new()),
            [Part::Text(text)] => Value::from(text.clone()),
            [Part::Expr(expr)] => Value::expr(expr.clone()),
            _ => Value::expr(Expr::Sub(self.0)),
        }
    }
}
