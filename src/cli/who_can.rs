//! `keyprint who-can`: everybody who has an access, with the statements that give it.

use super::arguments::{OutputOptions, WhoCan};
use super::{answer, exit_code, output};
use crate::diagnostic::closest;
use crate::verify::questions::{self, Level, Verdict, WORDS};

/// Answers and prints.
///
/// # Errors
/// The exit code when the question cannot be asked or answered.
pub(super) fn run(command: &WhoCan, options: OutputOptions) -> Result<u8, u8> {
    let level = level(&command.access, options)?;
    let answers = answer::ask(&command.question.paths, options, |workspace| {
        questions::who_can(workspace, &level, &command.subject, command.question.environment.as_deref())
    })?;
    let question = format!("who can {} {}", command.access, command.subject);
    answer::show(&question, &command.access, &answers, command.question.format, options)?;
    let mut callers = answers.iter().flat_map(|answer| &answer.callers);
    let is_open = callers.any(|caller| caller.verdict == Verdict::Undecided);
    Ok(if is_open { exit_code::UNDECIDED } else { exit_code::CLEAN })
}

/// The level that a word names, or a refusal with a suggestion.
pub(super) fn level(word: &str, options: OutputOptions) -> Result<Level, u8> {
    Level::named(word).ok_or_else(|| {
        let help = match closest(word, WORDS) {
            Some(near) => format!("a similar access is `{near}`"),
            None => format!("an access is one of {}, or an IAM action", WORDS.join(", ")),
        };
        output::complain(&format!("there is no access `{}`", word.escape_debug()), Some(&help), options);
        exit_code::ENVIRONMENT
    })
}
