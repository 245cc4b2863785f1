//! Whom an event rule starts and what it hands them. What the watch is handed says after how many hours a secret that
//! did not rotate is late: a limit that is a control itself.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Finding;
use crate::change::Class;

/// So many secrets are named.
const NAMED: usize = 3;

/// What the change from one list of targets to another comes to.
pub(super) fn judge(says: &str, old: Option<&Value>, new: Option<&Value>) -> Option<Finding> {
    if old == new {
        return None;
    }
    let (was, is) = (targets(old), targets(new));
    let finding = |class, what: String| Some(Finding { class, what, details: Vec::new() });
    let gone = was.keys().filter(|arn| !is.contains_key(*arn)).count();
    let come = is.keys().filter(|arn| !was.contains_key(*arn)).count();
    match (gone, come) {
        (0, 0) => {}
        (0, _) => return finding(Class::Stronger, format!("{says}: {come} more than before")),
        (_, 0) => return finding(Class::Weaker, format!("{says}: {gone} less than before")),
        (_, _) => return finding(Class::Altered, format!("{says}: other than before")),
    }
    let mut limits = Limits::default();
    for (arn, before) in &was {
        let Some(after) = is.get(arn) else { continue };
        if before == after {
            continue;
        }
        let only_input = without_input(before) == without_input(after);
        match (only_input, hours(before), hours(after)) {
            (true, Some(before), Some(after)) => limits.add(&before, &after),
            (_, _, _) => limits.is_other = true,
        }
    }
    limits.finding(says)
}

/// How limits of the watch differ.
#[derive(Default)]
struct Limits {
    later: Vec<String>,
    sooner: Vec<String>,
    /// Other secrets are watched, or something else differs.
    is_other: bool,
}

impl Limits {
    fn add(&mut self, old: &BTreeMap<String, u64>, new: &BTreeMap<String, u64>) {
        self.is_other |= old.keys().ne(new.keys());
        for (name, was) in old {
            let Some(is) = new.get(name).filter(|is| *is != was) else { continue };
            let list = if is > was { &mut self.later } else { &mut self.sooner };
            list.push(format!("{is} instead of {was} hours for `{name}`"));
        }
    }

    fn finding(self, says: &str) -> Option<Finding> {
        let class = match (self.later.is_empty(), self.sooner.is_empty(), self.is_other) {
            (true, true, false) => return None,
            (false, true, false) => Class::Weaker,
            (true, false, false) => Class::Stronger,
            (_, _, _) => Class::Altered,
        };
        let all: Vec<String> = self.later.into_iter().chain(self.sooner).collect();
        let what = if all.is_empty() {
            format!("{says}: the same, but handed something else")
        } else {
            format!("after how long a secret is late: {}", list(&all))
        };
        Some(Finding { class, what, details: Vec::new() })
    }
}

fn list(all: &[String]) -> String {
    let named = if all.len() > NAMED + 1 { NAMED } else { all.len() };
    let text = all.get(..named).unwrap_or_default().join(", ");
    match all.len() - named {
        0 => text,
        more => format!("{text} and so for {more} more"),
    }
}

/// Targets by what they start; several for one are told apart by their place.
fn targets(value: Option<&Value>) -> BTreeMap<(String, usize), &Value> {
    let mut targets = BTreeMap::new();
    for target in value.and_then(Value::as_array).into_iter().flatten() {
        let arn = target.get("Arn").map(Value::to_string).unwrap_or_default();
        let place = (0..).find(|at| !targets.contains_key(&(arn.clone(), *at))).unwrap_or_default();
        targets.insert((arn, place), target);
    }
    targets
}

fn without_input(target: &Value) -> Vec<(&String, &Value)> {
    let members = target.as_object().into_iter().flatten();
    members.filter(|(name, _)| *name != "Input").collect()
}

/// The hours for each secret, where a target is handed just what the watch takes.
fn hours(target: &Value) -> Option<BTreeMap<String, u64>> {
    let input: Value = serde_json::from_str(target.get("Input")?.as_str()?).ok()?;
    let secrets = input.get("secrets")?.as_object()?;
    secrets.iter().map(|(name, hours)| Some((name.clone(), hours.as_u64()?))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn target(arn: &str, input: &Value) -> Value {
        json!({ "Id": "one", "Arn": arn, "Input": input.to_string() })
    }

    fn judged(old: &Value, new: &Value) -> Option<(Class, String)> {
        judge("whom it tells", Some(old), Some(new)).map(|finding| (finding.class, finding.what))
    }

    #[test]
    fn a_later_warning_is_weaker() {
        let watch =
            |a: u64, b: u64| json!([target("w", &json!({ "stack": "s", "secrets": { "a": a, "b": b } }))]);
        let said = "after how long a secret is late: 9 instead of 5 hours for `a`".to_owned();
        assert_eq!(judged(&watch(5, 5), &watch(9, 5)), Some((Class::Weaker, said)));
        assert_eq!(judged(&watch(9, 5), &watch(5, 5)).map(|it| it.0), Some(Class::Stronger));
        assert_eq!(judged(&watch(9, 5), &watch(5, 9)).map(|it| it.0), Some(Class::Altered));
        assert_eq!(judged(&watch(5, 5), &watch(5, 5)), None);
        let fewer = json!([target("w", &json!({ "stack": "s", "secrets": { "a": 9 } }))]);
        assert_eq!(judged(&watch(5, 5), &fewer).map(|it| it.0), Some(Class::Altered));
    }

    #[test]
    fn other_inputs_are_other() {
        let plain = |input: Value| json!([target("w", &input)]);
        let said = "whom it tells: the same, but handed something else".to_owned();
        assert_eq!(judged(&plain(json!(1)), &plain(json!(2))), Some((Class::Altered, said)));
        assert_eq!(
            judged(&json!([{ "Arn": "a" }]), &json!([{ "Arn": "b" }])).map(|it| it.0),
            Some(Class::Altered)
        );
        assert_eq!(judged(&json!([]), &json!([{ "Arn": "b" }])).map(|it| it.0), Some(Class::Stronger));
        let twice = json!([{ "Arn": "b" }, { "Arn": "b" }]);
        assert_eq!(judged(&twice, &json!([{ "Arn": "b" }])).map(|it| it.0), Some(Class::Weaker));
    }
}
