//! Rules from outside, which the command line runs in a process of their own.

use serde_json::Value;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::run::{Compiled, Evidence};
use crate::source::{SourceId, Span};

use super::codes::{RULE_FILE, UNDECIDED};
use super::guard::{ChildFault, NamedTemplate, Request, Response, RuleText};
use super::judgement::Judgement;
use super::rules;

/// Rule files of a user, and the way to have them evaluated where they can do no harm.
pub struct OutsideRules<'a> {
    /// The rule files, by the sources that show them in messages.
    pub files: Vec<(SourceId, RuleText)>,
    /// Evaluates a request in another process.
    pub evaluate: &'a (dyn Fn(&Request) -> Result<Response, ChildFault> + Sync),
}

/// Judges every template by the rule files.
pub(super) fn check(
    compiled: &Compiled,
    outside: &OutsideRules<'_>,
    documents: Vec<Value>,
    evidence: &mut Vec<Evidence>,
    log: &mut Diagnostics,
) {
    let Some((first, _)) = outside.files.first() else { return };
    let templates = compiled
        .templates
        .iter()
        .zip(documents)
        .map(|(template, document)| NamedTemplate { name: template.path.clone(), template: document })
        .collect();
    let request =
        Request { rules: outside.files.iter().map(|(_, rules)| rules.clone()).collect(), templates };
    match (outside.evaluate)(&request) {
        Err(fault) => {
            log.push(
                Diagnostic::new(&RULE_FILE, Span::new(*first, 0..0), fault.to_string())
                    .help("try the rule files one by one to find the one that does it"),
            );
        }
        Ok(Response::Rejected { problems }) => {
            for problem in problems {
                let source = outside.files.iter().find(|(_, rules)| rules.file == problem.file);
                let span = source
                    .map_or(Span::new(*first, 0..0), |(id, rules)| line_span(*id, &rules.text, problem.line));
                log.push(Diagnostic::new(&RULE_FILE, span, problem.message));
            }
        }
        Ok(Response::Judged { rules: catalogue, templates }) => {
            for (template, judged) in compiled.templates.iter().zip(templates) {
                let Some(stack) = compiled.stacks.stacks.get(template.stack) else { continue };
                let mut judgement = Judgement::new(template);
                match judged.outcomes {
                    Ok(outcomes) => rules::report(compiled, stack, &catalogue, outcomes, &mut judgement),
                    Err(error) => judgement
                        .fail(None, Diagnostic::new(&UNDECIDED, Span::new(*first, 0..0), error.to_string())),
                }
                judgement.finish(evidence, log);
            }
        }
    }
}

fn line_span(source: SourceId, text: &str, line: usize) -> Span {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let length = text.get(start..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
    Span::new(source, start..start.saturating_add(length))
}
