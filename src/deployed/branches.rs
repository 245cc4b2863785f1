//! Template conditions: every combination of their answers, each as a template without them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// More questions that conditions ask, each with two answers, are not explored.
const MOST_QUESTIONS: usize = 6;

/// Conditions may name each other, and not deeper than this.
const DEEPEST: usize = 64;

/// A template in which every condition has an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Branch {
    /// The conditions that matter for resources, each with its answer, sorted by name.
    pub(crate) answers: Vec<(String, bool)>,
    /// The template without conditions, `Fn::If` and absent values.
    pub(crate) template: Value,
}

/// The conditions of a template cannot be explored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TooMany(
    /// Why.
    pub(crate) String,
);

/// Every branch of a template, without those that no deployment has.
pub(crate) fn branches(template: &Value) -> Result<Vec<Branch>, TooMany> {
    let conditions = template.get("Conditions").and_then(Value::as_object).cloned().unwrap_or_default();
    let used = used(template, &conditions);
    let mut questions = Vec::new();
    for name in &used {
        ask(&conditions, conditions.get(name), 0, &mut questions)?;
    }
    if questions.len() > MOST_QUESTIONS {
        return Err(TooMany(format!(
            "its conditions ask {} questions, more than the {MOST_QUESTIONS} that are explored",
            questions.len()
        )));
    }
    let mut found: Vec<Branch> = Vec::new();
    for number in 0..1_usize << questions.len() {
        let answer = |at: usize| number >> at & 1 == 0;
        let given: Vec<(&Value, bool)> =
            questions.iter().enumerate().map(|(at, question)| (question, answer(at))).collect();
        if contradicts(&given) {
            continue;
        }
        let answers: BTreeMap<&str, bool> = used
            .iter()
            .map(|name| (name.as_str(), holds(&conditions, conditions.get(name), &given)))
            .collect();
        let answered = answers.iter().map(|(name, answer)| ((*name).to_owned(), *answer)).collect();
        if found.iter().all(|branch| branch.answers != answered) {
            found.push(Branch { answers: answered, template: without_conditions(template, &answers) });
        }
    }
    Ok(found)
}

/// The conditions that resources depend on.
fn used(template: &Value, conditions: &Map<String, Value>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let resources = template.get("Resources").and_then(Value::as_object);
    for resource in resources.into_iter().flat_map(Map::values) {
        names.extend(resource.get("Condition").and_then(Value::as_str).map(str::to_owned));
        let mut open = vec![resource];
        while let Some(value) = open.pop() {
            if let Some((name, _, _)) = choice(value) {
                names.insert(name.to_owned());
            }
            open.extend(value.as_array().into_iter().flatten());
            open.extend(value.as_object().into_iter().flat_map(Map::values));
        }
    }
    names.retain(|name| conditions.contains_key(name));
    names
}

/// The parts of an `Fn::If`.
fn choice(value: &Value) -> Option<(&str, &Value, &Value)> {
    let [name, yes, no] = value.as_object().filter(|it| it.len() == 1)?.get("Fn::If")?.as_array()?.as_slice()
    else {
        return None;
    };
    Some((name.as_str()?, yes, no))
}

/// Collects what a condition depends on: comparisons, and whatever is not understood.
fn ask(
    conditions: &Map<String, Value>,
    condition: Option<&Value>,
    depth: usize,
    questions: &mut Vec<Value>,
) -> Result<(), TooMany> {
    if depth > DEEPEST {
        return Err(TooMany("its conditions name each other in a circle, or too deeply".to_owned()));
    }
    let Some(condition) = condition else { return Ok(()) };
    match parts(condition) {
        Some(("Condition", Value::String(name))) if conditions.contains_key(name) => {
            ask(conditions, conditions.get(name), depth + 1, questions)
        }
        Some(("Fn::Not" | "Fn::And" | "Fn::Or", Value::Array(operands))) => {
            operands.iter().try_for_each(|it| ask(conditions, Some(it), depth + 1, questions))
        }
        _ => {
            if decided(condition).is_none() && !questions.contains(condition) {
                questions.push(condition.clone());
            }
            Ok(())
        }
    }
}

fn holds(conditions: &Map<String, Value>, condition: Option<&Value>, given: &[(&Value, bool)]) -> bool {
    let Some(condition) = condition else { return false };
    match parts(condition) {
        Some(("Condition", Value::String(name))) if conditions.contains_key(name) => {
            holds(conditions, conditions.get(name), given)
        }
        Some(("Fn::Not", Value::Array(operands))) => {
            !operands.iter().any(|it| holds(conditions, Some(it), given))
        }
        Some(("Fn::And", Value::Array(operands))) => {
            operands.iter().all(|it| holds(conditions, Some(it), given))
        }
        Some(("Fn::Or", Value::Array(operands))) => {
            operands.iter().any(|it| holds(conditions, Some(it), given))
        }
        _ => decided(condition)
            .unwrap_or_else(|| given.iter().any(|(question, answer)| *question == condition && *answer)),
    }
}

/// A function and its argument.
fn parts(value: &Value) -> Option<(&str, &Value)> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    fields.iter().next().map(|(name, argument)| (name.as_str(), argument))
}

/// The answer of a comparison between texts.
fn decided(condition: &Value) -> Option<bool> {
    let (left, right) = compared(condition)?;
    (!left.is_object() && !right.is_object()).then_some(left == right)
}

fn compared(condition: &Value) -> Option<(&Value, &Value)> {
    match parts(condition)? {
        ("Fn::Equals", Value::Array(operands)) => match operands.as_slice() {
            [left, right] => Some((left, right)),
            _ => None,
        },
        _ => None,
    }
}

/// One value cannot equal two texts.
fn contradicts(given: &[(&Value, bool)]) -> bool {
    let texts = given.iter().filter(|(_, answer)| *answer).filter_map(|(question, _)| {
        let (left, right) = compared(question)?;
        if right.is_object() { Some((right, left)) } else { Some((left, right)) }
    });
    let texts: Vec<(&Value, &Value)> = texts.filter(|(_, text)| !text.is_object()).collect();
    texts.iter().enumerate().any(|(at, (value, text))| {
        texts.iter().skip(at + 1).any(|(other, other_text)| value == other && text != other_text)
    })
}

fn without_conditions(template: &Value, answers: &BTreeMap<&str, bool>) -> Value {
    let mut template = template.clone();
    if let Some(resources) = template.get_mut("Resources").and_then(Value::as_object_mut) {
        resources.retain(|_, resource| {
            let condition = resource.get("Condition").and_then(Value::as_str);
            condition.and_then(|name| answers.get(name)).copied().unwrap_or(true)
        });
        for resource in resources.values_mut() {
            *resource = chosen(resource, answers).unwrap_or(Value::Null);
        }
    }
    template
}

/// A value with every choice made; nothing where `AWS::NoValue` is chosen.
fn chosen(value: &Value, answers: &BTreeMap<&str, bool>) -> Option<Value> {
    if let Some((name, yes, no)) = choice(value)
        && let Some(answer) = answers.get(name)
    {
        return chosen(if *answer { yes } else { no }, answers);
    }
    match value {
        Value::Object(fields) if parts(value) == Some(("Ref", &Value::from("AWS::NoValue"))) => {
            debug_assert!(fields.len() == 1);
            None
        }
        Value::Object(fields) => Some(Value::Object(
            fields.iter().filter_map(|(name, field)| Some((name.clone(), chosen(field, answers)?))).collect(),
        )),
        Value::Array(items) => Some(items.iter().filter_map(|item| chosen(item, answers)).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_ways_of_a_condition_and_no_impossible_ones() {
        let equals = |text: &str| json!({ "Fn::Equals": [{ "Ref": "Stage" }, text] });
        let template = json!({
            "Conditions": { "Production": equals("production"), "Test": equals("test"),
                "Other": { "Fn::Not": [{ "Condition": "Production" }] }, "Never": { "Fn::Equals": ["a", "b"] },
                "Unused": equals("x") },
            "Resources": {
                "A": { "Type": "T", "Condition": "Production" },
                "B": { "Type": "T", "Properties": {
                    "X": { "Fn::If": ["Test", { "Ref": "AWS::NoValue" }, { "Fn::If": ["Never", 1, 2] }] },
                    "Y": [{ "Fn::If": ["Other", "y", { "Ref": "AWS::NoValue" }] }] } },
            },
        });
        let branches = branches(&template).unwrap();
        let shown: Vec<String> = branches.iter().map(|it| it.template["Resources"].to_string()).collect();
        let y = r#""B":{"Type":"T","Properties":{"X":2,"Y":["y"]}}"#;
        assert_eq!(
            shown,
            [
                r#"{"B":{"Type":"T","Properties":{"Y":["y"]}}}"#.to_owned(),
                r#"{"A":{"Type":"T","Condition":"Production"},"B":{"Type":"T","Properties":{"X":2,"Y":[]}}}"#
                    .to_owned(),
                format!("{{{y}}}"),
            ]
        );
    }

    #[test]
    fn circles_and_crowds_are_refused() {
        let circle = json!({ "Conditions": { "A": { "Condition": "A" } }, "Resources": { "R": { "Condition": "A" } } });
        assert!(branches(&circle).unwrap_err().0.contains("circle"));
        let mut crowd = json!({ "Conditions": {}, "Resources": {} });
        for number in 0..10 {
            let name = format!("C{number}");
            crowd["Conditions"][&name] = json!({ "Fn::Equals": [{ "Ref": name }, "x"] });
            crowd["Resources"][&name] = json!({ "Condition": name });
        }
        assert!(branches(&crowd).unwrap_err().0.contains("10 questions"));
        let plain = json!({ "Resources": { "A": {} } });
        assert_eq!(branches(&plain).unwrap(), [Branch { answers: vec![], template: plain }]);
        assert_eq!(branches(&json!([])).unwrap().len(), 1);
    }
}
