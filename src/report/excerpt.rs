//! The lines of a file that a message shows, with masked texts replaced.

use std::ops::Range;

use super::mask::{Mask, STARS};
use super::place::{marked, visible};
use crate::source::{Source, SourceId};

/// Longer lines are shown around their marks only.
const LONGEST_LINE: usize = 1 << 10;

/// How many bytes of a long line are shown on either side of a mark's end.
const REACH: usize = 1 << 8;

/// Lines of a file with the marks in them.
pub(super) struct Excerpt {
    /// The text of the lines.
    pub(super) text: String,
    /// The number of the first line, from 1.
    pub(super) first_line: usize,
    /// The marks, as byte ranges of the text, in the order asked for.
    pub(super) marks: Vec<Range<usize>>,
}

/// Cuts the lines out of a file that hold some ranges.
pub(super) fn excerpt(id: SourceId, source: &Source, ranges: &[Range<usize>], mask: &Mask<'_>) -> Excerpt {
    let whole = source.text();
    let ranges: Vec<Range<usize>> = ranges.iter().map(|range| marked(source, range.clone())).collect();
    let first = ranges.iter().map(|range| range.start).min().unwrap_or(0);
    let last = ranges.iter().map(|range| range.end).max().unwrap_or(0);
    let start = whole.get(..first).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let end = whole.get(last..).and_then(|after| after.find('\n')).map_or(whole.len(), |at| last + at);
    let mut writer = Writer { whole, masked: mask.ranges(id), text: String::new(), moved: Vec::new() };
    let mut at = start;
    for window in windows(whole, start..end, &ranges) {
        if window.start > at {
            writer.substitute(at..window.start, "…");
        }
        at = window.end;
        writer.copy(window);
    }
    if end > at {
        writer.substitute(at..end, "…");
    }
    let marks = ranges.iter().map(|range| writer.moved(range.start)..writer.moved(range.end)).collect();
    Excerpt { first_line: source.line_column(start).line, marks, text: writer.text }
}

/// The parts of some lines that are shown, in order: short lines whole, long ones at their beginning and around the
/// ends of the marks.
fn windows(whole: &str, lines: Range<usize>, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut windows: Vec<Range<usize>> = Vec::new();
    let mut at = lines.start;
    for line in whole.get(lines).unwrap_or_default().split_inclusive('\n') {
        let line = at..at + line.len();
        at = line.end;
        if line.len() <= LONGEST_LINE {
            windows.push(line);
            continue;
        }
        let ends = ranges.iter().flat_map(|range| [range.start, range.end]);
        let mut near: Vec<usize> = ends.filter(|end| line.contains(end)).chain([line.start]).collect();
        near.sort_unstable();
        for place in near {
            let before = whole.floor_char_boundary(place.saturating_sub(REACH)).max(line.start);
            let after = whole.ceil_char_boundary(place.saturating_add(REACH)).min(line.end);
            match windows.last_mut() {
                Some(last) if last.end >= before => last.end = last.end.max(after),
                _ => windows.push(before..after),
            }
        }
        // The break at a long line's end keeps the lines below on lines of their own.
        if whole.get(line.clone()).is_some_and(|text| text.ends_with('\n')) {
            match windows.last_mut() {
                Some(last) if last.end >= line.end - 1 => last.end = line.end,
                _ => windows.push(line.end - 1..line.end),
            }
        }
    }
    windows
}

/// Copies a text piece by piece and remembers where every piece went.
struct Writer<'text> {
    whole: &'text str,
    masked: &'text [Range<usize>],
    text: String,
    moved: Vec<Move>,
}

struct Move {
    from: Range<usize>,
    to: Range<usize>,
}

impl Writer<'_> {
    /// Copies a part of the text with what is masked in it replaced.
    fn copy(&mut self, window: Range<usize>) {
        let first = self.masked.partition_point(|masked| masked.end <= window.start);
        let masked = self.masked.get(first..).unwrap_or_default();
        let mut at = window.start;
        for masked in masked.iter().take_while(|masked| masked.start < window.end) {
            let end = masked.end.min(window.end);
            if masked.start > at {
                self.push(at..masked.start);
            }
            self.substitute(at.max(masked.start)..end, STARS);
            at = end;
        }
        if window.end > at {
            self.push(at..window.end);
        }
    }

    fn push(&mut self, range: Range<usize>) {
        let text = visible(self.whole.get(range.clone()).unwrap_or_default());
        if text.len() == range.len() {
            self.substitute(range, &text);
            return;
        }
        // Replaced control characters are wider: place by place, so that marks behind them stay exact.
        let whole = self.whole;
        let inside = whole.get(range.clone()).unwrap_or_default();
        for (at, letter) in inside.char_indices() {
            let from = range.start + at..range.start + at + letter.len_utf8();
            self.substitute(from, &visible(letter.encode_utf8(&mut [0; 4])));
        }
    }

    fn substitute(&mut self, from: Range<usize>, text: &str) {
        let start = self.text.len();
        self.text.push_str(text);
        self.moved.push(Move { from, to: start..self.text.len() });
    }

    /// Where a place of the file is in the text; a place in what was replaced goes to the replacement's near end.
    fn moved(&self, place: usize) -> usize {
        let at = self.moved.partition_point(|piece| piece.from.end <= place);
        let Some(piece) = self.moved.get(at) else { return self.text.len() };
        let offset = place.saturating_sub(piece.from.start);
        if piece.from.len() == piece.to.len() {
            piece.to.start + offset
        } else if offset == 0 {
            piece.to.start
        } else {
            piece.to.end
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Category, Diagnostic, Label, Level};
    use crate::run::Run;
    use crate::source::{Sources, Span};

    /// What the excerpt shows for a marked part of a text, once the parts that are secrets are masked.
    fn shown(text: &str, part: &str, secrets: &[&str]) -> (String, String) {
        let mut sources = Sources::default();
        let id = sources.add("a.yaml", text);
        let mut run = Run { sources, ..Run::default() };
        for secret in secrets {
            let start = text.find(secret).unwrap();
            run.diagnostics.push(Diagnostic {
                code: "literal-secret".into(),
                level: Level::Error,
                category: Category::Blueprint,
                message: String::new(),
                labels: vec![Label { span: Span::new(id, start..start + secret.len()), text: String::new() }],
                help: Vec::new(),
                subject: None,
            });
        }
        let start = text.find(part).unwrap();
        let source = run.sources.get(id).unwrap();
        let range = start..start + part.len();
        let excerpt = excerpt(id, source, std::slice::from_ref(&range), &Mask::of(&run));
        let marked = excerpt.text[excerpt.marks[0].clone()].to_owned();
        (excerpt.text, marked)
    }

    #[test]
    fn marks_stay_on_their_words_behind_masks_and_control_characters() {
        let (text, marked) = shown("x\na: 'top' \u{1} b: é here, c: key\ny\n", "here", &["'top'", "key"]);
        assert_eq!(text, "a: ******** \u{fffd} b: é here, c: ********");
        assert_eq!(marked, "here");
    }

    #[test]
    fn a_mark_on_a_masked_text_is_on_its_stars() {
        let (_, marked) = shown("a: secret-value\n", "secret-value", &["secret-value"]);
        assert_eq!(marked, STARS);
    }

    #[test]
    fn long_lines_are_cut_between_marks_and_never_inside_of_a_mask() {
        let long = format!("a: {} here {}\nb: 1\n", "é".repeat(9_000), "s".repeat(9_000));
        let secret = "s".repeat(9_000);
        let (text, marked) = shown(&long, "here", &[&secret]);
        assert_eq!(marked, "here");
        assert!(text.len() < 4 * REACH, "{}", text.len());
        assert!(text.starts_with("a: é") && text.contains('…') && text.contains(STARS), "{text}");
        assert!(!text.contains("ss"), "{text}");
        let (text, marked) = shown(&long, "here s", &[]);
        assert_eq!(marked, "here s");
        assert!(text.len() < 5 * REACH, "{}", text.len());
    }
}
