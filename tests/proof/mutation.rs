//! Changes of single places in the policies of templates.

use std::fmt;

use serde_json::{Value, json};

/// One change.
#[derive(Debug, Clone)]
pub(crate) struct Mutation {
    /// The template, by position.
    pub(crate) template: usize,
    /// The type of the resource.
    pub(crate) kind: String,
    /// The statement as it was.
    pub(crate) statement: Value,
    /// The other statements of the policy.
    pub(crate) others: Vec<Value>,
    /// Where the statement stands.
    pub(crate) pointer: String,
    /// What is done to it.
    pub(crate) change: Change,
}

/// What is done to a statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// It is removed.
    Remove,
    /// It is replaced.
    Replace(&'static str, Value),
}

impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.change {
            Change::Remove => write!(f, "{}: removed", self.pointer),
            Change::Replace(what, value) => write!(f, "{}: {what}: {value}", self.pointer),
        }
    }
}

impl Mutation {
    /// Makes the change.
    pub(crate) fn apply(&self, document: &mut Value) {
        let (list, index) = self.pointer.rsplit_once('/').unwrap();
        let statements = document.pointer_mut(list).unwrap().as_array_mut().unwrap();
        let index: usize = index.parse().unwrap();
        match &self.change {
            Change::Remove => drop(statements.remove(index)),
            Change::Replace(_, value) => statements[index] = value.clone(),
        }
    }

    /// What the statement no longer says: all of it, or what it said of the values that are gone from a condition.
    fn lost(&self) -> Value {
        let mut lost = self.statement.clone();
        let Change::Replace("a condition's value removed", changed) = &self.change else { return lost };
        for (operator, block) in lost["Condition"].as_object_mut().unwrap() {
            for (key, values) in block.as_object_mut().unwrap() {
                let kept = changed["Condition"][operator][key].as_array().unwrap();
                let values = values.as_array_mut().unwrap();
                if kept.len() < values.len() {
                    values.retain(|value| !kept.contains(value));
                }
            }
        }
        lost
    }

    /// Why it need not be caught, if so.
    pub(crate) fn equivalent(&self) -> Option<&'static str> {
        let text = |value: Option<&Value>| value.map(Value::to_string).unwrap_or_default();
        let actions = text(self.statement.get("Action"));
        let sid = self.statement["Sid"].as_str().unwrap_or_default();
        let denies = self.statement["Effect"] == "Deny";
        let what = match &self.change {
            Change::Remove => "removed",
            Change::Replace(what, _) => what,
        };
        let narrowed = !denies && matches!(what, "removed" | "an action removed" | "a resource removed");
        if self.kind == "AWS::IAM::ManagedPolicy"
            && !actions.contains("secretsmanager:")
            && !actions.contains("kms:")
            && narrowed
        {
            return Some("less for a role of other services than secrets and keys");
        }
        if matches!(sid, "List" | "ReadInBatches") {
            return Some("lists, which carry no value and no resource");
        }
        let keys = self.kind.starts_with("AWS::KMS::");
        let conditions = text(self.statement.get("Condition"));
        if what == "principals widened" && conditions.contains("aws:PrincipalArn") {
            return Some("a condition names the same roles");
        }
        let named = conditions.contains("aws:PrincipalArn") && !conditions.contains("deployer");
        if what == "actions widened" && named {
            return Some("the identity policies of the named roles still say the same");
        }
        if sid.ends_with("NotByCode") && what == "a condition removed" {
            return Some("less for a role of other services than secrets and keys");
        }
        if keys && sid.starts_with("Administration") && what == "an action removed" {
            return Some("replication of a key, which is the deployer's");
        }
        let less = matches!(what, "removed" | "an action removed" | "a condition's value removed");
        if keys && !denies && less && self.others.iter().any(|other| includes(other, &self.lost())) {
            return Some("another statement of the key allows the same");
        }
        if keys && what == "principals widened" && conditions.contains("kms:CallerAccount") {
            return Some(
                "a condition names the same account, whose principals count with any identity policy",
            );
        }
        if keys
            && matches!(what, "actions widened" | "a condition removed")
            && conditions.contains("kms:ViaService")
        {
            return Some("the identity policies of the named roles still say the same");
        }
        let exempts =
            |statement: &Value| statement["Condition"].to_string().contains("aws:PrincipalIsAWSService");
        let still = matches!(&self.change, Change::Replace(_, changed) if exempts(changed));
        if denies && what == "a condition removed" && exempts(&self.statement) && !still {
            return Some("only services were exempt by it");
        }
        let emergency = |statement: &Value| statement["Condition"].to_string().contains("break-glass");
        let lost = matches!(&self.change, Change::Replace(_, changed) if !emergency(changed));
        if sid.ends_with("ByOthers")
            && what == "a condition's value removed"
            && emergency(&self.statement)
            && lost
        {
            return Some("an exemption for emergencies, which no policy of the templates uses");
        }
        None
    }
}

/// Whether a statement that allows says word for word all that another does: the same principals and resources, its
/// actions, and no condition that the other does not have with the same values or fewer.
fn includes(statement: &Value, other: &Value) -> bool {
    let within = |inner: &Value, outer: &Value| match (inner.as_array(), outer.as_array()) {
        (Some(inner), Some(outer)) => inner.iter().all(|value| outer.contains(value)),
        _ => inner == outer,
    };
    let conditions = statement["Condition"].as_object().into_iter().flatten();
    let mut each = conditions.flat_map(|(operator, block)| {
        let entry = move |(key, values)| (operator, key, values);
        block.as_object().unwrap().iter().map(entry)
    });
    statement["Effect"] == "Allow"
        && other["Effect"] == "Allow"
        && statement["Principal"] == other["Principal"]
        && statement["Resource"] == other["Resource"]
        && within(&other["Action"], &statement["Action"])
        && each.all(|(operator, key, values)| {
            ["ArnEquals", "ArnLike", "StringEquals", "StringLike"].contains(&operator.as_str())
                && within(&other["Condition"][operator][key], values)
        })
}

/// Every change of every statement in the policies of secrets, keys, roles, endpoints, topics and queues.
pub(crate) fn all(templates: &[(String, Value)]) -> Vec<Mutation> {
    let mut mutations = Vec::new();
    for (template, (_, document)) in templates.iter().enumerate() {
        for (id, resource) in document["Resources"].as_object().unwrap() {
            let kind = resource["Type"].as_str().unwrap();
            let below = match kind {
                "AWS::SecretsManager::ResourcePolicy" => "ResourcePolicy",
                "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => "KeyPolicy",
                "AWS::IAM::Role" => "AssumeRolePolicyDocument",
                "AWS::IAM::ManagedPolicy"
                | "AWS::EC2::VPCEndpoint"
                | "AWS::SNS::TopicPolicy"
                | "AWS::SQS::QueuePolicy" => "PolicyDocument",
                _ => continue,
            };
            let list = format!("/Resources/{id}/Properties/{below}/Statement");
            let statements = document.pointer(&list).unwrap().as_array().unwrap();
            for (index, statement) in statements.iter().enumerate() {
                let others: Vec<Value> = statements
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| *at != index)
                    .map(|(_, s)| s.clone())
                    .collect();
                for change in changes(statement) {
                    mutations.push(Mutation {
                        template,
                        kind: kind.to_owned(),
                        statement: statement.clone(),
                        others: others.clone(),
                        pointer: format!("{list}/{index}"),
                        change,
                    });
                }
            }
        }
    }
    mutations
}

fn changes(statement: &Value) -> Vec<Change> {
    let mut changes = vec![Change::Remove];
    let mut replace = |what, change: &dyn Fn(&mut Value)| {
        let mut changed = statement.clone();
        change(&mut changed);
        if changed != *statement {
            changes.push(Change::Replace(what, changed));
        }
    };
    let deny = statement["Effect"] == "Deny";
    for (at, _) in statement["Action"].as_array().into_iter().flatten().enumerate() {
        replace("an action removed", &|changed| {
            let actions = changed["Action"].as_array_mut().unwrap();
            if actions.len() > 1 {
                actions.remove(at);
            }
        });
    }
    if !deny {
        replace("actions widened", &|changed| {
            let service = changed["Action"][0].as_str().unwrap().split(':').next().unwrap().to_owned();
            changed["Action"] = json!([format!("{service}:*")]);
        });
        replace("resources widened", &|changed| {
            if changed.get("Resource").is_some() {
                changed["Resource"] = json!(["*"]);
            }
        });
        replace("principals widened", &|changed| {
            if changed.get("Principal").is_some() {
                changed["Principal"] = json!("*");
            }
        });
    }
    for (at, _) in statement["Resource"].as_array().into_iter().flatten().enumerate() {
        replace("a resource removed", &|changed| {
            let resources = changed["Resource"].as_array_mut().unwrap();
            if resources.len() > 1 {
                resources.remove(at);
            }
        });
    }
    for (operator, block) in statement["Condition"].as_object().into_iter().flatten() {
        for (key, values) in block.as_object().unwrap() {
            replace("a condition removed", &|changed| {
                changed["Condition"][operator].as_object_mut().unwrap().remove(key);
            });
            if let Some(values) = values.as_array() {
                replace("a condition's value removed", &|changed| {
                    if values.len() > 1 {
                        changed["Condition"][operator][key].as_array_mut().unwrap().pop();
                    }
                });
            }
        }
    }
    changes
}
