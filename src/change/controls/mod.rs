//! What properties control, and which way a change of one goes: a table for each service.

mod compute;
mod encryption;
mod network;
mod rule;
mod secrets;
mod targets;
mod watch;

use serde_json::Value;

use super::Class;
use super::differences::Part;

pub(super) use network::{Admission, rules};
pub(super) use rule::Rule;

/// A property that controls something.
pub(super) struct Control {
    /// The type of the resource.
    pub(super) kind: &'static str,
    /// The property, as a JSON pointer from the properties; what lies below it belongs to it.
    pub(super) property: &'static str,
    /// What it controls, as people say it.
    pub(super) says: &'static str,
    /// Which way a change goes.
    pub(super) rule: Rule,
}

/// What the change of a part comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) class: Class,
    pub(super) what: String,
    pub(super) details: Vec<String>,
}

/// A control in one line of its table.
const fn control(kind: &'static str, property: &'static str, says: &'static str, rule: Rule) -> Control {
    Control { kind, property, says, rule }
}

const TABLES: [&[Control]; 5] =
    [secrets::CONTROLS, encryption::CONTROLS, compute::CONTROLS, network::CONTROLS, watch::CONTROLS];

/// Properties that say nothing about access, controls or what is kept, of whatever type.
const PLAIN: [&str; 12] = [
    "/Description",
    "/Tags",
    "/DisplayName",
    "/DashboardBody",
    "/AlarmDescription",
    "/GroupDescription",
    "/AlarmName",
    "/DashboardName",
    "/PolicyName",
    "/ManagedPolicyName",
    "/Comment",
    "/OKActions",
];

/// The control that a part belongs to.
pub(super) fn of(kind: &str, pointer: &str) -> Option<&'static Control> {
    let below = |property: &str| {
        pointer == property || pointer.strip_prefix(property).is_some_and(|rest| rest.starts_with('/'))
    };
    TABLES.iter().flat_map(|table| table.iter()).find(|it| it.kind == kind && below(it.property))
}

/// Whether a property is known to control nothing.
pub(super) fn is_plain(pointer: &str) -> bool {
    PLAIN
        .iter()
        .any(|plain| pointer == *plain || pointer.strip_prefix(plain).is_some_and(|it| it.starts_with('/')))
}

/// What the change of a control comes to; `old` and `new` are the property as a whole.
pub(super) fn judge(control: &Control, old: Option<&Value>, new: Option<&Value>) -> Option<Finding> {
    control.rule.judge(control.says, old, new)
}

/// A value in a sentence: short, and never a text that might be a secret.
pub(super) fn said(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "unset".to_owned(),
        Some(Value::String(text)) => {
            let text = crate::access::readable(text);
            let short: String = text.chars().take(80).collect();
            if short.len() < text.len() { format!("`{short}…`") } else { format!("`{text}`") }
        }
        Some(Value::Bool(truth)) => truth.to_string(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Array(items)) => match items.len() {
            1 => "one entry".to_owned(),
            count => format!("{count} entries"),
        },
        Some(Value::Object(_)) => "a structure".to_owned(),
    }
}

/// The whole property of a control on both sides, where a part of it differs.
pub(super) fn whole<'v>(
    control: &Control,
    part: &Part<'v>,
    [old, new]: [&'v Value; 2],
) -> [Option<&'v Value>; 2] {
    if part.pointer == control.property {
        [part.old, part.new]
    } else {
        [old.pointer(control.property), new.pointer(control.property)]
    }
}
