//! Resources that come and go, and what that does: data lost, rotation lost, watching lost, names taken.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Class;
use super::controls;
use super::effective::Target;
use super::effects::name_of;
use super::model::{Change, Spot};
use super::resources::called;
use super::special::policy;
use super::step::Step;
use super::unit::{Unit, type_of};
use crate::access::readable;
use crate::deployed::resolved;

/// Types that watch, or tell of what is watched.
const WATCH: [&str; 11] = [
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::Events::Rule",
    "AWS::SNS::Topic",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Logs::MetricFilter",
    "AWS::CloudTrail::Trail",
    "AWS::Logs::LogGroup",
];

/// A resource that one side alone has.
struct Lone<'u> {
    id: &'u str,
    kind: &'u str,
    written: &'u Value,
    properties: Value,
    unit: &'u Unit,
    key: String,
}

impl Lone<'_> {
    fn spot(&self) -> Spot {
        Spot {
            template: self.unit.path.clone(),
            logical_id: self.id.to_owned(),
            pointer: format!("/Resources/{}", crate::pointer::escaped(self.id)),
        }
    }

    fn text(&self, property: &str) -> Option<&str> {
        self.properties.get(property)?.as_str()
    }
}

/// What comes and goes. `readers` says of each new secret or key who can use it.
pub(super) fn compare(step: &mut Step<'_>, targets: &[(String, String)], changes: &mut Vec<Change>) {
    let gone = lone(step, 0);
    let born = lone(step, 1);
    for it in &gone {
        changes.extend(left(step, it, &born));
    }
    for it in &born {
        changes.extend(came(it, &gone));
    }
    network(&gone, &born, changes);
    several(&gone, &born, changes);
    told(&born, targets, changes);
}

/// The resources that a side has and the other has not.
fn lone<'u>(step: &mut Step<'u>, side: usize) -> Vec<Lone<'u>> {
    let (units, others) =
        if side == 0 { (step.old.units, step.new.units) } else { (step.new.units, step.old.units) };
    let mut found: Vec<(usize, &'u str, &'u Value, &'u Unit)> = Vec::new();
    for pair in step.pairs {
        let (own, other) = if side == 0 { *pair } else { (pair.1, pair.0) };
        let Some((at, unit)) = own.and_then(|at| Some((at, units.get(at)?))) else { continue };
        if pair.1.is_some_and(|new| step.same.is_whole(new)) {
            continue;
        }
        let other = other.and_then(|at| others.get(at));
        for (id, written) in unit.resources() {
            let same =
                other.and_then(|unit| unit.resource(id)).is_some_and(|it| type_of(it) == type_of(written));
            if !same {
                found.push((at, id, written, unit));
            }
        }
    }
    let wanted: Vec<(usize, &str)> = found.iter().map(|(at, id, ..)| (*at, *id)).collect();
    let located = if side == 0 { &step.old.located } else { &step.new.located };
    let properties = resolved(located, &wanted, &mut step.unknowns);
    let lone = found.into_iter().zip(properties).map(|((_, id, written, unit), properties)| Lone {
        id,
        kind: type_of(written),
        written,
        properties,
        unit,
        key: unit.key.clone(),
    });
    lone.collect()
}

/// A resource that leaves.
fn left(step: &Step<'_>, it: &Lone<'_>, born: &[Lone<'_>]) -> Option<Change> {
    let subject = called(it.id, it.kind);
    if let Some(other) = born.iter().find(|other| other.key == it.key && other.id == it.id) {
        let what = format!("its type becomes {}: the type of a resource cannot change", other.kind);
        return Some(
            Change::new(Class::UpdateFails, subject, what)
                .detail("give the new resource another logical id")
                .at(Some(it.spot()), Some(other.spot())),
        );
    }
    let is_kept = policy(it.written, "DeletionPolicy") != "Delete";
    let change = |class, what: &str| Change::new(class, subject.clone(), what).at(Some(it.spot()), None);
    let kept = "it stays where it is, retained, and no template holds it any more";
    Some(match it.kind {
        "AWS::SecretsManager::Secret" if is_kept => change(Class::Removed, "the secret leaves the stack")
            .detail(kept)
            .detail("renamed? `was: old-name` in the blueprint keeps its name, its value and its readers"),
        "AWS::SecretsManager::Secret" => {
            change(Class::DataLost, "the secret is deleted, and its value with it").detail(
                "CloudFormation deletes secrets without a recovery window; `DeletionPolicy: Retain` keeps it",
            )
        }
        "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" if is_kept => {
            change(Class::Removed, "the key leaves the stack").detail(kept)
        }
        "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => change(
            Class::DataLost,
            "the key is scheduled for deletion: what it encrypts cannot be read any more",
        )
        .detail("`DeletionPolicy: Retain` keeps it"),
        "AWS::SecretsManager::RotationSchedule" => rotation(step, it, born, is_kept)?,
        "AWS::Logs::LogGroup" if !is_kept => {
            change(Class::DataLost, "the log group is deleted with its logs")
        }
        "AWS::S3::Bucket" if is_kept => change(Class::Removed, "the bucket leaves the stack").detail(kept),
        "AWS::EC2::VPCEndpoint" => {
            change(Class::Weaker, "requests no longer take the way through this endpoint")
                .detail("they fail, or leave the network by another way that no endpoint policy guards")
        }
        kind if WATCH.contains(&kind) => return None,
        "AWS::IAM::Role" => change(Class::Removed, "the role is deleted"),
        _ => return None,
    })
}

/// A schedule that leaves while its secret stays.
fn rotation(step: &Step<'_>, it: &Lone<'_>, born: &[Lone<'_>], is_kept: bool) -> Option<Change> {
    let secret = it.text("SecretId").unwrap_or_default();
    let name = {
        let secrets = [&step.new, &step.old].into_iter().flat_map(|side| &side.deployed.secrets);
        let found = secrets.into_iter().find(|known| known.arn == secret);
        found.map_or_else(|| readable(secret), |known| step.secret(&known.arn, &known.place))
    };
    let stays = step.new.deployed.secrets.iter().any(|known| known.arn == secret);
    let schedules = born.iter().filter(|other| other.kind == it.kind);
    let successor = schedules.into_iter().find(|other| other.text("SecretId") == Some(secret));
    let subject = called(it.id, it.kind);
    let at = |change: Change| change.at(Some(it.spot()), successor.map(Lone::spot));
    match successor {
        Some(other) if is_kept => Some(at(Change::new(
            Class::Other,
            subject,
            format!("the rotation of {name} is held by `{}` from now on", other.id),
        ))),
        Some(other) => Some(at(Change::new(
            Class::RotationLost,
            subject,
            format!("{name} will not rotate: its schedule moves to the logical id `{}`", other.id),
        )
        .detail("a secret has one schedule: CloudFormation sets the new one, then removes the old and with it the rotation")
        .detail("keep the logical id, or set `DeletionPolicy: Retain` on the old one in a deployment before"))),
        None if stays && is_kept => Some(at(Change::new(
            Class::RotationLost,
            subject,
            format!("nothing holds the rotation of {name} any more"),
        )
        .detail("the schedule is retained as it was deployed; it fails as soon as its function is gone"))),
        None if stays => {
            Some(at(Change::new(Class::RotationLost, subject, format!("nothing rotates {name} any more"))))
        }
        None => None,
    }
}

/// A resource that comes.
fn came(it: &Lone<'_>, gone: &[Lone<'_>]) -> Option<Change> {
    let name = name_of(it.kind, &it.properties)?;
    // What the old side has of the name is removed after the new one is made, or is retained and never removed.
    let holder = gone.iter().find(|old| {
        old.kind == it.kind
            && name_of(old.kind, &old.properties) == Some(name)
            && old.unit.account == it.unit.account
            && old.unit.region == it.unit.region
            && (&old.key, old.id) != (&it.key, it.id)
    })?;
    let what = format!("the name `{}` is taken by `{}`", readable(name), holder.id);
    Some(
        Change::new(Class::UpdateFails, called(it.id, it.kind), what)
            .detail("CloudFormation makes the new resource before it removes the old one")
            .detail("keep the logical id, or move the resource with an import")
            .at(Some(holder.spot()), Some(it.spot())),
    )
}

/// Rules of security groups that stand alone, all of one group and way together.
fn network(gone: &[Lone<'_>], born: &[Lone<'_>], changes: &mut Vec<Change>) {
    for (kind, way) in [("AWS::EC2::SecurityGroupIngress", "in"), ("AWS::EC2::SecurityGroupEgress", "out")] {
        let fresh: BTreeSet<&str> =
            born.iter().filter(|it| it.kind == "AWS::EC2::SecurityGroup").map(|it| it.id).collect();
        let of = |lone: &'_ [Lone<'_>], it: &Lone<'_>| -> Vec<controls::Admission> {
            let same = lone.iter().filter(|other| {
                other.kind == kind && other.properties.get("GroupId") == it.properties.get("GroupId")
            });
            same.flat_map(|other| controls::rules(Some(&other.properties))).collect()
        };
        for (own, others, class, verb) in
            [(born, gone, Class::Broader, "more is let"), (gone, born, Class::Narrower, "less is let")]
        {
            for it in own.iter().filter(|it| it.kind == kind) {
                let known = of(others, it);
                let more: Vec<String> = controls::rules(Some(&it.properties))
                    .iter()
                    .filter(|rule| !known.iter().any(|other| other.covers(rule)))
                    .map(controls::Admission::said)
                    .collect();
                // A way to or from a group that comes with it opens nothing that was closed.
                let is_new = class == Class::Broader && fresh.iter().any(|id| refers(it.written, id));
                if more.is_empty() || is_new {
                    continue;
                }
                let change =
                    Change::new(class, called(it.id, kind), format!("{verb} {way}: {}", more.join("; ")));
                let is_born = class == Class::Broader;
                changes.push(if is_born {
                    change.at(None, Some(it.spot()))
                } else {
                    change.at(Some(it.spot()), None)
                });
            }
        }
    }
}

fn refers(value: &Value, id: &str) -> bool {
    let text = value.to_string();
    text.contains(&format!("{{\"Ref\":\"{id}\"}}")) || text.contains(&format!("\"Fn::GetAtt\":[\"{id}\","))
}

/// What is told in one line for each template: what watches, and the rest.
fn several(gone: &[Lone<'_>], born: &[Lone<'_>], changes: &mut Vec<Change>) {
    let told: BTreeSet<(String, String)> = changes
        .iter()
        .flat_map(|change| change.old.iter().chain(&change.new))
        .map(|spot| (spot.template.clone(), spot.logical_id.clone()))
        .collect();
    for (lone, is_born) in [(gone, false), (born, true)] {
        let mut groups: BTreeMap<(&str, bool), Vec<&Lone<'_>>> = BTreeMap::new();
        for it in lone {
            let is_told = told.contains(&(it.unit.path.clone(), it.id.to_owned()));
            if !is_told || (is_born && is_root(it.kind)) {
                groups.entry((&it.unit.path, WATCH.contains(&it.kind))).or_default().push(it);
            }
        }
        for ((template, watches), members) in groups {
            let class = match (is_born, watches) {
                (true, true) => Class::Stronger,
                (true, false) => Class::Added,
                (false, true) => Class::Weaker,
                (false, false) => Class::Removed,
            };
            for it in members.iter().filter(|it| is_born && is_root(it.kind)) {
                changes.push(
                    Change::new(Class::Added, called(it.id, it.kind), "is new").at(None, Some(it.spot())),
                );
            }
            let rest: Vec<&&Lone<'_>> = members.iter().filter(|it| !is_born || !is_root(it.kind)).collect();
            let Some(first) = rest.first() else { continue };
            let names: Vec<String> = rest.iter().map(|it| called(it.id, it.kind)).collect();
            let verb = match (is_born, watches, names.len()) {
                (true, true, 1) => "is new and watches or tells",
                (true, true, _) => "are new and watch or tell",
                (true, false, 1) => "is new",
                (true, false, _) => "are new",
                (false, true, 1) => "no longer watches or tells",
                (false, true, _) => "no longer watch or tell",
                (false, false, 1) => "is gone",
                (false, false, _) => "are gone",
            };
            let subject = match names.as_slice() {
                [one] => one.clone(),
                several => format!("{} resources of {template}", several.len()),
            };
            let what = verb.to_owned();
            let change = Change::new(class, subject, what);
            let change = if names.len() > 1 { change.detail(names.join(", ")) } else { change };
            let spot = Some(first.spot());
            changes.push(if is_born { change.at(None, spot) } else { change.at(spot, None) });
        }
    }
}

/// Resources that are told one by one.
fn is_root(kind: &str) -> bool {
    matches!(
        kind,
        "AWS::SecretsManager::Secret" | "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" | "AWS::IAM::Role"
    )
}

/// Who can use what is new: by its logical id.
fn told(born: &[Lone<'_>], readers: &[(String, String)], changes: &mut [Change]) {
    for it in born {
        let Some((_, text)) = readers.iter().find(|(id, _)| *id == it.id) else { continue };
        let spot = it.spot();
        let same = |change: &&mut Change| change.class == Class::Added && change.new.as_ref() == Some(&spot);
        if let Some(change) = changes.iter_mut().find(same) {
            change.details.push(text.clone());
        }
    }
}

/// Secrets and keys that are new, with who can use them, by logical id.
pub(super) fn readers(
    targets: &[Target<'_>],
    able: impl Fn(&Target<'_>) -> Option<String>,
) -> Vec<(String, String)> {
    targets
        .iter()
        .filter(|target| target.states[0].is_none())
        .filter_map(|target| Some((target.spots[1].as_ref()?.logical_id.clone(), able(target)?)))
        .collect()
}
