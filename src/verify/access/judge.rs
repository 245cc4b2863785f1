//! The proof for templates that somebody changed: how good it is shows in what it catches.

use serde_json::Value;

use super::proof::Verdict;
use super::{check, intent};
use crate::run::Compiled;

/// Judges templates against the access that blueprints intend.
pub struct AccessJudge {
    compiled: Compiled,
}

impl AccessJudge {
    /// The judge of what was compiled.
    pub(crate) fn new(compiled: Compiled) -> Self {
        Self { compiled }
    }

    /// The templates as they were compiled, with their paths.
    pub fn templates(&self) -> Vec<(String, Value)> {
        let parsed = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
        self.compiled.templates.iter().map(|made| (made.path.clone(), parsed(&made.text))).collect()
    }

    /// What does not hold of these templates, as the codes of findings with what is said of them.
    pub fn findings(&self, documents: &[Value]) -> Vec<String> {
        let deployed = check::deployed(&self.compiled, documents);
        let findings = check::all(&self.compiled, &deployed, &intent::intended(&self.compiled.inventory));
        findings
            .iter()
            .map(|finding| match &finding.verdict {
                Verdict::Beyond { request, .. } => {
                    format!("access-beyond-intention: {} {}", request.principal, request.action)
                }
                Verdict::NotEffective { why, .. } => format!("access-not-effective: {}", why.join("; ")),
                Verdict::Undecided(reason) => format!("access-undecided: {reason}"),
            })
            .collect()
    }

    /// The size of the question: roles, secrets, keys.
    pub fn size(&self, documents: &[Value]) -> (usize, usize, usize) {
        let deployed = check::deployed(&self.compiled, documents);
        (deployed.roles.len(), deployed.secrets.len(), deployed.keys.len())
    }

    /// The whole check, as often as a bench wants it; returns how many claims do not hold.
    pub fn prove(&self, documents: &[Value]) -> usize {
        let deployed = check::deployed(&self.compiled, documents);
        check::all(&self.compiled, &deployed, &intent::intended(&self.compiled.inventory)).len()
    }
}
