//! What roles are allowed by their own policies and boundaries, on whatever resource.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Class;
use super::effective::{self, Holder, Target};
use super::levels::{everything_on, real};
use super::model::Change;
use super::resource_side::shown;
use super::step::{Direction, Step};
use crate::access::{Answer, Budget, Policy, PolicyKind, exceeds, readable};
use crate::deployed::{DeployedRole, Placed, account_of, texts};

/// The roles of both sides, and those outside the templates that policies name.
pub(super) fn holders<'s>(step: &'s Step<'_>, targets: &[Target<'_>]) -> Vec<Holder<'s>> {
    let mut states: BTreeMap<&str, [Option<&'s DeployedRole>; 2]> = BTreeMap::new();
    for (at, side) in [&step.old, &step.new].into_iter().enumerate() {
        for role in &side.deployed.roles {
            if let Some(slot) = states.entry(&role.arn).or_default().get_mut(at) {
                *slot = Some(role);
            }
        }
    }
    let mut outside = BTreeSet::new();
    for target in targets {
        for document in target.states.iter().flatten().filter_map(|state| state.policy) {
            roles_in(&document.document, &mut outside);
        }
    }
    let mut holders: Vec<Holder<'s>> = states
        .iter()
        .map(|(arn, states)| Holder {
            name: step.role(arn, states.iter().flatten().last().map(|role| &role.place)),
            arn: (*arn).to_owned(),
            states: *states,
            is_outside: states.iter().flatten().any(|role| !role.made),
            differs: differs(*states),
        })
        .collect();
    let unknown = outside.into_iter().filter(|arn| !states.contains_key(arn.as_str()));
    holders.extend(unknown.map(|arn| Holder {
        name: step.role(&arn, None),
        arn,
        states: [None, None],
        is_outside: true,
        differs: false,
    }));
    holders
}

fn roles_in(document: &Value, found: &mut BTreeSet<String>) {
    texts(Some(document), &mut |text| {
        if text.starts_with("arn:") && text.contains(":role/") && !text.contains(['*', '?', '$']) {
            found.insert(text.to_owned());
        }
    });
}

fn differs(states: [Option<&DeployedRole>; 2]) -> bool {
    let same = |old: &[Placed], new: &[Placed]| {
        old.len() == new.len() && old.iter().zip(new).all(|(old, new)| old.document == new.document)
    };
    match states {
        [Some(old), Some(new)] => {
            !same(&old.identity, &new.identity)
                || !same(&old.boundaries, &new.boundaries)
                || old.elsewhere != new.elsewhere
                || old.bounded_elsewhere != new.bounded_elsewhere
        }
        [None, None] => false,
        [_, _] => true,
    }
}

/// Layers that must all grant, for one state of a role.
struct Layers {
    identity: Policy,
    boundary: Option<Policy>,
    denials: Policy,
}

impl Layers {
    fn of(role: &DeployedRole) -> Layers {
        let policies = |placed: &[Placed]| placed.iter().map(|it| it.policy.clone()).collect::<Vec<_>>();
        let (identity, boundaries) = (policies(&role.identity), policies(&role.boundaries));
        let all = Policy::merged(PolicyKind::Identity, identity.iter().chain(&boundaries));
        Layers {
            identity: Policy::merged(PolicyKind::Identity, &identity),
            boundary: (!boundaries.is_empty()).then(|| Policy::merged(PolicyKind::Identity, &boundaries)),
            denials: all.denials(),
        }
    }

    fn granting(&self) -> Vec<&Policy> {
        std::iter::once(&self.identity).chain(&self.boundary).collect()
    }
}

/// What differs in the policies of a role beyond what effective access to secrets and keys already tells.
pub(super) fn compare(
    step: &Step<'_>,
    holder: &Holder<'_>,
    targets: &[Target<'_>],
    effective: &effective::Found,
) -> Vec<Change> {
    let account = account_of(&holder.arn);
    let near: Vec<String> =
        targets.iter().filter(|it| account_of(&it.arn) == account).map(|it| it.arn.clone()).collect();
    let directions = [Direction::Gained, Direction::Lost];
    let own = directions.into_iter().filter_map(|it| one_way(step, holder, &near, it, effective));
    own.chain(boundary(step, holder)).chain(elsewhere(step, holder)).collect()
}

/// Whether layers let through what others do not, for actions that exist.
fn beyond(old: Option<&[&Policy]>, new: &[&Policy], beside: &Policy) -> Answer {
    real(|only| {
        let layers: Vec<&Policy> = new.iter().copied().chain(only).collect();
        exceeds(old, &layers, Some(beside), Budget::default()).answer
    })
}

fn one_way(
    step: &Step<'_>,
    holder: &Holder<'_>,
    near: &[String],
    direction: Direction,
    effective: &effective::Found,
) -> Option<Change> {
    let [before, after] = match direction {
        Direction::Gained => holder.states,
        Direction::Lost => [holder.states[1], holder.states[0]],
    };
    let after = Layers::of(after?);
    let before = before.map(Layers::of);
    let had = before.as_ref().map(Layers::granting);
    let beside = step.beside(direction);
    let granting = after.granting();
    let mut answer = beyond(had.as_deref(), &granting, beside);
    if let (Answer::Proven, Some(before)) = (&answer, &before) {
        // What is no longer denied, another policy may allow.
        answer = beyond(Some(&[&after.denials]), &[&before.denials], beside);
    }
    let request = match answer {
        Answer::Proven => return None,
        Answer::Undecided(reason) => return Some(undecided(step, holder, direction, &reason)),
        Answer::Refuted(request) => request,
    };
    if effective.explained.contains(&(holder.arn.clone(), direction)) {
        // Is there more than what was said of secrets and keys?
        let beside = Policy::merged(PolicyKind::Identity, [beside, &everything_on(near)]);
        let Answer::Refuted(request) = beyond(had.as_deref(), &granting, &beside) else { return None };
        return Some(change(step, holder, direction, request));
    }
    Some(change(step, holder, direction, request))
}

fn change(
    step: &Step<'_>,
    holder: &Holder<'_>,
    direction: Direction,
    request: Box<crate::access::Request>,
) -> Change {
    let on = readable(&request.resource);
    let on = if on == "*" { String::new() } else { format!(" on `{on}`") };
    let (class, what) = match direction {
        Direction::Gained => {
            (Class::Broader, format!("its policies now allow more, such as `{}`{on}", request.action))
        }
        Direction::Lost => (
            Class::Narrower,
            format!("its policies no longer allow all that they did, such as `{}`{on}", request.action),
        ),
    };
    placed(step, holder, Change::new(class, format!("role `{}`", holder.name), what)).shown_by(Some(request))
}

fn placed(step: &Step<'_>, holder: &Holder<'_>, change: Change) -> Change {
    let documents = |role: Option<&DeployedRole>| -> Option<Value> {
        role.map(|role| role.identity.iter().chain(&role.boundaries).map(|it| shown(&it.document)).collect())
    };
    let [old, new] = holder.states;
    change
        .at(old.and_then(|role| step.old.spot(&role.place)), new.and_then(|role| step.new.spot(&role.place)))
        .text("policies", documents(old), documents(new))
}

fn undecided(step: &Step<'_>, holder: &Holder<'_>, direction: Direction, reason: &str) -> Change {
    let more = match direction {
        Direction::Gained => "more",
        Direction::Lost => "less",
    };
    let what = format!("whether its policies allow {more} than before is not decided");
    let change = Change::new(Class::Undecided, format!("role `{}`", holder.name), what);
    placed(step, holder, change).detail(readable(reason))
}

/// A boundary that comes, goes or is exchanged.
fn boundary(step: &Step<'_>, holder: &Holder<'_>) -> Option<Change> {
    let [Some(old), Some(new)] = holder.states else { return None };
    let bound = |role: &DeployedRole| {
        let own = role.boundaries.first().and_then(|placed| placed.place.logical_id());
        own.or_else(|| role.bounded_elsewhere.as_deref().map(readable))
    };
    let (was, is) = (bound(old), bound(new));
    let known = old.bounded_elsewhere.is_none() && new.bounded_elsewhere.is_none();
    let (class, what) = match (&was, &is) {
        (Some(was), None) if known => {
            (Class::Weaker, format!("no boundary, which was `{was}`, limits it any more"))
        }
        (Some(was), None) => (
            Class::Broader,
            format!("no boundary, which was `{was}`, limits what its policies allow any more"),
        ),
        (None, Some(is)) if known => (Class::Stronger, format!("the boundary `{is}` limits it")),
        (None, Some(is)) => (Class::Narrower, format!("the boundary `{is}` limits what its policies allow")),
        (Some(was), Some(is)) if was != is && !known => {
            (Class::Undecided, format!("its boundary is `{is}` instead of `{was}`, and not both are shown"))
        }
        _ => return None,
    };
    Some(placed(step, holder, Change::new(class, format!("role `{}`", holder.name), what)))
}

/// Managed policies that no template shows.
fn elsewhere(step: &Step<'_>, holder: &Holder<'_>) -> Vec<Change> {
    let of = |role: Option<&DeployedRole>| -> BTreeSet<String> {
        role.map(|role| role.elsewhere.iter().map(|arn| readable(arn)).collect()).unwrap_or_default()
    };
    let (was, is) = (of(holder.states[0]), of(holder.states[1]));
    let change = |class, what: String| {
        placed(step, holder, Change::new(class, format!("role `{}`", holder.name), what))
            .detail("what that policy says is not shown")
    };
    let gained =
        is.difference(&was).map(|arn| change(Class::Broader, format!("it gets the managed policy `{arn}`")));
    let lost = was
        .difference(&is)
        .map(|arn| change(Class::Narrower, format!("it loses the managed policy `{arn}`")));
    gained.chain(lost).collect()
}
