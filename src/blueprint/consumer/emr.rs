//! Instances of EMR clusters.

use super::facts::{Attachment, Compute, Placement, ServiceTrust};
use super::runs_on::Kind;

pub(super) const KIND: Kind =
    Kind::alone("emr", "The instances of an EMR cluster, through their instance profile.", facts);

/// Code on the cluster has the role of its instances, not the service role of EMR.
fn facts() -> Compute {
    Compute {
        placement: Placement::InVpc,
        attachment: Attachment::InstanceProfile,
        ..Compute::of("emr", ServiceTrust::of(&["ec2.amazonaws.com"]))
    }
}
