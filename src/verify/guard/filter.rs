//! Filters decided by reference, where the answer is plain.
//!
//! The engine copies values and formats every clause it evaluates, which is nearly all of its cost. Here the common
//! clauses – a path compared with literals, or tested for existence – are decided without either. Whatever is not
//! plain is left to the engine: `None` always means "ask it". A filter is decided as soon as one of its lines
//! fails, so a later line that the engine could not evaluate does not come to light then.

use std::cell::RefCell;
use std::collections::BTreeMap;

use cloudformation_guard_lang::exprs::{Conjunctions, GuardAccessClause, GuardClause, LetValue, QueryPart};
use cloudformation_guard_lang::path_value::{MapValue, PathAwareValue};
use cloudformation_guard_lang::values::CmpOperator;

/// What a path leads to in one value; `None` where it ends too early.
type Reached<'v> = Option<&'v PathAwareValue>;

/// What patterns said about texts: the engine compiles a pattern anew for every comparison.
#[derive(Default)]
pub(super) struct Matches(RefCell<BTreeMap<String, BTreeMap<String, bool>>>);

/// Whether a filter selects a value.
pub(super) fn selects(
    clauses: &Conjunctions<GuardClause<'_>>,
    value: &PathAwareValue,
    matches: &Matches,
) -> Option<bool> {
    let mut certain = true;
    for alternatives in clauses {
        let answers = alternatives.iter().map(|clause| clause_holds(clause, value, matches));
        match answers.reduce(either).flatten() {
            Some(true) => {}
            Some(false) => return Some(false),
            None => certain = false,
        }
    }
    certain.then_some(!clauses.is_empty())
}

impl Matches {
    fn get(&self, pattern: &str, text: &str, ask: impl FnOnce() -> bool) -> bool {
        if let Some(known) = self.0.borrow().get(pattern).and_then(|texts| texts.get(text)) {
            return *known;
        }
        let answer = ask();
        self.0.borrow_mut().entry(pattern.to_owned()).or_default().insert(text.to_owned(), answer);
        answer
    }
}

fn either(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        (None, _) | (_, None) => None,
    }
}

fn clause_holds(clause: &GuardClause<'_>, value: &PathAwareValue, matches: &Matches) -> Option<bool> {
    match clause {
        GuardClause::Clause(clause) if !clause.negation => access_holds(clause, value, matches),
        GuardClause::Clause(_)
        | GuardClause::NamedRule(_)
        | GuardClause::ParameterizedNamedRule(_)
        | GuardClause::BlockClause(_)
        | GuardClause::WhenBlock(..) => None,
    }
}

fn access_holds(clause: &GuardAccessClause<'_>, value: &PathAwareValue, matches: &Matches) -> Option<bool> {
    let access = &clause.access_clause;
    let mut reached = Vec::new();
    follow(value, &access.query.query, &mut reached)?;
    let (operator, negated) = access.comparator;
    let mut answers = reached.into_iter().map(|each| match &access.compare_with {
        None => unary_holds(operator, negated, each),
        Some(LetValue::Value(literal)) => match (operator, each, literal) {
            (
                CmpOperator::Eq,
                Some(PathAwareValue::String((_, text))),
                PathAwareValue::Regex((_, pattern)),
            ) => Some(matches.get(pattern, text, || each == Some(literal)) != negated),
            _ => binary_holds(operator, negated, each, literal),
        },
        Some(LetValue::AccessClause(_) | LetValue::FunctionCall(_)) => None,
    });
    let answers = answers.by_ref().collect::<Option<Vec<bool>>>()?;
    Some(if access.query.match_all {
        answers.iter().all(|answer| *answer)
    } else {
        answers.iter().any(|answer| *answer)
    })
}

/// Follows a path of keys and `[*]`; `None` if it has other parts, or a key may be found under another spelling.
fn follow<'v>(
    value: &'v PathAwareValue,
    path: &[QueryPart<'_>],
    reached: &mut Vec<Reached<'v>>,
) -> Option<()> {
    let Some((first, rest)) = path.split_first() else {
        reached.push(Some(value));
        return Some(());
    };
    match (first, value) {
        (QueryPart::Key(key), _) if !is_plain(key) => None,
        (QueryPart::Key(key), PathAwareValue::Map((_, map))) => match map.values.get(key) {
            Some(member) => follow(member, rest, reached),
            None if is_missing(map, key) => {
                reached.push(None);
                Some(())
            }
            None => None,
        },
        (QueryPart::Key(_), _) => {
            reached.push(None);
            Some(())
        }
        (QueryPart::AllIndices(None), PathAwareValue::List((_, items))) => {
            if items.is_empty() {
                reached.push(None);
            }
            items.iter().try_for_each(|item| follow(item, rest, reached))
        }
        (QueryPart::AllIndices(None), _) => follow(value, rest, reached),
        (QueryPart::Index(index), PathAwareValue::List((_, items))) => {
            match items.get(usize::try_from(*index).ok()?) {
                Some(item) => follow(item, rest, reached)?,
                None => reached.push(None),
            }
            Some(())
        }
        (QueryPart::Index(_), _) => {
            reached.push(None);
            Some(())
        }
        (
            QueryPart::This
            | QueryPart::MapKeyFilter(..)
            | QueryPart::AllValues(_)
            | QueryPart::AllIndices(Some(_))
            | QueryPart::Filter(..),
            _,
        ) => None,
    }
}

/// Whether a key means only itself: the engine reads numbers as positions and `%` as a variable.
pub(super) fn is_plain(key: &str) -> bool {
    !key.starts_with('%') && key.parse::<i32>().is_err()
}

/// Whether a key is missing under every spelling that the engine would try. Those differ in letter case, separators
/// and the end of a plural, so it is enough that no key begins alike.
fn is_missing(map: &MapValue, key: &str) -> bool {
    let is_word = key.chars().all(char::is_alphanumeric);
    let wanted = letters(key);
    map.values.keys().all(|other| {
        let other = letters(other);
        let alike = wanted.iter().zip(&other).take_while(|(left, right)| left == right).count();
        let enough = if is_word { 1 } else { wanted.len().min(other.len()).div_ceil(2) };
        alike < enough.max(1)
    })
}

fn letters(key: &str) -> Vec<char> {
    key.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn unary_holds(operator: CmpOperator, negated: bool, reached: Reached<'_>) -> Option<bool> {
    let holds = match (operator, reached) {
        (CmpOperator::Exists, _) => reached.is_some(),
        (CmpOperator::Empty, None) => true,
        (CmpOperator::Empty, Some(PathAwareValue::List((_, items)))) => items.is_empty(),
        (CmpOperator::Empty, Some(PathAwareValue::Map((_, map)))) => map.is_empty(),
        (CmpOperator::Empty, Some(PathAwareValue::String((_, text)))) => text.is_empty(),
        _ => return None,
    };
    Some(holds != negated)
}

/// A comparison with a literal. What is missing, and what cannot be compared, fails either way.
fn binary_holds(
    operator: CmpOperator,
    negated: bool,
    reached: Reached<'_>,
    literal: &PathAwareValue,
) -> Option<bool> {
    let Some(value) = reached else { return Some(false) };
    match (operator, value, literal) {
        (
            CmpOperator::Eq,
            PathAwareValue::String(_),
            PathAwareValue::String(_) | PathAwareValue::Regex(_),
        )
        | (CmpOperator::Eq, PathAwareValue::Bool(_), PathAwareValue::Bool(_)) => {
            Some((value == literal) != negated)
        }
        (
            CmpOperator::Eq,
            PathAwareValue::Map(_),
            PathAwareValue::String(_) | PathAwareValue::Regex(_) | PathAwareValue::Bool(_),
        ) => Some(false),
        (
            CmpOperator::In,
            PathAwareValue::String(_) | PathAwareValue::Map(_),
            PathAwareValue::List((_, options)),
        ) if options.iter().all(|option| matches!(option, PathAwareValue::String(_))) => {
            Some(options.contains(value) != negated)
        }
        (_, PathAwareValue::Int((_, number)), PathAwareValue::Int((_, bound))) => {
            let holds = match operator {
                CmpOperator::Eq => number == bound,
                CmpOperator::Lt => number < bound,
                CmpOperator::Le => number <= bound,
                CmpOperator::Gt => number > bound,
                CmpOperator::Ge => number >= bound,
                CmpOperator::In
                | CmpOperator::Exists
                | CmpOperator::Empty
                | CmpOperator::IsString
                | CmpOperator::IsList
                | CmpOperator::IsMap
                | CmpOperator::IsBool
                | CmpOperator::IsInt
                | CmpOperator::IsFloat
                | CmpOperator::IsNull => return None,
            };
            Some(holds != negated)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use cloudformation_guard_lang::EvalContext;
    use cloudformation_guard_lang::eval_context::root_scope;
    use cloudformation_guard_lang::exprs::RulesFile;
    use cloudformation_guard_lang::parser::{from_str2, rules_file};
    use serde_json::{Value, json};

    use super::*;

    const FILTERS: &[&str] = &[
        "A exists",
        "A !exists",
        "A.B exists",
        "A.B !exists",
        "A[*] exists",
        "A[0] exists",
        "A empty",
        "A !empty",
        "A == 'x'",
        "A != 'x'",
        "some A[*] == 'x'",
        "A[*] == 'x'",
        "some A[*] != 'x'",
        "A[0] == 'x'",
        "A.B == 'x'",
        "A == /^x/",
        "A != /^x/",
        "some A[*] == /y$/",
        "A == true",
        "A != true",
        "A == 3",
        "A != 3",
        "A < 3",
        "A <= 3",
        "A > 3",
        "A >= 3",
        "A in ['x', 'y']",
        "A not in ['x', 'y']",
        "some A[*] in ['x', 'y']",
        "A[*] in ['x']",
        "A[*] not in ['x']",
        "A.'aws:SourceAccount' exists",
        "A.'aws:SourceAccount' !exists",
        "A == 'x' or A == 'y'",
        "A exists\n A == 'x'",
        "A == 'x'\n B == 'x' or B !exists",
        "not A exists",
        "NotAction exists",
        "A.Fn exists",
        "bucket_name exists",
        "bucketName == 'x'",
        "Entries exists",
    ];

    fn values() -> Vec<Value> {
        let members = [
            json!("x"),
            json!("y"),
            json!("xy"),
            json!(""),
            json!(3),
            json!(4.5),
            json!(true),
            json!(null),
            json!([]),
            json!(["x"]),
            json!(["x", "y"]),
            json!(["z", {"Ref": "x"}]),
            json!({}),
            json!({"B": "x"}),
            json!({"b": "x"}),
            json!({"Ref": "x"}),
            json!({"aws:SourceArn": "x"}),
            json!({"aws:SourceAccount": "x"}),
            json!({"Fn::Sub": "x"}),
            json!([["x"]]),
        ];
        let mut values: Vec<Value> = members.iter().map(|member| json!({ "A": member })).collect();
        values.extend(members.iter().map(|member| json!({ "A": "x", "B": member })));
        values.push(json!({}));
        values.push(json!({ "a": "x" }));
        values.push(json!({ "Action": "x", "not_action": "y" }));
        values.push(json!({ "BucketName": "x", "Entry": "x" }));
        values
    }

    /// Whether the engine itself selects a value; `None` if it refuses to say.
    fn engine(rules: &RulesFile<'_>, value: &PathAwareValue) -> Option<bool> {
        let LetValue::AccessClause(query) = &rules.assignments[0].value else { panic!("a query") };
        let mut scope = root_scope(rules, Rc::new(value.clone()));
        Some(!scope.query(&query.query).ok()?.is_empty())
    }

    #[test]
    fn an_answer_is_always_the_engines() {
        let (mut answered, mut asked) = (0, 0);
        for filter in FILTERS {
            let text = format!("let found = All.*[ {filter} ]\nrule OWN {{ %found empty }}");
            let rules = rules_file(from_str2(&text)).unwrap().unwrap();
            let LetValue::AccessClause(query) = &rules.assignments[0].value else { panic!("a query") };
            let [.., QueryPart::Filter(_, clauses)] = query.query.as_slice() else { panic!("a filter") };
            for value in values() {
                asked += 1;
                let alone = PathAwareValue::try_from(value.clone()).unwrap();
                let Some(selected) = selects(clauses, &alone, &Matches::default()) else { continue };
                answered += 1;
                let root = PathAwareValue::try_from(json!({ "All": { "One": value } })).unwrap();
                if let Some(expected) = engine(&rules, &root) {
                    assert_eq!(selected, expected, "{filter} on {value}");
                }
            }
        }
        assert!(answered * 2 > asked, "{answered} of {asked}");
    }
}
