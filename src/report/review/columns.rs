//! Two texts line by line, as the last layer under what they mean: side by side for terminals, as a patch for comments.

use serde_json::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::secrets::masked;
use super::told::cut;
use crate::change::Difference;
use crate::report::place::visible;

/// More lines of a text are not compared: nobody reads them, and comparing takes more than linear time.
const LINES_COMPARED: usize = 4_000;

/// Runs of equal lines are shown this far around what differs,
const CONTEXT: usize = 2;

/// unless both texts are short enough to be read whole, as a statement is.
const SHORT: usize = 24;

/// The widest a column gets; longer lines go on in the next row.
const WIDEST: usize = 76;

/// One row: what it is, the old line, the new line.
struct Row {
    mark: char,
    old: String,
    new: String,
}

/// The two texts of a difference without values, as lines; and whether they differ only in what is not shown.
struct Texts {
    old: Vec<String>,
    new: Vec<String>,
    hidden: bool,
    is_json: bool,
}

impl Texts {
    /// What a line is compared by: in JSON, whether another follows it means nothing.
    fn key<'line>(&self, line: &'line str) -> &'line str {
        line.strip_suffix(',').filter(|_| self.is_json).unwrap_or(line)
    }
}

fn texts(difference: &Difference) -> Texts {
    let [old, new] = masked(difference);
    let hidden = old == new && difference.old != difference.new;
    let is_json = ![&old, &new].into_iter().flatten().any(Value::is_string);
    Texts { old: lines(old.as_ref()), new: lines(new.as_ref()), hidden, is_json }
}

fn lines(value: Option<&Value>) -> Vec<String> {
    let text = match value {
        None => return Vec::new(),
        Some(Value::String(text)) => visible(text),
        // A value is written back as it was read: nothing in it can fail.
        Some(value) => visible(&serde_json::to_string_pretty(value).unwrap_or_default()),
    };
    let mut lines: Vec<String> =
        text.lines().take(LINES_COMPARED).map(|line| line.replace('\t', "    ")).collect();
    let more = text.lines().count().saturating_sub(LINES_COMPARED);
    if more > 0 {
        lines.push(format!("… and {more} more lines"));
    }
    lines
}

/// Old and new beside each other, one text for each row.
pub(super) fn side_by_side(difference: &Difference) -> Vec<String> {
    let texts = texts(difference);
    if texts.hidden {
        return vec![HIDDEN.to_owned()];
    }
    let rows = rows(&texts);
    if texts.old.is_empty() || texts.new.is_empty() {
        return rows.iter().map(|row| format!("{} {}{}", row.mark, row.old, row.new)).collect();
    }
    let width = rows.iter().map(|row| row.old.chars().count()).max().unwrap_or(0).min(WIDEST);
    let mut shown = Vec::new();
    for row in &rows {
        let (old, new) = (wrapped(&row.old), wrapped(&row.new));
        for at in 0..old.len().max(new.len()) {
            let part = |side: &[String]| side.get(at).cloned().unwrap_or_default();
            let mark = if at == 0 { row.mark } else { ' ' };
            shown.push(format!("{mark} {:width$} │ {}", part(&old), part(&new)).trim_end().to_owned());
        }
    }
    shown
}

/// What differs as the lines of a patch, at most so many of at most so many characters.
pub(super) fn patch(difference: &Difference, most: usize, widest: usize) -> Vec<String> {
    let texts = texts(difference);
    if texts.hidden {
        return vec![HIDDEN.to_owned()];
    }
    let mut shown = Vec::new();
    let mut added = Vec::new();
    for row in rows(&texts) {
        if row.mark == ' ' {
            shown.append(&mut added);
            shown.push(format!(" {}", row.new));
        }
        if matches!(row.mark, '-' | '~') {
            shown.push(format!("-{}", row.old));
        }
        if matches!(row.mark, '+' | '~') {
            added.push(format!("+{}", row.new));
        }
    }
    shown.append(&mut added);
    let more = shown.len().saturating_sub(most);
    shown.truncate(most);
    let mut shown: Vec<String> = shown.iter().map(|line| cut(line, widest)).collect();
    if more > 0 {
        shown.push(format!(" … and {more} more lines"));
    }
    shown
}

const HIDDEN: &str = "what differs looks like a secret's value and is not shown";

fn rows(texts: &Texts) -> Vec<Row> {
    let part = |side: &[String], at: usize, len: usize| -> Vec<String> {
        side.get(at..at.saturating_add(len)).unwrap_or_default().to_vec()
    };
    let row = |mark, old: Option<&String>, new: Option<&String>| Row {
        mark,
        old: old.cloned().unwrap_or_default(),
        new: new.cloned().unwrap_or_default(),
    };
    let mut rows = Vec::new();
    let keys =
        |side: &[String]| -> Vec<String> { side.iter().map(|line| texts.key(line).to_owned()).collect() };
    let ops = capture_diff_slices(Algorithm::Myers, &keys(&texts.old), &keys(&texts.new));
    let last = ops.len().saturating_sub(1);
    for (at, op) in ops.iter().enumerate() {
        match *op {
            DiffOp::Equal { new_index, len, .. } => {
                let same = part(&texts.new, new_index, len);
                let is_short = texts.old.len().max(texts.new.len()) <= SHORT;
                rows.extend(context(&same, if is_short { usize::MAX } else { CONTEXT }, at > 0, at < last));
            }
            DiffOp::Delete { old_index, old_len, .. } => {
                rows.extend(
                    part(&texts.old, old_index, old_len).iter().map(|line| row('-', Some(line), None)),
                );
            }
            DiffOp::Insert { new_index, new_len, .. } => {
                rows.extend(
                    part(&texts.new, new_index, new_len).iter().map(|line| row('+', None, Some(line))),
                );
            }
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                let (old, new) = (part(&texts.old, old_index, old_len), part(&texts.new, new_index, new_len));
                for at in 0..old_len.max(new_len) {
                    let (old, new) = (old.get(at), new.get(at));
                    let mark = match (old, new) {
                        (Some(_), Some(_)) => '~',
                        (Some(_), None) => '-',
                        (None, _) => '+',
                    };
                    rows.push(row(mark, old, new));
                }
            }
        }
    }
    rows
}

/// Equal lines near what differs before and after them; the others as their number.
fn context(same: &[String], reach: usize, before: bool, after: bool) -> Vec<Row> {
    let both = |line: &String| Row { mark: ' ', old: line.clone(), new: line.clone() };
    let head = if before || reach == usize::MAX { reach } else { 0 };
    let tail = if after { reach } else { 0 };
    let left_out = same.len().saturating_sub(head.saturating_add(tail));
    if left_out <= 1 {
        return same.iter().map(both).collect();
    }
    let mut rows: Vec<Row> = same.iter().take(head).map(both).collect();
    let gap = format!("… {left_out} equal lines");
    rows.push(Row { mark: ' ', old: gap.clone(), new: gap });
    rows.extend(same.iter().skip(same.len().saturating_sub(tail)).map(both));
    rows
}

fn wrapped(line: &str) -> Vec<String> {
    let letters: Vec<char> = line.chars().collect();
    letters.chunks(WIDEST).map(|part| part.iter().collect()).collect()
}
