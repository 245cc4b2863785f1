//! From policies to formulas, for one class of callers, one kind of resource and one reading.

use std::borrow::Cow;

use super::super::arn;
use super::super::pattern::{Pattern, Piece};
use super::super::policy::{
    Condition, Effect, Element, Entry, Policy, PolicyKind, PrincipalElement, Quantifier, Statement, Test,
};
use super::super::reading::{AbsentAny, ArnCase, EmptyVariable, PlainMany, Reading, ShortArn};
use super::caller::{AwsCaller, Caller, Naming, Shape};
use super::engine::{Claim, Dimension, Engine, Members};
use super::formula::Formula;
use super::memo::Part;
use super::meter::Exhausted;
use super::model::Binding;
use super::predicate::{Predicate, Signed, typed};
use super::resource::{self, Product};
use super::text::{Class, Glob, Step, TextSet};

/// Which resources are asked about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// Any ARN.
    Arn,
    /// None: the action has no resource.
    Wildcard,
    /// This one.
    Fixed {
        /// Its ARN.
        arn: String,
        /// Its owner.
        account: String,
    },
}

/// The ways of naming the caller that count.
pub(crate) type Ways = [Naming];

/// Every way.
pub(crate) const ANY_WAY: [Naming; 3] = [Naming::Direct, Naming::Role, Naming::Account];

/// Compiles policies under fixed circumstances.
pub(crate) struct Encoder<'a> {
    /// Where literals live.
    pub(crate) engine: &'a mut Engine,
    /// The answers to open points.
    pub(crate) reading: &'a Reading,
    /// Who asks.
    pub(crate) caller: &'a Caller,
    /// For what.
    pub(crate) scope: &'a Scope,
    /// Values that keys are fixed to.
    pub(crate) binding: &'a Binding,
    /// Whether the caller has a boundary.
    pub(crate) bounded: bool,
}

impl Encoder<'_> {
    /// Some statement of this effect matches, naming the caller in one of these ways.
    pub(crate) fn some(
        &mut self,
        policy: &Policy,
        effect: Effect,
        ways: &Ways,
    ) -> Result<Formula, Exhausted> {
        let mut matches = Vec::new();
        for statement in policy.statements.iter().filter(|s| s.effect == effect) {
            matches.push(self.statement(policy.kind, statement, ways)?);
        }
        Ok(Formula::any(matches))
    }

    /// The policy alone grants.
    pub(crate) fn grants(&mut self, policy: &Policy) -> Result<Formula, Exhausted> {
        let allow = self.some(policy, Effect::Allow, &ANY_WAY)?;
        let deny = self.some(policy, Effect::Deny, &ANY_WAY)?;
        Ok(Formula::all([allow, deny.negated()]))
    }

    /// The action is this one, in lower case.
    pub(crate) fn action_is(&mut self, action: &str) -> Formula {
        self.actions(TextSet::single(action))
    }

    fn actions(&mut self, set: TextSet) -> Formula {
        let predicate = self.engine.predicates.intern(Predicate::Text(set));
        Formula::Is(self.engine.literal(Dimension::Action, Claim::Text(predicate)))
    }

    fn statement(
        &mut self,
        kind: PolicyKind,
        statement: &Statement,
        ways: &Ways,
    ) -> Result<Formula, Exhausted> {
        let size = statement.principal.entries().len()
            + statement.action.patterns().len()
            + statement.resource.patterns().len()
            + statement.conditions.len();
        self.engine.meter.spend(1 + size)?;
        let mut parts = Vec::new();
        if statement.unsupported.is_empty() {
            if !self.principal(statement, ways) {
                return Ok(Formula::False);
            }
            let resource = self.resource(kind, &statement.resource)?;
            if matches!(resource, Formula::False) {
                return Ok(Formula::False);
            }
            parts.push(self.action(&statement.action)?);
            parts.push(resource);
        } else {
            let unknown = format!("{:?} {:?}", statement.unsupported, statement.effect);
            parts.push(self.unknown(unknown));
            parts.push(self.action(&statement.action)?);
        }
        for condition in &statement.conditions {
            let part = Part::Condition(condition);
            parts.push(self.once(part, &mut |encoder| Ok(encoder.condition(condition)))?);
        }
        Ok(Formula::all(parts))
    }

    fn unknown(&mut self, name: String) -> Formula {
        Formula::Is(self.engine.literal(Dimension::Unknown(name), Claim::Unknown))
    }

    fn principal(&self, statement: &Statement, ways: &Ways) -> bool {
        match &statement.principal {
            PrincipalElement::Absent => true,
            PrincipalElement::In(entries) => {
                entries.iter().filter_map(|e| self.caller.named_by(e)).any(|naming| ways.contains(&naming))
            }
            PrincipalElement::NotIn(entries) => {
                let never = self.bounded && statement.effect == Effect::Deny;
                never || !self.exempt(statement.effect, entries)
            }
        }
    }

    fn exempt(&self, effect: Effect, entries: &[Entry]) -> bool {
        let named: Vec<Naming> = entries.iter().filter_map(|e| self.caller.named_by(e)).collect();
        let all = |needed: &[Naming]| needed.iter().all(|naming| named.contains(naming));
        if self.reading.not_principal.one_suffices(effect) || entries.contains(&Entry::Anyone) {
            return !named.is_empty();
        }
        match self.caller {
            Caller::Aws(AwsCaller { shape: Shape::Role, session: None, .. }) => {
                all(&[Naming::Role, Naming::Account])
            }
            Caller::Aws(AwsCaller { shape: Shape::Role | Shape::FederatedUser, .. }) => {
                all(&[Naming::Direct, Naming::Role, Naming::Account])
            }
            Caller::Aws(AwsCaller { shape: Shape::User, .. }) => all(&[Naming::Direct, Naming::Account]),
            Caller::Aws(AwsCaller { shape: Shape::Root, .. })
            | Caller::Unspecified
            | Caller::Service(_)
            | Caller::Federated(_)
            | Caller::Canonical(_)
            | Caller::Anonymous => !named.is_empty(),
        }
    }

    fn action(&mut self, element: &Element) -> Result<Formula, Exhausted> {
        let (patterns, positive) = match element {
            Element::Everything => return Ok(Formula::True),
            Element::In(patterns) => (patterns, true),
            Element::NotIn(patterns) => (patterns, false),
        };
        if patterns.iter().any(Pattern::is_everything) {
            return Ok(Formula::True.signed(positive));
        }
        self.once(Part::Action(element), &mut |encoder| {
            let set = TextSet::new(patterns.iter().map(|p| glob(p.pieces(), Case::Kept)));
            Ok(encoder.actions(set).signed(positive))
        })
    }

    /// What a part of a statement comes to; it is worked out once for all callers.
    fn once(
        &mut self,
        part: Part<'_>,
        make: &mut dyn FnMut(&mut Self) -> Result<Formula, Exhausted>,
    ) -> Result<Formula, Exhausted> {
        if !self.binding.is_empty() {
            return make(self);
        }
        if let Some(known) = self.engine.memo.get(part, self.reading) {
            return Ok(known);
        }
        let formula = make(self)?;
        self.engine.memo.keep(part, self.reading, &formula);
        Ok(formula)
    }

    fn resource(&mut self, kind: PolicyKind, element: &Element) -> Result<Formula, Exhausted> {
        let (patterns, positive) = match element {
            Element::Everything => return Ok(Formula::True),
            Element::In(patterns) => (patterns, true),
            Element::NotIn(patterns) => (patterns, false),
        };
        if patterns.iter().any(resource::is_everything) {
            return Ok(Formula::True.signed(positive));
        }
        if *self.scope == Scope::Wildcard {
            return Ok(Formula::False.signed(positive));
        }
        let part = Part::Resource(element, !kind.has_principal(), self.scope);
        self.once(part, &mut |encoder| Ok(encoder.reached(kind, patterns)?.signed(positive)))
    }

    /// The resource is one of those that patterns match.
    fn reached(&mut self, kind: PolicyKind, patterns: &[Pattern]) -> Result<Formula, Exhausted> {
        let mut products = Vec::new();
        for pattern in patterns {
            if let Scope::Fixed { arn, .. } = self.scope
                && self.reading.arn_case == ArnCase::Kept
                && !pattern.may_start(arn)
            {
                continue;
            }
            if let Some(pieces) = self.bind(pattern) {
                products.extend(resource::products(&pieces, !kind.has_principal(), self.reading)?);
            }
        }
        products.sort();
        products.dedup();
        let mut ways = Vec::new();
        // Patterns that differ in their last part alone become one product.
        for group in products.chunk_by(|a, b| a.parts.get(..5) == b.parts.get(..5)) {
            let mut own = Vec::new();
            let Some(first) = group.first() else { continue };
            for (index, glob) in first.parts.iter().take(5).enumerate() {
                own.push(self.part(index, Predicate::Text(TextSet::new([glob.clone()])))?);
            }
            own.push(self.last_parts(group)?);
            ways.push(Formula::all(own));
        }
        Ok(Formula::any(ways))
    }

    fn last_parts(&mut self, group: &[Product]) -> Result<Formula, Exhausted> {
        let mut known = Vec::new();
        let mut any = Vec::new();
        for product in group {
            let Some(glob) = product.parts.last() else { continue };
            match &product.unknown {
                None => known.push(glob.clone()),
                Some(name) => {
                    let within = TextSet::new([glob.clone()]);
                    any.push(self.part(5, Predicate::Unknown { within, name: name.clone() })?);
                }
            }
        }
        if !known.is_empty() {
            any.push(self.part(5, Predicate::Text(TextSet::new(known)))?);
        }
        Ok(Formula::any(any))
    }

    /// A claim about one part of the resource; of a fixed resource it is known at once.
    fn part(&mut self, index: usize, predicate: Predicate) -> Result<Formula, Exhausted> {
        if predicate == Predicate::Text(TextSet::new([vec![Step::Run(Class::InPart)]]))
            || predicate == Predicate::Text(TextSet::new([vec![Step::Run(Class::Any)]]))
        {
            return Ok(Formula::True);
        }
        let name = match &predicate {
            Predicate::Unknown { name, .. } => Some(name.clone()),
            Predicate::Text(_) | Predicate::Number(..) | Predicate::Instant(..) | Predicate::Address(_) => {
                None
            }
        };
        let id = self.engine.predicates.intern(predicate);
        let Scope::Fixed { arn, .. } = self.scope else {
            return Ok(Formula::Is(self.engine.literal(Dimension::Part(index), Claim::Text(id))));
        };
        let text = arn::parts(arn).and_then(|parts| parts.get(index).copied()).unwrap_or_default();
        let holds = self.engine.predicates.may_hold(id, text, &mut self.engine.meter)?;
        match name {
            Some(name) if holds => Ok(self.unknown(format!("{text} in {name}"))),
            Some(_) | None => Ok(if holds { Formula::True } else { Formula::False }),
        }
    }

    /// Replaces bound variables; `None` if one is bound to nothing and has no default.
    fn bind<'p>(&self, pattern: &'p Pattern) -> Option<Cow<'p, [Piece]>> {
        if self.binding.is_empty() {
            return Some(Cow::Borrowed(pattern.pieces()));
        }
        let mut pieces = Vec::with_capacity(pattern.pieces().len());
        for piece in pattern.pieces() {
            match piece {
                Piece::Variable(variable) => match self.binding.get(&variable.key) {
                    None => pieces.push(piece.clone()),
                    Some(value) => {
                        let value = value.as_ref().or(variable.default.as_ref())?;
                        pieces.extend(value.chars().map(Piece::Char));
                    }
                },
                Piece::Char(_) | Piece::One | Piece::Any => pieces.push(piece.clone()),
            }
        }
        Some(Cow::Owned(pieces))
    }

    fn condition(&mut self, condition: &Condition) -> Formula {
        let key = &condition.key;
        if let Test::Null(wanted) = &condition.test {
            let absent = wanted.contains(&true);
            let members = Members::Constant(wanted.contains(&false));
            return self.key(key, Claim::Values { absent, empty: absent, members });
        }
        let (patterns, arn, case) = match &condition.test {
            Test::Text { patterns, fold: true } => (patterns, false, Case::Ignored),
            Test::Text { patterns, fold: false } => (patterns, false, Case::Kept),
            Test::Arn(patterns) => (patterns, true, Case::Kept),
            Test::Number(..) | Test::Instant(..) | Test::Address(_) | Test::Null(_) => {
                let Some(predicate) = typed(&condition.test) else { return Formula::False };
                return self.asked(condition, predicate);
            }
        };
        let mut known = Vec::new();
        let mut unknown = Vec::new();
        let mut dropped = false;
        for pattern in patterns {
            let Some(pieces) = self.bind(pattern) else {
                dropped = true;
                continue;
            };
            let open = pieces.iter().any(|piece| matches!(piece, Piece::Variable(_)));
            match (open, arn) {
                (true, _) => unknown.push(pieces.into_owned()),
                (false, true) => known.extend(arn_glob(&pieces, self.reading)),
                (false, false) => known.push(glob(&pieces, case)),
            }
        }
        let fails = condition.negated && self.reading.empty_variable == EmptyVariable::Fails;
        if dropped && fails {
            return Formula::False;
        }
        unknown.sort();
        unknown.dedup();
        let guard = if unknown.is_empty() || !fails {
            Formula::True
        } else {
            self.unknown(format!("{unknown:?} have values"))
        };
        let many = self.engine.is_many(key);
        let tests = predicates(known, unknown, arn, case, many);
        let claims: Vec<Formula> = tests.into_iter().map(|test| self.asked(condition, test)).collect();
        let claim = if condition.negated { Formula::all(claims) } else { Formula::any(claims) };
        Formula::all([guard, claim])
    }

    /// One predicate asked of a key in the manner of a condition.
    fn asked(&mut self, condition: &Condition, predicate: Predicate) -> Formula {
        let predicate = self.engine.predicates.intern(predicate);
        let demand = Signed { predicate, holds: !condition.negated };
        let plain = self.reading.plain_many;
        let claim = match condition.quantifier {
            Quantifier::One => {
                let absent = condition.if_exists || condition.negated;
                let some = (plain == PlainMany::Some) != condition.negated;
                let members = if some { Members::Some(demand) } else { Members::Every(demand) };
                Claim::Values { absent, empty: absent, members }
            }
            Quantifier::Every => Claim::Values { absent: true, empty: true, members: Members::Every(demand) },
            Quantifier::Some => {
                let absent = condition.if_exists && self.reading.absent_any == AbsentAny::Matches;
                Claim::Values { absent, empty: false, members: Members::Some(demand) }
            }
        };
        self.key(&condition.key, claim)
    }

    /// A claim about a condition key.
    pub(super) fn key(&mut self, key: &str, claim: Claim) -> Formula {
        Formula::Is(self.engine.literal(Dimension::Key(key.to_owned()), claim))
    }
}

/// Whether a grant to the account is needed before identity policies count: keys and roles answer for themselves.
pub(crate) fn delegates(encoder: &mut Encoder, resource: &str) -> Formula {
    let starting = |text: &str| {
        let mut glob = exactly(text);
        glob.push(Step::Run(Class::Any));
        glob
    };
    let mut actions = Vec::new();
    if !resource.contains(":alias/") {
        actions.push(starting("kms:"));
    }
    if resource.contains(":role/") {
        let names = ["sts:assumerole", "sts:tagsession", "sts:setsourceidentity", "sts:setcontext"];
        actions.extend(names.map(starting));
    }
    encoder.actions(TextSet::new(actions))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Kept,
    Ignored,
}

/// The glob of one text.
pub(super) fn exactly(text: &str) -> Glob {
    text.chars().map(|c| Step::Once(Class::Char(c))).collect()
}

/// A pattern over the whole value; open variables stand for any run.
fn glob(pieces: &[Piece], case: Case) -> Glob {
    let step = |piece: &Piece| match piece {
        Piece::Char(c) if case == Case::Ignored && c.is_ascii_alphabetic() => {
            Step::Once(Class::Fold(c.to_ascii_lowercase()))
        }
        Piece::Char(c) => Step::Once(Class::Char(*c)),
        Piece::One => Step::Once(Class::Any),
        Piece::Any | Piece::Variable(_) => Step::Run(Class::Any),
    };
    pieces.iter().map(step).collect()
}

/// A pattern of an ARN operator: wildcards stay in their part but for the last.
fn arn_glob(pieces: &[Piece], reading: &Reading) -> Option<Glob> {
    let mut parts: Vec<&[Piece]> = pieces.splitn(6, |piece| *piece == Piece::Char(':')).collect();
    if parts.len() < 6 && reading.short_arn == ShortArn::MatchesNothing {
        return None;
    }
    parts.resize(6, &[Piece::Any]);
    let mut steps = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            steps.push(Step::Once(Class::Char(':')));
        }
        let class = if index == 5 { Class::Any } else { Class::InPart };
        steps.extend(part.iter().map(|piece| match piece {
            Piece::Char(c) => Step::Once(Class::Char(*c)),
            Piece::One => Step::Once(class),
            Piece::Any | Piece::Variable(_) => Step::Run(class),
        }));
    }
    Some(steps)
}

/// The predicates of a value list. For a key with one value, what is known and each unknown stand apart; several
/// values may be spread over the list, so there the list stays whole.
fn predicates(
    known: Vec<Glob>,
    unknown: Vec<Vec<Piece>>,
    arn: bool,
    case: Case,
    many: bool,
) -> Vec<Predicate> {
    let within = |pieces: &[Piece]| if arn { vec![Step::Run(Class::Any)] } else { glob(pieces, case) };
    let name = |what: &dyn std::fmt::Debug| format!("{arn} {case:?} {what:?}");
    if unknown.is_empty() {
        return vec![Predicate::Text(TextSet::new(known))];
    }
    if many {
        let all = unknown.iter().map(|p| within(p)).chain(known.iter().cloned());
        let within = TextSet::new(all);
        return vec![Predicate::Unknown { within, name: name(&(&known, &unknown)) }];
    }
    let mut predicates: Vec<Predicate> = unknown
        .iter()
        .map(|p| Predicate::Unknown { within: TextSet::new([within(p)]), name: name(p) })
        .collect();
    let known = TextSet::new(known);
    if !known.is_empty() {
        predicates.push(Predicate::Text(known));
    }
    predicates
}
