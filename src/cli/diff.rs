//! `keyprint diff`: what a change does to access and safety.

use std::collections::BTreeSet;

use super::arguments::{Diff, OutputOptions};
use super::{exit_code, output};
use crate::change::{Class, Review, acknowledge, review, waived};
use crate::diagnostic::Diagnostics;
use crate::report::{FORMATS, Voice};
use crate::run::Run;
use crate::side::{Known, Side, is_blueprint};
use crate::source::Sources;
use crate::workspace::{Place, SideFile};
use crate::{Options, workspace};

/// Reads both sides, compares them, and reports.
///
/// # Errors
/// The exit code when a side cannot be read or has errors, or when something cannot be written.
pub(super) fn run(command: &Diff, options: OutputOptions) -> Result<u8, u8> {
    let [old, new] = [&command.old, &command.new].map(|text| Place::parse(text));
    if old == Place::Input && new == Place::Input {
        output::complain("both sides are standard input", Some("give one of them as a file"), options);
        return Err(exit_code::ENVIRONMENT);
    }
    let (old, new) = (old.clone().or_path_of(&new), new.or_path_of(&old));
    let today = command.judging.today.clone().unwrap_or_else(workspace::today);
    let known = Known { account: command.account.clone(), region: command.region.clone() };
    let before = side(&old, &known, &today, options)?;
    let after = side(&new, &known, &today, options)?;
    let stopping = &command.judging.fail_on;
    let review = compare([old.said(), new.said()], &before, &after, &today);
    output::print(&plain(&review), options)?;
    Ok(verdict(&review, stopping))
}

/// Compares two sides, and marks what the new one accepts.
pub(super) fn compare(names: [String; 2], old: &Side, new: &Side, today: &str) -> Review {
    let mut review = review(names, old.units.clone(), new.units.clone());
    review.notes.extend(old.notes.iter().chain(&new.notes).cloned());
    if let (Some(was), Some(is)) = (old.waivers(), new.waivers()) {
        waived(&mut review, &was, &is);
    }
    acknowledge(&mut review, &new.accepted(), today);
    review
}

/// The exit code: whether a change stops.
pub(super) fn verdict(review: &Review, stopping: &BTreeSet<Class>) -> u8 {
    let stops = review.changes.iter().any(|it| it.acknowledged.is_none() && stopping.contains(&it.class));
    if stops { exit_code::STOPPED } else { exit_code::CLEAN }
}

/// Reads a side and compiles it where it is of blueprints.
///
/// # Errors
/// The exit code when it cannot be read or has errors, which are reported.
pub(super) fn side(place: &Place, known: &Known, today: &str, options: OutputOptions) -> Result<Side, u8> {
    let files = workspace::read_side(place).map_err(|errors| output::refuse(&errors, options))?;
    let side = if files.iter().any(|file| is_blueprint(&file.text)) {
        of_blueprints(files, today)
    } else {
        Side::of_templates(files.into_iter().map(|it| (it.path, it.key, it.text)).collect(), known)
    };
    if side.diagnostics.has_errors() {
        let run = Run { sources: side.sources, diagnostics: side.diagnostics, ..Run::default() };
        let report = FORMATS.first().map(|(_, report)| report(&run, Voice::Quiet));
        output::print(&report.unwrap_or_default(), options)?;
        return Err(exit_code::FINDINGS);
    }
    Ok(side)
}

fn of_blueprints(files: Vec<SideFile>, today: &str) -> Side {
    let mut sources = Sources::default();
    for file in files.into_iter().filter(|file| is_blueprint(&file.text)) {
        sources.add(file.path, file.text);
    }
    let mut log = Diagnostics::default();
    let settings = Options { today: today.to_owned(), verify: false, outside: None };
    match crate::compiled(&sources, &settings, &mut log) {
        Some(compiled) => Side::of_compiled(sources, log, compiled),
        None => Side::of_errors(sources, log),
    }
}

fn plain(review: &Review) -> String {
    let mut text = String::new();
    for change in &review.changes {
        text.push_str(&format!("{:12} {}: {}\n", change.class.word(), change.subject, change.what));
        for detail in &change.details {
            text.push_str(&format!("             - {detail}\n"));
        }
        if let Some(request) = &change.request {
            text.push_str(&format!("             > {}\n", crate::access::witness(request)));
        }
    }
    for equal in &review.equal {
        text.push_str(&format!("equal        {}: {}\n", equal.subject, equal.because));
    }
    for note in &review.notes {
        text.push_str(&format!("note: {note}\n"));
    }
    text.push_str(&format!("{} unchanged\n", review.unchanged));
    text
}
