//! Labels as files, lines and columns.

use crate::diagnostic::Label;
use crate::run::Run;
use crate::source::{LineColumn, Source, Sources, Span};

/// A marked range as people count it.
pub(super) struct Place<'run> {
    /// How the file is called.
    pub(super) file: &'run str,
    /// The first character.
    pub(super) start: LineColumn,
    /// The first character behind.
    pub(super) end: LineColumn,
    /// What the place has to do with the defect; may be empty.
    pub(super) label: &'run str,
}

/// The places of some labels; a label of another run has none.
pub(super) fn places<'run>(run: &'run Run, labels: &'run [Label]) -> Vec<Place<'run>> {
    labels.iter().filter_map(|label| place(run, label)).collect()
}

fn place<'run>(run: &'run Run, label: &'run Label) -> Option<Place<'run>> {
    Some(Place { label: &label.text, ..at(&run.sources, label.span)? })
}

/// The place of a span, if it is one of these sources'.
pub(super) fn at(sources: &Sources, span: Span) -> Option<Place<'_>> {
    let source = sources.get(span.source)?;
    let range = marked(source, span.range());
    Some(Place {
        file: source.path(),
        start: source.line_column(range.start),
        end: source.line_column(range.end),
        label: "",
    })
}

/// A range within the text, at character boundaries, without white space at its end.
pub(super) fn marked(source: &Source, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let text = source.text();
    let start = text.floor_char_boundary(range.start);
    let end = text.floor_char_boundary(range.end.max(start));
    let inside = text.get(start..end).unwrap_or_default();
    start..start + inside.trim_end().len()
}

/// A text for a terminal or a log: control characters, which could rewrite what stands there, are replaced.
pub(super) fn visible(text: &str) -> String {
    let replace = |letter: char| {
        let hides = letter.is_control() && letter != '\n' && letter != '\t';
        // Marks that reorder text could show a line as what it is not.
        let reorders = matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if hides || reorders { '\u{fffd}' } else { letter }
    };
    text.chars().map(replace).collect()
}

/// A count with its noun.
pub(super) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
