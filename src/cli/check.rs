//! `keyprint check`: is what the blueprints say what was reviewed?

use std::path::{Path, PathBuf};

use super::arguments::{Check, Judging, OutputOptions};
use super::{compile, diff, exit_code, output};
use crate::run::{Artifact, Run};
use crate::side::Known;
use crate::verify::snapshot::{self, Comparison, Scope};
use crate::workspace::{self, Place};

/// Where snapshots are looked for when no directory is given.
const SNAPSHOTS: &str = "snapshots";

/// Compiles, verifies, compares with the snapshots or takes the present texts over, and reports.
///
/// # Errors
/// The exit code when something cannot be read or written.
pub(super) fn run(command: &Check, options: OutputOptions) -> Result<u8, u8> {
    let mut run = compile::compile(&command.inputs, options)?;
    if compile::verdict(&run) == exit_code::CLEAN {
        compare(&mut run, command, options)?;
    } else if command.accept {
        output::remark("no snapshot is accepted while there are errors", options);
    }
    let verdict = compile::verdict(&run);
    match &command.against {
        Some(old) if verdict == exit_code::CLEAN => against(old, command, options),
        Some(_) | None => {
            compile::report(&run, &command.inputs, options)?;
            Ok(verdict)
        }
    }
}

/// Reviews what changes against something before; only what is without findings is worth it.
fn against(old: &str, command: &Check, options: OutputOptions) -> Result<u8, u8> {
    let new = match command.inputs.paths.as_slice() {
        [] => Place::Path(PathBuf::from(compile::BLUEPRINTS)),
        [one] => Place::Path(one.clone()),
        [..] => {
            let help = "name the directory that holds all of them";
            output::complain("a review is of one directory or file of blueprints", Some(help), options);
            return Err(exit_code::ENVIRONMENT);
        }
    };
    let old = Place::parse(old).or_path_of(&new);
    let judging = Judging {
        fail_on: command.fail_on.clone(),
        verbose: command.verbose,
        summary: command.summary.clone(),
        today: command.inputs.today.clone(),
    };
    diff::judge([&old, &new], &Known::default(), &judging, &command.inputs.format, options)
}

fn compare(run: &mut Run, command: &Check, options: OutputOptions) -> Result<(), u8> {
    let default = PathBuf::from(SNAPSHOTS);
    let directory = command.snapshots.as_ref().unwrap_or(&default);
    let refuse = |errors: Vec<workspace::Error>| output::refuse(&errors, options);
    let mut snapshots = workspace::read_snapshots(directory).map_err(refuse)?;
    if command.snapshots.is_some() || command.accept {
        // A directory that is named, or is about to be written, is meant to hold snapshots.
        snapshots.get_or_insert_default();
    }
    let scope = if command.inputs.paths.is_empty() { Scope::Workspace } else { Scope::Blueprints };
    let mut comparison = snapshot::compare(&run.artifacts, snapshots.as_ref(), scope);
    if command.accept {
        accept(run, &comparison, directory, options)?;
        let snapshots = workspace::read_snapshots(directory).map_err(refuse)?;
        comparison = snapshot::compare(&run.artifacts, snapshots.as_ref(), scope);
    }
    for diagnostic in comparison.diagnostics {
        run.diagnostics.push(diagnostic);
    }
    run.evidence.extend(comparison.evidence);
    Ok(())
}

fn accept(run: &Run, comparison: &Comparison, directory: &Path, options: OutputOptions) -> Result<(), u8> {
    let due: Vec<&Artifact> =
        run.artifacts.iter().filter(|artifact| comparison.due.contains(&artifact.path)).collect();
    let accepted = workspace::accept(&due, &comparison.stale, directory)
        .map_err(|errors| output::refuse(&errors, options))?;
    let shown = workspace::shown(directory);
    let workspace::Accepted { written, removed } = accepted;
    output::remark(&format!("below `{shown}`: {written} accepted, {removed} removed"), options);
    Ok(())
}
