//! Alerts: who is told about what.

use super::codes::fields;
use super::mapping::mapping;
use super::scalar::{Email, HttpsUrl};
use super::syntax::{OneOrMore, repeated};
use super::words::words;
use crate::aws::{FunctionArn, QueueArn};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Sourced;

mapping! {
    /// A topic, who is subscribed to it, and the signals it carries.
    pub(crate) struct Alert = "an alert" with check {
        /// One e-mail address.
        email: Option<Sourced<Email>> = "email" like "oncall@example.com";
        /// Several e-mail addresses.
        emails: Vec<Sourced<Email>> = "emails" like "[oncall@example.com, security@example.com]";
        /// A web address.
        https: Option<Sourced<HttpsUrl>> = "https" like "https://alerts.example.com/hook";
        /// A queue, by ARN.
        sqs: Option<Sourced<QueueArn>> = "sqs" like "arn:aws:sqs:eu-west-1:333333333333:alerts";
        /// A function, by ARN.
        lambda: Option<Sourced<FunctionArn>> = "lambda" like "arn:aws:lambda:eu-west-1:333333333333:function:notify";
        /// The signals it carries.
        on: OneOrMore<Sourced<Signal>> = "on" like "[rotation-failed, break-glass-used]";
    }
}

words! {
    /// Something that happens and that people want to know.
    pub(crate) enum Signal = "a signal" {
        /// A rotation failed or was abandoned, or a replica could not be written.
        RotationFailed = "rotation-failed",
        /// A secret was rotated; never among `everything-else`.
        RotationSucceeded = "rotation-succeeded",
        /// A rotation is late, or nothing is heard of whether it is; needs `rotation-watch`.
        RotationLate = "rotation-late",
        /// A current value does not open its database, or nothing is heard of whether it does; needs a `check` in a rotation.
        LogInFailed = "log-in-failed",
        /// A secret was deleted or marked for deletion.
        SecretDeleted = "secret-deleted",
        /// The resource policy of a secret or a key policy was changed.
        PolicyChanged = "policy-changed",
        /// A key was disabled, marked for deletion, or its rotation was turned off.
        KeyDisabled = "key-disabled",
        /// Somebody assumed the break-glass role.
        BreakGlassUsed = "break-glass-used",
        /// A read was refused; needs the environment's `trail-log-group`.
        AccessDenied = "access-denied",
        /// The root user did something; needs the environment's `trail-log-group`.
        RootUsed = "root-used",
        /// Values are read more often than before; needs the environment's `trail-log-group`.
        UnusualReads = "unusual-reads",
        /// A rotation function fails, is throttled or takes too long.
        FunctionFailing = "function-failing",
        /// Every signal that no other alert carries.
        EverythingElse = "everything-else",
    }
}

fn check(alert: &Alert, log: &mut Diagnostics) {
    repeated(alert.on.as_slice(), log);
    repeated(&alert.emails, log);
    let anyone = alert.email.is_some()
        || !alert.emails.is_empty()
        || alert.https.is_some()
        || alert.sqs.is_some()
        || alert.lambda.is_some();
    if !anyone {
        log.push(
            Diagnostic::new(&fields::MISSING_FIELD, alert.span, "an alert that reaches nobody")
                .help("add one of `email`, `emails`, `https`, `sqs` and `lambda`"),
        );
    }
}
