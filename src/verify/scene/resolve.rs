//! Intrinsic functions as texts: what templates say is resolved, what they leave open becomes an unknown of its own.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::TemplateInput;
use crate::access::Unknowns;

/// Functions in functions, and values handed from template to template, are followed no deeper.
const DEEPEST: usize = 48;

/// Names that are made of each other could grow without end; a longer text is unknown.
const LONGEST: usize = 32 << 10;

/// How many values are resolved, functions in functions included, before the rest is unknown.
const MOST_STEPS: u32 = 2_000_000;

/// The length of a text of which nothing is known.
const UNKNOWN_LENGTH: u32 = 24;

/// The characters that Secrets Manager puts behind a secret's name in its ARN.
const SECRET_SUFFIX: u32 = 6;

/// The length of a key id, a UUID.
const KEY_ID: u32 = 36;

/// Resolves the values of some templates of one account.
pub(super) struct Resolver<'a> {
    templates: &'a [TemplateInput<'a>],
    unknowns: Unknowns,
    exports: BTreeMap<String, (usize, &'a Value)>,
    steps: u32,
}

impl<'a> Resolver<'a> {
    /// Nothing resolved yet.
    pub(super) fn new(templates: &'a [TemplateInput<'a>]) -> Resolver<'a> {
        let mut resolver =
            Resolver { templates, unknowns: Unknowns::default(), exports: BTreeMap::new(), steps: 0 };
        let mut exports = BTreeMap::new();
        for (at, input) in templates.iter().enumerate() {
            let outputs = input.document.get("Outputs").and_then(Value::as_object);
            for output in outputs.into_iter().flat_map(Map::values) {
                if let (Some(name), Some(value)) = (output.pointer("/Export/Name"), output.get("Value")) {
                    exports.insert(resolver.text(at, name), (at, value));
                }
            }
        }
        resolver.exports = exports;
        resolver
    }

    /// A policy document, or part of one, with every function replaced by what it is at deployment.
    pub(super) fn document(&mut self, at: usize, value: &Value) -> Value {
        match value {
            Value::Object(_) if is_function(value) => match self.list(at, value, 0) {
                Some(texts) => Value::from(texts),
                None => Value::String(self.text(at, value)),
            },
            Value::Object(fields) => Value::Object(
                fields.iter().map(|(name, field)| (name.clone(), self.document(at, field))).collect(),
            ),
            Value::Array(items) => {
                let mut list = Vec::new();
                for item in items {
                    match self.document(at, item) {
                        // A function among texts may stand for several.
                        Value::Array(texts) if is_function(item) => list.extend(texts),
                        one => list.push(one),
                    }
                }
                Value::Array(list)
            }
            // YAML reads account ids as numbers; CloudFormation hands them on as texts.
            Value::Number(number) => Value::String(number.to_string()),
            Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
        }
    }

    /// The text that a value is at deployment.
    pub(super) fn text(&mut self, at: usize, value: &Value) -> String {
        self.resolved(at, value, 0)
    }

    fn resolved(&mut self, at: usize, value: &Value, depth: usize) -> String {
        match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(value) => value.to_string(),
            Value::Null | Value::Array(_) => self.unknown(at, value),
            Value::Object(fields) => {
                self.steps = self.steps.saturating_add(1);
                let text = if self.steps > MOST_STEPS { None } else { self.function(at, fields, depth) };
                text.filter(|text| text.len() <= LONGEST).unwrap_or_else(|| self.unknown(at, value))
            }
        }
    }

    fn unknown(&mut self, at: usize, value: &Value) -> String {
        self.run(&format!("{at} {value}"), UNKNOWN_LENGTH)
    }

    fn run(&mut self, name: &str, length: u32) -> String {
        // Without characters left, all further unknowns share one that matches nothing else.
        self.unknowns.run(name, length).unwrap_or_else(|| "\u{10fffd}".to_owned())
    }

    fn function(&mut self, at: usize, fields: &Map<String, Value>, depth: usize) -> Option<String> {
        let (name, argument) = fields.iter().next().filter(|_| fields.len() == 1 && depth < DEEPEST)?;
        match name.as_str() {
            "Ref" => self.reference(at, argument.as_str()?, depth),
            "Fn::GetAtt" => {
                let (id, attribute) = match argument {
                    Value::String(text) => text.split_once('.')?,
                    Value::Array(parts) => match parts.as_slice() {
                        [id, attribute] => (id.as_str()?, attribute.as_str()?),
                        _ => return None,
                    },
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
                };
                self.attribute(at, id, attribute, depth)
            }
            "Fn::Sub" => match argument {
                Value::String(text) => self.substituted(at, text, None, depth),
                Value::Array(parts) => match parts.as_slice() {
                    [Value::String(text), Value::Object(names)] => {
                        self.substituted(at, text, Some(names), depth)
                    }
                    _ => None,
                },
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
            },
            "Fn::Join" => {
                let [separator, parts] = argument.as_array()?.as_slice() else { return None };
                let parts = self.list(at, parts, depth + 1)?;
                Some(parts.join(separator.as_str()?))
            }
            "Fn::Select" => {
                let [index, parts] = argument.as_array()?.as_slice() else { return None };
                let index = index.as_u64().or_else(|| index.as_str()?.parse().ok())?;
                self.list(at, parts, depth + 1)?.into_iter().nth(usize::try_from(index).ok()?)
            }
            "Fn::FindInMap" => {
                let [map, first, second] = argument.as_array()?.as_slice() else { return None };
                let [map, first, second] = [map, first, second].map(|key| self.resolved(at, key, depth + 1));
                let mappings = self.templates.get(at)?.document.get("Mappings")?;
                mappings.get(map)?.get(first)?.get(second)?.as_str().map(str::to_owned)
            }
            "Fn::ImportValue" => {
                let name = self.resolved(at, argument, depth + 1);
                let exported = self.exported(&name, depth);
                Some(exported.unwrap_or_else(|| self.run(&format!("export {name}"), UNKNOWN_LENGTH)))
            }
            _ => None,
        }
    }

    /// The texts of a list, where it is one.
    fn list(&mut self, at: usize, value: &Value, depth: usize) -> Option<Vec<String>> {
        if depth > DEEPEST {
            return None;
        }
        if let Value::Array(items) = value {
            return Some(items.iter().map(|item| self.resolved(at, item, depth + 1)).collect());
        }
        let [separator, text] = value.as_object()?.get("Fn::Split")?.as_array()?.as_slice() else {
            return None;
        };
        let text = self.resolved(at, text, depth + 1);
        let separator = separator.as_str().filter(|it| !it.is_empty())?;
        Some(text.split(separator).map(str::to_owned).collect())
    }

    fn substituted(
        &mut self,
        at: usize,
        text: &str,
        names: Option<&Map<String, Value>>,
        depth: usize,
    ) -> Option<String> {
        let mut whole = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            let (name, after) = behind.split_once('}')?;
            whole.push_str(before);
            if let Some(literal) = name.strip_prefix('!') {
                whole.push_str(&format!("${{{literal}}}"));
            } else if let Some(value) = names.and_then(|names| names.get(name)) {
                whole.push_str(&self.resolved(at, value, depth + 1));
            } else {
                let part = match name.split_once('.') {
                    Some((id, attribute)) => self.attribute(at, id, attribute, depth + 1),
                    None => self.reference(at, name, depth + 1),
                };
                whole.push_str(&part.unwrap_or_else(|| self.run(&format!("{at} {name}"), UNKNOWN_LENGTH)));
            }
            if whole.len() > LONGEST {
                return None;
            }
            rest = after;
        }
        whole.push_str(rest);
        Some(whole)
    }

    fn reference(&mut self, at: usize, name: &str, depth: usize) -> Option<String> {
        let input = self.templates.get(at)?;
        let partition = partition(&input.region);
        match name {
            "AWS::AccountId" => return Some(input.account.clone()),
            "AWS::Region" => return Some(input.region.clone()),
            "AWS::Partition" => return Some(partition.to_owned()),
            "AWS::URLSuffix" => {
                let suffix = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
                return Some(suffix.to_owned());
            }
            _ => {}
        }
        if let Some((template, output)) = input.given.get(name) {
            let value = self.templates.get(*template)?.document.get("Outputs")?.get(output)?.get("Value")?;
            return (depth < DEEPEST).then(|| self.resolved(*template, value, depth + 1));
        }
        let resource = input.resource(name)?;
        match super::kind(resource) {
            "AWS::SecretsManager::Secret" => Some(self.secret_arn(at, name, resource, depth)),
            "AWS::SecretsManager::SecretTargetAttachment" => {
                let secret = resource.get("Properties")?.get("SecretId")?;
                (depth < DEEPEST).then(|| self.resolved(at, secret, depth + 1))
            }
            "AWS::KMS::Key" => Some(self.run(&format!("{at} {name} key"), KEY_ID)),
            "AWS::IAM::Role" => Some(self.named(at, name, resource, "RoleName", depth)),
            "AWS::IAM::ManagedPolicy" => {
                let policy = self.named(at, name, resource, "ManagedPolicyName", depth);
                let path = self.path(at, resource, depth);
                Some(format!("arn:{partition}:iam::{}:policy{path}{policy}", input.account))
            }
            "AWS::Lambda::Function" => Some(self.named(at, name, resource, "FunctionName", depth)),
            _ => None,
        }
    }

    fn attribute(&mut self, at: usize, id: &str, attribute: &str, depth: usize) -> Option<String> {
        let input = self.templates.get(at)?;
        let resource = input.resource(id)?;
        let TemplateInput { account, region, .. } = input;
        let partition = partition(region);
        match (super::kind(resource), attribute) {
            ("AWS::SecretsManager::Secret", "Id") => Some(self.secret_arn(at, id, resource, depth)),
            ("AWS::KMS::Key", "Arn") => {
                let key = self.run(&format!("{at} {id} key"), KEY_ID);
                Some(format!("arn:{partition}:kms:{region}:{account}:key/{key}"))
            }
            ("AWS::KMS::Key", "KeyId") => Some(self.run(&format!("{at} {id} key"), KEY_ID)),
            ("AWS::IAM::Role", "Arn") => {
                let name = self.named(at, id, resource, "RoleName", depth);
                let path = self.path(at, resource, depth);
                Some(format!("arn:{partition}:iam::{account}:role{path}{name}"))
            }
            ("AWS::Lambda::Function", "Arn") => {
                let name = self.named(at, id, resource, "FunctionName", depth);
                Some(format!("arn:{partition}:lambda:{region}:{account}:function:{name}"))
            }
            _ => None,
        }
    }

    fn secret_arn(&mut self, at: usize, id: &str, resource: &Value, depth: usize) -> String {
        let name = self.named(at, id, resource, "Name", depth);
        let suffix = self.run(&format!("secret {name}"), SECRET_SUFFIX);
        let (account, region) =
            self.templates.get(at).map_or(("", ""), |input| (&input.account, &input.region));
        format!("arn:{}:secretsmanager:{region}:{account}:secret:{name}-{suffix}", partition(region))
    }

    /// The name that a property gives, or an unknown one.
    fn named(&mut self, at: usize, id: &str, resource: &Value, property: &str, depth: usize) -> String {
        match resource.get("Properties").and_then(|it| it.get(property)).filter(|_| depth < DEEPEST) {
            Some(name) => self.resolved(at, name, depth + 1),
            None => {
                let rest = self.run(&format!("{at} {id}"), UNKNOWN_LENGTH);
                format!("{id}-{rest}")
            }
        }
    }

    fn path(&mut self, at: usize, resource: &Value, depth: usize) -> String {
        let path = resource.get("Properties").and_then(|it| it.get("Path")).filter(|_| depth < DEEPEST);
        path.map_or_else(|| "/".to_owned(), |path| self.resolved(at, path, depth + 1))
    }

    fn exported(&mut self, name: &str, depth: usize) -> Option<String> {
        let (at, value) = *self.exports.get(name)?;
        (depth < DEEPEST).then(|| self.resolved(at, value, depth + 1))
    }
}

/// The partition of a Region.
pub(super) fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

fn is_function(value: &Value) -> bool {
    let name = value.as_object().filter(|fields| fields.len() == 1).and_then(|fields| fields.keys().next());
    name.is_some_and(|name| name == "Ref" || name.starts_with("Fn::"))
}
