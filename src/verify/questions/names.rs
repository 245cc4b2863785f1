//! Words of a question as things: subjects and principals by the names of the blueprint, by name in AWS, or by ARN.

use serde_json::Value;

use super::blueprint::Workspace;
use crate::access::{Resource, Who};
use crate::deployed::scene::{Scene, ThingKind};
use crate::diagnostic::closest;
use crate::inventory::{Application, Consumer, Environment, Person, RoleForm, SecretValue};

use super::decide::logical_id;

/// A word that names nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misnamed {
    /// What is wrong.
    pub(crate) message: String,
    /// What may be meant.
    pub(crate) help: String,
}

/// Something that is asked about, in one account.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    /// As the blueprint calls it.
    pub(super) name: String,
    /// Application, environment and Region.
    pub(super) environment: Option<String>,
    /// The account whose scene answers.
    pub(super) account: String,
    /// The resource.
    pub(super) resource: Resource,
    /// Its position among the scene's things.
    pub(super) thing: Option<usize>,
}

/// The subjects of a word: one for each environment and Region.
pub(super) fn subjects(
    workspace: &Workspace<'_>,
    word: &str,
    environment: Option<&str>,
) -> Result<Vec<Subject>, Misnamed> {
    let environments = environments(workspace, environment)?;
    if word.starts_with("arn:") || word == "*" {
        return Ok(by_arn(workspace, word, &environments));
    }
    let (application, rest) = match word.split_once('/') {
        Some((application, rest)) => (Some(application), rest),
        None => (None, word),
    };
    let mut found = Vec::new();
    let mut known: Vec<String> = Vec::new();
    for (owner, environment) in &environments {
        let is_it = |kind: &str, name: &str| {
            application.is_none_or(|it| it == owner.name.value) && rest == format!("{kind}.{name}")
        };
        for secret in environment.secrets.rows() {
            known.push(format!("secrets.{}", secret.name.value));
            if is_it("secrets", &secret.name.value) {
                found.extend(of_secret(workspace, owner, environment, secret));
            }
        }
        for key in environment.keys.rows() {
            known.push(format!("keys.{}", key.name.value));
            if is_it("keys", &key.name.value) {
                found.extend(of_key(workspace, owner, environment, &key.name.value, &key.alias.value));
            }
        }
    }
    if found.is_empty() {
        known.sort();
        known.dedup();
        let message = format!("no secret or key is called `{}`", word.escape_debug());
        return Err(misnamed(message, rest, &known, "names have the form `secrets.NAME` or `keys.NAME`"));
    }
    Ok(found)
}

fn misnamed(message: String, word: &str, known: &[String], form: &str) -> Misnamed {
    let help = match closest(word, known.iter().map(String::as_str)) {
        Some(near) => format!("a similar name is `{near}`"),
        None if known.is_empty() => form.to_owned(),
        None => {
            let some: Vec<String> = known.iter().take(12).map(|name| format!("`{name}`")).collect();
            format!("known are {}", some.join(", "))
        }
    };
    Misnamed { message, help }
}

type Placed<'w> = (&'w Application, &'w Environment);

fn environments<'w>(workspace: &Workspace<'w>, name: Option<&str>) -> Result<Vec<Placed<'w>>, Misnamed> {
    let all: Vec<Placed<'w>> = workspace
        .compiled
        .inventory
        .applications
        .iter()
        .flat_map(|owner| owner.environments.iter().map(move |environment| (owner, environment)))
        .collect();
    let Some(name) = name else { return Ok(all) };
    let found: Vec<Placed<'w>> =
        all.iter().filter(|(_, environment)| environment.name.value == name).copied().collect();
    if found.is_empty() {
        let mut known: Vec<String> = all.iter().map(|(_, it)| it.name.value.clone()).collect();
        known.sort();
        known.dedup();
        let message = format!("no environment is called `{}`", name.escape_debug());
        return Err(misnamed(message, name, &known, "the blueprints have no environments"));
    }
    Ok(found)
}

fn by_arn(workspace: &Workspace<'_>, arn: &str, environments: &[Placed<'_>]) -> Vec<Subject> {
    let mut found = Vec::new();
    for (account, scene) in &workspace.scenes {
        for (at, resource) in scene.world.resources.iter().enumerate() {
            if is_arn_of(&resource.arn, arn) {
                found.push(Subject {
                    name: arn.to_owned(),
                    environment: None,
                    account: account.clone(),
                    resource: resource.clone(),
                    thing: Some(at),
                });
            }
        }
    }
    if found.is_empty() {
        let owner = arn.split(':').nth(4).filter(|it| workspace.scenes.contains_key(*it));
        let first = environments.first().map(|(_, environment)| environment.account.value.as_str());
        if let Some(account) = owner.or(first) {
            found.push(Subject {
                name: arn.to_owned(),
                environment: None,
                account: account.to_owned(),
                resource: Resource { arn: arn.to_owned(), policy: None },
                thing: None,
            });
        }
    }
    found
}

/// Whether a written ARN means a resource whose ARN ends in characters that AWS chooses.
fn is_arn_of(own: &str, written: &str) -> bool {
    let shown = crate::access::readable(own);
    let fits = |a: &str, b: &str| {
        a.chars().count() == b.chars().count() && a.chars().zip(b.chars()).all(|(a, b)| a == b || a == '?')
    };
    fits(&shown, written) || shown.strip_suffix("-??????").is_some_and(|bare| bare == written)
}

fn of_secret(
    workspace: &Workspace<'_>,
    owner: &Application,
    environment: &Environment,
    secret: &crate::inventory::Secret,
) -> Vec<Subject> {
    let Some(scene) = workspace.scenes.get(&environment.account.value) else { return Vec::new() };
    let name = format!("secrets.{}", secret.name.value);
    if let SecretValue::OwnedByService { arn, .. } = &secret.value {
        return vec![Subject {
            name,
            environment: Some(format!("{}, {}", owner.name.value, environment.name.value)),
            account: environment.account.value.clone(),
            resource: Resource { arn: arn.value.clone(), policy: None },
            thing: None,
        }];
    }
    let middle = format!(":secret:{}-", secret.physical_name.value);
    let is_it = |arn: &str| arn.split_once(&middle).is_some_and(|(_, rest)| rest.chars().count() == 6);
    of_things(scene, owner, environment, ThingKind::Secret, &name, is_it)
}

fn of_key(
    workspace: &Workspace<'_>,
    owner: &Application,
    environment: &Environment,
    key: &str,
    alias: &str,
) -> Vec<Subject> {
    let Some(scene) = workspace.scenes.get(&environment.account.value) else { return Vec::new() };
    // The id of a key is not known, so the alias beside it in its template tells which it is.
    let mut places = Vec::new();
    for (at, document) in workspace.documents.iter().enumerate() {
        let resources = document.get("Resources").and_then(Value::as_object);
        for resource in resources.into_iter().flat_map(serde_json::Map::values) {
            let property = |name: &str| resource.pointer(&format!("/Properties/{name}"));
            if property("AliasName").and_then(Value::as_str) == Some(alias) {
                let target = property("TargetKeyId");
                let id = target.and_then(|it| it.get("Ref").or_else(|| it.pointer("/Fn::GetAtt/0")));
                places.extend(id.and_then(Value::as_str).map(|id| (at, id.to_owned())));
            }
        }
    }
    let name = format!("keys.{key}");
    let mut found = of_things(scene, owner, environment, ThingKind::Key, &name, |_| true);
    found.retain(|subject| {
        let place = subject.thing.and_then(|at| scene.things.get(at)).map(|thing| &thing.place);
        place.is_some_and(|place| {
            places.iter().any(|(at, id)| *at == place.template && logical_id(place) == Some(id))
        })
    });
    found
}

fn of_things(
    scene: &Scene,
    owner: &Application,
    environment: &Environment,
    kind: ThingKind,
    name: &str,
    is_it: impl Fn(&str) -> bool,
) -> Vec<Subject> {
    let things = scene.things.iter().zip(&scene.world.resources).enumerate();
    things
        .filter(|(_, (thing, resource))| thing.kind == kind && is_it(&resource.arn))
        .map(|(at, (_, resource))| {
            let region = resource.arn.split(':').nth(3).unwrap_or_default();
            Subject {
                name: name.to_owned(),
                environment: Some(format!("{}, {}, {region}", owner.name.value, environment.name.value)),
                account: environment.account.value.clone(),
                resource: resource.clone(),
                thing: Some(at),
            }
        })
        .collect()
}

/// The caller that a word means in the scene of an account; `None` if it is at home in other accounts alone.
pub(super) fn caller(
    workspace: &Workspace<'_>,
    account: &str,
    scene: &Scene,
    everyone: &[Who],
    word: &str,
) -> Result<Option<Who>, Misnamed> {
    let by_name = |name: &str| {
        let is_it = |arn: &str| {
            arn.split_once(":role/")
                .is_some_and(|(_, path)| path == name || path.rsplit('/').next() == Some(name))
        };
        scene.world.roles.iter().position(|role| role.arn == name || is_it(&role.arn)).map(Who::Role)
    };
    let elsewhere = |owner: &str| {
        let named = Who::Account(owner.to_owned());
        if everyone.contains(&named) { named } else { Who::OtherAccount }
    };
    if let Some(who) = by_name(word) {
        return Ok(Some(who));
    }
    if word == "*" || word.eq_ignore_ascii_case("anonymous") {
        return Ok(Some(Who::Anonymous));
    }
    if word.contains(".amazonaws.com") {
        let named = Who::Service(word.to_ascii_lowercase());
        return Ok(Some(if everyone.contains(&named) { named } else { Who::OtherService }));
    }
    let owner = if word.starts_with("arn:") { word.split(':').nth(4) } else { None };
    let owner =
        owner.or_else(|| (word.len() == 12 && word.bytes().all(|it| it.is_ascii_digit())).then_some(word));
    if let Some(owner) = owner {
        return Ok(Some(if owner == account { Who::OtherInAccount } else { elsewhere(owner) }));
    }
    let mut known: Vec<String> = Vec::new();
    let mut is_known = false;
    for (_, environment) in environments(workspace, None)? {
        for consumer in &environment.consumers {
            known.push(consumer.name.value.clone());
            if !matches(word, "consumers", &consumer.name.value) {
                continue;
            }
            is_known = true;
            if environment.account.value != account {
                continue;
            }
            match role_name(consumer) {
                Some(Home::Here(name)) => {
                    if let Some(who) = by_name(&name) {
                        return Ok(Some(who));
                    }
                }
                Some(Home::There(owner)) => return Ok(Some(elsewhere(&owner))),
                None => {}
            }
        }
        for (tier, person) in people(environment) {
            known.push(format!("people.{tier}"));
            if matches(word, "people", tier) {
                is_known = true;
                if environment.account.value == account
                    && let Some(who) = by_name(&person.role.value)
                {
                    return Ok(Some(who));
                }
            }
        }
    }
    if is_known {
        return Ok(None);
    }
    known.extend(workspace.scenes.values().flat_map(|scene| {
        scene.world.roles.iter().filter_map(|role| role.arn.split(":role/").nth(1)).map(str::to_owned)
    }));
    known.sort();
    known.dedup();
    let message = format!("no principal is called `{}`", word.escape_debug());
    let form =
        "a principal is a consumer, `people.TIER`, a role, an ARN, an account, a service or `anonymous`";
    Err(misnamed(message, word, &known, form))
}

fn matches(word: &str, kind: &str, name: &str) -> bool {
    word == name || word.strip_prefix(kind).and_then(|rest| rest.strip_prefix('.')) == Some(name)
}

enum Home {
    Here(String),
    There(String),
}

fn role_name(consumer: &Consumer) -> Option<Home> {
    consumer.roles.first().map(|role| match &role.form {
        RoleForm::Created { name, .. } => Home::Here(name.clone()),
        RoleForm::Existing { name } => Home::Here(name.value.clone()),
        RoleForm::Foreign(foreign) => Home::There(foreign.account.value.clone()),
    })
}

/// The people of an environment with the words of their tiers.
pub(super) fn people(environment: &Environment) -> Vec<(&'static str, &Person)> {
    let people = &environment.people;
    let tiers = [
        ("administrators", &people.administrators),
        ("auditors", &people.auditors),
        ("break-glass", &people.break_glass),
    ];
    tiers.into_iter().filter_map(|(tier, person)| Some((tier, person.as_ref()?))).collect()
}

/// What the blueprint says a role is, by its name: the consumer or tier, and whether it lives in the network.
pub(super) fn described(environments: &[&Environment], role: &str) -> Option<(String, bool)> {
    let name = role.rsplit('/').next().unwrap_or(role);
    let same = |known: &str| known == role || known.rsplit('/').next() == Some(name);
    for environment in environments {
        for consumer in &environment.consumers {
            for (at, spec) in consumer.roles.iter().enumerate() {
                let is_it = match &spec.form {
                    RoleForm::Created { name, .. } => same(name),
                    RoleForm::Existing { name } => same(&name.value),
                    RoleForm::Foreign(_) => false,
                };
                if is_it {
                    let suffix = if spec.suffix.is_empty() { "" } else { ", before its code runs" };
                    let kind = consumer.kind;
                    let text = format!("{kind} `{}`{suffix}", consumer.name.value);
                    return Some((text, consumer.in_network && at == 0));
                }
            }
        }
        for (tier, person) in people(environment) {
            if same(&person.role.value) {
                return Some((format!("people, {tier}"), false));
            }
        }
        if environment.deployer.as_ref().is_some_and(|it| same(&it.value)) {
            return Some(("the deployer".to_owned(), false));
        }
    }
    None
}
