//! Jobs of EMR Serverless.

use super::facts::{Compute, Placement, ServiceTrust};
use super::runs_on::Kind;
use crate::blueprint::mapping::mapping;
use crate::blueprint::scalar::ForeignName;
use crate::source::Sourced;

pub(super) const KIND: Kind =
    Kind::new::<Options>("emr-serverless", "A job of EMR Serverless.", "emr-serverless", Some(facts));

mapping! {
    /// A job of EMR Serverless.
    struct Options = "an EMR Serverless job" {
        /// What the application is called.
        name: Sourced<ForeignName> = "emr-serverless" like "nightly";
    }
}

impl From<Options> for Compute {
    fn from(_: Options) -> Self {
        facts()
    }
}

/// `aws:SourceAccount` and `aws:SourceArn` are unverified for EMR Serverless, so the trust has no condition.
fn facts() -> Compute {
    Compute {
        placement: Placement::InVpcByChoice,
        ..Compute::of("emr-serverless", ServiceTrust::of(&["emr-serverless.amazonaws.com"]))
    }
}
