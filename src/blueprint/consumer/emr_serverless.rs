//! Jobs of EMR Serverless.

use super::facts::{Compute, Placement, ServiceTrust};
use super::runs_on::Kind;

pub(super) const KIND: Kind = Kind::alone("emr-serverless", "A job of EMR Serverless.", facts);

/// `aws:SourceAccount` and `aws:SourceArn` are unverified for EMR Serverless, so the trust has no condition.
fn facts() -> Compute {
    Compute {
        placement: Placement::InVpcByChoice,
        ..Compute::of("emr-serverless", ServiceTrust::of(&["emr-serverless.amazonaws.com"]))
    }
}
