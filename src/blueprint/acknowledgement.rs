//! Acknowledgements: changes that the owner has seen and accepts, each by its exact name.

use super::mapping::mapping;
use super::name::ChangeName;
use super::scalar::Reason;
use crate::aws::Date;
use crate::source::Sourced;

mapping! {
    /// A change that the owner accepts for a time.
    pub(crate) struct Acknowledgement = "an acknowledgement" {
        /// The name of the change, as `keyprint diff` prints it; another change of the same kind has another name.
        change: Sourced<ChangeName> = "change" like "broader:3f9a1c02d4e5";
        /// Why it is accepted, in a sentence.
        because: Sourced<Reason> = "because" like "the nightly load now settles with the provider";
        /// The last day on which it is.
        until: Sourced<Date> = "until" like "2027-01-31";
    }
}
