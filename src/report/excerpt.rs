//! The lines of a file that a message shows, with masked texts replaced.

use std::ops::Range;

use super::mask::{Mask, STARS};
use super::place::{marked, visible};
use crate::source::{Source, SourceId};

/// Longer lines are shown around their marks only.
const LONGEST_LINE: usize = 1 << 10;

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
    let mut writer = Writer { whole, ranges: &ranges, text: String::new(), moved: Vec::new() };
    let mut at = start;
    for masked in mask.ranges(id).iter().filter(|masked| masked.start < end && masked.end > start) {
        writer.copy(at..masked.start);
        writer.replace(masked.clone());
        at = masked.end;
    }
    writer.copy(at..end);
    let marks = ranges.iter().map(|range| writer.moved(range.start)..writer.moved(range.end)).collect();
    Excerpt { first_line: source.line_column(start).line, marks, text: writer.text }
}

/// Copies a text piece by piece and remembers where every piece went.
struct Writer<'text> {
    whole: &'text str,
    ranges: &'text [Range<usize>],
    text: String,
    moved: Vec<Move>,
}

struct Move {
    from: Range<usize>,
    to: Range<usize>,
}

impl Writer<'_> {
    fn copy(&mut self, range: Range<usize>) {
        let mut at = range.start;
        for line in self.whole.get(range).unwrap_or_default().split_inclusive('\n') {
            self.copy_line(at..at + line.len());
            at += line.len();
        }
    }

    /// Copies a part of one line; a long part loses what is far from every mark's ends.
    fn copy_line(&mut self, line: Range<usize>) {
        if line.len() <= LONGEST_LINE {
            self.push(line);
            return;
        }
        let mut near: Vec<usize> = vec![line.start, line.end];
        for range in self.ranges {
            near.extend([range.start, range.end].into_iter().filter(|at| line.contains(at)));
        }
        near.sort_unstable();
        let mut at = line.start;
        for place in near {
            let reach = LONGEST_LINE / 4;
            let before = self.whole.floor_char_boundary(place.saturating_sub(reach)).max(line.start);
            let after = self.whole.ceil_char_boundary(place.saturating_add(reach)).min(line.end);
            if before > at {
                self.substitute(at..before, "…");
                at = before;
            }
            if after > at {
                self.push(at..after);
                at = after;
            }
        }
    }

    fn replace(&mut self, range: Range<usize>) {
        self.substitute(range, STARS);
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
