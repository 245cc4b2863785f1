//! State machines of Step Functions.

use super::facts::{Compute, ServiceTrust};
use super::runs_on::Kind;

pub(super) const KIND: Kind = Kind::alone("step-functions", "A state machine of Step Functions.", facts);

fn facts() -> Compute {
    Compute::of(
        "step-functions",
        ServiceTrust::of(&["states.amazonaws.com"]).for_source("states", "stateMachine:*"),
    )
}
