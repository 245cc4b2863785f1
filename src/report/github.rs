//! Workflow commands, which GitHub Actions shows beside the lines of a pull request.

use std::fmt::Write as _;

use super::Voice;
use super::mask::Mask;
use super::place::{places, visible};
use crate::diagnostic::{Diagnostic, Level};
use crate::run::Run;

/// One command for each message.
pub(super) fn report(run: &Run, _voice: Voice) -> String {
    let mask = Mask::of(run);
    let mut text = String::new();
    for diagnostic in run.diagnostics.sorted() {
        let _ = writeln!(text, "{}", command(run, diagnostic, &mask));
    }
    text
}

/// The command of one message.
pub(super) fn command(run: &Run, diagnostic: &Diagnostic, mask: &Mask<'_>) -> String {
    let word = match diagnostic.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(place) = places(run, &diagnostic.labels).first() {
        let (start, end) = (place.start, place.end);
        properties.push(format!("file={}", property(place.file)));
        properties.push(format!("line={},endLine={}", start.line, end.line));
        // Columns count only within one line.
        if start.line == end.line {
            properties.push(format!("col={},endColumn={}", start.column, end.column));
        }
    }
    properties.push(format!("title={}", property(&diagnostic.code)));
    let mut body = vec![mask.hide(&diagnostic.message).into_owned()];
    body.extend(diagnostic.subject.iter().map(|subject| format!("in {}", subject.template)));
    body.extend(diagnostic.help.iter().map(|help| format!("help: {}", mask.hide(help))));
    format!("::{word} {}::{}", properties.join(","), escaped(&body.join("\n")))
}

/// The text of a command: no line break may end it and start another.
fn escaped(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    visible(&text)
}

/// A property of a command, which also ends at a colon or comma.
fn property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}
