//! The scene of questions in one account: callers, secrets, keys and endpoints, and where their policies stand.
//!
//! *Never:* which access was wanted.

use std::collections::BTreeSet;

use serde_json::json;

use crate::access::{Policy, PolicyKind, Resource, Role, World};

use super::{Deployed, DeployedRole, Encryption as Deployment, Place, Placed, account_of, region_of, texts};

/// Everything that questions are about, in one account.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    /// What decides.
    pub(crate) world: World,
    /// The roles of the world, in its order.
    pub(crate) roles: Vec<Actor>,
    /// The resources of the world, in its order.
    pub(crate) things: Vec<Thing>,
    /// The endpoints that have a policy.
    pub(crate) endpoints: Vec<Endpoint>,
}

/// A role and where its policies stand.
#[derive(Debug)]
pub(crate) struct Actor {
    /// Where it is made, unless it exists already.
    pub(crate) place: Option<Place>,
    /// Its identity policies, in the world's order, as far as templates show them.
    pub(crate) identity: Vec<Placed>,
    /// Its boundaries, in the world's order.
    pub(crate) boundaries: Vec<Placed>,
    /// Whether policies that no template shows count as allowing it everything.
    pub(crate) is_open: bool,
}

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ThingKind {
    /// A secret.
    Secret,
    /// A KMS key.
    Key,
}

/// A secret or a key.
#[derive(Debug)]
pub(crate) struct Thing {
    /// What it is.
    pub(crate) kind: ThingKind,
    /// Where it is made.
    pub(crate) place: Place,
    /// Its own policy.
    pub(crate) policy: Option<Placed>,
    /// The key of the scene that encrypts a secret, by its position among the things.
    pub(crate) key: Option<usize>,
}

/// A VPC endpoint.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// The service, for example `secretsmanager`.
    pub(crate) service: String,
    /// The Region.
    pub(crate) region: String,
    /// Its policy.
    pub(crate) policy: Placed,
}

impl Scene {
    /// The scene of an account.
    pub(crate) fn of(deployed: &Deployed, account: &str) -> Scene {
        let mut scene =
            Scene { world: World { account: account.to_owned(), ..World::default() }, ..Scene::default() };
        for role in deployed.roles.iter().filter(|role| account_of(&role.arn) == Some(account)) {
            scene.role(role);
        }
        for key in deployed.keys.iter().filter(|key| account_of(&key.arn) == Some(account)) {
            let policy = key.policy.clone();
            let thing = Thing { kind: ThingKind::Key, place: key.place.clone(), policy, key: None };
            scene.thing(&key.arn, thing, Some(account));
        }
        for secret in deployed.secrets.iter().filter(|secret| account_of(&secret.arn) == Some(account)) {
            let key = match &secret.encryption {
                Deployment::Key(arn) => scene.world.resources.iter().position(|it| it.arn == *arn),
                Deployment::Managed | Deployment::Unknown => None,
            };
            let policy = secret.policy.clone();
            let thing = Thing { kind: ThingKind::Secret, place: secret.place.clone(), policy, key };
            scene.thing(&secret.arn, thing, None);
        }
        for endpoint in deployed.endpoints.iter().filter(|endpoint| endpoint.site.0 == account) {
            let Some(policy) = endpoint.policy.clone() else { continue };
            let (service, region) = (endpoint.service.clone(), endpoint.site.1.clone());
            scene.endpoints.push(Endpoint { service, region, policy });
        }
        scene.outsiders();
        scene
    }

    /// The policy of the endpoint through which a resource is reached from the network.
    pub(crate) fn endpoint(&self, resource: &Resource) -> Option<&Placed> {
        let service = resource.arn.split(':').nth(2);
        let region = region_of(&resource.arn);
        let is_it =
            |it: &&Endpoint| Some(it.service.as_str()) == service && Some(it.region.as_str()) == region;
        self.endpoints.iter().find(is_it).map(|endpoint| &endpoint.policy)
    }

    fn role(&mut self, role: &DeployedRole) {
        let policies = |placed: &[Placed]| placed.iter().map(|it| it.policy.clone()).collect::<Vec<_>>();
        let mut identity = policies(&role.identity);
        if !role.made {
            identity.extend(everything());
        }
        let boundaries = policies(&role.boundaries);
        self.world.roles.push(Role { arn: role.arn.clone(), identity, boundaries });
        self.roles.push(Actor {
            place: role.made.then(|| role.place.clone()),
            identity: role.identity.clone(),
            boundaries: role.boundaries.clone(),
            is_open: !role.made,
        });
    }

    fn thing(&mut self, arn: &str, thing: Thing, default: Option<&str>) {
        let own = thing.policy.as_ref().map(|placed| placed.policy.clone());
        let policy = own.or_else(|| default_key_policy(default?));
        self.world.resources.push(Resource { arn: arn.to_owned(), policy });
        self.things.push(thing);
    }

    /// Roles that resource policies name and no template makes: whatever their own policies allow, they may.
    fn outsiders(&mut self) {
        let own = format!(":iam::{}:role/", self.world.account);
        let mut arns = BTreeSet::new();
        for placed in self.things.iter().filter_map(|thing| thing.policy.as_ref()) {
            texts(Some(&placed.document), &mut |text| {
                if text.starts_with("arn:") && text.contains(&own) && !text.contains(['*', '?', '$']) {
                    arns.insert(text.to_owned());
                }
            });
        }
        arns.retain(|arn| self.world.roles.iter().all(|role| role.arn != *arn));
        for arn in arns {
            let identity = everything().into_iter().collect();
            self.world.roles.push(Role { arn, identity, boundaries: Vec::new() });
            let (identity, boundaries) = (Vec::new(), Vec::new());
            self.roles.push(Actor { place: None, identity, boundaries, is_open: true });
        }
    }
}

/// The policy of somebody of whom no template shows the policies.
fn everything() -> Option<Policy> {
    let document = json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } });
    Policy::from_value(&document, PolicyKind::Identity).ok()
}

/// What KMS attaches to a key that is made without a policy. Source: KMS guide, *Default key policy*.
pub(crate) fn default_key_policy(account: &str) -> Option<Policy> {
    let root = format!("arn:aws:iam::{account}:root");
    let document = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": root }, "Action": "kms:*", "Resource": "*" },
    ] });
    Policy::from_value(&document, PolicyKind::Key).ok()
}
