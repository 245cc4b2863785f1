//! The proof: what templates grant is what was intended, no more and no less.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde_json::{Value, json};

use super::actions::CLOSED;
use super::groups::{self, Asker, Group, is_known};
use super::intent::{Effect, Grant, Holder, Network, Target};
use super::statements::{allow, context, limit, statement};
use crate::access::{
    Answer, Budget, Inquiry, Policies, Policy, PolicyKind, Request, Resource, Role, Who, World, evaluate,
};
use crate::deployed::{Deployed, DeployedEndpoint, Encryption, Place, Placed, account_of};
use crate::source::Origin;

/// How a claim about a secret or key came out, if it does not hold.
#[derive(Debug, Clone)]
pub(super) enum Verdict {
    /// Somebody has access that was not intended.
    Beyond {
        /// The request.
        request: Box<Request>,
        /// The statements that allow it.
        by: Vec<Place>,
    },
    /// Intended access does not work.
    NotEffective {
        /// The request that is refused; none if the thing itself is missing.
        request: Option<Box<Request>>,
        /// Why, in words.
        why: Vec<String>,
        /// The line that asks for the access.
        origin: Origin,
    },
    /// It could not be decided.
    Undecided(String),
}

/// A claim that does not hold.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    /// The secret or key.
    pub(super) place: Place,
    /// How it came out.
    pub(super) verdict: Verdict,
}

/// Proves that templates grant what was intended; what does not hold comes back, in the order of the questions.
pub(super) fn prove(deployed: &Deployed, grants: &[Grant]) -> Vec<Finding> {
    let case = Case::new(deployed, grants);
    let mut tasks: Vec<Task<'_>> = Vec::new();
    tasks.extend((0..deployed.keys.len()).map(Task::Key));
    let asked = groups::asked(deployed, |at| case.is_closed(at)).into_iter();
    tasks.extend(asked.map(|(group, asker)| match asker {
        Asker::Known(role) => Task::Known(group, role),
        Asker::Others => Task::Others(group),
    }));
    tasks.extend(case.users().into_iter().map(Task::User));
    let found: Vec<Vec<Finding>> = tasks.par_iter().map(|task| task.findings(&case)).collect();
    case.missing().into_iter().chain(found.into_iter().flatten()).collect()
}

enum Task<'a> {
    /// Nobody uses or changes a key beyond intention.
    Key(usize),
    /// A role has no more on secrets with the same policy.
    Known(Group, usize),
    /// Nobody else has more on secrets with the same policy.
    Others(Group),
    /// What was intended for a holder works.
    User(Vec<&'a Grant>),
}

/// The question as a whole, with its tables.
struct Case<'a> {
    deployed: &'a Deployed,
    grants: &'a [Grant],
    /// For each resource, secrets before keys, the grants on it.
    on: Vec<Vec<&'a Grant>>,
    roles: BTreeMap<&'a str, usize>,
    places: Places<'a>,
}

impl<'a> Case<'a> {
    fn new(deployed: &'a Deployed, grants: &'a [Grant]) -> Self {
        let roles = deployed.roles.iter().enumerate().map(|(at, role)| (role.arn.as_str(), at)).collect();
        let mut on = vec![Vec::new(); deployed.secrets.len() + deployed.keys.len()];
        let places = Places::of(deployed);
        for grant in grants {
            if let Some(list) = places.find(&grant.target).and_then(|at| on.get_mut(at)) {
                list.push(grant);
            }
        }
        Case { deployed, grants, on, roles, places }
    }

    /// The ARN of a resource, counted over secrets and keys.
    fn arn(&self, at: usize) -> &'a str {
        let secrets = &self.deployed.secrets;
        match secrets.get(at) {
            Some(secret) => &secret.arn,
            None => self.deployed.keys.get(at - secrets.len()).map_or("", |key| &key.arn),
        }
    }

    fn policy(&self, at: usize) -> Option<&'a Placed> {
        let secrets = &self.deployed.secrets;
        match secrets.get(at) {
            Some(secret) => secret.policy.as_ref(),
            None => self.deployed.keys.get(at - secrets.len())?.policy.as_ref(),
        }
    }

    fn place(&self, at: usize) -> Place {
        let secrets = &self.deployed.secrets;
        let place = match secrets.get(at) {
            Some(secret) => Some(&secret.place),
            None => self.deployed.keys.get(at - secrets.len()).map(|key| &key.place),
        };
        place.cloned().unwrap_or(Place { template: 0, pointer: String::new() })
    }

    fn resource(&self, at: usize) -> Resource {
        let policy = self.policy(at).map(|placed| placed.policy.clone());
        Resource { arn: self.arn(at).to_owned(), policy }
    }

    fn on(&self, at: usize) -> &[&'a Grant] {
        self.on.get(at).map_or(&[], Vec::as_slice)
    }

    /// Grants on things that no template makes.
    fn missing(&self) -> Vec<Finding> {
        let places = &self.places;
        let mut seen = BTreeSet::new();
        let mut findings = Vec::new();
        for grant in self.grants {
            if places.find(&grant.target).is_none() && seen.insert(&grant.target) {
                let why = match &grant.target {
                    Target::Secret(arn) => format!("no template makes `{arn}`"),
                    Target::Key { alias, account, region } => {
                        format!("no template makes a key `{alias}` in {account} {region}")
                    }
                };
                let verdict = Verdict::NotEffective { request: None, why: vec![why], origin: grant.origin };
                findings.push(Finding { place: Place { template: 0, pointer: String::new() }, verdict });
            }
        }
        let mut meant: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for grant in self.grants {
            let Some(key) = places.find(&grant.target) else { continue };
            for secret in grant.secrets.iter().filter_map(|name| places.secret(name)) {
                meant.entry(secret).or_default().insert(self.arn(key));
            }
        }
        for (at, secret) in self.deployed.secrets.iter().enumerate() {
            let keys = meant.remove(&at).unwrap_or_default();
            let holds = match &secret.encryption {
                Encryption::Key(key) => keys.is_empty() || keys.contains(key.as_str()),
                Encryption::Managed | Encryption::Unknown => keys.is_empty(),
            };
            if !holds {
                let reason = "it is not encrypted with the intended key".to_owned();
                findings.push(Finding { place: self.place(at), verdict: Verdict::Undecided(reason) });
            }
        }
        findings
    }

    /// Whether a secret is closed to principals of its account that nobody meant.
    fn is_closed(&self, at: usize) -> bool {
        !self.on(at).iter().any(|grant| {
            matches!(grant.holder, Holder::Account(_)) && grant.actions.contains(&"secretsmanager:*")
        })
    }

    /// The grants that must work, by holder and network.
    fn users(&self) -> Vec<Vec<&'a Grant>> {
        type User<'grant> = (&'grant Holder, Effect, &'grant Option<Network>);
        let mut users: BTreeMap<User<'_>, Vec<&'a Grant>> = BTreeMap::new();
        for grant in self.grants.iter().filter(|grant| grant.effect != Effect::Accepted) {
            users.entry((&grant.holder, grant.effect, &grant.network)).or_default().push(grant);
        }
        users.into_values().collect()
    }

    fn endpoint(&self, grant: &Grant) -> Option<&'a DeployedEndpoint> {
        let (account, region, vpc) = grant.network.as_ref()?;
        let service = match grant.target {
            Target::Secret(_) => "secretsmanager",
            Target::Key { .. } => "kms",
        };
        self.deployed.endpoints.iter().find(|endpoint| {
            endpoint.service == service
                && endpoint.vpc == *vpc
                && endpoint.site.0 == *account
                && endpoint.site.1 == *region
        })
    }

    /// What a holder whose other policies are not known may have: a replica bears its primary's policy, and with it the
    /// exemptions of whoever changes the primary.
    fn accepted(&self, at: usize, of: &dyn Fn(&Holder) -> bool) -> Vec<Value> {
        let mut accepted = self.intended(at, of);
        if let Some(primary) = self.deployed.secrets.get(at).and_then(|secret| secret.replica_of) {
            let arn = self.arn(at);
            let grants = self.on(primary).iter().filter(|grant| of(&grant.holder));
            accepted.extend(grants.map(|grant| limit(grant, arn)));
        }
        accepted
    }

    /// What a holder is meant to have on a resource, or in general where `actions` are of interest.
    fn intended(&self, at: usize, of: &dyn Fn(&Holder) -> bool) -> Vec<Value> {
        let arn = self.arn(at);
        self.on(at).iter().filter(|grant| of(&grant.holder)).map(|grant| limit(grant, arn)).collect()
    }
}

/// Where targets are.
struct Places<'a> {
    secrets: BTreeMap<&'a str, usize>,
    keys: BTreeMap<(&'a str, &'a str, &'a str), usize>,
}

impl<'a> Places<'a> {
    /// The secret of a name with `??????`.
    fn secret(&self, name: &str) -> Option<usize> {
        self.secrets.get(name.strip_suffix("-??????")?).copied()
    }

    fn of(deployed: &'a Deployed) -> Self {
        let stem = |arn: &'a str| arn.rsplit_once('-').map_or(arn, |(stem, _)| stem);
        let secrets =
            deployed.secrets.iter().enumerate().map(|(at, secret)| (stem(&secret.arn), at)).collect();
        let positions: BTreeMap<&str, usize> =
            deployed.keys.iter().enumerate().map(|(at, key)| (key.arn.as_str(), at)).rev().collect();
        let keys = deployed
            .aliases
            .iter()
            .filter_map(|alias| {
                let at = deployed.secrets.len() + positions.get(alias.key.as_str())?;
                Some(((alias.name.as_str(), alias.site.0.as_str(), alias.site.1.as_str()), at))
            })
            .collect();
        Places { secrets, keys }
    }

    fn find(&self, target: &Target) -> Option<usize> {
        match target {
            Target::Secret(arn) => self.secret(arn),
            Target::Key { alias, account, region } => {
                self.keys.get(&(alias.as_str(), account.as_str(), region.as_str())).copied()
            }
        }
    }
}

impl Task<'_> {
    fn findings(&self, case: &Case<'_>) -> Vec<Finding> {
        match self {
            Task::Key(key) => key_findings(case, case.deployed.secrets.len() + key),
            Task::Known(group, role) => known_findings(case, group, *role),
            Task::Others(group) => other_findings(case, group),
            Task::User(grants) => effect_findings(case, grants),
        }
    }
}

/// Whoever is not among the intended holders of a key stands for everybody with any policies.
fn key_findings(case: &Case<'_>, at: usize) -> Vec<Finding> {
    let resource = case.resource(at);
    let holders: BTreeSet<&str> = case.on(at).iter().filter_map(|grant| role_of(&grant.holder)).collect();
    let mut world = World { account: owner(&resource), ..World::default() };
    world.roles = holders.iter().map(|arn| limits(case, arn)).collect();
    world.resources.push(resource);
    let only = allow(&[json!({ "Effect": "Allow", "Action": "kms:*", "Resource": "*" })]);
    nothing_beyond(case, &world, &[at], &only)
}

/// A role with known policies: the secrets of the group one by one in a single question.
fn known_findings(case: &Case<'_>, group: &Group, role: usize) -> Vec<Finding> {
    let Some(deployed) = case.deployed.roles.get(role) else { return Vec::new() };
    let Some(first) = group.secrets.first() else { return Vec::new() };
    let resource = case.resource(*first);
    let mut world = World { account: owner(&resource), ..World::default() };
    world.roles.push(limits(case, &deployed.arn));
    world.resources.push(resource.clone());
    let of = |holder: &Holder| holds(holder, &deployed.arn);
    let intended: Vec<Value> = group.secrets.iter().flat_map(|at| case.intended(*at, &of)).collect();
    let only = on_secrets(case, group, &["secretsmanager:*"]);
    let intended = allow(&intended);
    let mut inquiry = Inquiry::new(&world, &[&intended, &only], Budget::default());
    let answer = inquiry.nothing_beyond_all(&Who::Role(0), &resource, Some(&intended), &only);
    answered(case, group.secrets.as_slice(), answer)
}

/// Everybody else: roles of other accounts, roles that exist, other principals, services, the public.
fn other_findings(case: &Case<'_>, group: &Group) -> Vec<Finding> {
    let Some(first) = group.secrets.first() else { return Vec::new() };
    let resource = case.resource(*first);
    let mut world = World { account: owner(&resource), ..World::default() };
    let holders: BTreeSet<&str> =
        group.secrets.iter().flat_map(|at| case.on(*at)).filter_map(|grant| role_of(&grant.holder)).collect();
    world.roles = holders.iter().map(|arn| limits(case, arn)).collect();
    world.resources.push(resource);
    let closed = on_secrets(case, group, if group.closed { &CLOSED } else { &[] });
    let all = on_secrets(case, group, &["secretsmanager:*"]);
    let mut findings = Vec::new();
    let known: Vec<bool> = world
        .roles
        .iter()
        .map(|role| case.roles.get(role.arn.as_str()).and_then(|at| case.deployed.roles.get(*at)))
        .map(|role| role.is_some_and(is_known))
        .collect();
    let own = world.account.clone();
    let mut inquiry = Inquiry::new(&world, &[&closed, &all], Budget::default());
    for who in inquiry.everyone() {
        type Means<'who> = Box<dyn Fn(&Holder) -> bool + 'who>;
        let (only, holder): (&Policy, Means<'_>) = match &who {
            Who::Role(at) if known.get(*at) == Some(&true) => continue,
            Who::Role(at) => {
                let Some(role) = world.roles.get(*at) else { continue };
                let foreign = account_of(&role.arn) != Some(own.as_str());
                let arn = role.arn.clone();
                (if foreign { &all } else { &closed }, Box::new(move |holder| holds(holder, &arn)))
            }
            Who::OtherInAccount => (&closed, Box::new(|holder| matches!(holder, Holder::Account(_)))),
            Who::Account(_)
            | Who::OtherAccount
            | Who::Service(_)
            | Who::OtherService
            | Who::Federated(_)
            | Who::OtherFederated
            | Who::Anonymous => (&all, Box::new(|_| false)),
        };
        let intended: Vec<Value> = group.secrets.iter().flat_map(|at| case.accepted(*at, &holder)).collect();
        let intended = allow(&intended);
        let resource = case.resource(*first);
        let answer = inquiry.nothing_beyond_all(&who, &resource, Some(&intended), only);
        findings.extend(answered(case, &group.secrets, answer));
    }
    findings
}

/// Asks for every class of callers about one resource.
fn nothing_beyond(case: &Case<'_>, world: &World, at: &[usize], only: &Policy) -> Vec<Finding> {
    let (Some(resource), Some(first)) = (world.resources.first(), at.first()) else { return Vec::new() };
    let everything: Vec<Value> = case.intended(*first, &|_| true);
    let everything = allow(&everything);
    let mut inquiry = Inquiry::new(world, &[&everything, only], Budget::default());
    let mut findings = Vec::new();
    for who in inquiry.everyone() {
        let of = |holder: &Holder| match (&who, holder) {
            (Who::Role(role), holder) => world.roles.get(*role).is_some_and(|role| holds(holder, &role.arn)),
            (Who::OtherInAccount, Holder::Account(account)) => *account == world.account,
            (Who::Account(account), Holder::Account(holder)) => holder == account,
            (Who::Service(name), Holder::Service(holder)) => holder == name,
            _ => false,
        };
        let intended = allow(&case.intended(*first, &of));
        let answer = inquiry.nothing_beyond(&who, resource, Some(&intended), only);
        findings.extend(answered(case, at, answer));
    }
    findings
}

fn answered(case: &Case<'_>, among: &[usize], answer: Answer) -> Vec<Finding> {
    match answer {
        Answer::Proven => Vec::new(),
        Answer::Undecided(reason) => {
            let place =
                among.first().map_or(Place { template: 0, pointer: String::new() }, |at| case.place(*at));
            vec![Finding { place, verdict: Verdict::Undecided(reason) }]
        }
        Answer::Refuted(request) => {
            let at = among.iter().copied().find(|at| case.arn(*at) == request.resource);
            let at = at.or(among.first().copied()).unwrap_or_default();
            let by = deciding(case, at, &request);
            vec![Finding { place: case.place(at), verdict: Verdict::Beyond { request, by } }]
        }
    }
}

/// The statements that each by themselves let a request through.
fn deciding(case: &Case<'_>, at: usize, request: &Request) -> Vec<Place> {
    let caller = request.principal.to_string();
    let role = case.roles.get(caller.as_str()).and_then(|at| case.deployed.roles.get(*at));
    let everything = allow(&[json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })]);
    let documents = case.policy(at).into_iter().chain(role.into_iter().flat_map(|role| &role.identity));
    let mut places = Vec::new();
    for placed in documents {
        let statements = placed.document.get("Statement").and_then(Value::as_array);
        for (index, statement) in statements.into_iter().flatten().enumerate() {
            let alone = json!({ "Version": "2012-10-17", "Statement": [statement] });
            let Ok(alone) = Policy::from_value(&alone, placed.policy.kind()) else { continue };
            let policies = if placed.policy.kind() == PolicyKind::Identity {
                Policies {
                    identity: vec![alone],
                    resource: case.policy(at).map(|p| p.policy.clone()),
                    ..Policies::default()
                }
            } else {
                Policies { identity: vec![everything.clone()], resource: Some(alone), ..Policies::default() }
            };
            let allows = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
            if allows && evaluate(request, &policies).allowed {
                places.push(placed.statement(index));
            }
        }
    }
    places
}

/// What was intended for one holder works.
fn effect_findings(case: &Case<'_>, grants: &[&Grant]) -> Vec<Finding> {
    let places = &case.places;
    let Some(first) = grants.first() else { return Vec::new() };
    let mut findings = Vec::new();
    for service in [true, false] {
        let of: Vec<(&Grant, usize)> = grants
            .iter()
            .filter(|grant| matches!(grant.target, Target::Secret(_)) == service)
            .filter_map(|grant| Some((*grant, places.find(&grant.target)?)))
            .collect();
        let Some((sample, at)) = of.first() else { continue };
        let mut world = World { account: owner(&case.resource(*at)), ..World::default() };
        let who = match &first.holder {
            Holder::Role(arn) => {
                world.roles.push(match first.effect {
                    Effect::Here => granted(case, arn),
                    Effect::WithOthers | Effect::Accepted => unlimited(arn),
                });
                Who::Role(0)
            }
            Holder::Account(_) => Who::OtherInAccount,
            Holder::Service(name) => Who::Service(name.clone()),
        };
        let endpoint = case.endpoint(sample).and_then(|endpoint| endpoint.policy.as_ref());
        world.endpoint.extend(endpoint.map(|placed| placed.policy.clone()));
        let resources: Vec<Resource> = of.iter().map(|(_, at)| case.resource(*at)).collect();
        world.resources.clone_from(&resources);
        let wanted: Vec<Policy> =
            of.iter().map(|(grant, at)| allow(&exact(case, grant, case.arn(*at)))).collect();
        let mentioned: Vec<&Policy> = wanted.iter().collect();
        let mut inquiry = Inquiry::new(&world, &mentioned, Budget::default());
        for (((grant, at), resource), wanted) in of.iter().zip(&resources).zip(&wanted) {
            let verdict = match inquiry.everything_in(&who, resource, wanted) {
                Answer::Proven => continue,
                Answer::Undecided(reason) => Verdict::Undecided(reason),
                Answer::Refuted(request) => {
                    let policies = Policies {
                        identity: world.roles.first().map(|role| role.identity.clone()).unwrap_or_default(),
                        resource: resource.policy.clone(),
                        boundaries: world
                            .roles
                            .first()
                            .map(|role| role.boundaries.clone())
                            .unwrap_or_default(),
                        endpoint: world.endpoint.clone(),
                        ..Policies::default()
                    };
                    let why = evaluate(&request, &policies).by;
                    Verdict::NotEffective { request: Some(request), why, origin: grant.origin }
                }
            };
            findings.push(Finding { place: case.place(*at), verdict });
        }
    }
    findings
}

/// A role as it limits itself: with policies from elsewhere it could do anything.
fn limits(case: &Case<'_>, arn: &str) -> Role {
    match case.roles.get(arn).and_then(|at| case.deployed.roles.get(*at)) {
        Some(role) if is_known(role) => granted(case, arn),
        Some(_) | None => unlimited(arn),
    }
}

/// A role with the policies that templates give it.
fn granted(case: &Case<'_>, arn: &str) -> Role {
    let role = case.roles.get(arn).and_then(|at| case.deployed.roles.get(*at));
    let policies = |placed: &[Placed]| placed.iter().map(|placed| placed.policy.clone()).collect();
    Role {
        arn: arn.to_owned(),
        identity: role.map(|role| policies(&role.identity)).unwrap_or_default(),
        boundaries: role.map(|role| policies(&role.boundaries)).unwrap_or_default(),
    }
}

fn unlimited(arn: &str) -> Role {
    let everything = allow(&[json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })]);
    Role { arn: arn.to_owned(), identity: vec![everything], boundaries: Vec::new() }
}

fn owner(resource: &Resource) -> String {
    account_of(&resource.arn).unwrap_or_default().to_owned()
}

fn role_of(holder: &Holder) -> Option<&str> {
    match holder {
        Holder::Role(arn) => Some(arn),
        Holder::Account(_) | Holder::Service(_) => None,
    }
}

/// Whether an intention covers a role.
fn holds(holder: &Holder, role: &str) -> bool {
    match holder {
        Holder::Role(arn) => arn == role,
        Holder::Account(account) => account_of(role) == Some(account),
        Holder::Service(_) => false,
    }
}

/// All that a grant must come to: the very secrets.
fn exact(case: &Case<'_>, grant: &Grant, arn: &str) -> Vec<Value> {
    let named: BTreeSet<usize> = grant.secrets.iter().filter_map(|name| case.places.secret(name)).collect();
    let secrets: Vec<String> = named.into_iter().map(|at| case.arn(at).to_owned()).collect();
    vec![statement(grant, arn, &context("StringEquals", secrets))]
}

fn on_secrets(case: &Case<'_>, group: &Group, actions: &[&str]) -> Policy {
    if actions.is_empty() {
        return allow(&[]);
    }
    let arns: Vec<&str> = group.secrets.iter().map(|at| case.arn(*at)).collect();
    allow(&[json!({ "Effect": "Allow", "Action": actions, "Resource": arns })])
}
