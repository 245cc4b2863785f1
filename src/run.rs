//! The result of one run: what was read, what was said, what was made and what was judged. Reports take nothing else.

use crate::diagnostic::{Diagnostic, Diagnostics, Subject, Waiver};
use crate::inventory::Inventory;
use crate::source::Sources;
use crate::stack::Stacks;
use crate::template::{Deployers, Template, manifest};

/// Everything that a run came to.
#[derive(Debug, Default)]
pub struct Run {
    /// The files it read.
    pub sources: Sources,
    /// What there is to say.
    pub diagnostics: Diagnostics,
    /// The files it made, sorted by path; none when a stage failed.
    pub artifacts: Vec<Artifact>,
    /// What was judged, each check on each subject.
    pub evidence: Vec<Evidence>,
    /// What a person wants to know first.
    pub summary: Summary,
}

/// A file that keyprint makes, whole and in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Where it belongs below the output directory, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Whether it belongs among the snapshots too.
    pub snapshot: bool,
}

/// What the pipeline made, before it was judged.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// What will exist.
    pub(crate) inventory: Inventory,
    /// The resources, grouped.
    pub(crate) stacks: Stacks,
    /// The text of every stack, in the order of deployment.
    pub(crate) templates: Vec<Template>,
}

/// The outcome of a check on a subject. Silence is never a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The code of the check, or `guard/<rule>`.
    pub check: String,
    /// What was judged.
    pub subject: Subject,
    /// How it came out.
    pub outcome: Outcome,
}

/// How a check came out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not; there is a diagnostic.
    Fail,
    /// It does not, and the blueprint says why that is accepted, and until when.
    Waived {
        /// The author's reason.
        because: String,
        /// The last day, `YYYY-MM-DD`.
        until: String,
    },
    /// It does not apply, for this reason.
    NotApplicable(String),
    /// It could not be decided, for this reason; an error.
    Undecided(String),
}

/// Counts for the end of a terminal report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Blueprints compiled.
    pub blueprints: usize,
    /// Stacks made.
    pub stacks: usize,
    /// Resources in them.
    pub resources: usize,
}

impl Compiled {
    /// The files of the run: every template, the pages beside them, and the manifest that says how to deploy them.
    pub(crate) fn artifacts(&self, pages: Vec<Artifact>) -> Vec<Artifact> {
        let artifact = |path: &str, text: &str, snapshot| Artifact {
            path: path.to_owned(),
            text: text.to_owned(),
            snapshot,
        };
        let mut artifacts: Vec<Artifact> =
            self.templates.iter().map(|template| artifact(&template.path, &template.text, true)).collect();
        let others: Vec<(&str, &str)> =
            pages.iter().map(|page| (page.path.as_str(), page.text.as_str())).collect();
        let manifest = manifest(&self.stacks, &self.templates, &others, &self.deployers());
        artifacts.push(artifact("manifest.json", &manifest, false));
        artifacts.extend(pages);
        artifacts.sort_by(|left, right| left.path.cmp(&right.path));
        artifacts
    }

    fn deployers(&self) -> Deployers<'_> {
        let environments = self.inventory.applications.iter().flat_map(|application| {
            application.environments.iter().map(move |environment| (application, environment))
        });
        environments
            .filter_map(|(application, environment)| {
                let place = [&*application.name.value, &*environment.name.value, &*environment.account.value];
                Some((place, environment.deployer.as_ref()?.value.as_str()))
            })
            .collect()
    }
}

impl Run {
    /// Takes over what was compiled and what of it was waived.
    pub(crate) fn accept(&mut self, compiled: &Compiled, waived: Vec<(Diagnostic, Waiver)>) {
        self.summary = Summary {
            blueprints: compiled.inventory.applications.len(),
            stacks: compiled.stacks.stacks.len(),
            resources: compiled.stacks.resources.iter().count(),
        };
        for (finding, waiver) in waived {
            let subject = finding.subject.clone().unwrap_or_default();
            self.evidence.retain(|entry| entry.check != finding.code || entry.subject != subject);
            self.evidence.push(Evidence {
                check: finding.code.into_owned(),
                subject,
                outcome: Outcome::Waived { because: waiver.because, until: waiver.until },
            });
        }
    }
}
