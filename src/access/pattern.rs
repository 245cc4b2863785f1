//! Patterns in policies: literal characters, the wildcards `*` and `?`, and policy variables.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// One step of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Piece {
    /// This very character.
    Char(char),
    /// `?`: any one character.
    One,
    /// `*`: any run of characters, also none.
    Any,
    /// `${key}`: the value that the request's context has for a key; seldom, so that it must not widen the others.
    Variable(Box<Variable>),
}

/// A policy variable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Variable {
    /// The context key, in lower case.
    pub(crate) key: String,
    /// What stands in for an absent value.
    pub(crate) default: Option<String>,
}

/// Whether `*` and `?` mean themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wildcards {
    /// They stand for other characters.
    Active,
    /// They are characters like others.
    Literal,
}

/// Whether `${…}` is looked up: only policies of version `2012-10-17` do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variables {
    /// They are looked up.
    Active,
    /// They are text.
    Literal,
}

/// A parsed pattern. Policies are copied often and looked up by what they say, so copies share the pieces, and a digest
/// stands for them where they are hashed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pattern {
    digest: u64,
    pieces: Arc<[Piece]>,
}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.digest);
    }
}

impl Pattern {
    fn of(pieces: Vec<Piece>) -> Pattern {
        let word = |piece: &Piece| match piece {
            Piece::Char(c) => u64::from(u32::from(*c)),
            Piece::One => 1 << 32,
            Piece::Any => 2 << 32,
            Piece::Variable(_) => 3 << 32,
        };
        let mix =
            |digest: u64, piece| (digest.rotate_left(5) ^ word(piece)).wrapping_mul(0x517C_C1B7_2722_0A95);
        Pattern { digest: pieces.iter().fold(0, mix), pieces: pieces.into() }
    }

    /// Reads a pattern; runs of `*` become one.
    pub(crate) fn parse(text: &str, wildcards: Wildcards, variables: Variables) -> Pattern {
        let mut pieces = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let after = rest.get(c.len_utf8()..).unwrap_or_default();
            if c == '$'
                && variables == Variables::Active
                && let Some((piece, tail)) = variable(after)
            {
                pieces.push(piece);
                rest = tail;
                continue;
            }
            rest = after;
            match (c, wildcards) {
                ('*', Wildcards::Active) if pieces.last() == Some(&Piece::Any) => {}
                ('*', Wildcards::Active) => pieces.push(Piece::Any),
                ('?', Wildcards::Active) => pieces.push(Piece::One),
                _ => pieces.push(Piece::Char(c)),
            }
        }
        Pattern::of(pieces)
    }

    /// The same pattern without case.
    pub(crate) fn folded(self) -> Pattern {
        let fold = |piece: &Piece| match piece {
            Piece::Char(c) => Piece::Char(c.to_ascii_lowercase()),
            Piece::One | Piece::Any | Piece::Variable(_) => piece.clone(),
        };
        Pattern::of(self.pieces.iter().map(fold).collect())
    }

    /// The steps in order.
    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Whether a text starts as the pattern does, up to its first wildcard or variable.
    pub(crate) fn may_start(&self, text: &str) -> bool {
        let mut letters = text.chars();
        for piece in self.pieces.iter() {
            match piece {
                Piece::Char(c) if letters.next() == Some(*c) => {}
                Piece::Char(_) => return false,
                Piece::One | Piece::Any | Piece::Variable(_) => return true,
            }
        }
        true
    }

    /// Whether a text matches at most: wildcards go past colons, variables are anything, letters have no case.
    pub(crate) fn may_match(&self, text: &str) -> bool {
        let mut letters = text.chars();
        let mut piece = 0;
        // The latest run, and what it leaves of the text by now.
        let mut run = None;
        loop {
            let mut rest = letters.clone();
            match (self.pieces.get(piece), rest.next()) {
                (None, None) => return true,
                (Some(Piece::Any | Piece::Variable(_)), _) => {
                    run = Some((piece, letters.clone()));
                    piece += 1;
                    continue;
                }
                (Some(Piece::One), Some(_)) => {
                    (piece, letters) = (piece + 1, rest);
                    continue;
                }
                (Some(Piece::Char(c)), Some(own)) if c.eq_ignore_ascii_case(&own) => {
                    (piece, letters) = (piece + 1, rest);
                    continue;
                }
                (Some(_), _) | (None, Some(_)) => {}
            }
            let Some((from, left)) = &mut run else { return false };
            if left.next().is_none() {
                return false;
            }
            (piece, letters) = (*from + 1, left.clone());
        }
    }

    /// The text before the first wildcard or variable, in lower case.
    pub(crate) fn beginning(&self) -> String {
        let letters = self.pieces.iter().map_while(|piece| match piece {
            Piece::Char(c) => Some(c.to_ascii_lowercase()),
            Piece::One | Piece::Any | Piece::Variable(_) => None,
        });
        letters.collect()
    }

    /// Whether it has the parts of an ARN, so that none needs to be added.
    pub(crate) fn is_complete(&self) -> bool {
        self.pieces.iter().filter(|piece| **piece == Piece::Char(':')).count() >= 5
    }

    /// Whether the pattern is `*` alone.
    pub(crate) fn is_everything(&self) -> bool {
        *self.pieces == [Piece::Any]
    }

    /// The variables in order of appearance.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(variable) => Some(variable.as_ref()),
            Piece::Char(_) | Piece::One | Piece::Any => None,
        })
    }

    /// The parts between the first five colons: one to six of them.
    pub(crate) fn parts(&self) -> Vec<&[Piece]> {
        self.pieces.splitn(6, |piece| *piece == Piece::Char(':')).collect()
    }
}

/// Reads what follows a `$`: a variable or an escaped character, and the text behind it.
fn variable(after: &str) -> Option<(Piece, &str)> {
    let (name, tail) = after.strip_prefix('{')?.split_once('}')?;
    let piece = match name {
        "*" => Piece::Char('*'),
        "?" => Piece::Char('?'),
        "$" => Piece::Char('$'),
        _ => {
            let (key, default) = match name.split_once(',') {
                None => (name, None),
                Some((key, default)) => (key, Some(default.trim().strip_prefix('\'')?.strip_suffix('\'')?)),
            };
            Piece::Variable(Box::new(Variable {
                key: key.trim().to_ascii_lowercase(),
                default: default.map(str::to_owned),
            }))
        }
    };
    Some((piece, tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_escapes() {
        let pattern = Pattern::parse("a${*}${aws:UserName, 'none'}**?", Wildcards::Active, Variables::Active);
        let variable = Variable { key: "aws:username".into(), default: Some("none".into()) };
        let expected =
            [Piece::Char('a'), Piece::Char('*'), Piece::Variable(Box::new(variable)), Piece::Any, Piece::One];
        assert_eq!(pattern.pieces(), expected);
    }

    #[test]
    fn what_may_match_is_at_least_what_matches() {
        for (pattern, text, expected) in [
            ("a*b", "a:x:B", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*ab*ab", "xabyab", true),
            ("*ab*abc", "xabyab", false),
            ("x${k}y", "x-y", true),
            ("", "", true),
            ("*", "", true),
            ("a", "", false),
        ] {
            let parsed = Pattern::parse(pattern, Wildcards::Active, Variables::Active);
            assert_eq!(parsed.may_match(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn an_open_brace_is_text() {
        let pattern = Pattern::parse("${a", Wildcards::Active, Variables::Active);
        assert_eq!(pattern.pieces().len(), 3);
    }
}
