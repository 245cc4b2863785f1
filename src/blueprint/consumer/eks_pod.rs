//! Pods of EKS with Pod Identity.

use super::facts::{Attachment, Compute, Lookup, Placement, PodIdentity, ServiceTrust, Trust};
use super::runs_on::Kind;
use crate::blueprint::mapping::mapping;
use crate::blueprint::scalar::ForeignName;
use crate::source::Sourced;

pub(super) const KIND: Kind = Kind::new::<Options>(
    "eks-pod",
    "A pod of EKS with Pod Identity.",
    "{ eks-pod: main, namespace: shop, service-account: api }",
    None,
);

mapping! {
    /// A pod of EKS with Pod Identity.
    pub(super) struct Options = "an EKS pod" {
        /// The name of the EKS cluster.
        cluster: Sourced<ForeignName> = "eks-pod" like "main";
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
        let identity = PodIdentity {
            cluster: options.cluster.map(|name| name.to_string()),
            namespace: options.namespace.map(|name| name.to_string()),
            service_account: options.service_account.map(|name| name.to_string()),
        };
        Self {
            trust: Trust::PodIdentity(identity.clone()),
            placement: Placement::InVpc,
            attachment: Attachment::PodIdentityAssociation(identity),
            lookup: lookup(options.csi_driver.as_ref()),
            ..Self::of("eks-pod", ServiceTrust::of(&["pods.eks.amazonaws.com"]))
        }
    }
}

/// The CSI driver's provider describes what it mounts (facts: rotation.md, client-side facts).
pub(super) fn lookup(csi_driver: Option<&Sourced<bool>>) -> Lookup {
    if csi_driver.is_some_and(|flag| flag.value) { Lookup::ValueAndDescription } else { Lookup::Value }
}
