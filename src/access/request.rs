//! A request: who asks for which action on which resource, under which circumstances.

use std::collections::BTreeMap;

use super::arn;

/// One authorisation request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub principal: Principal,
    /// The action, `service:Name`.
    pub action: String,
    /// The resource's ARN, or `*` where the action has no resource.
    pub resource: String,
    /// The account that owns the resource, where the ARN does not say it.
    pub resource_account: Option<String>,
    /// The condition keys.
    pub context: Context,
}

impl Request {
    /// The account that owns the resource, as far as the request tells.
    pub(crate) fn owner(&self) -> Option<&str> {
        self.resource_account.as_deref().or_else(|| arn::account(&self.resource))
    }
}

/// The condition keys of a request; a key that is not in it is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    values: BTreeMap<String, Vec<String>>,
}

impl Context {
    /// Adds values to a key; key names have no case.
    pub fn add(&mut self, key: &str, values: impl IntoIterator<Item = String>) {
        self.values.entry(key.to_ascii_lowercase()).or_default().extend(values);
    }

    /// The values of a key, if it is present.
    pub fn get(&self, key: &str) -> Option<&[String]> {
        self.values.get(&key.to_ascii_lowercase()).map(Vec::as_slice)
    }

    /// The keys in lower case, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.values.iter().map(|(key, values)| (key.as_str(), values.as_slice()))
    }

    /// The value of a key that has exactly one.
    pub(crate) fn single(&self, key: &str) -> Option<&str> {
        match self.values.get(key).map(Vec::as_slice) {
            Some([value]) => Some(value),
            Some(_) | None => None,
        }
    }
}

/// Who makes a request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// An account's root user.
    Root(String),
    /// An IAM user, by ARN.
    User(String),
    /// Some session of a role, by the role's ARN.
    Role(String),
    /// A session by its own ARN, with the ARN of its role.
    Session {
        /// The assumed-role ARN.
        arn: String,
        /// The role's ARN.
        role: String,
    },
    /// A federated-user session, by ARN.
    FederatedUser(String),
    /// An AWS service, by its principal name.
    Service(String),
    /// A federated identity, by its provider's ARN or domain.
    Federated(String),
    /// An S3 canonical user.
    Canonical(String),
    /// Nobody known.
    Anonymous,
}

impl Principal {
    /// Reads a principal as it is written in requests; a session finds its role in `aws:PrincipalArn` if that is there.
    pub fn parse(text: &str, context: &Context) -> Principal {
        let owned = text.to_owned();
        if text == "*" || text.eq_ignore_ascii_case("anonymous") {
            return Principal::Anonymous;
        }
        if arn::is_account_id(text) {
            return Principal::Root(owned);
        }
        let Some([_, partition, service, _, account, name]) = arn::parts(text) else {
            return if is_service_name(text) {
                Principal::Service(owned.to_ascii_lowercase())
            } else {
                Principal::Federated(owned)
            };
        };
        let (kind, rest) = name.split_once('/').unwrap_or((name, ""));
        match (service, kind) {
            ("iam", "root") => Principal::Root(account.to_owned()),
            ("iam", "user") => Principal::User(owned),
            ("iam", "role") => Principal::Role(owned),
            ("sts", "assumed-role") => {
                let role_name = rest.split('/').next().unwrap_or_default();
                let same = |role: &&str| is_role(role, account, role_name);
                let role = context.single("aws:principalarn").filter(same).map(str::to_owned);
                let plain = || format!("arn:{partition}:iam::{account}:role/{role_name}");
                Principal::Session { arn: owned, role: role.unwrap_or_else(plain) }
            }
            ("sts", "federated-user") => Principal::FederatedUser(owned),
            _ => Principal::Federated(owned),
        }
    }

    /// The account of an AWS principal.
    pub(crate) fn account(&self) -> Option<&str> {
        match self {
            Principal::Root(account) => Some(account),
            Principal::User(arn) | Principal::Role(arn) | Principal::FederatedUser(arn) => arn::account(arn),
            Principal::Session { arn, .. } => arn::account(arn),
            Principal::Service(_)
            | Principal::Federated(_)
            | Principal::Canonical(_)
            | Principal::Anonymous => None,
        }
    }
}

impl std::fmt::Display for Principal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Principal::Root(account) => write!(f, "arn:aws:iam::{account}:root"),
            Principal::User(text)
            | Principal::Role(text)
            | Principal::Session { arn: text, .. }
            | Principal::FederatedUser(text)
            | Principal::Service(text)
            | Principal::Federated(text)
            | Principal::Canonical(text) => f.write_str(text),
            Principal::Anonymous => f.write_str("*"),
        }
    }
}

/// Identity providers have domains too; services' names end in AWS's.
fn is_service_name(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let cognito = lower == "cognito-identity.amazonaws.com";
    !cognito
        && [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com"].iter().any(|end| lower.ends_with(end))
        && lower != "www.amazon.com"
}

fn is_role(text: &str, account: &str, role_name: &str) -> bool {
    match arn::parts(text) {
        Some([_, _, "iam", _, owner, name]) => {
            owner == account && name.starts_with("role/") && name.rsplit('/').next() == Some(role_name)
        }
        Some(_) | None => false,
    }
}
