//! JUnit's XML, which build servers read: a suite for each blueprint and template, a case for each judgement.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Voice;
use super::mask::Mask;
use super::place::{places, visible};
use crate::diagnostic::{Diagnostic, Level, Subject};
use crate::run::{Evidence, Outcome, Run};

/// A case: one judgement with how it came out.
pub(super) struct Case {
    /// What was judged.
    pub(super) name: String,
    /// How it came out.
    pub(super) verdict: Verdict,
}

/// How a case came out.
pub(super) enum Verdict {
    /// It holds.
    Passed,
    /// There is something to say that fails no build.
    Remarked(String),
    /// It does not hold.
    Failed {
        /// Under which code.
        code: String,
        /// What there is to say.
        text: String,
    },
    /// It was not judged, or is accepted.
    Skipped(String),
}

/// The run as one JUnit document.
pub(super) fn report(run: &Run, _voice: Voice) -> String {
    document(suites(run))
}

/// Suites of cases as one document, in the order given.
pub(super) fn document<'name>(suites: impl IntoIterator<Item = (&'name str, Vec<Case>)>) -> String {
    let suites: Vec<(&str, Vec<Case>)> = suites.into_iter().collect();
    let count =
        |cases: &[Case], of: fn(&Verdict) -> bool| cases.iter().filter(|case| of(&case.verdict)).count();
    let failed: fn(&Verdict) -> bool = |verdict| matches!(verdict, Verdict::Failed { .. });
    let skipped: fn(&Verdict) -> bool = |verdict| matches!(verdict, Verdict::Skipped(_));
    let all = |of| suites.iter().map(|(_, cases)| count(cases, of)).sum::<usize>();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        text,
        "<testsuites name=\"keyprint\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">",
        suites.iter().map(|(_, cases)| cases.len()).sum::<usize>(),
        all(failed),
        all(skipped)
    );
    for (name, cases) in &suites {
        let _ = writeln!(
            text,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">",
            escaped(name),
            cases.len(),
            count(cases, failed),
            count(cases, skipped)
        );
        for case in cases {
            text.push_str(&case_text(name, case));
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn case_text(suite: &str, case: &Case) -> String {
    let start = format!("    <testcase classname=\"{}\" name=\"{}\"", escaped(suite), escaped(&case.name));
    match &case.verdict {
        Verdict::Passed => format!("{start}/>\n"),
        Verdict::Remarked(text) => format!("{start}><system-out>{}</system-out></testcase>\n", escaped(text)),
        Verdict::Skipped(reason) => {
            format!("{start}><skipped message=\"{}\"/></testcase>\n", escaped(reason))
        }
        Verdict::Failed { code, text } => {
            let message = text.lines().next().unwrap_or_default();
            let (code, message, text) = (escaped(code), escaped(message), escaped(text));
            format!("{start}><failure type=\"{code}\" message=\"{message}\">{text}</failure></testcase>\n")
        }
    }
}

/// The cases by suite: evidence under its template, all else under its blueprint.
fn suites(run: &Run) -> BTreeMap<&str, Vec<Case>> {
    let mask = Mask::of(run);
    let mut suites: BTreeMap<&str, Vec<Case>> = BTreeMap::new();
    for (_, source) in run.sources.iter() {
        suites.insert(source.path(), Vec::new());
    }
    let sorted = run.diagnostics.sorted();
    for diagnostic in &sorted {
        let judged = run.evidence.iter().any(|evidence| is_of(diagnostic, evidence));
        let places = places(run, &diagnostic.labels);
        let place = places.first();
        let template = diagnostic.subject.as_ref().map(|subject| subject.template.as_str());
        let Some(suite) = place.map(|place| place.file).or(template) else { continue };
        if judged {
            continue;
        }
        let line = place.map_or_else(String::new, |place| format!(" at line {}", place.start.line));
        let text = told(run, diagnostic, &mask);
        let verdict = match diagnostic.level {
            Level::Error => Verdict::Failed { code: diagnostic.code.to_string(), text },
            Level::Warning | Level::Note => Verdict::Remarked(text),
        };
        suites.entry(suite).or_default().push(Case { name: format!("{}{line}", diagnostic.code), verdict });
    }
    for evidence in &run.evidence {
        suites.entry(&evidence.subject.template).or_default().push(judged(run, &sorted, evidence, &mask));
    }
    for cases in suites.values_mut().filter(|cases| cases.is_empty()) {
        cases.push(Case { name: "no findings".to_owned(), verdict: Verdict::Passed });
    }
    suites
}

fn judged(run: &Run, sorted: &[&Diagnostic], evidence: &Evidence, mask: &Mask<'_>) -> Case {
    let Subject { logical_id, pointer, .. } = &evidence.subject;
    let place =
        pointer.as_ref().or(logical_id.as_ref()).map_or_else(String::new, |place| format!(" at {place}"));
    let verdict = match &evidence.outcome {
        Outcome::Pass => Verdict::Passed,
        Outcome::NotApplicable(reason) => Verdict::Skipped(reason.clone()),
        Outcome::Waived { because, until } => Verdict::Skipped(format!("waived until {until}: {because}")),
        Outcome::Undecided(reason) => {
            Verdict::Failed { code: evidence.check.clone(), text: format!("undecided: {reason}") }
        }
        Outcome::Fail => failed(run, sorted, evidence, mask),
    };
    Case { name: format!("{}{place}", evidence.check), verdict }
}

/// A judgement that did not hold; below the level of an error it fails no build.
fn failed(run: &Run, sorted: &[&Diagnostic], evidence: &Evidence, mask: &Mask<'_>) -> Verdict {
    let findings: Vec<_> = sorted.iter().filter(|diagnostic| is_of(diagnostic, evidence)).collect();
    let texts: Vec<String> = findings.iter().map(|diagnostic| told(run, diagnostic, mask)).collect();
    let text = texts.join("\n");
    if !findings.is_empty() && findings.iter().all(|diagnostic| diagnostic.level != Level::Error) {
        Verdict::Remarked(text)
    } else {
        Verdict::Failed { code: evidence.check.clone(), text }
    }
}

/// Whether a message is what a failed judgement has to say.
fn is_of(diagnostic: &Diagnostic, evidence: &Evidence) -> bool {
    evidence.outcome == Outcome::Fail
        && diagnostic.code == evidence.check
        && diagnostic.subject.as_ref() == Some(&evidence.subject)
}

/// A message with its places and help, line by line.
fn told(run: &Run, diagnostic: &Diagnostic, mask: &Mask<'_>) -> String {
    let mut lines = vec![mask.hide(&diagnostic.message).into_owned()];
    for place in places(run, &diagnostic.labels) {
        let label = mask.hide(place.label);
        let colon = if label.is_empty() { "" } else { ": " };
        lines.push(format!("{}:{}:{}{colon}{label}", place.file, place.start.line, place.start.column));
    }
    lines.extend(diagnostic.help.iter().map(|help| format!("help: {}", mask.hide(help))));
    lines.join("\n")
}

/// A text for attributes and content; what XML cannot hold at all is replaced.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in visible(text).chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\n' => safe.push_str("&#10;"),
            '\t' => safe.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            _ => safe.push(letter),
        }
    }
    safe
}
