//! EC2 instances.

use super::facts::{Attachment, Compute, Placement, ServiceTrust};
use super::runs_on::Kind;

pub(super) const KIND: Kind = Kind::alone("ec2", "EC2 instances, through an instance profile.", facts);

fn facts() -> Compute {
    Compute {
        placement: Placement::InVpc,
        attachment: Attachment::InstanceProfile,
        ..Compute::of("ec2", ServiceTrust::of(&["ec2.amazonaws.com"]))
    }
}
