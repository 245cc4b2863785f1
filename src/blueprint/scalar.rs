//! Free text, numbers and lengths of time as leaves of the language, and the codes of the AWS values.

use std::fmt;

use serde_json::{Value, json};

use super::codes::{schedule, values};
use super::name::{ChangeName, FindingName, LogicalName, SubjectPath, ValueField};
use super::syntax::Scalar;
use crate::aws::{
    AccountId, Arn, CacheUserId, DatabaseIdentifier, DatabaseResourceId, DatabaseUser, Date, Duration, Form,
    FunctionArn, HostName, KeyArn, LogGroupName, Malformed, OidcProvider, OrganizationId, PolicyArn,
    PolicyName, QueueArn, Region, RoleName, ScheduleExpression, SecretArn, SecretName, SecurityGroupId,
    SubnetId, TagKey, TagValue, Unit, VpcId, only, text_form,
};
use crate::diagnostic::{Code, closest};

text_form! {
    /// A description of one paragraph; the services take up to a thousand characters (facts: limits.md).
    Text: "a description", 1..=1000, |text| !text.trim().is_empty(),
    pattern "[^ ]", rule "a description has 1 to 1,000 characters", example "Order capture"
}

text_form! {
    /// Why a waiver is justified.
    Reason: "a reason", 15..=1000, |text| text.split_whitespace().count() > 1,
    pattern "^[\\s\\S]{15,1000}$", rule "a reason has at least 15 characters and says why", example "the provider issues keys by hand"
}

text_form! {
    /// Characters that a generated password leaves out.
    Characters: "a list of characters", 1..=128, |text| text.chars().all(|c| c.is_ascii_graphic()),
    pattern "^[!-~]{1,128}$", rule "it is a text of ASCII characters without spaces", example "/@\"'"
}

text_form! {
    /// An address that receives alerts.
    Email: "an e-mail address", 3..=254,
    |text| text.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && only(user, ".!#$%&'*+/=?^_`{|}~-") && host.contains('.') && HostName::parse(host).is_ok()
    }),
    pattern "^[^@ ]+@[^@ ]+[.][^@ ]+$", rule "an e-mail address is `NAME@HOST`", example "oncall@example.com"
}

text_form! {
    /// A web address that receives alerts.
    HttpsUrl: "an https address", 9..=2000,
    |text| text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_graphic())),
    pattern "^https://[!-~]+$", rule "an https address begins with `https://`", example "https://alerts.example.com/hook"
}

text_form! {
    /// A name that another service gave: of a cluster, a project, a function, a namespace.
    ForeignName: "a name", 1..=140, |text| only(text, "_.-"),
    pattern "^[A-Za-z0-9_.-]{1,140}$", rule "it has up to 140 letters, digits or `_.-`", example "main"
}

text_form! {
    /// A GitHub repository with its owner; a wildcard there would trust strangers (facts: iam.md, GitHub Actions).
    Repository: "a GitHub repository", 3..=140,
    |text| text.split('/').count() == 2 && text.split('/').all(|part| !part.is_empty() && only(part, "_.-")),
    pattern "^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", rule "a repository is `OWNER/NAME`", example "example/checkout"
}

text_form! {
    /// A branch of a repository.
    Branch: "a branch", 1..=200, |text| only(text, "_./-"),
    pattern "^[A-Za-z0-9_./-]{1,200}$", rule "a branch has letters, digits or `_./-`, and no wildcard", example "main"
}

text_form! {
    /// A repository of container images.
    ImageRepository: "an image repository", 2..=256,
    |text| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_./-".contains(&b)),
    pattern "^[a-z0-9_./-]{2,256}$", rule "an image repository has lower-case letters, digits or `_./-`", example "shop/checkout"
}

text_form! {
    /// An IAM action, with wildcards in its name at most.
    ActionPattern: "an action", 3..=128,
    |text| text.split_once(':').is_some_and(|(service, action)| {
        !service.is_empty() && only(service, "-") && !action.is_empty() && only(action, "*?")
    }),
    pattern "^[a-z0-9-]+:[A-Za-z0-9*?]+$", rule "an action is `service:Action`", example "sqs:SendMessage"
}

/// Whether IAM takes a character in a policy document: the pattern of `PolicyDocument` in the provider schema of
/// `AWS::IAM::ManagedPolicy`.
fn in_policy(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FF}')
}

text_form! {
    /// A resource of a policy statement: an ARN, with wildcards where the policy has them, or `*`.
    ResourcePatternText: "a resource", 1..=2048,
    |text| text == "*" || (text.starts_with("arn:") && text.matches(':').count() >= 5
        && text.chars().all(|c| in_policy(c) && !c.is_whitespace())),
    pattern "^([*]|arn:[!-\\u00FF]+)$", rule "a resource is an ARN of characters that policies may have, or `*` alone", example "arn:aws:sqs:eu-west-1:111122223333:orders"
}

text_form! {
    /// A condition operator or a condition key.
    ConditionWord: "a condition operator or key", 2..=128, |text| only(text, ":/-_.="),
    pattern "^[A-Za-z0-9:/._=-]{2,128}$", rule "it has letters, digits or `:/-_.=`", example "StringEquals"
}

text_form! {
    /// A value that a condition compares with.
    ConditionValue: "a condition value", 0..=1024, |text| text.chars().all(in_policy),
    pattern "^[\\t\\n\\r -\\u00FF]{0,1024}$", rule "it has up to 1,024 characters, none beyond Latin-1", example "eu-west-1"
}

text_form! {
    /// A file beside the blueprint: a path without `..` that begins in the blueprint's folder.
    FilePath: "a file beside the blueprint", 1..=200,
    |text| only(text, "_./-") && !text.starts_with('/') && text.split('/').all(|part| !part.is_empty() && part != "." && part != ".."),
    pattern "^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$", rule "a file is named by its path from the blueprint's folder, without `..`", example "hooks/provider.py"
}

/// A managed policy, by name in the environment's account or by ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PolicyReference {
    /// By name, without path.
    Name(PolicyName),
    /// By ARN.
    Arn(PolicyArn),
}

/// A number within limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count<const LEAST: u32, const MOST: u32>(u32);

/// A number of days within limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Days<const LEAST: u32, const MOST: u32>(u32);

/// A number of hours within limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hours<const LEAST: u32, const MOST: u32>(u32);

/// A number of minutes within limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Minutes<const LEAST: u32, const MOST: u32>(u32);

macro_rules! spans {
    ($($name:ident, $unit:ident, $what:literal, $example:literal;)+) => {$(
        impl<const LEAST: u32, const MOST: u32> $name<LEAST, MOST> {
            /// How many.
            pub(crate) fn count(self) -> u32 {
                self.0
            }
        }

        impl<const LEAST: u32, const MOST: u32> fmt::Display for $name<LEAST, MOST> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Duration { count: self.0, unit: Unit::$unit }.fmt(f)
            }
        }

        impl<const LEAST: u32, const MOST: u32> Form for $name<LEAST, MOST> {
            const WHAT: &'static str = $what;
            const PATTERN: &'static str = Duration::PATTERN;
            const EXAMPLE: &'static str = $example;

            fn parse(text: &str) -> Result<Self, Malformed> {
                let length = |count| Duration { count, unit: Unit::$unit };
                let given = Duration::parse(text)?;
                match given.whole(Unit::$unit) {
                    Some(count) if (LEAST..=MOST).contains(&count) => Ok(Self(count)),
                    _ => {
                        let near = (LEAST..=MOST).find(|count| length(*count).seconds() >= given.seconds());
                        Err(Malformed::because(format!("it is {LEAST} to {}", length(MOST)))
                            .instead(length(near.unwrap_or(MOST)).to_string()))
                    }
                }
            }
        }

        impl<const LEAST: u32, const MOST: u32> Scalar for $name<LEAST, MOST> {
            const CODE: &'static Code = &values::BAD_DURATION;
        }
    )+};
}

spans! {
    Days, Day, "a number of days in range", "30 days";
    Hours, Hour, "a number of hours in range", "3 hours";
    Minutes, Minute, "a number of minutes in range", "5 minutes";
}

impl<const LEAST: u32, const MOST: u32> Count<LEAST, MOST> {
    /// How many.
    pub(crate) fn count(self) -> u32 {
        self.0
    }
}

impl<const LEAST: u32, const MOST: u32> fmt::Display for Count<LEAST, MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const LEAST: u32, const MOST: u32> Form for Count<LEAST, MOST> {
    const WHAT: &'static str = "a number in range";
    const PATTERN: &'static str = "^[1-9][0-9]*$";
    const EXAMPLE: &'static str = "32";

    fn parse(text: &str) -> Result<Self, Malformed> {
        let number = text.parse::<u32>().ok().filter(|number| number.to_string() == text);
        match number {
            Some(number) if (LEAST..=MOST).contains(&number) => Ok(Self(number)),
            _ => Err(Malformed::because(format!("it is a whole number from {LEAST} to {MOST}"))),
        }
    }
}

impl<const LEAST: u32, const MOST: u32> Scalar for Count<LEAST, MOST> {
    const CODE: &'static Code = &values::BAD_VALUE;
    const PLAIN: bool = true;

    fn schema() -> Value {
        json!({ "type": "integer", "minimum": LEAST, "maximum": MOST })
    }
}

impl fmt::Display for PolicyReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Arn(arn) => arn.fmt(f),
        }
    }
}

impl Form for PolicyReference {
    const WHAT: &'static str = "the name or the ARN of a policy";
    const PATTERN: &'static str =
        "^(arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+|[A-Za-z0-9_+=,.@-]{1,128})$";
    const EXAMPLE: &'static str = "org-boundary";

    fn parse(text: &str) -> Result<Self, Malformed> {
        if text.starts_with("arn:") {
            PolicyArn::parse(text).map(Self::Arn)
        } else {
            PolicyName::parse(text).map(Self::Name)
        }
    }
}

impl Scalar for AccountId {
    const CODE: &'static Code = &values::BAD_ACCOUNT_ID;
    const UNQUOTED: &'static Code = &values::UNQUOTED_ACCOUNT_ID;
}

impl Scalar for Region {
    const CODE: &'static Code = &values::BAD_REGION;

    fn schema() -> Value {
        json!({ "enum": Self::all().map(Self::as_str).collect::<Vec<_>>() })
    }

    fn nearest(text: &str) -> Option<String> {
        closest(text, Self::all().map(Self::as_str)).map(str::to_owned)
    }
}

macro_rules! scalars {
    ($($name:ty, $code:ident $(, $plain:literal)?;)+) => {
        $(impl Scalar for $name {
            const CODE: &'static Code = &values::$code;
            $(const PLAIN: bool = $plain;)?
        })+
    };
}

scalars! {
    ActionPattern, BAD_VALUE;
    Arn, BAD_ARN;
    Branch, BAD_VALUE;
    CacheUserId, BAD_VALUE;
    Characters, BAD_VALUE;
    ConditionValue, BAD_VALUE;
    ConditionWord, BAD_VALUE;
    DatabaseIdentifier, BAD_VALUE;
    DatabaseResourceId, BAD_VALUE;
    DatabaseUser, BAD_VALUE;
    Date, BAD_DATE, true;
    Duration, BAD_DURATION;
    Email, BAD_VALUE;
    FilePath, BAD_VALUE;
    FindingName, BAD_VALUE;
    ChangeName, BAD_VALUE;
    ForeignName, BAD_VALUE;
    FunctionArn, BAD_ARN;
    HostName, BAD_VALUE;
    HttpsUrl, BAD_VALUE;
    ImageRepository, BAD_VALUE;
    KeyArn, BAD_ARN;
    LogGroupName, BAD_VALUE;
    LogicalName, BAD_VALUE;
    OidcProvider, BAD_VALUE;
    OrganizationId, BAD_ORGANIZATION_ID;
    PolicyReference, BAD_VALUE;
    QueueArn, BAD_ARN;
    Reason, BAD_VALUE;
    Repository, BAD_VALUE;
    ResourcePatternText, BAD_ARN;
    RoleName, BAD_VALUE;
    SecretArn, BAD_ARN;
    SecretName, BAD_VALUE;
    SecurityGroupId, BAD_VALUE;
    SubjectPath, BAD_VALUE;
    SubnetId, BAD_VALUE;
    TagKey, BAD_VALUE;
    TagValue, BAD_VALUE;
    Text, BAD_VALUE;
    ValueField, BAD_VALUE;
    VpcId, BAD_VALUE;
}

impl Scalar for ScheduleExpression {
    const CODE: &'static Code = &schedule::SCHEDULE_OUTSIDE_GRAMMAR;
}
