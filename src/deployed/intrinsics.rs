//! Intrinsic functions: from what a template says to texts, with unknown runs for what it does not say.

use serde_json::{Map, Value};

use super::{Argument, Common, Doubt, Located, Place};
use crate::access::Unknowns;

/// How deep references may lead; a deeper chain is a circle.
const DEEPEST: usize = 40;

/// Characters that stand for a text of unknown length.
const ANY_LENGTH: u32 = 24;

/// An export: its site, its name, the template and the value.
pub(super) type Export<'a> = (String, String, String, usize, &'a Value);

/// Resolves what stands in one template.
pub(super) struct Resolver<'t, 'a> {
    pub(super) templates: &'t [Located<'a>],
    pub(super) at: usize,
    pub(super) exports: &'t [Export<'a>],
    pub(super) unknowns: &'t mut Unknowns,
    pub(super) doubts: &'t mut Vec<Doubt>,
    pub(super) common: &'t mut Common,
    pub(super) depth: usize,
}

/// Whether a text is known to the last character.
pub(super) fn is_known(text: &str) -> bool {
    crate::access::readable(text) == text
}

impl<'t, 'a> Resolver<'t, 'a> {
    fn here(&self) -> Option<&'t Located<'a>> {
        self.templates.get(self.at)
    }

    /// A resource of the template: its type and itself.
    pub(super) fn resource(&self, id: &str) -> Option<(&'a str, &'a Value)> {
        let resource = self.here()?.document.get("Resources")?.get(id)?;
        Some((resource.get("Type")?.as_str()?, resource))
    }

    /// Characters that nobody knows, by name within the template.
    pub(super) fn unknown(&mut self, name: &str, length: u32) -> String {
        let path = self.here().map_or("", |located| located.path.as_str());
        self.named(&format!("{name} of {path}"), length)
    }

    fn named(&mut self, name: &str, length: u32) -> String {
        // There are more such characters than any template has texts; were they spent, nothing would be proved of it.
        self.unknowns.run(name, length).unwrap_or_else(|| "\u{10FFFD}".to_owned())
    }

    /// `AWS::AccountId`. Templates whose account is not known are taken to be deployed in the same one.
    pub(super) fn account(&mut self) -> String {
        match self.here().and_then(|located| located.account.clone()) {
            Some(account) => account,
            None => self.named("AWS::AccountId", 12),
        }
    }

    /// `AWS::Region`. Templates whose Region is not known are taken to be deployed in the same one.
    pub(super) fn region(&mut self) -> String {
        match self.here().and_then(|located| located.region.clone()) {
            Some(region) => region,
            None => self.named("AWS::Region", 12),
        }
    }

    /// `AWS::Partition`, which the Region decides.
    pub(super) fn partition(&mut self) -> String {
        match self.here().and_then(|located| located.region.as_deref()) {
            Some(region) if region.starts_with("cn-") => "aws-cn".to_owned(),
            Some(region) if region.starts_with("us-gov-") => "aws-us-gov".to_owned(),
            Some(_) => "aws".to_owned(),
            None => self.named("AWS::Partition", 6),
        }
    }

    fn url_suffix(&mut self) -> String {
        match self.here().and_then(|located| located.region.as_deref()) {
            Some(region) if region.starts_with("cn-") => "amazonaws.com.cn".to_owned(),
            Some(_) => "amazonaws.com".to_owned(),
            None => self.named("AWS::URLSuffix", 13),
        }
    }

    /// A value as one text.
    pub(super) fn text(&mut self, value: &Value) -> String {
        match self.value(value) {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            other @ (Value::Null | Value::Array(_) | Value::Object(_)) => {
                self.unknown(&other.to_string(), ANY_LENGTH)
            }
        }
    }

    /// A value with every intrinsic function in it resolved.
    pub(super) fn value(&mut self, value: &Value) -> Value {
        if self.depth > DEEPEST {
            return Value::String(self.unknown("a reference in a circle", ANY_LENGTH));
        }
        self.depth += 1;
        let resolved = match value {
            Value::Array(items) => Value::Array(self.items(items)),
            Value::Object(members) => self.object(members),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        };
        self.depth -= 1;
        resolved
    }

    fn items(&mut self, items: &[Value]) -> Vec<Value> {
        items.iter().map(|item| self.value(item)).filter(|item| !item.is_null()).collect()
    }

    fn object(&mut self, members: &Map<String, Value>) -> Value {
        if let Some((name, argument)) = members.iter().next()
            && members.len() == 1
            && (name == "Ref" || name.starts_with("Fn::"))
        {
            return self.call(name, argument);
        }
        let resolved = members.iter().map(|(name, member)| (name.clone(), self.value(member)));
        Value::Object(resolved.filter(|(_, member)| !member.is_null()).collect())
    }

    fn call(&mut self, name: &str, argument: &Value) -> Value {
        match name {
            "Ref" => self.referenced(argument.as_str().unwrap_or_default()),
            "Fn::GetAtt" => {
                let parts: Vec<String> = match argument {
                    Value::String(text) => text.splitn(2, '.').map(str::to_owned).collect(),
                    Value::Array(parts) => parts.iter().map(|part| self.text(part)).collect(),
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
                };
                match parts.as_slice() {
                    [id, rest @ ..] if !rest.is_empty() => Value::String(self.attribute(id, &rest.join("."))),
                    [] | [_, ..] => self.opaque(name, argument),
                }
            }
            "Fn::Sub" => self.substituted(argument),
            "Fn::Join" => match argument.as_array().map(Vec::as_slice) {
                Some([separator, items]) => match (self.text(separator), self.value(items)) {
                    (separator, Value::Array(items)) => {
                        let texts: Vec<String> = items.iter().map(|item| self.text(item)).collect();
                        Value::String(texts.join(&separator))
                    }
                    _ => self.opaque(name, argument),
                },
                Some(_) | None => self.opaque(name, argument),
            },
            "Fn::Select" => match argument.as_array().map(Vec::as_slice) {
                Some([index, items]) => match (self.text(index).parse::<usize>(), self.value(items)) {
                    (Ok(index), Value::Array(items)) => {
                        items.get(index).cloned().unwrap_or_else(|| self.opaque(name, argument))
                    }
                    _ => self.opaque(name, argument),
                },
                Some(_) | None => self.opaque(name, argument),
            },
            "Fn::Split" => match argument.as_array().map(Vec::as_slice) {
                Some([separator, text]) => {
                    let (separator, text) = (self.text(separator), self.text(text));
                    if separator.is_empty() || !is_known(&text) && !text.contains(&separator) {
                        return self.opaque(name, argument);
                    }
                    text.split(&separator).map(|part| Value::String(part.to_owned())).collect()
                }
                Some(_) | None => self.opaque(name, argument),
            },
            "Fn::ImportValue" => self.imported(argument),
            "Fn::FindInMap" => self.mapped(argument).unwrap_or_else(|| self.opaque(name, argument)),
            "Fn::If" => self.chosen(argument).unwrap_or_else(|| self.opaque(name, argument)),
            _ => self.opaque(name, argument),
        }
    }

    /// A function that is not understood, or whose arguments decide nothing: equal calls are equal unknowns.
    fn opaque(&mut self, name: &str, argument: &Value) -> Value {
        Value::String(self.unknown(&format!("{name} {argument}"), ANY_LENGTH))
    }

    fn referenced(&mut self, name: &str) -> Value {
        let text = match name {
            "AWS::AccountId" => self.account(),
            "AWS::Region" => self.region(),
            "AWS::Partition" => self.partition(),
            "AWS::URLSuffix" => self.url_suffix(),
            "AWS::NoValue" => return Value::Null,
            "AWS::StackName" => match self.here().and_then(|located| located.stack.clone()) {
                Some(stack) => stack,
                None => self.unknown(name, ANY_LENGTH),
            },
            _ if name.starts_with("AWS::") => self.unknown(name, ANY_LENGTH),
            _ if self.resource(name).is_some() => self.reference(name),
            _ => return self.parameter(name),
        };
        Value::String(text)
    }

    /// What a parameter gets.
    pub(super) fn parameter(&mut self, name: &str) -> Value {
        match self.here().and_then(|located| located.parameters.get(name).cloned()) {
            Some(Argument::Output(template, output)) => {
                let found = self
                    .templates
                    .get(template)
                    .and_then(|located| located.document.get("Outputs")?.get(&output)?.get("Value"));
                match found {
                    Some(value) => self.elsewhere(template, value),
                    None => Value::String(self.unknown(&format!("parameter {name}"), ANY_LENGTH)),
                }
            }
            None => Value::String(self.unknown(&format!("parameter {name}"), ANY_LENGTH)),
        }
    }

    /// Resolves a value of another template.
    fn elsewhere(&mut self, template: usize, value: &Value) -> Value {
        let back = std::mem::replace(&mut self.at, template);
        let resolved = self.value(value);
        self.at = back;
        resolved
    }

    fn substituted(&mut self, argument: &Value) -> Value {
        let (text, names) = match argument {
            Value::String(text) => (text.as_str(), None),
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(text), names] => (text.as_str(), names.as_object()),
                [..] => return self.opaque("Fn::Sub", argument),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                return self.opaque("Fn::Sub", argument);
            }
        };
        let mut result = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            result.push_str(before);
            let Some((name, behind)) = after.split_once('}') else {
                rest = "";
                result.push_str("${");
                result.push_str(after);
                break;
            };
            rest = behind;
            if let Some(literal) = name.strip_prefix('!') {
                result.push_str(&format!("${{{literal}}}"));
                continue;
            }
            let value = match names.and_then(|names| names.get(name.trim())) {
                Some(value) => self.value(value),
                None => match name.trim().split_once('.') {
                    Some((id, attribute)) => Value::String(self.attribute(id, attribute)),
                    None => self.referenced(name.trim()),
                },
            };
            let text = self.text(&value);
            result.push_str(&text);
        }
        result.push_str(rest);
        Value::String(result)
    }

    fn imported(&mut self, argument: &Value) -> Value {
        let name = self.text(argument);
        let site = (self.account(), self.region());
        let found = self
            .exports
            .iter()
            .find(|(account, region, export, ..)| *export == name && (account, region) == (&site.0, &site.1));
        match found {
            Some((.., template, value)) => self.elsewhere(*template, value),
            None => Value::String(self.named(&format!("export {name} in {} {}", site.0, site.1), ANY_LENGTH)),
        }
    }

    fn mapped(&mut self, argument: &Value) -> Option<Value> {
        let [map, first, second] = argument.as_array()?.as_slice() else { return None };
        let (map, first, second) = (self.text(map), self.text(first), self.text(second));
        let found = self.here()?.document.get("Mappings")?.get(&map)?.get(&first)?.get(&second)?;
        Some(found.clone())
    }

    fn chosen(&mut self, argument: &Value) -> Option<Value> {
        let [Value::String(condition), then, otherwise] = argument.as_array()?.as_slice() else {
            return None;
        };
        let holds = self.holds(condition)?;
        Some(self.value(if holds { then } else { otherwise }))
    }

    /// Notes something that is not understood.
    pub(super) fn doubt(&mut self, pointer: &str, construct: impl Into<String>) {
        let place = Place { template: self.at, pointer: pointer.to_owned() };
        self.doubts.push(Doubt { place, construct: construct.into() });
    }
}
