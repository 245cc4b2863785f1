//! The ways in which a property can control something.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Finding, said, targets};
use crate::aws::{Form, ScheduleExpression};
use crate::change::Class;

/// Which way the change of a property goes. Values that are not written out are altered, neither weaker nor stronger.
#[derive(Debug, Clone, Copy)]
pub(in crate::change) enum Rule {
    /// A number: the smaller, the stronger. What it is when it is left out, if that is a number.
    LessIsStronger(Option<i64>),
    /// A number: the greater, the stronger. Left out, it is without end.
    MoreIsStronger(Option<i64>),
    /// True is stronger; what it is when it is left out.
    TrueIsStronger(bool),
    /// False is stronger; what it is when it is left out.
    FalseIsStronger(bool),
    /// To have it is stronger than not to; another one is another one.
    PresenceIsStronger,
    /// To have it is weaker than not to.
    AbsenceIsStronger,
    /// Words from the weakest to the strongest, and which of them it is when it is left out.
    Words(&'static [&'static str], &'static str),
    /// A list: the more entries, the stronger.
    MoreEntriesAreStronger,
    /// A list or word that opens a door: each entry that comes is access, each that goes is less.
    Door,
    /// How often something happens: the longer the pause, the weaker.
    Schedule,
    /// Whom events start, and what it is handed.
    Targets,
    /// A pattern of events: what matches more is stronger.
    EventPattern,
    /// A change makes the value anew.
    Regenerates,
    /// A change is refused.
    Fails,
    /// A change has a class and something to say about it.
    Says(Class, &'static str),
    /// Told elsewhere, by what it means.
    Elsewhere,
}

impl Rule {
    /// What the change from one value to another comes to.
    pub(super) fn judge(self, says: &str, old: Option<&Value>, new: Option<&Value>) -> Option<Finding> {
        let change = |class| {
            let (is, was) = (said(new), said(old));
            let what = if is == was {
                format!("{says}: other than before")
            } else {
                format!("{says}: {is} instead of {was}")
            };
            Some(Finding { class, what, details: Vec::new() })
        };
        let way = |weaker: bool| change(if weaker { Class::Weaker } else { Class::Stronger });
        match self {
            Rule::LessIsStronger(default) => match (number(old, default), number(new, default)) {
                (Ok(old), Ok(new)) if old == new => None,
                (Ok(old), Ok(new)) => way(new.unwrap_or(i64::MAX) > old.unwrap_or(i64::MAX)),
                (_, _) => change(Class::Altered),
            },
            Rule::MoreIsStronger(default) => match (number(old, default), number(new, default)) {
                (Ok(old), Ok(new)) if old == new => None,
                (Ok(old), Ok(new)) => way(new.unwrap_or(i64::MAX) < old.unwrap_or(i64::MAX)),
                (_, _) => change(Class::Altered),
            },
            Rule::TrueIsStronger(default) => match (truth(old, default), truth(new, default)) {
                (Some(old), Some(new)) if old == new => None,
                (Some(_), Some(new)) => way(!new),
                (_, _) => change(Class::Altered),
            },
            Rule::FalseIsStronger(default) => match (truth(old, default), truth(new, default)) {
                (Some(old), Some(new)) if old == new => None,
                (Some(_), Some(new)) => way(new),
                (_, _) => change(Class::Altered),
            },
            Rule::PresenceIsStronger => match (is_there(old), is_there(new)) {
                (false, false) => None,
                (true, true) => change(Class::Altered),
                (_, is) => way(!is),
            },
            Rule::AbsenceIsStronger => match (is_there(old), is_there(new)) {
                (false, false) => None,
                (true, true) => change(Class::Altered),
                (_, is) => way(is),
            },
            Rule::Words(words, default) => {
                let rank = |value: Option<&Value>| {
                    let word = value.map_or(Some(default), Value::as_str);
                    words.iter().position(|known| Some(*known) == word)
                };
                match (rank(old), rank(new)) {
                    (Some(old), Some(new)) if old == new => None,
                    (Some(old), Some(new)) => way(new < old),
                    (_, _) => change(Class::Altered),
                }
            }
            Rule::MoreEntriesAreStronger => {
                let (gone, come) = entries(old, new);
                match (gone, come) {
                    (0, 0) => None,
                    (0, _) => way(false),
                    (_, 0) => way(true),
                    (_, _) => change(Class::Altered),
                }
            }
            Rule::Door => {
                let (gone, come) = entries(old, new);
                match (gone, come) {
                    (0, 0) => None,
                    (_, 0) => change(Class::Narrower),
                    (_, _) => change(Class::Broader),
                }
            }
            Rule::Schedule => schedule(says, old, new),
            Rule::Targets => targets::judge(says, old, new),
            Rule::EventPattern => match pattern(old, new) {
                Some(weaker) => way(weaker),
                None => change(Class::Altered),
            },
            Rule::Regenerates => Some(Finding {
                class: Class::Regenerated,
                what: format!("{says} changes, and with it the value is made anew"),
                details: vec![
                    "whoever holds the present value, a database included, no longer agrees with it"
                        .to_owned(),
                ],
            }),
            Rule::Fails => Some(Finding {
                class: Class::UpdateFails,
                what: format!("{says} cannot be changed: {} instead of {}", said(new), said(old)),
                details: vec![
                    "make a new one beside it, move to it, and take this one away later".to_owned(),
                ],
            }),
            Rule::Says(class, text) => Some(Finding {
                class,
                what: format!("{says}: {} instead of {}", said(new), said(old)),
                details: vec![text.to_owned()],
            }),
            Rule::Elsewhere => None,
        }
    }
}

/// A number, or nothing for what is left out without a default; an error where it is not written out.
fn number(value: Option<&Value>, default: Option<i64>) -> Result<Option<i64>, ()> {
    match value {
        None => Ok(default),
        Some(Value::Number(number)) => number.as_f64().map(|it| Some(it.round() as i64)).ok_or(()),
        Some(Value::String(text)) => text.parse().map(Some).map_err(|_| ()),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) => Err(()),
    }
}

fn truth(value: Option<&Value>, default: bool) -> Option<bool> {
    match value {
        None => Some(default),
        Some(Value::Bool(truth)) => Some(*truth),
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_)) => None,
    }
}

fn is_there(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(members)) => !members.is_empty(),
        Some(Value::Bool(_) | Value::Number(_)) => true,
    }
}

/// How many entries go and how many come.
fn entries(old: Option<&Value>, new: Option<&Value>) -> (usize, usize) {
    let of = |value: Option<&Value>| -> BTreeSet<String> {
        match value {
            None | Some(Value::Null) => BTreeSet::new(),
            Some(Value::Array(items)) => items.iter().map(Value::to_string).collect(),
            Some(one) => BTreeSet::from([one.to_string()]),
        }
    };
    let (old, new) = (of(old), of(new));
    (old.difference(&new).count(), new.difference(&old).count())
}

/// Rotation rules: the longest pause between two rotations, in whatever form it is written.
fn schedule(says: &str, old: Option<&Value>, new: Option<&Value>) -> Option<Finding> {
    let pause = |rules: Option<&Value>| -> Option<u64> {
        let rules = rules?;
        if let Some(days) = rules.get("AutomaticallyAfterDays") {
            return days.as_u64().or_else(|| days.as_str()?.parse().ok())?.checked_mul(24);
        }
        let text = rules.get("ScheduleExpression")?.as_str()?;
        Some(u64::from(ScheduleExpression::parse(text).ok()?.longest_pause()))
    };
    let text = |rules: Option<&Value>| {
        let of = |name: &str| rules.and_then(|it| it.get(name)).map(|it| said(Some(it)));
        of("ScheduleExpression").or_else(|| of("AutomaticallyAfterDays").map(|it| format!("{it} days")))
    };
    let (was, is) = (text(old).unwrap_or_default(), text(new).unwrap_or_default());
    let (before, after) = (pause(old), pause(new));
    let class = match (before, after) {
        (Some(old), Some(new)) if new > old => Class::Weaker,
        (Some(old), Some(new)) if new < old => Class::Stronger,
        (Some(_), Some(_)) => Class::Altered,
        // Without rules nothing rotates by itself.
        (Some(_), None) if new.is_none() => Class::RotationLost,
        (None, Some(_)) if old.is_none() => Class::Stronger,
        (_, _) => Class::Altered,
    };
    let window = |rules: Option<&Value>| said(rules.and_then(|it| it.get("Duration")));
    let what = match (was == is, window(old) == window(new)) {
        (true, true) => return None,
        (true, false) => format!("{says}: a window of {} instead of {}", window(new), window(old)),
        (false, _) if is.is_empty() => format!("{says}: none instead of {was}"),
        (false, _) if was.is_empty() => format!("{says}: {is} instead of none"),
        (false, _) => format!("{says}: {is} instead of {was}"),
    };
    let details = before.zip(after).filter(|(before, after)| before != after);
    let details = details.map(|(before, after)| {
        format!("two rotations are at most {} apart, instead of {}", lasting(after), lasting(before))
    });
    Some(Finding { class, what, details: details.into_iter().collect() })
}

/// Hours in words.
fn lasting(hours: u64) -> String {
    if hours.is_multiple_of(24) { format!("{} days", hours / 24) } else { format!("{hours} hours") }
}

/// Whether the new of two event patterns matches less; nothing where neither contains the other.
fn pattern(old: Option<&Value>, new: Option<&Value>) -> Option<bool> {
    let (old, new) = (old?, new?);
    match (within(new, old), within(old, new)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        (_, _) => None,
    }
}

/// Whether everything that a pattern matches, another matches too: it demands no more, and accepts what the other does.
fn within(narrow: &Value, wide: &Value) -> bool {
    match (narrow, wide) {
        (Value::Object(narrow), Value::Object(wide)) => {
            wide.iter().all(|(name, it)| narrow.get(name).is_some_and(|own| within(own, it)))
        }
        (Value::Array(narrow), Value::Array(wide)) => narrow.iter().all(|item| wide.contains(item)),
        (narrow, wide) => narrow == wide,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn class(rule: Rule, old: Value, new: Value) -> Option<Class> {
        let value = |it: Value| if it.is_null() { None } else { Some(it) };
        let (old, new) = (value(old), value(new));
        rule.judge("it", old.as_ref(), new.as_ref()).map(|finding| finding.class)
    }

    #[test]
    fn both_ways_and_defaults() {
        let nothing = Value::Null;
        for (rule, weak, strong) in [
            (Rule::LessIsStronger(Some(365)), json!(400), nothing.clone()),
            (Rule::LessIsStronger(None), nothing.clone(), json!(9)),
            (Rule::MoreIsStronger(None), json!(30), nothing.clone()),
            (Rule::MoreIsStronger(Some(30)), json!("7"), nothing.clone()),
            (Rule::TrueIsStronger(false), nothing.clone(), json!("true")),
            (Rule::FalseIsStronger(false), json!(true), nothing.clone()),
            (Rule::PresenceIsStronger, nothing.clone(), json!("k")),
            (Rule::AbsenceIsStronger, json!({ "a": 1 }), nothing.clone()),
            (Rule::Words(&["off", "on"], "off"), nothing.clone(), json!("on")),
            (Rule::MoreEntriesAreStronger, json!(["a"]), json!(["b", "a"])),
            (Rule::EventPattern, json!({ "s": ["a"], "t": ["x"] }), json!({ "s": ["a", "b"] })),
            (
                Rule::Schedule,
                json!({ "ScheduleExpression": "rate(31 days)" }),
                json!({ "AutomaticallyAfterDays": 30 }),
            ),
        ] {
            assert_eq!(class(rule, strong.clone(), weak.clone()), Some(Class::Weaker), "{rule:?}");
            assert_eq!(class(rule, weak, strong.clone()), Some(Class::Stronger), "{rule:?}");
            assert!(matches!(class(rule, strong.clone(), strong), None | Some(Class::Altered)), "{rule:?}");
        }
        let days = |days: u64| json!({ "AutomaticallyAfterDays": days });
        let finding = Rule::Schedule.judge("it", Some(&days(30)), Some(&days(31))).unwrap();
        assert_eq!(finding.details, ["two rotations are at most 31 days apart, instead of 30 days"]);
        assert_eq!(class(Rule::Door, json!(["a"]), json!(["b"])), Some(Class::Broader));
        assert_eq!(class(Rule::Door, json!(["a", "b"]), json!(["b"])), Some(Class::Narrower));
        assert_eq!(class(Rule::PresenceIsStronger, json!("k"), json!("l")), Some(Class::Altered));
        assert_eq!(
            class(Rule::TrueIsStronger(false), json!({ "Ref": "P" }), json!(true)),
            Some(Class::Altered)
        );
        assert_eq!(
            class(Rule::Schedule, json!({ "AutomaticallyAfterDays": 3 }), nothing),
            Some(Class::RotationLost)
        );
    }
}
