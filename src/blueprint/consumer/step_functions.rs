//! State machines of Step Functions.

use super::facts::{Compute, ServiceTrust};
use super::runs_on::Kind;
use crate::blueprint::mapping::mapping;
use crate::blueprint::scalar::ForeignName;
use crate::source::Sourced;

pub(super) const KIND: Kind = Kind::new::<Options>(
    "step-functions",
    "A state machine of Step Functions.",
    "step-functions",
    Some(facts),
);

mapping! {
    /// A state machine of Step Functions.
    struct Options = "a state machine" {
        /// What the state machine is called.
        name: Sourced<ForeignName> = "step-functions" like "settlement";
    }
}

impl From<Options> for Compute {
    fn from(_: Options) -> Self {
        facts()
    }
}

fn facts() -> Compute {
    Compute::of(
        "step-functions",
        ServiceTrust::of(&["states.amazonaws.com"]).for_source("states", "stateMachine:*"),
    )
}
