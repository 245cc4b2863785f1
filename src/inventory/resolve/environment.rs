//! One environment: account, Regions, people, and everything that lives there.

use crate::blueprint::environment::{Endpoints, Environment as Written, Network as WrittenNetwork};
use crate::blueprint::name::Name;
use crate::blueprint::people::{Mfa, People as WrittenPeople, Person as WrittenPerson};
use crate::blueprint::{Blueprint, Entry};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::inventory::codes::access::DEPLOYER_NOT_NAMED;
use crate::inventory::codes::names::UNKNOWN_REGION;
use crate::inventory::{Environment, Interface, Network, People, Person, PersonTrust, Place, Route, Table};
use crate::source::{Origin, Sourced};

use super::scope::{At, Scope};
use super::{alert, consumer, database, key, rotation, secret, separation, task, text, user};

/// Seconds of an hour.
const HOUR: u32 = 3600;

/// Resolves an environment.
pub(super) fn resolve(
    scope: &Scope<'_>,
    at: At,
    blueprint: &Blueprint,
    entry: &Entry<Name, Written>,
    log: &mut Diagnostics,
) -> Environment {
    let written = &entry.body;
    if written.deployer.is_none() {
        log.push(
            Diagnostic::new(
                &DEPLOYER_NOT_NAMED,
                entry.name.span(),
                format!("environment `{}` does not say who deploys it", entry.name.value),
            )
            .help("add `deployer: ROLE`; then key policies and secrets refuse changes by everybody else"),
        );
    }
    let mut environment = Environment {
        name: text(&entry.name),
        account: text(&written.account),
        places: places(written, log),
        organization: blueprint.organization.as_ref().map(text),
        boundary: written.permissions_boundary.as_ref().map(text),
        deployer: written.deployer.as_ref().map(text),
        trail_log_group: written.trail_log_group.as_ref().map(text),
        people: people(&blueprint.people, &written.account),
        keys: Table::default(),
        secrets: Table::default(),
        functions: Table::default(),
        tasks: Vec::new(),
        rollback: written.rollback.unwrap_or_else(|| Origin::defaulted(entry.name.span()).put(true)),
        consumers: Vec::new(),
        alerts: Vec::new(),
        origin: Origin::written(entry.name.span()),
    };
    let described = Described { scope, at, blueprint, name: &entry.name.value, written };
    key::resolve(&described, &mut environment);
    secret::resolve(&described, &mut environment, log);
    rotation::resolve(&described, &mut environment, log);
    task::resolve(&described, &mut environment, log);
    consumer::resolve(&described, &mut environment, log);
    alert::resolve(&described, &mut environment, log);
    user::check(&described, log);
    database::check(&described, &environment, log);
    separation::check(&described, log);
    key::for_alerts(&described, &mut environment);
    environment
}

/// What is being resolved.
pub(super) struct Described<'a> {
    /// The names of the workspace.
    pub(super) scope: &'a Scope<'a>,
    /// Which environment.
    pub(super) at: At,
    /// Its blueprint.
    pub(super) blueprint: &'a Blueprint,
    /// Its name.
    pub(super) name: &'a Name,
    /// What the author wrote about it.
    pub(super) written: &'a Written,
}

impl Described<'_> {
    /// `{application}-{environment}`, the beginning of physical names.
    pub(super) fn prefix(&self) -> String {
        format!("{}-{}", self.blueprint.application.value, self.name)
    }
}

fn places(written: &Written, log: &mut Diagnostics) -> Vec<Place> {
    let regions = written.regions.as_slice();
    for entry in written.networks.iter() {
        if !regions.iter().any(|region| region.value == entry.name.value) {
            log.push(
                Diagnostic::new(
                    &UNKNOWN_REGION,
                    entry.name.span(),
                    format!("`{}` is no Region of the environment", entry.name.value),
                )
                .help("add it to `regions`, or take its network away"),
            );
        }
    }
    regions
        .iter()
        .enumerate()
        .map(|(position, region)| {
            let network = match position {
                0 => written.network.as_ref(),
                _ => written.networks.get(&region.value).map(|entry| &entry.body),
            };
            Place { region: text(region), network: network.map(network_of) }
        })
        .collect()
}

fn network_of(written: &WrittenNetwork) -> Network {
    let route = match written.endpoints.as_ref().map(|endpoints| &endpoints.value) {
        Some(Endpoints::Create) => Route::Create,
        Some(Endpoints::Nat) => Route::Nat,
        Some(Endpoints::Existing(groups)) => Route::Existing(
            groups
                .iter()
                .map(|entry| Interface {
                    service: entry.name.value.to_string(),
                    security_group: text(&entry.body),
                })
                .collect(),
        ),
        None => Route::Existing(Vec::new()),
    };
    Network {
        vpc: text(&written.vpc),
        subnets: written.subnets.as_slice().iter().map(text).collect(),
        route,
        services: Vec::new(),
        origin: Origin::written(written.span),
    }
}

fn people(written: &Option<WrittenPeople>, account: &Sourced<impl std::fmt::Display>) -> People {
    let Some(written) = written else { return People::default() };
    let account = account.value.to_string();
    let person =
        |person: &Option<WrittenPerson>| person.as_ref().map(|person| self::person(person, &account));
    People {
        administrators: person(&written.administrators),
        auditors: person(&written.auditors),
        break_glass: person(&written.break_glass),
    }
}

/// MFA can be demanded in a trust policy only (IAM docs), so demanding it makes the role ours.
fn person(written: &WrittenPerson, account: &str) -> Person {
    let required = written.mfa.as_ref().filter(|mfa| mfa.value == Mfa::Required);
    let origin = Origin::written(written.span);
    Person {
        role: text(&written.role),
        trust: required.map(|mfa| PersonTrust {
            from_account: written.from.as_ref().map(text).filter(|from| from.value != account),
            session_seconds: match &written.session {
                Some(session) => session.origin.put(session.value.count().saturating_mul(HOUR)),
                None => Origin::defaulted(mfa.span()).put(HOUR),
            },
        }),
        origin,
    }
}
