//! Consumers: from the facts of their compute and their verbs to roles and accesses.

use crate::blueprint::consumer::{
    self as facts, AllowStatement, Compute, Consumer as Written, ConsumerNetwork, Identity, Lookup, Need,
    Piece, Placement, Provider, ResourcePattern, Resources, Trust as WrittenTrust, Verb as Word, When,
};
use crate::blueprint::name::Name;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::inventory::codes::access::{LOGIN_WITHOUT_RESOURCE_ID, WILDCARD_IN_ALLOW};
use crate::inventory::codes::names::UNKNOWN_REFERENCE;
use crate::inventory::{
    Access, Arrangement, AuthorStatement, Consumer, DatabaseLogin, Environment, Foreign, PodIdentity,
    RoleForm, RoleSpec, Trust, Verb,
};
use crate::source::{Origin, Sourced};

use super::environment::Described;
use super::scope::applies;
use super::{key, rotation, text};

/// Seconds of an hour, and of the shortest maximum of a role's session (IAM quotas).
const HOUR: u32 = 3600;

/// Adds the consumers of an environment.
pub(super) fn resolve(described: &Described<'_>, environment: &mut Environment, log: &mut Diagnostics) {
    let consumers: Vec<Consumer> = described
        .blueprint
        .consumers
        .iter()
        .filter(|entry| applies(&entry.body.only, &entry.body.except, described.name))
        .filter_map(|entry| consumer(described, environment, (&entry.name, &entry.body), log))
        .collect();
    environment.consumers = consumers;
}

fn consumer(
    described: &Described<'_>,
    environment: &Environment,
    (name, written): (&Sourced<Name>, &Written),
    log: &mut Diagnostics,
) -> Option<Consumer> {
    let identity = written.identity()?;
    let compute = match identity {
        Identity::Compute(compute) => Some(&compute.value),
        Identity::Role(_) | Identity::Foreign { .. } => None,
    };
    let in_network = in_network(environment, written, compute);
    let facts = Facts {
        described,
        name,
        written,
        in_network,
        // A role's name is fixed once it is made; a renamed consumer keeps the one it has.
        own_name: format!("{}-{}", described.prefix(), written.was.as_ref().unwrap_or(name).value),
    };
    let mut roles = vec![RoleSpec {
        suffix: "",
        form: form(&facts, identity, log)?,
        accesses: accesses(&facts, compute, |verb| verb != Word::Injects, log),
        arrangements: compute
            .map(|compute| arrangements(&facts, compute, &compute.needs))
            .unwrap_or_default(),
    }];
    if let Some(execution) = compute.and_then(|compute| compute.execution.as_ref()) {
        roles.push(RoleSpec {
            suffix: "execution",
            form: RoleForm::Created {
                name: format!("{}-execution", facts.own_name),
                trust: service_trust(&facts, &execution.trust),
                session_seconds: Origin::defaulted(name.span()).put(HOUR),
                instance_profile: false,
                pod_identity: None,
            },
            accesses: accesses(&facts, compute, |verb| verb == Word::Injects, log),
            arrangements: compute
                .map(|compute| arrangements(&facts, compute, &execution.needs))
                .unwrap_or_default(),
        });
    }
    Some(Consumer {
        stable_name: key::stable_name(name, written.was.as_ref(), written.id.as_ref()),
        name: text(name),
        kind: compute.map_or("role", |compute| compute.kind),
        logins: logins(described, written, log),
        encrypts_with: written
            .encrypts_with
            .iter()
            .filter_map(|reference| {
                Some(reference.origin.put(described.scope.key(described.at, reference, log)?))
            })
            .collect(),
        author_statements: written.allow.iter().map(|statement| author_statement(statement, log)).collect(),
        in_network,
        databases: if in_network { databases(described, written) } else { Vec::new() },
        stack: written.stack.as_ref().map(text),
        roles,
        origin: Origin::written(name.span()),
    })
}

/// What several steps need to know about a consumer.
struct Facts<'a> {
    described: &'a Described<'a>,
    name: &'a Sourced<Name>,
    written: &'a Written,
    in_network: bool,
    own_name: String,
}

fn in_network(environment: &Environment, written: &Written, compute: Option<&Compute>) -> bool {
    let has_network = environment.places.first().is_some_and(|place| place.network.is_some());
    let refused = written.network.as_ref().is_some_and(|network| network.value == ConsumerNetwork::None);
    has_network
        && match compute.map(|compute| compute.placement) {
            Some(Placement::InVpc) => true,
            Some(Placement::InVpcByChoice) => !refused,
            Some(Placement::Outside) | None => false,
        }
}

fn form(facts: &Facts<'_>, identity: Identity<'_>, log: &mut Diagnostics) -> Option<RoleForm> {
    let written = facts.written;
    let session_seconds =
        written.session.as_ref().map_or(Origin::defaulted(facts.name.span()).put(HOUR), |session| {
            session.origin.put(session.value.count().saturating_mul(HOUR))
        });
    Some(match identity {
        Identity::Role(role) => RoleForm::Existing { name: text(role) },
        Identity::Foreign { account, role } if *account.value == *facts.described.written.account.value => {
            RoleForm::Existing { name: text(role) }
        }
        Identity::Foreign { account, role } => {
            let foreign = Foreign { account: text(account), role: text(role) };
            if written.external_id.is_none() {
                return Some(RoleForm::Foreign(foreign));
            }
            RoleForm::Created {
                name: facts.own_name.clone(),
                trust: Trust::External(foreign),
                session_seconds,
                instance_profile: false,
                pod_identity: None,
            }
        }
        Identity::Compute(compute) => RoleForm::Created {
            name: facts.own_name.clone(),
            trust: trust(facts, compute.origin, &compute.value.trust, log)?,
            session_seconds,
            instance_profile: matches!(compute.value.attachment, facts::Attachment::InstanceProfile),
            pod_identity: match &compute.value.attachment {
                facts::Attachment::PodIdentityAssociation(pod) => Some(PodIdentity {
                    cluster: pod.cluster.clone(),
                    namespace: pod.namespace.clone(),
                    service_account: pod.service_account.clone(),
                }),
                facts::Attachment::Role
                | facts::Attachment::InstanceProfile
                | facts::Attachment::ServiceAccountAnnotation => None,
            },
        },
    })
}

fn trust(facts: &Facts<'_>, origin: Origin, written: &WrittenTrust, log: &mut Diagnostics) -> Option<Trust> {
    Some(match written {
        WrittenTrust::Service(service) => service_trust(facts, service),
        WrittenTrust::PodIdentity(pod) => Trust::PodIdentity {
            namespace: pod.namespace.clone(),
            service_account: pod.service_account.clone(),
        },
        WrittenTrust::WebIdentity(web) => Trust::WebIdentity {
            provider: match &web.provider {
                Provider::Fixed(provider) => origin.put((*provider).to_owned()),
                Provider::Cluster(name) => {
                    let clusters = &facts.described.written.clusters;
                    let Some(entry) = clusters.get(&name.value) else {
                        log.push(
                            Diagnostic::new(
                                &UNKNOWN_REFERENCE,
                                name.span(),
                                format!(
                                    "environment `{}` describes no cluster `{}`",
                                    facts.described.name, name.value
                                ),
                            )
                            .help(format!(
                                "add `clusters: {{ {}: {{ oidc: … }} }}` to the environment",
                                name.value
                            )),
                        );
                        return None;
                    };
                    text(&entry.body.oidc)
                }
            },
            audience: web.audience,
            subjects: vec![origin.put(web.subject.clone())],
        },
    })
}

fn service_trust(facts: &Facts<'_>, written: &facts::ServiceTrust) -> Trust {
    Trust::Service {
        principals: written.principals.to_vec(),
        source_account: written.source.is_some(),
        source_arn: written.source.as_ref().map(|source| pattern(facts, source)),
        external_ids: written.external_ids.iter().map(|id| pattern(facts, id)).collect(),
    }
}

fn pattern(facts: &Facts<'_>, pattern: &ResourcePattern) -> (&'static str, String) {
    let rest = pattern
        .resource
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => *text,
            Piece::Given(text) => text.as_str(),
            Piece::OwnName => facts.own_name.as_str(),
        })
        .collect();
    (pattern.service, rest)
}

fn arrangements(facts: &Facts<'_>, compute: &Compute, needs: &[Need]) -> Vec<Arrangement> {
    needs
        .iter()
        .filter(|need| match need.when {
            When::Always => true,
            When::InVpc => facts.in_network,
            When::WithConnection => facts.written.connection.is_some(),
        })
        .map(|need| Arrangement {
            sid: need.sid,
            actions: need.actions.to_vec(),
            resources: match &need.resources {
                Resources::All => Vec::new(),
                Resources::These(patterns) => patterns.iter().map(|one| pattern(facts, one)).collect(),
            },
            withheld_from: compute
                .function
                .as_ref()
                .filter(|_| need.withheld_from_code)
                .map(|function| pattern(facts, function)),
        })
        .collect()
}

fn accesses(
    facts: &Facts<'_>,
    compute: Option<&Compute>,
    wanted: impl Fn(Word) -> bool,
    log: &mut Diagnostics,
) -> Vec<Access> {
    let describes = facts.written.cache.is_some()
        || compute.is_some_and(|compute| compute.lookup == Lookup::ValueAndDescription);
    let batch = facts.written.batch.is_some_and(|batch| batch.value);
    facts
        .written
        .uses()
        .filter(|(verb, _)| wanted(*verb))
        .filter_map(|(verb, reference)| {
            let secret = facts.described.scope.secret(facts.described.at, reference, log)?;
            Some(Access {
                secret: reference.origin.put(secret),
                verb: match verb {
                    Word::Reads => Verb::Read { describes, batch },
                    Word::Injects => Verb::Read { describes: false, batch: false },
                    Word::Describes => Verb::Describe,
                    Word::Writes => Verb::Write,
                    Word::Administers => Verb::Administer,
                },
            })
        })
        .collect()
}

fn logins(described: &Described<'_>, written: &Written, log: &mut Diagnostics) -> Vec<DatabaseLogin> {
    written
        .connects_to
        .iter()
        .filter_map(|login| {
            let database = described.written.databases.get(&login.database.value).map(|entry| &entry.body);
            let Some(database) = database else {
                log.push(
                    Diagnostic::new(
                        &UNKNOWN_REFERENCE,
                        login.database.span(),
                        format!(
                            "environment `{}` describes no database `{}`",
                            described.name, login.database.value
                        ),
                    )
                    .help("add it to the environment's `databases`"),
                );
                return None;
            };
            let Some(resource_id) = &database.resource_id else {
                log.push(
                    Diagnostic::new(
                        &LOGIN_WITHOUT_RESOURCE_ID,
                        login.database.span(),
                        format!(
                            "the database `{}` has no `resource-id` in environment `{}`",
                            login.database.value, described.name
                        ),
                    )
                    .also(database.span, "described here")
                    .help("add `resource-id: db-…`, `cluster-…` or `prx-…`; logins with IAM go by it"),
                );
                return None;
            };
            Some(DatabaseLogin { resource_id: text(resource_id), user: text(&login.user) })
        })
        .collect()
}

fn author_statement(written: &AllowStatement, log: &mut Diagnostics) -> AuthorStatement {
    let everything = written.resources.as_slice().iter().find(|resource| &*resource.value == "*");
    let wide = written.actions.as_slice().iter().find(|action| action.value.contains('*'));
    if let (Some(action), Some(resource)) = (wide, everything) {
        log.push(
            Diagnostic::new(&WILDCARD_IN_ALLOW, action.span(), "a wildcard of actions on every resource")
                .also(resource.span(), "every resource")
                .help("name the actions, or the resources"),
        );
    }
    AuthorStatement {
        actions: written.actions.as_slice().iter().map(text).collect(),
        resources: written.resources.as_slice().iter().map(text).collect(),
        conditions: written
            .conditions
            .iter()
            .flat_map(|operator| {
                operator.body.iter().map(move |key| {
                    (text(&operator.name), text(&key.name), key.body.as_slice().iter().map(text).collect())
                })
            })
            .collect(),
        origin: Origin::written(written.span),
    }
}

/// The database groups that a consumer must reach for the secrets that it reads in its own VPC.
fn databases(described: &Described<'_>, written: &Written) -> Vec<(Sourced<String>, u32)> {
    let mut databases: Vec<(Sourced<String>, u32)> = written
        .reads
        .iter()
        .chain(&written.inject)
        .filter(|reference| reference.value.application.is_none())
        .filter_map(|reference| {
            let secret = described.scope.secret_entry(described.at, &reference.value)?;
            let (port, group) = rotation::database_group(described, secret);
            Some((group?, port))
        })
        .collect();
    databases.sort_by(|left, right| (&left.0.value, left.1).cmp(&(&right.0.value, right.1)));
    databases.dedup_by(|second, first| first.0.value == second.0.value && first.1 == second.1);
    databases
}
