//! How answers to questions look: for people, and as JSON.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::json;

use super::arguments::{AnswerFormat, OutputOptions};
use super::{exit_code, output};
use crate::diagnostic::Diagnostics;
use crate::report::{FORMATS, Voice};
use crate::run::Run;
use crate::verify::questions::{Answer, CallAnswer, CallerAnswer, Misnamed, Verdict, Workspace};
use crate::{Options, workspace};

/// Where blueprints are looked for when no path is given.
const BLUEPRINTS: &str = "blueprints";

const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const PLAIN: &str = "\u{1b}[0m";

/// Compiles the blueprints and has a question answered.
///
/// # Errors
/// The exit code when files cannot be read, the blueprints have errors, or a word names nothing.
pub(super) fn ask<T>(
    paths: &[PathBuf],
    options: OutputOptions,
    question: impl FnOnce(&Workspace<'_>) -> Result<T, Misnamed>,
) -> Result<T, u8> {
    let default = [PathBuf::from(BLUEPRINTS)];
    let paths = if paths.is_empty() { &default } else { paths };
    let sources = super::compile::load(paths).map_err(|errors| output::refuse(&errors, options))?;
    let mut log = Diagnostics::default();
    let settings = Options { today: workspace::today(), verify: false, outside: None, memory: None };
    let Some(compiled) = crate::compiled(&sources, &settings, &mut log) else {
        let run = Run { sources, diagnostics: log, ..Run::default() };
        let report = FORMATS.first().map(|(_, report)| report(&run, Voice::Quiet));
        output::print(&report.unwrap_or_default(), options)?;
        return Err(exit_code::FINDINGS);
    };
    question(&Workspace::new(&compiled, &sources)).map_err(|misnamed| {
        output::complain(&misnamed.message, Some(&misnamed.help), options);
        exit_code::ENVIRONMENT
    })
}

/// Prints answers in the form that was asked for.
///
/// # Errors
/// The exit code when standard output takes nothing.
pub(super) fn show(
    question: &str,
    verb: &str,
    answers: &[Answer],
    format: AnswerFormat,
    options: OutputOptions,
) -> Result<(), u8> {
    let text = match format {
        AnswerFormat::Json => format!("{:#}\n", json!({ "question": question, "answers": answers })),
        AnswerFormat::Text => {
            let shown: Vec<String> = answers.iter().map(|answer| for_people(answer, verb)).collect();
            shown.join("\n")
        }
    };
    output::print(&text, options)
}

fn for_people(answer: &Answer, verb: &str) -> String {
    let mut text = format!("{BOLD}{}{PLAIN}", answer.subject);
    if let Some(environment) = &answer.environment {
        let _ = write!(text, " in {environment}");
    }
    let _ = writeln!(text);
    if answer.arn != answer.subject {
        let _ = writeln!(text, "{DIM}{}{PLAIN}", answer.arn);
    }
    let of = |verdict| answer.callers.iter().filter(move |caller| caller.verdict == verdict);
    let able: Vec<&CallerAnswer> = of(Verdict::Yes).collect();
    let open: Vec<&CallerAnswer> = of(Verdict::Undecided).collect();
    let unable: Vec<&CallerAnswer> = of(Verdict::No).collect();
    if answer.callers.len() == 1 {
        for caller in &answer.callers {
            let word = match caller.verdict {
                Verdict::Yes => "yes",
                Verdict::No => "no",
                Verdict::Undecided => "undecided",
            };
            let _ = writeln!(text, "\n{BOLD}{word}{PLAIN}: {}", table(&[caller]).trim());
            reasons(&mut text, caller);
        }
        return text;
    }
    if able.is_empty() {
        let _ = writeln!(text, "\n{BOLD}nobody can {verb} it{PLAIN}");
    } else {
        let _ = writeln!(text, "\n{BOLD}can {verb} it{PLAIN}\n{}", table(&able));
    }
    if !open.is_empty() {
        let _ = writeln!(text, "{BOLD}undecided{PLAIN}\n{}", table(&open));
    }
    for caller in able.iter().chain(&open) {
        let _ = writeln!(text, "{BOLD}{}{PLAIN}", caller.who);
        reasons(&mut text, caller);
    }
    let (near, far): (Vec<&CallerAnswer>, Vec<&CallerAnswer>) =
        unable.iter().partition(|caller| is_near(caller));
    if !near.is_empty() {
        let _ = writeln!(text, "\n{BOLD}cannot, though a part is allowed{PLAIN}");
        for caller in near {
            let missing = caller.calls.iter().filter(|call| call.verdict == Verdict::No).map(refusal);
            let _ = writeln!(text, "  {}  {}", caller.who, missing.collect::<Vec<_>>().join("; "));
        }
    }
    if !far.is_empty() {
        let names: Vec<&str> = far.iter().map(|caller| caller.who.as_str()).collect();
        let _ = writeln!(text, "\n{DIM}cannot: {}{PLAIN}", names.join(", "));
    }
    text
}

/// Whether some but not all of what is needed is allowed, to somebody with a name.
fn is_near(caller: &CallerAnswer) -> bool {
    caller.arn.is_some() && caller.calls.iter().any(|call| call.verdict == Verdict::Yes)
}

/// One caller a line: who, what it is, where the blueprint says so.
fn table(callers: &[&CallerAnswer]) -> String {
    let width = |of: &dyn Fn(&CallerAnswer) -> usize| callers.iter().map(|it| of(it)).max().unwrap_or(0);
    let who = width(&|it| it.who.chars().count());
    let is = width(&|it| it.is.as_deref().unwrap_or_default().chars().count());
    let mut text = String::new();
    for caller in callers {
        let line = format!(
            "  {:who$}  {:is$}  {}",
            caller.who,
            caller.is.as_deref().unwrap_or_default(),
            caller.blueprint.as_deref().unwrap_or_default()
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn reasons(text: &mut String, caller: &CallerAnswer) {
    for call in &caller.calls {
        let mark = match call.verdict {
            Verdict::Yes => "allowed",
            Verdict::No => "missing",
            Verdict::Undecided => "undecided",
        };
        let _ = writeln!(text, "  {mark} {}", call.action);
        for ground in &call.by {
            let id = ground.logical_id.as_deref().unwrap_or_default();
            let stands = format!("{} {id} {}", ground.policy, ground.statement);
            let _ = writeln!(text, "    by {}", stands.split_whitespace().collect::<Vec<_>>().join(" "));
            if let Some(template) = &ground.template {
                let _ = writeln!(text, "       {DIM}{template}{PLAIN}");
            }
            if let (Some(place), Some(line)) = (&ground.blueprint, &ground.line) {
                let _ = writeln!(text, "       {DIM}{place}{PLAIN}  {line}");
            }
        }
        if !call.when.is_empty() {
            let keys: Vec<String> = call.when.iter().map(|(key, value)| format!("{key} = {value}")).collect();
            let _ = writeln!(text, "    when {}", keys.join(", "));
        }
        if let Some(because) = &call.because {
            let _ = writeln!(text, "    {because}");
        }
    }
}

fn refusal(call: &CallAnswer) -> String {
    format!("{}: {}", call.action, call.because.as_deref().unwrap_or("not allowed"))
}
