//! Parts of a policy that no template shows: a secret's six random characters, an unresolved reference.
//!
//! Each unknown character is a private-use character of its own (planes 15 and 16), so a document that comes from a
//! template stays ordinary text. `?` matches it, `*` does, the same unknown does, and no literal does.

use indexmap::IndexMap;

/// The first private-use character.
const FIRST: u32 = 0xF_0000;
/// The last one; the two non-characters at the end of plane 15 are skipped by reading them as no character.
const LAST: u32 = 0x10_FFFD;

/// Hands out unknown runs: equal names are equal unknowns.
#[derive(Debug, Clone, Default)]
pub struct Unknowns {
    runs: IndexMap<String, String>,
    used: u32,
}

impl Unknowns {
    /// The run of a name; its length is that of the first call. `None` if there are no characters left.
    pub fn run(&mut self, name: &str, length: u32) -> Option<String> {
        if let Some(run) = self.runs.get(name) {
            return Some(run.clone());
        }
        let first = FIRST.checked_add(self.used)?;
        let end = first.checked_add(length).filter(|end| *end <= LAST)?;
        let run: String = (first..end).map(char::from_u32).collect::<Option<String>>()?;
        self.used += length;
        self.runs.insert(name.to_owned(), run.clone());
        Some(run)
    }
}

/// A text for people: `?` for every unknown character.
pub fn readable(text: &str) -> String {
    text.chars().map(|c| if u32::from(c) >= FIRST { '?' } else { c }).collect()
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
    fn runs_end() {
        let mut unknowns = Unknowns::default();
        assert_eq!(unknowns.run("a", 200_000), None);
        assert_eq!(unknowns.run("b", u32::MAX), None);
    }
}
