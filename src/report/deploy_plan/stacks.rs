//! Each stack by itself: a change set, carried out with the credentials of the stack's account.

use serde_json::{Value, json};

use super::command::{Command, Piece, value};
use super::{Line, Request, Step, body, variable};
use crate::template::{Deployment, Planned, PlannedParameter, ValueSource};

/// Plans the stacks that are asked for.
pub(super) fn steps<'a>(
    deployment: &Deployment,
    stacks: &[&'a Planned],
    request: &Request<'_>,
) -> Vec<Step<'a>> {
    stacks.iter().map(|stack| step(deployment, stack, request)).collect()
}

fn step<'a>(deployment: &Deployment, stack: &'a Planned, request: &Request<'_>) -> Step<'a> {
    let Planned { name, account, region, .. } = stack;
    let on_stack = |does, operation: &[&str]| {
        let command = Command { does, words: Vec::new() };
        command.words(["aws", "cloudformation"]).words(operation.iter().copied()).words([
            "--region",
            region,
            "--stack-name",
            name,
        ])
    };
    let on_change_set =
        |does, operation: &[&str]| on_stack(does, operation).option("--change-set-name", value("change_set"));
    let (upload, template) = body(stack, request.bucket, account, region);
    let mut lines = vec![Line::Shell(format!("account {account} {region}"))];
    let outputs: Vec<Source<'_>> =
        stack.parameters.iter().filter_map(|it| source(deployment, stack, it)).collect();
    lines.extend(outputs.iter().map(|it| Line::Shell(it.shell(account))));
    lines.push(Line::Shell(format!("prepare {name} {region}")));
    lines.extend(upload.map(Line::Both));
    let mut create = on_change_set("make a change set", &["create-change-set"])
        .option("--change-set-type", value("change_set_type"))
        .words(template.iter().map(String::as_str));
    if !stack.capabilities.is_empty() {
        create = create.words(["--capabilities"]).words(stack.capabilities.iter().map(String::as_str));
    }
    lines.push(Line::Both(with_parameters(create, stack)));
    lines.push(Line::Json(on_change_set("wait for it", &["wait", "change-set-create-complete"])));
    lines.push(Line::Json(on_change_set("carry it out", &["execute-change-set"])));
    let mut wait = on_stack("wait for the stack", &["wait"]);
    wait.words.insert(3, value("waiter"));
    lines.push(Line::Json(wait));
    lines.push(Line::Shell(format!("execute {name} {region}")));
    if stack.retains() {
        let protect = on_stack("guard it against deletion by mistake", &["update-termination-protection"]);
        lines.push(Line::Both(protect.words(["--enable-termination-protection"])));
    }
    let outputs: Vec<Value> = outputs.iter().map(Source::json).collect();
    Step {
        stack,
        title: format!("{name} in {account}, {region}"),
        facts: json!({ "stack": name, "account": account, "region": region, "after": stack.after, "outputs": outputs }),
        lines,
    }
}

/// The stack's parameters as the last option of a command.
pub(super) fn with_parameters(mut command: Command, stack: &Planned) -> Command {
    if stack.parameters.is_empty() {
        return command;
    }
    command = command.words(["--parameters"]);
    command.words.extend(stack.parameters.iter().map(|parameter| {
        let name = Piece::Text(format!("ParameterKey={},ParameterValue=", parameter.name));
        vec![name, Piece::Shorthand(variable(stack, parameter))]
    }));
    command
}

/// A value that another stack shows.
struct Source<'a> {
    variable: String,
    owner: &'a Planned,
    output: &'a str,
}

fn source<'a>(
    deployment: &'a Deployment,
    stack: &Planned,
    parameter: &'a PlannedParameter,
) -> Option<Source<'a>> {
    let ValueSource::Output { template, output } = &parameter.from else { return None };
    let owner = deployment.stacks.iter().find(|owner| owner.template == *template)?;
    Some(Source { variable: variable(stack, parameter), owner, output })
}

impl Source<'_> {
    /// Reads the value, with the credentials of the account that has it.
    fn shell(&self, account: &str) -> String {
        let Self { variable, owner, output } = self;
        let read = format!("output {} {} {output}", owner.name, owner.region);
        if owner.account == account {
            format!("{variable}=$({read})")
        } else {
            format!("{variable}=$(account {} {} && {read})", owner.account, owner.region)
        }
    }

    fn json(&self) -> Value {
        let query = format!("Stacks[0].Outputs[?OutputKey=='{}'].OutputValue | [0]", self.output);
        let read = Command::cloudformation("read the value", "describe-stacks", &self.owner.region).words([
            "--stack-name",
            &self.owner.name,
            "--query",
            &query,
            "--output",
            "text",
        ]);
        json!({ "value": self.variable, "account": self.owner.account, "command": read.json() })
    }
}
