//! What the policies of resources let through, whoever asks: secrets, keys, trust, topics, whatever has a policy.

use serde_json::Value;

use super::levels::{from_organizations, known, levels, meant, real, spoken};
use super::model::Change;
use super::step::{Direction, Step};
use super::{Class, Spot};
use crate::access::{
    Answer, Budget, Policy, PolicyKind, Request, Resource, Role, Transition, Who, World, readable,
};
use crate::deployed::scene::ThingKind;
use crate::deployed::{Placed, texts};

/// A resource whose policy may differ between the sides.
pub(super) struct Guarded<'s> {
    /// What people call it.
    pub(super) subject: String,
    /// What it is, where levels of access have names.
    pub(super) kind: Option<ThingKind>,
    /// Its ARN; of a resource whose ARN is not known, any of its account.
    pub(super) arn: String,
    /// Its account.
    pub(super) account: String,
    /// Whether requests for any resource are asked about, since the ARN is not known.
    pub(super) anywhere: bool,
    /// Whether it is there on the old and on the new side.
    pub(super) exists: [bool; 2],
    /// Its policy on the old and on the new side.
    pub(super) policies: [Option<&'s Placed>; 2],
    /// Where it stands.
    pub(super) spots: [Option<Spot>; 2],
}

impl Guarded<'_> {
    /// A change of the policy, with its place and its texts.
    pub(super) fn change(
        &self,
        class: Class,
        what: impl Into<String>,
        request: Option<Box<Request>>,
    ) -> Change {
        let [old, new] = self.spots.clone();
        let [was, is] = self.policies.map(|it| it.map(|placed| shown(&placed.document)));
        Change::new(class, &self.subject, what).shown_by(request).at(old, new).text("policy", was, is)
    }
}

/// What was found about a resource.
#[derive(Default)]
pub(super) struct Found {
    pub(super) changes: Vec<Change>,
    /// Whether the policy does not mean what it meant.
    pub(super) differs: bool,
    /// Named principals for whom the policy changes; their own policies decide what comes of it.
    pub(super) named: Vec<(Direction, Box<Request>)>,
}

/// What the change of a resource's policy lets through or shuts out.
///
/// `told` are the roles of whom it is told elsewhere what they gain or lose.
pub(super) fn compare(
    step: &Step<'_>,
    thing: &Guarded<'_>,
    told: impl Fn(Direction) -> Vec<String>,
) -> Found {
    let mut found = Found::default();
    let texts = thing.policies.map(|it| it.map(|placed| &placed.document));
    if texts[0] == texts[1] && thing.exists[0] == thing.exists[1] {
        return found;
    }
    for direction in [Direction::Gained, Direction::Lost] {
        one_way(step, thing, direction, &told(direction), &mut found);
    }
    found
}

fn one_way(step: &Step<'_>, thing: &Guarded<'_>, direction: Direction, told: &[String], found: &mut Found) {
    let ([was, is], [had, has]) = match direction {
        Direction::Gained => (thing.policies, thing.exists),
        Direction::Lost => ([thing.policies[1], thing.policies[0]], [thing.exists[1], thing.exists[0]]),
    };
    if !has {
        return;
    }
    // Whoever loses access to what is gone loses nothing else by it.
    if !had && direction == Direction::Lost {
        return;
    }
    let resource = |placed: Option<&Placed>| Resource {
        arn: thing.arn.clone(),
        policy: placed.map(|it| it.policy.clone()).or_else(|| match thing.kind {
            Some(ThingKind::Key) => crate::deployed::scene::default_key_policy(&thing.account),
            Some(ThingKind::Secret) | None => None,
        }),
    };
    let (before, after) = (resource(was), resource(is));
    let world = |it: &Resource, roles: &[Role]| World {
        account: thing.account.clone(),
        roles: roles.to_vec(),
        resources: vec![it.clone()],
        ..World::default()
    };
    let (old, new) = (world(&before, &[]), world(&after, &[]));
    let beside = step.beside(direction);
    let mut transition = Transition::new(&old, &new, beside, Budget::default());
    let prior = had.then_some(&before);
    let mut anyone: Option<Vec<&str>> = None;
    let mut gained: Vec<(Who, Vec<&str>, Change)> = Vec::new();
    for who in transition.everyone() {
        // New access to what is new is no news but for those outside.
        let is_outside = class(&who, thing) != Class::Broader;
        if !had && !is_outside {
            continue;
        }
        let answer = gains(&mut transition, thing, &who, prior, &after, None);
        let request = match answer {
            Answer::Proven => continue,
            Answer::Refuted(request) => request,
            Answer::Undecided(reason) => {
                found.changes.push(undecided(thing, &who, direction, &reason));
                continue;
            }
        };
        found.differs = true;
        if who == Who::OtherInAccount {
            let others = |arns: Vec<String>| {
                let named = |arn| Role { arn, identity: Vec::new(), boundaries: Vec::new() };
                let roles: Vec<Role> = arns.into_iter().map(named).collect();
                let (old, new) = (world(&before, &roles), world(&after, &roles));
                let mut others = Transition::new(&old, &new, beside, Budget::default());
                gains(&mut others, thing, &who, prior, &after, None)
            };
            let Answer::Refuted(request) = others(told.to_vec()) else { continue };
            let documents: Vec<&Value> = was.into_iter().chain(is).map(|it| it.document.as_ref()).collect();
            if matches!(others(mentioned(step, &documents)), Answer::Proven) {
                found.named.push((direction, request));
                continue;
            }
        }
        let verbs: Vec<&str> = thing
            .kind
            .map_or(&[] as &[_], levels)
            .iter()
            .filter(|level| {
                let only = meant(level.actions);
                matches!(gains(&mut transition, thing, &who, prior, &after, Some(&only)), Answer::Refuted(_))
            })
            .map(|level| level.word)
            .collect();
        let mut class = class(&who, thing);
        if class == Class::Public && bound_to_organizations(thing, &who, prior, &after, [&old, &new], is) {
            class = Class::Foreign;
        }
        if who == Who::Anonymous {
            anyone = Some(verbs.clone());
        }
        gained.push((who.clone(), verbs.clone(), change(thing, &who, direction, class, &verbs, request)));
    }
    // Whoever it is, anyone can as much.
    let told = |who: &Who, verbs: &[&str]| {
        *who != Who::Anonymous
            && anyone.as_ref().is_some_and(|all: &Vec<&str>| verbs.iter().all(|verb| all.contains(verb)))
    };
    let told = gained.into_iter().filter(|(who, verbs, _)| !told(who, verbs));
    found.changes.extend(told.map(|(_, _, change)| change));
}

fn gains(
    transition: &mut Transition<'_>,
    thing: &Guarded<'_>,
    who: &Who,
    before: Option<&Resource>,
    after: &Resource,
    only: Option<&Policy>,
) -> Answer {
    let mut ask = |only: Option<&Policy>| {
        if thing.anywhere {
            transition.gains_nothing_anywhere(who, before, after, only)
        } else {
            transition.gains_nothing(who, before, after, only)
        }
    };
    match (only, thing.kind) {
        (Some(only), _) => ask(Some(only)),
        (None, Some(kind)) => known(|only| ask(Some(only)), kind),
        (None, None) => real(ask),
    }
}

/// Whether only principals of organisations that the policy names gain.
fn bound_to_organizations(
    thing: &Guarded<'_>,
    who: &Who,
    before: Option<&Resource>,
    after: &Resource,
    [old, new]: [&World; 2],
    is: Option<&Placed>,
) -> bool {
    let mut ids = Vec::new();
    texts(is.map(|placed| placed.document.as_ref()), &mut |text| {
        if text.starts_with("o-") {
            ids.push(text.to_owned());
        }
    });
    if ids.is_empty() {
        return false;
    }
    let members = from_organizations(&ids);
    let mut transition = Transition::new(old, new, &members, Budget::default());
    matches!(gains(&mut transition, thing, who, before, after, None), Answer::Proven)
}

/// The roles that documents mention.
fn mentioned(step: &Step<'_>, documents: &[&Value]) -> Vec<String> {
    let mut words = std::collections::BTreeSet::new();
    for document in documents {
        texts(Some(document), &mut |text| {
            if text.contains(":role/") {
                words.insert(text.to_owned());
            }
        });
    }
    let known: std::collections::BTreeSet<&str> = [&step.old, &step.new]
        .iter()
        .flat_map(|side| &side.deployed.roles)
        .map(|role| role.arn.as_str())
        .collect();
    let plain = words.iter().filter(|text| !text.contains(['*', '?'])).map(String::as_str);
    let arns: std::collections::BTreeSet<&str> =
        plain.chain(known.into_iter().filter(|arn| words.contains(*arn))).collect();
    arns.into_iter().map(str::to_owned).collect()
}

/// What it comes to that a class of callers gains access.
fn class(who: &Who, thing: &Guarded<'_>) -> Class {
    match who {
        Who::Anonymous | Who::OtherAccount | Who::OtherService | Who::OtherFederated => Class::Public,
        Who::Account(_) => Class::Foreign,
        // A provider of the account itself is one of its own doors.
        Who::Federated(name) if name.contains(&format!(":{}:", thing.account)) => Class::Broader,
        Who::Federated(_) => Class::Foreign,
        Who::Role(_) | Who::OtherInAccount | Who::Service(_) => Class::Broader,
    }
}

fn change(
    thing: &Guarded<'_>,
    who: &Who,
    direction: Direction,
    class: Class,
    verbs: &[&str],
    request: Box<Request>,
) -> Change {
    let caller = caller(who, &request);
    let does =
        if verbs.is_empty() { format!("call `{}`", request.action) } else { format!("{} it", spoken(verbs)) };
    let (class, what) = match direction {
        Direction::Gained => (class, format!("{caller} can now {does}")),
        Direction::Lost => (Class::Narrower, format!("{caller} can no longer {does}")),
    };
    let mut change = thing.change(class, what, Some(request));
    if *who == Who::OtherInAccount {
        change = change.detail("what each of them may do is for its own policies to say");
    }
    change
}

fn undecided(thing: &Guarded<'_>, who: &Who, direction: Direction, reason: &str) -> Change {
    let more = match direction {
        Direction::Gained => "more",
        Direction::Lost => "less",
    };
    let [old, new] = thing.spots.clone();
    let what = format!("whether {} can do {more} is not decided", plain(who));
    Change::new(Class::Undecided, &thing.subject, what).detail(readable(reason)).at(old, new)
}

/// A caller in words; where the witness names a role, the role.
fn caller(who: &Who, request: &Request) -> String {
    match who {
        Who::Service(_) | Who::Account(_) | Who::Federated(_) | Who::Role(_) => plain(who),
        Who::OtherInAccount => {
            let text = readable(&request.principal.to_string());
            match text.split_once(":role/").or_else(|| text.split_once(":user/")) {
                Some((_, name)) if !name.contains('?') && !name.is_empty() => {
                    format!("any principal of the account that IAM allows, for example `{name}`,")
                }
                Some(_) | None => "any principal of the account that IAM allows".to_owned(),
            }
        }
        Who::OtherAccount | Who::OtherService | Who::OtherFederated | Who::Anonymous => plain(who),
    }
}

/// A class of callers in words.
fn plain(who: &Who) -> String {
    match who {
        Who::Role(_) => "a role".to_owned(),
        Who::OtherInAccount => "any other principal of the account".to_owned(),
        Who::Account(account) => format!("account {}", readable(account)),
        Who::OtherAccount => "any AWS account".to_owned(),
        Who::Service(name) => format!("service {}", readable(name)),
        Who::OtherService => "any AWS service".to_owned(),
        Who::Federated(name) => format!("identities of {}", readable(name)),
        Who::OtherFederated => "identities of any provider".to_owned(),
        Who::Anonymous => "anyone, without credentials,".to_owned(),
    }
}

/// A document as people read it.
pub(super) fn shown(document: &Value) -> Value {
    match document {
        Value::String(text) => Value::String(readable(text)),
        Value::Array(items) => items.iter().map(shown).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, it)| (name.clone(), shown(it))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => document.clone(),
    }
}

/// What a policy of a kind guards, for those whose ARN is not known.
pub(super) fn any_arn(account: &str, kind: PolicyKind) -> String {
    let service = match kind {
        PolicyKind::Topic => "sns",
        PolicyKind::Identity
        | PolicyKind::Resource
        | PolicyKind::Trust
        | PolicyKind::Key
        | PolicyKind::Endpoint
        | PolicyKind::Boundary
        | PolicyKind::Session
        | PolicyKind::Scp
        | PolicyKind::Rcp => "resource",
    };
    format!("arn:aws:{service}::{account}:any")
}
