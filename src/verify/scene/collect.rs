//! Templates to a scene: every role, secret, key and endpoint with the policies on it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::resolve::{Resolver, partition};
use super::{
    Actor, Document, Doubt, Encryption, Endpoint, Place, Scene, TemplateInput, Thing, ThingKind, kind,
};
use crate::access::{Policy, PolicyKind, Resource, Role, World};

/// The scene of an account: what the templates that are deployed to it make, with what the others hand to them.
pub(crate) fn collect(templates: &[TemplateInput<'_>], account: &str) -> Scene {
    let mut collector = Collector {
        resolver: Resolver::new(templates),
        scene: Scene { world: World { account: account.to_owned(), ..World::default() }, ..Scene::default() },
        by_arn: BTreeMap::new(),
        managed: BTreeMap::new(),
        aliases: BTreeMap::new(),
    };
    let resources: Vec<(usize, &TemplateInput<'_>, &str, &Value)> = templates
        .iter()
        .enumerate()
        .filter(|(_, input)| input.account == account)
        .flat_map(|(at, input)| {
            let resources = input.document.get("Resources").and_then(Value::as_object);
            resources.into_iter().flatten().map(move |(id, resource)| (at, input, id.as_str(), resource))
        })
        .collect();
    // What others name comes first: managed policies, roles, keys, and then what is attached to them.
    for pass in [Collector::named, Collector::owned, Collector::attached] {
        for (at, input, id, resource) in &resources {
            let place = Place { template: *at, logical_id: (*id).to_owned() };
            let empty = Value::Object(Map::new());
            pass(&mut collector, input, &place, kind(resource), resource.get("Properties").unwrap_or(&empty));
        }
    }
    collector.outsiders();
    collector.scene
}

struct Collector<'a> {
    resolver: Resolver<'a>,
    scene: Scene,
    /// The positions of roles by ARN.
    by_arn: BTreeMap<String, usize>,
    /// Managed policies by ARN.
    managed: BTreeMap<String, Document>,
    /// Key ids by alias.
    aliases: BTreeMap<String, String>,
}

impl Collector<'_> {
    fn named(&mut self, input: &TemplateInput<'_>, place: &Place, kind: &str, properties: &Value) {
        match kind {
            "AWS::IAM::ManagedPolicy" => {
                if let Some(document) = self.document(place, properties, "PolicyDocument") {
                    let arn = self.own(place);
                    self.managed.insert(arn, document);
                }
            }
            "AWS::KMS::Key" => {
                let arn = self.attribute(place, "Arn");
                let policy = self.document(place, properties, "KeyPolicy").unwrap_or_else(|| Document {
                    place: place.clone(),
                    pointer: format!("/Resources/{}", place.logical_id),
                    value: default_key_policy(input),
                });
                self.thing(ThingKind::Key, place, arn, Some(policy), Encryption::None);
            }
            "AWS::KMS::Alias" => {
                let [alias, key] = ["AliasName", "TargetKeyId"]
                    .map(|it| properties.get(it).map(|value| self.resolver.text(place.template, value)));
                if let (Some(alias), Some(key)) = (alias, key) {
                    self.aliases.insert(format!("{} {alias}", input.region), key);
                }
            }
            "AWS::IAM::Role" => {
                let arn = self.attribute(place, "Arn");
                self.by_arn.insert(arn.clone(), self.scene.roles.len());
                self.scene.world.roles.push(Role { arn, identity: Vec::new(), boundaries: Vec::new() });
                self.scene.roles.push(Actor {
                    place: Some(place.clone()),
                    identity: Vec::new(),
                    boundaries: Vec::new(),
                    is_open: false,
                });
            }
            _ => {}
        }
    }

    fn owned(&mut self, input: &TemplateInput<'_>, place: &Place, kind: &str, properties: &Value) {
        match kind {
            "AWS::SecretsManager::Secret" => {
                let arn = self.own(place);
                let key = properties.get("KmsKeyId");
                let encryption = self.encryption(input, place, key);
                self.thing(ThingKind::Secret, place, arn.clone(), None, encryption);
                let replicas = properties.get("ReplicaRegions").and_then(Value::as_array);
                for replica in replicas.into_iter().flatten() {
                    let Some(region) = replica.get("Region") else { continue };
                    let region = self.resolver.text(place.template, region);
                    let elsewhere = TemplateInput {
                        path: String::new(),
                        document: input.document,
                        account: input.account.clone(),
                        region: region.clone(),
                        given: BTreeMap::new(),
                    };
                    let encryption = self.encryption(&elsewhere, place, replica.get("KmsKeyId"));
                    let arn = arn.replacen(&format!(":{}:", input.region), &format!(":{region}:"), 1);
                    self.thing(ThingKind::Secret, place, arn, None, encryption);
                }
            }
            "AWS::IAM::Role" => self.role(place, properties),
            "AWS::EC2::VPCEndpoint" => {
                let service = properties.get("ServiceName");
                let service = service.map(|value| self.resolver.text(place.template, value));
                let service = service.unwrap_or_default();
                let service = service.rsplit('.').next().unwrap_or_default().to_owned();
                let policy = self.document(place, properties, "PolicyDocument");
                self.scene.endpoints.push(Endpoint { service: (input.region.clone(), service), policy });
            }
            _ => {}
        }
    }

    fn attached(&mut self, input: &TemplateInput<'_>, place: &Place, kind: &str, properties: &Value) {
        match kind {
            "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" | "AWS::IAM::RolePolicy" => {
                let Some(document) = self.document(place, properties, "PolicyDocument") else { return };
                let roles = properties.get("Roles").and_then(Value::as_array);
                let roles = roles.into_iter().flatten().chain(properties.get("RoleName"));
                for role in roles {
                    let name = self.resolver.text(place.template, role);
                    let role = self.role_named(input, &name);
                    self.grant(role, document.clone());
                }
                for kind in ["Users", "Groups"] {
                    if properties.get(kind).and_then(Value::as_array).is_some_and(|it| !it.is_empty()) {
                        self.doubt(place, format!("it is attached to `{kind}`, which are not followed"));
                    }
                }
            }
            "AWS::SecretsManager::ResourcePolicy" => {
                let Some(document) = self.document(place, properties, "ResourcePolicy") else { return };
                let secret = properties.get("SecretId").map(|it| self.resolver.text(place.template, it));
                let policy = self.policy(&document, PolicyKind::Resource);
                let mut is_found = false;
                let same = |arn: &str| {
                    let given = secret.as_deref().unwrap_or_default();
                    let tail = |arn: &str| arn.split(':').skip(6).collect::<Vec<_>>().join(":");
                    // A policy of a secret holds for its replicas too.
                    arn == given || (!tail(arn).is_empty() && tail(arn) == tail(given))
                };
                for (thing, resource) in self.scene.things.iter_mut().zip(&mut self.scene.world.resources) {
                    if thing.kind == ThingKind::Secret && same(&resource.arn) {
                        is_found = true;
                        thing.policy = Some(document.clone());
                        resource.policy = policy.clone();
                    }
                }
                if !is_found {
                    self.doubt(place, "its secret is not in these templates".to_owned());
                }
            }
            "AWS::IAM::User" | "AWS::IAM::Group" | "AWS::IAM::UserPolicy" | "AWS::IAM::GroupPolicy" => {
                let text = format!("`{kind}` is not followed: its principals count as others of the account");
                self.doubt(place, text);
            }
            _ => {}
        }
    }

    fn role(&mut self, place: &Place, properties: &Value) {
        let arn = self.attribute(place, "Arn");
        let Some(at) = self.by_arn.get(&arn).copied() else { return };
        let inline = properties.get("Policies").and_then(Value::as_array);
        for (number, policy) in inline.into_iter().flatten().enumerate() {
            let pointer = format!("/Resources/{}/Properties/Policies/{number}", place.logical_id);
            let Some(value) = policy.get("PolicyDocument") else { continue };
            let value = self.resolver.document(place.template, value);
            let pointer = format!("{pointer}/PolicyDocument");
            self.grant(at, Document { place: place.clone(), pointer, value });
        }
        let managed = properties.get("ManagedPolicyArns").and_then(Value::as_array);
        for arn in managed.into_iter().flatten() {
            let arn = self.resolver.text(place.template, arn);
            match self.managed.get(&arn).cloned() {
                Some(document) => self.grant(at, document),
                None => {
                    let arn = crate::access::readable(&arn);
                    self.doubt(place, format!("the managed policy `{arn}` is not shown and left out"));
                }
            }
        }
        if let Some(boundary) = properties.get("PermissionsBoundary") {
            let arn = self.resolver.text(place.template, boundary);
            let known = self.managed.get(&arn).cloned();
            let policy = known.as_ref().and_then(|it| self.policy(it, PolicyKind::Boundary));
            match (known, policy) {
                (Some(document), Some(policy)) => {
                    if let Some(role) = self.scene.world.roles.get_mut(at) {
                        role.boundaries.push(policy);
                    }
                    if let Some(actor) = self.scene.roles.get_mut(at) {
                        actor.boundaries.push(document);
                    }
                }
                _ => {
                    let arn = crate::access::readable(&arn);
                    self.doubt(place, format!("the boundary `{arn}` is not shown and counts as none"));
                }
            }
        }
    }

    /// The role of a name, which exists already if no template makes it.
    fn role_named(&mut self, input: &TemplateInput<'_>, name: &str) -> usize {
        let ends =
            |arn: &str| arn.split(":role/").nth(1).is_some_and(|path| path.rsplit('/').next() == Some(name));
        if let Some(at) = self.scene.world.roles.iter().position(|role| ends(&role.arn)) {
            return at;
        }
        let arn = format!("arn:{}:iam::{}:role/{name}", partition(&input.region), input.account);
        self.outsider(arn)
    }

    /// Roles that policies name and no template makes: whatever their own policies allow, they may.
    fn outsiders(&mut self) {
        let own = format!(":iam::{}:role/", self.scene.world.account);
        let mut arns = BTreeSet::new();
        let documents = self.scene.things.iter().filter_map(|thing| thing.policy.as_ref());
        for document in documents {
            let mut open = vec![&document.value];
            while let Some(value) = open.pop() {
                if let Value::String(text) = value
                    && text.contains(&own)
                    && text.starts_with("arn:")
                    && !text.contains(['*', '?', '$'])
                {
                    arns.insert(text.clone());
                }
                open.extend(value.as_array().into_iter().flatten());
                open.extend(value.as_object().into_iter().flat_map(Map::values));
            }
        }
        for arn in arns {
            if !self.by_arn.contains_key(&arn) {
                self.outsider(arn);
            }
        }
    }

    fn outsider(&mut self, arn: String) -> usize {
        let at = self.scene.roles.len();
        self.by_arn.insert(arn.clone(), at);
        let everything = json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } });
        let identity = Policy::from_value(&everything, PolicyKind::Identity).into_iter().collect();
        self.scene.world.roles.push(Role { arn, identity, boundaries: Vec::new() });
        self.scene.roles.push(Actor {
            place: None,
            identity: Vec::new(),
            boundaries: Vec::new(),
            is_open: true,
        });
        at
    }

    fn grant(&mut self, role: usize, document: Document) {
        let Some(policy) = self.policy(&document, PolicyKind::Identity) else { return };
        let (Some(known), Some(actor)) =
            (self.scene.world.roles.get_mut(role), self.scene.roles.get_mut(role))
        else {
            return;
        };
        if actor.identity.contains(&document) {
            return;
        }
        // The policy that stands for all that is not shown stays the last, so that positions agree.
        let at = actor.identity.len();
        known.identity.insert(at, policy);
        actor.identity.push(document);
    }

    fn thing(
        &mut self,
        kind: ThingKind,
        place: &Place,
        arn: String,
        policy: Option<Document>,
        encryption: Encryption,
    ) {
        let read = policy.as_ref().and_then(|document| self.policy(document, PolicyKind::Key));
        self.scene.world.resources.push(Resource { arn, policy: read });
        self.scene.things.push(Thing { kind, place: place.clone(), policy, encryption });
    }

    fn encryption(&mut self, input: &TemplateInput<'_>, place: &Place, key: Option<&Value>) -> Encryption {
        let Some(key) = key else { return Encryption::AwsManaged };
        let named = self.resolver.text(place.template, key);
        if named == "alias/aws/secretsmanager" {
            return Encryption::AwsManaged;
        }
        let alias =
            named.split_once(":alias/").map_or_else(|| named.clone(), |(_, name)| format!("alias/{name}"));
        let target = self.aliases.get(&format!("{} {alias}", input.region)).unwrap_or(&named);
        let is_it = |arn: &str| arn == target || arn.split(":key/").nth(1) == Some(target.as_str());
        let found = self.scene.world.resources.iter().position(|resource| is_it(&resource.arn));
        found.map_or_else(|| Encryption::Elsewhere(named), Encryption::Key)
    }

    /// The policy of a document; one that cannot be read is doubtful and is left out.
    fn policy(&mut self, document: &Document, kind: PolicyKind) -> Option<Policy> {
        match Policy::from_value(&document.value, kind) {
            Ok(policy) => Some(policy),
            Err(errors) => {
                let errors: Vec<String> = errors.iter().take(3).map(ToString::to_string).collect();
                let text = format!("its policy cannot be read: {}", errors.join("; "));
                self.doubt(&document.place, crate::access::readable(&text));
                None
            }
        }
    }

    fn document(&mut self, place: &Place, properties: &Value, property: &str) -> Option<Document> {
        let value = self.resolver.document(place.template, properties.get(property)?);
        let pointer = format!("/Resources/{}/Properties/{property}", place.logical_id);
        Some(Document { place: place.clone(), pointer, value })
    }

    fn own(&mut self, place: &Place) -> String {
        self.resolver.text(place.template, &json!({ "Ref": place.logical_id }))
    }

    fn attribute(&mut self, place: &Place, attribute: &str) -> String {
        self.resolver.text(place.template, &json!({ "Fn::GetAtt": [place.logical_id, attribute] }))
    }

    fn doubt(&mut self, place: &Place, text: String) {
        let doubt = Doubt { place: place.clone(), text };
        if !self.scene.doubts.contains(&doubt) {
            self.scene.doubts.push(doubt);
        }
    }
}

/// What KMS attaches to a key that is made without a policy. Source: KMS guide, *Default key policy*.
fn default_key_policy(input: &TemplateInput<'_>) -> Value {
    let root = format!("arn:{}:iam::{}:root", partition(&input.region), input.account);
    json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "Enable IAM policies", "Effect": "Allow", "Principal": { "AWS": root }, "Action": "kms:*", "Resource": "*",
    }] })
}
