//! What follows from where a consumer runs: the facts of each kind of compute as plain data.
//!
//! Trust policies hold the conditions that facts/iam.md confirms and no others; a condition that the service does not
//! supply would refuse every call.

use crate::blueprint::name::Name;
use crate::source::Sourced;

/// Everything the compiler knows about where a consumer runs.
#[derive(Debug, Clone)]
pub(crate) struct Compute {
    /// The word of its kind, for reports alone.
    pub(crate) kind: &'static str,
    /// Who may assume its role.
    pub(crate) trust: Trust,
    /// Whether it has network interfaces in the environment's VPC.
    pub(crate) placement: Placement,
    /// How the role gets to the compute.
    pub(crate) attachment: Attachment,
    /// The second role that starts the compute, where there is one.
    pub(crate) execution: Option<ExecutionRole>,
    /// What the compute itself needs beside the secrets.
    pub(crate) needs: Vec<Need>,
    /// Whether its own client describes secrets before it reads them.
    pub(crate) lookup: Lookup,
    /// The function whose code runs in the role, for conditions on `lambda:SourceFunctionArn`.
    pub(crate) function: Option<ResourcePattern>,
}

/// Who may assume a role.
#[derive(Debug, Clone)]
pub(crate) enum Trust {
    /// Services.
    Service(ServiceTrust),
    /// EKS Pod Identity.
    PodIdentity(PodIdentity),
    /// Holders of a token that an OIDC provider signed.
    WebIdentity(WebIdentity),
}

/// Services that may assume a role.
#[derive(Debug, Clone)]
pub(crate) struct ServiceTrust {
    /// Their principals; the same in every partition (facts: endpoints.md, partitions).
    pub(crate) principals: &'static [&'static str],
    /// The source to which `aws:SourceArn` and `aws:SourceAccount` limit them, where the service supplies both.
    pub(crate) source: Option<ResourcePattern>,
    /// ARNs one of which `sts:ExternalId` must equal; empty for no such condition.
    pub(crate) external_ids: Vec<ResourcePattern>,
}

/// The pod that EKS Pod Identity gives a role: `sts:AssumeRole` and `sts:TagSession` by `pods.eks.amazonaws.com`, with
/// the request tags `kubernetes-namespace` and `kubernetes-service-account` (facts: iam.md, trust policies).
#[derive(Debug, Clone)]
pub(crate) struct PodIdentity {
    /// The name of the EKS cluster.
    pub(crate) cluster: Sourced<String>,
    /// The Kubernetes name space.
    pub(crate) namespace: Sourced<String>,
    /// The Kubernetes service account.
    pub(crate) service_account: Sourced<String>,
}

/// The token a holder shows: `sts:AssumeRoleWithWebIdentity` with exact `sub` and `aud`.
#[derive(Debug, Clone)]
pub(crate) struct WebIdentity {
    /// Who signed it.
    pub(crate) provider: Provider,
    /// What `sub` must equal.
    pub(crate) subject: String,
    /// What `aud` must equal.
    pub(crate) audience: &'static str,
}

/// An OIDC provider in the environment's account.
#[derive(Debug, Clone)]
pub(crate) enum Provider {
    /// That of a cluster under the environment's `clusters`.
    Cluster(Sourced<Name>),
    /// The same everywhere.
    Fixed(&'static str),
}

/// Whether compute has network interfaces in the environment's VPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placement {
    /// Always, when the environment has a network.
    InVpc,
    /// Unless the author says `network: none`.
    InVpcByChoice,
    /// Never; it reaches AWS services without the VPC.
    Outside,
}

/// How a role gets to the compute.
#[derive(Debug, Clone)]
pub(crate) enum Attachment {
    /// Whoever deploys the compute names the role; its ARN is an output.
    Role,
    /// An instance profile of the role's name.
    InstanceProfile,
    /// A Pod Identity association in the cluster.
    PodIdentityAssociation(PodIdentity),
    /// An annotation on the Kubernetes service account.
    ServiceAccountAnnotation,
}

/// The role that starts containers, pulls their images and injects secrets into their environment.
#[derive(Debug, Clone)]
pub(crate) struct ExecutionRole {
    /// Who may assume it.
    pub(crate) trust: ServiceTrust,
    /// What it needs beside the secrets that are injected.
    pub(crate) needs: Vec<Need>,
}

/// A permission of the compute itself.
#[derive(Debug, Clone)]
pub(crate) struct Need {
    /// The statement id.
    pub(crate) sid: &'static str,
    /// The actions.
    pub(crate) actions: &'static [&'static str],
    /// On what.
    pub(crate) resources: Resources,
    /// When it is needed.
    pub(crate) when: When,
    /// Whether the service alone needs it, so that the code in [`Compute::function`] is denied it.
    pub(crate) withheld_from_code: bool,
}

/// When compute needs a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Always.
    Always,
    /// When it lives in the VPC.
    InVpc,
    /// When it uses a Glue connection.
    WithConnection,
}

/// The resources of a permission.
#[derive(Debug, Clone)]
pub(crate) enum Resources {
    /// `*`, for actions that take no resource.
    All,
    /// These.
    These(Vec<ResourcePattern>),
}

/// An ARN in the environment's partition, account and Region: `arn:P:SERVICE:R:A:RESOURCE`.
#[derive(Debug, Clone)]
pub(crate) struct ResourcePattern {
    /// The service name space.
    pub(crate) service: &'static str,
    /// The resource, from parts.
    pub(crate) resource: Vec<Piece>,
}

/// A part of a resource.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    /// As it stands.
    Text(&'static str),
    /// What the author gave.
    Given(String),
    /// The physical name of the consumer, `application-environment-consumer`.
    OwnName,
}

/// Whether a client describes a secret before it reads it (facts: iam.md, action sets).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// It reads the value alone.
    Value,
    /// It describes too: caches, the Lambda extension, the CSI driver.
    ValueAndDescription,
}

impl ServiceTrust {
    /// A trust in services without conditions.
    pub(super) fn of(principals: &'static [&'static str]) -> Self {
        Self { principals, source: None, external_ids: Vec::new() }
    }

    /// The same, limited to callers on behalf of a source in the account.
    pub(super) fn for_source(self, service: &'static str, resource: &'static str) -> Self {
        Self { source: Some(ResourcePattern { service, resource: vec![Piece::Text(resource)] }), ..self }
    }
}

impl Compute {
    /// Compute outside the VPC whose role services assume.
    pub(super) fn of(kind: &'static str, trust: ServiceTrust) -> Self {
        Self {
            kind,
            trust: Trust::Service(trust),
            placement: Placement::Outside,
            attachment: Attachment::Role,
            execution: None,
            needs: Vec::new(),
            lookup: Lookup::Value,
            function: None,
        }
    }
}

impl Need {
    /// Writing to streams of a log group (facts: iam.md, other workload permissions).
    pub(super) fn logs(group: Vec<Piece>) -> Self {
        let mut resource = vec![Piece::Text("log-group:")];
        resource.extend(group);
        resource.push(Piece::Text(":*"));
        Self {
            sid: "WriteLogs",
            actions: &["logs:CreateLogStream", "logs:PutLogEvents"],
            resources: Resources::These(vec![ResourcePattern { service: "logs", resource }]),
            when: When::Always,
            withheld_from_code: false,
        }
    }

    /// Actions without a resource level.
    pub(super) fn everywhere(sid: &'static str, actions: &'static [&'static str], when: When) -> Self {
        Self { sid, actions, resources: Resources::All, when, withheld_from_code: false }
    }
}

/// What the author gave, or the consumer's own name.
pub(super) fn name_or_own(given: Option<String>) -> Piece {
    given.map_or(Piece::OwnName, Piece::Given)
}
