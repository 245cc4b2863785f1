//! All policies of a deployment together: who can do what to which resource.

use super::evaluate::{self, Decision, Policies};
use super::policy::{Effect, Entry, Policy, PolicyKind};
use super::question::{Answer, Budget, Claim, Situation, settle};
use super::reading::{Reading, readings};
use super::request::{Principal, Request};
use super::symbolic::{
    Caller, Encoder, Engine, Exhausted, Facts, Formula, Meter, Naming, Scope, Shape, Survey, delegates,
};
use super::{arn, symbolic};

/// Everything that decides about requests in one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct World {
    /// The account.
    pub account: String,
    /// Its roles whose policies are known.
    pub roles: Vec<Role>,
    /// The resources in question: secrets, keys, roles to assume.
    pub resources: Vec<Resource>,
    /// Service control policies per level.
    pub scps: Vec<Vec<Policy>>,
    /// Resource control policies per level.
    pub rcps: Vec<Vec<Policy>>,
    /// The policy of the endpoint that requests come through, if they do.
    pub endpoint: Vec<Policy>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// Its identity policies.
    pub identity: Vec<Policy>,
    /// Its permissions boundary.
    pub boundaries: Vec<Policy>,
}

/// A resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its ARN.
    pub arn: String,
    /// Its own policy: resource, key or trust policy.
    pub policy: Option<Policy>,
}

/// A class of callers, as people ask for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A role of the world, by its place.
    Role(usize),
    /// Any other principal of the account, whatever its identity policies allow.
    OtherInAccount,
    /// Any principal of another account that policies name.
    Account(String),
    /// Any principal of an account that no policy names.
    OtherAccount,
    /// A service that policies name.
    Service(String),
    /// A service that no policy names.
    OtherService,
    /// An identity of a provider that policies name.
    Federated(String),
    /// An identity of a provider that no policy names.
    OtherFederated,
    /// Nobody known.
    Anonymous,
}

/// Answers questions about a world; what was found out for one question serves the next.
pub struct Inquiry<'w> {
    world: &'w World,
    engine: Engine,
    survey: Survey,
    readings: Vec<Reading>,
    everything: Policy,
    budget: Budget,
}

impl<'w> Inquiry<'w> {
    /// Prepares questions about a world; `intended` are the policies that they will compare with.
    pub fn new(world: &'w World, intended: &[&Policy], budget: Budget) -> Inquiry<'w> {
        let mut policies: Vec<&Policy> = intended.to_vec();
        policies.extend(world.roles.iter().flat_map(|role| role.identity.iter().chain(&role.boundaries)));
        policies.extend(world.resources.iter().filter_map(|resource| resource.policy.as_ref()));
        policies.extend(world.scps.iter().chain(&world.rcps).flatten().chain(&world.endpoint));
        let mut survey = Survey::of(policies.iter().copied());
        survey.name_roles(world.roles.iter().map(|role| &role.arn));
        survey.accounts.insert(world.account.clone());
        let readings = readings(&policies, |key| survey.many.contains(key));
        let engine = Engine::new(budget.steps, survey.many.clone());
        Inquiry { world, engine, survey, readings, everything: Policy::everything(), budget }
    }

    /// Gives the next questions the whole budget; what was found out stays.
    pub fn renew(&mut self) {
        self.engine.meter = Meter::new(self.budget.steps);
    }

    /// Every class of callers, so that together they are all callers.
    pub fn everyone(&self) -> Vec<Who> {
        everyone(self.world, &self.survey)
    }

    /// Claims that `who` can do nothing to a resource but what `intended` allows; without `intended`, nothing at all.
    ///
    /// `only` restricts the actions that are asked about: an identity policy of the actions of interest.
    pub fn nothing_beyond(
        &mut self,
        who: &Who,
        resource: &Resource,
        intended: Option<&Policy>,
        only: &Policy,
    ) -> Answer {
        let scope = scope(self.world, resource);
        self.nothing_beyond_in(who, resource, scope, intended, only)
    }

    /// The same claim for all resources that have the policy and the owner of `resource`; `only` names them.
    pub fn nothing_beyond_all(
        &mut self,
        who: &Who,
        resource: &Resource,
        intended: Option<&Policy>,
        only: &Policy,
    ) -> Answer {
        self.nothing_beyond_in(who, resource, Scope::Arn, intended, only)
    }

    fn nothing_beyond_in(
        &mut self,
        who: &Who,
        resource: &Resource,
        scope: Scope,
        intended: Option<&Policy>,
        only: &Policy,
    ) -> Answer {
        let world = self.world;
        let goals = |encoder: &mut Encoder| {
            let mut goals = vec![encoder.grants(only)?];
            if let Some(intended) = intended {
                goals.push(encoder.grants(intended)?.negated());
            }
            goals.push(allowed(encoder, world, who, resource)?);
            Ok(goals)
        };
        let everything = self.everything.clone();
        let confirm = |request: &Request, reading: &Reading| {
            let policies = policies(world, who, resource, &request.principal, &everything);
            evaluate::surely_grants(request, only, reading)
                && !intended.is_some_and(|i| evaluate::perhaps_grants(request, i, reading))
                && evaluate::surely_allowed(request, &policies, reading)
        };
        self.settle(who, scope, &goals, &confirm)
    }

    /// Claims that `who` can do to a resource whatever `intended` allows.
    pub fn everything_in(&mut self, who: &Who, resource: &Resource, intended: &Policy) -> Answer {
        let world = self.world;
        let goals = |encoder: &mut Encoder| {
            let wanted = encoder.grants(intended)?;
            let had = allowed(encoder, world, who, resource)?;
            Ok(vec![wanted, had.negated()])
        };
        let everything = self.everything.clone();
        let confirm = |request: &Request, reading: &Reading| {
            let policies = policies(world, who, resource, &request.principal, &everything);
            evaluate::surely_grants(request, intended, reading)
                && !evaluate::perhaps_allowed(request, &policies, reading)
        };
        let scope = scope(self.world, resource);
        self.settle(who, scope, &goals, &confirm)
    }

    fn settle(
        &mut self,
        who: &Who,
        scope: Scope,
        goals: &dyn Fn(&mut Encoder) -> Result<Vec<Formula>, Exhausted>,
        confirm: &dyn Fn(&Request, &Reading) -> bool,
    ) -> Answer {
        let situations: Vec<Situation> = callers(self.world, &self.survey, who)
            .into_iter()
            .map(|caller| Situation { caller, scope: scope.clone() })
            .collect();
        let claim = Claim { situations: &situations, survey: &self.survey, goals, confirm };
        settle(&claim, &mut self.engine, &self.readings, Facts::All)
    }
}

/// Every class of callers of a world, so that together they are all callers.
pub(super) fn everyone(world: &World, survey: &Survey) -> Vec<Who> {
    let mut everyone: Vec<Who> = (0..world.roles.len()).map(Who::Role).collect();
    everyone.push(Who::OtherInAccount);
    let foreign = survey.accounts.iter().filter(|account| **account != world.account);
    everyone.extend(foreign.cloned().map(Who::Account));
    everyone.push(Who::OtherAccount);
    for entry in &survey.entries {
        match entry {
            Entry::Service(name) => everyone.push(Who::Service(name.clone())),
            Entry::Federated(name) => everyone.push(Who::Federated(name.clone())),
            Entry::Anyone
            | Entry::Account(_)
            | Entry::User(_)
            | Entry::Role(_)
            | Entry::Session(_)
            | Entry::FederatedUser(_)
            | Entry::Canonical(_)
            | Entry::Deleted(_) => {}
        }
    }
    everyone.extend([Who::OtherService, Who::OtherFederated, Who::Anonymous]);
    everyone
}

/// The callers that make up a class.
pub(super) fn callers(world: &World, survey: &Survey, who: &Who) -> Vec<Caller> {
    if let Who::Role(index) = who {
        let Some(role) = world.roles.get(*index) else { return Vec::new() };
        let account = arn::account(&role.arn).unwrap_or(&world.account);
        let mut callers = vec![Caller::aws(Shape::Role, Some(account), Some(&role.arn))];
        let sessions = survey.entries.iter().filter(|entry| matches!(entry, Entry::Session(_)));
        if sessions.count() > 0 {
            let all = survey.callers();
            callers.extend(all.into_iter().filter(|c| c.session_of(&role.arn)));
        }
        return callers;
    }
    // Services and providers are callers whether or not a policy names them: of nobody everything would hold.
    if let Who::Service(name) = who {
        return vec![Caller::Service(Some(name.clone()))];
    }
    if let Who::Federated(name) = who {
        return vec![Caller::Federated(Some(name.clone()))];
    }
    let known = |caller: &Caller| world.roles.iter().any(|role| caller.is_role(&role.arn));
    let in_class = |caller: &Caller| match (who, caller) {
        (Who::OtherInAccount, Caller::Aws(_)) => caller.account() == Some(&world.account) && !known(caller),
        (Who::Account(account), Caller::Aws(_)) => caller.account() == Some(account) && !known(caller),
        (Who::OtherAccount, Caller::Aws(_)) => caller.account().is_none(),
        (Who::Service(name), Caller::Service(caller)) => Some(name) == caller.as_ref(),
        (Who::OtherService, Caller::Service(caller)) => caller.is_none(),
        (Who::Federated(name), Caller::Federated(caller)) => Some(name) == caller.as_ref(),
        (Who::OtherFederated, Caller::Federated(caller)) => caller.is_none(),
        (Who::Anonymous, Caller::Anonymous | Caller::Canonical(_)) => true,
        _ => false,
    };
    survey.callers().into_iter().filter(in_class).collect()
}

/// The requests for just this resource.
pub(super) fn scope(world: &World, resource: &Resource) -> Scope {
    let account = arn::account(&resource.arn).unwrap_or(&world.account).to_owned();
    Scope::Fixed { arn: resource.arn.clone(), account }
}

impl World {
    /// What the evaluator decides about a request of a caller of a class, and by which statements.
    pub fn decide(&self, who: &Who, resource: &Resource, request: &Request) -> Decision {
        let policies = policies(self, who, resource, &request.principal, &Policy::everything());
        evaluate::evaluate(request, &policies)
    }
}

impl Policy {
    /// The policy of somebody who may do everything.
    pub(super) fn everything() -> Policy {
        let text = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        Policy::parse(text, PolicyKind::Identity).unwrap_or_else(|_| Policy::nothing())
    }
}

/// What the evaluator is given for a caller of a class.
pub(super) fn policies(
    world: &World,
    who: &Who,
    resource: &Resource,
    principal: &Principal,
    everything: &Policy,
) -> Policies {
    let role = role(world, who);
    let session = match principal {
        Principal::FederatedUser(_) => vec![everything.clone()],
        Principal::Root(_)
        | Principal::User(_)
        | Principal::Role(_)
        | Principal::Session { .. }
        | Principal::Service(_)
        | Principal::Federated(_)
        | Principal::Canonical(_)
        | Principal::Anonymous => Vec::new(),
    };
    Policies {
        identity: role.map_or_else(|| vec![everything.clone()], |role| role.identity.clone()),
        resource: resource.policy.clone(),
        boundaries: role.map(|role| role.boundaries.clone()).unwrap_or_default(),
        session,
        // Another account's organisation is not known, so only this account's callers are bound.
        scps: if in_account(who) { world.scps.clone() } else { Vec::new() },
        rcps: world.rcps.clone(),
        endpoint: world.endpoint.clone(),
    }
}

fn role<'w>(world: &'w World, who: &Who) -> Option<&'w Role> {
    match who {
        Who::Role(index) => world.roles.get(*index),
        Who::OtherInAccount
        | Who::Account(_)
        | Who::OtherAccount
        | Who::Service(_)
        | Who::OtherService
        | Who::Federated(_)
        | Who::OtherFederated
        | Who::Anonymous => None,
    }
}

fn in_account(who: &Who) -> bool {
    matches!(who, Who::Role(_) | Who::OtherInAccount)
}

/// The formula of policy evaluation: as *Policy evaluation logic* of the IAM User Guide has it, over all policies.
pub(super) fn allowed(
    encoder: &mut Encoder,
    world: &World,
    who: &Who,
    resource: &Resource,
) -> Result<Formula, Exhausted> {
    let role = role(world, who);
    encoder.bounded = role.is_some_and(|role| !role.boundaries.is_empty());
    let granted = granted(encoder, role, resource)?;
    if matches!(granted, Formula::False) {
        return Ok(Formula::False);
    }
    let mut parts = Vec::new();
    let linked = role.is_some_and(|role| role.arn.contains(":role/aws-service-role/"));
    if in_account(who) && !linked {
        for level in &world.scps {
            parts.push(any(encoder, level, Effect::Allow)?);
            parts.push(any(encoder, level, Effect::Deny)?.negated());
        }
    }
    if !linked {
        let mut bound = Vec::new();
        for level in &world.rcps {
            if level.iter().any(|p| p.statements.iter().any(|s| s.effect == Effect::Allow)) {
                bound.push(any(encoder, level, Effect::Allow)?);
            }
            bound.push(any(encoder, level, Effect::Deny)?.negated());
        }
        let exempt = encoder.action_is("kms:retiregrant");
        parts.push(Formula::any([exempt, Formula::all(bound)]));
    }
    if !world.endpoint.is_empty() {
        parts.push(any(encoder, &world.endpoint, Effect::Allow)?);
        parts.push(any(encoder, &world.endpoint, Effect::Deny)?.negated());
    }
    if let Some(role) = role {
        parts.push(any(encoder, &role.identity, Effect::Deny)?.negated());
        parts.push(any(encoder, &role.boundaries, Effect::Deny)?.negated());
    }
    if let Some(policy) = &resource.policy {
        parts.push(encoder.some(policy, Effect::Deny, &symbolic::ANY_WAY)?.negated());
    }
    parts.push(granted);
    Ok(Formula::all(parts))
}

fn granted(encoder: &mut Encoder, role: Option<&Role>, resource: &Resource) -> Result<Formula, Exhausted> {
    let by = |encoder: &mut Encoder, naming| match &resource.policy {
        Some(policy) => encoder.some(policy, Effect::Allow, &[naming]),
        None => Ok(Formula::False),
    };
    let direct = by(encoder, Naming::Direct)?;
    let named = by(encoder, Naming::Role)?;
    let account = by(encoder, Naming::Account)?;
    if !matches!(encoder.caller, Caller::Aws(_)) {
        return Ok(direct);
    }
    let (identity, caps) = match role {
        None => (Formula::True, Formula::True),
        Some(role) => {
            let caps = match role.boundaries.as_slice() {
                [] => Formula::True,
                boundaries => any(encoder, boundaries, Effect::Allow)?,
            };
            (any(encoder, &role.identity, Effect::Allow)?, caps)
        }
    };
    let owner = arn::account(&resource.arn);
    let foreign = match (encoder.caller.account(), owner) {
        (Some(caller), Some(owner)) => caller != owner,
        (None, _) => true,
        (Some(_), None) => false,
    };
    if foreign {
        return Ok(Formula::all([identity, caps, Formula::any([direct, named, account])]));
    }
    let delegated = delegates(encoder, &resource.arn);
    let by_identity = Formula::all([identity, caps.clone(), Formula::any([delegated.negated(), account])]);
    Ok(Formula::any([by_identity, Formula::all([named, caps]), direct]))
}

/// Some policy of a list has a matching statement of this effect.
fn any(encoder: &mut Encoder, policies: &[Policy], effect: Effect) -> Result<Formula, Exhausted> {
    let mut matches = Vec::new();
    for policy in policies {
        matches.push(encoder.some(policy, effect, &symbolic::ANY_WAY)?);
    }
    Ok(Formula::any(matches))
}
