//! keyprint's own Guard rules on every template.

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::stack::Stack;
use crate::template::origin_at;

use super::Subject;
use super::codes::UNDECIDED;
use super::guard::{self, Finding, Rule, RuleOutcome, Verdict};
use super::judgement::Judgement;
use crate::run::Compiled;

/// Judges a template by the built-in rules.
pub(super) fn check(subject: &Subject<'_>, judgement: &mut Judgement) {
    let pack = match guard::built_in() {
        Ok(pack) => pack,
        Err(problems) => {
            for problem in problems {
                judgement
                    .undecided("guard", format!("{}:{}: {}", problem.file, problem.line, problem.message));
            }
            return;
        }
    };
    match pack.evaluate(&subject.document) {
        Ok(outcomes) => report(subject.compiled, subject.stack, pack.rules(), outcomes, judgement),
        Err(error) => {
            if let Some(span) = any_span(subject.compiled, subject.stack) {
                judgement.fail(None, Diagnostic::new(&UNDECIDED, span, error.to_string()));
            }
        }
    }
}

/// Turns the outcomes of a pack on a template into evidence and findings at the lines of the blueprint.
pub(super) fn report(
    compiled: &Compiled,
    stack: &Stack,
    rules: &[Rule],
    outcomes: Vec<RuleOutcome>,
    judgement: &mut Judgement,
) {
    let Some(anywhere) = any_span(compiled, stack) else { return };
    for outcome in outcomes {
        let code = format!("guard/{}", outcome.rule);
        match outcome.verdict {
            Verdict::Pass => judgement.pass(&code),
            Verdict::NotApplicable { reason } => judgement.not_applicable(&code, reason),
            Verdict::Undecided { reason } => judgement.fail(
                None,
                Diagnostic::new(&UNDECIDED, anywhere, format!("rule `{}`: {reason}", outcome.rule)),
            ),
            Verdict::Fail { findings } => {
                let rule = rules.iter().find(|rule| rule.name == outcome.rule);
                for finding in findings {
                    judgement.fail(
                        Some(finding.pointer.clone()).filter(|pointer| !pointer.is_empty()),
                        diagnostic(compiled, stack, anywhere, &code, rule, &finding),
                    );
                }
            }
        }
    }
}

fn diagnostic(
    compiled: &Compiled,
    stack: &Stack,
    anywhere: Span,
    code: &str,
    rule: Option<&Rule>,
    finding: &Finding,
) -> Diagnostic {
    let span = origin_at(&compiled.stacks, stack, &finding.pointer).map_or(anywhere, |origin| origin.span);
    let message = finding
        .message
        .clone()
        .or_else(|| rule.map(|rule| rule.message.clone()))
        .unwrap_or_else(|| "the rule does not hold".to_owned());
    let diagnostic = Diagnostic::rule(code.to_owned(), span, message).here("becomes what the rule refuses");
    match rule {
        Some(rule) if !rule.explanation.is_empty() => diagnostic.help(rule.explanation.clone()),
        Some(_) | None => diagnostic,
    }
}

/// Some place of a stack's blueprint, for what is about the stack as a whole.
fn any_span(compiled: &Compiled, stack: &Stack) -> Option<Span> {
    stack.members.iter().find_map(|id| compiled.stacks.resources.get(*id)).map(|entry| entry.origin.span)
}
