//! KMS keys.

use super::mapping::mapping;
use super::name::{LogicalName, Name};
use super::scalar::{Days, ForeignName, Text};
use super::scope;
use crate::source::Sourced;

mapping! {
    /// A KMS key that encrypts secrets; an application without one gets one of its own name.
    pub(crate) struct Key = "a key" with check {
        /// What the key is for.
        description: Option<Sourced<Text>> = "description" like "Encrypts the secrets of orders";
        /// How often KMS makes new key material, 90 to 2560 days; 365 days if left out.
        rotate_every: Option<Sourced<Days<90, 2560>>> = "rotate-every" like "365 days";
        /// How long a deleted key can be brought back, 7 to 30 days; 30 days if left out.
        deletion_window: Option<Sourced<Days<7, 30>>> = "deletion-window" like "30 days";
        /// Whether further Regions hold replicas of this key rather than keys of their own; `false` if left out.
        multi_region: Option<Sourced<bool>> = "multi-region" like "false";
        /// The last part of the alias, where it is not the key's name.
        alias: Option<Sourced<ForeignName>> = "alias" like "orders";
        /// The name it had before; the old logical id stays.
        was: Option<Sourced<Name>> = "was" like "order-key";
        /// The beginning of its logical ids, where it is not made from the name.
        id: Option<Sourced<LogicalName>> = "id" like "Orders";
        /// The only environments that have it.
        only: Vec<Sourced<Name>> = "only" like "[production]";
        /// The environments that do not have it.
        except: Vec<Sourced<Name>> = "except" like "[staging]";
    }
}

fn check(key: &Key, log: &mut crate::diagnostic::Diagnostics) {
    scope::check(&key.only, &key.except, log);
    scope::check_identity(key.was.as_ref(), key.id.as_ref(), log);
}
