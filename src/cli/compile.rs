//! What `build` and `check` share: files in, a run out, a report printed.

use std::path::PathBuf;

use super::arguments::{Inputs, OutputOptions};
use super::{exit_code, output};
use crate::report::{FORMATS, Voice};
use crate::run::{Outcome, Run};
use crate::{Options, workspace};

/// Where blueprints are looked for when no path is given.
const BLUEPRINTS: &str = "blueprints";

/// Reads the inputs and runs the compiler on them.
///
/// # Errors
/// The exit code when something cannot be read.
pub(super) fn compile(inputs: &Inputs, options: OutputOptions) -> Result<Run, u8> {
    let given: &[PathBuf] = &inputs.paths;
    let default = [PathBuf::from(BLUEPRINTS)];
    let paths = if given.is_empty() { &default } else { given };
    let refuse = |errors: Vec<workspace::Error>| output::refuse(&errors, options);
    let sources = workspace::load(paths).map_err(refuse)?;
    let policies = workspace::load_policies(&inputs.policies).map_err(refuse)?;
    let today = inputs.today.clone().unwrap_or_else(workspace::today);
    Ok(crate::run(sources, &Options { today, policies, verify: true }))
}

/// Prints the report that was asked for.
///
/// # Errors
/// The exit code when standard output takes nothing.
pub(super) fn report(run: &Run, inputs: &Inputs, options: OutputOptions) -> Result<(), u8> {
    let voice = if options.quiet { Voice::Quiet } else { Voice::Full };
    let report = FORMATS.iter().find(|(word, _)| *word == inputs.format).map(|(_, report)| report);
    report.map_or(Ok(()), |report| output::print(&report(run, voice), options))
}

/// The exit code of a run: an undecided check counts as an error, since silence is never a pass.
pub(super) fn verdict(run: &Run) -> u8 {
    let is_undecided = run.evidence.iter().any(|evidence| matches!(evidence.outcome, Outcome::Undecided(_)));
    if run.diagnostics.has_errors() || is_undecided { exit_code::FINDINGS } else { exit_code::CLEAN }
}
