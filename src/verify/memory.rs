//! What earlier runs found about the same text: evidence without findings, under a key of everything it rests on.

use serde_json::Value;

use super::{guard, provider_schema};
use crate::digest::sha256;
use crate::run::Outcome;

/// A place that keeps texts by key between runs. What it gives back is believed only if it is whole, of its key, and says
/// something about every check.
#[derive(Clone, Copy)]
pub struct Memory<'a> {
    /// The text kept under a key.
    pub recall: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Keeps a text under a key.
    pub keep: &'a (dyn Fn(&str, &str) + Sync),
}

/// The first line of a kept text.
const FORMAT: &str = "keyprint evidence 1";

/// The code of the checks that are remembered, and of the engines below them: another text of it may judge otherwise,
/// whether or not it calls itself another version.
const CODE: [&str; 14] = [
    include_str!("judgement.rs"),
    include_str!("rules.rs"),
    include_str!("schema.rs"),
    include_str!("provider_schema.rs"),
    include_str!("guard/built_in.rs"),
    include_str!("guard/context.rs"),
    include_str!("guard/document.rs"),
    include_str!("guard/engine.rs"),
    include_str!("guard/filter.rs"),
    include_str!("guard/mod.rs"),
    include_str!("guard/pack.rs"),
    include_str!("guard/records.rs"),
    include_str!("guard/walk.rs"),
    include_str!("../../Cargo.lock"),
];

/// What one run remembers with: the memory, and the digest of everything but the template that evidence rests on.
pub(super) struct Remembering<'a> {
    memory: Memory<'a>,
    ground: String,
    /// The checks that an entry must speak of, in order.
    checks: Vec<String>,
}

/// How checks came out, each by its code.
pub(super) type Remembered = Vec<(String, Outcome)>;

impl<'a> Remembering<'a> {
    /// Nothing is remembered while the built-in rules cannot be read.
    pub(super) fn new(memory: Memory<'a>) -> Option<Self> {
        let pack = guard::built_in().ok()?;
        let rules = guard::BUILT_IN_FILES.iter().flat_map(|(name, text)| [*name, *text]);
        let parts = [env!("CARGO_PKG_VERSION")].into_iter().chain(rules).chain(provider_schema::texts());
        let guards = pack.rules().iter().map(|rule| format!("guard/{}", rule.name));
        Some(Self {
            memory,
            ground: ground(parts.chain(CODE)),
            checks: [super::codes::PROVIDER_SCHEMA.name.to_owned()].into_iter().chain(guards).collect(),
        })
    }

    /// How the checks came out on this very text, if it is known and nothing was found.
    pub(super) fn recall(&self, text: &str) -> Option<Remembered> {
        let key = key(&self.ground, text);
        let kept = (self.memory.recall)(&key)?;
        self.read(&key, &kept)
    }

    /// Keeps how the checks came out, if each of them has passed or does not apply.
    pub(super) fn keep(&self, text: &str, outcomes: &[(&str, &Outcome)]) {
        let told = outcomes.iter().map(|(_, outcome)| match outcome {
            Outcome::Pass => Some(Value::Null),
            Outcome::NotApplicable(reason) => Some(reason.as_str().into()),
            Outcome::Fail | Outcome::Waived { .. } | Outcome::Undecided(_) => None,
        });
        let Some(told) = told.collect::<Option<Vec<Value>>>() else { return };
        if outcomes.iter().map(|(check, _)| *check).eq(self.checks.iter().map(String::as_str)) {
            let key = key(&self.ground, text);
            let pairs = self
                .checks
                .iter()
                .zip(told)
                .map(|(check, told)| Value::from(vec![Value::from(check.as_str()), told]));
            let body = pairs.collect::<Value>().to_string();
            let digest = sha256(body.as_bytes());
            (self.memory.keep)(&key, &format!("{FORMAT}\n{key}\n{digest}\n{body}\n"));
        }
    }

    /// Reads a kept text, unless anything about it is not as it was written.
    fn read(&self, key: &str, kept: &str) -> Option<Remembered> {
        let lines: Vec<&str> = kept.strip_suffix('\n')?.split('\n').collect();
        let [FORMAT, of, digest, body] = lines.as_slice() else { return None };
        if *of != key || *digest != sha256(body.as_bytes()) {
            return None;
        }
        let pairs: Vec<(String, Option<String>)> = serde_json::from_str(body).ok()?;
        let is_whole = pairs.iter().map(|(check, _)| check).eq(&self.checks);
        let outcome = |reason: Option<String>| reason.map_or(Outcome::Pass, Outcome::NotApplicable);
        is_whole.then(|| pairs.into_iter().map(|(check, reason)| (check, outcome(reason))).collect())
    }
}

/// The digest of everything but the template.
fn ground<'text>(parts: impl IntoIterator<Item = &'text str>) -> String {
    let digests: Vec<String> = parts.into_iter().map(|part| sha256(part.as_bytes())).collect();
    sha256(digests.join("\n").as_bytes())
}

fn key(ground: &str, text: &str) -> String {
    sha256(format!("{FORMAT}\n{ground}\n{}", sha256(text.as_bytes())).as_bytes())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use super::*;

    /// Runs some work with a memory that is a map, and hands out what the map then holds.
    fn with_memory(
        entries: BTreeMap<String, String>,
        work: impl FnOnce(&Remembering<'_>),
    ) -> BTreeMap<String, String> {
        let entries = Mutex::new(entries);
        let recall = |key: &str| entries.lock().unwrap().get(key).cloned();
        let keep = |key: &str, text: &str| {
            entries.lock().unwrap().insert(key.to_owned(), text.to_owned());
        };
        work(&Remembering::new(Memory { recall: &recall, keep: &keep }).unwrap());
        entries.into_inner().unwrap()
    }

    fn outcomes(of: &Remembering<'_>) -> Remembered {
        let outcome =
            |at| if at % 3 == 0 { Outcome::Pass } else { Outcome::NotApplicable(format!("reason {at}")) };
        of.checks.iter().enumerate().map(|(at, check)| (check.clone(), outcome(at))).collect()
    }

    fn keep(of: &Remembering<'_>, text: &str, outcomes: &Remembered) {
        let outcomes: Vec<(&str, &Outcome)> =
            outcomes.iter().map(|(check, outcome)| (check.as_str(), outcome)).collect();
        of.keep(text, &outcomes);
    }

    #[test]
    fn what_is_kept_is_recalled_for_the_same_text_alone() {
        with_memory(BTreeMap::new(), |of| {
            keep(of, "{}", &outcomes(of));
            assert_eq!(of.recall("{}"), Some(outcomes(of)));
            for other in ["{} ", "{", "", "{}\n"] {
                assert_eq!(of.recall(other), None, "{other}");
            }
        });
    }

    #[test]
    fn findings_and_incomplete_evidence_are_not_kept() {
        let waived = || Outcome::Waived { because: String::new(), until: String::new() };
        for bad in [Outcome::Fail, Outcome::Undecided("why".to_owned()), waived()] {
            let kept = with_memory(BTreeMap::new(), |of| {
                let mut outcomes = outcomes(of);
                outcomes[5].1 = bad;
                keep(of, "{}", &outcomes);
            });
            assert!(kept.is_empty());
        }
        let kept = with_memory(BTreeMap::new(), |of| {
            let mut outcomes = outcomes(of);
            outcomes.pop();
            keep(of, "{}", &outcomes);
            outcomes.clear();
            keep(of, "{}", &outcomes);
        });
        assert!(kept.is_empty());
    }

    #[test]
    fn another_version_rule_schema_or_code_is_another_key() {
        let parts = ["0.1.0", "keys.guard", "rule A", "schema", "code"];
        let mut grounds = vec![ground(parts)];
        for at in 0..parts.len() {
            let mut changed = parts;
            changed[at] = "other";
            grounds.push(ground(changed));
        }
        // What moves from one part to the next is not the same.
        grounds.push(ground(["0.1.0", "keys.guardrule A", "", "schema", "code"]));
        grounds.push(ground(parts.into_iter().take(4)));
        let keys: std::collections::BTreeSet<String> =
            grounds.iter().map(|ground| key(ground, "{}")).collect();
        assert_eq!(keys.len(), grounds.len());
    }

    #[test]
    fn an_entry_that_is_not_as_it_was_written_is_not_believed() {
        let mut whole = String::new();
        let kept = with_memory(BTreeMap::new(), |of| keep(of, "{}", &outcomes(of)));
        for text in kept.values() {
            whole.clone_from(text);
        }
        let with = |text: String| {
            let entries = kept.keys().map(|key| (key.clone(), text.clone())).collect();
            with_memory(entries, |of| assert_eq!(of.recall("{}"), None, "{text}"));
        };
        for length in (0..whole.len()).step_by(101) {
            with(whole[..length].to_owned());
        }
        for at in (0..whole.len()).step_by(97) {
            let mut bytes = whole.clone().into_bytes();
            bytes[at] ^= 1;
            with(String::from_utf8(bytes).unwrap());
        }
        with(format!("{whole}\n"));
        with(whole.replace('\n', "\r\n"));
        // A digest that fits does not help what leaves a check out, or belongs to another text.
        let lines: Vec<&str> = whole.lines().collect();
        let signed =
            |key: &str, body: &str| format!("{FORMAT}\n{key}\n{}\n{body}\n", sha256(body.as_bytes()));
        with(signed(lines[1], "[]"));
        with(signed(lines[1], &lines[3].replacen("guard/", "guard/X", 1)));
        with(signed(&sha256(b"other"), lines[3]));
        with_memory(kept.clone(), |of| assert!(of.recall("{}").is_some()));
    }
}
