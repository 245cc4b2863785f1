//! Intended access, derived from the inventory alone. What templates grant is derived elsewhere; the two must agree.

use serde_json::{Value, json};

use super::actions::{
    ADMINISTER, BATCH, DESCRIBE, KEY_AUDIT, KEY_CHANGES, KEY_LISTS, LISTS, METADATA, READ, WRITE,
};
use super::named::{
    circumstances, deployer, key_in, partition, person_arn, role, role_of, secret_arn, suffix,
    through_secrets_manager, unfinished,
};
use super::work;
use crate::inventory::{
    Application, Consumer, Environment, Inventory, KeyRef, Person, Purpose, Rotation, Secret, SecretRef,
    SecretValue, Verb,
};
use crate::source::{Origin, Sourced};

/// Whoever is to have access.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holder {
    /// The role with this ARN.
    Role(String),
    /// Whomever the IAM of this account allows it.
    Account(String),
    /// An AWS service.
    Service(String),
}

/// What access is to, by what identifies it in AWS.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// The secret with this ARN, whose last six characters may be `??????`.
    Secret(String),
    /// The key behind an alias in an account and a Region.
    Key {
        /// The alias, with `alias/`.
        alias: String,
        /// The account.
        account: String,
        /// The Region.
        region: String,
    },
}

/// A condition under which access is intended: operator, key, values.
pub(super) type When = (&'static str, &'static str, Vec<String>);

/// One intended access.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    /// Who.
    pub(super) holder: Holder,
    /// To what.
    pub(super) target: Target,
    /// The actions.
    pub(super) actions: Vec<&'static str>,
    /// The conditions.
    pub(super) when: Vec<When>,
    /// The secrets for which a key may be used, as ARNs with `??????`; empty where that does not matter.
    pub(super) secrets: Vec<String>,
    /// What makes it effective.
    pub(super) effect: Effect,
    /// The VPC whose endpoint the holder's calls go through: account, Region, VPC.
    pub(super) network: Option<Network>,
    /// The line that asks for it.
    pub(super) origin: Origin,
}

/// What makes an intended access effective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// The templates alone.
    Here,
    /// The templates together with policies that the holder has from elsewhere.
    WithOthers,
    /// It is not needed, only accepted: calls without a resource, for one.
    Accepted,
}

/// Every intended access of a workspace.
#[derive(Debug, Default)]
pub(super) struct Intended {
    /// Access to what the templates make, in the order of the inventory.
    pub(super) grants: Vec<Grant>,
    /// Statements for what they do not make, each with the ARN of its role: secrets that services own, what authors wrote
    /// themselves, and what compute needs beside secrets.
    pub(super) others: Vec<(String, Value)>,
    /// What must pass endpoints on its way to secrets that services own: account, Region and VPC, and a statement.
    pub(super) passages: Vec<(Network, Value)>,
}

/// Account, Region and VPC.
pub(super) type Network = (String, String, String);

/// What lets a role's calls pass an endpoint.
pub(super) fn passage(actions: &[&str], resource: &str, role: &str) -> Value {
    json!({
        "Effect": "Allow", "Principal": "*", "Action": actions, "Resource": resource,
        "Condition": { "ArnEquals": { "aws:PrincipalArn": role } },
    })
}

/// Derives every intended access of a workspace.
pub(super) fn intended(inventory: &Inventory) -> Intended {
    let mut intent = Intent { inventory, grants: Vec::new(), others: Vec::new(), passages: Vec::new() };
    for of in &inventory.applications {
        for environment in &of.environments {
            intent.consumers(environment);
            intent.tasks(environment);
            intent.secrets(of, environment);
            intent.keys(of, environment);
        }
    }
    intent.others.extend(work::intended(inventory));
    Intended { grants: intent.grants, others: intent.others, passages: intent.passages }
}

pub(super) struct Intent<'a> {
    inventory: &'a Inventory,
    grants: Vec<Grant>,
    others: Vec<(String, Value)>,
    passages: Vec<(Network, Value)>,
}

impl<'a> Intent<'a> {
    fn consumers(&mut self, environment: &'a Environment) {
        for consumer in &environment.consumers {
            for (index, spec) in consumer.roles.iter().enumerate() {
                let (account, name, here) = role_of(environment, &spec.form);
                let user = User {
                    holder: Holder::Role(role(environment, account, name)),
                    account: account.to_owned(),
                    here,
                    environment,
                    in_network: consumer.in_network,
                    organization: true,
                };
                for access in &spec.accesses {
                    self.access(&user, &access.secret.value, access.verb, access.secret.origin);
                }
                if index == 0 {
                    self.envelope(&user, consumer);
                    self.author(&user, consumer);
                }
            }
        }
    }

    fn access(&mut self, user: &User<'_>, secret: &SecretRef, verb: Verb, origin: Origin) {
        let rights = match verb {
            Verb::Read { describes, batch } => Rights {
                actions: [
                    READ.as_slice(),
                    if describes { &DESCRIBE } else { &[] },
                    if batch { &BATCH } else { &[] },
                ]
                .concat(),
                key: &["kms:Decrypt"],
                replicas: true,
                pending: false,
            },
            Verb::Describe => Rights { actions: METADATA.to_vec(), key: &[], replicas: true, pending: false },
            Verb::Write => Rights {
                actions: WRITE.to_vec(),
                key: &["kms:Decrypt", "kms:GenerateDataKey"],
                replicas: false,
                pending: false,
            },
            Verb::Administer => Rights {
                actions: [METADATA.as_slice(), &ADMINISTER].concat(),
                key: &[],
                replicas: false,
                pending: false,
            },
        };
        self.on_secret(user, secret, &rights, origin);
    }

    /// Access to a secret and, as far as that takes it, to its key, wherever both the user and the secret are.
    pub(super) fn on_secret(
        &mut self,
        user: &User<'_>,
        reference: &SecretRef,
        rights: &Rights,
        origin: Origin,
    ) {
        let Some((home, secret)) = self.secret(user.environment, reference) else {
            return;
        };
        if let SecretValue::OwnedByService { arn, key_arn } = &secret.value {
            self.on_owned(user, &arn.value, key_arn.as_ref().map(|key| key.value.as_str()), rights);
            return;
        }
        let only_primary = usize::from(!rights.replicas);
        for place in &user.environment.places {
            let region = &place.region.value;
            let Some(at) = home.places.iter().position(|place| place.region.value == *region) else {
                continue;
            };
            let held = at == 0 || secret.replicas.iter().any(|replica| replica.value == at);
            if !held || only_primary > 0 && at > 0 {
                continue;
            }
            let network = place.network.as_ref().filter(|_| user.in_network);
            let network =
                network.map(|network| (user.account.clone(), region.clone(), network.vpc.value.clone()));
            let arn = secret_arn(home, secret, region);
            let when = circumstances(home, user.organization && user.account == home.account.value);
            // Until keyprint's own function has finished, the new value is for it alone.
            let guarded = !rights.pending && matches!(secret.rotation, Rotation::Generated { .. });
            let (values, others): (Vec<&'static str>, Vec<&'static str>) =
                rights.actions.iter().partition(|action| guarded && READ.contains(action));
            for (actions, when) in [
                (values, when.iter().cloned().chain([unfinished()]).collect::<Vec<When>>()),
                (others, when.clone()),
            ] {
                if actions.is_empty() {
                    continue;
                }
                self.grants.push(Grant {
                    holder: user.holder.clone(),
                    target: Target::Secret(arn.clone()),
                    actions,
                    when,
                    secrets: Vec::new(),
                    effect: if user.here { Effect::Here } else { Effect::WithOthers },
                    network: network.clone(),
                    origin,
                });
            }
            let Some(target) = self.key(home, &secret.key.value, region) else { continue };
            if !rights.key.is_empty() {
                self.grants.push(Grant {
                    holder: user.holder.clone(),
                    target,
                    actions: rights.key.to_vec(),
                    when: through_secrets_manager(region, &user.account),
                    secrets: vec![arn],
                    effect: if user.here { Effect::Here } else { Effect::WithOthers },
                    network: None,
                    origin,
                });
            }
        }
    }

    /// Access to a secret that a service owns: its ARN is known, its policies are not.
    fn on_owned(&mut self, user: &User<'_>, arn: &str, key: Option<&str>, rights: &Rights) {
        let Holder::Role(role) = &user.holder else { return };
        let on_secret = json!({ "Effect": "Allow", "Action": rights.actions, "Resource": arn });
        self.others.push((role.clone(), on_secret));
        let region = arn.split(':').nth(3).unwrap_or_default();
        let near = user.environment.places.iter().find(|place| place.region.value == region);
        if let Some(network) = near.and_then(|place| place.network.as_ref()).filter(|_| user.in_network) {
            let network = (user.account.clone(), region.to_owned(), network.vpc.value.clone());
            self.passages.push((network, passage(&rights.actions, arn, role)));
        }
        if let Some(key) = key.filter(|_| !rights.key.is_empty()) {
            let on_key = json!({
                "Effect": "Allow", "Action": rights.key, "Resource": key,
                "Condition": { "StringEquals": {
                    "kms:ViaService": format!("secretsmanager.{region}.{}", suffix(region)),
                    "kms:EncryptionContext:SecretARN": arn,
                } },
            });
            self.others.push((role.clone(), on_key));
        }
    }

    /// Statements that an author wrote, as they are.
    fn author(&mut self, user: &User<'_>, consumer: &Consumer) {
        let Holder::Role(role) = &user.holder else { return };
        for written in &consumer.author_statements {
            let texts = |list: &[Sourced<String>]| -> Vec<String> {
                list.iter().map(|text| text.value.clone()).collect()
            };
            let mut conditions = serde_json::Map::new();
            for (operator, key, values) in &written.conditions {
                let block = conditions.entry(operator.value.clone()).or_insert_with(|| json!({}));
                if let Some(block) = block.as_object_mut() {
                    block.insert(key.value.clone(), json!(texts(values)));
                }
            }
            let statement = json!({
                "Effect": "Allow", "Action": texts(&written.actions), "Resource": texts(&written.resources),
                "Condition": conditions,
            });
            self.others.push((role.clone(), statement));
        }
    }

    /// Keys that a consumer encrypts with itself.
    fn envelope(&mut self, user: &User<'_>, consumer: &Consumer) {
        for reference in &consumer.encrypts_with {
            for place in &user.environment.places {
                let region = &place.region.value;
                let Some(target) = self.key(user.environment, &reference.value, region) else {
                    continue;
                };
                let network = place.network.as_ref().filter(|_| user.in_network);
                self.grants.push(Grant {
                    holder: user.holder.clone(),
                    target,
                    actions: vec!["kms:Decrypt", "kms:GenerateDataKey"],
                    when: Vec::new(),
                    secrets: Vec::new(),
                    effect: if user.here { Effect::Here } else { Effect::WithOthers },
                    network: network
                        .map(|network| (user.account.clone(), region.clone(), network.vpc.value.clone())),
                    origin: reference.origin,
                });
            }
        }
    }

    fn secrets(&mut self, of: &Application, environment: &'a Environment) {
        for (id, secret) in environment.secrets.iter() {
            let own = SecretRef::Own(id);
            self.rotation(of, environment, (&own, secret));
            let people = &environment.people;
            let read = Rights {
                actions: [READ, DESCRIBE].concat(),
                key: &["kms:Decrypt"],
                replicas: true,
                pending: true,
            };
            let describe = Rights { actions: METADATA.to_vec(), key: &[], replicas: true, pending: false };
            let administer = Rights {
                actions: [METADATA.as_slice(), &ADMINISTER].concat(),
                key: &[],
                replicas: false,
                pending: false,
            };
            for (person, rights, listed) in [
                (&people.administrators, &administer, true),
                (&people.auditors, &describe, true),
                (&people.break_glass, &read, false),
            ] {
                let Some(person) = person else { continue };
                let mut user = person_user(environment, person);
                // Break-glass works from outside the organization too.
                user.organization = listed;
                self.on_secret(&user, &own, rights, person.origin);
                if listed {
                    self.lists(environment, secret, &user, person.origin);
                }
            }
            self.deployment(environment, secret);
        }
    }

    /// Lists have no resource, so they are allowed on anything.
    fn lists(&mut self, environment: &Environment, secret: &Secret, user: &User<'_>, origin: Origin) {
        let held = secret.replicas.iter().map(|replica| replica.value).chain([0]);
        for region in held.filter_map(|at| environment.places.get(at)) {
            self.grants.push(Grant {
                holder: user.holder.clone(),
                target: Target::Secret(secret_arn(environment, secret, &region.region.value)),
                actions: LISTS.to_vec(),
                when: circumstances(environment, user.organization),
                secrets: Vec::new(),
                effect: Effect::Accepted,
                network: None,
                origin,
            });
        }
    }

    /// CloudFormation makes the secret, attaches it to its database and replicates it, as the deployer.
    fn deployment(&mut self, environment: &Environment, secret: &Secret) {
        if matches!(secret.value, SecretValue::OwnedByService { .. }) {
            return;
        }
        let (holder, origin) = deployer(environment);
        let replicated = !secret.replicas.is_empty();
        let held = secret.replicas.iter().map(|replica| replica.value).chain([0]);
        for place in held.filter_map(|at| environment.places.get(at)) {
            let region = &place.region.value;
            let arn = secret_arn(environment, secret, region);
            let mut grant = |target, actions: &[&'static str], when, secrets, effect| {
                self.grants.push(Grant {
                    holder: holder.clone(),
                    target,
                    actions: actions.to_vec(),
                    when,
                    secrets,
                    effect,
                    network: None,
                    origin,
                });
            };
            let everything: &[&str] = &["secretsmanager:*"];
            let when = circumstances(environment, true);
            let mut needed = when.clone();
            if matches!(secret.rotation, Rotation::Generated { .. }) {
                needed.push(unfinished());
            }
            grant(Target::Secret(arn.clone()), everything, needed, Vec::new(), Effect::WithOthers);
            grant(Target::Secret(arn.clone()), everything, when, Vec::new(), Effect::Accepted);
            let Some(target) = key_in(self.inventory, environment, &secret.key.value, region) else {
                continue;
            };
            let via = through_secrets_manager(region, &environment.account.value);
            let encrypt: &[&str] =
                if replicated { &["kms:Encrypt", "kms:GenerateDataKey"] } else { &["kms:GenerateDataKey"] };
            grant(target.clone(), encrypt, via.clone(), vec![arn.clone()], Effect::WithOthers);
            let mut validation = via.clone();
            if !replicated && secret.attachment.is_none() {
                validation.push((
                    "StringEquals",
                    "kms:EncryptionContext:SecretVersionId",
                    vec!["RequestToValidateKeyAccess".to_owned()],
                ));
            }
            grant(target, &["kms:Decrypt"], validation, vec![arn], Effect::WithOthers);
        }
    }

    fn keys(&mut self, of: &Application, environment: &'a Environment) {
        for (_, key) in environment.keys.iter() {
            for place in key.places.iter().filter_map(|at| environment.places.get(*at)) {
                let region = &place.region.value;
                let target = Target::Key {
                    alias: key.alias.value.clone(),
                    account: environment.account.value.clone(),
                    region: region.clone(),
                };
                let mut manage = [KEY_AUDIT.as_slice(), &KEY_CHANGES].concat();
                if key.multi_region.value {
                    manage.push("kms:ReplicateKey");
                }
                let mut grant = |holder: Holder, actions: Vec<&'static str>, when, effect, origin| {
                    self.grants.push(Grant {
                        holder,
                        target: target.clone(),
                        actions,
                        when,
                        secrets: Vec::new(),
                        effect,
                        network: None,
                        origin,
                    });
                };
                let (holder, origin) = deployer(environment);
                grant(holder, manage.clone(), Vec::new(), Effect::WithOthers, origin);
                let people = &environment.people;
                // A replica key is managed where it is; who replicates keys is the primary's administrator.
                let administer: Vec<&'static str> =
                    manage.iter().copied().filter(|action| *action != "kms:ReplicateKey").collect();
                if let Some(person) = &people.administrators {
                    let holder = Holder::Role(person_arn(environment, person));
                    grant(holder.clone(), administer, Vec::new(), Effect::Here, person.origin);
                    grant(
                        holder,
                        [KEY_LISTS.as_slice(), &["kms:ReplicateKey"]].concat(),
                        Vec::new(),
                        Effect::Accepted,
                        person.origin,
                    );
                }
                if let Some(person) = &people.auditors {
                    let holder = Holder::Role(person_arn(environment, person));
                    grant(holder.clone(), KEY_AUDIT.to_vec(), Vec::new(), Effect::Here, person.origin);
                    grant(holder, KEY_LISTS.to_vec(), Vec::new(), Effect::Accepted, person.origin);
                }
                if key.purpose == Purpose::Alerts {
                    for service in ["cloudwatch.amazonaws.com", "events.amazonaws.com"] {
                        let actions = vec!["kms:Decrypt", "kms:GenerateDataKey*"];
                        grant(
                            Holder::Service(service.to_owned()),
                            actions,
                            Vec::new(),
                            Effect::WithOthers,
                            key.origin,
                        );
                    }
                    let arn = format!(
                        "arn:{}:logs:{region}:{}:log-group:/aws/lambda/{}-{}-*",
                        partition(region),
                        environment.account.value,
                        of.name.value,
                        environment.name.value
                    );
                    grant(
                        Holder::Service(format!("logs.{region}.{}", suffix(region))),
                        vec![
                            "kms:Decrypt*",
                            "kms:Describe*",
                            "kms:Encrypt*",
                            "kms:GenerateDataKey*",
                            "kms:ReEncrypt*",
                        ],
                        vec![("ArnLike", "kms:EncryptionContext:aws:logs:arn", vec![arn])],
                        Effect::WithOthers,
                        key.origin,
                    );
                }
            }
        }
    }

    /// A secret with the application and the environment that own it.
    fn secret(
        &self,
        environment: &'a Environment,
        reference: &SecretRef,
    ) -> Option<(&'a Environment, &'a Secret)> {
        match reference {
            SecretRef::Own(id) => Some((environment, environment.secrets.get(*id)?)),
            SecretRef::Other { application, environment, secret } => {
                let home = self.inventory.applications.get(*application)?.environments.get(*environment)?;
                Some((home, home.secrets.get(*secret)?))
            }
        }
    }

    fn key(&self, environment: &Environment, reference: &KeyRef, region: &str) -> Option<Target> {
        key_in(self.inventory, environment, reference, region)
    }
}

/// Whose access is meant.
pub(super) struct User<'a> {
    /// Who.
    pub(super) holder: Holder,
    /// The account of the role.
    pub(super) account: String,
    /// Whether the templates hold its policies.
    pub(super) here: bool,
    /// Where it works.
    pub(super) environment: &'a Environment,
    /// Whether its calls go through the network.
    pub(super) in_network: bool,
    /// Whether it belongs to the organization.
    pub(super) organization: bool,
}

/// What a verb of the language comes to.
pub(super) struct Rights {
    /// On the secret.
    pub(super) actions: Vec<&'static str>,
    /// On its key.
    pub(super) key: &'static [&'static str],
    /// Whether replicas are meant too.
    pub(super) replicas: bool,
    /// Whether the version that a rotation is making may be read too.
    pub(super) pending: bool,
}

fn person_user<'a>(environment: &'a Environment, person: &Person) -> User<'a> {
    User {
        holder: Holder::Role(person_arn(environment, person)),
        account: environment.account.value.clone(),
        here: true,
        environment,
        in_network: false,
        organization: true,
    }
}
