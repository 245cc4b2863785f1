//! Rules from outside, judged in a child of the same binary.
//!
//! Rule text can exhaust the stack or never finish, and neither can be caught inside a process. The parent hands
//! rules and templates over standard input, reads the answer from standard output, and ends a child that takes
//! too long.

use std::io::{self, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{EngineError, Rule, RuleOutcome, RulePack, RuleProblem};
use crate::verify::provider_schema;

/// A longer answer is not read to its end; honest ones are far smaller.
const MAX_ANSWER_BYTES: u64 = 256 << 20;

/// A rule file as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleText {
    /// The name to report it under.
    pub file: String,
    /// Its content.
    pub text: String,
}

/// A template to judge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedTemplate {
    /// The name to report it under.
    pub name: String,
    /// The parsed template.
    pub template: Value,
}

/// What the parent asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The rule files of one pack.
    pub rules: Vec<RuleText>,
    /// The templates to judge by it.
    pub templates: Vec<NamedTemplate>,
}

/// What the child answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Response {
    /// The rule files have problems and nothing was evaluated.
    Rejected {
        /// All of them, sorted.
        problems: Vec<RuleProblem>,
    },
    /// Every template was judged by every rule.
    Judged {
        /// The rules in the order of the files.
        rules: Vec<Rule>,
        /// The templates in the order of the request.
        templates: Vec<NamedOutcomes>,
    },
}

/// The outcomes of one template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedOutcomes {
    /// The template's name in the request.
    pub name: String,
    /// One outcome per rule, or why there is none.
    pub outcomes: Result<Vec<RuleOutcome>, EngineError>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChildFault {
    /// The child could not be started.
    NotStarted,
    /// The child did not answer in time and was ended.
    TimedOut,
    /// The child ended without a whole answer, as when its stack overflows.
    Crashed,
}

impl std::fmt::Display for ChildFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ChildFault::NotStarted => "the process that evaluates rule files could not be started",
            ChildFault::TimedOut => "the rule files took too long to evaluate",
            ChildFault::Crashed => "the rule files brought the guard engine down",
        })
    }
}

impl std::error::Error for ChildFault {}

/// The child's side: one request in, one answer out.
pub fn child_main(input: &mut dyn Read, output: &mut dyn Write) -> io::Result<()> {
    let request: Request = serde_json::from_reader(input)?;
    serde_json::to_writer(&mut *output, &answer(&request))?;
    output.flush()
}

/// The parent's side: starts `command`, which must end up in [`child_main`], and waits at most `limit`.
pub fn evaluate_in_child(
    mut command: Command,
    request: &Request,
    limit: Duration,
) -> Result<Response, ChildFault> {
    let text = serde_json::to_vec(request).map_err(|_| ChildFault::NotStarted)?;
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|_| ChildFault::NotStarted)?;
    let read = match (child.stdin.take(), child.stdout.take()) {
        (Some(stdin), Some(stdout)) => converse(&mut child, stdin, stdout, &text, limit),
        _ => Err(ChildFault::NotStarted),
    };
    end(&mut child);
    serde_json::from_slice(&read?).map_err(|_| ChildFault::Crashed)
}

fn converse(
    child: &mut Child,
    mut stdin: ChildStdin,
    stdout: ChildStdout,
    text: &[u8],
    limit: Duration,
) -> Result<Vec<u8>, ChildFault> {
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        // A child that dies early closes the pipe; its missing answer says so better than the failed write.
        scope.spawn(move || stdin.write_all(text));
        scope.spawn(move || {
            let mut read = Vec::new();
            let result = stdout.take(MAX_ANSWER_BYTES).read_to_end(&mut read);
            sender.send(result.map(|_| read))
        });
        let received = receiver.recv_timeout(limit);
        end(child);
        match received {
            Ok(Ok(read)) => Ok(read),
            Ok(Err(_)) | Err(mpsc::RecvTimeoutError::Disconnected) => Err(ChildFault::Crashed),
            Err(mpsc::RecvTimeoutError::Timeout) => Err(ChildFault::TimedOut),
        }
    })
}

/// Ends the child if it still runs, and reaps it; both are harmless when repeated.
fn end(child: &mut Child) {
    let _killed = child.kill();
    let _status = child.wait();
}

fn answer(request: &Request) -> Response {
    let files: Vec<(&str, &str)> =
        request.rules.iter().map(|rule| (rule.file.as_str(), rule.text.as_str())).collect();
    let pack = match RulePack::parse(&files, &provider_schema::types()) {
        Ok(pack) => pack,
        Err(problems) => return Response::Rejected { problems },
    };
    let judge = |named: &NamedTemplate| NamedOutcomes {
        name: named.name.clone(),
        outcomes: pack.evaluate(&named.template),
    };
    Response::Judged {
        templates: request.templates.iter().map(judge).collect(),
        rules: pack.rules().to_vec(),
    }
}
