//! Networks: which endpoints each needs, whether everybody who lives there reaches them, and who owns them.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::inventory::codes::network::{ENDPOINT_OWNED_TWICE, UNREACHABLE_SERVICE};
use crate::inventory::{Consumer, Environment, Inventory, RoleForm, Route, Trust};
use crate::source::{Origin, Span};

/// A VPC: account, Region, id.
type Vpc = (String, String, String);

/// Finds the services that every network needs and reports whoever cannot reach them.
pub(super) fn services(inventory: &mut Inventory, log: &mut Diagnostics) {
    let mut needs: BTreeMap<Vpc, BTreeMap<&'static str, Origin>> = BTreeMap::new();
    for (environment, place, vpc) in networks(inventory) {
        let Some(within) = environment_at(inventory, environment) else { continue };
        for (service, origin) in needed(within, place) {
            needs.entry(vpc.clone()).or_default().entry(service).or_insert(origin);
            report_unreachable(within, place, service, origin, log);
        }
    }
    owned_once(inventory, log);
    for application in &mut inventory.applications {
        for environment in &mut application.environments {
            let account = environment.account.value.clone();
            for place in &mut environment.places {
                let region = place.region.value.clone();
                if let Some(network) = &mut place.network {
                    let vpc = (account.clone(), region, network.vpc.value.clone());
                    network.services = needs
                        .get(&vpc)
                        .into_iter()
                        .flatten()
                        .map(|(service, origin)| origin.derived("endpoint").put((*service).to_owned()))
                        .collect();
                }
            }
        }
    }
}

fn networks(inventory: &Inventory) -> Vec<((usize, usize), usize, Vpc)> {
    let mut networks = Vec::new();
    for (application, of) in inventory.applications.iter().enumerate() {
        for (environment, within) in of.environments.iter().enumerate() {
            for (position, place) in within.places.iter().enumerate() {
                if let Some(network) = &place.network {
                    let vpc =
                        (within.account.value.clone(), place.region.value.clone(), network.vpc.value.clone());
                    networks.push(((application, environment), position, vpc));
                }
            }
        }
    }
    networks
}

fn environment_at(inventory: &Inventory, (application, environment): (usize, usize)) -> Option<&Environment> {
    inventory.applications.get(application)?.environments.get(environment)
}

/// The services that whoever lives in the network of a place calls, with the line that makes them necessary.
fn needed(environment: &Environment, place: usize) -> Vec<(&'static str, Origin)> {
    let mut needed = Vec::new();
    for consumer in environment.consumers.iter().filter(|consumer| consumer.in_network) {
        if consumer.roles.iter().any(|role| !role.accesses.is_empty()) {
            needed.push(("secretsmanager", consumer.origin));
        }
        if assumes_with_token(consumer) {
            needed.push(("sts", consumer.origin));
        }
        if let Some(key) = consumer.encrypts_with.first() {
            needed.push(("kms", key.origin));
        }
    }
    if place == 0 {
        let functions = || environment.functions.rows().iter().filter(|function| function.in_network);
        needed.extend(functions().filter_map(|function| Some((function.service()?, function.origin))));
        needed.extend(functions().map(|function| ("secretsmanager", function.origin)));
        let tasks = environment.tasks.iter().filter(|task| task.in_network());
        needed.extend(tasks.map(|task| ("secretsmanager", task.origin)));
    }
    needed
}

/// Web identities call STS themselves; every other kind gets its credentials from its service.
fn assumes_with_token(consumer: &Consumer) -> bool {
    consumer
        .roles
        .iter()
        .any(|role| matches!(&role.form, RoleForm::Created { trust: Trust::WebIdentity { .. }, .. }))
}

fn report_unreachable(
    environment: &Environment,
    place: usize,
    service: &str,
    origin: Origin,
    log: &mut Diagnostics,
) {
    let Some(place) = environment.places.get(place) else { return };
    let Some(network) = &place.network else { return };
    let reached = match &network.route {
        Route::Create | Route::Nat => true,
        Route::Existing(interfaces) => interfaces.iter().any(|interface| interface.service == service),
    };
    if !reached {
        log.push(
            Diagnostic::new(
                &UNREACHABLE_SERVICE,
                origin.span,
                format!("nothing leads from `{}` to `{service}` in {}", network.vpc.value, place.region.value),
            )
            .here("calls it from there")
            .also(network.origin.span, "this network has no way to it")
            .help(format!(
                "write `endpoints: create`, `endpoints: nat`, or `endpoints: {{ existing: {{ {service}: sg-… }} }}`"
            )),
        );
    }
}

/// A second endpoint with private DNS for the same service cannot be made in a VPC (PrivateLink docs).
fn owned_once(inventory: &Inventory, log: &mut Diagnostics) {
    let mut owners: BTreeMap<Vpc, Span> = BTreeMap::new();
    for (environment, place, vpc) in networks(inventory) {
        let network = environment_at(inventory, environment)
            .and_then(|within| within.places.get(place))
            .and_then(|place| place.network.as_ref());
        let Some(network) = network.filter(|network| matches!(network.route, Route::Create)) else {
            continue;
        };
        if let Some(first) = owners.get(&vpc) {
            log.push(
                Diagnostic::new(
                    &ENDPOINT_OWNED_TWICE,
                    network.vpc.span(),
                    format!("two environments make endpoints in `{}`", vpc.2),
                )
                .also(*first, "the first is here")
                .help("keep `endpoints: create` in one of them; the others name its groups under `existing`"),
            );
        } else {
            owners.insert(vpc, network.vpc.span());
        }
    }
}
