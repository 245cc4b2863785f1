//! EC2 instances.

use super::facts::{Attachment, Compute, Placement, ServiceTrust};
use super::runs_on::Kind;
use crate::blueprint::mapping::mapping;
use crate::blueprint::scalar::ForeignName;
use crate::source::Sourced;

pub(super) const KIND: Kind =
    Kind::new::<Options>("ec2", "EC2 instances, through an instance profile.", "ec2", Some(facts));

mapping! {
    /// EC2 instances.
    struct Options = "a set of EC2 instances" {
        /// What the instances are called; the instance profile has the consumer's physical name either way.
        name: Sourced<ForeignName> = "ec2" like "workers";
    }
}

impl From<Options> for Compute {
    fn from(_: Options) -> Self {
        facts()
    }
}

fn facts() -> Compute {
    Compute {
        placement: Placement::InVpc,
        attachment: Attachment::InstanceProfile,
        ..Compute::of("ec2", ServiceTrust::of(&["ec2.amazonaws.com"]))
    }
}
