//! Parts of a policy that no template shows: a secret's six random characters, an unresolved reference.
//!
//! An unknown run is a word of private-use characters (planes 15 and 16): two that are its own together, and as many
//! equal ones as its length asks for. So a document that comes from a template stays ordinary text. `?` matches each
//! character, `*` the whole, and of other texts only the same run does; no run is a part of another one.

use std::borrow::Cow;

use indexmap::IndexMap;

/// The first characters of runs: plane 15 without its non-characters.
const FIRST: (u32, u32) = (0xF_0000, 0xF_FFFD);
/// The second characters of runs: plane 16 without its non-characters and what follows here.
const SECOND: (u32, u32) = (0x10_0000, 0x10_FFFB);
/// The characters after these two.
const REST: char = '\u{10_FFFC}';
/// The longest run.
const LONGEST: u32 = 1_024;

/// Hands out unknown runs: equal names are equal unknowns.
#[derive(Debug, Clone, Default)]
pub struct Unknowns {
    runs: IndexMap<String, String>,
}

impl Unknowns {
    /// The run of a name; its length, at least two, is that of the first call. `None` for other lengths, and if there
    /// are no runs left, after four thousand million.
    pub fn run(&mut self, name: &str, length: u32) -> Option<String> {
        if let Some(run) = self.runs.get(name) {
            return Some(run.clone());
        }
        let rest = length.checked_sub(2).filter(|_| length <= LONGEST)?;
        let count = u32::try_from(self.runs.len()).ok()?;
        let seconds = SECOND.1 - SECOND.0 + 1;
        let first = FIRST.0.checked_add(count / seconds).filter(|first| *first <= FIRST.1)?;
        let own = [char::from_u32(first)?, char::from_u32(SECOND.0 + count % seconds)?];
        let run: String = own.into_iter().chain((0..rest).map(|_| REST)).collect();
        self.runs.insert(name.to_owned(), run.clone());
        Some(run)
    }
}

/// Whether a character is one of those that runs are made of.
fn is_unknown(c: char) -> bool {
    u32::from(c) >= FIRST.0
}

/// A text for people: `?` for every unknown character.
pub fn readable(text: &str) -> String {
    text.chars().map(|c| if is_unknown(c) { '?' } else { c }).collect()
}

/// A text that somebody wrote, so that nothing in it passes for an unknown run.
pub(crate) fn literal(text: &str) -> Cow<'_, str> {
    // All of them begin with a byte of at least 0xF3 in UTF-8.
    if text.bytes().all(|byte| byte < 0xF3) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_unknown(c) { char::REPLACEMENT_CHARACTER } else { c }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_are_equal_runs() {
        let mut unknowns = Unknowns::default();
        let first = unknowns.run("DbSecret", 6).unwrap();
        assert_eq!(first.chars().count(), 6);
        assert_eq!(unknowns.run("DbSecret", 6), Some(first.clone()));
        assert_ne!(unknowns.run("ApiSecret", 6), Some(first.clone()));
        assert_eq!(readable(&format!("db-{first}")), "db-??????");
    }

    #[test]
    fn runs_are_many_and_none_is_part_of_another() {
        let mut unknowns = Unknowns::default();
        let lengths = [2, 6, 36];
        let runs: Vec<String> = (0..70_000_u32)
            .map(|at| unknowns.run(&at.to_string(), lengths[at as usize % 3]).unwrap())
            .collect();
        let starts: std::collections::BTreeSet<String> =
            runs.iter().map(|run| run.chars().take(2).collect()).collect();
        assert_eq!(starts.len(), runs.len());
        // A run begins with a character that no run has elsewhere.
        let begins = |c: char| (FIRST.0..=FIRST.1).contains(&u32::from(c));
        assert!(runs.iter().all(|run| run.chars().enumerate().all(|(at, c)| begins(c) == (at == 0))));
    }

    #[test]
    fn runs_end() {
        let mut unknowns = Unknowns::default();
        for length in [0, 1, 200_000, u32::MAX] {
            assert_eq!(unknowns.run("a", length), None, "{length}");
        }
    }

    #[test]
    fn nothing_that_is_written_passes_for_unknown() {
        let run = Unknowns::default().run("DbSecret", 6).unwrap();
        assert_eq!(
            literal(&format!("db-{run}\u{1F511}")),
            "db-\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{1F511}"
        );
        assert!(matches!(literal("db-\u{1F511}"), Cow::Borrowed(_)));
    }
}
