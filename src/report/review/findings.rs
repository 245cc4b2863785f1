//! A review as diagnostics, for formats that show findings at lines of files.

use super::Shown;
use super::told::{asked, shown, spot_text};
use crate::change::{Acknowledged, Change, Spot, code_of};
use crate::diagnostic::{Category, Diagnostic, Label, Level, Subject};
use crate::run::Run;
use crate::source::Span;

/// A run that has the files of the new side and nothing else.
pub(super) fn run(of: &Shown<'_>) -> Run {
    Run { sources: of.sources.clone(), ..Run::default() }
}

/// Every change as a diagnostic, the gravest first, with the reason why it is accepted, if it is; then what could not be
/// judged.
pub(super) fn findings(of: &Shown<'_>) -> Vec<(Diagnostic, Option<String>)> {
    // What has no place on the new side is shown where its reading begins.
    let start = of.sources.iter().next().map(|(id, _)| Span::new(id, 0..0));
    let finding = |change: &Change| {
        let accepted = change.acknowledged.as_ref();
        (diagnostic(of, change, start), accepted.map(|it| shown(&it.because)))
    };
    let notes = of.review.notes.iter().map(|note| (not_judged(note, start), None));
    in_order(of).into_iter().map(finding).chain(notes).collect()
}

/// The changes, the gravest first, those that are acknowledged at the end.
pub(super) fn in_order<'a>(of: &Shown<'a>) -> Vec<&'a Change> {
    let mut changes: Vec<&Change> = of.review.changes.iter().collect();
    changes.sort_by_key(|change| (change.acknowledged.is_some(), change.class));
    changes
}

/// The code of what could not be judged; silence would look like a pass.
pub(super) const NOT_JUDGED: &str = "not-judged";

fn not_judged(note: &str, start: Option<Span>) -> Diagnostic {
    Diagnostic {
        code: NOT_JUDGED.into(),
        level: Level::Warning,
        category: Category::Change,
        message: shown(note),
        labels: labels(start),
        help: Vec::new(),
        subject: None,
    }
}

fn labels(span: Option<Span>) -> Vec<Label> {
    span.map(|span| Label { span, text: String::new() }).into_iter().collect()
}

fn diagnostic(of: &Shown<'_>, change: &Change, start: Option<Span>) -> Diagnostic {
    let code = code_of(change.class);
    let known = change.new.as_ref().and_then(|spot| (of.locate)(spot));
    let mut message = format!("{}: {}", shown(&change.subject), shown(&change.what));
    if let (None, Some(old)) = (&change.new, &change.old) {
        message.push_str(&format!(", which was at {}", spot_text(old)));
    }
    Diagnostic {
        code: code.name.into(),
        level: level(of, change, code.level),
        category: code.category,
        message,
        labels: labels(known.or(start)),
        help: help(of, change),
        subject: change.new.as_ref().or(change.old.as_ref()).map(subject),
    }
}

/// What stops is an error; what would stop elsewhere warns; what is acknowledged is for information.
fn level(of: &Shown<'_>, change: &Change, usual: Level) -> Level {
    if of.stops(change) {
        Level::Error
    } else if change.acknowledged.is_some() {
        Level::Note
    } else {
        usual.max(Level::Warning)
    }
}

fn help(of: &Shown<'_>, change: &Change) -> Vec<String> {
    let mut help = Vec::new();
    if let Some(asked) = asked(change) {
        let keys: Vec<String> = asked.when.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        let when = if keys.is_empty() { String::new() } else { format!(" when {}", keys.join(", ")) };
        help.push(format!(
            "{}: {} to {} on {}{when}",
            asked.verdict, asked.action, asked.principal, asked.resource
        ));
    }
    help.extend(change.details.iter().map(|detail| shown(detail)));
    if let Some(Acknowledged { because, until }) = &change.acknowledged {
        help.push(format!("acknowledged until {}: {}", shown(until), shown(because)));
    } else if of.stops(change) && !change.id.is_empty() {
        help.push(format!("this change is `{}`", shown(&change.id)));
    }
    help
}

fn subject(spot: &Spot) -> Subject {
    let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Subject {
        template: spot.template.clone(),
        logical_id: some(&spot.logical_id),
        pointer: some(&spot.pointer),
    }
}
