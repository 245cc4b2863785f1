//! Resource patterns as products of six part globs.

use super::super::pattern::{Pattern, Piece};
use super::super::reading::{ArnCase, Reading, ShortArn, Star};
use super::meter::Exhausted;
use super::text::{Class, Glob, Step};

/// Six globs, one per part; `unknown` says that the last one stands for a set not known, by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Product {
    /// The globs.
    pub(crate) parts: Vec<Glob>,
    /// The name of the unknown set in the last part.
    pub(crate) unknown: Option<String>,
}

#[derive(Debug, Clone, Copy)]
enum Unit {
    Step(Step),
    Colon,
    /// A run that may go on past colons.
    Crossing,
}

/// How many ways a pattern's runs may be laid over the parts before the answer is given up.
const MOST_WAYS: usize = 512;

/// The products whose union is the pattern; `pieces` has its bound variables replaced.
pub(crate) fn products(
    pieces: &[Piece],
    completes: bool,
    reading: &Reading,
) -> Result<Vec<Product>, Exhausted> {
    let mut parts: Vec<&[Piece]> = pieces.splitn(6, |piece| *piece == Piece::Char(':')).collect();
    if parts.len() < 6 && !completes && reading.short_arn == ShortArn::MatchesNothing {
        return Ok(Vec::new());
    }
    let mut ways = Vec::new();
    if parts.len() < 6 && reading.star != Star::WithinPart {
        // A run that goes past colons needs no completion to fill the parts.
        lay(&units(&parts, reading), vec![Vec::new()], &mut ways)?;
    }
    parts.resize(6, &[Piece::Any]);
    lay(&units(&parts, reading), vec![Vec::new()], &mut ways)?;
    let open = parts.iter().flat_map(|part| part.iter()).any(|p| matches!(p, Piece::Variable(_)));
    let unknown = open.then(|| format!("{pieces:?}"));
    Ok(ways.into_iter().map(|parts| Product { parts, unknown: unknown.clone() }).collect())
}

fn units(parts: &[&[Piece]], reading: &Reading) -> Vec<Unit> {
    let mut units = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            units.push(Unit::Colon);
        }
        units.extend(part.iter().enumerate().map(|(at, piece)| {
            let last = at + 1 == part.len();
            unit(piece, index, last, reading)
        }));
    }
    units
}

/// Whether the pattern is `*`, which alone matches requests without resource.
pub(crate) fn is_everything(pattern: &Pattern) -> bool {
    pattern.is_everything()
}

fn unit(piece: &Piece, part: usize, last: bool, reading: &Reading) -> Unit {
    let class = if part == 5 { Class::Any } else { Class::InPart };
    match piece {
        Piece::Char(c) if part < 4 && reading.arn_case == ArnCase::Ignored && c.is_ascii_alphabetic() => {
            Unit::Step(Step::Once(Class::Fold(c.to_ascii_lowercase())))
        }
        Piece::Char(c) => Unit::Step(Step::Once(Class::Char(*c))),
        Piece::One => Unit::Step(Step::Once(class)),
        Piece::Any => match reading.star {
            _ if part == 5 => Unit::Step(Step::Run(class)),
            Star::Anywhere => Unit::Crossing,
            Star::PastColonAtEnd if last => Unit::Crossing,
            Star::WithinPart | Star::PastColonAtEnd => Unit::Step(Step::Run(class)),
        },
        Piece::Variable(_) => Unit::Step(Step::Run(class)),
    }
}

/// Lays units over parts in every way that gives six.
fn lay(units: &[Unit], mut parts: Vec<Glob>, ways: &mut Vec<Vec<Glob>>) -> Result<(), Exhausted> {
    for (index, unit) in units.iter().enumerate() {
        let at = parts.len();
        let Some(part) = parts.last_mut() else { return Ok(()) };
        match unit {
            Unit::Step(step) => part.push(*step),
            Unit::Colon if at < 6 => parts.push(Vec::new()),
            Unit::Colon => part.push(Step::Once(Class::Char(':'))),
            Unit::Crossing if at == 6 => part.push(Step::Run(Class::Any)),
            Unit::Crossing => {
                part.push(Step::Run(Class::InPart));
                let rest = units.get(index + 1..).unwrap_or_default();
                let mut crossed = parts.clone();
                while crossed.len() < 6 {
                    let run = if crossed.len() == 5 { Class::Any } else { Class::InPart };
                    crossed.push(vec![Step::Run(run)]);
                    lay(rest, crossed.clone(), ways)?;
                }
            }
        }
    }
    if parts.len() == 6 {
        ways.push(parts);
    }
    if ways.len() > MOST_WAYS { Err(Exhausted) } else { Ok(()) }
}
