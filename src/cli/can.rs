//! `keyprint can`: whether one principal may do one thing, yes or no, each with its reasons.

use super::arguments::{Can, OutputOptions, Question};
use super::{answer, exit_code, who_can};
use crate::verify::questions::{self, Answer, Verdict};

/// Answers and prints; the exit code is the answer.
///
/// # Errors
/// The exit code when the question cannot be asked or answered.
pub(super) fn run(command: &Can, options: OutputOptions) -> Result<u8, u8> {
    let Can { principal, action, resource, context, question } = command;
    ask(principal, action, resource, context, question, options)
}

/// The question of `can` and of `why` with three words.
///
/// # Errors
/// As [`run`].
pub(super) fn ask(
    principal: &str,
    action: &str,
    resource: &str,
    context: &[(String, String)],
    question: &Question,
    options: OutputOptions,
) -> Result<u8, u8> {
    let level = who_can::level(action, options)?;
    let answers = answer::ask(&question.paths, options, |workspace| {
        let environment = question.environment.as_deref();
        questions::can(workspace, principal, &level, resource, context, environment)
    })?;
    let asked = format!("can {principal} {action} {resource}");
    answer::show(&asked, action, &answers, question.format, options)?;
    Ok(code(&answers))
}

/// Yes if it is possible anywhere; undecided if that is not certain.
fn code(answers: &[Answer]) -> u8 {
    let has = |verdict| answers.iter().flat_map(|it| &it.callers).any(|caller| caller.verdict == verdict);
    if has(Verdict::Yes) {
        exit_code::CLEAN
    } else if has(Verdict::Undecided) {
        exit_code::UNDECIDED
    } else {
        exit_code::FINDINGS
    }
}
