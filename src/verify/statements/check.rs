//! The statements that blueprints allow consumers beside secrets.

use serde_json::{Map, Value, json};

use super::say::said;
use crate::access::{Flaw, lint};
use crate::diagnostic::{Diagnostic, Diagnostics, Subject};
use crate::inventory::AuthorStatement;
use crate::run::{Compiled, Evidence, Outcome};
use crate::source::{Sourced, Span};

/// The name of the evidence for a statement with which nothing is wrong.
const WRITTEN: &str = "allow-statement";

/// Holds every statement of every consumer against the list; what a blueprint says for several environments is said once.
pub(in crate::verify) fn check(compiled: &Compiled, evidence: &mut Vec<Evidence>, log: &mut Diagnostics) {
    let mut seen: Vec<Span> = Vec::new();
    let environments = compiled.inventory.applications.iter().flat_map(|of| &of.environments);
    for statement in
        environments.flat_map(|it| &it.consumers).flat_map(|consumer| &consumer.author_statements)
    {
        if seen.contains(&statement.origin.span) {
            continue;
        }
        seen.push(statement.origin.span);
        let flaws = lint(&document(statement));
        for flaw in &flaws {
            let (code, message, help) = said(flaw);
            log.push(Diagnostic::new(code, span(statement, flaw), message).help(help));
            let subject = Subject::default();
            evidence.push(Evidence { check: code.name.to_owned(), subject, outcome: Outcome::Fail });
        }
        if flaws.is_empty() {
            let subject = Subject::default();
            evidence.push(Evidence { check: WRITTEN.to_owned(), subject, outcome: Outcome::Pass });
        }
    }
}

fn document(statement: &AuthorStatement) -> Value {
    let texts = |list: &[Sourced<String>]| list.iter().map(|text| text.value.as_str()).collect::<Value>();
    let mut conditions = Map::new();
    for (operator, key, values) in &statement.conditions {
        let block = conditions.entry(operator.value.clone()).or_insert_with(|| json!({}));
        if let Some(block) = block.as_object_mut() {
            block.insert(key.value.clone(), texts(values));
        }
    }
    json!({
        "Effect": "Allow", "Action": texts(&statement.actions), "Resource": texts(&statement.resources),
        "Condition": conditions,
    })
}

/// The words that a flaw is about.
fn span(statement: &AuthorStatement, flaw: &Flaw) -> Span {
    let find = |list: &[Sourced<String>], text: &str| {
        list.iter().find(|it| it.value == *text).map(|it| it.origin.span)
    };
    let key = |name: &str| statement.conditions.iter().find(|(_, key, _)| key.value == *name);
    let found = match flaw {
        Flaw::UnknownAction(action) | Flaw::NeverMeets(action, _) => find(&statement.actions, action),
        Flaw::Reaches(_, pattern) => find(&statement.resources, pattern),
        Flaw::UnknownKey(name) => key(name).map(|(_, key, _)| key.origin.span),
        Flaw::UnfitOperator(operator, name, _) => statement
            .conditions
            .iter()
            .find(|(own, key, _)| own.value == *operator && key.value == *name)
            .map(|(operator, ..)| operator.origin.span),
    };
    found.unwrap_or(statement.origin.span)
}
