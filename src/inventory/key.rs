//! KMS keys.

use crate::source::{Origin, Sourced};

use super::Id;

/// A customer managed key of an environment; one in each of its Regions that needs it.
#[derive(Debug)]
pub(crate) struct Key {
    /// Its name in the blueprint; the application's for the key nobody wrote, `alerts` for the topics' one.
    pub(crate) name: Sourced<String>,
    /// What logical ids are made of: the pinned id, the former name after a rename, or the name.
    pub(crate) stable_name: String,
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// The alias, with `alias/`.
    pub(crate) alias: Sourced<String>,
    /// What it protects, in words.
    pub(crate) description: Sourced<String>,
    /// Days between rotations of the key material, 90 to 2560.
    pub(crate) rotation_days: Sourced<u32>,
    /// Days between scheduling its deletion and the end, 7 to 30.
    pub(crate) deletion_window_days: Sourced<u32>,
    /// Whether the replica Regions hold replicas of it rather than keys of their own.
    pub(crate) multi_region: Sourced<bool>,
    /// Which places of the environment have it, as indexes; the primary, 0, always.
    pub(crate) places: Vec<usize>,
    /// Its entry in the blueprint, or what made it necessary.
    pub(crate) origin: Origin,
}

/// What a key encrypts. Services that publish alarms never appear in the policy of a key for secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Secrets, and data that consumers encrypt themselves.
    Secrets,
    /// Topics, queues and log groups.
    Alerts,
}

/// A key of this environment, or of the environment of the same name in another blueprint.
#[derive(Debug, Clone)]
pub(crate) enum KeyRef {
    /// A key of this environment.
    Own(Id<Key>),
    /// A key of another application.
    Other {
        /// Which application, as an index into the inventory.
        application: usize,
        /// Which of its environments.
        environment: usize,
        /// The key there.
        key: Id<Key>,
    },
}
