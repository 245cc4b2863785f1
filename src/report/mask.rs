//! What no report may print: the text of a value that looks like a secret.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::place::marked;
use crate::run::Run;
use crate::source::{Source, SourceId};

/// What stands in place of a masked text; its length says nothing about the text's.
pub(super) const STARS: &str = "********";

/// The code whose labelled text is masked wherever it would show.
const CODE: &str = "literal-secret";

/// Shorter texts are masked where they stand, but not wherever they occur in words.
const SHORTEST_WORD: usize = 4;

/// The texts of a run that are masked.
#[derive(Debug, Default)]
pub(super) struct Mask<'run> {
    ranges: BTreeMap<SourceId, Vec<Range<usize>>>,
    words: Vec<&'run str>,
}

impl<'run> Mask<'run> {
    /// Finds what is to be masked in a run.
    pub(super) fn of(run: &'run Run) -> Self {
        let mut mask = Self::default();
        for diagnostic in run.diagnostics.iter().filter(|diagnostic| diagnostic.code == CODE) {
            for (at, label) in diagnostic.labels.iter().enumerate() {
                let Some(source) = run.sources.get(label.span.source) else { continue };
                let range = marked(source, label.span.range());
                let pieces = by_line(source, range);
                if at == 0 {
                    mask.words.extend(pieces.iter().filter_map(|piece| word(source, piece)));
                }
                mask.ranges.entry(label.span.source).or_default().extend(pieces);
            }
        }
        for ranges in mask.ranges.values_mut() {
            ranges.sort_by_key(|range| (range.start, range.end));
            *ranges = merged(ranges);
        }
        mask.words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        mask.words.dedup();
        mask
    }

    /// The masked ranges of a file, in order, apart from each other, each within a line.
    pub(super) fn ranges(&self, source: SourceId) -> &[Range<usize>] {
        self.ranges.get(&source).map_or(&[], Vec::as_slice)
    }

    /// A text of a message without the masked words.
    pub(super) fn hide<'text>(&self, text: &'text str) -> Cow<'text, str> {
        let mut shown = Cow::Borrowed(text);
        for word in &self.words {
            if shown.contains(word) {
                shown = Cow::Owned(shown.replace(word, STARS));
            }
        }
        shown
    }
}

/// The parts of a range line by line, without the white space around them.
fn by_line(source: &Source, range: Range<usize>) -> Vec<Range<usize>> {
    let text = source.text().get(range.clone()).unwrap_or_default();
    let mut at = range.start;
    let mut pieces = Vec::new();
    for line in text.split_inclusive('\n') {
        let start = at + (line.len() - line.trim_start().len());
        let end = start + line.trim().len();
        if end > start {
            pieces.push(start..end);
        }
        at += line.len();
    }
    pieces
}

/// The text of a piece as a word to look for: without quotes, and long enough to be no ordinary word's part.
fn word<'run>(source: &'run Source, piece: &Range<usize>) -> Option<&'run str> {
    let text = source.text().get(piece.clone())?.trim_matches(['"', '\'']);
    (text.chars().count() >= SHORTEST_WORD).then_some(text)
}

fn merged(ranges: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match apart.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => apart.push(range.clone()),
        }
    }
    apart
}
