//! Sites: an environment of an application in one of its Regions, and what has been made there so far.

use std::collections::BTreeMap;

use crate::cfn::resource::{Tag, secretsmanager};
use crate::cfn::value::words::{KeyArn, SecretArn, SecurityGroupId};
use crate::cfn::{Handle, Home, HomeId, Layer, ResourceId, Resources, Value};
use crate::inventory::{Application, Environment, Id, Inventory, Key, KeyRef, Place, Secret, SecretRef};
use crate::source::{Origin, Sourced};

use super::arn::Vantage;
use super::undelivered::Undelivered;

/// An environment in one of its Regions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site<'inventory> {
    /// The application's index in the inventory.
    pub(super) application_index: usize,
    /// The environment's index in the application.
    pub(super) environment_index: usize,
    /// The place's index in the environment; 0 is the primary Region.
    pub(super) place_index: usize,
    /// The application.
    pub(super) application: &'inventory Application,
    /// The environment.
    pub(super) environment: &'inventory Environment,
    /// The Region and network.
    pub(super) place: &'inventory Place,
}

/// A key of some environment at one of its places.
pub(super) type KeyAt = (usize, usize, Id<Key>, usize);

/// A secret of some environment.
pub(super) type SecretAt = (usize, usize, Id<Secret>);

/// What has been made so far.
#[derive(Debug)]
pub(super) struct World<'inventory> {
    /// The inventory.
    pub(super) inventory: &'inventory Inventory,
    /// The resources.
    pub(super) resources: Resources,
    /// ARNs of keys.
    pub(super) keys: BTreeMap<KeyAt, Value<KeyArn>>,
    /// Secrets that keyprint makes, with their stack.
    pub(super) secrets: BTreeMap<SecretAt, (Handle<secretsmanager::Secret>, HomeId)>,
    /// What must be there before a secret rotates.
    pub(super) before_rotation: BTreeMap<SecretAt, Vec<ResourceId>>,
    /// Queues for what the rules of the site at hand cannot deliver, by stack.
    pub(super) undelivered: BTreeMap<HomeId, Undelivered>,
    /// Security groups of endpoints, by account, Region, VPC and service.
    pub(super) endpoint_groups: BTreeMap<(String, String, String, String), Value<SecurityGroupId>>,
}

/// All sites: primary Regions of every application first, so that a Region finds what it refers to.
pub(super) fn sites(inventory: &Inventory) -> Vec<Site<'_>> {
    let mut sites: Vec<Site<'_>> = inventory
        .applications
        .iter()
        .enumerate()
        .flat_map(|(application_index, application)| {
            application.environments.iter().enumerate().flat_map(move |(environment_index, environment)| {
                environment.places.iter().enumerate().map(move |(place_index, place)| Site {
                    application_index,
                    environment_index,
                    place_index,
                    application,
                    environment,
                    place,
                })
            })
        })
        .collect();
    sites.sort_by_key(|site| site.place_index.min(1));
    sites
}

impl<'inventory> World<'inventory> {
    /// An empty world.
    pub(super) fn new(inventory: &'inventory Inventory) -> Self {
        Self {
            inventory,
            resources: Resources::default(),
            keys: BTreeMap::new(),
            secrets: BTreeMap::new(),
            before_rotation: BTreeMap::new(),
            undelivered: BTreeMap::new(),
            endpoint_groups: BTreeMap::new(),
        }
    }

    /// The stack of keys at a site.
    pub(super) fn keys_home(&mut self, site: &Site<'_>) -> HomeId {
        let layer = if site.is_primary() { Layer::PrimaryKeys } else { Layer::ReplicaKeys };
        self.home(site, "keys".to_owned(), site.account(), layer)
    }

    /// The stack at a site that the author placed something in, or the application's own.
    pub(super) fn stack_home(&mut self, site: &Site<'_>, stack: Option<&Sourced<String>>) -> HomeId {
        let application = &site.application.name.value;
        let name = match stack {
            Some(stack) => format!("{application}-{}", stack.value),
            None => application.clone(),
        };
        let layer = if site.is_primary() { Layer::Primary } else { Layer::Replica };
        self.home(site, name, site.account(), layer)
    }

    /// The stack for the half of a grant that belongs into another account.
    pub(super) fn foreign_home(&mut self, site: &Site<'_>, consumer: &str, account: &str) -> HomeId {
        let name = format!("{}-{consumer}", site.application.name.value);
        self.home(site, name, account, Layer::Foreign)
    }

    fn home(&mut self, site: &Site<'_>, stack: String, account: &str, layer: Layer) -> HomeId {
        self.resources.home(Home {
            application: site.application.name.value.clone(),
            environment: site.environment.name.value.clone(),
            region: site.place.region.value.clone(),
            stack,
            account: account.to_owned(),
            layer,
        })
    }

    /// The site of another application's environment in the same Region, for references over blueprints.
    pub(super) fn environment(
        &self,
        application: usize,
        environment: usize,
    ) -> Option<&'inventory Environment> {
        self.inventory.applications.get(application)?.environments.get(environment)
    }

    /// The secret behind a reference from a site, with where it is defined.
    pub(super) fn secret(
        &self,
        site: &Site<'_>,
        reference: &SecretRef,
    ) -> Option<(SecretAt, &'inventory Environment, &'inventory Secret)> {
        let at = secret_at(site.application_index, site.environment_index, reference);
        let environment = self.environment(at.0, at.1)?;
        Some((at, environment, environment.secrets.get(at.2)?))
    }

    /// The ARN of the key at the site's Region behind a reference that belongs to some environment.
    pub(super) fn key_arn(
        &self,
        application: usize,
        environment: usize,
        reference: &KeyRef,
        place: usize,
    ) -> Option<Value<KeyArn>> {
        let (application, environment, key) = key_at(application, environment, reference);
        self.keys.get(&(application, environment, key, place)).cloned()
    }

    /// `Ref` of a secret when it is in the stack itself.
    pub(super) fn secret_in(&self, home: HomeId, at: SecretAt) -> Option<Value<SecretArn>> {
        self.secrets.get(&at).filter(|(_, lives)| *lives == home).map(|(handle, _)| handle.reference())
    }
}

/// Where a secret reference leads, seen from an environment.
pub(super) fn secret_at(application: usize, environment: usize, reference: &SecretRef) -> SecretAt {
    match reference {
        SecretRef::Own(id) => (application, environment, *id),
        SecretRef::Other { application, environment, secret } => (*application, *environment, *secret),
    }
}

/// Where a key reference leads, seen from an environment.
pub(super) fn key_at(application: usize, environment: usize, reference: &KeyRef) -> (usize, usize, Id<Key>) {
    match reference {
        KeyRef::Own(id) => (application, environment, *id),
        KeyRef::Other { application, environment, key } => (*application, *environment, *key),
    }
}

impl Site<'_> {
    /// Where this site's stacks are deployed.
    pub(super) fn vantage(&self) -> Vantage<'_> {
        Vantage { account: self.account(), region: self.region() }
    }

    /// Where a stack is deployed, which for the half of a grant in another account is that account.
    pub(super) fn vantage_of<'a>(&'a self, world: &'a World<'_>, home: HomeId) -> Vantage<'a> {
        world
            .resources
            .home_of(home)
            .map_or_else(|| self.vantage(), |home| Vantage { account: &home.account, region: &home.region })
    }

    /// Whether this is the environment's first Region.
    pub(super) fn is_primary(&self) -> bool {
        self.place_index == 0
    }

    /// The environment's account.
    pub(super) fn account(&self) -> &str {
        &self.environment.account.value
    }

    /// The Region.
    pub(super) fn region(&self) -> &str {
        &self.place.region.value
    }

    /// `{application}-{environment}`, the beginning of physical names.
    pub(super) fn prefix(&self) -> String {
        format!("{}-{}", self.application.name.value, self.environment.name.value)
    }

    /// The tags of everything at this site, with further ones.
    pub(super) fn tags(&self, further: &[(Sourced<String>, Sourced<String>)]) -> Vec<Tag> {
        let environment = self.environment.name.clone();
        let mut tags: Vec<Tag> = self
            .application
            .tags
            .iter()
            .filter(|(key, _)| !further.iter().any(|(other, _)| other.value == key.value))
            .chain(further)
            .map(|(key, value)| Tag { key: key.clone(), value: value.clone() })
            .chain([Tag { key: environment.origin.put("environment".to_owned()), value: environment }])
            .collect();
        tags.sort_by(|left, right| left.key.value.cmp(&right.key.value));
        tags
    }

    /// The environment's own origin, for what only the environment explains.
    pub(super) fn origin(&self) -> Origin {
        self.environment.origin
    }
}
