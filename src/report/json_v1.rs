//! The report for programs, version 1. Its types are frozen: a change that a reader could notice makes a version 2.

use serde::Serialize;

use super::Voice;
use super::mask::Mask;
use super::place::places;
use crate::diagnostic::{Diagnostic, Level, Subject};
use crate::run::{Evidence, Outcome, Run};

/// The whole document.
#[derive(Serialize)]
struct Document<'run> {
    version: u32,
    tool: Tool,
    summary: Counts,
    diagnostics: Vec<Message<'run>>,
    evidence: Vec<Judged<'run>>,
    artifacts: Vec<&'run str>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Counts {
    blueprints: usize,
    stacks: usize,
    resources: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
}

#[derive(Serialize)]
struct Message<'run> {
    code: &'run str,
    level: &'static str,
    message: String,
    /// The first decides where the message belongs.
    locations: Vec<Location<'run>>,
    help: Vec<String>,
    subject: Option<About<'run>>,
}

/// A range, counted from 1 in characters; its end is the first character behind.
#[derive(Serialize)]
struct Location<'run> {
    file: &'run str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    label: String,
}

#[derive(Serialize)]
struct About<'run> {
    template: &'run str,
    logical_id: Option<&'run str>,
    pointer: Option<&'run str>,
}

#[derive(Serialize)]
struct Judged<'run> {
    check: &'run str,
    subject: About<'run>,
    outcome: &'static str,
    reason: Option<&'run str>,
    until: Option<&'run str>,
}

/// The run as one JSON document.
pub(super) fn report(run: &Run, _voice: Voice) -> String {
    let mask = Mask::of(run);
    let sorted = run.diagnostics.sorted();
    let count = |level| sorted.iter().filter(|diagnostic| diagnostic.level == level).count();
    let document = Document {
        version: 1,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        summary: Counts {
            blueprints: run.summary.blueprints,
            stacks: run.summary.stacks,
            resources: run.summary.resources,
            errors: count(Level::Error),
            warnings: count(Level::Warning),
            notes: count(Level::Note),
        },
        diagnostics: sorted.iter().map(|diagnostic| message(run, diagnostic, &mask)).collect(),
        evidence: run.evidence.iter().map(judged).collect(),
        artifacts: run.artifacts.iter().map(|artifact| artifact.path.as_str()).collect(),
    };
    // Strings, numbers and lists under fixed names: serialisation has no way to fail.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn message<'run>(run: &'run Run, diagnostic: &'run Diagnostic, mask: &Mask<'_>) -> Message<'run> {
    let locations = places(run, &diagnostic.labels).into_iter().map(|place| Location {
        file: place.file,
        line: place.start.line,
        column: place.start.column,
        end_line: place.end.line,
        end_column: place.end.column,
        label: mask.hide(place.label).into_owned(),
    });
    Message {
        code: &diagnostic.code,
        level: match diagnostic.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        },
        message: mask.hide(&diagnostic.message).into_owned(),
        locations: locations.collect(),
        help: diagnostic.help.iter().map(|help| mask.hide(help).into_owned()).collect(),
        subject: diagnostic.subject.as_ref().map(about),
    }
}

fn about(subject: &Subject) -> About<'_> {
    About {
        template: &subject.template,
        logical_id: subject.logical_id.as_deref(),
        pointer: subject.pointer.as_deref(),
    }
}

fn judged(evidence: &Evidence) -> Judged<'_> {
    let (outcome, reason, until) = match &evidence.outcome {
        Outcome::Pass => ("pass", None, None),
        Outcome::Fail => ("fail", None, None),
        Outcome::Waived { because, until } => ("waived", Some(because.as_str()), Some(until.as_str())),
        Outcome::NotApplicable(reason) => ("not-applicable", Some(reason.as_str()), None),
        Outcome::Undecided(reason) => ("undecided", Some(reason.as_str()), None),
    };
    Judged { check: &evidence.check, subject: about(&evidence.subject), outcome, reason, until }
}
