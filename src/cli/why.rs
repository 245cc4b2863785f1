//! `keyprint why`: from an access, or from a deployed thing, back to the lines of the blueprint.

use std::fmt::Write as _;

use serde_json::json;

use super::arguments::{AnswerFormat, OutputOptions, Question, Why};
use super::{answer, can, exit_code, output};
use crate::verify::questions::{self, Deployed};

/// Answers and prints.
///
/// # Errors
/// The exit code when the question cannot be asked or answered.
pub(super) fn run(command: &Why, options: OutputOptions) -> Result<u8, u8> {
    let Why { words, blueprints, environment, context, format } = command;
    let question = Question { paths: blueprints.clone(), environment: environment.clone(), format: *format };
    match words.as_slice() {
        [logical_id] => {
            let found =
                answer::ask(blueprints, options, |workspace| questions::deployed(workspace, logical_id))?;
            let text = match format {
                AnswerFormat::Json => format!("{:#}\n", json!({ "resources": found })),
                AnswerFormat::Text => found.iter().map(for_people).collect::<Vec<_>>().join("\n"),
            };
            output::print(&text, options)?;
            Ok(exit_code::CLEAN)
        }
        [principal, action, resource] => can::ask(principal, action, resource, context, &question, options),
        _ => {
            let help = "give a logical id, or a principal, an action and a resource; \
                        blueprints are named with `--blueprints`";
            output::complain("the question has neither one word nor three", Some(help), options);
            Err(exit_code::ENVIRONMENT)
        }
    }
}

fn for_people(found: &Deployed) -> String {
    let Deployed { logical_id, kind, template, blueprint, line, cause, properties } = found;
    let mut text = format!("\u{1b}[1m{logical_id}\u{1b}[0m  {kind}\n  \u{1b}[2m{template}\u{1b}[0m\n");
    let _ = writeln!(text, "  {blueprint}  {line}\n  {cause}");
    let width = properties.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
    for (name, place, line) in properties {
        let _ = writeln!(text, "    {name:width$}  {place}  {line}");
    }
    text
}
