//! What `build` and `check` share: files in, a run out, a report printed.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::arguments::{Inputs, OutputOptions};
use super::{exit_code, output};
use crate::report::{FORMATS, Voice};
use crate::run::{Outcome, Run};
use crate::source::{SourceId, Sources};
use crate::verify::guard::{self, ChildFault, Request, Response, RuleText};
use crate::verify::{Memory, OutsideRules};
use crate::workspace::Cache;
use crate::{Options, workspace};

/// Where blueprints are looked for when no path is given.
pub(super) const BLUEPRINTS: &str = "blueprints";

/// How long rules from outside may take for a whole workspace before their process is ended.
const PATIENCE: Duration = Duration::from_secs(60);

/// Reads the inputs and runs the compiler on them.
///
/// # Errors
/// The exit code when something cannot be read.
pub(super) fn compile(inputs: &Inputs, options: OutputOptions) -> Result<Run, u8> {
    let given: &[PathBuf] = &inputs.paths;
    let default = [PathBuf::from(BLUEPRINTS)];
    let paths = if given.is_empty() { &default } else { given };
    let refuse = |errors: Vec<workspace::Error>| output::refuse(&errors, options);
    let mut sources = load(paths).map_err(refuse)?;
    let outside = outside(&inputs.policies, &mut sources).map_err(refuse)?;
    let today = inputs.today.clone().unwrap_or_else(workspace::today);
    let cache = inputs.cache.as_deref().map(Cache::open).transpose();
    let cache = cache.map_err(|error| output::refuse(&[error], options))?;
    let recall = |key: &str| cache.as_ref()?.recall(key);
    let keep = |key: &str, text: &str| {
        if let Some(cache) = &cache {
            cache.keep(key, text);
        }
    };
    let memory = cache.is_some().then_some(Memory { recall: &recall, keep: &keep });
    let run = crate::run(sources, &Options { today, verify: true, outside, memory });
    if let Some(error) = cache.as_ref().and_then(Cache::failure) {
        output::remark(&format!("the cache does not keep everything: {error}"), options);
    }
    Ok(run)
}

/// Reads blueprints and the files that they name.
///
/// # Errors
/// Everything that cannot be read.
pub(super) fn load(paths: &[PathBuf]) -> Result<Sources, Vec<workspace::Error>> {
    let mut sources = workspace::load(paths)?;
    let attachments = crate::attachments(&sources);
    workspace::load_attachments(&attachments, &mut sources)?;
    Ok(sources)
}

/// Reads rules from outside, if any are named.
///
/// # Errors
/// Everything that cannot be read.
pub(super) fn outside(
    directories: &[PathBuf],
    sources: &mut Sources,
) -> Result<Option<OutsideRules<'static>>, Vec<workspace::Error>> {
    let ids = workspace::load_policies(directories, sources)?;
    let files: Vec<(SourceId, RuleText)> = ids.into_iter().filter_map(|id| rule_text(sources, id)).collect();
    Ok((!files.is_empty()).then_some(OutsideRules { files, evaluate: &evaluate }))
}

fn rule_text(sources: &Sources, id: SourceId) -> Option<(SourceId, RuleText)> {
    let source = sources.get(id)?;
    Some((id, RuleText { file: source.path().to_owned(), text: source.text().to_owned() }))
}

/// Has rules evaluated by another process of this program, which may run out of stack or time without harm.
fn evaluate(request: &Request) -> Result<Response, ChildFault> {
    let program = std::env::current_exe().map_err(|_| ChildFault::NotStarted)?;
    let mut command = Command::new(program);
    command.arg("judge");
    guard::evaluate_in_child(command, request, PATIENCE)
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
