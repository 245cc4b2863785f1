//! Every part of every statement, taken away or widened: a place to change, and the change.

use serde_json::{Value, json};

/// A part of a statement and what is done to it.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// The template, by position.
    pub(crate) template: usize,
    /// The JSON pointer of the statement.
    pub(crate) pointer: String,
    pub(crate) edit: Edit,
}

#[derive(Debug, Clone)]
pub(crate) enum Edit {
    /// The whole statement goes.
    Removed,
    /// A condition key goes.
    WithoutCondition(String, String),
    /// The last of several actions goes.
    LessAction,
    /// The statement is for every resource.
    EveryResource,
}

/// All parts of all statements.
pub(crate) fn parts(documents: &[Value]) -> Vec<Part> {
    let mut parts = Vec::new();
    for (template, document) in documents.iter().enumerate() {
        let mut open = vec![(String::new(), document)];
        while let Some((pointer, value)) = open.pop() {
            if let Some(statements) = value.get("Statement").and_then(Value::as_array) {
                for (at, statement) in statements.iter().enumerate() {
                    let pointer = format!("{pointer}/Statement/{at}");
                    let edits = edits(statement).into_iter();
                    parts.extend(edits.map(|edit| Part { template, pointer: pointer.clone(), edit }));
                }
                continue;
            }
            for (name, it) in value.as_object().into_iter().flatten() {
                open.push((format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), it));
            }
            for (at, it) in value.as_array().into_iter().flatten().enumerate() {
                open.push((format!("{pointer}/{at}"), it));
            }
        }
    }
    parts.sort_by(|left, right| (left.template, &left.pointer).cmp(&(right.template, &right.pointer)));
    parts
}

fn edits(statement: &Value) -> Vec<Edit> {
    let mut edits = vec![Edit::Removed];
    for (operator, keys) in statement.get("Condition").and_then(Value::as_object).into_iter().flatten() {
        let keys = keys.as_object().into_iter().flatten();
        edits.extend(keys.map(|(key, _)| Edit::WithoutCondition(operator.clone(), key.clone())));
    }
    if statement["Action"].as_array().is_some_and(|actions| actions.len() > 1) {
        edits.push(Edit::LessAction);
    }
    let is_everything = statement["Resource"] == json!("*") || statement["Resource"] == json!(["*"]);
    if statement.get("Resource").is_some() && !is_everything {
        edits.push(Edit::EveryResource);
    }
    edits
}

impl Part {
    /// The documents with the change.
    pub(crate) fn applied(&self, documents: &[Value]) -> Vec<Value> {
        let mut changed = documents.to_vec();
        let document = &mut changed[self.template];
        if let Edit::Removed = self.edit {
            let (list, at) = self.pointer.rsplit_once('/').unwrap();
            document.pointer_mut(list).unwrap().as_array_mut().unwrap().remove(at.parse().unwrap());
            return changed;
        }
        let statement = document.pointer_mut(&self.pointer).unwrap();
        match &self.edit {
            Edit::Removed => {}
            Edit::WithoutCondition(operator, key) => {
                let condition = statement["Condition"].as_object_mut().unwrap();
                let block = condition[operator].as_object_mut().unwrap();
                block.shift_remove(key);
                if block.is_empty() {
                    condition.shift_remove(operator);
                }
                if condition.is_empty() {
                    statement.as_object_mut().unwrap().shift_remove("Condition");
                }
            }
            Edit::LessAction => {
                statement["Action"].as_array_mut().unwrap().pop();
            }
            Edit::EveryResource => statement["Resource"] = json!("*"),
        }
        changed
    }

    /// How the table of parts that mean nothing names it.
    pub(crate) fn name(&self, documents: &[Value]) -> String {
        let statement = documents[self.template].pointer(&self.pointer).unwrap();
        let id = self.pointer.split('/').nth(2).unwrap();
        let kind = documents[self.template]["Resources"][id]["Type"].as_str().unwrap();
        let sid = statement["Sid"].as_str().unwrap_or("");
        let edit = match &self.edit {
            Edit::Removed => "removed".to_owned(),
            Edit::WithoutCondition(_, key) => format!("without {key}"),
            Edit::LessAction => "less action".to_owned(),
            Edit::EveryResource => "every resource".to_owned(),
        };
        format!("{} {sid} {edit}", kind.trim_start_matches("AWS::"))
    }
}
