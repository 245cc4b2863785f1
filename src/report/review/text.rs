//! The review for people at a terminal: grouped by consequence, the gravest first, what is the same left out.

use super::alike::{PLACES, alike, places, subjects};
use super::columns::side_by_side;
use super::told::{PLAIN, asked, equal_line, shown, spot_text, stopping, summary};
use super::{Detail, Shown};
use crate::change::{Acknowledged, CLASSES, Change, Class};
use crate::report::place::counted;

const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[1;33m";
const GREEN: &str = "\u{1b}[1;32m";
const END: &str = "\u{1b}[0m";

/// Of classes that nobody reads one by one, so many are shown.
const PLAIN_SHOWN: usize = 5;

/// Of the condition keys of a request, so many are shown.
const KEYS_SHOWN: usize = 6;

/// The changes by class with what shows them, and what they come to.
pub(super) fn report(of: &Shown<'_>) -> String {
    let mut lines = Vec::new();
    for class in CLASSES {
        group(of, class, &mut lines);
    }
    if of.detail != Detail::Quiet {
        acknowledged(of, &mut lines);
    }
    if !of.review.notes.is_empty() {
        lines.push(format!("{YELLOW}Not judged{END}"));
        lines.extend(of.review.notes.iter().map(|note| format!("  {}", shown(note))));
    }
    if of.detail != Detail::Quiet {
        closing(of, &mut lines);
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn group(of: &Shown<'_>, class: Class, lines: &mut Vec<String>) {
    let stops = of.stopping.contains(&class);
    let changes: Vec<&Change> = of.open(class).collect();
    if changes.is_empty() || (of.detail == Detail::Quiet && !stops) {
        return;
    }
    let end = if stops { " (stops)" } else { "" };
    lines.push(format!("{}{}{END}{end}", colour(class), class.heading()));
    let is_verbose = of.detail == Detail::Verbose;
    let groups =
        if is_verbose { changes.iter().map(|it| vec![*it]).collect() } else { alike(changes.into_iter()) };
    let is_long = PLAIN.contains(&class) && !stops && of.detail == Detail::Usual;
    let most = if is_long && groups.len() > PLAIN_SHOWN + 1 { PLAIN_SHOWN } else { groups.len() };
    for group in groups.iter().take(most) {
        tell(of, group, lines);
    }
    let more: usize = groups.iter().skip(most).map(Vec::len).sum();
    if more > 0 {
        lines.push(format!("  {DIM}and {more} more, which --verbose shows{END}"));
    }
}

fn colour(class: Class) -> &'static str {
    match class {
        Class::Public
        | Class::Foreign
        | Class::DataLost
        | Class::Regenerated
        | Class::RotationLost
        | Class::UpdateFails
        | Class::Replacement
        | Class::Broader
        | Class::Weaker => RED,
        Class::Order | Class::Undecided | Class::Altered | Class::Interruption => YELLOW,
        Class::Narrower | Class::Stronger => GREEN,
        Class::Added | Class::Removed | Class::Other => BOLD,
    }
}

fn tell(of: &Shown<'_>, group: &[&Change], lines: &mut Vec<String>) {
    let Some(change) = group.first() else { return };
    let subjects = subjects(group, |subject| format!("{BOLD}{}{END}", shown(subject)));
    lines.push(format!("  {subjects}: {}", shown(&change.what)));
    if let Some(asked) = asked(change) {
        let example = if group.len() > 1 { ", for example" } else { "" };
        lines.push(format!(
            "    {}{example}: {} to {} on {}",
            asked.verdict, asked.action, asked.principal, asked.resource
        ));
        let is_verbose = of.detail == Detail::Verbose;
        let told: Vec<&(String, String)> =
            if is_verbose { asked.when.iter().collect() } else { asked.telling().collect() };
        let most = if is_verbose { told.len() } else { KEYS_SHOWN };
        let mut keys: Vec<String> =
            told.iter().take(most).map(|(key, value)| format!("{key} = {value}")).collect();
        let more = told.len().saturating_sub(most);
        if more > 0 {
            keys.push(format!("and {more} more keys"));
        }
        if !keys.is_empty() {
            lines.push(format!("      when {}", keys.join(", ")));
        }
    }
    lines.extend(change.details.iter().map(|detail| format!("    {}", shown(detail))));
    let places = places(of, group);
    let most = if places.len() > PLACES + 1 { PLACES } else { places.len() };
    for (place, names) in places.iter().take(most) {
        let place = place.as_ref().map(|(word, place)| format!("{word}{place}"));
        let words: Vec<&str> = place.iter().chain(names).map(String::as_str).collect();
        lines.push(format!("    {DIM}{}{END}", words.join("  ")));
    }
    if places.len() > most {
        let more = counted(places.len() - most, "more place");
        lines.push(format!("    {DIM}and {more}, which --verbose shows{END}"));
    }
    if of.detail == Detail::Verbose {
        for difference in &change.texts {
            lines.push(format!("    {BOLD}{}{END}", shown(&difference.title)));
            lines.extend(side_by_side(difference).into_iter().map(|row| format!("      {}", coloured(row))));
        }
    }
}

fn coloured(row: String) -> String {
    let colour = match row.chars().next() {
        Some('-') => "\u{1b}[31m",
        Some('+') => "\u{1b}[32m",
        Some('~') => "\u{1b}[33m",
        Some(_) | None => return row,
    };
    format!("{colour}{row}{END}")
}

fn acknowledged(of: &Shown<'_>, lines: &mut Vec<String>) {
    let all = of.review.changes.iter().filter_map(|change| Some((change, change.acknowledged.as_ref()?)));
    let all: Vec<(&Change, &Acknowledged)> = all.collect();
    if all.is_empty() {
        return;
    }
    lines.push(format!("{BOLD}Acknowledged{END}"));
    for (change, Acknowledged { because, until }) in all {
        let (subject, what) = (shown(&change.subject), shown(&change.what));
        lines.push(format!("  {BOLD}{subject}{END}: {what} ({})", change.class.word()));
        lines.push(format!("    until {}: {}", shown(until), shown(because)));
    }
}

/// What differs without meaning anything, the counts, and the verdict.
fn closing(of: &Shown<'_>, lines: &mut Vec<String>) {
    let equal = &of.review.equal;
    if !equal.is_empty() {
        lines.push(format!("{DIM}{}{END}", equal_line(equal.len())));
    }
    if of.detail == Detail::Verbose {
        for entry in equal {
            let spot = entry.spot.as_ref().map(|spot| format!("  {DIM}{}{END}", spot_text(spot)));
            let (subject, because) = (shown(&entry.subject), shown(&entry.because));
            lines.push(format!("  {subject}: {because}{}", spot.unwrap_or_default()));
        }
    }
    let [old, new] = of.review.sides.each_ref().map(|side| shown(side));
    if !old.is_empty() || !new.is_empty() {
        lines.push(format!("{BOLD}{old} → {new}{END}"));
    }
    lines.push(summary(of));
    lines.push(match stopping(of) {
        Some(classes) => format!("{RED}stops: {classes}{END}"),
        None => format!("{GREEN}nothing stops{END}"),
    });
}
