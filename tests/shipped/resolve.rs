//! What the intrinsic functions of a workspace's templates will be once everything is deployed.

use serde_json::Value;

use super::{Template, Workspace};

/// The deepest chain of references that is followed; a circle ends here.
const DEEPEST: usize = 12;

impl Workspace {
    /// A value as text: a secret as its ARN with six question marks, a key by template and logical id.
    pub(crate) fn resolve(&self, at: &Template, value: &Value) -> String {
        self.resolve_within(at, value, DEEPEST)
    }

    /// A list as texts; a single value is a list of one.
    pub(crate) fn resolve_all(&self, at: &Template, value: &Value) -> Vec<String> {
        match value {
            Value::Array(items) => items.iter().map(|item| self.resolve(at, item)).collect(),
            Value::Null => Vec::new(),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                vec![self.resolve(at, value)]
            }
        }
    }

    fn resolve_within(&self, at: &Template, value: &Value, left: usize) -> String {
        if left == 0 {
            return "circle".to_owned();
        }
        let object = match value {
            Value::Object(object) if object.len() == 1 => object,
            Value::String(text) => return text.clone(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                return value.to_string();
            }
        };
        let (name, of) = object.iter().next().unwrap();
        match name.as_str() {
            "Ref" => self.reference(at, of.as_str().unwrap_or_default(), left),
            "Fn::GetAtt" => {
                let (id, attribute) =
                    (of[0].as_str().unwrap_or_default(), of[1].as_str().unwrap_or_default());
                self.attribute(at, id, attribute, left)
            }
            "Fn::ImportValue" => self.import(at, &self.resolve_within(at, of, left - 1), left),
            "Fn::Sub" => self.substitute(at, of.as_str().unwrap_or_default(), left),
            _ => value.to_string(),
        }
    }

    fn reference(&self, at: &Template, id: &str, left: usize) -> String {
        match id {
            "AWS::AccountId" => return at.account.clone(),
            "AWS::Region" => return at.region.clone(),
            "AWS::Partition" => return "aws".to_owned(),
            "AWS::URLSuffix" => return "amazonaws.com".to_owned(),
            _ => {}
        }
        let parameters = at.entry["parameters"].as_array().unwrap();
        if let Some(parameter) = parameters.iter().find(|parameter| parameter["name"] == id) {
            let from = &parameter["from"];
            let Some(path) = from["template"].as_str() else { return format!("deployer:{id}") };
            let owner = self.template(path);
            let output = &owner.document["Outputs"][from["output"].as_str().unwrap()]["Value"];
            return self.resolve_within(owner, output, left - 1);
        }
        let resource = &at.document["Resources"][id];
        let named = |property: &str| self.resolve_within(at, &resource["Properties"][property], left - 1);
        match resource["Type"].as_str() {
            Some("AWS::SecretsManager::Secret") => {
                format!("arn:aws:secretsmanager:{}:{}:secret:{}-??????", at.region, at.account, named("Name"))
            }
            Some("AWS::IAM::Role") => named("RoleName"),
            Some("AWS::KMS::Key" | "AWS::KMS::ReplicaKey") => self.attribute(at, id, "Arn", left),
            _ => format!("ref:{}/{id}", at.path),
        }
    }

    fn attribute(&self, at: &Template, id: &str, attribute: &str, left: usize) -> String {
        let resource = &at.document["Resources"][id];
        let named = |property: &str| self.resolve_within(at, &resource["Properties"][property], left - 1);
        match (resource["Type"].as_str(), attribute) {
            (Some("AWS::KMS::Key" | "AWS::KMS::ReplicaKey"), "Arn") => {
                format!("arn:aws:kms:{}:{}:key/{}#{id}", at.region, at.account, at.path)
            }
            (Some("AWS::IAM::Role"), "Arn") => {
                format!("arn:aws:iam::{}:role/{}", at.account, named("RoleName"))
            }
            _ => format!("attribute:{}/{id}.{attribute}", at.path),
        }
    }

    fn import(&self, at: &Template, export: &str, left: usize) -> String {
        let exporter = self.templates.iter().find_map(|template| {
            let here = template.account == at.account && template.region == at.region;
            let outputs = template.document["Outputs"].as_object()?;
            let output = outputs.values().find(|output| here && output["Export"]["Name"] == export)?;
            Some((template, output))
        });
        exporter.map_or_else(
            || format!("missing export {export}"),
            |(template, output)| self.resolve_within(template, &output["Value"], left - 1),
        )
    }

    fn substitute(&self, at: &Template, text: &str, left: usize) -> String {
        let mut done = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after.split_once('}').unwrap();
            done.push_str(before);
            if let Some(literal) = name.strip_prefix('!') {
                done.push_str(&format!("${{{literal}}}"));
            } else if let Some((id, attribute)) = name.split_once('.') {
                done.push_str(&self.attribute(at, id, attribute, left));
            } else {
                done.push_str(&self.reference(at, name, left));
            }
            rest = behind;
        }
        done.push_str(rest);
        done
    }
}
