//! What roles are meant to do beside secrets and keys: the work of their compute, logins, logs, access keys of users.

use serde_json::{Value, json};

use super::named::{partition, role, role_of};
use crate::inventory::{Changes, Does, Environment, FunctionSpec, Inventory, Task};

/// What Lambda needs to put a function into a VPC (Lambda guide, *VPC access*).
const INTERFACES: [&str; 6] = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
];

/// The namespace of metrics that tell how old secrets are.
const ROTATION_METRICS: &str = "Keyprint/Rotation";

/// The rotation of another user's access key (service authorization reference: `iam`).
const ACCESS_KEYS: [&str; 4] =
    ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:GetAccessKeyLastUsed", "iam:ListAccessKeys"];

/// Statements, each with the ARN of its role.
pub(super) fn intended(inventory: &Inventory) -> Vec<(String, Value)> {
    let mut statements = Vec::new();
    for environment in inventory.applications.iter().flat_map(|of| &of.environments) {
        consumers(environment, &mut statements);
        for function in environment.functions.rows() {
            let arn = role(environment, &environment.account.value, &function.physical_name);
            statements.extend(of_function(environment, function).into_iter().map(|it| (arn.clone(), it)));
            if environment.rollback.value && function.can_roll_back() {
                let runbook = role(environment, &environment.account.value, &function.rollback_name());
                let invoked = local(environment, "lambda", &format!("function:{}", function.physical_name));
                let invoke =
                    json!({ "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": invoked });
                statements.push((runbook, invoke));
            }
        }
        for task in &environment.tasks {
            let arn = role(environment, &environment.account.value, &task.physical_name);
            statements.extend(of_task(environment, task).into_iter().map(|it| (arn.clone(), it)));
        }
    }
    statements
}

fn consumers(environment: &Environment, statements: &mut Vec<(String, Value)>) {
    for consumer in &environment.consumers {
        for (index, spec) in consumer.roles.iter().enumerate() {
            let (account, name, _) = role_of(environment, &spec.form);
            let arn = role(environment, account, name);
            let mut add = |statement| statements.push((arn.clone(), statement));
            for arrangement in &spec.arrangements {
                let resources: Vec<String> = match arrangement.resources.as_slice() {
                    [] => vec!["*".to_owned()],
                    resources => {
                        resources.iter().map(|(service, rest)| local(environment, service, rest)).collect()
                    }
                };
                add(json!({ "Effect": "Allow", "Action": arrangement.actions, "Resource": resources }));
                if let Some((service, rest)) = &arrangement.withheld_from {
                    add(withheld(&arrangement.actions, local(environment, service, rest)));
                }
            }
            if index == 0 && !consumer.logins.is_empty() {
                let users = consumer.logins.iter().map(|login| {
                    let rest = format!("dbuser:{}/{}", login.resource_id.value, login.user.value);
                    local(environment, "rds-db", &rest)
                });
                let users: Vec<String> = users.collect();
                add(json!({ "Effect": "Allow", "Action": "rds-db:connect", "Resource": users }));
            }
        }
    }
}

fn of_function(environment: &Environment, function: &FunctionSpec) -> Vec<Value> {
    let mut statements = running(environment, &function.physical_name, function.in_network);
    let users = |arn: &dyn Fn(&str) -> String| -> Vec<String> {
        function.users.iter().map(|user| arn(&user.value)).collect()
    };
    let mut allow = |actions: &[&str], resources: Vec<String>| {
        statements.push(json!({ "Effect": "Allow", "Action": actions, "Resource": resources }));
    };
    match &function.changes.value {
        Changes::AccessKeys => {
            let account = &environment.account.value;
            let region = environment.places.first().map_or("", |place| place.region.value.as_str());
            allow(
                &ACCESS_KEYS,
                users(&|user| format!("arn:{}:iam::{account}:user/{user}", partition(region))),
            );
        }
        Changes::CacheUsers => {
            let arns = users(&|user| local(environment, "elasticache", &format!("user:{user}")));
            allow(&["elasticache:DescribeUsers", "elasticache:ModifyUser"], arns);
        }
        Changes::RdsDataUsers { cluster } => {
            allow(
                &["rds-data:ExecuteStatement"],
                vec![local(environment, "rds", &format!("cluster:{cluster}"))],
            );
        }
        Changes::RedshiftDataUsers { cluster } => {
            let cluster = local(environment, "redshift", &format!("cluster:{cluster}"));
            allow(&["redshift-data:ExecuteStatement"], vec![cluster]);
            // Of statements, only those that it runs itself (service authorization reference: `redshift-data`).
            statements.push(json!({
                "Effect": "Allow", "Action": "redshift-data:DescribeStatement", "Resource": "*",
                "Condition": { "StringEquals": { "redshift-data:statement-owner-iam-userid": "${aws:userid}" } },
            }));
        }
        Changes::PostgreSqlUsers
        | Changes::MySqlUsers
        | Changes::ProviderKeys { .. }
        | Changes::RandomValue { .. } => {}
    }
    statements
}

fn of_task(environment: &Environment, task: &Task) -> Vec<Value> {
    let mut statements = running(environment, &task.physical_name, task.in_network());
    if task.does == Does::Watch {
        statements.push(json!({
            "Effect": "Allow", "Action": "cloudwatch:PutMetricData", "Resource": "*",
            "Condition": { "StringEquals": { "cloudwatch:namespace": ROTATION_METRICS } },
        }));
    }
    statements
}

/// What any function of keyprint's needs to run: its logs, and its interfaces in a network.
fn running(environment: &Environment, name: &str, in_network: bool) -> Vec<Value> {
    let logs = local(environment, "logs", &format!("log-group:/aws/lambda/{name}:*"));
    let mut statements = vec![
        json!({ "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": logs }),
    ];
    if in_network {
        statements.push(json!({ "Effect": "Allow", "Action": INTERFACES, "Resource": "*" }));
        statements.push(withheld(&INTERFACES, local(environment, "lambda", &format!("function:{name}"))));
    }
    statements
}

/// What a service needs for a function is refused to the function's own code (Lambda guide: `lambda:SourceFunctionArn`).
fn withheld(actions: &[&str], function: String) -> Value {
    json!({
        "Effect": "Deny", "Action": actions, "Resource": "*",
        "Condition": { "ArnEquals": { "lambda:SourceFunctionArn": function } },
    })
}

/// An ARN of the environment's account in its first Region, where consumers and functions work.
fn local(environment: &Environment, service: &str, rest: &str) -> String {
    let account = &environment.account.value;
    let region = environment.places.first().map_or("", |place| place.region.value.as_str());
    format!("arn:{}:{service}:{region}:{account}:{rest}", partition(region))
}
