//! The `Principal` element: entries, and how each may name a caller.

use super::super::arn;

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PrincipalElement {
    /// The kind of policy has no such element.
    Absent,
    /// The caller is one of these.
    In(Vec<Entry>),
    /// The caller is none of these.
    NotIn(Vec<Entry>),
}

impl PrincipalElement {
    /// The entries, of either sign.
    pub(crate) fn entries(&self) -> &[Entry] {
        match self {
            PrincipalElement::Absent => &[],
            PrincipalElement::In(entries) | PrincipalElement::NotIn(entries) => entries,
        }
    }
}

/// One entry of a `Principal` element.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Entry {
    /// `*`.
    Anyone,
    /// An account: its id or its root ARN.
    Account(String),
    /// A user's ARN.
    User(String),
    /// A role's ARN.
    Role(String),
    /// An assumed-role session's ARN.
    Session(String),
    /// A federated-user session's ARN.
    FederatedUser(String),
    /// A service.
    Service(String),
    /// An identity provider: its ARN or its domain.
    Federated(String),
    /// An S3 canonical user id.
    Canonical(String),
    /// The unique id of a deleted user or role, which no caller has.
    Deleted(String),
}

/// Reads one entry under its type; an error says what is not understood.
pub(super) fn entry(family: &str, text: &str) -> Result<Entry, String> {
    let owned = text.to_owned();
    match family {
        "AWS" => aws(text),
        _ if text.contains(['*', '?']) => Err(format!("`{text}` as a principal of type `{family}`")),
        "Service" => Ok(Entry::Service(owned.to_ascii_lowercase())),
        "Federated" => Ok(Entry::Federated(owned)),
        "CanonicalUser" => Ok(Entry::Canonical(owned)),
        _ => Err(format!("principal type `{family}`")),
    }
}

fn aws(text: &str) -> Result<Entry, String> {
    if text == "*" {
        return Ok(Entry::Anyone);
    }
    if arn::is_account_id(text) {
        return Ok(Entry::Account(text.to_owned()));
    }
    if text.contains(['*', '?']) {
        return Err(format!("the partial wildcard in the principal `{text}`"));
    }
    let unique = |prefix| text.starts_with(prefix) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if unique("AIDA") || unique("AROA") {
        return Ok(Entry::Deleted(text.to_owned()));
    }
    let unknown = || format!("the principal `{text}`");
    let [_, _, service, _, account, name] = arn::parts(text).ok_or_else(unknown)?;
    let kind = name.split_once('/').map_or(name, |(kind, _)| kind);
    match (service, kind) {
        ("iam", "root") => Ok(Entry::Account(account.to_owned())),
        ("iam", "user") => Ok(Entry::User(text.to_owned())),
        ("iam", "role") => Ok(Entry::Role(text.to_owned())),
        ("sts", "assumed-role") => Ok(Entry::Session(text.to_owned())),
        ("sts", "federated-user") => Ok(Entry::FederatedUser(text.to_owned())),
        _ => Err(unknown()),
    }
}
