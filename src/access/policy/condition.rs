//! Conditions: operators with their modifiers, keys and typed values.

use super::super::pattern::{Pattern, Variables, Wildcards};
use super::super::value::{self, Comparison, Range};

/// One operator on one key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Condition {
    /// The context key, in lower case.
    pub(crate) key: String,
    /// What is asked of one value.
    pub(crate) test: Test,
    /// Whether the value must pass none of the tests (`…Not…`).
    pub(crate) negated: bool,
    /// How a set of values is asked.
    pub(crate) quantifier: Quantifier,
    /// `…IfExists`: an absent key passes.
    pub(crate) if_exists: bool,
}

/// How many values of the key must pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Quantifier {
    /// No set operator: the key has one value.
    One,
    /// `ForAnyValue:`.
    Some,
    /// `ForAllValues:`.
    Every,
}

/// The question put to one value; a list passes if one of its items does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Test {
    /// The whole value matches a pattern; `fold` ignores case.
    Text {
        /// The patterns, in lower case if case is ignored.
        patterns: Vec<Pattern>,
        /// Whether case is ignored.
        fold: bool,
    },
    /// The value matches an ARN pattern part by part.
    Arn(Vec<Pattern>),
    /// The value is a number in relation to one of these.
    Number(Comparison, Vec<i128>),
    /// The value is an instant in relation to one of these.
    Instant(Comparison, Vec<i128>),
    /// The value is an address in one of these ranges.
    Address(Vec<Range>),
    /// The key is absent (`true`) or present.
    Null(Vec<bool>),
}

/// An operator's name, taken apart.
struct Operator<'a> {
    quantifier: Quantifier,
    if_exists: bool,
    base: &'a str,
}

/// Reads one operator and key; an error says what is not understood.
pub(super) fn condition(
    operator: &str,
    key: &str,
    values: &[String],
    variables: Variables,
) -> Result<Condition, String> {
    let Operator { quantifier, if_exists, base } = operator_of(operator);
    let unknown = || format!("condition operator `{operator}`");
    let (test, negated) = test(base, values, variables).ok_or_else(unknown)??;
    if matches!(test, Test::Null(_)) && (if_exists || quantifier != Quantifier::One) {
        return Err(unknown());
    }
    Ok(Condition { key: key.to_ascii_lowercase(), test, negated, quantifier, if_exists })
}

fn operator_of(text: &str) -> Operator<'_> {
    let (quantifier, rest) = match text.split_once(':') {
        Some((set, rest)) if set.eq_ignore_ascii_case("ForAllValues") => (Quantifier::Every, rest),
        Some((set, rest)) if set.eq_ignore_ascii_case("ForAnyValue") => (Quantifier::Some, rest),
        Some(_) | None => (Quantifier::One, text),
    };
    let cut = rest.len().saturating_sub("IfExists".len());
    match rest.get(cut..) {
        Some(suffix) if suffix.eq_ignore_ascii_case("IfExists") => {
            Operator { quantifier, if_exists: true, base: rest.get(..cut).unwrap_or_default() }
        }
        Some(_) | None => Operator { quantifier, if_exists: false, base: rest },
    }
}

/// The test and whether it is negated; `None` for an unknown operator.
fn test(base: &str, values: &[String], variables: Variables) -> Option<Result<(Test, bool), String>> {
    let base = base.to_ascii_lowercase();
    let text = |wildcards, fold| {
        let parse = |value: &String| Pattern::parse(value, wildcards, variables);
        let fold_if = |pattern: Pattern| if fold { pattern.folded() } else { pattern };
        Ok(Test::Text { patterns: values.iter().map(parse).map(fold_if).collect(), fold })
    };
    let arn = || {
        let parse = |value: &String| Pattern::parse(value, Wildcards::Active, variables);
        Ok(Test::Arn(values.iter().map(parse).collect()))
    };
    let (test, negated) = match base.as_str() {
        "stringequals" => (text(Wildcards::Literal, false), false),
        "stringnotequals" => (text(Wildcards::Literal, false), true),
        "stringequalsignorecase" => (text(Wildcards::Literal, true), false),
        "stringnotequalsignorecase" => (text(Wildcards::Literal, true), true),
        "stringlike" => (text(Wildcards::Active, false), false),
        "stringnotlike" => (text(Wildcards::Active, false), true),
        "arnequals" | "arnlike" => (arn(), false),
        "arnnotequals" | "arnnotlike" => (arn(), true),
        "bool" => (boolean(values), false),
        "binaryequals" => (binary(values), false),
        "ipaddress" => (each(values, value::range).map(Test::Address), false),
        "notipaddress" => (each(values, value::range).map(Test::Address), true),
        "null" => (each(values, truth).map(Test::Null), false),
        _ => match (base.strip_prefix("numeric"), base.strip_prefix("date")) {
            (Some(relation), _) => {
                let (comparison, negated) = comparison(relation)?;
                (each(values, value::number).map(|v| Test::Number(comparison, v)), negated)
            }
            (None, Some(relation)) => {
                let (comparison, negated) = comparison(relation)?;
                (each(values, value::instant).map(|v| Test::Instant(comparison, v)), negated)
            }
            (None, None) => return None,
        },
    };
    Some(test.map(|test| (test, negated)))
}

fn comparison(relation: &str) -> Option<(Comparison, bool)> {
    match relation {
        "equals" => Some((Comparison::Equal, false)),
        "notequals" => Some((Comparison::Equal, true)),
        "lessthan" => Some((Comparison::Less, false)),
        "lessthanequals" => Some((Comparison::LessOrEqual, false)),
        "greaterthan" => Some((Comparison::Greater, false)),
        "greaterthanequals" => Some((Comparison::GreaterOrEqual, false)),
        _ => None,
    }
}

fn each<T>(values: &[String], read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, String> {
    let read = |value: &String| read(value).ok_or_else(|| format!("condition value `{value}`"));
    values.iter().map(read).collect()
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A boolean is the text `true` or `false` in any case.
fn boolean(values: &[String]) -> Result<Test, String> {
    let patterns = each(values, |value| {
        truth(value).map(|b| Pattern::parse(&b.to_string(), Wildcards::Literal, Variables::Literal))
    })?;
    Ok(Test::Text { patterns, fold: true })
}

/// Base-64 is compared as canonical text.
fn binary(values: &[String]) -> Result<Test, String> {
    let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let patterns = each(values, |value| {
        let canonical = value.len().is_multiple_of(4) && value.bytes().all(base64);
        canonical.then(|| Pattern::parse(value, Wildcards::Literal, Variables::Literal))
    })?;
    Ok(Test::Text { patterns, fold: false })
}
