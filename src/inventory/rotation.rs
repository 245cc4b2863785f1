//! Rotation: who runs it, when, and with what.

use crate::source::{Origin, Sourced};

use super::{Id, SecretRef};

/// How a secret rotates.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one for each secret; a box would be in the way of matching")]
pub(crate) enum Rotation {
    /// Not at all; a finding unless waived, or because a service owns the secret and its schedule.
    None,
    /// By a function that keyprint makes.
    Generated {
        /// The function.
        function: Id<FunctionSpec>,
        /// When.
        schedule: Schedule,
    },
    /// By a function that exists already.
    ByArn {
        /// The function's ARN.
        function: Sourced<String>,
        /// When.
        schedule: Schedule,
    },
    /// By a function that the transform of Secrets Manager makes.
    Hosted {
        /// One of the sixteen `RotationType` words.
        rotation_type: Sourced<String>,
        /// The runtime, when the author asks for one.
        runtime: Option<Sourced<String>>,
        /// The name of the function, at most 64 characters.
        function_name: String,
        /// The secret of the superuser.
        superuser: Option<Sourced<SecretRef>>,
        /// The port of the database.
        port: u32,
        /// The database's security group.
        database_group: Option<Sourced<String>>,
        /// When.
        schedule: Schedule,
    },
    /// By the service that owns the secret, on another schedule than its default.
    Managed {
        /// When.
        schedule: Schedule,
    },
    /// By Secrets Manager together with a partner.
    Partner {
        /// The partner's metadata.
        metadata: Vec<(Sourced<String>, Sourced<String>)>,
        /// When.
        schedule: Schedule,
    },
}

/// When a secret rotates.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    /// `rate(…)` or `cron(…)`, checked against the service's grammar.
    pub(crate) expression: Sourced<String>,
    /// The window in hours, 1 to 24.
    pub(crate) window_hours: Sourced<u32>,
    /// Whether a change of the schedule rotates at once.
    pub(crate) immediately: Sourced<bool>,
    /// The longest time between two rotations, in hours.
    pub(crate) interval_hours: u32,
}

/// Whether one user's password changes, or two users take turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strategy {
    /// One user.
    SingleUser,
    /// `NAME` and `NAME_clone` take turns.
    AlternatingUsers,
}

/// What a rotation function of keyprint changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Changes {
    /// Users of PostgreSQL and Aurora PostgreSQL.
    PostgreSqlUsers,
    /// Users of MySQL, MariaDB and Aurora MySQL.
    MySqlUsers,
    /// The access keys of IAM users.
    AccessKeys,
    /// A random value: a plain text, or one field of a JSON object.
    RandomValue {
        /// The field; none for a plain text.
        field: Option<String>,
    },
}

/// A rotation function that keyprint makes: one for all secrets of an engine, strategy and network in a stack.
#[derive(Debug)]
pub(crate) struct FunctionSpec {
    /// What logical ids are made of, for example `rotate-postgresql-single`.
    pub(crate) stable_name: String,
    /// What it changes.
    pub(crate) changes: Sourced<Changes>,
    /// One user or two.
    pub(crate) strategy: Strategy,
    /// The name of the function and of its role, at most 64 characters.
    pub(crate) physical_name: String,
    /// Length of the values that it makes, the greatest that one of its secrets asks for.
    pub(crate) length: Sourced<u32>,
    /// Characters that do not occur in them, those of all its secrets together, sorted.
    pub(crate) exclude_characters: Sourced<String>,
    /// Whether it lives in the network of the primary Region.
    pub(crate) in_network: bool,
    /// The database groups that it must reach, with their ports, sorted.
    pub(crate) databases: Vec<(Sourced<String>, u32)>,
    /// The IAM users whose access keys it makes and deletes.
    pub(crate) users: Vec<Sourced<String>>,
    /// The stack that the author placed its secrets in, below `{application}-`.
    pub(crate) stack: Option<Sourced<String>>,
    /// The first secret that needs it.
    pub(crate) origin: Origin,
}

impl Rotation {
    /// When it rotates.
    pub(crate) fn schedule(&self) -> Option<&Schedule> {
        match self {
            Self::None => None,
            Self::Generated { schedule, .. }
            | Self::ByArn { schedule, .. }
            | Self::Hosted { schedule, .. }
            | Self::Managed { schedule }
            | Self::Partner { schedule, .. } => Some(schedule),
        }
    }
}
