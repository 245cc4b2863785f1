//! Amazon Resource Names.

use std::fmt;

use super::{AccountId, Form, Malformed};

/// An ARN by its six parts; Region and account may be empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Arn {
    text: String,
    parts: [usize; 5],
}

impl Arn {
    /// What stands after `arn:`.
    pub(crate) fn partition(&self) -> &str {
        self.part(0)
    }

    /// The service name space, for example `lambda`.
    pub(crate) fn service(&self) -> &str {
        self.part(1)
    }

    /// The Region, empty for global things.
    pub(crate) fn region(&self) -> &str {
        self.part(2)
    }

    /// The account, empty for things without one.
    pub(crate) fn account(&self) -> &str {
        self.part(3)
    }

    /// The rest: a resource of the service.
    pub(crate) fn resource(&self) -> &str {
        self.parts.last().and_then(|start| self.text.get(*start..)).unwrap_or("")
    }

    fn part(&self, index: usize) -> &str {
        let start = self.parts.get(index).copied().unwrap_or(0);
        let end = self.parts.get(index.saturating_add(1)).map_or(start, |next| next.saturating_sub(1));
        self.text.get(start..end).unwrap_or("")
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Form for Arn {
    const WHAT: &'static str = "an ARN";
    const PATTERN: &'static str = "^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12}|aws)?:.+$";
    const EXAMPLE: &'static str = "arn:aws:lambda:eu-west-1:111122223333:function:rotate-psp";

    fn parse(text: &str) -> Result<Self, Malformed> {
        let mut parts = [0; 5];
        let mut from = 0;
        for slot in &mut parts {
            let colon = text.get(from..).and_then(|rest| rest.find(':'));
            let Some(colon) = colon else {
                return Err(Malformed::because(
                    "an ARN has six parts: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`",
                ));
            };
            from = from.saturating_add(colon).saturating_add(1);
            *slot = from;
        }
        let arn = Self { text: text.to_owned(), parts };
        if !text.starts_with("arn:") {
            return Err(Malformed::because("an ARN begins with `arn:`"));
        }
        if !(arn.partition() == "aws" || arn.partition().starts_with("aws-")) {
            return Err(Malformed::because("the second part of an ARN is a partition such as `aws`"));
        }
        if arn.service().is_empty() || arn.resource().is_empty() {
            return Err(Malformed::because("an ARN names a service and a resource"));
        }
        if !(arn.account().is_empty() || arn.account() == "aws" || AccountId::parse(arn.account()).is_ok()) {
            return Err(Malformed::because("the fifth part of an ARN is an account id of 12 digits"));
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(Malformed::because("an ARN has no spaces"));
        }
        Ok(arn)
    }
}

/// Declares the ARNs of one kind of resource.
macro_rules! arn_of {
    ($(#[doc = $doc:literal])+ $name:ident: $what:literal, $service:literal, $kind:literal, example $example:literal) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) struct $name(Arn);

        impl std::ops::Deref for $name {
            type Target = Arn;

            fn deref(&self) -> &Arn {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Form for $name {
            const WHAT: &'static str = $what;
            const PATTERN: &'static str = concat!("^arn:aws[a-z-]*:", $service, ":[^:]*:[^:]*:", $kind, ".+$");
            const EXAMPLE: &'static str = $example;

            fn parse(text: &str) -> Result<Self, Malformed> {
                let arn = Arn::parse(text)?;
                if arn.service() == $service && arn.resource().strip_prefix($kind).is_some_and(|name| !name.is_empty()) {
                    Ok(Self(arn))
                } else {
                    Err(Malformed::because(concat!("it is an ARN of something else than `", $service, ":…:", $kind, "NAME`")))
                }
            }
        }
    };
}

arn_of! {
    /// The ARN of a Lambda function.
    FunctionArn: "the ARN of a Lambda function", "lambda", "function:",
    example "arn:aws:lambda:eu-west-1:111122223333:function:rotate-psp"
}

arn_of! {
    /// The complete ARN of a secret.
    SecretArn: "the ARN of a secret", "secretsmanager", "secret:",
    example "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders/legacy-AbCdEf"
}

arn_of! {
    /// The ARN of a KMS key; an alias would not do in a policy.
    KeyArn: "the ARN of a KMS key", "kms", "key/",
    example "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
}

arn_of! {
    /// The ARN of a managed policy.
    PolicyArn: "the ARN of a policy", "iam", "policy/",
    example "arn:aws:iam::111122223333:policy/org-boundary"
}

arn_of! {
    /// The ARN of a queue.
    QueueArn: "the ARN of a queue", "sqs", "",
    example "arn:aws:sqs:eu-west-1:111122223333:alerts"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_found() {
        let arn = Arn::parse("arn:aws-cn:lambda:cn-north-1:111122223333:function:rotate:7").unwrap();
        assert_eq!(
            [arn.partition(), arn.service(), arn.region(), arn.account(), arn.resource()],
            ["aws-cn", "lambda", "cn-north-1", "111122223333", "function:rotate:7"]
        );
        let policy = Arn::parse("arn:aws:iam::aws:policy/ReadOnlyAccess").unwrap();
        assert_eq!((policy.region(), policy.account()), ("", "aws"));
    }

    #[test]
    fn the_kind_of_resource_counts() {
        let function = "arn:aws:lambda:eu-west-1:111122223333:function:rotate";
        assert_eq!(FunctionArn::parse(function).unwrap().resource(), "function:rotate");
        assert!(SecretArn::parse(function).is_err());
        assert!(KeyArn::parse("arn:aws:kms:eu-west-1:111122223333:alias/orders").is_err());
        assert!(FunctionArn::parse("arn:aws:lambda:eu-west-1:111122223333:function:").is_err());
    }

    #[test]
    fn what_is_not_an_arn_is_refused() {
        for text in [
            "",
            "arn",
            "arn:aws:s3",
            "urn:aws:s3:::b",
            "arn:gcp:s3:::b",
            "arn:aws:iam::123:role/x",
            "arn:aws:s3:::",
        ] {
            assert!(Arn::parse(text).is_err(), "{text}");
        }
    }
}
