//! Alerts: who is told what.

use crate::source::{Origin, Sourced};

/// A topic with its subscribers and the signals that go there.
#[derive(Debug)]
pub(crate) struct Alert {
    /// Its name in the blueprint.
    pub(crate) name: Sourced<String>,
    /// The topic's name.
    pub(crate) physical_name: String,
    /// Where messages go.
    pub(crate) destinations: Vec<Sourced<Destination>>,
    /// What is told; `everything-else` is resolved already.
    pub(crate) signals: Vec<Sourced<Signal>>,
    /// Its entry in the blueprint.
    pub(crate) origin: Origin,
}

/// A subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// An address that a person confirms.
    Email(String),
    /// A URL.
    Https(String),
    /// The ARN of a queue.
    Sqs(String),
    /// The ARN of a function.
    Lambda(String),
}

/// Something that people want to be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Signal {
    /// A rotation, a test rotation or a replication failed or was abandoned.
    RotationFailed,
    /// A secret was rotated.
    RotationSucceeded,
    /// A rotation is late, or the function that watches is silent.
    RotationLate,
    /// A current value does not open its database, or the function that tries it is silent.
    LogInFailed,
    /// A rotation function fails, is throttled or is slow.
    FunctionFailing,
    /// A secret was deleted, or its rotation or replication was ended.
    SecretDeleted,
    /// A secret's resource policy or a key's policy changed, or a grant was made.
    PolicyChanged,
    /// A key was disabled or its deletion scheduled.
    KeyDisabled,
    /// Somebody took the break-glass role.
    BreakGlassUsed,
    /// Reads were refused; needs the trail's log group.
    AccessDenied,
    /// The root user acted; needs the trail's log group.
    RootUsed,
    /// The volume of reads is out of its usual band; needs the trail's log group.
    UnusualReads,
}

impl Signal {
    /// Every signal that something is or may be wrong, in the order in which pages list them.
    pub(crate) const ALL: [Self; 11] = [
        Self::RotationFailed,
        Self::RotationLate,
        Self::LogInFailed,
        Self::FunctionFailing,
        Self::SecretDeleted,
        Self::PolicyChanged,
        Self::KeyDisabled,
        Self::BreakGlassUsed,
        Self::AccessDenied,
        Self::RootUsed,
        Self::UnusualReads,
    ];

    /// The word of the language.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::RotationFailed => "rotation-failed",
            Self::RotationSucceeded => "rotation-succeeded",
            Self::RotationLate => "rotation-late",
            Self::LogInFailed => "log-in-failed",
            Self::FunctionFailing => "function-failing",
            Self::SecretDeleted => "secret-deleted",
            Self::PolicyChanged => "policy-changed",
            Self::KeyDisabled => "key-disabled",
            Self::BreakGlassUsed => "break-glass-used",
            Self::AccessDenied => "access-denied",
            Self::RootUsed => "root-used",
            Self::UnusualReads => "unusual-reads",
        }
    }
}
