//! The search: branch over alternatives, drop what the choices already decide, back up on a contradiction.

use super::engine::{Cell, DimensionId, Engine, LiteralId, Solution};
use super::formula::Formula;
use super::meter::{Exhausted, Meter};
use super::model::Model;

/// What the search found.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    /// Nothing satisfies the formulas.
    Nothing,
    /// This does, in every dimension by itself.
    Model(Model),
    /// Something may, but no value was found for a dimension.
    Unsure,
}

/// Searches for a request that satisfies all goals; goals are decided in order, what they bring along after them.
pub(crate) fn search(engine: &mut Engine, goals: &[Formula]) -> Result<Found, Exhausted> {
    if goals.iter().any(|goal| matches!(goal, Formula::False)) {
        return Ok(Found::Nothing);
    }
    let mut certain = Vec::new();
    for goal in goals {
        literals(goal, &mut certain);
    }
    engine.meter.spend(certain.len())?;
    certain.sort_unstable();
    // Said and denied word for word: no set of strings needs to be looked at, however large its automaton would be.
    for goal in goals {
        if denied(goal, &certain, &mut engine.meter)? {
            return Ok(Found::Nothing);
        }
    }
    let mut walk = Walk { engine, cells: Vec::new(), trail: Vec::new() };
    walk.run(goals)
}

/// The literals that hold wherever the formula does, as far as they are written out.
fn literals(formula: &Formula, certain: &mut Vec<LiteralId>) {
    match formula {
        Formula::Is(literal) => certain.push(*literal),
        Formula::All(parts) => {
            for part in parts.iter() {
                literals(part, certain);
            }
        }
        Formula::True | Formula::False | Formula::Any(_) => {}
    }
}

/// Whether no way to satisfy the formula is left but through the opposite of one of the literals, which are sorted.
fn denied(formula: &Formula, certain: &[LiteralId], meter: &mut Meter) -> Result<bool, Exhausted> {
    let (parts, every) = match formula {
        Formula::True => return Ok(false),
        Formula::False => return Ok(true),
        Formula::Is(literal) => {
            meter.spend(1)?;
            return Ok(certain.binary_search(&literal.negated()).is_ok());
        }
        Formula::All(parts) => (parts, false),
        Formula::Any(parts) => (parts, true),
    };
    for part in parts.iter() {
        if denied(part, certain, meter)? != every {
            return Ok(!every);
        }
    }
    Ok(every)
}

struct Walk<'e> {
    engine: &'e mut Engine,
    /// Per dimension, what was chosen; shorter than the dimensions while the rest is free.
    cells: Vec<Cell>,
    trail: Vec<(DimensionId, Cell)>,
}

/// A choice that can still be made differently.
struct Branch {
    mark: usize,
    pending: Vec<Formula>,
    goals: usize,
    alternatives: Vec<Formula>,
    next: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Dead,
    Holds,
    Open,
}

impl Walk<'_> {
    fn run(&mut self, goals: &[Formula]) -> Result<Found, Exhausted> {
        let mut branches: Vec<Branch> = Vec::new();
        let mut pending: Vec<Formula> = Vec::new();
        let mut goal = 0;
        let mut unsure = false;
        loop {
            let mut consistent = self.propagate(&mut pending)?;
            while consistent && let Some(next) = goals.get(goal) {
                if let Formula::Any(_) = next {
                    break;
                }
                goal += 1;
                consistent = self.assume(next, &mut pending)? && self.propagate(&mut pending)?;
            }
            if consistent {
                let choice = match goals.get(goal) {
                    Some(next) => {
                        goal += 1;
                        Some(next.clone())
                    }
                    None if self.all_satisfied(&pending)? => None,
                    None => self.fewest(&mut pending)?,
                };
                let Some(Formula::Any(alternatives)) = choice else {
                    match self.model() {
                        Some(model) => return Ok(Found::Model(model)),
                        None => unsure = true,
                    }
                    if !self.next(&mut branches, &mut pending, &mut goal)? {
                        return Ok(if unsure { Found::Unsure } else { Found::Nothing });
                    }
                    continue;
                };
                let mark = self.trail.len();
                self.engine.meter.spend(1 + pending.len())?;
                let alternatives = alternatives.to_vec();
                branches.push(Branch { mark, pending: pending.clone(), goals: goal, alternatives, next: 0 });
            }
            if !self.next(&mut branches, &mut pending, &mut goal)? {
                return Ok(if unsure { Found::Unsure } else { Found::Nothing });
            }
        }
    }

    /// Takes the next alternative of the latest branch that has one.
    fn next(
        &mut self,
        branches: &mut Vec<Branch>,
        pending: &mut Vec<Formula>,
        goal: &mut usize,
    ) -> Result<bool, Exhausted> {
        while let Some(branch) = branches.last_mut() {
            undo(&mut self.cells, &mut self.trail, branch.mark);
            let Some(alternative) = branch.alternatives.get(branch.next).cloned() else {
                branches.pop();
                continue;
            };
            *goal = branch.goals;
            pending.clone_from(&branch.pending);
            let earlier: Vec<Formula> = branch.alternatives.iter().take(branch.next).cloned().collect();
            branch.next += 1;
            self.engine.meter.spend(4 + pending.len())?;
            let mut consistent = true;
            // What was tried before need not be tried again.
            for tried in earlier {
                if let Formula::Is(literal) = tried {
                    consistent = consistent && self.take(literal.negated())?;
                }
            }
            if consistent && self.assume(&alternative, pending)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn cell(&self, dimension: DimensionId) -> Cell {
        match self.cells.get(dimension as usize) {
            Some(cell) if *cell != FREE => *cell,
            Some(_) | None => self.engine.root(dimension),
        }
    }

    /// Adds a literal; false if nothing is left in its dimension.
    fn take(&mut self, literal: LiteralId) -> Result<bool, Exhausted> {
        let dimension = self.engine.dimension_of(literal);
        let index = dimension as usize;
        let cell = self.engine.extend(self.cell(dimension), literal)?;
        if self.cells.len() <= index {
            self.cells.resize(index + 1, FREE);
        }
        if let Some(slot) = self.cells.get_mut(index) {
            self.trail.push((dimension, *slot));
            *slot = cell;
        }
        Ok(!self.engine.is_empty(cell))
    }

    fn assume(&mut self, formula: &Formula, pending: &mut Vec<Formula>) -> Result<bool, Exhausted> {
        match formula {
            Formula::True => Ok(true),
            Formula::False => Ok(false),
            Formula::Is(literal) => self.take(*literal),
            Formula::All(parts) => {
                for part in parts.iter() {
                    if !self.assume(part, pending)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Formula::Any(_) => {
                pending.push(formula.clone());
                Ok(true)
            }
        }
    }

    fn status(&mut self, formula: &Formula) -> Result<Status, Exhausted> {
        match formula {
            Formula::True => Ok(Status::Holds),
            Formula::False => Ok(Status::Dead),
            Formula::Is(literal) => {
                let cell = self.cell(self.engine.dimension_of(*literal));
                let with = self.engine.extend(cell, *literal)?;
                if self.engine.is_empty(with) {
                    return Ok(Status::Dead);
                }
                let without = self.engine.extend(cell, literal.negated())?;
                Ok(if self.engine.is_empty(without) { Status::Holds } else { Status::Open })
            }
            Formula::All(parts) => {
                let mut status = Status::Holds;
                for part in parts.iter() {
                    match self.status(part)? {
                        Status::Dead => return Ok(Status::Dead),
                        Status::Open => status = Status::Open,
                        Status::Holds => {}
                    }
                }
                Ok(status)
            }
            Formula::Any(parts) => {
                let mut status = Status::Dead;
                for part in parts.iter() {
                    match self.status(part)? {
                        Status::Holds => return Ok(Status::Holds),
                        Status::Open => status = Status::Open,
                        Status::Dead => {}
                    }
                }
                Ok(status)
            }
        }
    }

    /// Drops what holds, takes what is the only way left; false on a contradiction.
    fn propagate(&mut self, pending: &mut Vec<Formula>) -> Result<bool, Exhausted> {
        self.engine.meter.spend(pending.len())?;
        if pending.iter().any(|formula| self.contradicted(formula)) {
            return Ok(false);
        }
        loop {
            let mut changed = false;
            let mut kept = Vec::with_capacity(pending.len());
            let mut rest = std::mem::take(pending).into_iter();
            while let Some(formula) = rest.next() {
                let (live, holds) = self.live(&formula, 2)?;
                if holds {
                    continue;
                }
                match live.as_slice() {
                    [] => {
                        kept.extend(rest);
                        *pending = kept;
                        return Ok(false);
                    }
                    [only] => {
                        changed = true;
                        let mut more = Vec::new();
                        if !self.assume(only, &mut more)? {
                            return Ok(false);
                        }
                        kept.extend(more);
                    }
                    _ => kept.push(formula),
                }
            }
            *pending = kept;
            if !changed {
                return Ok(true);
            }
        }
    }

    /// Whether what was chosen says the opposite word for word: the cheap case of a contradiction.
    fn contradicted(&self, formula: &Formula) -> bool {
        match formula {
            Formula::True => false,
            Formula::False => true,
            Formula::Is(literal) => {
                self.engine.contradicts(self.cell(self.engine.dimension_of(*literal)), *literal)
            }
            Formula::All(parts) => parts.iter().any(|part| self.contradicted(part)),
            Formula::Any(parts) => parts.iter().all(|part| self.contradicted(part)),
        }
    }

    /// Whether the values found so far satisfy everything that is pending.
    fn all_satisfied(&mut self, pending: &[Formula]) -> Result<bool, Exhausted> {
        for formula in pending {
            if !self.satisfied(formula)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn satisfied(&mut self, formula: &Formula) -> Result<bool, Exhausted> {
        match formula {
            Formula::True => Ok(true),
            Formula::False => Ok(false),
            Formula::Is(literal) => {
                let cell = self.cell(self.engine.dimension_of(*literal));
                self.engine.meter.spend(1)?;
                Ok(self.engine.satisfied(cell, *literal)? == Some(true))
            }
            Formula::All(parts) => self.all_satisfied(parts),
            Formula::Any(parts) => {
                for part in parts.iter() {
                    if self.satisfied(part)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }

    /// The alternatives that are still possible, up to a number, and whether the formula holds already.
    fn live(&mut self, formula: &Formula, limit: usize) -> Result<(Vec<Formula>, bool), Exhausted> {
        let Formula::Any(parts) = formula else { return Ok((vec![formula.clone()], false)) };
        let mut live = Vec::new();
        for part in parts.iter() {
            match self.status(part)? {
                Status::Holds => return Ok((live, true)),
                Status::Open if live.len() < limit => live.push(part.clone()),
                Status::Open | Status::Dead => {}
            }
        }
        Ok((live, false))
    }

    /// Removes the pending formula with the fewest live alternatives.
    fn fewest(&mut self, pending: &mut Vec<Formula>) -> Result<Option<Formula>, Exhausted> {
        let mut best: Option<(usize, usize, Vec<Formula>)> = None;
        for (index, formula) in pending.iter().enumerate() {
            let (live, _) = self.live(formula, usize::MAX)?;
            if best.as_ref().is_none_or(|(count, ..)| live.len() < *count) {
                let found = live.len();
                best = Some((found, index, live));
                if found <= 2 {
                    break;
                }
            }
        }
        let Some((_, index, live)) = best else { return Ok(None) };
        pending.remove(index);
        Ok(Some(Formula::Any(live.into())))
    }

    /// What was chosen, if every dimension has a value for it.
    fn model(&self) -> Option<Model> {
        let mut model = Model::default();
        for (dimension, kind) in self.engine.dimensions() {
            let cell = self.cell(dimension);
            if cell == self.engine.root(dimension) {
                continue;
            }
            match self.engine.solution(cell) {
                Solution::Unsure | Solution::Nothing => return None,
                solution @ (Solution::Text(_)
                | Solution::Absent
                | Solution::Values(_)
                | Solution::Unknown) => {
                    model.add(kind.clone(), solution.clone());
                }
            }
        }
        Some(model)
    }
}

/// A dimension that nothing restricts.
const FREE: Cell = u32::MAX;

fn undo(cells: &mut [Cell], trail: &mut Vec<(DimensionId, Cell)>, mark: usize) {
    while trail.len() > mark
        && let Some((dimension, cell)) = trail.pop()
    {
        if let Some(slot) = cells.get_mut(dimension as usize) {
            *slot = cell;
        }
    }
}
