//! Literals over dimensions, and the conjunctions of them that were met, each with its answer.

use std::collections::BTreeSet;

use super::hash::{Map, Set};
use super::memo::Memo;
use super::meter::{Exhausted, Meter};
use super::predicate::{Member, Predicate, Predicates, Signed};
use super::text::{Class, Step, TextSet};

/// What a literal speaks about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Dimension {
    /// The action.
    Action,
    /// A part of the resource's ARN, counted from zero.
    Part(usize),
    /// A condition key.
    Key(String),
    /// A construct that is not understood; equal texts are equal unknowns.
    Unknown(String),
}

/// An interned dimension.
pub(crate) type DimensionId = u32;

/// An elementary claim.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Literal {
    /// What it speaks about.
    pub(crate) dimension: DimensionId,
    /// What it says.
    pub(crate) claim: Claim,
}

/// What a literal says of its dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Claim {
    /// The text is in the set.
    Text(u32),
    /// The key's values.
    Values {
        /// Whether an absent key satisfies it.
        absent: bool,
        /// Whether an empty set does.
        empty: bool,
        /// What is asked of a non-empty set.
        members: Members,
    },
    /// The unknown construct holds.
    Unknown,
}

/// What a literal asks of a non-empty set of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Members {
    /// Nothing that depends on them.
    Constant(bool),
    /// Each of them.
    Every(Signed),
    /// At least one.
    Some(Signed),
}

/// A literal with its sign: the lowest bit negates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LiteralId(u32);

impl LiteralId {
    /// The opposite.
    pub(crate) fn negated(self) -> LiteralId {
        LiteralId(self.0 ^ 1)
    }

    fn positive(self) -> bool {
        self.0 & 1 == 0
    }
}

/// A conjunction of literals in one dimension.
pub(crate) type Cell = u32;

/// Values that satisfy a conjunction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Solution {
    /// There are none.
    Nothing,
    /// There may be some.
    Unsure,
    /// A text.
    Text(String),
    /// The key is absent.
    Absent,
    /// The key has these values.
    Values(Vec<String>),
    /// An unknown construct, one way or the other.
    Unknown,
}

#[derive(Debug)]
struct Conjunction {
    dimension: DimensionId,
    literals: Vec<LiteralId>,
    solution: Solution,
}

/// All literals and conjunctions of a question.
#[derive(Debug)]
pub(crate) struct Engine {
    /// What may still be spent.
    pub(crate) meter: Meter,
    /// The predicates behind the literals.
    pub(crate) predicates: Predicates,
    /// The formulas of parts of statements.
    pub(crate) memo: Memo,
    dimensions: Set<Dimension>,
    literals: Set<Literal>,
    cells: Vec<Conjunction>,
    known: Map<(DimensionId, Vec<LiteralId>), Cell>,
    extended: Map<(Cell, LiteralId), Cell>,
    /// Per dimension, the conjunction of nothing.
    roots: Vec<Cell>,
    many: BTreeSet<String>,
}

impl Engine {
    /// An engine with this much work to spend; `many` names the keys with several values.
    pub(crate) fn new(steps: u64, many: BTreeSet<String>) -> Engine {
        Engine {
            meter: Meter::new(steps),
            predicates: Predicates::default(),
            memo: Memo::default(),
            dimensions: Set::default(),
            literals: Set::default(),
            cells: Vec::new(),
            known: Map::default(),
            extended: Map::default(),
            roots: Vec::new(),
            many,
        }
    }

    /// Whether a key can have several values.
    pub(crate) fn is_many(&self, key: &str) -> bool {
        self.many.contains(key)
    }

    /// The id of a dimension.
    pub(crate) fn dimension(&mut self, dimension: Dimension) -> DimensionId {
        let (index, new) = self.dimensions.insert_full(dimension);
        let id = small(index);
        if new {
            let root = small(self.cells.len());
            self.cells.push(Conjunction { dimension: id, literals: Vec::new(), solution: Solution::Unsure });
            self.roots.push(root);
        }
        id
    }

    /// The id of a literal.
    pub(crate) fn literal(&mut self, dimension: Dimension, claim: Claim) -> LiteralId {
        let dimension = self.dimension(dimension);
        let (index, _) = self.literals.insert_full(Literal { dimension, claim });
        LiteralId(small(index) << 1)
    }

    /// The dimensions met so far, in order.
    pub(crate) fn dimensions(&self) -> impl Iterator<Item = (DimensionId, &Dimension)> {
        self.dimensions.iter().enumerate().map(|(index, dimension)| (small(index), dimension))
    }

    /// Whether the conjunction holds the opposite of a literal itself.
    pub(crate) fn contradicts(&self, cell: Cell, literal: LiteralId) -> bool {
        let literals = self.cells.get(cell as usize).map(|c| c.literals.as_slice()).unwrap_or_default();
        literals.binary_search(&literal.negated()).is_ok()
    }

    /// The dimension of a literal.
    pub(crate) fn dimension_of(&self, literal: LiteralId) -> DimensionId {
        self.literals.get_index((literal.0 >> 1) as usize).map_or(0, |l| l.dimension)
    }

    /// The conjunction of nothing in a dimension.
    pub(crate) fn root(&self, dimension: DimensionId) -> Cell {
        self.roots.get(dimension as usize).copied().unwrap_or_default()
    }

    /// Whether nothing satisfies the conjunction.
    pub(crate) fn is_empty(&self, cell: Cell) -> bool {
        *self.solution(cell) == Solution::Nothing
    }

    /// What satisfies the conjunction.
    #[expect(clippy::indexing_slicing, reason = "cells are handed out by the engine, which adds them first")]
    pub(crate) fn solution(&self, cell: Cell) -> &Solution {
        &self.cells[cell as usize].solution
    }

    /// The conjunction with one more literal.
    pub(crate) fn extend(&mut self, cell: Cell, literal: LiteralId) -> Result<Cell, Exhausted> {
        self.meter.spend(1)?;
        if let Some(known) = self.extended.get(&(cell, literal)) {
            return Ok(*known);
        }
        let Some(conjunction) = self.cells.get(cell as usize) else { return Ok(cell) };
        let dimension = conjunction.dimension;
        let mut literals = conjunction.literals.clone();
        let next = match literals.binary_search(&literal) {
            Ok(_) => cell,
            Err(at) => {
                literals.insert(at, literal);
                self.conjunction(cell, dimension, literals, literal)?
            }
        };
        self.extended.insert((cell, literal), next);
        Ok(next)
    }

    fn conjunction(
        &mut self,
        from: Cell,
        dimension: DimensionId,
        literals: Vec<LiteralId>,
        added: LiteralId,
    ) -> Result<Cell, Exhausted> {
        let key = (dimension, literals);
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let literals = key.1.clone();
        self.meter.spend(8 + literals.len())?;
        let solution = if literals.iter().any(|l| literals.binary_search(&l.negated()).is_ok()) {
            Solution::Nothing
        } else if self.satisfied(from, added)? == Some(true) {
            self.solution(from).clone()
        } else {
            self.solve(dimension, &literals)?
        };
        let cell = small(self.cells.len());
        self.cells.push(Conjunction { dimension, literals, solution });
        self.known.insert(key, cell);
        Ok(cell)
    }

    /// A value for a dimension that no literal restricts, in the domain alone.
    pub(crate) fn solve(
        &mut self,
        dimension: DimensionId,
        literals: &[LiteralId],
    ) -> Result<Solution, Exhausted> {
        let Some(kind) = self.dimensions.get_index(dimension as usize).cloned() else {
            return Ok(Solution::Unsure);
        };
        match kind {
            Dimension::Unknown(_) => Ok(Solution::Unknown),
            Dimension::Action | Dimension::Part(_) => {
                let domain = self.predicates.intern(Predicate::Text(domain(&kind)));
                let mut demands = vec![Signed { predicate: domain, holds: true }];
                for literal in literals {
                    if let Some(Claim::Text(predicate)) = self.claim(*literal) {
                        demands.push(Signed { predicate, holds: literal.positive() });
                    }
                }
                Ok(match self.predicates.member(&demands, &mut self.meter)? {
                    Member::Value(text) => Solution::Text(text),
                    Member::Nothing => Solution::Nothing,
                    Member::Unsure => Solution::Unsure,
                })
            }
            Dimension::Key(key) => self.solve_key(&key, literals),
        }
    }

    /// Whether the values found for a conjunction also satisfy a literal; `None` where that is not known.
    pub(crate) fn satisfied(&mut self, cell: Cell, literal: LiteralId) -> Result<Option<bool>, Exhausted> {
        let Some(claim) = self.claim(literal) else { return Ok(None) };
        if let (Solution::Absent, Claim::Values { absent, .. }) = (self.solution(cell), claim) {
            return Ok(Some(absent == literal.positive()));
        }
        let holds = match (self.solution(cell).clone(), claim) {
            (Solution::Text(text), Claim::Text(predicate)) => self.holds(predicate, &text)?,
            (Solution::Values(values), Claim::Values { empty, members, .. }) => match members {
                _ if values.is_empty() => Some(empty),
                Members::Constant(value) => Some(value),
                Members::Every(demand) => self.over(&values, demand, true)?,
                Members::Some(demand) => self.over(&values, demand, false)?,
            },
            _ => None,
        };
        Ok(holds.map(|holds| holds == literal.positive()))
    }

    fn holds(&mut self, predicate: u32, text: &str) -> Result<Option<bool>, Exhausted> {
        if self.predicates.is_unknown(predicate) {
            return Ok(None);
        }
        self.predicates.may_hold(predicate, text, &mut self.meter).map(Some)
    }

    /// Whether every value meets a demand, or some value does.
    fn over(&mut self, values: &[String], demand: Signed, every: bool) -> Result<Option<bool>, Exhausted> {
        for value in values {
            let Some(holds) = self.holds(demand.predicate, value)? else { return Ok(None) };
            if (holds == demand.holds) != every {
                return Ok(Some(!every));
            }
        }
        Ok(Some(every))
    }

    fn claim(&self, literal: LiteralId) -> Option<Claim> {
        self.literals.get_index((literal.0 >> 1) as usize).map(|l| l.claim)
    }

    /// Absent first, so that witnesses name few keys; then the empty set; then one value; then several.
    fn solve_key(&mut self, key: &str, literals: &[LiteralId]) -> Result<Solution, Exhausted> {
        let mut all_absent = true;
        let mut all_empty = true;
        let mut every = Vec::new();
        let mut some = Vec::new();
        let mut possible = true;
        for literal in literals {
            let sign = literal.positive();
            let Some(Claim::Values { absent, empty, members }) = self.claim(*literal) else { continue };
            all_absent &= absent == sign;
            all_empty &= empty == sign;
            match (members, sign) {
                (Members::Constant(value), _) => possible &= value == sign,
                (Members::Every(demand), true) => every.push(demand),
                (Members::Every(demand), false) => some.push(demand.negated()),
                (Members::Some(demand), true) => some.push(demand),
                (Members::Some(demand), false) => every.push(demand.negated()),
            }
        }
        if all_absent {
            return Ok(Solution::Absent);
        }
        let many = self.is_many(key);
        if many && all_empty {
            return Ok(Solution::Values(Vec::new()));
        }
        if !possible {
            return Ok(Solution::Nothing);
        }
        let together: Vec<Signed> = every.iter().chain(&some).copied().collect();
        match self.predicates.member(&together, &mut self.meter)? {
            Member::Value(text) => return Ok(Solution::Values(vec![text])),
            Member::Unsure if !many => return Ok(Solution::Unsure),
            Member::Nothing if !many => return Ok(Solution::Nothing),
            Member::Unsure | Member::Nothing => {}
        }
        let mut values = Vec::new();
        let mut unsure = false;
        for demand in some {
            let mut demands = every.clone();
            demands.push(demand);
            match self.predicates.member(&demands, &mut self.meter)? {
                Member::Value(text) => values.push(text),
                Member::Nothing => return Ok(Solution::Nothing),
                Member::Unsure => unsure = true,
            }
        }
        values.sort();
        values.dedup();
        Ok(match (unsure, values.is_empty()) {
            (true, _) => Solution::Unsure,
            (false, true) => Solution::Nothing,
            (false, false) => Solution::Values(values),
        })
    }
}

/// What values a dimension has at all.
fn domain(dimension: &Dimension) -> TextSet {
    let run = Step::Run(Class::InPart);
    let some = [Step::Once(Class::InPart), run];
    let glob = match dimension {
        Dimension::Action => {
            let some = [Step::Once(Class::Lowered), Step::Run(Class::Lowered)];
            [some.as_slice(), &[Step::Once(Class::Char(':'))], some.as_slice()].concat()
        }
        Dimension::Part(0) => "arn".chars().map(|c| Step::Once(Class::Char(c))).collect(),
        Dimension::Part(1 | 2) => some.to_vec(),
        Dimension::Part(3 | 4) => vec![run],
        Dimension::Part(_) => vec![Step::Once(Class::Any), Step::Run(Class::Any)],
        Dimension::Key(_) | Dimension::Unknown(_) => vec![Step::Run(Class::Any)],
    };
    TextSet::new([glob])
}

/// Ids are counted in 32 bits; the budget ends long before.
fn small(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
