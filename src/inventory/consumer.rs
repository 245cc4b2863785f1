//! Consumers: the roles through which secrets are used, and every access that is intended for them.

use crate::source::{Origin, Sourced};

use super::{KeyRef, SecretRef};

/// Something that uses secrets, in one environment.
#[derive(Debug)]
pub(crate) struct Consumer {
    /// Its name in the blueprint.
    pub(crate) name: Sourced<String>,
    /// What logical ids are made of: the pinned id, the former name after a rename, or the name.
    pub(crate) stable_name: String,
    /// What it runs on, in the words of the field: `Lambda function`, `ECS task`, ….
    pub(crate) kind: &'static str,
    /// Its roles; the first is the one that its code runs with.
    pub(crate) roles: Vec<RoleSpec>,
    /// Logins to databases with IAM, for the first role.
    pub(crate) logins: Vec<DatabaseLogin>,
    /// Keys that it encrypts with itself, for the first role.
    pub(crate) encrypts_with: Vec<Sourced<KeyRef>>,
    /// Statements that the author wrote, for the first role.
    pub(crate) author_statements: Vec<AuthorStatement>,
    /// Whether it lives in the environment's networks and gets a security group there.
    pub(crate) in_network: bool,
    /// The database groups that it must reach, with their ports, sorted.
    pub(crate) databases: Vec<(Sourced<String>, u32)>,
    /// The stack that the author placed it in, below `{application}-`.
    pub(crate) stack: Option<Sourced<String>>,
    /// Its entry in the blueprint.
    pub(crate) origin: Origin,
}

/// A role of a consumer.
#[derive(Debug)]
pub(crate) struct RoleSpec {
    /// What logical ids are made of beside the consumer's: empty, or for example `execution`.
    pub(crate) suffix: &'static str,
    /// Whether keyprint makes it.
    pub(crate) form: RoleForm,
    /// What it may do with which secret.
    pub(crate) accesses: Vec<Access>,
    /// What the compute itself needs, whatever the secrets are.
    pub(crate) arrangements: Vec<Arrangement>,
}

/// Whether keyprint makes a role, or it exists.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one for each role; a box would be in the way of matching")]
pub(crate) enum RoleForm {
    /// keyprint makes it.
    Created {
        /// Its name, unique in the account.
        name: String,
        /// Who may assume it.
        trust: Trust,
        /// The longest session, in seconds, 3600 to 43200.
        session_seconds: Sourced<u32>,
        /// Whether an instance profile carries it.
        instance_profile: bool,
        /// The pods that get it.
        pod_identity: Option<PodIdentity>,
    },
    /// A role of the environment's account.
    Existing {
        /// Its name with its path, without a leading slash.
        name: Sourced<String>,
    },
    /// A role of another account that is granted access directly; needs both halves.
    Foreign(Foreign),
}

/// A role of another account.
#[derive(Debug)]
pub(crate) struct Foreign {
    /// The account, 12 digits.
    pub(crate) account: Sourced<String>,
    /// The role's name with its path, without a leading slash.
    pub(crate) role: Sourced<String>,
}

/// Who may assume a role that keyprint makes.
#[derive(Debug)]
pub(crate) enum Trust {
    /// AWS services.
    Service {
        /// Principal names, for example `lambda.amazonaws.com`.
        principals: Vec<&'static str>,
        /// Whether the service supplies `aws:SourceAccount` (confirmed in the service's documentation).
        source_account: bool,
        /// The service and resource parts of `aws:SourceArn`, where the service supplies it: `ecs` and `*` make
        /// `arn:P:ecs:R:A:*`.
        source_arn: Option<(&'static str, String)>,
        /// Values of `sts:ExternalId` that narrow it further, as the service part of an ARN and its last part.
        external_ids: Vec<(&'static str, String)>,
    },
    /// EKS Pod Identity.
    PodIdentity {
        /// The Kubernetes namespace.
        namespace: Sourced<String>,
        /// The service account.
        service_account: Sourced<String>,
    },
    /// An OIDC provider of the account.
    WebIdentity {
        /// Host and path of the provider.
        provider: Sourced<String>,
        /// The only `aud`.
        audience: &'static str,
        /// The only `sub`s.
        subjects: Vec<Sourced<String>>,
    },
    /// A role of another account, which must give an external id; its value is a parameter of the stack.
    External(Foreign),
}

/// The tie between a service account of a cluster and a role.
#[derive(Debug)]
pub(crate) struct PodIdentity {
    /// The cluster's name.
    pub(crate) cluster: Sourced<String>,
    /// The Kubernetes namespace.
    pub(crate) namespace: Sourced<String>,
    /// The service account.
    pub(crate) service_account: Sourced<String>,
}

/// What a verb of the language allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verb {
    /// The value; with `DescribeSecret` when the client caches.
    Read {
        /// Whether the client describes too: caching libraries, the extension, the CSI driver.
        describes: bool,
        /// Whether it reads in batches.
        batch: bool,
    },
    /// Everything but the value.
    Describe,
    /// New versions and their labels.
    Write,
    /// The secret itself, without its value.
    Administer,
}

/// One intended access.
#[derive(Debug)]
pub(crate) struct Access {
    /// To which secret.
    pub(crate) secret: Sourced<SecretRef>,
    /// What.
    pub(crate) verb: Verb,
}

/// Something that a kind of compute needs beside secrets, from the service's documentation.
#[derive(Debug)]
pub(crate) struct Arrangement {
    /// Letters and digits.
    pub(crate) sid: &'static str,
    /// The actions.
    pub(crate) actions: Vec<&'static str>,
    /// The service and resource parts of ARNs in the environment's account and Region; empty for `*`.
    pub(crate) resources: Vec<(&'static str, String)>,
    /// The function whose own code is refused what only the service needs, as the parts of its ARN.
    pub(crate) withheld_from: Option<(&'static str, String)>,
}

/// A login to a database with IAM.
#[derive(Debug)]
pub(crate) struct DatabaseLogin {
    /// The resource id, `db-…`, `cluster-…` or `prx-…`.
    pub(crate) resource_id: Sourced<String>,
    /// The database user.
    pub(crate) user: Sourced<String>,
}

/// A statement that the author wrote, already checked against the IAM actions.
#[derive(Debug)]
pub(crate) struct AuthorStatement {
    /// Actions as written.
    pub(crate) actions: Vec<Sourced<String>>,
    /// Resource patterns as written.
    pub(crate) resources: Vec<Sourced<String>>,
    /// Operator, condition key, values.
    pub(crate) conditions: Vec<WrittenCondition>,
    /// Its entry in the blueprint.
    pub(crate) origin: Origin,
}

/// A condition as the author wrote it: operator, condition key, values.
pub(crate) type WrittenCondition = (Sourced<String>, Sourced<String>, Vec<Sourced<String>>);

/// The tier of people in an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tier {
    /// Administers without reading values.
    Administrators,
    /// Sees everything but values.
    Auditors,
    /// Reads in an emergency.
    BreakGlass,
}
