//! The network: interface endpoints whose policies follow from the grants, and security groups that name each other,
//! never address ranges.

use crate::cfn::resource::ec2::{EgressRule, SecurityGroup, SecurityGroupIngress, VpcEndpoint};
use crate::cfn::value::words::{SecurityGroupId, Text};
use crate::cfn::{
    Draft, Expr, Handle, HomeId, LogicalId, Output, PolicyDocument, PrincipalElement, Pseudo, ResourceId,
    Statement, Sub, Value,
};
use crate::inventory::{Consumer, Network, RoleForm, Route, Trust};
use crate::source::{Origin, Sourced};

use super::grants::{Grants, Rights, User};
use super::site::{SecretAt, Site, World, key_at};
use super::statements::{Sids, only_roles, role_name};
use super::{arn, calls, identity};

/// HTTPS.
const HTTPS: u32 = 443;

/// Makes the endpoints of a site, or takes note of those that exist.
pub(super) fn lower(world: &mut World<'_>, site: &Site<'_>, grants: &Grants) {
    let Some(network) = &site.place.network else { return };
    match &network.route {
        Route::Nat => {}
        Route::Existing(interfaces) => {
            for interface in interfaces {
                let group = interface.security_group.value.as_str();
                note(world, site, network, &interface.service, Value::from(group));
            }
        }
        Route::Create if network.services.is_empty() => {}
        Route::Create => create(world, site, network, grants),
    }
}

fn create(world: &mut World<'_>, site: &Site<'_>, network: &Network, grants: &Grants) {
    let home = world.stack_home(site, None);
    let by = network.origin.derived("endpoint");
    let group = world.resources.add(
        Draft::new(home, LogicalId::of("endpoint", "SecurityGroup"), by),
        &SecurityGroup {
            group_description: Some(by.put(Value::from(format!("Interface endpoints of {}", site.prefix())))),
            vpc_id: Some(network.vpc.clone().map(Value::from)),
            security_group_egress: Some(by.put(vec![no_egress(by)])),
            tags: Some(by.put(site.tags(&[]))),
        },
    );
    for service in &network.services {
        let Some(policy) = policy(world, site, home, network, &service.value, grants) else { continue };
        world.resources.add(
            Draft::new(home, LogicalId::of(noun(&service.value), "Endpoint"), service.origin),
            &VpcEndpoint {
                vpc_endpoint_type: Some(by.put(Value::from("Interface"))),
                service_name: Some(
                    service.origin.put(
                        Sub::new()
                            .text("com.amazonaws.")
                            .pseudo(Pseudo::Region)
                            .text(".")
                            .text(&service.value)
                            .build(),
                    ),
                ),
                vpc_id: Some(network.vpc.clone().map(Value::from)),
                subnet_ids: Some(by.put(subnets(network))),
                security_group_ids: Some(by.put(vec![group.group_id()])),
                private_dns_enabled: Some(by.put(true)),
                policy_document: Some(by.put(policy)),
                tags: Some(by.put(site.tags(&[]))),
            },
        );
        note(world, site, network, &service.value, group.group_id());
    }
}

/// The security group of a consumer, with the rules of the groups that it talks to.
pub(super) fn consumer_group(world: &mut World<'_>, site: &Site<'_>, consumer: &Consumer) {
    let home = world.stack_home(site, consumer.stack.as_ref());
    let databases = if site.is_primary() { consumer.databases.as_slice() } else { &[] };
    let names = (consumer.stable_name.as_str(), consumer.name.value.as_str());
    if let Some((made, _)) = group(world, site, home, names, databases, consumer.origin) {
        world.resources.output(Output {
            home,
            name: LogicalId::of(&consumer.stable_name, "SecurityGroupId"),
            description: format!("Id of the security group of {}", consumer.name.value),
            value: Expr::GetAtt(made.id(), "GroupId"),
            origin: consumer.origin,
        });
    }
}

/// A security group that reaches the endpoints of its network and the given databases, and nothing else. Returns it with
/// the rules that must be there before traffic flows.
pub(super) fn group(
    world: &mut World<'_>,
    site: &Site<'_>,
    home: HomeId,
    (stable_name, name): (&str, &str),
    databases: &[(Sourced<String>, u32)],
    origin: Origin,
) -> Option<(Handle<SecurityGroup>, Vec<ResourceId>)> {
    let network = site.place.network.as_ref()?;
    let by = origin.derived("security group");
    let mut endpoints: Vec<Value<SecurityGroupId>> = Vec::new();
    for ((account, region, vpc, _), group) in &world.endpoint_groups {
        let here = account == site.account() && region == site.region() && *vpc == network.vpc.value;
        if here && !endpoints.contains(group) {
            endpoints.push(group.clone());
        }
    }
    let mut egress: Vec<EgressRule> =
        endpoints.iter().map(|group| to_group(group.clone(), HTTPS, "interface endpoints", by)).collect();
    egress.extend(databases.iter().map(|(group, port)| {
        to_group(Value::from(group.value.as_str()), *port, "database", group.origin.derived("security group"))
    }));
    if matches!(network.route, Route::Nat) {
        egress.push(EgressRule {
            ip_protocol: Some(by.put(Value::from("tcp"))),
            from_port: Some(by.put(HTTPS)),
            to_port: Some(by.put(HTTPS)),
            cidr_ip: Some(network.origin.put(Value::from("0.0.0.0/0"))),
            description: Some(by.put(Value::from("AWS services through NAT"))),
            ..EgressRule::default()
        });
    }
    if egress.is_empty() {
        egress.push(no_egress(by));
    }
    let made = world.resources.add(
        Draft::new(home, LogicalId::of(stable_name, "SecurityGroup"), origin),
        &SecurityGroup {
            group_description: Some(by.put(Value::from(format!("{name} of {}", site.prefix())))),
            vpc_id: Some(network.vpc.clone().map(Value::from)),
            security_group_egress: Some(by.put(egress)),
            tags: Some(by.put(site.tags(&[]))),
        },
    );
    let mut rules = Vec::new();
    for (position, endpoint) in endpoints.into_iter().enumerate() {
        let noun =
            if position == 0 { "EndpointIngress".to_owned() } else { format!("EndpointIngress{position}") };
        let rule = from_group(endpoint, HTTPS, made.group_id(), name, by);
        rules.push(world.resources.add(Draft::new(home, LogicalId::of(stable_name, &noun), by), &rule).id());
    }
    for (group, port) in databases {
        let rule = from_group(
            Value::from(group.value.as_str()),
            *port,
            made.group_id(),
            name,
            group.origin.derived("security group"),
        );
        let id = LogicalId::of(&format!("{stable_name}-{}", group.value), "Ingress");
        rules.push(world.resources.add(Draft::new(home, id, group.origin), &rule).id());
    }
    Some((made, rules))
}

/// The subnets of a network as values.
pub(super) fn subnets(network: &Network) -> Vec<Value<Text>> {
    network.subnets.iter().map(|subnet| Value::from(subnet.value.as_str())).collect()
}

fn note(
    world: &mut World<'_>,
    site: &Site<'_>,
    network: &Network,
    service: &str,
    group: Value<SecurityGroupId>,
) {
    let at =
        (site.account().to_owned(), site.region().to_owned(), network.vpc.value.clone(), service.to_owned());
    world.endpoint_groups.insert(at, group);
}

fn to_group(group: Value<SecurityGroupId>, port: u32, what: &str, by: Origin) -> EgressRule {
    EgressRule {
        ip_protocol: Some(by.put(Value::from("tcp"))),
        from_port: Some(by.put(port)),
        to_port: Some(by.put(port)),
        destination_security_group_id: Some(by.put(group)),
        description: Some(by.put(Value::from(what))),
        cidr_ip: None,
    }
}

/// Without any egress rule AWS adds one that allows everything; this one allows nothing (CloudFormation docs).
fn no_egress(by: Origin) -> EgressRule {
    EgressRule {
        ip_protocol: Some(by.put(Value::from("tcp"))),
        from_port: Some(by.put(HTTPS)),
        to_port: Some(by.put(HTTPS)),
        cidr_ip: Some(by.put(Value::from("127.0.0.1/32"))),
        description: Some(by.put(Value::from("nothing"))),
        ..EgressRule::default()
    }
}

fn from_group(
    of: Value<SecurityGroupId>,
    port: u32,
    from: Value<SecurityGroupId>,
    name: &str,
    by: Origin,
) -> SecurityGroupIngress {
    SecurityGroupIngress {
        group_id: Some(by.put(of)),
        ip_protocol: Some(by.put(Value::from("tcp"))),
        from_port: Some(by.put(port)),
        to_port: Some(by.put(port)),
        source_security_group_id: Some(by.put(from)),
        description: Some(by.put(Value::from(name))),
    }
}

fn noun(service: &str) -> &str {
    match service {
        "secretsmanager" => "secrets-manager",
        other => other,
    }
}

/// The policy of an endpoint: the grants of everybody who lives in its VPC, and nothing else.
fn policy(
    world: &World<'_>,
    site: &Site<'_>,
    home: HomeId,
    network: &Network,
    service: &str,
    grants: &Grants,
) -> Option<PolicyDocument> {
    let users = residents(world, site, network);
    let statements = match service {
        "secretsmanager" => secrets_manager(world, site, home, &users, grants),
        "sts" => token_service(world, site, &users, network),
        "kms" => key_service(world, site, &users),
        _ => rotated_through(world, site, &users, service),
    };
    (!statements.is_empty()).then_some(PolicyDocument { statements })
}

/// Whoever lives in the VPC of a site, over the whole workspace.
fn residents(world: &World<'_>, site: &Site<'_>, network: &Network) -> Vec<User> {
    let mut users = Vec::new();
    for (application, of) in world.inventory.applications.iter().enumerate() {
        for (environment, within) in of.environments.iter().enumerate() {
            let place = within.places.iter().position(|place| {
                within.account.value == site.account()
                    && place.region.value == site.region()
                    && place.network.as_ref().is_some_and(|other| other.vpc.value == network.vpc.value)
            });
            let Some(place) = place else { continue };
            for (row, consumer) in
                within.consumers.iter().enumerate().filter(|(_, consumer)| consumer.in_network)
            {
                users.extend(
                    (0..consumer.roles.len()).map(|role| User::Consumer(application, environment, row, role)),
                );
            }
            if place == 0 {
                users.extend(
                    within
                        .functions
                        .iter()
                        .filter(|(_, function)| function.in_network)
                        .map(|(id, _)| User::Function(application, environment, id.row())),
                );
                users.extend(
                    within
                        .tasks
                        .iter()
                        .enumerate()
                        .filter(|(_, task)| task.in_network())
                        .map(|(row, _)| User::Task(application, environment, row)),
                );
            }
        }
    }
    users
}

/// A secret with what is done to it.
type Use = (SecretAt, Rights);

/// Roles that do the same to the same secrets.
type Group = (Rights, Vec<String>, Vec<Value<Text>>, Origin);

fn secrets_manager(
    world: &World<'_>,
    site: &Site<'_>,
    home: HomeId,
    users: &[User],
    grants: &Grants,
) -> Vec<Statement> {
    let mut roles: Vec<(Use, Vec<String>, Origin)> = Vec::new();
    for grant in users.iter().flat_map(|user| grants.of(*user)) {
        match roles.iter_mut().find(|(key, ..)| *key == (grant.secret, grant.rights)) {
            Some((_, roles, _)) => roles.push(grant.role.clone()),
            None => roles.push(((grant.secret, grant.rights), vec![grant.role.clone()], grant.origin)),
        }
    }
    let mut groups: Vec<Group> = Vec::new();
    for ((secret, rights), mut roles, origin) in roles {
        roles.sort();
        roles.dedup();
        let Some(name) = secret_name(world, site, home, secret) else { continue };
        match groups.iter_mut().find(|(known, of, ..)| *known == rights && *of == roles) {
            Some((_, _, names, _)) => names.push(name),
            None => groups.push((rights, roles, vec![name], origin)),
        }
    }
    let mut sids = Sids::default();
    let mut statements = Vec::new();
    for (rights, roles, names, origin) in groups {
        let by = origin.derived("endpoint policy");
        let stem = match rights {
            Rights::Read { .. } | Rights::ReadPrimary => "Read",
            Rights::Describe => "Describe",
            Rights::Write => "Write",
            Rights::Administer => "Administer",
            Rights::Rotate => "Rotate",
            Rights::Watch => "Watch",
        };
        let only = |statement| {
            only_roles(statement, roles.iter().map(|role| arn::role(site.account(), role, site.vantage())))
        };
        let statement = Statement::allow(sids.next(stem), rights.secret_actions().to_vec(), by)
            .by(PrincipalElement::Everyone)
            .on(names.into_iter().map(arn::as_arn));
        statements.push(only(statement));
        if let Rights::Read { batch: true, .. } = rights {
            let statement =
                Statement::allow(sids.next("ReadInBatches"), ["secretsmanager:BatchGetSecretValue"], by)
                    .by(PrincipalElement::Everyone)
                    .on_all();
            statements.push(only(statement));
        }
    }
    statements
}

fn secret_name(world: &World<'_>, site: &Site<'_>, home: HomeId, at: SecretAt) -> Option<Value<Text>> {
    let environment = world.environment(at.0, at.1)?;
    let secret = environment.secrets.get(at.2)?;
    let place = environment.places.iter().position(|place| place.region.value == site.place.region.value)?;
    let held = place == 0 || secret.replicas.iter().any(|replica| replica.value == place);
    held.then(|| match &secret.value {
        crate::inventory::SecretValue::OwnedByService { arn, .. } => Value::from(arn.value.as_str()),
        crate::inventory::SecretValue::Generated { .. } | crate::inventory::SecretValue::PutLater { .. } => {
            identity::named_secret(world, site, home, at, secret, &environment.account.value).0
        }
    })
}

/// Callers of `AssumeRoleWithWebIdentity` are nobody yet, so the statement names the roles that they may become.
fn token_service(world: &World<'_>, site: &Site<'_>, users: &[User], network: &Network) -> Vec<Statement> {
    let mut roles: Vec<String> = users
        .iter()
        .filter_map(|user| match consumer_role(world, *user)? {
            RoleForm::Created { name, trust: Trust::WebIdentity { .. }, .. } => Some(name.clone()),
            RoleForm::Created { .. } | RoleForm::Existing { .. } | RoleForm::Foreign(_) => None,
        })
        .collect();
    roles.sort();
    if roles.is_empty() {
        return Vec::new();
    }
    let by = network.origin.derived("endpoint policy");
    vec![
        Statement::allow("AssumeWithWebIdentity", ["sts:AssumeRoleWithWebIdentity"], by)
            .by(PrincipalElement::Everyone)
            .on(roles.iter().map(|role| arn::as_arn(arn::role(site.account(), role, site.vantage())))),
    ]
}

/// What rotation functions change through a service's own API.
fn rotated_through(world: &World<'_>, site: &Site<'_>, users: &[User], service: &str) -> Vec<Statement> {
    let mut sids = Sids::default();
    let mut statements = Vec::new();
    for user in users {
        let User::Function(application, environment, row) = *user else { continue };
        let functions = world.environment(application, environment).map(|within| within.functions.rows());
        let Some(spec) = functions.and_then(|functions| functions.get(row)) else { continue };
        if spec.service() == Some(service) {
            let role = || arn::role(site.account(), &spec.physical_name, site.vantage());
            statements.extend(calls::statements(spec).into_iter().map(|statement| {
                let sid = sids.next(&statement.sid);
                only_roles(Statement { sid, ..statement }.by(PrincipalElement::Everyone), [role()])
            }));
        }
    }
    statements
}

fn key_service(world: &World<'_>, site: &Site<'_>, users: &[User]) -> Vec<Statement> {
    let mut sids = Sids::default();
    let mut statements = Vec::new();
    for user in users {
        let User::Consumer(application, environment, row, 0) = *user else { continue };
        let Some(within) = world.environment(application, environment) else { continue };
        let Some(consumer) = within.consumers.get(row) else { continue };
        let Some(role) = consumer.roles.first() else { continue };
        let keys: Vec<_> = consumer
            .encrypts_with
            .iter()
            .filter_map(|reference| {
                let (application, environment, key) = key_at(application, environment, &reference.value);
                world.keys.get(&(application, environment, key, site.place_index)).cloned()
            })
            .map(Value::widen)
            .collect();
        let Some(first) = consumer.encrypts_with.first().filter(|_| !keys.is_empty()) else { continue };
        let (account, name) = role_name(&role.form, within);
        let statement = Statement::allow(
            sids.next("Encrypt"),
            ["kms:Decrypt", "kms:GenerateDataKey"],
            first.origin.derived("endpoint policy"),
        )
        .by(PrincipalElement::Everyone)
        .on(keys);
        statements.push(only_roles(statement, [arn::role(account, name, site.vantage())]));
    }
    statements
}

fn consumer_role<'inventory>(world: &World<'inventory>, user: User) -> Option<&'inventory RoleForm> {
    match user {
        User::Consumer(application, environment, row, role) => {
            let consumer = world.environment(application, environment)?.consumers.get(row)?;
            Some(&consumer.roles.get(role)?.form)
        }
        User::Function(..) | User::Task(..) | User::Partner(..) | User::Person(..) => None,
    }
}
