//! Points that the AWS documentation leaves open, each with its possible answers.
//!
//! A reading answers every point. An answer about policies counts as proved only if it holds under every reading
//! that could matter to them, and so does a witness.

use super::pattern::{Pattern, Piece};
use super::policy::{Condition, Effect, Entry, Policy, PrincipalElement, Quantifier, Statement, Test};

/// One answer to every open point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reading {
    pub(crate) star: Star,
    pub(crate) short_arn: ShortArn,
    pub(crate) arn_case: ArnCase,
    pub(crate) empty_variable: EmptyVariable,
    pub(crate) absent_any: AbsentAny,
    pub(crate) plain_many: PlainMany,
    pub(crate) not_principal: NotPrincipal,
}

/// How far a `*` reaches in the first five parts of a resource pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Star {
    /// To the end of its part.
    WithinPart,
    /// Past the colon if it is the last character of its part.
    PastColonAtEnd,
    /// Anywhere.
    Anywhere,
}

/// What an ARN pattern with fewer than six parts means outside identity policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ShortArn {
    /// The missing parts are `*`.
    Completed,
    /// It matches nothing.
    MatchesNothing,
}

/// Whether partition, service and Region of a resource have case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ArnCase {
    /// They do.
    Kept,
    /// They do not.
    Ignored,
}

/// A negated operator whose value holds a variable without value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum EmptyVariable {
    /// It matches.
    Matches,
    /// The statement does not match.
    Fails,
}

/// `ForAnyValue:…IfExists` on an absent key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum AbsentAny {
    /// It matches, as `IfExists` says.
    Matches,
    /// It does not, as `ForAnyValue` says.
    Fails,
}

/// An operator without set operator on a key with several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PlainMany {
    /// Some value passes; negated, none does.
    Some,
    /// Every value passes; negated, not every one does.
    Every,
}

/// What exempts a caller from a `NotPrincipal` statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum NotPrincipal {
    /// From a Deny, that session, role and account are all listed; from an Allow, that one is.
    AsDocumented,
    /// From a Deny, that one is; from an Allow, that all are.
    Otherwise,
}

impl NotPrincipal {
    /// Whether one listed name exempts from a statement of this effect.
    pub(crate) fn one_suffices(self, effect: Effect) -> bool {
        (self == NotPrincipal::AsDocumented) == (effect == Effect::Allow)
    }
}

impl Reading {
    /// The reading that the evidence favours; it answers `decide`.
    pub const USUAL: Reading = Reading {
        star: Star::WithinPart,
        short_arn: ShortArn::Completed,
        arn_case: ArnCase::Kept,
        empty_variable: EmptyVariable::Matches,
        absent_any: AbsentAny::Matches,
        plain_many: PlainMany::Some,
        not_principal: NotPrincipal::AsDocumented,
    };

    /// The first point on which two readings differ, in words.
    pub(crate) fn difference(&self, other: &Reading) -> &'static str {
        if self.star != other.star {
            "whether `*` in an early part of an ARN goes past a colon"
        } else if self.short_arn != other.short_arn {
            "what an ARN pattern with fewer than six parts matches"
        } else if self.arn_case != other.arn_case {
            "whether partition, service and Region of an ARN have case"
        } else if self.empty_variable != other.empty_variable {
            "a negated operator whose policy variable has no value"
        } else if self.absent_any != other.absent_any {
            "`ForAnyValue` with `IfExists` on an absent key"
        } else if self.plain_many != other.plain_many {
            "an operator without set operator on a key with several values"
        } else {
            "which of session, role and account `NotPrincipal` must list"
        }
    }
}

/// The readings that can differ on these policies, the usual one first.
///
/// `many` says which keys can have several values.
pub(crate) fn readings(policies: &[&Policy], many: impl Fn(&str) -> bool) -> Vec<Reading> {
    let statements = || policies.iter().flat_map(|p| p.statements.iter().map(move |s| (*p, s)));
    let conditions = || statements().flat_map(|(_, s)| &s.conditions);
    let resources = || statements().flat_map(|(p, s)| s.resource.patterns().iter().map(move |r| (p, r)));
    let loose_star = |star: &dyn Fn(&[Piece]) -> bool| {
        resources().any(|(_, r)| !r.is_everything() && early_parts(r).any(star))
    };
    let mut all = vec![Reading::USUAL];
    let ends = loose_star(&|part| part.last() == Some(&Piece::Any));
    let inner = loose_star(&|part| part.iter().rev().skip(1).any(|piece| *piece == Piece::Any));
    all.extend(ends.then_some(Reading { star: Star::PastColonAtEnd, ..Reading::USUAL }));
    all.extend(inner.then_some(Reading { star: Star::Anywhere, ..Reading::USUAL }));
    let mut vary = |live: bool, change: fn(&mut Reading)| {
        if live {
            let mut changed = all.clone();
            changed.iter_mut().for_each(change);
            all.extend(changed);
        }
    };
    let short = |pattern: &Pattern| !pattern.is_complete() && !pattern.is_everything();
    let short_resource = resources().any(|(p, r)| p.kind.has_principal() && short(r));
    let short_condition = conditions().any(|c| match &c.test {
        Test::Arn(patterns) => !patterns.iter().all(Pattern::is_complete),
        Test::Text { .. } | Test::Number(..) | Test::Instant(..) | Test::Address(_) | Test::Null(_) => false,
    });
    vary(short_resource || short_condition, |r| r.short_arn = ShortArn::MatchesNothing);
    let upper = |part: &[Piece]| part.iter().any(|p| matches!(p, Piece::Char(c) if c.is_ascii_uppercase()));
    vary(resources().any(|(_, r)| early_parts(r).take(4).any(upper)), |r| r.arn_case = ArnCase::Ignored);
    let negated_variable = |c: &Condition| c.negated && patterns(c).any(|p| p.variables().next().is_some());
    vary(conditions().any(negated_variable), |r| r.empty_variable = EmptyVariable::Fails);
    let any_if_exists = |c: &Condition| c.quantifier == Quantifier::Some && c.if_exists;
    vary(conditions().any(any_if_exists), |r| r.absent_any = AbsentAny::Fails);
    let plain = |c: &Condition| c.quantifier == Quantifier::One && many(&c.key);
    vary(conditions().any(plain), |r| r.plain_many = PlainMany::Every);
    vary(statements().any(|(_, s)| partly_listed(s)), |r| r.not_principal = NotPrincipal::Otherwise);
    all
}

/// The first five parts of a resource pattern that has more than one.
fn early_parts(pattern: &Pattern) -> impl Iterator<Item = &[Piece]> {
    let parts = pattern.parts();
    let early = parts.len().min(5);
    parts.into_iter().take(early)
}

fn patterns(condition: &Condition) -> impl Iterator<Item = &Pattern> {
    match &condition.test {
        Test::Text { patterns, .. } | Test::Arn(patterns) => patterns.iter(),
        Test::Number(..) | Test::Instant(..) | Test::Address(_) | Test::Null(_) => [].iter(),
    }
}

/// Services and providers have one name, so only AWS principals can be listed in part.
fn partly_listed(statement: &Statement) -> bool {
    let single = |e: &Entry| matches!(e, Entry::Service(_) | Entry::Federated(_) | Entry::Canonical(_));
    match &statement.principal {
        PrincipalElement::NotIn(entries) => !entries.iter().all(single),
        PrincipalElement::Absent | PrincipalElement::In(_) => false,
    }
}
