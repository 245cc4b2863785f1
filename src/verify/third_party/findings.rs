//! Who can do what to the secrets and keys of a scene, and what of it is too much.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

use super::codes::{
    CAN_TAKE_THE_KEY, DECRYPTS_BEYOND_ITS_SECRETS, FOREIGN_ACCESS, KEY_OPEN_TO_ACCOUNT, KEY_USE_TOO_BROAD,
    OPEN_ACCESS, REACHES_EVERY_SECRET, READS_EVERY_VERSION, STATEMENT_ADDS_NOTHING, WRITER_CHANGES_SECRET,
};
use crate::access::{Answer, Budget, Inquiry, Policy, PolicyKind, Resource, Who, compare, readable};
use crate::deployed::Place;
use crate::deployed::scene::{Scene, Thing, ThingKind};
use crate::diagnostic::Code;
use crate::verify::questions::{Call, Level, calls, name_of};

/// Who has a level of access to a secret or key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Row {
    /// The secret or key: its logical id, or its ARN where several bear it.
    pub(crate) subject: String,
    /// `secret` or `key`.
    pub(crate) kind: &'static str,
    /// The level, in the words of the language.
    pub(crate) access: &'static str,
    /// Everybody who has it.
    pub(crate) who: Vec<String>,
    /// Everybody of whom it is not certain.
    pub(crate) undecided: Vec<String>,
}

/// Something that is too much.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Excess {
    /// Which defect.
    pub(super) code: &'static str,
    /// The resource that it is about.
    pub(super) place: Place,
    /// What is too much.
    pub(super) message: String,
}

/// The codes of [`Excess`].
pub(super) fn code(name: &str) -> Option<&'static Code> {
    super::CODES.iter().find(|code| code.name == name).copied()
}

/// The table of a scene, and everything that is too much in it.
pub(super) fn survey(scene: &Scene) -> (Vec<Row>, Vec<Excess>) {
    let questions = Questions::of(scene);
    let inquiry = Inquiry::new(&scene.world, &questions.all(), Budget::default());
    let mut survey =
        Survey { scene, questions: &questions, inquiry, rows: Vec::new(), excesses: BTreeSet::new() };
    let things: Vec<(usize, &Thing, &Resource)> = scene
        .things
        .iter()
        .zip(&scene.world.resources)
        .enumerate()
        .map(|(at, (thing, resource))| (at, thing, resource))
        .collect();
    for (at, thing, resource) in things {
        survey.levels(at, thing, resource);
        survey.inquiry.renew();
        match thing.kind {
            ThingKind::Key => survey.key(at, thing, resource),
            ThingKind::Secret => survey.secret(at, thing, resource),
        }
    }
    survey.wildcards();
    (survey.rows, survey.excesses.into_iter().collect())
}

/// Calls with the policies that mean them.
type Meant = Vec<(Call, Policy)>;

/// What is asked of every secret and key, and of every role.
struct Questions {
    /// Per thing, its levels: how each is called, and its calls with the policies that mean them.
    levels: Vec<Vec<(&'static str, Meant)>>,
    taking: Policy,
    broad: Policy,
    decrypting: Policy,
    /// Per thing, decryption for other secrets than those that it encrypts.
    decrypting_others: Vec<Policy>,
    put: Policy,
    update: Policy,
    pending: Policy,
    read: Policy,
}

impl Questions {
    fn of(scene: &Scene) -> Questions {
        let things = || scene.things.iter().zip(&scene.world.resources).enumerate();
        let levels = things().map(|(at, (thing, resource))| {
            let of = |(word, level): (&'static str, Level)| {
                let calls = calls(scene, resource, Some(at), &level).into_iter();
                let meant = calls.filter_map(|call| call.meant(&[]).map(|meant| (call, meant)));
                (word, meant.collect())
            };
            levels(thing.kind).into_iter().map(of).collect()
        });
        let others = things().map(|(at, _)| {
            let own: Vec<&str> = things()
                .filter(|(_, (secret, _))| secret.key == Some(at))
                .map(|(_, (_, resource))| resource.arn.as_str())
                .collect();
            let condition = if own.is_empty() {
                Value::Null
            } else {
                json!({ "StringNotEquals": { "kms:EncryptionContext:SecretARN": own } })
            };
            meant(&["kms:Decrypt"], condition)
        });
        Questions {
            levels: levels.collect(),
            taking: meant(&["kms:CreateGrant", "kms:PutKeyPolicy"], Value::Null),
            // More than secrets need: the calls through Secrets Manager are GenerateDataKey and Decrypt.
            broad: meant(&["kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKeyPair"], Value::Null),
            decrypting: meant(&["kms:Decrypt"], Value::Null),
            decrypting_others: others.collect(),
            put: meant(&["secretsmanager:PutSecretValue"], Value::Null),
            update: meant(&["secretsmanager:UpdateSecret"], Value::Null),
            pending: meant(
                &["secretsmanager:GetSecretValue"],
                json!({ "StringEquals": { "secretsmanager:VersionStage": "AWSPENDING" } }),
            ),
            read: meant(&["secretsmanager:GetSecretValue"], Value::Null),
        }
    }

    /// Every policy that is asked with.
    fn all(&self) -> Vec<&Policy> {
        let calls = self.levels.iter().flatten().flat_map(|(_, calls)| calls).map(|(_, meant)| meant);
        let single =
            [&self.taking, &self.broad, &self.decrypting, &self.put, &self.update, &self.pending, &self.read];
        calls.chain(&self.decrypting_others).chain(single).collect()
    }
}

fn levels(kind: ThingKind) -> [(&'static str, Level); 3] {
    match kind {
        ThingKind::Secret => {
            [("read", Level::Read), ("write", Level::Write), ("administer", Level::Administer)]
        }
        ThingKind::Key => [
            ("decrypt-with", Level::Read),
            ("encrypt-with", Level::EncryptWith),
            ("administer", Level::Administer),
        ],
    }
}

struct Survey<'s> {
    scene: &'s Scene,
    questions: &'s Questions,
    /// One for all questions: what is found out for one serves the next.
    inquiry: Inquiry<'s>,
    rows: Vec<Row>,
    excesses: BTreeSet<Excess>,
}

impl<'s> Survey<'s> {
    fn excess(&mut self, code: &'static Code, place: &Place, message: String) {
        self.excesses.insert(Excess { code: code.name, place: place.clone(), message });
    }

    /// The roles that the templates make, with where.
    fn made(&self) -> Vec<(Who, Place, String)> {
        let roles = self.scene.roles.iter().enumerate();
        roles
            .filter_map(|(at, actor)| {
                let who = Who::Role(at);
                let name = name_of(self.scene, &who);
                Some((who, actor.place.clone()?, name))
            })
            .collect()
    }

    fn levels(&mut self, at: usize, thing: &Thing, resource: &Resource) {
        let kind = match thing.kind {
            ThingKind::Secret => "secret",
            ThingKind::Key => "key",
        };
        let questions = self.questions;
        for (word, calls) in questions.levels.get(at).into_iter().flatten() {
            let mut row = Row {
                subject: subject(thing, resource),
                kind,
                access: word,
                who: Vec::new(),
                undecided: Vec::new(),
            };
            for who in self.inquiry.everyone() {
                let name = name_of(self.scene, &who);
                match all(&mut self.inquiry, &who, calls) {
                    Answer::Refuted(_) => {
                        self.at_large(&who, thing, resource, word);
                        row.who.push(name);
                    }
                    Answer::Undecided(_) => row.undecided.push(name),
                    Answer::Proven => {}
                }
            }
            self.rows.push(row);
        }
    }

    /// Callers that nobody named.
    fn at_large(&mut self, who: &Who, thing: &Thing, resource: &Resource, access: &str) {
        let subject = subject(thing, resource);
        let name = name_of(self.scene, who);
        match who {
            Who::Anonymous | Who::OtherAccount | Who::OtherService | Who::OtherFederated => {
                self.excess(&OPEN_ACCESS, &thing.place, format!("{name} can {access} `{subject}`"));
            }
            Who::Account(_) => {
                self.excess(&FOREIGN_ACCESS, &thing.place, format!("{name} can {access} `{subject}`"));
            }
            Who::OtherInAccount if thing.kind == ThingKind::Key && access == "decrypt-with" => {
                let message = format!(
                    "every principal of the account may decrypt with `{subject}` if its own policies allow it"
                );
                self.excess(&KEY_OPEN_TO_ACCOUNT, &thing.place, message);
            }
            Who::OtherInAccount | Who::Role(_) | Who::Service(_) | Who::Federated(_) => {}
        }
    }

    fn key(&mut self, at: usize, thing: &Thing, resource: &Resource) {
        self.redundant(thing, resource);
        let key = subject(thing, resource);
        let Questions { taking, broad, decrypting, .. } = self.questions;
        for (who, place, name) in self.made() {
            if let Some(request) = self.can(&who, resource, taking) {
                let message = format!("`{name}` can call {} on `{key}`, and so give itself its use", request);
                self.excess(&CAN_TAKE_THE_KEY, &place, message);
            }
            if let Some(request) = self.can(&who, resource, broad) {
                let message = format!("`{name}` can call {request} on `{key}`, which no secret needs");
                self.excess(&KEY_USE_TOO_BROAD, &place, message);
            }
            if self.can(&who, resource, decrypting).is_none() {
                continue;
            }
            let Some(others) = self.questions.decrypting_others.get(at) else { continue };
            if self.can(&who, resource, others).is_some() {
                let message = format!(
                    "`{name}` can decrypt with `{key}` whatever the encryption context: `kms:EncryptionContext:SecretARN` is not bound"
                );
                self.excess(&DECRYPTS_BEYOND_ITS_SECRETS, &place, message);
            }
        }
    }

    fn secret(&mut self, _at: usize, thing: &Thing, resource: &Resource) {
        let secret = subject(thing, resource);
        let Questions { put, update, pending, .. } = self.questions;
        for (who, place, name) in self.made() {
            let writes = self.can(&who, resource, put).is_some();
            if writes && self.can(&who, resource, update).is_some() {
                let message = format!("`{name}` writes values of `{secret}` and can move it to another key");
                self.excess(&WRITER_CHANGES_SECRET, &place, message);
            }
            if !writes && self.can(&who, resource, pending).is_some() {
                let message = format!("`{name}` can read versions of `{secret}` other than the current one");
                self.excess(&READS_EVERY_VERSION, &place, message);
            }
        }
    }

    /// A secret that no template makes stands for all others.
    fn wildcards(&mut self) {
        let region = self.scene.world.resources.iter().find_map(|it| it.arn.split(':').nth(3));
        let account = &self.scene.world.account;
        let region = region.unwrap_or("us-east-1");
        let arn = format!("arn:aws:secretsmanager:{region}:{account}:secret:some-other-secret-a1b2c3");
        let other = Resource { arn, policy: None };
        let read = &self.questions.read;
        for (who, place, name) in self.made() {
            if self.can(&who, &other, read).is_some() {
                let message = format!("`{name}` can read secrets that no template here makes");
                self.excess(&REACHES_EVERY_SECRET, &place, message);
            }
        }
    }

    /// Statements that the rest of a policy makes needless.
    fn redundant(&mut self, thing: &Thing, resource: &Resource) {
        let Some(placed) = &thing.policy else { return };
        let whole = &placed.policy;
        for (at, statement) in whole.statements.iter().enumerate() {
            let rest = whole.without(at);
            if statement.effect == crate::access::Effect::Allow
                && !rest.statements.is_empty()
                && compare(&rest, whole, Budget::default()).answer == Answer::Proven
            {
                let label = statement.label();
                let key = subject(thing, resource);
                let message =
                    format!("{label} of the policy of `{key}` allows nothing that the others do not");
                self.excess(&STATEMENT_ADDS_NOTHING, &thing.place, message);
            }
        }
    }

    /// The action of a request that is possible, if there is one.
    fn can(&mut self, who: &Who, resource: &Resource, meant: &Policy) -> Option<String> {
        self.inquiry.renew();
        match self.inquiry.nothing_beyond(who, resource, None, meant) {
            Answer::Refuted(request) => Some(format!("`{}`", request.action)),
            Answer::Proven | Answer::Undecided(_) => None,
        }
    }
}

/// All calls together: the first that is impossible or open decides.
fn all(inquiry: &mut Inquiry<'_>, who: &Who, calls: &[(Call, Policy)]) -> Answer {
    let mut last = Answer::Proven;
    for (call, meant) in calls {
        last = inquiry.nothing_beyond(who, &call.resource, None, meant);
        if !matches!(last, Answer::Refuted(_)) {
            return last;
        }
    }
    last
}

fn meant(actions: &[&str], condition: Value) -> Policy {
    let mut statement = json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
    if let Some(fields) = statement.as_object_mut().filter(|_| !condition.is_null()) {
        fields.insert("Condition".to_owned(), condition);
    }
    Policy::from_value(&json!({ "Version": "2008-10-17", "Statement": statement }), PolicyKind::Identity)
        .unwrap_or_else(|_| Policy::nothing())
}

/// How a secret or key is called: by its logical id; a replica by its Region too.
fn subject(thing: &Thing, resource: &Resource) -> String {
    match crate::verify::questions::logical_id(&thing.place) {
        Some(id) => id.to_owned(),
        None => readable(&resource.arn),
    }
}
