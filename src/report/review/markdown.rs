//! The review as a comment on a pull request: within what GitHub takes, texts folded, every name made harmless.

use super::Shown;
use super::alike::{alike, places, subjects};
use super::columns::patch;
use super::told::{PLAIN, asked, counts, cut, equal_line, shown, spot_text, stopping, summary};
use crate::change::{CLASSES, Change, Class, Difference};
use crate::report::place::counted;

/// The first line, by which a robot finds its own comment to write it anew.
const MARKER: &str = "<!-- keyprint review -->";

/// GitHub refuses a comment of more than 65,536 characters; bytes are counted here, which are never fewer.
const MOST_BYTES: usize = 65_536;

/// Kept free for the lines that say what was left out, and for ends of folds.
const RESERVE: usize = 1_024;

/// The most characters of a sentence.
const SENTENCE: usize = 600;

/// The most lines of a text, and the most characters of one of them.
const PATCH: (usize, usize) = (120, 240);

/// The most details of a change, and the most condition keys of a request.
const DETAILS: usize = 12;

/// The most places of changes that are told together.
const PLACES: usize = 24;

/// One heading with what stands below it.
struct Section {
    heading: String,
    is_folded: bool,
    items: Vec<Item>,
}

/// One entry: its lines, and the texts that are folded below it.
struct Item {
    lines: String,
    texts: Vec<Difference>,
}

/// The review as Markdown of the kind that GitHub and GitLab show.
pub(super) fn report(of: &Shown<'_>) -> String {
    let mut text = match stopping(of) {
        Some(classes) => format!("{MARKER}\n### keyprint stops this: {classes}\n\n"),
        None => format!("{MARKER}\n### keyprint: nothing stops\n\n"),
    };
    let [old, new] = of.review.sides.each_ref().map(|side| code(&cut(&shown(side), SENTENCE)));
    if !old.is_empty() || !new.is_empty() {
        text.push_str(&format!("{old} → {new}: "));
    }
    text.push_str(&format!("{}\n", summary(of)));
    let sections = sections(of);
    let room = MOST_BYTES.saturating_sub(RESERVE);
    let kept = fitting(&sections, room.saturating_sub(text.len()));
    let mut left = room.saturating_sub(text.len()).saturating_sub(size(&sections, kept));
    let mut without_texts = 0_usize;
    let mut at = 0_usize;
    for section in &sections {
        let items = section.items.get(..kept.saturating_sub(at).min(section.items.len())).unwrap_or_default();
        at = at.saturating_add(section.items.len());
        if items.is_empty() {
            continue;
        }
        text.push_str(&open(section));
        for item in items {
            text.push_str(&item.lines);
            let folded = if left > RESERVE { folded(&item.texts) } else { String::new() };
            if folded.len() <= left && folded.is_empty() == item.texts.is_empty() {
                left -= folded.len();
                text.push_str(&folded);
            } else {
                without_texts += 1;
            }
        }
        text.push_str(close(section));
    }
    let dropped = at.saturating_sub(kept);
    if dropped > 0 || without_texts > 0 {
        let mut parts = Vec::new();
        if dropped > 0 {
            parts.push(format!("{dropped} more, the least severe"));
        }
        if without_texts > 0 {
            parts.push(format!("the texts of {}", counted(without_texts, "change")));
        }
        text.push_str(&format!(
            "\n*Left out, because a comment has no room for it: {}. `keyprint diff --verbose` shows everything.*\n",
            parts.join(", and ")
        ));
    }
    text
}

/// How many entries fit, from the first on, without their texts.
fn fitting(sections: &[Section], room: usize) -> usize {
    let mut used = 0_usize;
    let mut fit = 0;
    for section in sections {
        used = used.saturating_add(frame(section));
        for item in &section.items {
            used = used.saturating_add(item.lines.len());
            if used > room {
                return fit;
            }
            fit += 1;
        }
    }
    fit
}

/// The bytes of the first so many entries without their texts.
fn size(sections: &[Section], mut entries: usize) -> usize {
    let mut used = 0;
    for section in sections {
        if entries == 0 {
            break;
        }
        let taken = entries.min(section.items.len());
        used += frame(section) + section.items.iter().take(taken).map(|item| item.lines.len()).sum::<usize>();
        entries -= taken;
    }
    used
}

fn frame(section: &Section) -> usize {
    open(section).len() + close(section).len()
}

fn open(section: &Section) -> String {
    if section.is_folded {
        format!("\n<details>\n<summary>{}</summary>\n\n", section.heading)
    } else {
        format!("\n#### {}\n\n", section.heading)
    }
}

fn close(section: &Section) -> &'static str {
    if section.is_folded { "\n</details>\n" } else { "" }
}

/// Everything in the order in which it is left out from the end.
fn sections(of: &Shown<'_>) -> Vec<Section> {
    let (plain, grave): (Vec<Class>, Vec<Class>) =
        CLASSES.iter().partition(|class| PLAIN.contains(class) && !of.stopping.contains(class));
    let mut sections: Vec<Section> = grave.into_iter().map(|class| of_class(of, class, false)).collect();
    sections.push(Section { heading: "Not judged".to_owned(), is_folded: false, items: notes(of) });
    sections.push(Section { heading: "Acknowledged".to_owned(), is_folded: false, items: acknowledged(of) });
    sections.extend(plain.into_iter().map(|class| of_class(of, class, true)));
    let equal = equal_line(of.review.equal.len());
    sections.push(Section { heading: equal, is_folded: true, items: equals(of) });
    sections.retain(|section| !section.items.is_empty());
    sections
}

fn of_class(of: &Shown<'_>, class: Class, is_folded: bool) -> Section {
    let items: Vec<Item> = alike(of.open(class)).iter().filter_map(|group| item(of, group)).collect();
    let end = if of.stopping.contains(&class) { " (stops)" } else { "" };
    let count = counts(of).iter().find(|(it, _)| *it == class).map_or(0, |(_, count)| *count);
    let heading =
        if is_folded { format!("{}: {count}", class.heading()) } else { format!("{}{end}", class.heading()) };
    Section { heading, is_folded, items }
}

fn item(of: &Shown<'_>, group: &[&Change]) -> Option<Item> {
    let change = group.first()?;
    let subjects = subjects(group, |subject| format!("**{}**", sentence(subject)));
    let mut lines = vec![format!("{subjects}: {}", sentence(&change.what))];
    if let Some(asked) = asked(change) {
        let word = |text: &str| code(&cut(text, SENTENCE));
        let example = if group.len() > 1 { ", for example" } else { "" };
        let mut line = format!(
            "{}{example}: {} to {} on {}",
            asked.verdict,
            word(&asked.action),
            word(&asked.principal),
            word(&asked.resource)
        );
        let keys: Vec<String> = asked
            .telling()
            .take(DETAILS)
            .map(|(key, value)| format!("{} = {}", word(key), word(value)))
            .collect();
        if !keys.is_empty() {
            line.push_str(&format!(" when {}", keys.join(", ")));
        }
        let more = asked.telling().count().saturating_sub(DETAILS);
        if more > 0 {
            line.push_str(&format!(" and {} more", counted(more, "key")));
        }
        lines.push(line);
    }
    lines.extend(change.details.iter().take(DETAILS).map(|detail| sentence(detail)));
    let more = change.details.len().saturating_sub(DETAILS);
    if more > 0 {
        lines.push(format!("and {} more", counted(more, "detail")));
    }
    let places = places(of, group);
    let more = places.len().saturating_sub(PLACES);
    let told = places.into_iter().take(PLACES).map(|(place, names)| {
        let place = place.map(|(word, place)| format!("{word}{}", code(&cut(&place, SENTENCE))));
        let names = names.iter().map(|id| code(&cut(id, SENTENCE)));
        place.into_iter().chain(names).collect::<Vec<String>>().join(" · ")
    });
    let told = told.collect::<Vec<String>>().join("; ");
    if !told.is_empty() {
        lines.push(format!("<sub>{told}</sub>"));
    }
    if more > 0 {
        lines.push(format!("and {} more, which `keyprint diff` names", counted(more, "place")));
    }
    Some(Item {
        lines: listed(&lines),
        texts: group.iter().flat_map(|change| change.texts.clone()).take(DETAILS).collect(),
    })
}

fn title(change: &Change) -> String {
    format!("**{}**: {}", sentence(&change.subject), sentence(&change.what))
}

/// An entry of a list, each line below the one before.
fn listed(lines: &[String]) -> String {
    format!("- {}\n", lines.join("<br>\n  "))
}

fn notes(of: &Shown<'_>) -> Vec<Item> {
    let plain = |text: &String| Item { lines: listed(&[sentence(text)]), texts: Vec::new() };
    of.review.notes.iter().map(plain).collect()
}

fn acknowledged(of: &Shown<'_>) -> Vec<Item> {
    let told = of.review.changes.iter().filter_map(|change| {
        let accepted = change.acknowledged.as_ref()?;
        let class = change.class.word();
        let line = format!("{class} until {}: {}", sentence(&accepted.until), sentence(&accepted.because));
        Some(Item { lines: listed(&[title(change), line]), texts: change.texts.clone() })
    });
    told.collect()
}

fn equals(of: &Shown<'_>) -> Vec<Item> {
    let told = of.review.equal.iter().map(|entry| {
        let mut lines = vec![format!("**{}**: {}", sentence(&entry.subject), sentence(&entry.because))];
        lines.extend(
            entry.spot.iter().map(|spot| format!("<sub>{}</sub>", code(&cut(&spot_text(spot), SENTENCE)))),
        );
        Item { lines: listed(&lines), texts: Vec::new() }
    });
    told.collect()
}

/// The texts of a change as patches below a fold.
fn folded(texts: &[Difference]) -> String {
    if texts.is_empty() {
        return String::new();
    }
    let mut text = format!("\n  <details><summary>{}, old and new</summary>\n", counted(texts.len(), "text"));
    for difference in texts {
        let lines = patch(difference, PATCH.0, PATCH.1);
        let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
        let fence = "`".repeat(longest.saturating_add(1).max(3));
        text.push_str(&format!("\n  {}\n\n  {fence}diff\n", sentence(&difference.title)));
        for line in lines {
            text.push_str(&format!("  {line}\n"));
        }
        text.push_str(&format!("  {fence}\n"));
    }
    text.push_str("\n  </details>\n\n");
    text
}

/// A sentence in one line: what stands in back-ticks as code, the rest without any power of Markdown or HTML.
fn sentence(text: &str) -> String {
    let text = cut(&shown(text), SENTENCE);
    let parts: Vec<&str> = text.split('`').collect();
    // An odd number of parts has every back-tick closed.
    let is_paired = parts.len() % 2 == 1;
    let mut safe = String::new();
    for (at, part) in parts.iter().enumerate() {
        if at % 2 == 1 && is_paired && !part.trim().is_empty() {
            safe.push_str(&code(part));
        } else {
            if at > 0 && !is_paired {
                safe.push_str("\\`");
            }
            safe.push_str(&plain(part));
        }
    }
    safe
}

/// Text without markup, mentions or references to issues.
fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    // At the beginning of a line these would make a list, a numbered one, or a heading of the line above.
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    for (at, (byte, letter)) in text.char_indices().enumerate() {
        if at == digits
            && (matches!(letter, '-' | '+' | '=') && at == 0 || matches!(letter, '.' | ')') && at > 0)
        {
            safe.push('\\');
        }
        let is_link = letter == ':' && text.get(byte..).is_some_and(|rest| rest.starts_with("://"))
            || letter == '.' && safe.ends_with("www");
        if is_link {
            safe.push('\\');
        }
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // A word behind these would notify people, name an issue or begin a formula.
            '@' | '#' | '$' => {
                safe.push(letter);
                safe.push('\u{200b}');
            }
            '\\' | '*' | '_' | '[' | ']' | '|' | '~' | '!' => {
                safe.push('\\');
                safe.push(letter);
            }
            _ => safe.push(letter),
        }
    }
    safe
}

/// Text as code, whatever back-ticks are in it.
fn code(text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(text).saturating_add(1));
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|letter| letter != '`');
    runs.map(str::len).max().unwrap_or(0)
}
