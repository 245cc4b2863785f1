//! Pods of EKS whose service account assumes a role by OIDC.

use super::eks_pod;
use super::facts::{Attachment, Compute, Placement, Provider, ServiceTrust, Trust, WebIdentity};
use super::runs_on::Kind;
use crate::blueprint::mapping::mapping;
use crate::blueprint::name::Name;
use crate::blueprint::scalar::ForeignName;
use crate::source::Sourced;

pub(super) const KIND: Kind = Kind::new::<Options>(
    "eks-irsa",
    "A pod of EKS whose service account assumes the role by OIDC.",
    "{ eks-irsa: main, namespace: shop, service-account: api }",
    None,
);

mapping! {
    /// A pod of EKS whose service account assumes the role by OIDC.
    struct Options = "an EKS service account" {
        /// The cluster, by its name under the environment's `clusters`.
        cluster: Sourced<Name> = "eks-irsa" like "main";
        /// The Kubernetes name space.
        namespace: Sourced<ForeignName> = "namespace" like "shop";
        /// The Kubernetes service account.
        service_account: Sourced<ForeignName> = "service-account" like "api";
        /// Whether the Secrets Store CSI driver mounts the secrets; it describes them too.
        csi_driver: Option<Sourced<bool>> = "csi-driver" like "true";
    }
}

impl From<Options> for Compute {
    fn from(options: Options) -> Self {
        let Options { cluster, namespace, service_account, csi_driver, .. } = options;
        Self {
            trust: Trust::WebIdentity(WebIdentity {
                provider: Provider::Cluster(cluster),
                subject: format!("system:serviceaccount:{}:{}", namespace.value, service_account.value),
                audience: "sts.amazonaws.com",
            }),
            placement: Placement::InVpc,
            attachment: Attachment::ServiceAccountAnnotation,
            lookup: eks_pod::lookup(csi_driver.as_ref()),
            ..Self::of("eks-irsa", ServiceTrust::of(&[]))
        }
    }
}
