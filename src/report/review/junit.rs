//! JUnit's XML of a review: a suite for each class, a case for each change.

use super::Shown;
use super::findings::{NOT_JUDGED, findings, in_order};
use super::told::{shown, stands};
use crate::change::{CLASSES, Change};
use crate::diagnostic::{Diagnostic, Level};
use crate::report::junit::{Case, Verdict, document};

/// The review as one JUnit document.
pub(super) fn report(of: &Shown<'_>) -> String {
    let findings = findings(of);
    let told: Vec<_> = in_order(of).into_iter().zip(&findings).collect();
    let mut suites = Vec::new();
    for class in CLASSES {
        let own = told.iter().filter(|(change, _)| change.class == class);
        let cases: Vec<Case> = own
            .map(|(change, (diagnostic, accepted))| case(of, change, diagnostic, accepted.as_deref()))
            .collect();
        if !cases.is_empty() {
            suites.push((class.word(), cases));
        }
    }
    let skipped = |note: &String| Case { name: shown(note), verdict: Verdict::Skipped(shown(note)) };
    if !of.review.notes.is_empty() {
        suites.push((NOT_JUDGED, of.review.notes.iter().map(skipped).collect()));
    }
    if suites.is_empty() {
        suites.push(("changes", vec![Case { name: "no change".to_owned(), verdict: Verdict::Passed }]));
    }
    document(suites)
}

fn case(of: &Shown<'_>, change: &Change, diagnostic: &Diagnostic, accepted: Option<&str>) -> Case {
    let place = stands(of, change).map(|(word, place)| format!("{word}{place}")).unwrap_or_default();
    let lines = [diagnostic.message.clone(), place].into_iter().chain(diagnostic.help.iter().cloned());
    let text = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    let until = change.acknowledged.as_ref().map(|it| shown(&it.until)).unwrap_or_default();
    let verdict = match (accepted, diagnostic.level) {
        (Some(because), _) => Verdict::Skipped(format!("acknowledged until {until}: {because}")),
        (None, Level::Error) => Verdict::Failed { code: diagnostic.code.to_string(), text },
        (None, Level::Warning | Level::Note) => Verdict::Remarked(text),
    };
    Case { name: format!("{}: {}", shown(&change.subject), shown(&change.what)), verdict }
}
