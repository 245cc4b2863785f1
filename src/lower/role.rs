//! Roles of consumers, with both halves of every grant over accounts.

use crate::cfn::resource::{eks, iam};
use crate::cfn::value::words::RoleName;
use crate::cfn::{Declared, Draft, Expr, HomeId, LogicalId, Output, Statement, Value};
use crate::inventory::{Consumer, Foreign, RoleForm, RoleSpec, Trust};

use super::grants::{Grants, User};
use super::site::{Site, World, key_at};
use super::statements::Sids;
use super::{arn, endpoint, identity, pack, trust};

/// Makes the roles of a site's consumers: the roles themselves in the primary Region, since IAM is one for all Regions, and
/// in every Region the policies for what is there.
pub(super) fn lower(world: &mut World<'_>, site: &Site<'_>, grants: &Grants) {
    for (row, consumer) in site.environment.consumers.iter().enumerate() {
        for (index, role) in consumer.roles.iter().enumerate() {
            let user = User::Consumer(site.application_index, site.environment_index, row, index);
            consumer_role(world, site, consumer, (index, role), user, grants);
        }
        if consumer.in_network {
            endpoint::consumer_group(world, site, consumer);
        }
    }
}

fn consumer_role(
    world: &mut World<'_>,
    site: &Site<'_>,
    consumer: &Consumer,
    (index, role): (usize, &RoleSpec),
    user: User,
    grants: &Grants,
) {
    let name = if role.suffix.is_empty() {
        consumer.stable_name.clone()
    } else {
        format!("{}-{}", consumer.stable_name, role.suffix)
    };
    let (home, reference) = match &role.form {
        RoleForm::Created { name: role_name, .. } => {
            let home = world.stack_home(site, consumer.stack.as_ref());
            let reference = if site.is_primary() {
                made(world, site, consumer, (&name, role), home)
            } else {
                Value::from(role_name.as_str())
            };
            (home, reference)
        }
        RoleForm::Existing { name } => {
            (world.stack_home(site, consumer.stack.as_ref()), Value::from(last_part(&name.value)))
        }
        RoleForm::Foreign(foreign) => (
            world.foreign_home(site, &consumer.stable_name, &foreign.account.value),
            Value::from(last_part(&foreign.role.value)),
        ),
    };
    let mut sids = Sids::default();
    let mut statements = identity::secrets(world, site, home, user, grants, &mut sids);
    if site.is_primary() {
        statements.extend(identity::arrangements(&role.arrangements, consumer.origin));
        if index == 0 {
            statements.extend(identity::logins(&consumer.logins));
            statements.extend(identity::author(&consumer.author_statements, &mut sids));
        }
    }
    if index == 0 {
        statements.extend(envelope(world, site, consumer));
    }
    let description = format!("What {} may do", consumer.name.value);
    pack::attach(world, home, (&name, "Policy"), &reference, &description, statements, consumer.origin);
}

fn made(
    world: &mut World<'_>,
    site: &Site<'_>,
    consumer: &Consumer,
    (name, role): (&str, &RoleSpec),
    home: HomeId,
) -> Value<RoleName> {
    let RoleForm::Created { name: role_name, trust, session_seconds, instance_profile, pod_identity } =
        &role.form
    else {
        return Value::from("");
    };
    let by = consumer.origin.derived("role");
    let external_id = match trust {
        Trust::External(foreign) => Some(external_id(world, home, name, foreign)),
        Trust::Service { .. } | Trust::PodIdentity { .. } | Trust::WebIdentity { .. } => None,
    };
    let regions: Vec<&str> =
        site.environment.places.iter().map(|place| place.region.value.as_str()).collect();
    let document = trust::document(trust, site.vantage(), &regions, external_id, consumer.origin);
    let handle = world.resources.add(
        Draft::new(home, LogicalId::of(name, "Role"), consumer.origin),
        &iam::Role {
            role_name: Some(by.put(Value::from(role_name.as_str()))),
            description: Some(by.put(Value::from(format!("{} {}", consumer.kind, consumer.name.value)))),
            assume_role_policy_document: Some(by.put(document)),
            permissions_boundary: boundary(site),
            max_session_duration: Some(*session_seconds),
            tags: Some(by.put(site.tags(&[]))),
        },
    );
    world.resources.output(Output {
        home,
        name: LogicalId::of(name, "RoleArn"),
        description: format!("ARN of the role of {}", consumer.name.value),
        value: Expr::GetAtt(handle.id(), "Arn"),
        origin: consumer.origin,
    });
    if *instance_profile {
        world.resources.add(
            Draft::new(home, LogicalId::of(name, "InstanceProfile"), by),
            &iam::InstanceProfile {
                instance_profile_name: Some(by.put(Value::from(role_name.as_str()))),
                roles: Some(by.put(vec![handle.reference()])),
            },
        );
    }
    if let Some(pod) = pod_identity {
        world.resources.add(
            Draft::new(home, LogicalId::of(name, "PodIdentityAssociation"), pod.cluster.origin),
            &eks::PodIdentityAssociation {
                cluster_name: Some(pod.cluster.clone().map(Value::from)),
                namespace: Some(pod.namespace.clone().map(Value::from)),
                service_account: Some(pod.service_account.clone().map(Value::from)),
                role_arn: Some(by.put(handle.arn())),
                tags: Some(by.put(site.tags(&[]))),
            },
        );
    }
    handle.reference()
}

/// The policy that bounds every role keyprint makes.
pub(super) fn boundary(site: &Site<'_>) -> crate::cfn::Property<Value<crate::cfn::value::words::PolicyArn>> {
    let boundary = site.environment.boundary.as_ref()?;
    let value = match arn::policy(&boundary.value) {
        Value::Literal(text) => Value::from(text.0),
        Value::Expr(expr, _) => Value::expr(expr),
    };
    Some(boundary.origin.put(value))
}

/// An external id is agreed between the parties; it is no secret, but not ours to invent either.
fn external_id(
    world: &mut World<'_>,
    home: HomeId,
    name: &str,
    foreign: &Foreign,
) -> Value<crate::cfn::value::words::Text> {
    world.resources.parameter(Declared {
        home,
        name: LogicalId::of(name, "ExternalId"),
        description: format!("External id agreed with account {}", foreign.account.value),
        pattern: "^[\\w+=,.@:/-]{2,1224}$",
        origin: foreign.account.origin,
    })
}

/// Keys that a consumer encrypts with itself.
fn envelope(world: &World<'_>, site: &Site<'_>, consumer: &Consumer) -> Option<Statement> {
    let first = consumer.encrypts_with.first()?;
    let keys: Vec<_> = consumer
        .encrypts_with
        .iter()
        .filter_map(|reference| {
            let (application, environment, key) =
                key_at(site.application_index, site.environment_index, &reference.value);
            let place = world
                .environment(application, environment)?
                .places
                .iter()
                .position(|place| place.region.value == site.place.region.value)?;
            world.keys.get(&(application, environment, key, place)).cloned()
        })
        .map(Value::widen)
        .collect();
    if keys.is_empty() {
        return None;
    }
    Some(Statement::allow("EncryptOwnData", ["kms:Decrypt", "kms:GenerateDataKey"], first.origin).on(keys))
}

fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
