//! Whether one statement matches one request.

use super::super::arn;
use super::super::pattern::{Pattern, Piece};
use super::super::policy::{Effect, Element, Entry, PolicyKind, PrincipalElement, Statement};
use super::super::reading::{ArnCase, ShortArn, Star};
use super::super::request::{Context, Principal};
use super::{Asked, condition, way};

/// How a resource policy names the caller, which decides what caps the grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// By `*`, or by the very user, session or service.
    Direct,
    /// By the role of a session.
    Role,
    /// By the account.
    Account,
}

/// Whom constructs that are not understood favour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Benefit {
    /// Nobody: such a statement does not match.
    None,
    /// Access: an Allow matches, a Deny does not.
    Access,
    /// Denial: a Deny matches, an Allow does not.
    Denial,
}

/// A symbol of a value that is matched: a character, or a wildcard of the pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    /// This character.
    Char(char),
    /// Any one character.
    One,
    /// Any one character but a colon.
    OneInPart,
    /// Any run.
    Any,
    /// Any run without a colon.
    AnyInPart,
}

/// Whether the statement matches and names the caller in one of these ways.
pub(super) fn matches(asked: &Asked, kind: PolicyKind, statement: &Statement, ways: &[Way]) -> bool {
    if !statement.unsupported.is_empty() {
        let favoured = match asked.benefit {
            Benefit::None => Effect::Deny,
            Benefit::Access => Effect::Allow,
            Benefit::Denial => Effect::Deny,
        };
        if statement.effect != favoured || asked.benefit == Benefit::None {
            return false;
        }
        // Only what is understood can still exclude the request, and a principal element may be part of the doubt.
        return action(asked, statement) && conditions(asked, statement);
    }
    action(asked, statement)
        && principal(asked, statement, ways)
        && resource(asked, kind, statement)
        && conditions(asked, statement)
}

fn conditions(asked: &Asked, statement: &Statement) -> bool {
    statement.conditions.iter().all(|c| condition::holds(c, asked.request, asked.reading))
}

/// Whether the statement is for the action.
pub(super) fn action(asked: &Asked, statement: &Statement) -> bool {
    let action = asked.request.action.to_ascii_lowercase();
    let hit = |pattern: &Pattern| glob(&symbols(pattern.pieces(), Run::Whole), &action);
    element(&statement.action, hit)
}

fn element(element: &Element, hit: impl Fn(&Pattern) -> bool) -> bool {
    match element {
        Element::Everything => true,
        Element::In(patterns) => patterns.iter().any(hit),
        Element::NotIn(patterns) => !patterns.iter().any(hit),
    }
}

/// Whether the statement names the caller in one of these ways.
pub(super) fn principal(asked: &Asked, statement: &Statement, ways: &[Way]) -> bool {
    let caller = &asked.request.principal;
    match &statement.principal {
        PrincipalElement::Absent => true,
        PrincipalElement::In(entries) => {
            entries.iter().filter_map(|entry| way(entry, caller)).any(|way| ways.contains(&way))
        }
        PrincipalElement::NotIn(entries) => {
            (asked.bounded && statement.effect == Effect::Deny)
                || !exempt(asked, statement.effect, entries, caller)
        }
    }
}

/// Whether a `NotPrincipal` list exempts the caller.
fn exempt(asked: &Asked, effect: Effect, entries: &[Entry], caller: &Principal) -> bool {
    let listed = |wanted: Way| entries.iter().any(|entry| way(entry, caller) == Some(wanted));
    if asked.reading.not_principal.one_suffices(effect) {
        return listed(Way::Direct) || listed(Way::Role) || listed(Way::Account);
    }
    match caller {
        Principal::Session { .. } | Principal::FederatedUser(_) => {
            entries.contains(&Entry::Anyone)
                || (listed(Way::Direct) && listed(Way::Role) && listed(Way::Account))
        }
        Principal::Role(_) => entries.contains(&Entry::Anyone) || (listed(Way::Role) && listed(Way::Account)),
        Principal::User(_) => {
            entries.contains(&Entry::Anyone) || (listed(Way::Direct) && listed(Way::Account))
        }
        Principal::Root(_) => listed(Way::Account) || listed(Way::Direct),
        Principal::Service(_) | Principal::Federated(_) | Principal::Canonical(_) | Principal::Anonymous => {
            listed(Way::Direct)
        }
    }
}

/// Whether the statement is for the resource.
pub(super) fn resource(asked: &Asked, kind: PolicyKind, statement: &Statement) -> bool {
    let hit = |pattern: &Pattern| resource_pattern(asked, kind, pattern);
    element(&statement.resource, hit)
}

fn resource_pattern(asked: &Asked, kind: PolicyKind, pattern: &Pattern) -> bool {
    if pattern.is_everything() {
        return true;
    }
    let Some(resource) = arn::parts(&asked.request.resource) else { return false };
    let Some(pieces) = substitute(pattern, &asked.request.context) else { return false };
    let mut parts: Vec<&[Piece]> = pieces.splitn(6, |piece| *piece == Piece::Char(':')).collect();
    if parts.len() < 6 && kind.has_principal() && asked.reading.short_arn == ShortArn::MatchesNothing {
        return false;
    }
    // A run that goes past colons needs no completion to fill the parts.
    if parts.len() < 6 && asked.reading.star != Star::WithinPart && laid_over(asked, &parts, resource) {
        return true;
    }
    parts.resize(6, &[Piece::Any]);
    if asked.reading.star != Star::WithinPart || asked.reading.arn_case == ArnCase::Ignored {
        return laid_over(asked, &parts, resource);
    }
    parts.iter().zip(resource).all(|(part, text)| glob(&symbols(part, Run::Whole), text))
}

/// Whether the parts of a pattern, put together again, match the resource.
fn laid_over(asked: &Asked, parts: &[&[Piece]], resource: [&str; 6]) -> bool {
    let ignore = asked.reading.arn_case == ArnCase::Ignored;
    let mut whole = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let run = match asked.reading.star {
            _ if index == 5 => Run::Whole,
            Star::WithinPart => Run::Part,
            Star::PastColonAtEnd => Run::PartButEnd,
            Star::Anywhere => Run::Stars,
        };
        if index > 0 {
            whole.push(Symbol::Char(':'));
        }
        let folded = |symbol| match symbol {
            Symbol::Char(c) if ignore && index < 4 => Symbol::Char(c.to_ascii_lowercase()),
            Symbol::Char(_) | Symbol::One | Symbol::OneInPart | Symbol::Any | Symbol::AnyInPart => symbol,
        };
        whole.extend(symbols(part, run).into_iter().map(folded));
    }
    let value = |(index, text): (usize, &str)| {
        if ignore && index < 4 { text.to_ascii_lowercase() } else { text.to_owned() }
    };
    let values: Vec<String> = resource.into_iter().enumerate().map(value).collect();
    glob(&whole, &values.join(":"))
}

/// Replaces variables by their values; `None` if one has neither value nor default.
pub(super) fn substitute(pattern: &Pattern, context: &Context) -> Option<Vec<Piece>> {
    let mut pieces = Vec::with_capacity(pattern.pieces().len());
    for piece in pattern.pieces() {
        match piece {
            Piece::Variable(variable) => {
                let value = context.single(&variable.key).or(variable.default.as_deref())?;
                pieces.extend(value.chars().map(Piece::Char));
            }
            Piece::Char(_) | Piece::One | Piece::Any => pieces.push(piece.clone()),
        }
    }
    Some(pieces)
}

/// Where the wildcards of a piece list stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    /// Nowhere.
    Whole,
    /// At a colon.
    Part,
    /// At a colon, but a `*` at the end goes on.
    PartButEnd,
    /// Only `?` at a colon.
    Stars,
}

/// A pattern without variables as symbols.
pub(super) fn symbols(pieces: &[Piece], run: Run) -> Vec<Symbol> {
    let last = pieces.len().saturating_sub(1);
    let symbol = |(index, piece): (usize, &Piece)| match (piece, run) {
        (Piece::Char(c), _) => Symbol::Char(*c),
        (Piece::One, Run::Whole) => Symbol::One,
        (Piece::One, _) => Symbol::OneInPart,
        (Piece::Any, Run::Whole | Run::Stars) => Symbol::Any,
        (Piece::Any, Run::PartButEnd) if index == last => Symbol::Any,
        (Piece::Any, _) => Symbol::AnyInPart,
        (Piece::Variable(_), _) => Symbol::Any,
    };
    pieces.iter().enumerate().map(symbol).collect()
}

/// Whether the symbols match the whole text: one row of the edit table per character.
pub(super) fn glob(symbols: &[Symbol], text: &str) -> bool {
    let Some(simple) = simple(symbols, text) else { return table(symbols, text) };
    simple
}

/// Patterns whose runs cross everything match greedily; `None` for the others.
fn simple(symbols: &[Symbol], text: &str) -> Option<bool> {
    if symbols.contains(&Symbol::AnyInPart) {
        return None;
    }
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut next) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let symbol = symbols.get(next);
        if symbol == Some(&Symbol::Any) {
            next += 1;
            retry = Some((next, at));
            continue;
        }
        let fits = match (symbol, text.get(at)) {
            (Some(symbol), Some(c)) => accepts(*symbol, *c),
            (None, None) => return Some(true),
            (Some(_), None) => return Some(false),
            (None, Some(_)) => false,
        };
        if fits {
            (at, next) = (at + 1, next + 1);
        } else if let Some((resume, start)) = retry {
            retry = Some((resume, start + 1));
            (at, next) = (start + 1, resume);
        } else {
            return Some(false);
        }
    }
}

fn accepts(symbol: Symbol, c: char) -> bool {
    match symbol {
        Symbol::Char(own) => own == c,
        Symbol::One | Symbol::Any => true,
        Symbol::OneInPart | Symbol::AnyInPart => c != ':',
    }
}

/// All prefixes of the pattern that match the text so far.
fn table(symbols: &[Symbol], text: &str) -> bool {
    let is_run = |symbol: &Symbol| matches!(symbol, Symbol::Any | Symbol::AnyInPart);
    let mut row = vec![true];
    for symbol in symbols {
        let reachable = is_run(symbol) && row.last() == Some(&true);
        row.push(reachable);
    }
    for c in text.chars() {
        let mut next = vec![false];
        for (symbol, window) in symbols.iter().zip(row.windows(2)) {
            let (before, here) = (window.first() == Some(&true), window.last() == Some(&true));
            let reachable = if is_run(symbol) {
                (here && accepts(*symbol, c)) || next.last() == Some(&true)
            } else {
                before && accepts(*symbol, c)
            };
            next.push(reachable);
        }
        row = next;
    }
    row.last() == Some(&true)
}
