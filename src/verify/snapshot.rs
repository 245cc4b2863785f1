//! Artifacts against the snapshots that a reviewer has accepted.

use std::collections::{BTreeMap, BTreeSet};

use similar::TextDiff;

use crate::diagnostic::{Code, Diagnostic, Subject, code};
use crate::run::{Artifact, Evidence, Outcome};

/// How many lines of a difference are shown.
const LINES_SHOWN: usize = 40;

/// How many characters of a line are shown.
const CHARACTERS_SHOWN: usize = 160;

code! {
    /// ## What it finds
    ///
    /// A template, or another file kept among the snapshots, whose text is not the one that was accepted.
    ///
    /// ## Why it matters
    ///
    /// The snapshot is what was reviewed. What differs from it would be deployed without anyone having read it, and a
    /// line that widens a policy looks like any other line of the blueprint.
    ///
    /// ## Example
    ///
    /// ```text
    /// - "Action": ["secretsmanager:GetSecretValue"]
    /// + "Action": ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]
    /// ```
    ///
    /// ## Instead
    ///
    /// Read the difference. `keyprint check --accept` takes the new texts over; commit them with the blueprint that
    /// changed them.
    SNAPSHOT_DIFFERS = "snapshot-differs" { Error, Snapshot, "an artifact is not as its accepted snapshot" }

    /// ## What it finds
    ///
    /// A template, or another file kept among the snapshots, that has no snapshot yet.
    ///
    /// ## Why it matters
    ///
    /// A stack without a snapshot was never reviewed as what it will be, and its later changes could not be seen.
    ///
    /// ## Example
    ///
    /// ```text
    /// blueprints/orders.yaml gains an environment; snapshots/orders/ has no directory for it
    /// ```
    ///
    /// ## Instead
    ///
    /// Read the artifact below the directory of `keyprint build --out`, then accept it with `keyprint check --accept`.
    SNAPSHOT_MISSING = "snapshot-missing" { Error, Snapshot, "an artifact has no snapshot" }

    /// ## What it finds
    ///
    /// A snapshot of something that the blueprints make no more.
    ///
    /// ## Why it matters
    ///
    /// The stack may still be deployed, and its secrets live on without a blueprint. The snapshot would let a reviewer
    /// believe that they are looked after.
    ///
    /// ## Example
    ///
    /// ```text
    /// snapshots/orders/staging/ is there, but blueprints/orders.yaml names no environment `staging`
    /// ```
    ///
    /// ## Instead
    ///
    /// Delete the stack first if it is to go; then `keyprint check --accept` removes the snapshot. A renamed blueprint,
    /// environment or Region shows here too.
    SNAPSHOT_STALE = "snapshot-stale" { Error, Snapshot, "a snapshot has no artifact" }
}

/// Which snapshots a run answers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All: the whole workspace was compiled.
    Workspace,
    /// Those of the compiled blueprints, which are the first directories of the artifacts.
    Blueprints,
}

/// What the comparison came to.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// What there is to say.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The outcome for each artifact and each stale snapshot.
    pub(crate) evidence: Vec<Evidence>,
    /// The paths of artifacts whose snapshots are missing or differ.
    pub(crate) due: BTreeSet<String>,
    /// The paths of stale snapshots.
    pub(crate) stale: Vec<String>,
}

/// Compares artifacts with snapshots by path; without a snapshot directory no comparison applies.
pub(crate) fn compare(
    artifacts: &[Artifact],
    snapshots: Option<&BTreeMap<String, String>>,
    scope: Scope,
) -> Comparison {
    let mut comparison = Comparison::default();
    let kept = || artifacts.iter().filter(|artifact| artifact.snapshot);
    for artifact in kept() {
        let Some(snapshots) = snapshots else {
            let reason = Outcome::NotApplicable("there is no snapshot directory".to_owned());
            comparison.say(&SNAPSHOT_DIFFERS, &artifact.path, reason);
            continue;
        };
        match snapshots.get(&artifact.path) {
            Some(text) if *text == artifact.text => {
                comparison.say(&SNAPSHOT_DIFFERS, &artifact.path, Outcome::Pass);
            }
            Some(text) => comparison.differs(artifact, text),
            None => comparison.missing(artifact),
        }
    }
    let made: BTreeSet<&str> = kept().map(|artifact| artifact.path.as_str()).collect();
    let blueprints: BTreeSet<&str> =
        artifacts.iter().filter_map(|artifact| directory(&artifact.path)).collect();
    for path in snapshots.into_iter().flat_map(BTreeMap::keys) {
        // What lies directly in the snapshot directory, a README say, is no blueprint's.
        let Some(blueprint) = directory(path) else { continue };
        let is_ours = scope == Scope::Workspace || blueprints.contains(blueprint);
        if is_ours && !made.contains(path.as_str()) {
            comparison.stale(path);
        }
    }
    comparison
}

impl Comparison {
    fn say(&mut self, check: &Code, path: &str, outcome: Outcome) {
        self.evidence.push(Evidence { check: check.name.to_owned(), subject: whole(path), outcome });
    }

    fn differs(&mut self, artifact: &Artifact, snapshot: &str) {
        let path = &artifact.path;
        self.fail(&SNAPSHOT_DIFFERS, path, format!("`{path}` is not as its snapshot"), |finding| {
            finding
                .help(difference(snapshot, &artifact.text))
                .help("`keyprint check --accept` takes the new text over")
        });
        self.due.insert(path.clone());
    }

    fn missing(&mut self, artifact: &Artifact) {
        let path = &artifact.path;
        self.fail(&SNAPSHOT_MISSING, path, format!("`{path}` has no snapshot"), |finding| {
            finding.help("`keyprint check --accept` takes it over")
        });
        self.due.insert(path.clone());
    }

    fn stale(&mut self, path: &str) {
        self.fail(
            &SNAPSHOT_STALE,
            path,
            format!("the snapshot `{path}` is of nothing that is made"),
            |finding| finding.help("`keyprint check --accept` removes it; a deployed stack stays"),
        );
        self.stale.push(path.to_owned());
    }

    fn fail(
        &mut self,
        code: &'static Code,
        path: &str,
        message: String,
        explain: impl FnOnce(Diagnostic) -> Diagnostic,
    ) {
        self.say(code, path, Outcome::Fail);
        // No place in a blueprint decides this: the text that was accepted does.
        let finding = Diagnostic {
            code: code.name.into(),
            level: code.level,
            category: code.category,
            message,
            labels: Vec::new(),
            help: Vec::new(),
            subject: Some(whole(path)),
        };
        self.diagnostics.push(explain(finding));
    }
}

fn whole(path: &str) -> Subject {
    Subject { template: path.to_owned(), logical_id: None, pointer: None }
}

fn directory(path: &str) -> Option<&str> {
    path.split_once('/').map(|(first, _)| first)
}

/// The lines that differ with two lines around them, cut to a size that can be read.
fn difference(old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let text = diff.unified_diff().context_radius(2).to_string();
    let mut lines: Vec<String> = text.lines().take(LINES_SHOWN).map(cut).collect();
    let more = text.lines().count().saturating_sub(LINES_SHOWN);
    if more > 0 {
        lines.push(format!("… and {more} more lines"));
    }
    format!("the difference, `-` accepted and `+` now:\n{}", lines.join("\n"))
}

fn cut(line: &str) -> String {
    let mut characters = line.chars();
    let start: String = characters.by_ref().take(CHARACTERS_SHOWN).collect();
    if characters.next().is_none() { start } else { format!("{start}…") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(path: &str, text: &str) -> Artifact {
        Artifact { path: path.to_owned(), text: text.to_owned(), snapshot: true }
    }

    fn snapshots(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    fn codes(comparison: &Comparison) -> Vec<&str> {
        comparison.diagnostics.iter().map(|diagnostic| &*diagnostic.code).collect()
    }

    #[test]
    fn equal_texts_pass_and_without_a_directory_nothing_applies() {
        let made = [artifact("a/x.json", "1\n")];
        let same = compare(&made, Some(&snapshots(&[("a/x.json", "1\n")])), Scope::Workspace);
        assert!(same.diagnostics.is_empty());
        assert_eq!(same.evidence[0].outcome, Outcome::Pass);
        let none = compare(&made, None, Scope::Workspace);
        assert!(none.diagnostics.is_empty() && none.due.is_empty());
        assert!(matches!(none.evidence[0].outcome, Outcome::NotApplicable(_)));
    }

    #[test]
    fn missing_changed_and_stale_are_told_apart() {
        let mut made = vec![artifact("a/x.json", "1\n2\n"), artifact("a/y.json", "1\n")];
        made.push(Artifact { snapshot: false, ..artifact("manifest.json", "{}") });
        let known = snapshots(&[
            ("a/x.json", "1\n3\n"),
            ("a/old.json", "1\n"),
            ("b/other.json", "1\n"),
            ("README.md", "words"),
        ]);
        let part = compare(&made, Some(&known), Scope::Blueprints);
        assert_eq!(codes(&part), ["snapshot-differs", "snapshot-missing", "snapshot-stale"]);
        assert_eq!(part.stale, ["a/old.json"]);
        assert!(part.diagnostics[0].help[0].ends_with("\n@@ -1,2 +1,2 @@\n 1\n-3\n+2"), "{part:?}");
        let whole = compare(&made, Some(&known), Scope::Workspace);
        assert_eq!(whole.stale, ["a/old.json", "b/other.json"]);
        assert_eq!(whole.due, BTreeSet::from(["a/x.json".to_owned(), "a/y.json".to_owned()]));
    }

    #[test]
    fn long_differences_are_cut() {
        let old: String = (0..30_000).map(|line| format!("{line}\n")).collect();
        let new: String = (0..30_000).map(|line| format!("{}{line}\n", "é".repeat(200))).collect();
        let shown = difference(&old, &new);
        assert_eq!(shown.lines().count(), LINES_SHOWN + 2);
        assert!(shown.lines().all(|line| line.chars().count() <= CHARACTERS_SHOWN + 1));
        assert!(shown.ends_with("more lines"));
    }
}
