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
    /// Users of Aurora, by a superuser through the RDS Data API.
    RdsDataUsers {
        /// The identifier of the cluster.
        cluster: String,
    },
    /// Users of Redshift, by a superuser through the Redshift Data API.
    RedshiftDataUsers {
        /// The identifier of the cluster.
        cluster: String,
    },
    /// Users of ElastiCache.
    CacheUsers,
    /// What a provider issues, by the author's module.
    ProviderKeys {
        /// The module's path.
        module: String,
    },
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
    /// The IAM users whose access keys it makes and deletes, or the ids of the ElastiCache users that it changes.
    pub(crate) users: Vec<Sourced<String>>,
    /// The author's module.
    pub(crate) module: Option<Sourced<String>>,
    /// Certificates, as PEM, of the authorities that the author names for its databases.
    pub(crate) authorities: Vec<Sourced<String>>,
    /// The stack that the author placed its secrets in, below `{application}-`.
    pub(crate) stack: Option<Sourced<String>>,
    /// The first secret that needs it.
    pub(crate) origin: Origin,
}

/// A function that keyprint makes and that runs by the clock.
#[derive(Debug)]
pub(crate) struct Task {
    /// What logical ids are made of, for example `watch`.
    pub(crate) stable_name: String,
    /// The name of the function, of its role and of its rules, at most 64 characters.
    pub(crate) physical_name: String,
    /// What it does.
    pub(crate) does: Does,
    /// The secrets that it looks at.
    pub(crate) secrets: Vec<Looked>,
    /// The database groups that it must reach, with their ports, sorted.
    pub(crate) databases: Vec<(Sourced<String>, u32)>,
    /// Certificates, as PEM, of the authorities that the author names for its databases.
    pub(crate) authorities: Vec<Sourced<String>>,
    /// The stack that the author placed its secrets in, below `{application}-`.
    pub(crate) stack: Option<Sourced<String>>,
    /// The first line that needs it.
    pub(crate) origin: Origin,
}

/// What a task does with its secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Does {
    /// Publishes how old they are.
    Watch,
    /// Logs in to PostgreSQL with their current values.
    CheckPostgreSql,
    /// Logs in to MySQL and MariaDB with their current values.
    CheckMySql,
}

/// A secret that a task looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Looked {
    /// Which.
    pub(crate) secret: Id<super::Secret>,
    /// Hours that a value may stay, its window included.
    pub(crate) hours: u32,
    /// Whether writing is tried too.
    pub(crate) writes: bool,
}

impl FunctionSpec {
    /// Whether something outside the secret changes with a rotation, and can be changed back.
    pub(crate) fn can_roll_back(&self) -> bool {
        match &self.changes.value {
            Changes::PostgreSqlUsers
            | Changes::MySqlUsers
            | Changes::RdsDataUsers { .. }
            | Changes::RedshiftDataUsers { .. }
            | Changes::CacheUsers => true,
            Changes::ProviderKeys { .. } | Changes::AccessKeys | Changes::RandomValue { .. } => false,
        }
    }

    /// The name of the runbook that rolls back, and of its role.
    pub(crate) fn rollback_name(&self) -> String {
        format!("{}-rollback", self.physical_name)
    }

    /// The AWS service, beside Secrets Manager, through which it changes what it rotates from within a network.
    pub(crate) fn service(&self) -> Option<&'static str> {
        match &self.changes.value {
            Changes::RdsDataUsers { .. } => Some("rds-data"),
            Changes::RedshiftDataUsers { .. } => Some("redshift-data"),
            Changes::CacheUsers => Some("elasticache"),
            Changes::PostgreSqlUsers
            | Changes::MySqlUsers
            | Changes::ProviderKeys { .. }
            | Changes::AccessKeys
            | Changes::RandomValue { .. } => None,
        }
    }
}

impl Task {
    /// Whether it lives in the network of the primary Region: what logs in to databases does.
    pub(crate) fn in_network(&self) -> bool {
        match self.does {
            Does::Watch => false,
            Does::CheckPostgreSql | Does::CheckMySql => true,
        }
    }
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
