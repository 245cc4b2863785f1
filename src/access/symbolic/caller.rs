//! Classes of callers that policies cannot tell apart otherwise than by condition keys.

use super::super::arn;
use super::super::policy::Entry;

/// A class of callers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Caller {
    /// Somebody: the policies name no principals.
    Unspecified,
    /// An AWS principal.
    Aws(AwsCaller),
    /// A service: this one, or one that no policy names.
    Service(Option<String>),
    /// An identity of this provider, or of one that no policy names.
    Federated(Option<String>),
    /// An S3 canonical user.
    Canonical(String),
    /// Nobody known.
    Anonymous,
}

/// An AWS principal that policies name, or one of those they do not name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AwsCaller {
    /// Which kind of principal.
    pub(crate) shape: Shape,
    /// Its account, or an account that no policy names.
    pub(crate) account: Option<String>,
    /// Its ARN (of a session, the role's), or one that no policy names.
    pub(crate) arn: Option<String>,
    /// The ARN of the session, if policies name it.
    pub(crate) session: Option<String>,
}

/// Kinds of AWS principals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    /// A session of a role.
    Role,
    /// A user.
    User,
    /// A federated-user session.
    FederatedUser,
    /// The root user.
    Root,
}

/// How an entry names a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// Itself, or everyone.
    Direct,
    /// The role of a session, the user of a federated session.
    Role,
    /// The account.
    Account,
}

impl Caller {
    /// A principal without session that policies may name.
    pub(crate) fn aws(shape: Shape, account: Option<&str>, arn: Option<&str>) -> Caller {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Caller::Aws(AwsCaller { shape, account: owned(account), arn: owned(arn), session: None })
    }

    /// How an entry names this caller, if it does.
    pub(crate) fn named_by(&self, entry: &Entry) -> Option<Naming> {
        if *entry == Entry::Anyone {
            return Some(Naming::Direct);
        }
        match self {
            Caller::Unspecified | Caller::Anonymous => None,
            Caller::Aws(caller) => caller.named_by(entry),
            Caller::Service(name) => direct(matches!(entry, Entry::Service(n) if Some(n) == name.as_ref())),
            Caller::Federated(name) => {
                direct(matches!(entry, Entry::Federated(n) if Some(n) == name.as_ref()))
            }
            Caller::Canonical(id) => direct(matches!(entry, Entry::Canonical(n) if n == id)),
        }
    }

    /// Whether this is a role by its ARN, in any session.
    pub(crate) fn is_role(&self, role: &str) -> bool {
        matches!(self, Caller::Aws(aws) if aws.shape == Shape::Role && aws.arn.as_deref() == Some(role))
    }

    /// Whether this is a named session of a role.
    pub(crate) fn session_of(&self, role: &str) -> bool {
        self.is_role(role) && matches!(self, Caller::Aws(AwsCaller { session: Some(_), .. }))
    }

    /// The account of an AWS principal, as far as it is known.
    pub(crate) fn account(&self) -> Option<&str> {
        match self {
            Caller::Aws(caller) => caller.account.as_deref(),
            Caller::Unspecified
            | Caller::Service(_)
            | Caller::Federated(_)
            | Caller::Canonical(_)
            | Caller::Anonymous => None,
        }
    }
}

fn direct(named: bool) -> Option<Naming> {
    named.then_some(Naming::Direct)
}

impl AwsCaller {
    fn named_by(&self, entry: &Entry) -> Option<Naming> {
        let own = |arn: &String, shape| self.shape == shape && self.arn.as_ref() == Some(arn);
        match entry {
            Entry::Account(account) => (self.account.as_ref() == Some(account)).then_some(Naming::Account),
            Entry::User(arn) if self.shape == Shape::FederatedUser => {
                let user = arn.replacen(":iam::", ":sts::", 1).replacen(":user/", ":federated-user/", 1);
                own(&user, Shape::FederatedUser).then_some(Naming::Role)
            }
            Entry::User(arn) => direct(own(arn, Shape::User)),
            Entry::Role(arn) => own(arn, Shape::Role).then_some(Naming::Role),
            Entry::Session(arn) => direct(self.session.as_ref() == Some(arn)),
            Entry::FederatedUser(arn) => direct(own(arn, Shape::FederatedUser)),
            Entry::Anyone
            | Entry::Service(_)
            | Entry::Federated(_)
            | Entry::Canonical(_)
            | Entry::Deleted(_) => None,
        }
    }

    /// The name of the session's role.
    pub(crate) fn role_name(&self) -> Option<&str> {
        let [.., name] = arn::parts(self.session.as_ref()?)?;
        name.split('/').nth(1)
    }
}
