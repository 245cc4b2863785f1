//! Predicates on one value, and whether some value satisfies several at once.

use super::super::policy::Test;
use super::super::value::{self, Comparison, Family, Range};
use super::automaton::{Automaton, Product};
use super::hash::{Map, Set};
use super::meter::{Exhausted, Meter};
use super::text::TextSet;

/// A set of values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Predicate {
    /// Strings.
    Text(TextSet),
    /// Strings that are not known, but all of them in `within`: patterns with variables. Equal names are equal sets.
    Unknown {
        /// What the set is at most.
        within: TextSet,
        /// What makes two unknown sets the same.
        name: String,
    },
    /// Texts of numbers.
    Number(Comparison, Vec<i128>),
    /// Texts of instants.
    Instant(Comparison, Vec<i128>),
    /// Texts of addresses.
    Address(Vec<Range>),
}

/// An interned predicate.
pub(crate) type PredicateId = u32;

/// A predicate that must hold, or must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Signed {
    /// Which predicate.
    pub(crate) predicate: PredicateId,
    /// Whether it must hold.
    pub(crate) holds: bool,
}

impl Signed {
    /// The opposite demand.
    pub(crate) fn negated(self) -> Signed {
        Signed { holds: !self.holds, ..self }
    }
}

/// Whether some value satisfies a conjunction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Member {
    /// This one does.
    Value(String),
    /// None does.
    Nothing,
    /// Different kinds of operators meet on one key, and no value was found.
    Unsure,
}

/// All predicates of a question, with the automata of their texts.
#[derive(Debug, Default)]
pub(crate) struct Predicates {
    table: Set<Predicate>,
    automata: Vec<Option<Automaton>>,
    /// Of a finite predicate and another one, which of its members the other has: a bit for each.
    common: Map<(PredicateId, PredicateId), Box<[u64]>>,
}

/// So few members are looked up one by one.
const FEW: usize = 8;

impl Predicates {
    /// The id of a predicate.
    pub(crate) fn intern(&mut self, predicate: Predicate) -> PredicateId {
        let (index, new) = self.table.insert_full(predicate);
        if new {
            self.automata.push(None);
        }
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    fn get(&self, id: PredicateId) -> Option<&Predicate> {
        self.table.get_index(id as usize)
    }

    /// Some value that satisfies all demands.
    pub(crate) fn member(&mut self, demands: &[Signed], meter: &mut Meter) -> Result<Member, Exhausted> {
        let mut demands = demands.to_vec();
        demands.sort_unstable();
        demands.dedup();
        if demands.windows(2).any(|pair| matches!(pair, [one, other] if *other == one.negated())) {
            return Ok(Member::Nothing);
        }
        let (texts, typed): (Vec<Signed>, Vec<Signed>) =
            demands.iter().partition(|d| self.family(d.predicate) == Kind::Text);
        let text = self.text_member(&texts, meter)?;
        let Some(text) = text else { return Ok(Member::Nothing) };
        let mut kinds: Vec<Kind> = typed.iter().map(|d| self.family(d.predicate)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let Some(only) = kinds.first().copied() else { return Ok(Member::Value(text)) };
        let mut candidates = Vec::new();
        for kind in &kinds {
            let own: Vec<Signed> =
                typed.iter().filter(|d| self.family(d.predicate) == *kind).copied().collect();
            let values = self.candidates(&own);
            meter.spend(values.len() * own.len())?;
            if !values.iter().any(|v| own.iter().all(|d| self.typed_holds(*d, v))) {
                return Ok(Member::Nothing);
            }
            candidates.extend(values);
        }
        if !texts.is_empty() {
            candidates.push(text);
            candidates.extend(self.spelled(&texts));
        }
        for value in candidates {
            meter.spend(demands.len())?;
            if typed.iter().all(|d| self.typed_holds(*d, &value)) && self.texts_hold(&texts, &value, meter)? {
                return Ok(Member::Value(value));
            }
        }
        let complete = texts.is_empty() && kinds == [only];
        Ok(if complete { Member::Nothing } else { Member::Unsure })
    }

    /// Whether one predicate holds for one text; unknown sets count as all they may be.
    pub(crate) fn may_hold(
        &self,
        predicate: PredicateId,
        text: &str,
        meter: &mut Meter,
    ) -> Result<bool, Exhausted> {
        match self.family(predicate) {
            Kind::Text => self.text(predicate).map_or(Ok(true), |set| set.contains(text, meter)),
            Kind::Number | Kind::Instant | Kind::Address => {
                Ok(self.typed_holds(Signed { predicate, holds: true }, text))
            }
        }
    }

    /// Whether the predicate's set is not known.
    pub(crate) fn is_unknown(&self, predicate: PredicateId) -> bool {
        matches!(self.get(predicate), Some(Predicate::Unknown { .. }))
    }

    fn family(&self, id: PredicateId) -> Kind {
        match self.get(id) {
            Some(Predicate::Number(..)) => Kind::Number,
            Some(Predicate::Instant(..)) => Kind::Instant,
            Some(Predicate::Address(_)) => Kind::Address,
            Some(Predicate::Text(_) | Predicate::Unknown { .. }) | None => Kind::Text,
        }
    }

    /// The texts of a predicate; of an unknown set, all that it may have.
    fn text(&self, id: PredicateId) -> Option<&TextSet> {
        match self.get(id)? {
            Predicate::Text(set) | Predicate::Unknown { within: set, .. } => Some(set),
            Predicate::Number(..) | Predicate::Instant(..) | Predicate::Address(_) => None,
        }
    }

    /// A string in all the texts; an unknown set that must not hold demands nothing that is known.
    fn text_member(&mut self, demands: &[Signed], meter: &mut Meter) -> Result<Option<String>, Exhausted> {
        let known: Vec<Signed> =
            demands.iter().filter(|d| d.holds || !self.is_unknown(d.predicate)).copied().collect();
        let finite = |d: &&Signed| d.holds && self.text(d.predicate).is_some_and(TextSet::is_finite);
        let size = |d: &&Signed| self.text(d.predicate).map_or(0, |set| set.members().len());
        match known.iter().filter(finite).min_by_key(size) {
            Some(smallest) => self.member_of(smallest.predicate, &known, meter),
            None => self.walked(&known, meter),
        }
    }

    /// The first member of a finite predicate that meets all demands.
    fn member_of(
        &mut self,
        finite: PredicateId,
        demands: &[Signed],
        meter: &mut Meter,
    ) -> Result<Option<String>, Exhausted> {
        let members = self.text(finite).map(TextSet::members).unwrap_or_default();
        if members.len() <= FEW {
            for member in members {
                if self.texts_hold(demands, member, meter)? {
                    return Ok(Some(member.clone()));
                }
            }
            return Ok(None);
        }
        let mut left = vec![u64::MAX; members.len().div_ceil(64)];
        for demand in demands {
            meter.spend(left.len())?;
            let common = self.common(finite, demand.predicate, meter)?;
            for (left, common) in left.iter_mut().zip(common) {
                *left &= if demand.holds { *common } else { !*common };
            }
        }
        let first = left.iter().enumerate().find(|(_, word)| **word != 0);
        let at = first.map(|(at, word)| at * 64 + word.trailing_zeros() as usize);
        Ok(at.and_then(|at| self.text(finite)?.members().get(at)).cloned())
    }

    /// Which members of a finite predicate another one has.
    fn common(
        &mut self,
        finite: PredicateId,
        other: PredicateId,
        meter: &mut Meter,
    ) -> Result<&[u64], Exhausted> {
        if !self.common.contains_key(&(finite, other)) {
            let (Some(own), Some(set)) = (self.text(finite), self.text(other)) else { return Ok(&[]) };
            let mut common = vec![0; own.members().len().div_ceil(64)].into_boxed_slice();
            let mut mark = |at: usize| {
                if let Some(word) = common.get_mut(at / 64) {
                    *word |= 1 << (at % 64);
                }
            };
            if set.is_finite() && set.members().len() < own.members().len() {
                meter.spend(set.members().len())?;
                set.members().iter().filter_map(|member| own.position(member)).for_each(&mut mark);
            } else {
                for (at, member) in own.members().iter().enumerate() {
                    if set.contains(member, meter)? {
                        mark(at);
                    }
                }
            }
            self.common.insert((finite, other), common);
        }
        Ok(self.common.get(&(finite, other)).map_or(&[], |common| common))
    }

    /// A string that the automata of the texts lead to.
    fn walked(&mut self, demands: &[Signed], meter: &mut Meter) -> Result<Option<String>, Exhausted> {
        let mut product = Product::default();
        for demand in demands {
            let slot = self.automata.get_mut(demand.predicate as usize);
            let built = slot.and_then(Option::take);
            let built = built.or_else(|| self.text(demand.predicate).map(Automaton::new));
            let Some(automaton) = built else { continue };
            let side = if demand.holds { &mut product.inside } else { &mut product.outside };
            side.push(automaton);
        }
        let member = product.member(meter);
        let Product { mut inside, mut outside } = product;
        for demand in demands.iter().rev() {
            let side = if demand.holds { &mut inside } else { &mut outside };
            if let Some(slot) = self.automata.get_mut(demand.predicate as usize) {
                *slot = side.pop();
            }
        }
        member
    }

    fn texts_hold(&self, texts: &[Signed], value: &str, meter: &mut Meter) -> Result<bool, Exhausted> {
        for demand in texts {
            let free = !demand.holds && self.is_unknown(demand.predicate);
            if !free && self.may_hold(demand.predicate, value, meter)? != demand.holds {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The strings that finite text sets spell out.
    fn spelled(&self, texts: &[Signed]) -> Vec<String> {
        let members = |d: &Signed| match self.get(d.predicate) {
            Some(Predicate::Text(set)) if d.holds => set.members().to_vec(),
            Some(_) | None => Vec::new(),
        };
        texts.iter().flat_map(members).collect()
    }

    fn typed_holds(&self, demand: Signed, text: &str) -> bool {
        let holds = match self.get(demand.predicate) {
            Some(Predicate::Number(comparison, bounds)) => {
                value::number(text).is_some_and(|v| bounds.iter().any(|b| comparison.holds(v, *b)))
            }
            Some(Predicate::Instant(comparison, bounds)) => {
                value::instant(text).is_some_and(|v| bounds.iter().any(|b| comparison.holds(v, *b)))
            }
            Some(Predicate::Address(ranges)) => value::address_of(text).is_some_and(|(family, address)| {
                ranges.iter().any(|r| r.family == family && r.first <= address && address <= r.last)
            }),
            Some(Predicate::Text(_) | Predicate::Unknown { .. }) | None => return true,
        };
        holds == demand.holds
    }

    /// One value of every class that predicates of one kind tell apart: bounds, what lies between, and no such value.
    fn candidates(&self, demands: &[Signed]) -> Vec<String> {
        let mut numbers = Vec::new();
        let mut instants = Vec::new();
        let mut addresses = Vec::new();
        for demand in demands {
            match self.get(demand.predicate) {
                Some(Predicate::Number(_, bounds)) => numbers.extend(bounds),
                Some(Predicate::Instant(_, bounds)) => instants.extend(bounds),
                Some(Predicate::Address(ranges)) => addresses.extend(ranges),
                Some(Predicate::Text(_) | Predicate::Unknown { .. }) | None => {}
            }
        }
        let mut values: Vec<String> = Vec::new();
        values.extend(around(numbers, NUMBER_STEP).into_iter().map(value::number_text));
        values.extend(around(instants, SECOND).into_iter().map(value::instant_text));
        values.extend(edges(&addresses));
        values.push("x".to_owned());
        values
    }
}

/// The kinds of values that operators know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Text,
    Number,
    Instant,
    Address,
}

/// One, in the unit of numbers.
const NUMBER_STEP: i128 = 1_000_000_000_000_000_000;
/// One second, in the unit of instants.
const SECOND: i128 = 1_000_000_000;

/// The points, a value between each two neighbours, one below all and one above all.
fn around(mut points: Vec<i128>, step: i128) -> Vec<i128> {
    points.sort_unstable();
    points.dedup();
    let mut values = points.clone();
    for pair in points.windows(2) {
        if let [low, high] = pair {
            // A round value reads better than the exact middle.
            let next = low + step;
            values.push(if next < *high { next } else { low + (high - low) / 2 });
        }
    }
    values.extend(points.first().map(|low| low - step));
    values.extend(points.last().map(|high| high + step));
    values
}

fn edges(ranges: &[Range]) -> Vec<String> {
    let mut values = Vec::new();
    for range in ranges {
        let points =
            [range.first.checked_sub(1), Some(range.first), Some(range.last), range.last.checked_add(1)];
        values.extend(points.into_iter().flatten().filter_map(|v| value::address_text(range.family, v)));
    }
    values.extend([Family::V4, Family::V6].into_iter().filter_map(|f| value::address_text(f, 0)));
    values
}

/// The predicate of a typed test; texts are built where patterns are compiled.
pub(crate) fn typed(test: &Test) -> Option<Predicate> {
    match test {
        Test::Number(comparison, bounds) => Some(Predicate::Number(*comparison, bounds.clone())),
        Test::Instant(comparison, bounds) => Some(Predicate::Instant(*comparison, bounds.clone())),
        Test::Address(ranges) => Some(Predicate::Address(ranges.clone())),
        Test::Text { .. } | Test::Arn(_) | Test::Null(_) => None,
    }
}
