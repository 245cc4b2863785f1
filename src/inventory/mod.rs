//! What will exist, environment by environment: every name resolved, every default filled in, every access intended.
//!
//! *Never:* CloudFormation, YAML.

mod alert;
mod codes;
mod consumer;
mod environment;
mod key;
mod resolve;
mod rotation;
mod secret;
mod table;

pub(crate) use alert::{Alert, Destination, Signal};
pub(crate) use codes::CODES;
pub(crate) use consumer::{
    Access, Arrangement, AuthorStatement, Consumer, DatabaseLogin, Foreign, PodIdentity, RoleForm, RoleSpec,
    Tier, Trust, Verb,
};
pub(crate) use environment::{Environment, Interface, Network, People, Person, PersonTrust, Place, Route};
pub(crate) use key::{Key, KeyRef, Purpose};
pub(crate) use resolve::{attachments, resolve};
pub(crate) use rotation::{Changes, Does, FunctionSpec, Looked, Rotation, Schedule, Strategy, Task};
pub(crate) use secret::{Attachment, Secret, SecretRef, SecretValue, TemplateValue};
pub(crate) use table::{Id, Table};

use crate::diagnostic::Waiver;
use crate::source::{Origin, Sourced};

/// The whole workspace.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    /// One for each blueprint, sorted by name.
    pub(crate) applications: Vec<Application>,
    /// The waivers of all blueprints; each covers the entry that its `on` names, by the entry's span.
    pub(crate) waivers: Vec<Waiver>,
    /// The changes that the owners of the blueprints accept.
    pub(crate) acknowledged: Vec<Acknowledgement>,
}

/// A change that an owner accepts for a time.
#[derive(Debug, Clone)]
pub(crate) struct Acknowledgement {
    /// The name of the change.
    pub(crate) change: Sourced<String>,
    /// Why.
    pub(crate) because: String,
    /// The last day, `YYYY-MM-DD`.
    pub(crate) until: String,
}

/// What one blueprint describes.
#[derive(Debug)]
pub(crate) struct Application {
    /// Its name; also that of its output directory.
    pub(crate) name: Sourced<String>,
    /// Tags of everything it makes, `environment` apart: key and value, sorted by key.
    pub(crate) tags: Vec<(Sourced<String>, Sourced<String>)>,
    /// Its environments, in the author's order.
    pub(crate) environments: Vec<Environment>,
    /// The whole blueprint, as the place of last resort.
    pub(crate) origin: Origin,
}
