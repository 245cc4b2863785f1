//! Sets of strings as automata, determinised on demand: whether some string is in several of them and in none of others.

use std::collections::BTreeSet;

use super::hash::{Map, Set};
use super::meter::{Exhausted, Meter};
use super::text::{Class, Glob, Step, TextSet};

#[derive(Debug, Clone, Copy)]
enum Op {
    Step(Step),
    Accept,
}

/// The deterministic automaton of a [`TextSet`], built as far as it was walked.
#[derive(Debug)]
pub(crate) struct Automaton {
    /// All globs one after the other, each closed by an accept.
    program: Vec<Op>,
    /// Per position, the first position of its glob.
    owners: Vec<u32>,
    /// The characters told apart, sorted; all others behave alike.
    alphabet: Vec<char>,
    states: Set<Box<[u32]>>,
    /// Per state, its flags and per character class the next state.
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    accepts: bool,
    /// Accepts whatever follows.
    full: bool,
    /// Whether characters that no pattern mentions lead on.
    open: bool,
    /// The characters that lead elsewhere than unmentioned ones.
    letters: Vec<char>,
    moves: Vec<u32>,
}

const UNBUILT: u32 = u32::MAX;

impl Automaton {
    /// Prepares the automaton of a set.
    pub(crate) fn new(set: &TextSet) -> Automaton {
        let spelled =
            set.members().iter().map(|text| text.chars().map(|c| Step::Once(Class::Char(c))).collect());
        let globs: Vec<Glob> = spelled.chain(set.globs().iter().cloned()).collect();
        let mut automaton = Automaton {
            program: Vec::new(),
            owners: Vec::new(),
            alphabet: Vec::new(),
            states: Set::default(),
            rows: Vec::new(),
        };
        let mut start = Vec::new();
        for glob in &globs {
            automaton.add(glob, &mut start);
        }
        automaton.alphabet.sort_unstable();
        automaton.alphabet.dedup();
        let start = automaton.closure(start);
        automaton.intern(start);
        automaton
    }

    fn add(&mut self, glob: &Glob, start: &mut Vec<u32>) {
        let first = position(self.program.len());
        start.push(first);
        for step in glob {
            let (Step::Once(class) | Step::Run(class)) = *step;
            match class {
                Class::Char(c) => self.alphabet.push(c),
                Class::Fold(c) => self.alphabet.extend([c, c.to_ascii_uppercase()]),
                Class::Digit => self.alphabet.extend('0'..='9'),
                Class::Lowered => self.alphabet.extend((b'A'..=b'Z').map(char::from).chain([':'])),
                Class::InPart => self.alphabet.push(':'),
                Class::Any => {}
            }
            self.owners.push(first);
            self.program.push(Op::Step(*step));
        }
        self.owners.push(first);
        self.program.push(Op::Accept);
    }

    /// The start state.
    pub(crate) const START: u32 = 0;

    fn next(&mut self, state: u32, c: char, meter: &mut Meter) -> Result<u32, Exhausted> {
        let class = self.alphabet.binary_search(&c).unwrap_or(self.alphabet.len());
        let known = self.row(state).moves.get(class).copied().unwrap_or(UNBUILT);
        if known != UNBUILT {
            return Ok(known);
        }
        let positions: Vec<u32> =
            self.states.get_index(state as usize).map(|s| s.to_vec()).unwrap_or_default();
        // A new state is sorted, looked up and given its row: a hundred times the work of a step that is known.
        meter.spend(16 + 4 * positions.len())?;
        let mut reached = Vec::with_capacity(positions.len());
        for at in positions {
            match self.op(at) {
                Op::Step(Step::Once(class)) if class.accepts(c) => reached.push(at + 1),
                Op::Step(Step::Run(class)) if class.accepts(c) => reached.push(at),
                Op::Step(_) | Op::Accept => {}
            }
        }
        meter.spend(self.alphabet.len() / 4 + reached.len())?;
        let reached = self.closure(reached);
        let next = self.intern(reached);
        if let Some(slot) = self.rows.get_mut(state as usize).and_then(|row| row.moves.get_mut(class)) {
            *slot = next;
        }
        Ok(next)
    }

    /// Adds what follows a run of length zero, and drops what a later unbounded run of the same glob includes.
    fn closure(&self, mut positions: Vec<u32>) -> Box<[u32]> {
        let mut index = 0;
        while let Some(at) = positions.get(index).copied() {
            if matches!(self.op(at), Op::Step(Step::Run(_))) {
                positions.push(at + 1);
            }
            index += 1;
        }
        positions.sort_unstable();
        positions.dedup();
        let mut kept: Vec<u32> = Vec::with_capacity(positions.len());
        let mut superseded = None;
        for at in positions.into_iter().rev() {
            let glob = self.owner(at);
            if superseded == Some(glob) {
                continue;
            }
            if matches!(self.op(at), Op::Step(Step::Run(Class::Any))) {
                superseded = Some(glob);
            }
            kept.push(at);
        }
        kept.reverse();
        kept.into_boxed_slice()
    }

    fn intern(&mut self, positions: Box<[u32]>) -> u32 {
        if let Some(known) = self.states.get_index_of(&positions) {
            return position(known);
        }
        let ops: Vec<Op> = positions.iter().map(|at| self.op(*at)).collect();
        let accepts = ops.iter().any(|op| matches!(op, Op::Accept));
        let ends = |at: &u32| {
            matches!(self.op(*at), Op::Step(Step::Run(Class::Any))) && matches!(self.op(at + 1), Op::Accept)
        };
        let full = positions.iter().any(ends);
        let open = ops.iter().any(|op| match op {
            Op::Step(Step::Once(class) | Step::Run(class)) => class.is_open(),
            Op::Accept => false,
        });
        let letters = letters(&ops);
        let moves = vec![UNBUILT; self.alphabet.len() + 1];
        self.rows.push(Row { accepts, full, open, letters, moves });
        position(self.states.insert_full(positions).0)
    }

    fn is_dead(&self, state: u32) -> bool {
        self.states.get_index(state as usize).is_none_or(|positions| positions.is_empty())
    }

    #[expect(clippy::indexing_slicing, reason = "states are handed out by `intern`, which adds their row")]
    fn row(&self, state: u32) -> &Row {
        &self.rows[state as usize]
    }

    fn op(&self, at: u32) -> Op {
        self.program.get(at as usize).copied().unwrap_or(Op::Accept)
    }

    fn owner(&self, at: u32) -> u32 {
        self.owners.get(at as usize).copied().unwrap_or(at)
    }
}

/// The characters that may lead elsewhere than those that no pattern mentions.
fn letters(ops: &[Op]) -> Vec<char> {
    let mut letters = Vec::new();
    for op in ops {
        let Op::Step(Step::Once(class) | Step::Run(class)) = op else { continue };
        match class {
            Class::Char(c) => letters.push(*c),
            Class::Fold(c) => letters.extend([*c, c.to_ascii_uppercase()]),
            Class::Digit => letters.extend('0'..='9'),
            Class::Lowered => letters.extend((b'A'..=b'Z').map(char::from).chain([':'])),
            Class::InPart => letters.push(':'),
            Class::Any => {}
        }
    }
    letters.sort_unstable();
    letters.dedup();
    letters
}

/// Positions and states are counted in 32 bits; a longer program is met by the budget first.
fn position(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX - 1)
}

/// Sets that a string must be in, and sets that it must not be in.
#[derive(Default)]
pub(crate) struct Product {
    /// In each of these.
    pub(crate) inside: Vec<Automaton>,
    /// In none of these.
    pub(crate) outside: Vec<Automaton>,
}

impl Product {
    /// A shortest string, if there is one: breadth first over the states of all automata at once.
    pub(crate) fn member(&mut self, meter: &mut Meter) -> Result<Option<String>, Exhausted> {
        let other = self.unmentioned();
        let start = vec![Automaton::START; self.inside.len() + self.outside.len()];
        let mut seen: Map<Vec<u32>, (usize, char)> = Map::default();
        if self.alive(&start) {
            seen.insert(start, (0, '\0'));
        }
        let mut at = 0;
        while let Some((states, _)) = seen.get_index(at) {
            let states = states.clone();
            if self.accepts(&states) {
                return Ok(Some(spell(&seen, at)));
            }
            for c in self.letters(&states, other) {
                // A state of all automata at once is copied and looked up.
                meter.spend(8 + 4 * states.len())?;
                let next = self.step(&states, c, meter)?;
                if self.alive(&next) && !seen.contains_key(&next) {
                    seen.insert(next, (at, c));
                }
            }
            at += 1;
        }
        Ok(None)
    }

    /// A character that no set tells apart from other such characters, a readable one if possible.
    fn unmentioned(&self) -> Option<char> {
        let all = self.inside.iter().chain(&self.outside);
        let alphabet: BTreeSet<char> = all.flat_map(|a| a.alphabet.iter().copied()).collect();
        let letters = ('x'..='z').chain('a'..='w').chain('0'..='9').chain('A'..='Z');
        letters.chain('\u{e0}'..'\u{e000}').find(|c| !alphabet.contains(c))
    }

    fn automata(&self) -> impl Iterator<Item = (bool, &Automaton)> {
        let inside = self.inside.iter().map(|a| (true, a));
        inside.chain(self.outside.iter().map(|a| (false, a)))
    }

    fn alive(&self, states: &[u32]) -> bool {
        self.automata().zip(states).all(|((inside, automaton), state)| {
            if inside { !automaton.is_dead(*state) } else { !automaton.row(*state).full }
        })
    }

    fn accepts(&self, states: &[u32]) -> bool {
        self.automata().zip(states).all(|((inside, automaton), s)| automaton.row(*s).accepts == inside)
    }

    /// The characters worth trying: the fewest that keep an inside automaton alive if one has none but its own,
    /// else those that lead somewhere special, and one for all others.
    fn letters(&self, states: &[u32], other: Option<char>) -> Vec<char> {
        let rows = || self.automata().zip(states).map(|((inside, a), state)| (inside, a.row(*state)));
        let closed = rows().filter(|(inside, row)| *inside && !row.open);
        if let Some((_, row)) = closed.min_by_key(|(_, row)| row.letters.len()) {
            return row.letters.clone();
        }
        let mut letters: Vec<char> = rows().flat_map(|(_, row)| row.letters.iter().copied()).collect();
        letters.extend(other);
        // Plain letters first: among shortest strings the most readable one is found.
        letters.sort_unstable_by_key(|c| (!c.is_ascii_alphanumeric(), Some(*c) != other, *c));
        letters.dedup();
        letters
    }

    fn step(&mut self, states: &[u32], c: char, meter: &mut Meter) -> Result<Vec<u32>, Exhausted> {
        let all = self.inside.iter_mut().chain(&mut self.outside);
        all.zip(states).map(|(automaton, state)| automaton.next(*state, c, meter)).collect()
    }
}

fn spell(seen: &Map<Vec<u32>, (usize, char)>, mut at: usize) -> String {
    let mut letters = Vec::new();
    while at != 0 {
        let Some((_, (parent, c))) = seen.get_index(at) else { break };
        letters.push(*c);
        at = *parent;
    }
    letters.into_iter().rev().collect()
}
