//! Questions about a compiled workspace: its accounts as scenes, its lines as reasons.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::calls::{Level, calls};
use super::decide::{Inquirer, name_of};
use super::names::{Misnamed, Subject, caller, described, people, subjects};
use super::{Answer, CallAnswer, CallerAnswer, Verdict};
use crate::access::{Who, World, readable};
use crate::deployed::scene::Scene;
use crate::deployed::{Argument, Deployed, Located};
use crate::inventory::RoleForm;
use crate::run::Compiled;
use crate::source::{Origin, Sources};
use crate::stack::ParameterSource;
use crate::template::origin_at;

/// A compiled workspace, prepared for questions.
pub(crate) struct Workspace<'c> {
    /// What was compiled.
    pub(super) compiled: &'c Compiled,
    /// The blueprints.
    pub(super) sources: &'c Sources,
    /// The templates as documents, in the order of the compiled ones.
    pub(super) documents: Vec<Value>,
    /// A scene for each account.
    pub(super) scenes: BTreeMap<String, Scene>,
}

impl<'c> Workspace<'c> {
    /// Reads the templates as they are, not what they were made from.
    pub(crate) fn new(compiled: &'c Compiled, sources: &'c Sources) -> Workspace<'c> {
        let read = |text: &str| serde_json::from_str(text).unwrap_or_default();
        let documents: Vec<Value> = compiled.templates.iter().map(|it| read(&it.text)).collect();
        let of_stack = |stack: usize| compiled.templates.iter().position(|it| it.stack == stack);
        let mut templates = Vec::new();
        for (template, document) in compiled.templates.iter().zip(&documents) {
            let Some(stack) = compiled.stacks.stacks.get(template.stack) else { continue };
            let Some(home) = compiled.stacks.resources.home_of(stack.home) else { continue };
            let given = stack.parameters.iter().filter_map(|parameter| match &parameter.source {
                ParameterSource::Deployer => None,
                ParameterSource::Output(stack, name) => {
                    let output = Argument::Output(of_stack(*stack)?, name.as_str().to_owned());
                    Some((parameter.name.as_str().to_owned(), output))
                }
            });
            templates.push(Located {
                path: template.path.clone(),
                document,
                account: Some(home.account.clone()),
                region: Some(home.region.clone()),
                stack: Some(stack.name.clone()),
                parameters: given.collect(),
            });
        }
        let accounts: BTreeSet<String> = templates.iter().filter_map(|it| it.account.clone()).collect();
        let deployed = Deployed::read(&templates, &existing(compiled));
        let scenes = accounts.into_iter().map(|account| {
            let scene = Scene::of(&deployed, &account);
            (account, scene)
        });
        let scenes = scenes.collect();
        Workspace { compiled, sources, documents, scenes }
    }

    /// What stands at a JSON pointer of a template, in the blueprint.
    pub(super) fn origin(&self, template: usize, pointer: &str) -> Option<Origin> {
        let template = self.compiled.templates.get(template)?;
        let stack = self.compiled.stacks.stacks.get(template.stack)?;
        origin_at(&self.compiled.stacks, stack, pointer)
    }

    /// A place in the blueprint as `file:line:column`, and the line's text.
    pub(super) fn line(&self, origin: Origin) -> Option<(String, String)> {
        let (file, place) = self.sources.locate(origin.span)?;
        let source = self.sources.get(origin.span.source)?;
        let line = source.text().lines().nth(place.line.saturating_sub(1)).unwrap_or_default();
        Some((format!("{file}:{}:{}", place.line, place.column), line.trim().to_owned()))
    }
}

/// The roles that exist already, for their paths.
fn existing(compiled: &Compiled) -> Vec<String> {
    let mut arns = BTreeSet::new();
    for environment in compiled.inventory.applications.iter().flat_map(|it| &it.environments) {
        let region = environment.places.first().map_or("", |place| place.region.value.as_str());
        let partition = match region {
            _ if region.starts_with("cn-") => "aws-cn",
            _ if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        let arn = |name: &str| format!("arn:{partition}:iam::{}:role/{name}", environment.account.value);
        for form in environment.consumers.iter().flat_map(|it| &it.roles).map(|it| &it.form) {
            if let RoleForm::Existing { name } = form {
                arns.insert(arn(&name.value));
            }
        }
        let people = people(environment).into_iter().filter(|(_, person)| person.trust.is_none());
        arns.extend(people.map(|(_, person)| arn(&person.role.value)));
    }
    arns.into_iter().collect()
}

/// Who can do something to a subject, everywhere it exists.
pub(crate) fn who_can(
    workspace: &Workspace<'_>,
    level: &Level,
    subject: &str,
    environment: Option<&str>,
) -> Result<Vec<Answer>, Misnamed> {
    let subjects = subjects(workspace, subject, environment)?;
    Ok(subjects.iter().filter_map(|subject| answer(workspace, subject, level, &[], None)).collect())
}

/// Whether a principal can do something to a resource, everywhere both exist.
pub(crate) fn can(
    workspace: &Workspace<'_>,
    principal: &str,
    level: &Level,
    resource: &str,
    context: &[(String, String)],
    environment: Option<&str>,
) -> Result<Vec<Answer>, Misnamed> {
    let subjects = subjects(workspace, resource, environment)?;
    let mut answers = Vec::new();
    for subject in &subjects {
        let Some(scene) = workspace.scenes.get(&subject.account) else { continue };
        let everyone = Inquirer::new(scene, &[], &[]).everyone();
        if let Some(who) = caller(workspace, &subject.account, scene, &everyone, principal)? {
            answers.extend(answer(workspace, subject, level, context, Some(&who)));
        }
    }
    if answers.is_empty() {
        return Err(Misnamed {
            message: format!(
                "`{}` and `{}` are never in one account",
                principal.escape_debug(),
                resource.escape_debug()
            ),
            help: "a role of another account is asked for by its ARN".to_owned(),
        });
    }
    Ok(answers)
}

fn answer(
    workspace: &Workspace<'_>,
    subject: &Subject,
    level: &Level,
    context: &[(String, String)],
    only: Option<&Who>,
) -> Option<Answer> {
    let scene = workspace.scenes.get(&subject.account)?;
    let calls = calls(scene, &subject.resource, subject.thing, level);
    let environments: Vec<_> = workspace
        .compiled
        .inventory
        .applications
        .iter()
        .flat_map(|it| &it.environments)
        .filter(|it| it.account.value == subject.account)
        .collect();
    let organization = environments.iter().find_map(|it| it.organization.as_ref());
    let usual: Vec<(String, String)> =
        organization.map(|it| ("aws:PrincipalOrgID".to_owned(), it.value.clone())).into_iter().collect();
    let mut direct = Inquirer::new(scene, &calls, context).with_usual(&usual);
    let endpoint = scene.endpoint(&subject.resource);
    let policy = endpoint.map(|it| it.policy.clone());
    let world = policy.map(|policy| World { endpoint: vec![policy], ..scene.world.clone() });
    let mut through = match (&world, endpoint) {
        (Some(world), Some(endpoint)) => {
            Some(Inquirer::through(scene, world, endpoint, &calls, context).with_usual(&usual))
        }
        _ => None,
    };
    let everyone = match only {
        Some(who) => vec![who.clone()],
        None => direct.everyone(),
    };
    let mut callers = Vec::new();
    for who in &everyone {
        let own = if let Who::Role(at) = who { Some(*at) } else { None };
        let arn = own.and_then(|at| scene.world.roles.get(at)).map(|role| role.arn.clone());
        let role = arn.as_deref().and_then(|arn| arn.split(":role/").nth(1));
        let described = role.and_then(|role| described(&environments, role));
        let in_network = described.as_ref().is_some_and(|(_, in_network)| *in_network);
        let mut answers: Vec<CallAnswer> = Vec::new();
        for (at, call) in calls.iter().enumerate() {
            // The key is called by Secrets Manager; only the first call takes the caller's way.
            let answer = match &mut through {
                Some(through) if in_network && at == 0 => through.ask(who, call),
                _ => direct.ask(who, call),
            };
            answers.push(located(workspace, answer));
        }
        let verdict = verdict(&answers);
        let place = own.and_then(|at| scene.roles.get(at)).and_then(|actor| actor.place.as_ref());
        let origin = place.and_then(|it| workspace.origin(it.template, &it.pointer));
        callers.push(CallerAnswer {
            who: name_of(scene, who),
            arn: arn.map(|arn| readable(&arn)),
            is: described.map(|(text, _)| text),
            blueprint: origin.and_then(|it| workspace.line(it)).map(|(place, _)| place),
            verdict,
            calls: answers,
        });
    }
    callers.sort_by_key(|caller| caller.verdict);
    Some(Answer {
        subject: subject.name.clone(),
        arn: readable(&subject.resource.arn),
        environment: subject.environment.clone(),
        callers,
    })
}

/// Everything that is needed, together.
fn verdict(calls: &[CallAnswer]) -> Verdict {
    if calls.iter().any(|call| call.verdict == Verdict::No) {
        Verdict::No
    } else if calls.iter().any(|call| call.verdict == Verdict::Undecided) {
        Verdict::Undecided
    } else {
        Verdict::Yes
    }
}

fn located(workspace: &Workspace<'_>, mut answer: CallAnswer) -> CallAnswer {
    for ground in &mut answer.by {
        let Some(place) = &ground.stands else { continue };
        ground.template =
            workspace.compiled.templates.get(place.template).map(|template| template.path.clone());
        let line = workspace.origin(place.template, &place.pointer).and_then(|it| workspace.line(it));
        (ground.blueprint, ground.line) = line.unzip();
    }
    answer
}
