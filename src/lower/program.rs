//! Programs: a function of keyprint with its log group, its role of least privilege, and its place in the network.

use crate::cfn::resource::{iam, lambda, logs};
use crate::cfn::value::words::{KeyArn, Text};
use crate::cfn::{
    Draft, Handle, HomeId, LogicalId, PolicyDocument, PrincipalElement, Pseudo, ResourceId, Statement, Sub,
    Value,
};
use crate::inventory::Purpose;
use crate::source::{Origin, Sourced};

use super::site::{Site, World};
use super::{endpoint, function, identity, pack, role};

/// Days that a function's log is kept; a year, as Security Hub CloudWatch.16 asks.
const LOG_RETENTION_DAYS: u32 = 365;

/// Memory of a function in MB.
const MEMORY: u32 = 256;

/// What Lambda needs to put a function into a VPC (Lambda docs). They attach it to `*`.
const NETWORK_ACTIONS: [&str; 6] = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
];

/// A function that is to be made.
pub(super) struct Program<'a> {
    /// What logical ids are made of.
    pub(super) stable_name: &'a str,
    /// The name of the function and of its role.
    pub(super) physical_name: &'a str,
    /// What it is, for people.
    pub(super) description: String,
    /// What its role is, for people.
    pub(super) role: &'static str,
    /// Its source.
    pub(super) source: String,
    /// What it reads from its environment; never a secret's value.
    pub(super) variables: Vec<(&'static str, Value<Text>)>,
    /// Seconds that it may take; every attempt to reach a database or a service is shorter.
    pub(super) timeout: u32,
    /// The database groups that it must reach with their ports, where it lives in the network.
    pub(super) databases: Option<&'a [(Sourced<String>, u32)]>,
    /// The line that asks for it.
    pub(super) origin: Origin,
}

/// A function with what must be there before it is used.
pub(super) struct Made {
    /// The function.
    pub(super) function: Handle<lambda::Function>,
    /// Its policies and network rules.
    pub(super) ready: Vec<ResourceId>,
}

/// Makes a function that may do what the statements say, beside writing its log.
pub(super) fn make(
    world: &mut World<'_>,
    site: &Site<'_>,
    home: HomeId,
    program: Program<'_>,
    statements: Vec<Statement>,
) -> Made {
    let by = program.origin.derived("function");
    let log_key = alerts_key(world, site);
    let log_group = world.resources.add(
        Draft::new(home, LogicalId::of(program.stable_name, "LogGroup"), by),
        &logs::LogGroup {
            log_group_name: Some(by.put(Value::from(format!("/aws/lambda/{}", program.physical_name)))),
            retention_in_days: Some(by.put(LOG_RETENTION_DAYS)),
            kms_key_id: log_key.map(|key| by.put(key)),
            tags: Some(by.put(site.tags(&[]))),
        },
    );
    let function_role = function_role(world, site, home, &program);
    let mut ready = policy(world, home, &program, function_role, log_group, statements);
    let group = program.databases.and_then(|databases| {
        let name = (program.stable_name, program.physical_name);
        endpoint::group(world, site, home, name, databases, program.origin)
    });
    if let Some((_, rules)) = &group {
        ready.extend(rules);
    }
    let vpc = group.zip(site.place.network.as_ref()).map(|((group, _), network)| {
        by.put(lambda::VpcConfig {
            subnet_ids: Some(by.put(endpoint::subnets(network))),
            security_group_ids: Some(by.put(vec![group.group_id()])),
        })
    });
    let mut variables = program.variables;
    variables.push(("SECRETS_MANAGER_ENDPOINT", secrets_manager()));
    variables.sort_by_key(|(name, _)| *name);
    let function = world.resources.add(
        Draft::new(home, LogicalId::of(program.stable_name, "Function"), program.origin)
            .after(ready.iter().copied()),
        &lambda::Function {
            function_name: Some(by.put(Value::from(program.physical_name))),
            description: Some(by.put(Value::from(program.description))),
            runtime: Some(by.put(Value::from(function::RUNTIME))),
            architectures: Some(by.put(vec![Value::from("arm64")])),
            handler: Some(by.put(Value::from(function::HANDLER))),
            role: Some(by.put(function_role.arn())),
            timeout: Some(by.put(program.timeout)),
            memory_size: Some(by.put(MEMORY)),
            environment: Some(by.put(lambda::Environment(variables))),
            logging_config: Some(by.put(lambda::LoggingConfig {
                log_format: Some(by.put(Value::from("JSON"))),
                log_group: Some(by.put(log_group.reference())),
            })),
            vpc_config: vpc,
            tags: Some(by.put(site.tags(&[]))),
            code: Some(by.put(lambda::Code { zip_file: Some(by.put(Value::from(program.source))) })),
            ..lambda::Function::default()
        },
    );
    Made { function, ready }
}

/// What databases at a site are verified against: what the author names, and the Region's own authorities of RDS.
pub(super) fn authorities(site: &Site<'_>, named: &[Sourced<String>]) -> String {
    let own = crate::aws::rds_authorities(site.region()).unwrap_or_default();
    let texts =
        named.iter().map(|text| text.value.trim()).chain([own.trim()]).filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join("\n")
}

fn secrets_manager() -> Value<Text> {
    Sub::new()
        .text("https://secretsmanager.")
        .pseudo(Pseudo::Region)
        .text(".")
        .pseudo(Pseudo::UrlSuffix)
        .build()
}

fn function_role(
    world: &mut World<'_>,
    site: &Site<'_>,
    home: HomeId,
    program: &Program<'_>,
) -> Handle<iam::Role> {
    let by = program.origin.derived("function role");
    let assume = Statement::allow("Assume", ["sts:AssumeRole"], by)
        .by(PrincipalElement::Service(vec![Value::from("lambda.amazonaws.com")]));
    world.resources.add(
        Draft::new(home, LogicalId::of(program.stable_name, "Role"), by),
        &iam::Role {
            role_name: Some(by.put(Value::from(program.physical_name))),
            description: Some(by.put(Value::from(format!("{} {}", program.role, program.physical_name)))),
            assume_role_policy_document: Some(by.put(PolicyDocument { statements: vec![assume] })),
            permissions_boundary: role::boundary(site),
            max_session_duration: Some(by.put(3600)),
            tags: Some(by.put(site.tags(&[]))),
        },
    )
}

/// What it was made for, its log group, and its place in the network, which its code may not use (Lambda docs: restrict
/// by `lambda:SourceFunctionArn`).
fn policy(
    world: &mut World<'_>,
    home: HomeId,
    program: &Program<'_>,
    function_role: Handle<iam::Role>,
    log_group: Handle<logs::LogGroup>,
    mut statements: Vec<Statement>,
) -> Vec<ResourceId> {
    let by = program.origin.derived("function role");
    statements.push(
        Statement::allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], by)
            .on([log_group.arn().widen()]),
    );
    if program.databases.is_some() {
        statements.push(Statement::allow("ManageInterfaces", NETWORK_ACTIONS, by).on_all());
        let function = format!("function:{}", program.physical_name);
        statements.push(identity::withheld("ManageInterfaces", &NETWORK_ACTIONS, ("lambda", &function), by));
    }
    pack::attach(
        world,
        home,
        (program.stable_name, "Policy"),
        &function_role.reference(),
        &format!("What {} may do", program.physical_name),
        statements,
        program.origin,
    )
}

/// The key for topics and logs of an environment, in the site's Region.
pub(super) fn alerts_key(world: &World<'_>, site: &Site<'_>) -> Option<Value<KeyArn>> {
    let (id, _) = site.environment.keys.iter().find(|(_, key)| key.purpose == Purpose::Alerts)?;
    world.keys.get(&(site.application_index, site.environment_index, id, site.place_index)).cloned()
}
