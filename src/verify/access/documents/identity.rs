//! Policy documents where they are written, and the roles that they are attached to.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::collect::escaped;
use super::intrinsics::Resolver;
use super::{DeployedRole, Place, Placed, account_of};
use crate::access::{Policy, PolicyKind};

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
        let Some(value) = resolver.property(id, property).cloned() else { continue };
        let arns = match resolver.value(&value) {
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
    let Some(value) = resolver.property(id, property).cloned() else { return };
    let names = match resolver.value(&value) {
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
        for arn in existing {
            if !roles.iter().any(|role| role.arn == *arn) {
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
        for (partition, account, name, placed) in self.given {
            let is = |arn: &str| account_of(arn) == Some(&account) && arn.rsplit('/').next() == Some(&name);
            match roles.iter_mut().find(|role| is(&role.arn)) {
                Some(role) => role.identity.push(placed),
                None => {
                    // Names are unique in an account, whatever the path; without knowing better it has none.
                    let arn = format!("arn:{partition}:iam::{account}:role/{name}");
                    let mut role = exists(arn, placed.place.clone());
                    role.identity.push(placed);
                    roles.push(role);
                }
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
        let written = self.resource(id)?.1.get("Properties")?.pointer(below)?.clone();
        let Some(members) = written.as_object().filter(|members| members.contains_key("Statement")) else {
            self.doubt(&pointer, "a policy that is not written out");
            let document = json!({ "Statement": everything(kind) });
            let policy = Policy::from_value(&document, kind).ok()?;
            let place = Place { template: self.at, pointer };
            return Some(Placed { policy, document, place, statements: vec![String::new()] });
        };
        let mut statements = Vec::new();
        let mut places = Vec::new();
        match members.get("Statement") {
            Some(Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    let below = format!("/Statement/{index}");
                    self.statement(item, &pointer, &below, kind, (&mut statements, &mut places));
                }
            }
            Some(one) => self.statement(one, &pointer, "/Statement", kind, (&mut statements, &mut places)),
            None => {}
        }
        let version = members.get("Version").cloned();
        let mut document = json!({ "Statement": statements });
        if let (Some(version), Some(members)) = (version, document.as_object_mut()) {
            members.insert("Version".to_owned(), version);
        }
        match Policy::from_value(&document, kind) {
            Ok(policy) => {
                for construct in policy.unsupported() {
                    self.doubt(&pointer, construct);
                }
                let place = Place { template: self.at, pointer };
                Some(Placed { policy, document, place, statements: places })
            }
            Err(errors) => {
                let first = errors.first().map(ToString::to_string).unwrap_or_default();
                self.doubt(&pointer, format!("a policy that AWS would refuse: {first}"));
                None
            }
        }
    }

    fn statement(
        &mut self,
        written: &Value,
        pointer: &str,
        below: &str,
        kind: PolicyKind,
        into: (&mut Vec<Value>, &mut Vec<String>),
    ) {
        if let Some([_, then, otherwise]) = written.get("Fn::If").and_then(Value::as_array).map(Vec::as_slice)
            && self.value(written).is_string()
        {
            self.doubt(&format!("{pointer}{below}"), "a statement under a condition that is not known");
            for (arm, step) in [(then, 1), (otherwise, 2)] {
                if arm.get("Effect").and_then(Value::as_str) != Some("Deny") {
                    let below = format!("{below}/Fn::If/{step}");
                    self.statement(arm, pointer, &below, kind, (&mut *into.0, &mut *into.1));
                }
            }
            return;
        }
        let mut resolved = self.value(written);
        if resolved.is_null() {
            return;
        }
        self.account_principals(&mut resolved);
        let alone = json!({ "Version": "2012-10-17", "Statement": [resolved] });
        if let Err(errors) = Policy::from_value(&alone, kind) {
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
