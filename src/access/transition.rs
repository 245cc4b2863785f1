//! Two states of a deployment: what a caller can do after a change that was impossible before.

use super::evaluate;
use super::policy::Policy;
use super::question::{Answer, Budget, Claim, Situation, settle};
use super::reading::{Reading, readings};
use super::request::Request;
use super::symbolic::{Encoder, Engine, Facts, Formula, Scope, Survey};
use super::world::{Resource, Who, World, allowed, callers, everyone, policies, scope};

/// Answers questions about the step from one world to another.
///
/// Both worlds are of one account, and their roles are the same at the same places; a caller or resource that one of
/// them does not have is left out of its question.
pub struct Transition<'w> {
    old: &'w World,
    new: &'w World,
    beside: &'w Policy,
    engine: Engine,
    survey: Survey,
    readings: Vec<Reading>,
    everything: Policy,
}

impl<'w> Transition<'w> {
    /// Prepares questions; what `beside` grants, an identity policy, never counts as gained.
    pub fn new(old: &'w World, new: &'w World, beside: &'w Policy, budget: Budget) -> Transition<'w> {
        let mut policies: Vec<&Policy> = vec![beside];
        for world in [old, new] {
            policies.extend(world.roles.iter().flat_map(|role| role.identity.iter().chain(&role.boundaries)));
            policies.extend(world.resources.iter().filter_map(|resource| resource.policy.as_ref()));
            policies.extend(world.scps.iter().chain(&world.rcps).flatten().chain(&world.endpoint));
        }
        let mut survey = Survey::of(policies.iter().copied());
        survey.name_roles(new.roles.iter().map(|role| &role.arn));
        survey.accounts.insert(new.account.clone());
        let readings = readings(&policies, |key| survey.many.contains(key));
        let engine = Engine::new(budget.steps, survey.many.clone());
        Transition { old, new, beside, engine, survey, readings, everything: Policy::everything() }
    }

    /// Every class of callers, so that together they are all callers of both worlds.
    pub fn everyone(&self) -> Vec<Who> {
        everyone(self.new, &self.survey)
    }

    /// Claims that `who` can do nothing to a resource that was impossible before.
    ///
    /// `before` is the resource as it was; without it nothing was possible. `only` restricts the requests that are asked
    /// about: an identity policy of those of interest.
    pub fn gains_nothing(
        &mut self,
        who: &Who,
        before: Option<&Resource>,
        after: &Resource,
        only: Option<&Policy>,
    ) -> Answer {
        let scope = scope(self.new, after);
        self.gains_nothing_in(scope, who, before, after, only)
    }

    /// The same claim for requests for any resource that has the policies and the owner of `after`.
    pub fn gains_nothing_anywhere(
        &mut self,
        who: &Who,
        before: Option<&Resource>,
        after: &Resource,
        only: Option<&Policy>,
    ) -> Answer {
        self.gains_nothing_in(Scope::Arn, who, before, after, only)
    }

    fn gains_nothing_in(
        &mut self,
        scope: Scope,
        who: &Who,
        before: Option<&Resource>,
        after: &Resource,
        only: Option<&Policy>,
    ) -> Answer {
        let Transition { old, new, beside, .. } = *self;
        let goals = |encoder: &mut Encoder| {
            let mut goals = Vec::new();
            if let Some(only) = only {
                goals.push(encoder.grants(only)?);
            }
            let now = allowed(encoder, new, who, after)?;
            if matches!(now, Formula::False) {
                return Ok(vec![now]);
            }
            goals.push(now);
            goals.push(encoder.grants(beside)?.negated());
            if let Some(before) = before {
                goals.push(allowed(encoder, old, who, before)?.negated());
            }
            Ok(goals)
        };
        let everything = self.everything.clone();
        let confirm = |request: &Request, reading: &Reading| {
            let given = |world, resource| policies(world, who, resource, &request.principal, &everything);
            only.is_none_or(|only| evaluate::surely_grants(request, only, reading))
                && evaluate::surely_allowed(request, &given(new, after), reading)
                && !evaluate::perhaps_grants(request, beside, reading)
                && !before.is_some_and(|it| evaluate::perhaps_allowed(request, &given(old, it), reading))
        };
        let situations: Vec<Situation> = callers(new, &self.survey, who)
            .into_iter()
            .map(|caller| Situation { caller, scope: Scope::clone(&scope) })
            .collect();
        let claim = Claim { situations: &situations, survey: &self.survey, goals: &goals, confirm: &confirm };
        settle(&claim, &mut self.engine, &self.readings, Facts::All)
    }
}
