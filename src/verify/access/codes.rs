//! What can be wrong with access as a whole.

use crate::diagnostic::code;

code! {
    /// ## What it finds
    ///
    /// A request for a secret or a key that the templates allow and the blueprint does not ask for.
    ///
    /// ## Why it matters
    ///
    /// Access that nobody asked for is found by whoever looks for it. The message names the request and the statements
    /// that let it through, in whatever template they stand.
    ///
    /// ## Example
    ///
    /// An `allow` of a consumer with the action `secretsmanager:*` on all resources.
    ///
    /// ## Instead
    ///
    /// Name the secret under `reads`, `writes` or `administers` of the consumer, and nothing under `allow`.
    ACCESS_BEYOND_INTENTION = "access-beyond-intention" {
        Error, Schema, "the templates allow more than the blueprint asks for"
    }

    /// ## What it finds
    ///
    /// Access that the blueprint asks for and that some policy refuses: that of the secret, of its key, of the role or
    /// of the endpoint that the call goes through.
    ///
    /// ## Why it matters
    ///
    /// The consumer would fail at run time, as a rule only after the deployment.
    ///
    /// ## Example
    ///
    /// A consumer that administers a secret which a change guard keeps to the deployer.
    ///
    /// ## Instead
    ///
    /// Let the message's reason decide: the access is given up, or what refuses it.
    ACCESS_NOT_EFFECTIVE = "access-not-effective" {
        Error, Schema, "access that the blueprint asks for does not work"
    }

    /// ## What it finds
    ///
    /// A claim about access to a secret or a key that could neither be proved nor refuted.
    ///
    /// ## Why it matters
    ///
    /// What is not decided is not proved. It counts as an error and cannot be waived.
    ///
    /// ## Example
    ///
    /// An `allow` with a condition operator that keyprint does not know.
    ///
    /// ## Instead
    ///
    /// Replace the construct that the message names.
    ACCESS_UNDECIDED = "access-undecided" { Error, Schema, "access could not be decided" }
}
