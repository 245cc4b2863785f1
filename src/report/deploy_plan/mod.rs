//! How stacks are deployed with the AWS CLI: commands in order, as a shell script or as JSON, for each stack by itself
//! or for StackSets.

mod command;
mod json;
mod shell;
mod stack_sets;
mod stacks;

use serde_json::Value;

use crate::aws::Region;
use crate::template::{Deployment, Planned, PlannedParameter, ValueSource};
use crate::verify::stack_sets::Fleet;
use command::Command;

/// Where templates lie in a bucket, each under its digest, so that none is ever overwritten by another.
const PREFIX: &str = "keyprint";

/// What is to be planned.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    /// Where the templates are when the plan is carried out.
    pub(crate) directory: &'a str,
    /// The bucket for templates that are too long for a request; `{account}` and `{region}` stand for the stack's.
    pub(crate) bucket: Option<&'a str>,
    /// Whether and how StackSets deploy.
    pub(crate) fleet: Option<&'a Fleet>,
}

/// The form of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A shell script.
    Shell,
    /// One JSON object.
    Json,
}

/// A template that is too long for a request, and no bucket is known to hold it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoBucket {
    /// The template.
    pub(crate) template: String,
}

/// Everything that is done, in order.
struct Plan<'a> {
    variables: Vec<Variable<'a>>,
    steps: Vec<Step<'a>>,
}

/// A value that who deploys knows.
struct Variable<'a> {
    name: String,
    description: &'a str,
}

/// What is done for one stack or StackSet.
struct Step<'a> {
    stack: &'a Planned,
    title: String,
    facts: Value,
    lines: Vec<Line>,
}

/// A line of a step; a script also decides and waits, where JSON has commands.
enum Line {
    Both(Command),
    Shell(String),
    Json(Command),
}

/// Writes the plan of a deployment.
///
/// # Errors
/// A template that needs a bucket where none is given.
pub(crate) fn deploy_plan(
    deployment: &Deployment,
    stacks: &[&Planned],
    request: &Request<'_>,
    form: Form,
) -> Result<String, NoBucket> {
    if let Some(stack) = stacks.iter().find(|stack| stack.upload_needed && request.bucket.is_none()) {
        return Err(NoBucket { template: stack.template.clone() });
    }
    let steps = match request.fleet {
        Some(fleet) => stack_sets::steps(stacks, request, fleet),
        None => stacks::steps(deployment, stacks, request),
    };
    let plan = Plan { variables: variables(stacks), steps };
    Ok(match form {
        Form::Shell => shell::script(&plan, request),
        Form::Json => json::document(&plan, request),
    })
}

/// What who deploys is asked for.
fn variables<'a>(stacks: &[&'a Planned]) -> Vec<Variable<'a>> {
    let asked = stacks.iter().flat_map(|stack| {
        let asked = stack.parameters.iter().filter(|it| matches!(it.from, ValueSource::Deployer(_)));
        asked.map(|parameter| (*stack, parameter))
    });
    asked
        .map(|(stack, parameter)| Variable {
            name: variable(stack, parameter),
            description: &parameter.description,
        })
        .collect()
}

/// The shell variable that holds a parameter's value.
fn variable(stack: &Planned, parameter: &PlannedParameter) -> String {
    format!("{}_{}_{}", stack.name, stack.region, parameter.name).replace('-', "_")
}

/// The template as an option of a command, with the command that uploads it first where it is too long.
fn body(
    stack: &Planned,
    bucket: Option<&str>,
    account: &str,
    region: &str,
) -> (Option<Command>, [String; 2]) {
    let Some(bucket) = bucket.filter(|_| stack.upload_needed) else {
        return (None, ["--template-body".to_owned(), format!("file://{}", stack.template)]);
    };
    let bucket = bucket.replace("{account}", account).replace("{region}", region);
    let key = format!("{PREFIX}/{}.template.json", stack.sha256);
    let partition =
        Region::all().find(|known| known.as_str() == region).map(|known| known.partition().as_str());
    let suffix = match partition {
        Some("aws-cn") => "amazonaws.com.cn",
        Some("aws-eusc") => "amazonaws.eu",
        _ => "amazonaws.com",
    };
    let upload = Command { does: "upload the template", words: Vec::new() }
        .words(["aws", "s3api", "put-object", "--region", region, "--bucket", &bucket, "--key", &key])
        .words(["--body", &stack.template]);
    (Some(upload), ["--template-url".to_owned(), format!("https://s3.{region}.{suffix}/{bucket}/{key}")])
}
