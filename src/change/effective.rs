//! What known roles can do to secrets and keys, all policies together, before and after.

use std::collections::{BTreeMap, BTreeSet};

use super::levels::{everything_on, known, levels, meant, spoken};
use super::model::{Change, Spot};
use super::resource_side::shown;
use super::step::{Direction, Step};
use super::{Class, unit::Side};
use crate::access::{
    Answer, Budget, Inquiry, Policy, PolicyKind, Request, Resource, Role, Transition, Who, World, readable,
};
use crate::deployed::scene::{Scene, Thing, ThingKind, default_key_policy};
use crate::deployed::{DeployedRole, Encryption, Place, Placed, account_of};
use crate::verify::questions::{Level, calls};

/// A secret or key of either side.
pub(super) struct Target<'s> {
    pub(super) subject: String,
    pub(super) kind: ThingKind,
    pub(super) arn: String,
    /// As it was and as it is: its policy and the key that encrypts it.
    pub(super) states: [Option<State<'s>>; 2],
    pub(super) spots: [Option<Spot>; 2],
}

/// A secret or key on one side.
#[derive(Clone, Copy)]
pub(super) struct State<'s> {
    pub(super) policy: Option<&'s Placed>,
    pub(super) key: Option<&'s str>,
}

/// A role and how it is on both sides.
pub(super) struct Holder<'s> {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) states: [Option<&'s DeployedRole>; 2],
    /// Whether no template makes it: it is there on both sides, and what else it is allowed is not known.
    pub(super) is_outside: bool,
    /// Whether what it is allowed by its own policies differs.
    pub(super) differs: bool,
}

/// What was found, and which holders and targets it explains.
#[derive(Default)]
pub(super) struct Found {
    pub(super) changes: Vec<Change>,
    pub(super) explained: BTreeSet<(String, Direction)>,
    /// Who gains or loses the use of a key for secrets alone: holder and key.
    through: BTreeSet<(Direction, String, String)>,
    /// Who gains or loses what: holder and target.
    pub(super) pairs: BTreeSet<(Direction, String, String)>,
}

impl Found {
    /// The holders of whom it is told what they gain or lose of a target.
    pub(super) fn told(&self, direction: Direction, target: &str) -> Vec<String> {
        let all = self.pairs.iter().chain(&self.through);
        all.filter(|it| it.0 == direction && it.2 == target).map(|(_, holder, _)| holder.clone()).collect()
    }

    /// The targets that a holder gains or loses access to.
    fn of<'f>(&'f self, direction: Direction, holder: &'f str) -> impl Iterator<Item = &'f String> {
        let is_it = move |it: &&'f (Direction, String, String)| it.0 == direction && it.1 == holder;
        self.pairs.iter().filter(is_it).map(|(_, _, target)| target)
    }
}

impl Holder<'_> {
    fn exists(&self, side: usize) -> bool {
        self.is_outside || self.states.get(side).copied().flatten().is_some()
    }
}

/// Every holder and target that can meet, where either differs.
pub(super) fn compare(step: &Step<'_>, holders: &[Holder<'_>], targets: &[Target<'_>]) -> Found {
    let keys: BTreeMap<&str, &Target<'_>> = targets.iter().map(|it| (it.arn.as_str(), it)).collect();
    let differing: BTreeSet<&str> =
        targets.iter().filter(|it| differs(it)).map(|it| it.arn.as_str()).collect();
    let mut found = Found::default();
    // Secrets first: the use of a key for a secret is told with the secret.
    let (secrets, others): (Vec<_>, Vec<_>) = targets.iter().partition(|it| it.kind == ThingKind::Secret);
    for target in secrets.into_iter().chain(others) {
        let is_new_key = |state: &State<'_>| state.key.is_some_and(|key| differing.contains(key));
        let differs =
            differing.contains(target.arn.as_str()) || target.states.iter().flatten().any(is_new_key);
        let account = account_of(&target.arn);
        let meeting: Vec<&Holder<'_>> = holders
            .iter()
            .filter(|it| {
                (differs || it.differs) && account_of(&it.arn) == account && meets(it, target, &keys)
            })
            .collect();
        if !meeting.is_empty() {
            together(step, &meeting, target, &keys, &mut found);
        }
    }
    found
}

/// Whether the policy or the key of a target differs, or the target itself comes or goes.
fn differs(target: &Target<'_>) -> bool {
    match target.states {
        [Some(old), Some(new)] => {
            old.key != new.key || old.policy.map(|it| &it.document) != new.policy.map(|it| &it.document)
        }
        [_, _] => true,
    }
}

/// Whether a policy of the holder has a resource that may be the target, or the target's policy may name the holder.
fn meets(holder: &Holder<'_>, target: &Target<'_>, keys: &BTreeMap<&str, &Target<'_>>) -> bool {
    let mut arns = vec![target.arn.as_str()];
    arns.extend(
        target.states.iter().flatten().filter_map(|state| state.key).filter(|key| keys.contains_key(key)),
    );
    let policies = holder.states.iter().flatten().flat_map(|role| &role.identity);
    holder.is_outside
        || holder.states.iter().flatten().any(|role| !role.elsewhere.is_empty())
        || policies.clone().any(|placed| placed.policy.may_concern(&arns))
        || target
            .states
            .iter()
            .flatten()
            .filter_map(|state| state.policy)
            .any(|placed| placed.policy.grants_to(&holder.arn))
}

fn together(
    step: &Step<'_>,
    holders: &[&Holder<'_>],
    target: &Target<'_>,
    keys: &BTreeMap<&str, &Target<'_>>,
    found: &mut Found,
) {
    // A key that no template of a side shows decides nothing on either side.
    let is_shown = [0, 1].iter().all(|side| {
        let state = target.states.get(*side).copied().flatten();
        state.and_then(|state| state.key).is_none_or(|arn| {
            keys.get(arn).is_some_and(|key| key.states.get(*side).is_some_and(Option::is_some))
        })
    });
    let none = BTreeMap::new();
    let keys = if is_shown { keys } else { &none };
    let scenes = [0, 1].map(|side| scene(side, holders, target, keys));
    let position = scenes.each_ref().map(|scene| scene.things.iter().position(|it| it.kind == target.kind));
    for direction in [Direction::Gained, Direction::Lost] {
        let (before, after) = match direction {
            Direction::Gained => (0, 1),
            Direction::Lost => (1, 0),
        };
        let (Some(from), Some(to)) = (scenes.get(before), scenes.get(after)) else { continue };
        let resource = |scene: &Scene, side: usize| {
            let at = position.get(side).copied().flatten()?;
            scene.world.resources.get(at).cloned()
        };
        // Access to what is new or gone is told with the thing itself.
        let (Some(was), Some(is)) = (resource(from, before), resource(to, after)) else { continue };
        let besides: Vec<Policy> = holders
            .iter()
            .map(|holder| {
                let told = match target.kind {
                    ThingKind::Key => {
                        let arns: Vec<String> = found.of(direction, &holder.arn).cloned().collect();
                        everything_on(&arns)
                    }
                    ThingKind::Secret => Policy::nothing(),
                };
                Policy::merged(PolicyKind::Identity, [step.beside(direction), &told])
            })
            .collect();
        for (at, holder) in holders.iter().enumerate() {
            let who = Who::Role(at);
            if !holder.exists(after) {
                continue;
            }
            let had = holder.exists(before);
            let prior = had.then_some(&was);
            let Some(beside) = besides.get(at) else { continue };
            let mut transition = Transition::new(&from.world, &to.world, beside, Budget::default());
            let answer = known(|only| transition.gains_nothing(&who, prior, &is, Some(only)), target.kind);
            if target.kind == ThingKind::Key && matches!(answer, Answer::Proven) {
                if found.of(direction, &holder.arn).next().is_some() {
                    found.through.insert((direction, holder.arn.clone(), target.arn.clone()));
                }
                continue;
            }
            let verbs = flips(from, to, &who, had, target.kind);
            let request = match answer {
                Answer::Proven if verbs.is_empty() => continue,
                Answer::Proven => None,
                Answer::Refuted(request) => Some(request),
                Answer::Undecided(reason) => {
                    found.changes.push(undecided(holder, target, direction, &reason));
                    continue;
                }
            };
            found.explained.insert((holder.arn.clone(), direction));
            found.pairs.insert((direction, holder.arn.clone(), target.arn.clone()));
            found.changes.push(change(step, holder, target, direction, &verbs, request));
        }
    }
}

/// The world of one side: the holders, each at its place, the target, and the key that encrypts it.
fn scene(
    side: usize,
    holders: &[&Holder<'_>],
    target: &Target<'_>,
    keys: &BTreeMap<&str, &Target<'_>>,
) -> Scene {
    let account = account_of(&target.arn).unwrap_or_default().to_owned();
    let mut scene = Scene { world: World { account, ..World::default() }, ..Scene::default() };
    for holder in holders {
        let policies = |placed: &[Placed]| placed.iter().map(|it| it.policy.clone()).collect::<Vec<_>>();
        let state = holder.states.get(side).copied().flatten();
        let mut identity = state.map(|role| policies(&role.identity)).unwrap_or_default();
        if holder.is_outside {
            identity.push(meant(&["*"]));
        }
        let boundaries = state.map(|role| policies(&role.boundaries)).unwrap_or_default();
        scene.world.roles.push(Role { arn: holder.arn.clone(), identity, boundaries });
    }
    if let Some(state) = target.states.get(side).copied().flatten() {
        let key = state.key.and_then(|arn| keys.get(arn)).and_then(|key| {
            let own = key.states.get(side).copied().flatten()?;
            Some(push(&mut scene, key, own, None))
        });
        push(&mut scene, target, state, key);
    }
    // A secret stands behind its key, and is looked for by its kind.
    scene
}

fn push(scene: &mut Scene, target: &Target<'_>, state: State<'_>, key: Option<usize>) -> usize {
    let default = || match target.kind {
        ThingKind::Key => default_key_policy(&scene.world.account),
        ThingKind::Secret => None,
    };
    let policy = state.policy.map(|it| it.policy.clone()).or_else(default);
    scene.world.resources.push(Resource { arn: target.arn.clone(), policy });
    let place = Place { template: 0, pointer: String::new() };
    scene.things.push(Thing { kind: target.kind, place, policy: None, key });
    scene.things.len() - 1
}

/// The levels of access that a role has after, with every call that they need, and did not have before.
fn flips(from: &Scene, to: &Scene, who: &Who, had: bool, kind: ThingKind) -> Vec<&'static str> {
    let flipped = levels(kind).iter().filter(|level| {
        able(to, who, kind, &level.question) && !(had && able(from, who, kind, &level.question))
    });
    flipped.map(|level| level.word).collect()
}

/// Whether a role can make every call of a level.
fn able(scene: &Scene, who: &Who, kind: ThingKind, level: &Level) -> bool {
    let Some(at) = scene.things.iter().position(|it| it.kind == kind) else { return false };
    let Some(resource) = scene.world.resources.get(at) else { return false };
    let calls = calls(scene, resource, Some(at), level);
    let meant: Vec<Policy> = calls.iter().filter_map(|call| call.meant(&[])).collect();
    let mut inquiry = Inquiry::new(&scene.world, &meant.iter().collect::<Vec<_>>(), Budget::default());
    calls.iter().zip(&meant).all(|(call, meant)| {
        matches!(inquiry.nothing_beyond(who, &call.resource, None, meant), Answer::Refuted(_))
    })
}

fn change(
    step: &Step<'_>,
    holder: &Holder<'_>,
    target: &Target<'_>,
    direction: Direction,
    verbs: &[&str],
    request: Option<Box<Request>>,
) -> Change {
    let does = match (verbs, &request) {
        ([], Some(request)) => format!("do more to it than before, for example `{}`", request.action),
        ([], None) => "do more to it than before".to_owned(),
        (verbs, _) => format!("{} it", spoken(verbs)),
    };
    let (class, what) = match direction {
        Direction::Gained => (Class::Broader, format!("`{}` can now {does}", holder.name)),
        Direction::Lost if verbs.is_empty() => (
            Class::Narrower,
            format!(
                "`{}` can no longer {}",
                holder.name,
                does.replace("do more to it than before", "do all that it could")
            ),
        ),
        Direction::Lost => (Class::Narrower, format!("`{}` can no longer {does}", holder.name)),
    };
    let mut change = Change::new(class, &target.subject, what).shown_by(request).at(
        spot(&step.old, holder.states[0]).or_else(|| target.spots[0].clone()),
        spot(&step.new, holder.states[1]).or_else(|| target.spots[1].clone()),
    );
    let documents = |role: Option<&DeployedRole>| -> Option<serde_json::Value> {
        role.map(|role| role.identity.iter().map(|it| shown(&it.document)).collect())
    };
    if holder.differs {
        change = change.text(
            format!("policies of {}", holder.name),
            documents(holder.states[0]),
            documents(holder.states[1]),
        );
    }
    if differs(target) {
        let document =
            |state: Option<State<'_>>| state.and_then(|it| it.policy).map(|it| shown(&it.document));
        change = change.text(
            format!("policy of {}", target.subject),
            document(target.states[0]),
            document(target.states[1]),
        );
    }
    change
}

/// The policy of a role that is nearest to a change, else the role.
fn spot(side: &Side<'_>, role: Option<&DeployedRole>) -> Option<Spot> {
    let role = role?;
    side.spot(role.identity.first().map_or(&role.place, |placed| &placed.place))
}

fn undecided(holder: &Holder<'_>, target: &Target<'_>, direction: Direction, reason: &str) -> Change {
    let more = match direction {
        Direction::Gained => "more",
        Direction::Lost => "less",
    };
    let what = format!("whether `{}` can do {more} is not decided", holder.name);
    Change::new(Class::Undecided, &target.subject, what)
        .detail(readable(reason))
        .at(target.spots[0].clone(), target.spots[1].clone())
}

/// Who can use a secret or key of the new side, in one line.
pub(super) fn users(holders: &[Holder<'_>], targets: &[Target<'_>], target: &Target<'_>) -> Option<String> {
    let keys: BTreeMap<&str, &Target<'_>> = targets.iter().map(|it| (it.arn.as_str(), it)).collect();
    let account = account_of(&target.arn);
    let meeting: Vec<&Holder<'_>> = holders
        .iter()
        .filter(|it| {
            it.exists(1) && !it.is_outside && account_of(&it.arn) == account && meets(it, target, &keys)
        })
        .collect();
    let scene = scene(1, &meeting, target, &keys);
    let (verb, level) = match target.kind {
        ThingKind::Secret => ("read it", Level::Read),
        ThingKind::Key => ("decrypt with it", Level::Read),
    };
    let able: Vec<String> = meeting
        .iter()
        .enumerate()
        .filter(|(at, _)| able(&scene, &Who::Role(*at), target.kind, &level))
        .map(|(_, holder)| format!("`{}`", holder.name))
        .collect();
    (!able.is_empty()).then(|| format!("can {verb}: {}", able.join(", ")))
}

/// The secrets and keys of both sides.
pub(super) fn targets<'s>(step: &'s Step<'_>) -> Vec<Target<'s>> {
    let mut targets: BTreeMap<&str, Target<'s>> = BTreeMap::new();
    for (at, side) in [&step.old, &step.new].into_iter().enumerate() {
        for key in &side.deployed.keys {
            let subject = step.key(&key.arn, &key.place);
            let state = State { policy: key.policy.as_ref(), key: None };
            note(&mut targets, at, side, (&key.arn, &key.place), (subject, ThingKind::Key), state);
        }
        for secret in &side.deployed.secrets {
            let subject = step.secret(&secret.arn, &secret.place);
            let key = match &secret.encryption {
                Encryption::Key(arn) => Some(arn.as_str()),
                Encryption::Managed | Encryption::Unknown => None,
            };
            let state = State { policy: secret.policy.as_ref(), key };
            note(&mut targets, at, side, (&secret.arn, &secret.place), (subject, ThingKind::Secret), state);
        }
    }
    targets.into_values().collect()
}

fn note<'s>(
    targets: &mut BTreeMap<&'s str, Target<'s>>,
    at: usize,
    side: &Side<'_>,
    (arn, place): (&'s String, &Place),
    (subject, kind): (String, ThingKind),
    state: State<'s>,
) {
    let target = targets.entry(arn).or_insert_with(|| Target {
        subject: String::new(),
        kind,
        arn: arn.clone(),
        states: [None, None],
        spots: [None, None],
    });
    target.subject = subject;
    if let (Some(slot), Some(spot)) = (target.states.get_mut(at), target.spots.get_mut(at)) {
        *slot = Some(state);
        *spot = side.spot(place);
    }
}
