//! `keyprint diff`: what a change does to access and safety.

use super::arguments::{Diff, Judging, OutputOptions};
use super::{exit_code, output};
use crate::change::{Review, acknowledge, review, waived};
use crate::diagnostic::Diagnostics;
use crate::report::review::{Detail, REVIEW_FORMATS, Shown};
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
    let known = Known { account: command.account.clone(), region: command.region.clone() };
    judge([&old, &new], &known, &command.judging, &command.format, options)
}

/// Compares two places and reports in a format; the exit code says whether a change stops.
///
/// # Errors
/// The exit code when a side cannot be read or has errors, or when something cannot be written.
pub(super) fn judge(
    [old, new]: [&Place; 2],
    known: &Known,
    judging: &Judging,
    format: &str,
    options: OutputOptions,
) -> Result<u8, u8> {
    let today = judging.today.clone().unwrap_or_else(workspace::today);
    let mut before = side(old, known, &today, format, options)?;
    let mut after = side(new, known, &today, format, options)?;
    let review = compare([old.said(), new.said()], &mut before, &mut after, &today);
    let detail = match (options.quiet, judging.verbose) {
        (true, _) => Detail::Quiet,
        (false, true) => Detail::Verbose,
        (false, false) => Detail::Usual,
    };
    let shown = Shown {
        review: &review,
        stopping: &judging.fail_on,
        detail,
        sources: &after.sources,
        locate: &|spot| after.span(spot),
    };
    if let Some(path) = &judging.summary {
        let text = face("markdown", &Shown { detail: Detail::Usual, ..shown });
        workspace::replace(path, &text).map_err(|error| output::refuse(&[error], options))?;
    }
    output::print(&face(format, &shown), options)?;
    Ok(if shown.stops_at_all() { exit_code::STOPPED } else { exit_code::CLEAN })
}

fn face(format: &str, shown: &Shown<'_>) -> String {
    let face = REVIEW_FORMATS.iter().find(|(word, _)| *word == format).map(|(_, face)| face);
    face.map(|face| face(shown)).unwrap_or_default()
}

/// Compares two sides, and marks what the new one accepts.
fn compare(names: [String; 2], old: &mut Side, new: &mut Side, today: &str) -> Review {
    let mut review = review(names, std::mem::take(&mut old.units), std::mem::take(&mut new.units));
    review.notes.extend(old.notes.iter().chain(&new.notes).cloned());
    if let (Some(was), Some(is)) = (old.waivers(), new.waivers()) {
        waived(&mut review, &was, &is);
    }
    acknowledge(&mut review, &new.accepted(), today);
    review
}

/// Reads a side and compiles it where it is of blueprints.
fn side(place: &Place, known: &Known, today: &str, format: &str, options: OutputOptions) -> Result<Side, u8> {
    let files = workspace::read_side(place).map_err(|errors| output::refuse(&errors, options))?;
    let side = if files.iter().any(|file| is_blueprint(&file.text)) {
        of_blueprints(files, today)
    } else {
        Side::of_templates(files.into_iter().map(|it| (it.path, it.key, it.text)).collect(), known)
    };
    if side.diagnostics.has_errors() {
        let run = Run { sources: side.sources, diagnostics: side.diagnostics, ..Run::default() };
        let asked = FORMATS.iter().find(|(word, _)| *word == format);
        let report = asked.or(FORMATS.first()).map(|(_, report)| report(&run, Voice::Quiet));
        output::print(&report.unwrap_or_default(), options)?;
        return Err(exit_code::FINDINGS);
    }
    if side.units.is_empty() {
        output::complain(
            &format!("`{}` holds neither a blueprint nor a template", place.said()),
            Some("a template has `Resources`, a blueprint has `blueprint: v1`"),
            options,
        );
        return Err(exit_code::ENVIRONMENT);
    }
    Ok(side)
}

fn of_blueprints(files: Vec<SideFile>, today: &str) -> Side {
    let mut sources = Sources::default();
    for file in files.into_iter().filter(|file| is_blueprint(&file.text)) {
        sources.add(file.path, file.text);
    }
    let mut log = Diagnostics::default();
    let settings = Options { today: today.to_owned(), ..Options::default() };
    match crate::compiled(&sources, &settings, &mut log) {
        Some(compiled) => Side::of_compiled(sources, log, compiled),
        None => Side::of_errors(sources, log),
    }
}
