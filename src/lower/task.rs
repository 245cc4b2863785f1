//! Functions that run by the clock: what they look at comes with the event, so that their text is the same everywhere.

use serde_json::{Map, json};

use crate::cfn::resource::cloudwatch::Dashboard;
use crate::cfn::resource::events::{InputTransformer, Rule, Target};
use crate::cfn::resource::lambda::Permission;
use crate::cfn::value::words::{AnyArn, Text};
use crate::cfn::{
    ConditionOperator, Draft, HomeId, LogicalId, Node, Pseudo, Statement, Sub, ToTree, Tree, Value,
};
use crate::inventory::{Does, Looked, Secret, SecretValue, Task};

use super::function::{self, FunctionEngine, Inserts};
use super::grants::{Grants, User};
use super::program::{self, Program};
use super::site::{Site, World};
use super::statements::Sids;
use super::{arn, identity, undelivered};

/// The metrics of the function that watches.
pub(super) const ROTATION_METRICS: &str = "Keyprint/Rotation";

/// The metrics of the functions that log in.
pub(super) const HEALTH_METRICS: &str = "Keyprint/Health";

/// Seconds between two looks at the age of secrets. Metrics are paid for by the hour in which they come, and a day's
/// delay is found within the day.
pub(super) const WATCH_SECONDS: u32 = 6 * 3600;

/// Seconds between two log-ins.
pub(super) const CHECK_SECONDS: u32 = 3600;

/// Seconds that a function may take.
const TIMEOUT_SECONDS: u32 = 300;

/// Characters of one target's input (EventBridge quotas: 8,192), less what surrounds the secrets.
const INPUT_SIZE: usize = 7_500;

/// Targets of one rule (EventBridge quotas).
const TARGETS: usize = 5;

/// Makes the tasks of a site; only the primary secret rotates.
pub(super) fn lower(world: &mut World<'_>, site: &Site<'_>, grants: &Grants) {
    if !site.is_primary() {
        return;
    }
    for (row, task) in site.environment.tasks.iter().enumerate() {
        make(world, site, (row, task), grants);
    }
    dashboard(world, site);
}

fn make(world: &mut World<'_>, site: &Site<'_>, (row, task): (usize, &Task), grants: &Grants) {
    let home = world.stack_home(site, task.stack.as_ref());
    let user = User::Task(site.application_index, site.environment_index, row);
    let mut statements = identity::secrets(world, site, home, user, grants, &mut Sids::default());
    let (engine, description, role) = match task.does {
        Does::Watch => (FunctionEngine::Watch, "Watches the rotation of secrets of", "Rotation watch"),
        Does::CheckPostgreSql => (FunctionEngine::CheckPostgreSql, "Logs in to databases of", "Health check"),
        Does::CheckMySql => (FunctionEngine::CheckMySql, "Logs in to databases of", "Health check"),
    };
    if task.does == Does::Watch {
        // Metrics have no resource level; the namespace bounds them (service authorization reference: cloudwatch).
        statements.push(
            Statement::allow("PublishMetrics", ["cloudwatch:PutMetricData"], task.origin).on_all().when(
                ConditionOperator::StringEquals,
                "cloudwatch:namespace",
                [Value::from(ROTATION_METRICS)],
            ),
        );
    }
    let authorities = program::authorities(site, &task.authorities);
    let program = Program {
        stable_name: &task.stable_name,
        physical_name: &task.physical_name,
        description: format!("{description} {}", site.prefix()),
        role,
        source: function::source(engine, &Inserts { authorities: &authorities, hook: None }),
        variables: Vec::new(),
        timeout: TIMEOUT_SECONDS,
        databases: task.in_network().then_some(task.databases.as_slice()),
        origin: task.origin,
    };
    let made = program::make(world, site, home, program, statements);
    let function: Value<AnyArn> = made.function.arn().widen();
    for (position, inputs) in inputs(site, task).chunks(TARGETS).enumerate() {
        let name = if position == 0 { String::new() } else { format!("-{}", position.saturating_add(1)) };
        let rule = Scheduled { task, home, function: function.clone(), name: &name };
        rule.by_the_clock(world, site, inputs);
        if task.does != Does::Watch {
            rule.after_a_rotation(world, site, inputs);
        }
    }
}

/// The rules of a task for some of its secrets.
struct Scheduled<'a> {
    task: &'a Task,
    home: HomeId,
    function: Value<AnyArn>,
    name: &'a str,
}

impl Scheduled<'_> {
    fn by_the_clock(&self, world: &mut World<'_>, site: &Site<'_>, inputs: &[Input]) {
        let by = self.task.origin.derived("schedule");
        let hours = if self.task.does == Does::Watch { WATCH_SECONDS } else { CHECK_SECONDS } / 3600;
        let unit = if hours == 1 { "hour" } else { "hours" };
        let targets = inputs
            .iter()
            .map(|input| Target {
                input: Some(by.put(Value::from(json!(input.event(site, self.task)).to_string()))),
                ..Target::default()
            })
            .collect();
        let rule = Rule {
            description: Some(by.put(Value::from(format!("Runs {}", self.task.physical_name)))),
            schedule_expression: Some(by.put(Value::from(format!("rate({hours} {unit})")))),
            ..Rule::default()
        };
        self.rule(world, site, "", rule, targets);
    }

    /// The event that a label was moved needs no trail (Secrets Manager docs).
    fn after_a_rotation(&self, world: &mut World<'_>, site: &Site<'_>, inputs: &[Input]) {
        let by = self.task.origin.derived("event rule");
        let names: Vec<&String> = inputs.iter().flat_map(|input| input.0.keys()).collect();
        let targets = inputs
            .iter()
            .map(|input| {
                let mut event = input.event(site, self.task);
                event.insert("changed".to_owned(), json!("<changed>"));
                Target {
                    input_transformer: Some(by.put(InputTransformer {
                        input_paths_map: Some(by.put(map(vec![("changed", "$.detail.name".to_tree())]))),
                        input_template: Some(by.put(Value::from(json!(event).to_string()))),
                    })),
                    ..Target::default()
                }
            })
            .collect();
        let rule = Rule {
            description: Some(by.put(Value::from(format!(
                "Runs {} when a value has become current",
                self.task.physical_name
            )))),
            event_pattern: Some(by.put(became_current(names))),
            ..Rule::default()
        };
        self.rule(world, site, "-changed", rule, targets);
    }

    fn rule(&self, world: &mut World<'_>, site: &Site<'_>, suffix: &str, rule: Rule, targets: Vec<Target>) {
        let by = self.task.origin.derived("schedule");
        let stable_name = format!("{}{suffix}{}", self.task.stable_name, self.name);
        let letters = undelivered::letters(world, site, self.home);
        let targets = targets
            .into_iter()
            .enumerate()
            .map(|(position, target)| Target {
                id: Some(by.put(Value::from(format!("secrets-{}", position.saturating_add(1))))),
                arn: Some(by.put(self.function.clone())),
                dead_letter_config: Some(by.put(undelivered::config(&letters, by))),
                ..target
            })
            .collect();
        let made = world.resources.add(
            Draft::new(self.home, LogicalId::of(&stable_name, "Rule"), self.task.origin),
            &Rule {
                name: Some(by.put(Value::from(format!("{}-{stable_name}", site.prefix())))),
                state: Some(by.put(Value::from("ENABLED"))),
                targets: Some(by.put(targets)),
                tags: Some(by.put(site.tags(&[]))),
                ..rule
            },
        );
        undelivered::admit(world, self.home, made.arn());
        world.resources.add(
            Draft::new(self.home, LogicalId::of(&stable_name, "Permission"), by),
            &Permission {
                function_name: Some(by.put(match self.function.clone() {
                    Value::Literal(arn) => Value::from(arn.0),
                    Value::Expr(expr, _) => Value::expr(expr),
                })),
                action: Some(by.put(Value::from("lambda:InvokeFunction"))),
                principal: Some(by.put(Value::from("events.amazonaws.com"))),
                source_account: Some(by.put(arn::own_account())),
                source_arn: Some(by.put(made.arn().widen())),
            },
        );
    }
}

/// Labels of secrets move; AWSCURRENT is the one that readers follow.
pub(super) fn became_current(names: Vec<&String>) -> Tree {
    let names: Vec<String> = names.into_iter().cloned().collect();
    map(vec![
        ("source", vec!["aws.secretsmanager"].to_tree()),
        ("detail-type", vec!["Secret Label Updated"].to_tree()),
        ("detail", map(vec![("name", names.to_tree()), ("labelUpdated", vec!["AWSCURRENT"].to_tree())])),
    ])
}

fn map(members: Vec<(&'static str, Tree)>) -> Tree {
    Tree::Map(members.into_iter().map(|(name, tree)| (name.into(), Node { tree, origin: None })).collect())
}

/// What one target is told: secrets with how long they may stay, or how they are tried.
struct Input(Map<String, serde_json::Value>);

impl Input {
    fn event(&self, site: &Site<'_>, task: &Task) -> Map<String, serde_json::Value> {
        let mut event = Map::new();
        event.insert("secrets".to_owned(), serde_json::Value::Object(self.0.clone()));
        event.insert("stack".to_owned(), json!(metric_stack(site, task)));
        event
    }
}

/// The stack of a task, as its metrics name it.
pub(super) fn metric_stack(site: &Site<'_>, task: &Task) -> String {
    match &task.stack {
        Some(stack) => format!("{}-{}", site.prefix(), stack.value),
        None => site.prefix(),
    }
}

fn inputs(site: &Site<'_>, task: &Task) -> Vec<Input> {
    let mut inputs = vec![Input(Map::new())];
    let mut size = 0_usize;
    for looked in &task.secrets {
        let Some(name) = name_of(site, *looked) else { continue };
        let value = match (task.does, looked.writes) {
            (Does::Watch, _) => json!(looked.hours),
            (Does::CheckPostgreSql | Does::CheckMySql, true) => json!("read-and-write"),
            (Does::CheckPostgreSql | Does::CheckMySql, false) => json!("read"),
        };
        let own = name.len().saturating_add(value.to_string().len()).saturating_add(4);
        size = size.saturating_add(own);
        if size > INPUT_SIZE {
            inputs.push(Input(Map::new()));
            size = own;
        }
        if let Some(input) = inputs.last_mut() {
            input.0.insert(name, value);
        }
    }
    inputs
}

/// A secret as its API takes it: its name, or the ARN of one that a service owns.
fn name_of(site: &Site<'_>, looked: Looked) -> Option<String> {
    let secret: &Secret = site.environment.secrets.get(looked.secret)?;
    Some(match &secret.value {
        SecretValue::OwnedByService { arn, .. } => arn.value.clone(),
        SecretValue::Generated { .. } | SecretValue::PutLater { .. } => secret.physical_name.value.clone(),
    })
}

/// Secrets in one widget, which stays readable with them.
const SECRETS_PER_WIDGET: usize = 50;

/// One page about the rotation of a site's secrets.
fn dashboard(world: &mut World<'_>, site: &Site<'_>) {
    let watches: Vec<&Task> = site.environment.tasks.iter().filter(|task| task.does == Does::Watch).collect();
    let Some(first) = watches.first() else { return };
    let home = world.stack_home(site, None);
    let by = first.origin.derived("dashboard");
    let names: Vec<String> = watches
        .iter()
        .flat_map(|task| task.secrets.iter().filter_map(|looked| name_of(site, *looked)))
        .collect();
    let mut widgets = Widgets { sub: Sub::new().text("{\"widgets\":["), row: 0 };
    let stacks: Vec<_> = watches.iter().map(|task| metric_stack(site, task)).collect();
    widgets.add("Late secrets", "LateSecrets", "Stack", &stacks, "singleValue");
    for names in names.chunks(SECRETS_PER_WIDGET) {
        widgets.add("Days since rotation", "DaysSinceRotation", "Secret", names, "timeSeries");
        widgets.add("Days until rotation", "DaysUntilRotation", "Secret", names, "singleValue");
        widgets.add("Last rotation succeeded", "LastRotationSucceeded", "Secret", names, "singleValue");
    }
    world.resources.add(
        Draft::new(home, LogicalId::of("rotation", "Dashboard"), by),
        &Dashboard {
            dashboard_name: Some(by.put(Value::from(format!("{}-rotation", site.prefix())))),
            dashboard_body: Some(by.put(widgets.sub.text("]}").build::<Text>())),
        },
    );
}

struct Widgets {
    sub: Sub,
    row: u32,
}

impl Widgets {
    fn add(&mut self, title: &str, metric: &str, dimension: &str, names: &[String], view: &str) {
        let rows: Vec<_> =
            names.iter().map(|name| json!([ROTATION_METRICS, metric, dimension, name])).collect();
        let (rows, title, view) = (json!(rows), json!(title), json!(view));
        let between = if self.row == 0 { "" } else { "," };
        // The Region is known at deployment and must be there (CloudWatch docs: dashboard body).
        let head = format!(
            "{between}{{\"type\":\"metric\",\"x\":0,\"y\":{},\"width\":24,\"height\":6,\"properties\":{{\"region\":\"",
            self.row
        );
        let tail = format!(
            "\",\"title\":{title},\"view\":{view},\"stat\":\"Maximum\",\"period\":{WATCH_SECONDS},\"metrics\":{rows}}}}}"
        );
        self.sub = std::mem::take(&mut self.sub).text(head).pseudo(Pseudo::Region).text(tail);
        self.row = self.row.saturating_add(6);
    }
}
