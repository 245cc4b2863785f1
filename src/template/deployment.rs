//! The manifest read back with its templates: what is deployed where, in order, every word of it checked, because the
//! file may have been edited since and its words go into commands.

use serde::Deserialize;
use serde_json::Value;

use super::manifest::VERSION;
use crate::digest::sha256;

/// The capabilities that a stack may need (CloudFormation API).
const CAPABILITIES: [&str; 3] = ["CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"];

/// Stacks in the order of deployment.
#[derive(Debug)]
pub(crate) struct Deployment {
    /// The stacks.
    pub(crate) stacks: Vec<Planned>,
}

/// A stack with all that its deployment needs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Planned {
    /// Its place in the order, from 1.
    pub(crate) order: usize,
    /// Its name in CloudFormation.
    pub(crate) name: String,
    /// The blueprint's application.
    pub(crate) application: String,
    /// The environment.
    pub(crate) environment: String,
    /// The account, 12 digits.
    pub(crate) account: String,
    /// The Region.
    pub(crate) region: String,
    /// The role, with its path, that policies let deploy; nothing where they do not say.
    pub(crate) deployer: Option<String>,
    /// The path of the template below the output directory.
    pub(crate) template: String,
    /// SHA-256 of the template, in hexadecimal.
    pub(crate) sha256: String,
    /// Whether the template is too long for a request.
    pub(crate) upload_needed: bool,
    /// What the deployer acknowledges.
    pub(crate) capabilities: Vec<String>,
    /// The template's transforms.
    pub(crate) transforms: Vec<String>,
    /// The templates of the stacks that come before it.
    pub(crate) after: Vec<String>,
    /// What it is given.
    pub(crate) parameters: Vec<PlannedParameter>,
    /// The template.
    #[serde(skip)]
    pub(crate) document: Value,
}

/// A parameter of a stack.
#[derive(Debug, Deserialize)]
pub(crate) struct PlannedParameter {
    /// Its name.
    pub(crate) name: String,
    /// What to give.
    pub(crate) description: String,
    /// Where the value comes from.
    pub(crate) from: ValueSource,
}

/// Where the value of a parameter comes from.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum ValueSource {
    /// An output of another stack.
    Output {
        /// That stack's template.
        template: String,
        /// The output.
        output: String,
    },
    /// The deployer knows it.
    Deployer(String),
}

#[derive(Deserialize)]
struct Manifest {
    version: u32,
    stacks: Vec<Planned>,
}

impl Deployment {
    /// Reads a manifest; `text` hands out the templates by their paths.
    ///
    /// # Errors
    /// What cannot be deployed as it stands, in words.
    pub(crate) fn read<'a>(manifest: &str, text: impl Fn(&str) -> Option<&'a str>) -> Result<Self, String> {
        let read: Manifest = serde_json::from_str(manifest)
            .map_err(|fault| format!("the manifest cannot be read: {fault}"))?;
        if read.version != VERSION {
            return Err(format!("the manifest has version {}, and not {VERSION}", read.version));
        }
        let mut stacks = read.stacks;
        stacks.sort_by_key(|stack| stack.order);
        for at in 0..stacks.len() {
            let (before, rest) = stacks.split_at_mut(at);
            if let Some(stack) = rest.first_mut() {
                stack.check(before)?;
                stack.document = document(stack, text(&stack.template))?;
            }
        }
        Ok(Self { stacks })
    }
}

impl Planned {
    /// The template's file name, which says what part of the application it is.
    pub(crate) fn part(&self) -> &str {
        let file = self.template.rsplit('/').next().unwrap_or_default();
        file.strip_suffix(".template.json").unwrap_or(file)
    }

    /// The resources of the template by logical id.
    pub(crate) fn resources(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.document.get("Resources").and_then(Value::as_object).into_iter().flatten()
    }

    /// Whether deletion of the stack would leave something behind, and cut it off from its blueprint.
    pub(crate) fn retains(&self) -> bool {
        self.resources().any(|(_, resource)| {
            let policy = resource.get("DeletionPolicy").and_then(Value::as_str);
            policy.is_some_and(|policy| policy.starts_with("Retain"))
        })
    }

    fn check(&self, before: &[Self]) -> Result<(), String> {
        let bad = |what: &str, word: &str| {
            Err(format!("the manifest names the {what} `{}`, which cannot be one", word.escape_debug()))
        };
        let words = [
            ("stack", &self.name, is_stack as fn(&str) -> bool),
            ("account", &self.account, is_account),
            ("Region", &self.region, is_region),
            ("template", &self.template, is_template),
            ("digest", &self.sha256, is_digest),
        ];
        for (what, word, holds) in words {
            if !holds(word) {
                return bad(what, word);
            }
        }
        if let Some(role) = self.deployer.as_ref().filter(|role| !is_role(role)) {
            return bad("deployer", role);
        }
        if let Some(word) = self.capabilities.iter().find(|word| !CAPABILITIES.contains(&word.as_str())) {
            return bad("capability", word);
        }
        for parameter in &self.parameters {
            if !is_id(&parameter.name) {
                return bad("parameter", &parameter.name);
            }
            match &parameter.from {
                ValueSource::Deployer(word) if word == "deployer" => {}
                ValueSource::Deployer(word) => return bad("source of a value", word),
                ValueSource::Output { output, .. } if !is_id(output) => return bad("output", output),
                ValueSource::Output { template, .. } => {
                    if !before.iter().any(|stack| stack.template == *template) {
                        return bad("template of an earlier stack", template);
                    }
                }
            }
        }
        if before.iter().any(|stack| {
            stack.template == self.template
                || (&stack.name, &stack.account, &stack.region) == (&self.name, &self.account, &self.region)
        }) {
            return Err(format!("the manifest lists the stack `{}` twice", self.name));
        }
        Ok(())
    }
}

fn document(stack: &Planned, text: Option<&str>) -> Result<Value, String> {
    let path = &stack.template;
    let text = text.ok_or_else(|| format!("the template `{path}` of the manifest is not there"))?;
    if sha256(text.as_bytes()) != stack.sha256 {
        return Err(format!("the template `{path}` was changed after the manifest was written"));
    }
    serde_json::from_str(text).map_err(|fault| format!("the template `{path}` cannot be read: {fault}"))
}

fn all(text: &str, others: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || others.as_bytes().contains(&byte))
}

/// A stack's name (CloudFormation API).
fn is_stack(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && all(text, "-") && text.len() <= 128
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_region(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase()) && all(text, "-")
}

fn is_template(text: &str) -> bool {
    all(text, "-_./") && text.split('/').all(|part| !part.is_empty() && !part.starts_with(['.', '-']))
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A role's name with its path (facts: limits.md, IAM).
fn is_role(text: &str) -> bool {
    !text.is_empty() && all(text, "_+=,.@-/")
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && all(text, "")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = r#"{"Resources": {"Key": {"DeletionPolicy": "RetainExceptOnCreate"}, "Alias": {}}}"#;

    fn manifest(change: impl FnOnce(&mut Value)) -> String {
        let mut stack = json!({
            "order": 1, "name": "minimal-production-keys", "application": "minimal", "environment": "production",
            "account": "111111111111", "region": "eu-west-1", "deployer": "platform/deployer",
            "template": "minimal/production/eu-west-1/keys.template.json", "sha256": sha256(TEXT.as_bytes()),
            "uploadNeeded": false, "capabilities": [], "transforms": [], "after": [],
            "parameters": [{ "name": "Id", "description": "an id", "from": "deployer" }],
        });
        change(&mut stack);
        json!({ "version": 1, "stacks": [stack], "files": [] }).to_string()
    }

    fn read(change: impl FnOnce(&mut Value)) -> Result<Deployment, String> {
        Deployment::read(&manifest(change), |path| path.starts_with("minimal/").then_some(TEXT))
    }

    #[test]
    fn a_manifest_of_ours_is_read() {
        let deployment = read(|_| {}).unwrap();
        let stack = deployment.stacks.first().unwrap();
        assert_eq!((stack.part(), stack.retains()), ("keys", true));
        assert_eq!(stack.deployer.as_deref(), Some("platform/deployer"));
        assert!(matches!(
            stack.parameters.as_slice(),
            [PlannedParameter { from: ValueSource::Deployer(_), .. }]
        ));
    }

    #[test]
    fn words_that_do_not_belong_into_commands_are_refused() {
        let cases: [(&str, Value); 13] = [
            ("name", json!("$(reboot)")),
            ("name", json!("-rf")),
            ("account", json!("11111111111")),
            ("region", json!("eu-west-1; reboot")),
            ("deployer", json!("a b")),
            ("template", json!("minimal/../../etc/passwd")),
            ("template", json!("elsewhere/keys.template.json")),
            ("sha256", json!("0".repeat(64))),
            ("sha256", json!("A".repeat(64))),
            ("capabilities", json!(["CAPABILITY_ALL"])),
            ("parameters", json!([{ "name": "a b", "description": "", "from": "deployer" }])),
            ("parameters", json!([{ "name": "A", "description": "", "from": "somebody" }])),
            (
                "parameters",
                json!([{ "name": "A", "description": "", "from": { "template": "x", "output": "O" } }]),
            ),
        ];
        for (field, value) in cases {
            let shown = value.to_string();
            let refused = read(|stack| stack[field] = value);
            assert!(refused.is_err(), "{field} {shown}");
        }
        let version = manifest(|_| {}).replace("\"version\":1", "\"version\":2");
        assert!(Deployment::read(&version, |_| Some(TEXT)).unwrap_err().contains("version 2"));
        assert!(Deployment::read("[]", |_| Some(TEXT)).unwrap_err().contains("cannot be read"));
    }

    #[test]
    fn a_stack_twice_is_refused() {
        let mut twice: Value = serde_json::from_str(&manifest(|_| {})).unwrap();
        let stack = twice["stacks"][0].clone();
        twice["stacks"] = json!([stack, stack]);
        assert!(Deployment::read(&twice.to_string(), |_| Some(TEXT)).unwrap_err().contains("twice"));
    }
}
