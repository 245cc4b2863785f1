//! Policy documents where they are written, and the roles that they are attached to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::intrinsics::Resolver;
use super::{DeployedRole, Place, Placed, account_of};
use crate::access::{Policy, PolicyKind};
use crate::pointer::escaped;

/// What was found of roles and of policies for them.
#[derive(Default)]
pub(super) struct Attachments {
    made: Vec<DeployedRole>,
    /// Managed policies of the templates, by ARN.
    managed: BTreeMap<String, Placed>,
    /// Policies that roles name: role by position, ARN, whether as boundary.
    named: Vec<(usize, String, bool)>,
    /// Policies that name roles: partition and account, name of the role, document.
    given: Vec<(String, String, String, Placed)>,
}

/// Takes note of a resource, if it is a role or a policy.
pub(super) fn note(resolver: &mut Resolver<'_, '_>, id: &str, kind: &str, found: &mut Attachments) {
    match kind {
        "AWS::IAM::Role" => role(resolver, id, found),
        "AWS::IAM::ManagedPolicy" => {
            let Some(placed) = resolver.policy(id, "/PolicyDocument", PolicyKind::Identity) else { return };
            found.managed.insert(resolver.reference(id), placed.clone());
            give(resolver, id, "Roles", placed, found);
        }
        "AWS::IAM::Policy" => {
            let Some(placed) = resolver.policy(id, "/PolicyDocument", PolicyKind::Identity) else { return };
            give(resolver, id, "Roles", placed, found);
        }
        "AWS::IAM::RolePolicy" => {
            let Some(placed) = resolver.policy(id, "/PolicyDocument", PolicyKind::Identity) else { return };
            give(resolver, id, "RoleName", placed, found);
        }
        _ => {}
    }
}

fn role(resolver: &mut Resolver<'_, '_>, id: &str, found: &mut Attachments) {
    let arn = resolver.attribute(id, "Arn");
    let count = resolver.property(id, "Policies").and_then(Value::as_array).map_or(0, Vec::len);
    let identity: Vec<Placed> = (0..count)
        .filter_map(|at| resolver.policy(id, &format!("/Policies/{at}/PolicyDocument"), PolicyKind::Identity))
        .collect();
    let trust = resolver.policy(id, "/AssumeRolePolicyDocument", PolicyKind::Trust);
    let position = found.made.len();
    for (property, boundary) in [("ManagedPolicyArns", false), ("PermissionsBoundary", true)] {
        let Some(value) = resolver.property(id, property) else { continue };
        let arns = match resolver.value(value) {
            Value::Array(arns) => arns,
            one @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
                vec![one]
            }
        };
        for arn in arns {
            let arn = resolver.text(&arn);
            found.named.push((position, arn, boundary));
        }
    }
    found.made.push(DeployedRole {
        arn,
        place: resolver.place(id),
        made: true,
        identity,
        boundaries: Vec::new(),
        trust,
        elsewhere: Vec::new(),
        bounded_elsewhere: None,
    });
}

fn give(resolver: &mut Resolver<'_, '_>, id: &str, property: &str, placed: Placed, found: &mut Attachments) {
    let Some(value) = resolver.property(id, property) else { return };
    let names = match resolver.value(value) {
        Value::Array(names) => names,
        one @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            vec![one]
        }
    };
    let (partition, account) = (resolver.partition(), resolver.account());
    for name in names {
        let name = resolver.text(&name);
        found.given.push((partition.clone(), account.clone(), name, placed.clone()));
    }
}

impl Attachments {
    /// All roles with all that is attached to them, sorted by ARN; `existing` are ARNs of roles that no template makes.
    pub(super) fn roles(self, existing: &[String]) -> Vec<DeployedRole> {
        let mut roles = self.made;
        let mut there: BTreeSet<String> = roles.iter().map(|role| role.arn.clone()).collect();
        for arn in existing {
            if there.insert(arn.clone()) {
                roles.push(exists(arn.clone(), Place { template: 0, pointer: String::new() }));
            }
        }
        for (position, arn, boundary) in self.named {
            let Some(role) = roles.get_mut(position) else { continue };
            match (self.managed.get(&arn), boundary) {
                (Some(placed), true) => role.boundaries.push(placed.clone()),
                (Some(placed), false) => role.identity.push(placed.clone()),
                (None, true) => role.bounded_elsewhere = Some(arn),
                (None, false) => role.elsewhere.push(arn),
            }
        }
        // Names are unique in an account, whatever the path.
        let own = |role: &DeployedRole| {
            let name = role.arn.rsplit('/').next().unwrap_or_default();
            (account_of(&role.arn).unwrap_or_default().to_owned(), name.to_owned())
        };
        let mut known: BTreeMap<(String, String), usize> =
            roles.iter().enumerate().rev().map(|(at, role)| (own(role), at)).collect();
        for (partition, account, name, placed) in self.given {
            let position = *known.entry((account, name)).or_insert_with_key(|(account, name)| {
                // Without knowing better it has no path.
                let arn = format!("arn:{partition}:iam::{account}:role/{name}");
                roles.push(exists(arn, placed.place.clone()));
                roles.len() - 1
            });
            if let Some(role) = roles.get_mut(position) {
                role.identity.push(placed);
            }
        }
        roles.sort_by(|left, right| left.arn.cmp(&right.arn));
        roles
    }
}

fn exists(arn: String, place: Place) -> DeployedRole {
    DeployedRole {
        arn,
        place,
        made: false,
        identity: Vec::new(),
        boundaries: Vec::new(),
        trust: None,
        elsewhere: Vec::new(),
        bounded_elsewhere: None,
    }
}

impl Resolver<'_, '_> {
    /// The document at a place below a resource's properties. A statement that cannot be read never vanishes: an Allow
    /// counts as all that it may be, a Deny as nothing.
    pub(super) fn policy(&mut self, id: &str, below: &str, kind: PolicyKind) -> Option<Placed> {
        let pointer = format!("/Resources/{}/Properties{below}", escaped(id));
        let path = self.templates.get(self.at).map_or("", |located| located.path.as_str());
        if !self.common.has(path) {
            return self.policy_at(id, below, pointer, kind);
        }
        if let Some((placed, doubts)) = self.common.known(path, &pointer, self.at) {
            self.doubts.extend(doubts);
            return placed;
        }
        let before = self.doubts.len();
        let placed = self.policy_at(id, below, pointer.clone(), kind);
        let doubts = self.doubts.get(before..).unwrap_or_default().to_vec();
        self.common.keep(path.to_owned(), pointer, placed.clone(), doubts);
        placed
    }

    fn policy_at(&mut self, id: &str, below: &str, pointer: String, kind: PolicyKind) -> Option<Placed> {
        let written = self.resource(id)?.1.get("Properties")?.pointer(below)?;
        let Some(members) = written.as_object().filter(|members| members.contains_key("Statement")) else {
            self.doubt(&pointer, "a policy that is not written out");
            let document = json!({ "Statement": everything(kind) });
            let policy = Policy::from_value(&document, kind).ok()?;
            let place = Place { template: self.at, pointer };
            return Some(Placed {
                policy,
                document: document.into(),
                place,
                statements: vec![String::new()],
            });
        };
        let (mut document, mut statements) = self.document(members, &pointer, kind, false);
        let mut read = Policy::from_value(&document, kind);
        if read.is_err() {
            (document, statements) = self.document(members, &pointer, kind, true);
            read = Policy::from_value(&document, kind);
        }
        match read {
            Ok(policy) => {
                for construct in policy.unsupported() {
                    self.doubt(&pointer, construct);
                }
                let place = Place { template: self.at, pointer };
                Some(Placed { policy, document: document.into(), place, statements })
            }
            Err(errors) => {
                let first = errors.first().map(ToString::to_string).unwrap_or_default();
                self.doubt(&pointer, format!("a policy that AWS would refuse: {first}"));
                None
            }
        }
    }

    /// A document with its references resolved, and where each statement is written. `each`: a statement that is not
    /// understood by itself is replaced, or left out.
    fn document(
        &mut self,
        members: &Map<String, Value>,
        pointer: &str,
        kind: PolicyKind,
        each: bool,
    ) -> (Value, Vec<String>) {
        let mut resolved = Vec::new();
        let mut places = Vec::new();
        let mut add = |resolver: &mut Self, written: &Value, below: &str| {
            resolver.statement(written, (pointer, below), kind, each, (&mut resolved, &mut places));
        };
        match members.get("Statement") {
            Some(Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    add(self, item, &format!("/Statement/{index}"));
                }
            }
            Some(one) => add(self, one, "/Statement"),
            None => {}
        }
        let mut document = Map::new();
        document.insert("Statement".to_owned(), Value::Array(resolved));
        if let Some(version) = members.get("Version") {
            document.insert("Version".to_owned(), version.clone());
        }
        (Value::Object(document), places)
    }

    fn statement(
        &mut self,
        written: &Value,
        (pointer, below): (&str, &str),
        kind: PolicyKind,
        each: bool,
        into: (&mut Vec<Value>, &mut Vec<String>),
    ) {
        if let Some([_, then, otherwise]) = written.get("Fn::If").and_then(Value::as_array).map(Vec::as_slice)
            && self.value(written).is_string()
        {
            self.doubt(&format!("{pointer}{below}"), "a statement under a condition that is not known");
            for (arm, step) in [(then, 1), (otherwise, 2)] {
                if arm.get("Effect").and_then(Value::as_str) != Some("Deny") {
                    let below = format!("{below}/Fn::If/{step}");
                    self.statement(arm, (pointer, &below), kind, each, (&mut *into.0, &mut *into.1));
                }
            }
            return;
        }
        let mut resolved = self.value(written);
        if resolved.is_null() {
            return;
        }
        self.account_principals(&mut resolved);
        let alone = |resolved: &Value| {
            Policy::from_value(&json!({ "Version": "2012-10-17", "Statement": [resolved] }), kind)
        };
        if each && let Err(errors) = alone(&resolved) {
            let first = errors.first().map(|error| error.message.clone()).unwrap_or_default();
            self.doubt(&format!("{pointer}{below}"), format!("a statement that is not understood: {first}"));
            if resolved.get("Effect").and_then(Value::as_str) == Some("Deny") {
                return;
            }
            resolved = everything(kind);
        }
        into.0.push(resolved);
        into.1.push(below.to_owned());
    }

    /// Writes an account that is not known as the ARN that a bare account id stands for.
    fn account_principals(&mut self, statement: &mut Value) {
        let account = self.account();
        let root = format!("arn:{}:iam::{account}:root", self.partition());
        for element in ["Principal", "NotPrincipal"] {
            let Some(named) = statement.get_mut(element).and_then(|element| element.get_mut("AWS")) else {
                continue;
            };
            let entries = match named {
                Value::Array(entries) => entries.as_mut_slice(),
                one @ (Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Object(_)) => std::slice::from_mut(one),
            };
            for entry in entries {
                if entry.as_str() == Some(&account) {
                    *entry = Value::String(root.clone());
                }
            }
        }
    }
}

/// A statement that allows whatever a statement of this kind can.
fn everything(kind: PolicyKind) -> Value {
    let mut statement = json!({ "Sid": "NotUnderstood", "Effect": "Allow", "Action": "*" });
    if let Some(members) = statement.as_object_mut() {
        if kind != PolicyKind::Trust {
            members.insert("Resource".to_owned(), json!("*"));
        }
        if kind.has_principal() {
            members.insert("Principal".to_owned(), json!("*"));
        }
    }
    statement
}
