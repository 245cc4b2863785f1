//! Waivers: findings that the owner accepts, why, and until when.

use super::mapping::mapping;
use super::name::{FindingName, SubjectPath};
use super::scalar::Reason;
use crate::aws::Date;
use crate::source::Sourced;

mapping! {
    /// A finding that the owner accepts for a time.
    pub(crate) struct Waiver = "a waiver" {
        /// The name of the finding's code.
        finding: Sourced<FindingName> = "finding" like "rotation-interval-too-long";
        /// What it is about: `secrets.NAME`, `keys.NAME`, `consumers.NAME`, `environments.NAME`, or a template and a logical id.
        on: Sourced<SubjectPath> = "on" like "secrets.payment-provider";
        /// Why it is accepted, in a sentence.
        because: Sourced<Reason> = "because" like "the provider issues keys by hand, each quarter";
        /// The last day on which it holds.
        until: Sourced<Date> = "until" like "2027-03-31";
    }
}
