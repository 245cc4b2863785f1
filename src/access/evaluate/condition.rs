//! Whether one condition holds for one request.

use super::super::arn;
use super::super::pattern::{Pattern, Piece};
use super::super::policy::{Condition, Quantifier, Test};
use super::super::reading::{AbsentAny, EmptyVariable, PlainMany, Reading, ShortArn};
use super::super::request::{Context, Request};
use super::super::value;
use super::statement::{Run, glob, substitute, symbols};

/// Whether the condition holds.
pub(super) fn holds(condition: &Condition, request: &Request, reading: &Reading) -> bool {
    let values = request.context.get(&condition.key);
    if let Test::Null(wanted) = &condition.test {
        let absent = values.is_none_or(<[String]>::is_empty);
        return wanted.contains(&absent);
    }
    if condition.negated
        && reading.empty_variable == EmptyVariable::Fails
        && has_empty_variable(&condition.test, &request.context)
    {
        return false;
    }
    let one = |value: &String| passes(&condition.test, value, &request.context, reading) != condition.negated;
    match (condition.quantifier, values) {
        // An empty value is an absent one, as `Null` says too.
        (Quantifier::One, None | Some([])) => condition.if_exists || condition.negated,
        (Quantifier::One, Some([value])) => one(value),
        (Quantifier::One, Some(values)) => {
            let positive = |value: &String| passes(&condition.test, value, &request.context, reading);
            let hit = match reading.plain_many {
                PlainMany::Some => values.iter().any(positive),
                PlainMany::Every => values.iter().all(positive),
            };
            hit != condition.negated
        }
        (Quantifier::Every, None) => true,
        (Quantifier::Every, Some(values)) => values.iter().all(one),
        (Quantifier::Some, None) => condition.if_exists && reading.absent_any == AbsentAny::Matches,
        (Quantifier::Some, Some(values)) => values.iter().any(one),
    }
}

fn has_empty_variable(test: &Test, context: &Context) -> bool {
    let empty = |pattern: &Pattern| substitute(pattern, context).is_none();
    match test {
        Test::Text { patterns, .. } | Test::Arn(patterns) => patterns.iter().any(empty),
        Test::Number(..) | Test::Instant(..) | Test::Address(_) | Test::Null(_) => false,
    }
}

/// Whether one value passes the test, before negation.
fn passes(test: &Test, value: &str, context: &Context, reading: &Reading) -> bool {
    match test {
        Test::Text { patterns, fold } => {
            let value = if *fold { value.to_ascii_lowercase() } else { value.to_owned() };
            patterns.iter().any(|pattern| {
                let Some(mut pieces) = substitute(pattern, context) else { return false };
                if *fold {
                    for piece in &mut pieces {
                        if let Piece::Char(c) = piece {
                            *c = c.to_ascii_lowercase();
                        }
                    }
                }
                glob(&symbols(&pieces, Run::Whole), &value)
            })
        }
        Test::Arn(patterns) => patterns.iter().any(|pattern| arn_like(pattern, value, context, reading)),
        Test::Number(comparison, bounds) => {
            value::number(value).is_some_and(|v| bounds.iter().any(|b| comparison.holds(v, *b)))
        }
        Test::Instant(comparison, bounds) => {
            value::instant(value).is_some_and(|v| bounds.iter().any(|b| comparison.holds(v, *b)))
        }
        Test::Address(ranges) => value::address_of(value).is_some_and(|(family, address)| {
            ranges.iter().any(|r| r.family == family && r.first <= address && address <= r.last)
        }),
        Test::Null(_) => false,
    }
}

/// ARN operators compare part by part.
fn arn_like(pattern: &Pattern, value: &str, context: &Context, reading: &Reading) -> bool {
    let Some(pieces) = substitute(pattern, context) else { return false };
    let Some(values) = arn::parts(value) else { return false };
    let mut parts: Vec<&[Piece]> = pieces.splitn(6, |piece| *piece == Piece::Char(':')).collect();
    if parts.len() < 6 && reading.short_arn == ShortArn::MatchesNothing {
        return false;
    }
    parts.resize(6, &[Piece::Any]);
    parts.iter().zip(values).all(|(part, value)| glob(&symbols(part, Run::Whole), value))
}
