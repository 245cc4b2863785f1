//! Roles for people, in tiers: administrators without values, auditors, break-glass.

use crate::cfn::resource::iam;
use crate::cfn::value::words::RoleName;
use crate::cfn::{Draft, LogicalId, Statement, Value};
use crate::inventory::{Person, Tier};

use super::grants::{Grants, User};
use super::site::{Site, World};
use super::statements::Sids;
use super::{identity, key, pack, role, trust};

/// Makes what people need at a site.
pub(super) fn lower(world: &mut World<'_>, site: &Site<'_>, grants: &Grants) {
    let people = &site.environment.people;
    for (tier, name, person) in [
        (Tier::Administrators, "administrators", &people.administrators),
        (Tier::Auditors, "auditors", &people.auditors),
        (Tier::BreakGlass, "break-glass", &people.break_glass),
    ] {
        if let Some(person) = person {
            tier_of(world, site, (tier, name), person, grants);
        }
    }
}

fn tier_of(
    world: &mut World<'_>,
    site: &Site<'_>,
    (tier, name): (Tier, &str),
    person: &Person,
    grants: &Grants,
) {
    let home = world.stack_home(site, None);
    let reference: Value<RoleName> = match &person.trust {
        Some(_) if site.is_primary() => made(world, site, name, person),
        Some(_) | None => Value::from(person.role.value.rsplit('/').next().unwrap_or_default()),
    };
    let mut sids = Sids::default();
    let user = User::Person(site.application_index, site.environment_index, tier);
    let mut statements = identity::secrets(world, site, home, user, grants, &mut sids);
    statements.extend(on_keys(world, site, tier, person));
    if site.is_primary() && tier != Tier::BreakGlass {
        // Listing has no resource level (service authorization reference).
        statements.push(
            Statement::allow(
                "List",
                ["kms:ListAliases", "kms:ListKeys", "secretsmanager:ListSecrets"],
                person.origin,
            )
            .on_all(),
        );
    }
    let description = format!("What {name} may do with {}", site.application.name.value);
    pack::attach(world, home, (name, "Policy"), &reference, &description, statements, person.origin);
}

/// Management of the keys themselves; values stay out of reach.
fn on_keys(world: &World<'_>, site: &Site<'_>, tier: Tier, person: &Person) -> Option<Statement> {
    let actions = match tier {
        Tier::Administrators => key::ADMINISTRATION,
        Tier::Auditors => key::AUDIT,
        Tier::BreakGlass => return None,
    };
    let keys: Vec<_> = site
        .environment
        .keys
        .iter()
        .filter_map(|(id, _)| {
            world.keys.get(&(site.application_index, site.environment_index, id, site.place_index)).cloned()
        })
        .map(Value::widen)
        .collect();
    if keys.is_empty() {
        return None;
    }
    Some(Statement::allow("ManageKeys", actions.to_vec(), person.origin).on(keys))
}

fn made(world: &mut World<'_>, site: &Site<'_>, name: &str, person: &Person) -> Value<RoleName> {
    let Some(trust) = &person.trust else { return Value::from(person.role.value.as_str()) };
    let home = world.stack_home(site, None);
    let by = person.origin.derived("role for people");
    world
        .resources
        .add(
            Draft::new(home, LogicalId::of(name, "Role"), person.origin),
            &iam::Role {
                role_name: Some(person.role.clone().map(Value::from)),
                description: Some(by.put(Value::from(format!("{name} of {}", site.application.name.value)))),
                assume_role_policy_document: Some(by.put(trust::people(
                    trust,
                    site.vantage(),
                    person.origin,
                ))),
                permissions_boundary: role::boundary(site),
                max_session_duration: Some(trust.session_seconds),
                tags: Some(by.put(site.tags(&[]))),
            },
        )
        .reference()
}
