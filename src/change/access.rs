//! All that a step does to access: policies of resources, of roles, of endpoints, and what they come to together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;

use super::Class;
use super::effective::{self, Target};
use super::identity_side;
use super::levels::real;
use super::model::{Change, Spot};
use super::presence;
use super::resource_side::{self, Guarded, any_arn, shown};
use super::step::{Direction, Step};
use super::unit::Side;
use crate::access::{Answer, Budget, Policy, PolicyKind, Request, exceeds, readable};
use crate::deployed::{DeployedDocument, DeployedEndpoint, DeployedRole, Place, Placed, account_of};

/// What was found about access.
pub(super) struct Found {
    /// Every change.
    pub(super) changes: Vec<Change>,
    /// Of each new secret and key, by logical id, who can use it.
    pub(super) readers: Vec<(String, String)>,
    /// Template and logical id of resources whose policies do not mean what they meant.
    pub(super) affected: BTreeSet<(String, String)>,
}

/// Every change of access.
pub(super) fn compare(step: &Step<'_>) -> Found {
    let targets = effective::targets(step);
    let holders = identity_side::holders(step, &targets);
    let effective = effective::compare(step, &holders, &targets);
    let mut changes = Vec::new();
    let mut affected = BTreeSet::new();
    let mut affect = |spots: &[Option<Spot>]| {
        affected.extend(spots.iter().flatten().map(|it| (it.template.clone(), it.logical_id.clone())));
    };
    for target in &targets {
        let guarded = guarded(step, target);
        let told = |direction| effective.told(direction, &target.arn);
        let found = of_target(&guarded, resource_side::compare(step, &guarded, told));
        if let Some(changed) = found {
            affect(&guarded.spots);
            changes.extend(changed);
        }
    }
    for holder in holders.iter().filter(|it| it.differs) {
        let found = identity_side::compare(step, holder, &targets, &effective);
        let explained = effective.explained.iter().any(|(arn, _)| *arn == holder.arn);
        if explained || !found.is_empty() {
            for (side, role) in [&step.old, &step.new].into_iter().zip(holder.states) {
                let policies = role.into_iter().flat_map(|role| role.identity.iter().chain(&role.boundaries));
                affect(&policies.map(|placed| side.spot(&placed.place)).collect::<Vec<_>>());
                affect(&[role.and_then(|role| side.spot(&role.place))]);
            }
        }
        changes.extend(found);
    }
    changes.extend(trusts(step));
    for (spots, found) in endpoints(step, &effective) {
        affect(&spots);
        changes.extend(found);
    }
    changes.extend(documents(step));
    changes.extend(effective.changes);
    changes.extend(doubts(step));
    let readers = presence::readers(&targets, |target| effective::users(&holders, &targets, target));
    Found { changes, readers, affected }
}

fn guarded<'s>(step: &Step<'_>, target: &Target<'s>) -> Guarded<'s> {
    let policies = target.states.map(|state| state.and_then(|it| it.policy));
    let written = spots(step, policies.map(|it| it.map(|placed| &placed.place)));
    let [old, new] = target.spots.clone();
    let [was, is] = written;
    Guarded {
        subject: target.subject.clone(),
        kind: Some(target.kind),
        arn: target.arn.clone(),
        account: account_of(&target.arn).unwrap_or_default().to_owned(),
        anywhere: false,
        exists: target.states.map(|state| state.is_some()),
        policies,
        spots: [was.or(old), is.or(new)],
    }
}

/// What the policy of a secret or key lets through, beside what it comes to for roles that are known; nothing where it
/// means what it meant.
fn of_target(guarded: &Guarded<'_>, found: resource_side::Found) -> Option<Vec<Change>> {
    if found.changes.is_empty() && !found.differs {
        return None;
    }
    let mut changes = found.changes;
    changes.extend(found.named.into_iter().map(|(direction, request)| unused(guarded, direction, request)));
    Some(changes)
}

/// A policy that treats a role differently, whose own policies make nothing of it.
fn unused(thing: &Guarded<'_>, direction: Direction, request: Box<Request>) -> Change {
    let who = readable(&request.principal.to_string());
    let name = who.split_once(":role/").map_or(who.as_str(), |(_, name)| name);
    let (class, what) = match direction {
        Direction::Gained => (Class::Broader, format!("its policy lets `{name}` call `{}`", request.action)),
        Direction::Lost => {
            (Class::Narrower, format!("its policy no longer lets `{name}` call `{}`", request.action))
        }
    };
    thing.change(class, what, Some(request)).detail("the policies of that role make nothing of it so far")
}

/// Who may assume roles.
fn trusts(step: &Step<'_>) -> Vec<Change> {
    let mut roles: BTreeMap<&str, [Option<&DeployedRole>; 2]> = BTreeMap::new();
    for (at, side) in [&step.old, &step.new].into_iter().enumerate() {
        for role in side.deployed.roles.iter().filter(|role| role.made) {
            if let Some(slot) = roles.entry(&role.arn).or_default().get_mut(at) {
                *slot = Some(role);
            }
        }
    }
    let mut changes = Vec::new();
    for (arn, states) in roles {
        let place = states.iter().flatten().last().map(|role| &role.place);
        let guarded = Guarded {
            subject: format!("trust of role `{}`", step.role(arn, place)),
            kind: None,
            arn: arn.to_owned(),
            account: account_of(arn).unwrap_or_default().to_owned(),
            anywhere: false,
            exists: states.map(|it| it.is_some()),
            policies: states.map(|it| it.and_then(|role| role.trust.as_ref())),
            spots: spots(step, states.map(|it| it.map(|role| &role.place))),
        };
        changes.extend(found(step, &guarded));
    }
    changes
}

/// What a policy changes for everybody; named principals are no special case where no role's own policies are known.
fn found(step: &Step<'_>, guarded: &Guarded<'_>) -> Vec<Change> {
    let found = resource_side::compare(step, guarded, |_| Vec::new());
    let mut changes = found.changes;
    for (direction, request) in found.named {
        let who = readable(&request.principal.to_string());
        let name = who.split_once(":role/").map_or(who.as_str(), |(_, name)| name);
        let (class, what) = match direction {
            Direction::Gained => (Class::Broader, format!("`{name}` can now call `{}`", request.action)),
            Direction::Lost => (Class::Narrower, format!("`{name}` can no longer call `{}`", request.action)),
        };
        changes.push(guarded.change(class, what, Some(request)));
    }
    changes
}

fn spots(step: &Step<'_>, places: [Option<&Place>; 2]) -> [Option<Spot>; 2] {
    [places[0].and_then(|it| step.old.spot(it)), places[1].and_then(|it| step.new.spot(it))]
}

/// What endpoints let through: without a policy, everything.
fn endpoints(step: &Step<'_>, effective: &effective::Found) -> Vec<([Option<Spot>; 2], Vec<Change>)> {
    let (old, new) = (endpoints_of(&step.old), endpoints_of(&step.new));
    let told = [Direction::Gained, Direction::Lost].map(|direction| {
        let told = told(effective, direction);
        Policy::merged(PolicyKind::Endpoint, told.iter().chain([step.beside(direction)]))
    });
    let mut all = Vec::new();
    for (name, was) in &old {
        let mut changes = Vec::new();
        let mut is_affected = false;
        let Some(is) = new.get(name) else { continue };
        if was.policy.as_ref().map(|it| &it.document) == is.policy.as_ref().map(|it| &it.document) {
            continue;
        }
        let policy =
            |it: &DeployedEndpoint| it.policy.as_ref().map_or_else(open, |placed| placed.policy.clone());
        let (before, after) = (policy(was), policy(is));
        let subject = format!("endpoint `{}` for {}", name.1, readable(&was.service));
        let text = |it: &DeployedEndpoint| it.policy.as_ref().map(|placed| shown(&placed.document));
        let [old, new] = spots(step, [Some(&was.place), Some(&is.place)]);
        let mut push = |class, what: String, request| {
            let change = Change::new(class, &subject, what).shown_by(request).at(old.clone(), new.clone());
            changes.push(change.text("policy", text(was), text(is)));
        };
        for (from, to, class, verb, told) in [
            (&before, &after, Class::Broader, "lets more through", &told[0]),
            (&after, &before, Class::Narrower, "lets less through", &told[1]),
        ] {
            let mut answer = exceeds(Some(&[from]), &[to], None, Budget::default()).answer;
            if let Answer::Refuted(_) = &answer {
                // What a role gains or loses together with its secret is told with the secret.
                is_affected = true;
                answer = exceeds(Some(&[from]), &[to], Some(told), Budget::default()).answer;
            }
            match answer {
                Answer::Proven => {}
                Answer::Refuted(request) => {
                    let what = match (&was.policy, &is.policy) {
                        (Some(_), None) => "has no policy any more and lets everything through".to_owned(),
                        _ => format!("{verb}, such as `{}`", request.action),
                    };
                    push(class, what, Some(request));
                }
                Answer::Undecided(reason) => {
                    push(
                        Class::Undecided,
                        format!("whether it {verb} is not decided: {}", readable(&reason)),
                        None,
                    );
                }
            }
        }
        if is_affected || !changes.is_empty() {
            all.push((spots(step, [Some(&was.place), Some(&is.place)]), changes));
        }
    }
    all
}

/// Endpoints by template and logical id.
fn endpoints_of<'s>(side: &'s Side<'_>) -> BTreeMap<(String, String), &'s DeployedEndpoint> {
    let endpoints = side.deployed.endpoints.iter();
    endpoints.map(|it| ((key_of(side, &it.place), it.place.logical_id().unwrap_or_default()), it)).collect()
}

/// What roles gain or lose of secrets, as an endpoint policy that lets just that through.
fn told(effective: &effective::Found, direction: Direction) -> Option<Policy> {
    let statements: Vec<serde_json::Value> = effective
        .pairs
        .iter()
        .filter(|(way, ..)| *way == direction)
        .map(|(_, holder, target)| {
            json!({ "Effect": "Allow", "Principal": { "AWS": holder }, "Action": "*", "Resource": target })
        })
        .collect();
    let document = json!({ "Version": "2008-10-17", "Statement": statements });
    (!statements.is_empty()).then(|| Policy::from_value(&document, PolicyKind::Endpoint).ok())?
}

/// The policy of an endpoint that has none. Source: PrivateLink guide, *Endpoint policies*.
fn open() -> Policy {
    let document =
        json!({ "Statement": { "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" } });
    Policy::from_value(&document, PolicyKind::Endpoint).unwrap_or_else(|_| Policy::nothing())
}

fn key_of(side: &Side<'_>, place: &Place) -> String {
    side.units.get(place.template).map(|unit| unit.key.clone()).unwrap_or_default()
}

/// Policies of everything else, all that belong to one thing together.
fn documents(step: &Step<'_>) -> Vec<Change> {
    let attached: [BTreeSet<&Place>; 2] = [&step.old, &step.new].map(|side| {
        let roles = side.deployed.roles.iter();
        roles
            .flat_map(|role| role.identity.iter().chain(&role.boundaries))
            .map(|placed| &placed.place)
            .collect()
    });
    let mut owners: BTreeMap<(String, String), [Vec<&DeployedDocument>; 2]> = BTreeMap::new();
    for (at, side) in [&step.old, &step.new].into_iter().enumerate() {
        for document in &side.others {
            let name = (key_of(side, &document.placed.place), document.owner.clone());
            if let Some(slot) = owners.entry(name).or_default().get_mut(at) {
                slot.push(document);
            }
        }
    }
    let mut changes = Vec::new();
    for ((_, owner), [old, new]) in &owners {
        let same = old.len() == new.len()
            && old.iter().zip(new).all(|(old, new)| old.placed.document == new.placed.document);
        // A policy that a role has on both sides is told with the role.
        let told = |of: &[&DeployedDocument], at: usize| {
            of.iter().all(|it| attached.get(at).is_some_and(|places| places.contains(&it.placed.place)))
        };
        if same || (told(old, 0) && told(new, 1)) {
            continue;
        }
        let Some(sample) = new.first().or(old.first()) else { continue };
        let merged = [merged(old), merged(new)];
        let places = [old.first().map(|it| &it.placed.place), new.first().map(|it| &it.placed.place)];
        let guarded = Guarded {
            subject: format!("policy of `{}`", readable(owner.split('/').next().unwrap_or(owner))),
            kind: None,
            arn: any_arn(&sample.account, sample.placed.policy.kind()),
            account: sample.account.clone(),
            anywhere: true,
            exists: [!old.is_empty(), !new.is_empty()],
            policies: [merged[0].as_ref(), merged[1].as_ref()],
            spots: spots(step, places),
        };
        if sample.placed.policy.kind() == PolicyKind::Identity {
            changes.extend(identity(&guarded));
        } else if !old.is_empty() && new.is_empty() {
            // Without its policy a thing falls back to what IAM allows.
            changes.extend(found(step, &Guarded { exists: [true, true], ..guarded }));
        } else {
            changes.extend(found(step, &guarded));
        }
    }
    changes
}

fn merged(of: &[&DeployedDocument]) -> Option<Placed> {
    let first = of.first()?;
    let policy = Policy::merged(first.placed.policy.kind(), of.iter().map(|it| &it.placed.policy));
    let document = match of {
        [one] => one.placed.document.clone(),
        several => Arc::new(several.iter().map(|it| it.placed.document.as_ref().clone()).collect()),
    };
    Some(Placed { policy, document, ..first.placed.clone() })
}

/// An identity policy that no role of the templates has.
fn identity(guarded: &Guarded<'_>) -> Vec<Change> {
    let nothing = Policy::nothing();
    let [old, new] = guarded.policies.map(|it| it.map_or(&nothing, |placed| &placed.policy));
    let mut changes = Vec::new();
    for (from, to, class, verb) in
        [(old, new, Class::Broader, "allows more"), (new, old, Class::Narrower, "allows less")]
    {
        let beyond = |old: &Policy, new: &Policy| {
            real(|only| {
                let layers: Vec<&Policy> = std::iter::once(new).chain(only).collect();
                exceeds(Some(&[old]), &layers, None, Budget::default()).answer
            })
        };
        let granted = beyond(from, to);
        let answer = match granted {
            Answer::Proven => beyond(&to.denials(), &from.denials()),
            Answer::Refuted(_) | Answer::Undecided(_) => granted,
        };
        let (class, what, request) = match answer {
            Answer::Proven => continue,
            Answer::Refuted(request) => {
                (class, format!("{verb}, such as `{}`", request.action), Some(request))
            }
            Answer::Undecided(reason) => {
                (Class::Undecided, format!("whether it {verb} is not decided: {}", readable(&reason)), None)
            }
        };
        changes.push(guarded.change(class, what, request));
    }
    changes
}

/// What is not understood on one side alone.
fn doubts(step: &Step<'_>) -> Vec<Change> {
    let of = |side: &Side<'_>| -> BTreeSet<(String, String, String)> {
        let doubts = side.deployed.doubts.iter();
        doubts.map(|it| (key_of(side, &it.place), it.place.pointer.clone(), it.construct.clone())).collect()
    };
    let (old, new) = (of(&step.old), of(&step.new));
    let changed = new.symmetric_difference(&old).map(|(key, pointer, construct)| {
        let side = if new.contains(&(key.clone(), pointer.clone(), construct.clone())) {
            &step.new
        } else {
            &step.old
        };
        let template = side.units.iter().position(|unit| unit.key == *key).unwrap_or_default();
        let place = Place { template, pointer: pointer.clone() };
        let spot = side.spot(&place);
        let is_new = std::ptr::eq(side, &step.new);
        let subject = place.logical_id().map_or_else(|| format!("template `{key}`"), |id| format!("`{id}`"));
        let when = if is_new { "now" } else { "so far" };
        Change::new(
            Class::Undecided,
            subject,
            format!("{when} has what is not judged: {}", readable(construct)),
        )
        .at(spot.clone().filter(|_| !is_new), spot.filter(|_| is_new))
    });
    changed.collect()
}
