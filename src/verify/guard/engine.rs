//! Running a pack over a template, safely: a deep stack, and panics of the engine as typed answers.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::thread;

use cloudformation_guard_lang::Status;
use cloudformation_guard_lang::errors::Error;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::context::Evaluation;
use super::document::Document;
use super::pack::{ParsedFile, RulePack};
use super::{Finding, RuleOutcome, Verdict};

/// The engine recurses over documents and rules; on the default stack of a thread a nesting of 2,000 overflows.
const STACK_BYTES: usize = 32 << 20;

/// Why a template could not be judged at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EngineError {
    /// The template is nested more deeply than the engine can be trusted with.
    TooDeep,
    /// No thread could be started.
    NoThread,
    /// The engine panicked outside any rule.
    Panicked,
}

impl std::fmt::Display for EngineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            EngineError::TooDeep => "the template is nested too deeply",
            EngineError::NoThread => "no thread could be started for the guard engine",
            EngineError::Panicked => "the guard engine panicked",
        })
    }
}

impl std::error::Error for EngineError {}

impl RulePack<'_> {
    /// Judges a template by every rule of the pack, in the order of the files.
    ///
    /// Rules that the engine cannot evaluate are undecided and leave the others untouched. Safe to call for many
    /// templates at once.
    pub fn evaluate(&self, template: &Value) -> Result<Vec<RuleOutcome>, EngineError> {
        on_deep_stack(|| {
            let document = Document::new(template).ok_or(EngineError::TooDeep)?;
            Ok(self.files.iter().flat_map(|file| evaluate_file(self, file, &document)).collect())
        })?
    }
}

/// Runs `work` on a thread with a deep stack, with its panics silent and turned into an error.
pub(super) fn on_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, EngineError> {
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .name(String::from("guard"))
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || quietly(work))
            .map_err(|_| EngineError::NoThread)?;
        thread.join().map_err(|_| EngineError::Panicked)?.map_err(|_| EngineError::Panicked)
    })
}

fn evaluate_file(pack: &RulePack<'_>, file: &ParsedFile<'_>, document: &Document) -> Vec<RuleOutcome> {
    let mut evaluation = Evaluation::new(file, document);
    let mut outcomes = Vec::with_capacity(file.rules.guard_rules.len());
    for rule in &file.rules.guard_rules {
        let decided = quietly(|| evaluation.decide(rule));
        let verdict = match decided {
            Ok(Ok((Status::PASS, _))) => Verdict::Pass,
            Ok(Ok((Status::SKIP, _))) => Verdict::NotApplicable { reason: pack.why_skipped(&rule.rule_name) },
            Ok(Ok((Status::FAIL, findings))) => Verdict::Fail { findings: at_least_one(findings) },
            Ok(Err(error)) => Verdict::Undecided { reason: String::from(describe(&error)) },
            Err(_) => Verdict::Undecided { reason: String::from("the guard engine panicked on this rule") },
        };
        if matches!(verdict, Verdict::Undecided { .. }) {
            evaluation = Evaluation::new(file, document);
        }
        outcomes.push(RuleOutcome { rule: rule.rule_name.clone(), verdict });
    }
    outcomes
}

fn at_least_one(mut findings: Vec<Finding>) -> Vec<Finding> {
    if findings.is_empty() {
        findings.push(Finding { pointer: String::new(), logical_id: None, message: None });
    }
    findings
}

/// What kind of error it is; the error's own text may quote the template.
fn describe(error: &Error) -> &'static str {
    match error {
        Error::MissingValue(_) | Error::MissingVariable(_) => {
            "a variable or rule that it names does not exist"
        }
        Error::MultipleValues(_) => "a variable or rule is defined by itself",
        Error::RegexError(_) => "a regular expression in it cannot be used",
        Error::NotComparable(_) | Error::IncompatibleError(_) => "it compares values that have no order",
        Error::RetrievalError(_) | Error::IncompatibleRetrievalError(_) | Error::MissingProperty(_) => {
            "a query in it cannot be followed"
        }
        Error::ParseError(_) | Error::JsonError(_) | Error::YamlError(_) => {
            "a function in it got malformed text"
        }
        Error::FormatError(_)
        | Error::IoError(_)
        | Error::ConversionError(_)
        | Error::FileNotFoundError(_)
        | Error::Errors(_)
        | Error::IllegalArguments(_)
        | Error::InternalError(_) => "the guard engine could not evaluate it",
    }
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Catches a panic of `work` without the report that panics print, on this thread only.
fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, Box<dyn Any + Send>> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                previous(panic);
            }
        }));
    });
    let before = QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    result
}
