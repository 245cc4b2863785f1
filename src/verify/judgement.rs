//! What checks say about one template.

use crate::diagnostic::{self, Diagnostic, Diagnostics};
use crate::run::{Evidence, Outcome};
use crate::template::Template;

/// Collects outcomes and findings.
pub(super) struct Judgement {
    template: String,
    evidence: Vec<Evidence>,
    findings: Vec<Diagnostic>,
}

impl Judgement {
    /// Nothing said yet about a template.
    pub(super) fn new(template: &Template) -> Self {
        Self { template: template.path.clone(), evidence: Vec::new(), findings: Vec::new() }
    }

    /// The whole template, or a place in it.
    pub(super) fn subject(&self, pointer: Option<String>) -> diagnostic::Subject {
        let logical_id = pointer.as_deref().and_then(|pointer| {
            let mut parts = pointer.split('/').skip(1);
            (parts.next() == Some("Resources")).then(|| parts.next().map(str::to_owned)).flatten()
        });
        diagnostic::Subject { template: self.template.clone(), logical_id, pointer }
    }

    /// A check holds for the template.
    pub(super) fn pass(&mut self, check: &str) {
        self.say(check, None, Outcome::Pass);
    }

    /// A check does not apply to the template.
    pub(super) fn not_applicable(&mut self, check: &str, reason: impl Into<String>) {
        self.say(check, None, Outcome::NotApplicable(reason.into()));
    }

    /// A check could not be decided.
    pub(super) fn undecided(&mut self, check: &str, reason: impl Into<String>) {
        self.say(check, None, Outcome::Undecided(reason.into()));
    }

    /// A check does not hold at a place.
    pub(super) fn fail(&mut self, pointer: Option<String>, finding: Diagnostic) {
        self.say(&finding.code.clone(), pointer.clone(), Outcome::Fail);
        let subject = self.subject(pointer);
        self.findings.push(finding.about(subject));
    }

    /// Takes over how checks of the whole template came out before.
    pub(super) fn take_over(&mut self, known: Vec<(String, Outcome)>) {
        for (check, outcome) in known {
            self.say(&check, None, outcome);
        }
    }

    /// How the checks came out, if that is all there is to say.
    pub(super) fn without_findings(&self) -> Option<Vec<(&str, &Outcome)>> {
        let is_whole = |entry: &Evidence| entry.subject.pointer.is_none();
        (self.findings.is_empty() && self.evidence.iter().all(is_whole))
            .then(|| self.evidence.iter().map(|entry| (entry.check.as_str(), &entry.outcome)).collect())
    }

    /// Adds everything that was said apart.
    pub(super) fn append(&mut self, other: Self) {
        self.evidence.extend(other.evidence);
        self.findings.extend(other.findings);
    }

    fn say(&mut self, check: &str, pointer: Option<String>, outcome: Outcome) {
        let subject = self.subject(pointer);
        self.evidence.push(Evidence { check: check.to_owned(), subject, outcome });
    }

    /// Hands everything over.
    pub(super) fn finish(self, evidence: &mut Vec<Evidence>, log: &mut Diagnostics) {
        evidence.extend(self.evidence);
        for finding in self.findings {
            log.push(finding);
        }
    }
}
