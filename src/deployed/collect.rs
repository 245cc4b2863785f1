//! The walk over all templates: first what there is, then what is attached to it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::channels::{self, Channels};
use super::identity::{self, Attachments};
use super::intrinsics::{Export, Resolver};
use super::other;
use super::{
    Common, Deployed, DeployedAlias, DeployedDocument, DeployedEndpoint, DeployedKey, DeployedSecret, Doubt,
    Encryption, Handed, Located, Place, Placed, account_of, region_of,
};
use crate::access::{PolicyKind, Unknowns};
use crate::pointer::escaped;

/// Reads templates that are deployed together.
pub(super) fn collect(
    templates: &[Located<'_>],
    existing: &[String],
    unknowns: &mut Unknowns,
    common: &mut Common,
) -> Deployed {
    let mut doubts: Vec<Doubt> = Vec::new();
    let exports = exports(templates, unknowns, &mut doubts);
    let mut deployed = Deployed::default();
    let mut attachments = Attachments::default();
    let mut found = Channels::default();
    let mut policies: Vec<(String, Placed)> = Vec::new();
    for at in 0..templates.len() {
        let mut resolver = Resolver {
            templates,
            at,
            exports: &exports,
            unknowns: &mut *unknowns,
            doubts: &mut doubts,
            common: &mut *common,
            depth: 0,
        };
        transforms(&mut resolver, templates);
        for (id, kind) in resources(templates, at) {
            if !resolver.is_made(id) {
                continue;
            }
            match kind {
                "AWS::SecretsManager::Secret" => secret(&mut resolver, id, &mut deployed.secrets),
                "AWS::SecretsManager::ResourcePolicy" => {
                    let target = resolver.property(id, "SecretId").map(|value| resolver.text(value));
                    let policy = resolver.policy(id, "/ResourcePolicy", PolicyKind::Resource);
                    policies.extend(target.zip(policy));
                }
                "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => {
                    let policy = resolver.policy(id, "/KeyPolicy", PolicyKind::Key);
                    let (arn, place) = (resolver.attribute(id, "Arn"), resolver.place(id));
                    deployed.keys.push(DeployedKey { arn, place, policy });
                }
                "AWS::KMS::Alias" => {
                    let target = resolver.property(id, "TargetKeyId");
                    let target = target.map(|value| resolver.text(value)).unwrap_or_default();
                    let (name, site) =
                        (resolver.name(id, "AliasName"), (resolver.account(), resolver.region()));
                    let key = resolver.key_arn(&target);
                    deployed.aliases.push(DeployedAlias { name, site, key });
                }
                "AWS::EC2::VPCEndpoint" => deployed.endpoints.push(endpoint(&mut resolver, id)),
                _ => {
                    identity::note(&mut resolver, id, kind, &mut attachments);
                    channels::note(&mut resolver, id, kind, &mut found);
                }
            }
        }
    }
    let mut attached: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, (target, _)) in policies.iter().enumerate() {
        attached.entry(target).or_insert(at);
    }
    let aliases: BTreeMap<(&str, &str, &str), &str> = deployed
        .aliases
        .iter()
        .rev()
        .map(|it| ((it.name.as_str(), it.site.0.as_str(), it.site.1.as_str()), it.key.as_str()))
        .collect();
    for secret in &mut deployed.secrets {
        encrypted(secret, &aliases);
        if secret.replica_of.is_none() {
            // A policy says whose it is by ARN or by name.
            let targets = [Some(secret.arn.as_str()), name_of(&secret.arn)];
            let first = targets.into_iter().flatten().filter_map(|target| attached.get(target)).min();
            secret.policy = first.and_then(|at| policies.get(*at)).map(|(_, policy)| policy.clone());
        }
    }
    let of: Vec<Option<Placed>> = deployed.secrets.iter().map(|secret| secret.policy.clone()).collect();
    for secret in &mut deployed.secrets {
        if let Some(primary) = secret.replica_of {
            secret.policy = of.get(primary).cloned().flatten();
        }
    }
    deployed.roles = attachments.roles(existing);
    let Channels { topics, queues, permissions, .. } = found.joined();
    doubts.sort();
    doubts.dedup();
    Deployed { topics, queues, permissions, doubts, ..deployed }
}

/// The policies of everything else.
pub(super) fn others(
    templates: &[Located<'_>],
    unknowns: &mut Unknowns,
    common: &mut Common,
) -> Vec<DeployedDocument> {
    let mut doubts = Vec::new();
    let exports = exports(templates, unknowns, &mut doubts);
    let mut found = Vec::new();
    for (at, located) in templates.iter().enumerate() {
        if common.has(&located.path) {
            continue;
        }
        let (unknowns, doubts, common) = (&mut *unknowns, &mut doubts, &mut *common);
        let mut resolver = Resolver { templates, at, exports: &exports, unknowns, doubts, common, depth: 0 };
        for (id, kind) in resources(templates, at) {
            if resolver.is_made(id) {
                other::note(&mut resolver, id, kind, &mut found);
            }
        }
    }
    found
}

/// What resources are called.
pub(super) fn names(
    templates: &[Located<'_>],
    wanted: &[(usize, &str)],
    unknowns: &mut Unknowns,
) -> Vec<String> {
    let (mut doubts, mut common) = (Vec::new(), Common::default());
    let called = |(at, id): &(usize, &str)| {
        let (unknowns, doubts, common) = (&mut *unknowns, &mut doubts, &mut common);
        let mut resolver = Resolver { templates, at: *at, exports: &[], unknowns, doubts, common, depth: 0 };
        [resolver.reference(id), resolver.attribute(id, "Arn")]
    };
    let mut names: Vec<String> =
        wanted.iter().flat_map(called).filter(|name| name.starts_with("arn:")).collect();
    names.sort();
    names.dedup();
    names
}

/// The properties of resources with every reference resolved.
pub(super) fn resolved(
    templates: &[Located<'_>],
    wanted: &[(usize, &str)],
    unknowns: &mut Unknowns,
) -> Vec<Value> {
    let (mut doubts, mut common) = (Vec::new(), Common::default());
    let exports = exports(templates, unknowns, &mut doubts);
    let resolve = |(at, id): &(usize, &str)| {
        let (at, id) = (*at, *id);
        let (unknowns, doubts, common) = (&mut *unknowns, &mut doubts, &mut common);
        let mut resolver = Resolver { templates, at, exports: &exports, unknowns, doubts, common, depth: 0 };
        let properties = resolver.resource(id).and_then(|(_, it)| it.get("Properties"));
        properties.map_or(Value::Null, |properties| resolver.value(properties))
    };
    wanted.iter().map(resolve).collect()
}

/// What templates hand each other.
pub(super) fn handed(templates: &[Located<'_>], unknowns: &mut Unknowns) -> Handed {
    let (mut doubts, mut common) = (Vec::new(), Common::default());
    let exports = exports(templates, unknowns, &mut doubts);
    let mut resolver = Resolver {
        templates,
        at: 0,
        exports: &exports,
        unknowns,
        doubts: &mut doubts,
        common: &mut common,
        depth: 0,
    };
    let mut handed = Handed::default();
    for (at, located) in templates.iter().enumerate() {
        resolver.at = at;
        let given = located.parameters.keys().map(|name| (name.clone(), resolver.parameter(name)));
        handed.parameters.push(given.collect());
    }
    for (account, region, name, at, value) in &exports {
        resolver.at = *at;
        handed.exports.push((account.clone(), region.clone(), name.clone(), resolver.value(value)));
    }
    handed
}

fn resources<'a>(templates: &[Located<'a>], at: usize) -> Vec<(&'a str, &'a str)> {
    let members = templates
        .get(at)
        .and_then(|located| located.document.get("Resources")?.as_object())
        .into_iter()
        .flatten();
    members.filter_map(|(id, resource)| Some((id.as_str(), resource.get("Type")?.as_str()?))).collect()
}

/// A macro can add and change anything.
fn transforms(resolver: &mut Resolver<'_, '_>, templates: &[Located<'_>]) {
    let transform = templates.get(resolver.at).and_then(|located| located.document.get("Transform"));
    let names = match transform {
        None | Some(Value::Null) => return,
        Some(Value::Array(names)) => names.clone(),
        Some(one) => vec![one.clone()],
    };
    for name in names {
        let name = name.as_str().map_or_else(|| name.to_string(), str::to_owned);
        resolver.doubt("/Transform", format!("what the transform `{name}` adds"));
    }
}

fn exports<'a>(
    templates: &[Located<'a>],
    unknowns: &mut Unknowns,
    doubts: &mut Vec<Doubt>,
) -> Vec<Export<'a>> {
    let mut exports = Vec::new();
    for (at, located) in templates.iter().enumerate() {
        let outputs = located.document.get("Outputs").and_then(Value::as_object).into_iter().flatten();
        for (_, output) in outputs {
            let (Some(name), Some(value)) =
                (output.get("Export").and_then(|export| export.get("Name")), output.get("Value"))
            else {
                continue;
            };
            let common = &mut Common::default();
            let mut resolver = Resolver { templates, at, exports: &[], unknowns, doubts, common, depth: 0 };
            exports.push((resolver.account(), resolver.region(), resolver.text(name), at, value));
        }
    }
    exports
}

fn secret(resolver: &mut Resolver<'_, '_>, id: &str, secrets: &mut Vec<DeployedSecret>) {
    let arn = resolver.secret_arn(id);
    let place = resolver.place(id);
    let primary = secrets.len();
    let encryption = encrypted_by(resolver, resolver.property(id, "KmsKeyId"));
    let replicas = resolver.property(id, "ReplicaRegions");
    secrets.push(DeployedSecret { arn: arn.clone(), place, replica_of: None, encryption, policy: None });
    let replicas = replicas.map(|replicas| resolver.value(replicas));
    for (position, replica) in replicas.iter().filter_map(Value::as_array).flatten().enumerate() {
        let Some(region) = replica.get("Region").and_then(Value::as_str) else {
            resolver.doubt(&format!("/Resources/{id}/Properties/ReplicaRegions"), "a replica without Region");
            continue;
        };
        let mut parts: Vec<&str> = arn.splitn(6, ':').collect();
        if let Some(part) = parts.get_mut(3) {
            *part = region;
        }
        let place = Place {
            template: resolver.at,
            pointer: format!("/Resources/{id}/Properties/ReplicaRegions/{position}"),
        };
        let encryption = encrypted_by(resolver, replica.get("KmsKeyId"));
        let arn = parts.join(":");
        secrets.push(DeployedSecret { arn, place, replica_of: Some(primary), encryption, policy: None });
    }
}

/// What `KmsKeyId` names: still an alias, perhaps.
fn encrypted_by(resolver: &mut Resolver<'_, '_>, key: Option<&Value>) -> Encryption {
    let Some(key) = key else { return Encryption::Managed };
    let text = resolver.text(key);
    let alias = text.rsplit_once(":alias/").map(|(_, name)| format!("alias/{name}"));
    match alias.as_deref().unwrap_or(&text) {
        "alias/aws/secretsmanager" => Encryption::Managed,
        name if name.starts_with("alias/") => Encryption::Key(name.to_owned()),
        _ => Encryption::Key(resolver.key_arn(&text)),
    }
}

/// Follows an alias to the key of the secret's own account and Region.
fn encrypted(secret: &mut DeployedSecret, aliases: &BTreeMap<(&str, &str, &str), &str>) {
    let Encryption::Key(name) = &secret.encryption else { return };
    if !name.starts_with("alias/") {
        return;
    }
    let (account, region) =
        (account_of(&secret.arn).unwrap_or_default(), region_of(&secret.arn).unwrap_or_default());
    let key = aliases.get(&(name.as_str(), account, region)).map(|key| (*key).to_owned());
    secret.encryption = key.map_or(Encryption::Unknown, Encryption::Key);
}

/// The name in the ARN of a secret.
fn name_of(arn: &str) -> Option<&str> {
    arn.splitn(7, ':').nth(6).and_then(|rest| rest.rsplit_once('-')).map(|(name, _)| name)
}

fn endpoint(resolver: &mut Resolver<'_, '_>, id: &str) -> DeployedEndpoint {
    let service = resolver.name(id, "ServiceName");
    DeployedEndpoint {
        service: service.rsplit('.').next().unwrap_or_default().to_owned(),
        vpc: resolver.name(id, "VpcId"),
        site: (resolver.account(), resolver.region()),
        place: resolver.place(id),
        policy: resolver.policy(id, "/PolicyDocument", PolicyKind::Endpoint),
    }
}

impl Resolver<'_, '_> {
    /// Where a resource is made.
    pub(super) fn place(&self, id: &str) -> Place {
        Place { template: self.at, pointer: format!("/Resources/{}", escaped(id)) }
    }

    /// The ARN of the key that a text names by ARN or id.
    fn key_arn(&mut self, text: &str) -> String {
        if text.starts_with("arn:") {
            return text.to_owned();
        }
        let (partition, region, account) = (self.partition(), self.region(), self.account());
        format!("arn:{partition}:kms:{region}:{account}:key/{text}")
    }
}
