//! Where two values differ: the smallest parts, by JSON pointer.

use serde_json::Value;

use crate::pointer::escaped;

/// A part that differs; what one side does not have is missing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part<'v> {
    /// JSON pointer from the values.
    pub(super) pointer: String,
    /// As it was.
    pub(super) old: Option<&'v Value>,
    /// As it is.
    pub(super) new: Option<&'v Value>,
}

/// The parts in which two objects differ, down to the members of objects; lists are compared whole, as sets where the
/// order of their items means nothing to CloudFormation.
pub(super) fn differences<'v>(old: &'v Value, new: &'v Value) -> Vec<Part<'v>> {
    let mut parts = Vec::new();
    descend(Some(old), Some(new), String::new(), &mut parts);
    parts
}

fn descend<'v>(old: Option<&'v Value>, new: Option<&'v Value>, pointer: String, parts: &mut Vec<Part<'v>>) {
    if old == new {
        return;
    }
    let (before, after) = match (old, new) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => (before, after),
        (Some(Value::Array(before)), Some(Value::Array(after))) if same_items(before, after) => return,
        _ => {
            parts.push(Part { pointer, old, new });
            return;
        }
    };
    for (name, value) in before {
        let step = format!("{pointer}/{}", escaped(name));
        descend(Some(value), after.get(name), step, parts);
    }
    for (name, value) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
        descend(None, Some(value), format!("{pointer}/{}", escaped(name)), parts);
    }
}

/// Whether two lists have the same items, each as often.
fn same_items(old: &[Value], new: &[Value]) -> bool {
    if old.len() != new.len() {
        return false;
    }
    let mut rest: Vec<&Value> = new.iter().collect();
    old.iter().all(|item| {
        let found = rest.iter().position(|other| *other == item);
        found.map(|at| rest.swap_remove(at)).is_some()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_smallest_parts_differ() {
        let old = json!({ "A": { "B": 1, "C": [1, 2] }, "D": "x", "E": [1] });
        let new = json!({ "A": { "B": 2, "C": [2, 1] }, "F": "y", "E": [1, 1] });
        let pointers: Vec<String> = differences(&old, &new).into_iter().map(|part| part.pointer).collect();
        assert_eq!(pointers, ["/A/B", "/D", "/E", "/F"]);
        assert!(differences(&old, &old).is_empty());
    }
}
