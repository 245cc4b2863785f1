//! Whether each grant of the templates works from end to end: identity policy, key policy, the secret's own policy and
//! the endpoint's must all let the call through. A small evaluator of its own, which shares nothing with the compiler.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Template, Workspace, statements, words};

const READ: &str = "secretsmanager:GetSecretValue";
const WRITE: &str = "secretsmanager:PutSecretValue";

/// What a rotation function asks of Secrets Manager (Secrets Manager User Guide, rotation permissions).
const ROTATE: [&str; 4] =
    ["secretsmanager:DescribeSecret", READ, WRITE, "secretsmanager:UpdateSecretVersionStage"];

/// A call: who asks for what, and what AWS knows about the request.
pub(super) struct Call<'a> {
    pub(super) principal: &'a str,
    pub(super) account: &'a str,
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
    pub(super) context: Vec<(&'a str, String)>,
}

/// A secret at one Region: where it is defined, its key, and its resource policy.
pub(super) struct Secret<'a> {
    pub(super) key: String,
    pub(super) account: String,
    pub(super) policy: Option<(&'a Template, &'a Value)>,
}

/// What was found while each access was tried.
pub(super) struct Attempt<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) secrets: BTreeMap<String, Secret<'a>>,
    pub(super) keys: BTreeMap<String, (&'a Template, &'a Value)>,
    pub(super) identities: BTreeMap<String, Vec<(&'a Template, &'a Value)>>,
}

/// Every grant that does not work, and every rotation function that may not do what rotation asks of it.
pub(crate) fn problems(workspace: &Workspace) -> Vec<String> {
    let attempt = Attempt::new(workspace);
    let mut problems = Vec::new();
    for (principal, policies) in &attempt.identities {
        let wanted: BTreeSet<(String, String)> = policies
            .iter()
            .flat_map(|(at, document)| statements(document).map(move |statement| (at, statement)))
            .filter(|(_, statement)| statement["Effect"] == "Allow")
            .flat_map(|(at, statement)| {
                let resources = workspace.resolve_all(at, &statement["Resource"]);
                words(&statement["Action"])
                    .into_iter()
                    .filter(|action| [READ, WRITE].contains(action))
                    .flat_map(move |action| {
                        resources.clone().into_iter().map(move |resource| (action.to_owned(), resource))
                    })
                    .collect::<Vec<_>>()
            })
            .collect();
        for (action, secret) in wanted {
            attempt.try_secret(principal, &action, &secret, &mut problems);
        }
    }
    attempt.rotations(&mut problems);
    attempt.foreign_halves(&mut problems);
    problems
}

impl<'a> Attempt<'a> {
    pub(super) fn new(workspace: &'a Workspace) -> Self {
        let mut attempt =
            Self { workspace, secrets: BTreeMap::new(), keys: BTreeMap::new(), identities: BTreeMap::new() };
        for (at, id, resource) in workspace.resources() {
            let properties = &resource["Properties"];
            match resource["Type"].as_str().unwrap() {
                "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => {
                    let arn = workspace.resolve(at, &serde_json::json!({ "Ref": id }));
                    attempt.keys.insert(arn, (at, &properties["KeyPolicy"]));
                }
                "AWS::SecretsManager::Secret" => attempt.secret(at, id, properties),
                "AWS::IAM::ManagedPolicy" => {
                    for role in workspace.resolve_all(at, &properties["Roles"]) {
                        let arn = format!("arn:aws:iam::{}:role/{role}", at.account);
                        attempt.identities.entry(arn).or_default().push((at, &properties["PolicyDocument"]));
                    }
                }
                _ => {}
            }
        }
        attempt
    }

    fn secret(&mut self, at: &'a Template, id: &str, properties: &'a Value) {
        let name = self.workspace.resolve(at, &properties["Name"]);
        let policy = at
            .of_type("AWS::SecretsManager::ResourcePolicy")
            .map(|(_, policy)| &policy["Properties"])
            .find(|policy| policy["SecretId"]["Ref"] == id)
            .map(|policy| (at, &policy["ResourcePolicy"]));
        let here = [(at.region.clone(), self.workspace.resolve(at, &properties["KmsKeyId"]))];
        let replicas = properties["ReplicaRegions"].as_array().into_iter().flatten().map(|replica| {
            let region = replica["Region"].as_str().unwrap().to_owned();
            let key =
                self.behind_alias(&at.account, &region, replica["KmsKeyId"].as_str().unwrap_or_default());
            (region, key)
        });
        let all: Vec<(String, String)> = here.into_iter().chain(replicas).collect();
        for (region, key) in all {
            let arn = format!("arn:aws:secretsmanager:{region}:{}:secret:{name}-??????", at.account);
            self.secrets.insert(arn, Secret { key, account: at.account.clone(), policy });
        }
    }

    fn behind_alias(&self, account: &str, region: &str, alias: &str) -> String {
        let found = self.workspace.resources().find(|(at, _, resource)| {
            at.account == account && at.region == region && resource["Properties"]["AliasName"] == alias
        });
        found.map_or_else(
            || format!("missing {alias}"),
            |(at, _, resource)| self.workspace.resolve(at, &resource["Properties"]["TargetKeyId"]),
        )
    }

    /// A role calls Secrets Manager, which uses the secret's key on its behalf.
    fn try_secret(&self, principal: &str, action: &str, arn: &str, problems: &mut Vec<String>) {
        let Some(secret) = self.secrets.get(arn) else {
            problems.push(format!("{principal}: {action} on {arn}, which is no secret here"));
            return;
        };
        let account = principal.split(':').nth(4).unwrap_or_default();
        let organization = if self.is_ours(account) { "o-a1b2c3d4e5" } else { "o-9999999999" };
        let context = vec![
            ("aws:PrincipalArn", principal.to_owned()),
            ("aws:PrincipalAccount", account.to_owned()),
            ("aws:PrincipalOrgID", organization.to_owned()),
            ("aws:PrincipalIsAWSService", "false".to_owned()),
            ("aws:SecureTransport", "true".to_owned()),
        ];
        let call = Call { principal, account, action, resource: arn, context };
        if let Some((at, policy)) = secret.policy {
            let admitted = self.allows(at, policy, &call);
            if self.denies(at, policy, &call) || (account != secret.account && !admitted) {
                problems.push(format!("{principal}: {action} on {arn} is refused by the secret's policy"));
            }
        }
        let region = arn.split(':').nth(3).unwrap_or_default();
        let uses: &[&str] =
            if action == READ { &["kms:Decrypt"] } else { &["kms:Decrypt", "kms:GenerateDataKey"] };
        for used in uses {
            let mut context = call.context.clone();
            context.push(("kms:ViaService", format!("secretsmanager.{region}.amazonaws.com")));
            context.push(("kms:CallerAccount", account.to_owned()));
            context.push(("kms:EncryptionContext:SecretARN", arn.to_owned()));
            let call = Call { principal, account, action: used, resource: &secret.key, context };
            let policies = self.identities.get(principal).into_iter().flatten();
            if !policies.clone().any(|(at, document)| self.allows(at, document, &call)) {
                problems.push(format!("{principal}: {action} on {arn} needs {used} in the role's policies"));
            }
            let Some((at, policy)) = self.keys.get(&secret.key) else {
                problems.push(format!("{arn} has no key here: {}", secret.key));
                continue;
            };
            if !self.allows(at, policy, &call) {
                problems.push(format!("{principal}: {action} on {arn} needs {used} in the key's policy"));
            }
        }
        self.through_endpoints(principal, &call, problems);
    }

    /// A role with a security group of its own lives in the network, and its calls pass the endpoint beside it.
    fn through_endpoints(&self, principal: &str, call: &Call<'_>, problems: &mut Vec<String>) {
        let region = call.resource.split(':').nth(3).unwrap_or_default();
        for at in
            self.workspace.templates.iter().filter(|at| at.account == call.account && at.region == region)
        {
            let resident = at.of_type("AWS::IAM::Role").any(|(id, _)| {
                let arn = self.workspace.resolve(at, &serde_json::json!({ "Fn::GetAtt": [id, "Arn"] }));
                let group = format!("{}SecurityGroup", id.strip_suffix("Role").unwrap_or(id));
                arn == principal && at.document["Resources"].get(group).is_some()
            });
            if !resident {
                continue;
            }
            for (id, endpoint) in at.of_type("AWS::EC2::VPCEndpoint") {
                let properties = &endpoint["Properties"];
                let service = self.workspace.resolve(at, &properties["ServiceName"]);
                if service.ends_with(".secretsmanager")
                    && !self.allows(at, &properties["PolicyDocument"], call)
                {
                    problems.push(format!(
                        "{principal}: {} on {} is not let through {id}",
                        call.action, call.resource
                    ));
                }
            }
        }
    }

    /// Each schedule with a function of the template: the role may do all that rotation asks, and the service may start it.
    fn rotations(&self, problems: &mut Vec<String>) {
        for (at, id, schedule) in self.workspace.resources() {
            let properties = &schedule["Properties"];
            let Some(function) = properties["RotationLambdaARN"]["Fn::GetAtt"][0].as_str() else { continue };
            let secret = self.workspace.resolve(at, &properties["SecretId"]);
            let role = self.workspace.resolve(at, &at.document["Resources"][function]["Properties"]["Role"]);
            for action in ROTATE {
                let account = at.account.as_str();
                let call = Call { principal: &role, account, action, resource: &secret, context: Vec::new() };
                let policies = self.identities.get(&role).into_iter().flatten();
                if !policies.clone().any(|(at, document)| self.allows(at, document, &call)) {
                    problems.push(format!("{}: {id}: its function may not {action}", at.path));
                }
            }
            let started = at.of_type("AWS::Lambda::Permission").any(|(_, permission)| {
                let properties = &permission["Properties"];
                properties["FunctionName"]["Fn::GetAtt"][0] == function
                    && properties["Principal"] == "secretsmanager.amazonaws.com"
                    && self.workspace.resolve(at, &properties["SourceArn"]) == secret
            });
            if !started {
                problems.push(format!("{}: {id}: Secrets Manager may not start its function", at.path));
            }
        }
    }

    /// Whom a secret's policy admits from another account finds the other half in a template of that account.
    fn foreign_halves(&self, problems: &mut Vec<String>) {
        for (arn, secret) in &self.secrets {
            let Some((at, policy)) = secret.policy else { continue };
            let region = arn.split(':').nth(3).unwrap_or_default();
            let own = at.region == region;
            for statement in statements(policy).filter(|statement| own && statement["Effect"] == "Allow") {
                let roles =
                    self.workspace.resolve_all(at, &statement["Condition"]["ArnEquals"]["aws:PrincipalArn"]);
                if roles.is_empty() {
                    problems.push(format!("{arn}: its policy admits a whole account"));
                }
                for role in roles {
                    let account = role.split(':').nth(4).unwrap_or_default().to_owned();
                    // A role that no template of the account attaches policies to belongs to somebody else altogether.
                    let granted = self.identities.get(&role).into_iter().flatten().any(|(at, document)| {
                        let context = vec![("aws:PrincipalArn", role.clone())];
                        let call = Call {
                            principal: &role,
                            account: &account,
                            action: READ,
                            resource: arn,
                            context,
                        };
                        self.allows(at, document, &call)
                    });
                    let elsewhere = self.replicas(arn).any(|other| {
                        let call = Call {
                            principal: &role,
                            account: &account,
                            action: READ,
                            resource: other,
                            context: vec![],
                        };
                        let policies = self.identities.get(&role).into_iter().flatten();
                        policies.clone().any(|(at, document)| self.allows(at, document, &call))
                    });
                    if !granted && !elsewhere {
                        problems
                            .push(format!("{role}: admitted to {arn}, but nothing in its account grants it"));
                    }
                }
            }
        }
    }

    /// The ARNs of a secret in all its Regions.
    fn replicas<'b>(&'b self, arn: &'b str) -> impl Iterator<Item = &'b String> {
        let name = arn.split(":secret:").nth(1).unwrap_or_default();
        self.secrets.keys().filter(move |other| other.ends_with(&format!(":secret:{name}")))
    }

    fn is_ours(&self, account: &str) -> bool {
        self.workspace.templates.iter().any(|at| {
            at.account == account
                && at.document["Resources"]
                    .as_object()
                    .unwrap()
                    .values()
                    .any(|resource| resource["Type"] == "AWS::KMS::Key")
        })
    }

    pub(super) fn allows(&self, at: &Template, document: &Value, call: &Call<'_>) -> bool {
        statements(document)
            .any(|statement| statement["Effect"] == "Allow" && self.applies(at, statement, call))
    }

    pub(super) fn denies(&self, at: &Template, document: &Value, call: &Call<'_>) -> bool {
        statements(document)
            .any(|statement| statement["Effect"] == "Deny" && self.applies(at, statement, call))
    }

    fn applies(&self, at: &Template, statement: &Value, call: &Call<'_>) -> bool {
        words(&statement["Action"]).iter().any(|action| matches(action, call.action))
            && self
                .workspace
                .resolve_all(at, &statement["Resource"])
                .iter()
                .any(|of| matches(of, call.resource))
            && self.is_principal(at, &statement["Principal"], call)
            && self.holds(at, &statement["Condition"], call)
    }

    fn is_principal(&self, at: &Template, principal: &Value, call: &Call<'_>) -> bool {
        if principal.is_null() || principal == "*" {
            return true;
        }
        let named = self.workspace.resolve_all(at, &principal["AWS"]);
        let root = format!("arn:aws:iam::{}:root", call.account);
        named.iter().any(|name| *name == root || name == call.principal)
    }

    fn holds(&self, at: &Template, conditions: &Value, call: &Call<'_>) -> bool {
        conditions.as_object().into_iter().flatten().all(|(operator, keys)| {
            keys.as_object().into_iter().flatten().all(|(key, values)| {
                let found = call.context.iter().find(|(known, _)| known == key).map(|(_, value)| value);
                let negated = operator.contains("Not");
                let Some(found) = found else { return negated || operator.ends_with("IfExists") };
                let values = self.workspace.resolve_all(at, values);
                let any = values.iter().any(|value| {
                    if operator.starts_with("String") && !operator.contains("Like") {
                        value == found
                    } else {
                        matches(value, found)
                    }
                });
                any != negated
            })
        })
    }
}

/// IAM's wildcards; a question mark of the pattern also matches one of the text, which stands for an unknown character.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = &pattern[1..];
            rest.is_empty() || text.char_indices().any(|(at, _)| matches(rest, &text[at..]))
        }
        Some(first) => {
            let Some(here) = text.chars().next() else { return false };
            (first == '?' || first == here) && matches(&pattern[first.len_utf8()..], &text[here.len_utf8()..])
        }
    }
}
