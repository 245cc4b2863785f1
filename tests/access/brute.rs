//! Brute force: every value of every dimension that small policies can tell apart, and a second, naive matcher.

use keyprint::access::{
    Answer, Budget, Context, Policies, Policy, PolicyKind, Principal, Request, compare, evaluate,
};
use serde_json::{Value, json};

use crate::random::Random;

const STEM: &str = "arn:aws:s:r:111122223333:";
const ROLE: &str = "arn:aws:iam::111122223333:role/r";

/// Whether a glob matches, by trying every way to lay it out.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => (0..=text.len()).any(|from| matches(rest, &text[from..])),
        (Some((b'?', rest)), Some((_, text))) => matches(rest, text),
        (Some((one, rest)), Some((other, text))) => one == other && matches(rest, text),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// Every text over an alphabet up to a length.
fn texts(alphabet: &[char], longest: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut latest = all.clone();
    for _ in 0..longest {
        latest = latest.iter().flat_map(|text| alphabet.iter().map(move |c| format!("{text}{c}"))).collect();
        all.extend(latest.iter().cloned());
    }
    all
}

fn allows(request: &Request, policy: &Value) -> bool {
    let policy = Policy::parse(&policy.to_string(), PolicyKind::Identity).unwrap();
    evaluate(request, &Policies { identity: vec![policy], ..Policies::default() }).allowed
}

fn asking(action: &str, resource: &str, context: Context) -> Request {
    Request {
        principal: Principal::parse(ROLE, &context),
        action: action.to_owned(),
        resource: resource.to_owned(),
        resource_account: None,
        context,
    }
}

fn one(statement: Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

#[test]
fn patterns_match_as_laid_out_by_hand() {
    let patterns = texts(&['a', 'b', '*', '?'], 3);
    let values = texts(&['a', 'b', 'c'], 4);
    for pattern in patterns.iter().filter(|pattern| !pattern.is_empty()) {
        let like = one(json!({ "Effect": "Allow", "Action": "s:A", "Resource": "*",
            "Condition": { "StringLike": { "aws:RequestTag/v": pattern } } }));
        let resource =
            one(json!({ "Effect": "Allow", "Action": "s:A", "Resource": format!("{STEM}{pattern}") }));
        let read = |document: &Value| Policy::parse(&document.to_string(), PolicyKind::Identity).unwrap();
        let (like, resource) = (read(&like), read(&resource));
        let by = |request: &Request, policy: &Policy| {
            evaluate(request, &Policies { identity: vec![policy.clone()], ..Policies::default() }).allowed
        };
        for value in &values {
            let expected = matches(pattern.as_bytes(), value.as_bytes());
            let mut context = Context::default();
            context.add("aws:RequestTag/v", [value.clone()]);
            assert_eq!(by(&asking("s:A", "*", context), &like), expected, "{pattern} {value}");
            if !value.is_empty() {
                let request = asking("s:A", &format!("{STEM}{value}"), Context::default());
                assert_eq!(by(&request, &resource), expected, "{pattern} {value}");
            }
        }
    }
}

/// What the table of operators in the IAM User Guide says of a key in each of its states.
fn expected(operator: &str, wanted: &[&str], values: Option<&[&str]>) -> bool {
    let (set, rest) = operator.split_once(':').unwrap_or(("", operator));
    let (base, exists) = rest.strip_suffix("IfExists").map_or((rest, false), |base| (base, true));
    if base == "Null" {
        return wanted.contains(&values.is_none_or(<[&str]>::is_empty).to_string().as_str());
    }
    let negated = base.contains("Not");
    let hit = |value: &str| {
        wanted.iter().any(|want| match base.replace("Not", "").as_str() {
            "StringEquals" => value == *want,
            "StringLike" => matches(want.as_bytes(), value.as_bytes()),
            "StringEqualsIgnoreCase" | "Bool" => value.eq_ignore_ascii_case(want),
            "NumericEquals" => value.parse::<f64>().is_ok_and(|value| value == want.parse::<f64>().unwrap()),
            "NumericLessThan" => value.parse::<f64>().is_ok_and(|value| value < want.parse::<f64>().unwrap()),
            "NumericGreaterThanEquals" => {
                value.parse::<f64>().is_ok_and(|value| value >= want.parse::<f64>().unwrap())
            }
            other => panic!("{other}"),
        }) != negated
    };
    match (set, values) {
        ("ForAllValues", None) => true,
        ("ForAllValues", Some(values)) => values.iter().all(|value| hit(value)),
        ("ForAnyValue", None) => exists,
        ("ForAnyValue", Some(values)) => values.iter().any(|value| hit(value)),
        (_, None) => exists || negated,
        (_, Some(values)) => hit(values[0]),
    }
}

#[test]
fn operators_hold_as_the_guide_tabulates_them() {
    let single = ["a", "A", "ab", "b", "1", "1.5", "2", "true", "False", "no"];
    let mut tried = 0;
    for base in [
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericGreaterThanEquals",
        "Bool",
        "Null",
    ] {
        let lists: &[&[&str]] = match base {
            "Bool" | "Null" => &[&["true"], &["false"]],
            _ if base.starts_with("Numeric") => &[&["1"], &["1", "2"], &["1.50"]],
            _ => &[&["a"], &["a", "b"], &["a*"], &["?b", "A"]],
        };
        for set in ["", "ForAllValues:", "ForAnyValue:"] {
            for exists in ["", "IfExists"] {
                if base == "Null" && !(set.is_empty() && exists.is_empty()) {
                    continue;
                }
                let operator = format!("{set}{base}{exists}");
                for wanted in lists {
                    let policy = one(json!({ "Effect": "Allow", "Action": "s:A", "Resource": "*",
                        "Condition": { &operator: { "aws:RequestTag/v": wanted } } }));
                    let mut states: Vec<Option<Vec<&str>>> = vec![None];
                    states.extend(single.iter().map(|value| Some(vec![*value])));
                    if !set.is_empty() {
                        states.push(Some(Vec::new()));
                        states.extend(single.iter().flat_map(|x| single.iter().map(|y| Some(vec![*x, *y]))));
                    }
                    for state in states {
                        let mut context = Context::default();
                        if let Some(values) = &state {
                            context.add(
                                "aws:RequestTag/v",
                                values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>(),
                            );
                        }
                        let allowed = allows(&asking("s:A", "*", context), &policy);
                        assert_eq!(
                            allowed,
                            expected(&operator, wanted, state.as_deref()),
                            "{operator} {wanted:?} {state:?}"
                        );
                        tried += 1;
                    }
                }
            }
        }
    }
    assert!(tried > 8_000, "{tried}");
}

const ACTIONS: [&str; 6] = ["s:a", "s:b", "s:*", "s:a*", "s:?", "s:?b"];
const NAMES: [&str; 8] = ["a", "ab", "a*", "*b", "?", "*", "*a*", "a?b"];
const VALUES: [&str; 4] = ["a", "b", "a*", "*b"];
const NUMBERS: [&str; 3] = ["1", "2", "2.5"];

fn list(random: &mut Random, items: &[&str]) -> Vec<String> {
    (0..=random.below(2)).map(|_| (*random.pick(items)).to_owned()).collect()
}

/// Values for an operator: wildcards only where they are some.
fn values(random: &mut Random, operator: &str) -> Vec<String> {
    list(random, if operator.ends_with("Like") { &VALUES } else { &VALUES[..2] })
}

fn condition(random: &mut Random) -> Value {
    let exists = *random.pick(&["", "IfExists"]);
    match random.below(4) {
        0 => {
            let operator = *random.pick(&["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"]);
            json!({ format!("{operator}{exists}"): { "aws:RequestTag/v": values(random, operator) } })
        }
        1 => {
            let set = *random.pick(&["ForAllValues", "ForAnyValue"]);
            let operator = *random.pick(&["StringLike", "StringNotLike", "StringEquals"]);
            json!({ format!("{set}:{operator}"): { "k:m": values(random, operator) } })
        }
        2 => {
            let operator = *random.pick(&["NumericEquals", "NumericNotEquals", "NumericLessThan"]);
            json!({ format!("{operator}{exists}"): { "aws:RequestTag/n": list(random, &NUMBERS) } })
        }
        _ => {
            json!({ "Null": { *random.pick(&["aws:RequestTag/v", "k:m", "aws:RequestTag/n"]): *random.pick(&["true", "false"]) } })
        }
    }
}

fn policy(random: &mut Random) -> Value {
    let statements: Vec<Value> = (0..=random.below(3))
        .map(|_| {
            let mut statement = json!({ "Effect": *random.pick(&["Allow", "Allow", "Allow", "Deny"]) });
            let not = if random.chance(15) { "NotAction" } else { "Action" };
            statement[not] = json!(list(random, &ACTIONS));
            let not = if random.chance(15) { "NotResource" } else { "Resource" };
            let names = list(random, &NAMES);
            statement[not] = names.iter().map(|name| format!("{STEM}{name}")).collect();
            if random.chance(60) {
                statement["Condition"] = condition(random);
            }
            statement
        })
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// One text of each class that the patterns tell apart.
fn atoms(patterns: &[&str], among: &[String]) -> Vec<String> {
    let mut seen = Vec::new();
    let mut kept = Vec::new();
    for text in among {
        let signature: Vec<bool> =
            patterns.iter().map(|pattern| matches(pattern.as_bytes(), text.as_bytes())).collect();
        if !seen.contains(&signature) {
            seen.push(signature);
            kept.push(text.clone());
        }
    }
    kept
}

/// Every state of the condition keys: `aws:RequestTag/v` and `aws:RequestTag/n` absent or one value, `k:m` absent, empty or up to so many values.
fn contexts(most: usize) -> Vec<Context> {
    let values = atoms(&VALUES, &texts(&['a', 'b', 'c'], 4));
    let numbers = ["0", "1", "1.5", "2", "2.2", "2.5", "3", "no"];
    let mut sets: Vec<Option<Vec<String>>> = vec![None, Some(Vec::new())];
    let mut latest: Vec<Vec<String>> = vec![Vec::new()];
    for _ in 0..most {
        latest = latest
            .iter()
            .flat_map(|set| {
                let after = set.last().cloned();
                let more = values.iter().filter(move |value| after.as_ref().is_none_or(|last| *value > last));
                more.map(|value| [set.clone(), vec![value.clone()]].concat()).collect::<Vec<_>>()
            })
            .collect();
        sets.extend(latest.iter().cloned().map(Some));
    }
    let mut contexts = Vec::new();
    for value in std::iter::once(None).chain(values.iter().map(Some)) {
        for number in std::iter::once(None).chain(numbers.iter().map(Some)) {
            for set in &sets {
                let mut context = Context::default();
                if let Some(value) = value {
                    context.add("aws:RequestTag/v", [value.clone()]);
                }
                if let Some(number) = number {
                    context.add("aws:RequestTag/n", [(*number).to_owned()]);
                }
                if let Some(set) = set {
                    context.add("k:m", set.clone());
                }
                contexts.push(context);
            }
        }
    }
    contexts
}

/// The keys that a policy mentions; states of others make no difference.
fn mentions(policies: [&Value; 2], key: &str) -> bool {
    policies.iter().any(|policy| policy.to_string().contains(key))
}

/// More values of one key are left to the evaluator.
const MOST_VALUES: usize = 2;

#[test]
fn the_search_finds_what_all_atoms_together_show() {
    let actions = atoms(
        &ACTIONS,
        &texts(&['a', 'b', 'c'], 3).iter().map(|text| format!("s:{text}")).collect::<Vec<_>>(),
    );
    let names = atoms(&NAMES, &texts(&['a', 'b', 'c'], 4));
    let all = contexts(MOST_VALUES);
    let mut verdicts = [0, 0];
    for case in 0..cases() {
        let mut random = Random::new(71_000_000 + case);
        let (old, new) = (policy(&mut random), policy(&mut random));
        let keys: Vec<&str> = ["aws:RequestTag/v", "k:m", "aws:RequestTag/n"]
            .into_iter()
            .filter(|key| !mentions([&old, &new], key))
            .collect();
        let live: Vec<&Context> =
            all.iter().filter(|context| keys.iter().all(|key| context.get(key).is_none())).collect();
        let read = |document: &Value| Policies {
            identity: vec![Policy::parse(&document.to_string(), PolicyKind::Identity).unwrap()],
            ..Policies::default()
        };
        let (before, after) = (read(&old), read(&new));
        let differs = actions.iter().filter(|action| action.len() > 2).any(|action| {
            let resources = names.iter().filter(|name| !name.is_empty()).map(|name| format!("{STEM}{name}"));
            resources.chain(["*".to_owned(), "arn:aws:t:r:111122223333:a".to_owned()]).any(|resource| {
                live.iter().any(|context| {
                    let request = asking(action, &resource, (*context).clone());
                    evaluate(&request, &after).allowed && !evaluate(&request, &before).allowed
                })
            })
        });
        let answer = compare(&before.identity[0], &after.identity[0], Budget::default()).answer;
        if let Answer::Refuted(witness) = &answer {
            let mut request = (**witness).clone();
            request.principal = Principal::parse(ROLE, &request.context);
            assert!(
                evaluate(&request, &after).allowed && !evaluate(&request, &before).allowed,
                "{request:?}"
            );
            // `NotAction` reaches other services, which the atoms here do not have.
            let many = request.context.get("k:m").is_some_and(|values| values.len() > MOST_VALUES);
            if many || !request.action.starts_with("s:") {
                continue;
            }
        }
        assert_eq!(matches!(answer, Answer::Refuted(_)), differs, "case {case}: {answer:?}\n{old}\n{new}");
        assert!(!matches!(answer, Answer::Undecided(_)), "case {case}: {answer:?}\n{old}\n{new}");
        verdicts[usize::from(differs)] += 1;
    }
    assert!(verdicts.iter().all(|count| *count > 0), "{verdicts:?}");
}

#[expect(clippy::disallowed_methods, reason = "a long run is asked for from outside")]
fn cases() -> u64 {
    std::env::var("KEYPRINT_CASES").ok().and_then(|text| text.parse::<u64>().ok()).unwrap_or(3_000) / 30
}
