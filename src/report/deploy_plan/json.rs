//! The plan as JSON, for pipelines that run the commands themselves.

use serde_json::{Value, json};

use super::{Line, Plan, Request};

/// The version of the form.
const VERSION: u32 = 1;

/// Writes the document.
pub(super) fn document(plan: &Plan<'_>, request: &Request<'_>) -> String {
    let mut values = vec![];
    if request.fleet.is_none() {
        values.extend([
            json!({ "value": "change_set", "is": "a name that no change set of the stack has had" }),
            json!({ "value": "change_set_type",
                "is": "CREATE where the stack is not there or REVIEW_IN_PROGRESS, else UPDATE" }),
            json!({ "value": "waiter", "is": "stack-create-complete or stack-update-complete, as the change set's type" }),
        ]);
    } else {
        values.push(json!({ "value": "operation", "is": "the OperationId that the command before answers" }));
    }
    let given =
        plan.variables.iter().map(|it| json!({ "value": it.name, "is": it.description, "from": "deployer" }));
    values.extend(given);
    let steps: Vec<Value> = plan
        .steps
        .iter()
        .map(|step| {
            let commands: Vec<Value> = step
                .lines
                .iter()
                .filter_map(|line| match line {
                    Line::Both(command) | Line::Json(command) => Some(command.json()),
                    Line::Shell(_) => None,
                })
                .collect();
            let mut facts = step.facts.as_object().cloned().unwrap_or_default();
            facts.insert("template".to_owned(), json!(step.stack.template));
            facts.insert("sha256".to_owned(), json!(step.stack.sha256));
            facts.insert("commands".to_owned(), json!(commands));
            Value::Object(facts)
        })
        .collect();
    let document =
        json!({ "version": VERSION, "directory": request.directory, "values": values, "steps": steps });
    format!("{document:#}\n")
}
