//! Instances of EMR clusters.

use super::facts::{Attachment, Compute, Placement, ServiceTrust};
use super::runs_on::Kind;
use crate::blueprint::mapping::mapping;
use crate::blueprint::scalar::ForeignName;
use crate::source::Sourced;

pub(super) const KIND: Kind = Kind::new::<Options>(
    "emr",
    "The instances of an EMR cluster, through their instance profile.",
    "emr",
    Some(facts),
);

mapping! {
    /// The instances of an EMR cluster.
    struct Options = "an EMR cluster" {
        /// What the cluster is called; the instance profile has the consumer's physical name either way.
        name: Sourced<ForeignName> = "emr" like "nightly";
    }
}

impl From<Options> for Compute {
    fn from(_: Options) -> Self {
        facts()
    }
}

/// Code on the cluster has the role of its instances, not the service role of EMR.
fn facts() -> Compute {
    Compute {
        placement: Placement::InVpc,
        attachment: Attachment::InstanceProfile,
        ..Compute::of("emr", ServiceTrust::of(&["ec2.amazonaws.com"]))
    }
}
