//! The engine's stream of evaluation records, reduced to the places at which a rule fails.
//!
//! Only paths and the author's own messages are taken from a record; values are never looked at.

use cloudformation_guard_lang::path_value::PathAwareValue;
use cloudformation_guard_lang::{
    BlockCheck, ClauseCheck, ComparisonClauseCheck, InComparisonCheck, NamedStatus, QueryResult, RecordType,
    Status, TypeBlockCheck, UnaryValueCheck, ValueCheck,
};

use super::Finding;
use crate::pointer::logical_id;

/// How the engine begins the name of a clause's record.
const CLAUSE: &str = "GuardAccessClause#block";

/// Findings of the records that are open, innermost last.
#[derive(Default)]
pub(super) struct Records {
    open: Vec<Open>,
    finished: Vec<Finding>,
}

/// A record that has begun.
struct Open {
    findings: Vec<Finding>,
    is_clause: bool,
    /// Clauses inside a clause, and comparisons without a name, belong to a filter: not to hold is their work.
    is_selection: bool,
}

impl Records {
    /// A record begins.
    pub(super) fn start(&mut self, name: &str) {
        let is_clause = name.starts_with(CLAUSE);
        let is_selection = name.is_empty() || (is_clause && self.open.iter().any(|outer| outer.is_clause));
        self.open.push(Open { findings: Vec::new(), is_clause, is_selection });
    }

    /// A record ends: what failed below it goes up, unless the record as a whole did not fail.
    pub(super) fn end(&mut self, record: &RecordType<'_>) {
        let Some(Open { mut findings, is_selection, .. }) = self.open.pop() else { return };
        match fate(record) {
            _ if is_selection => findings.clear(),
            Fate::Drop => findings.clear(),
            Fate::Raise(message) => label(&mut findings, message),
            Fate::Disjunction => {
                let message = findings.iter().rev().find_map(|finding| finding.message.clone());
                label(&mut findings, message.as_deref());
            }
            Fate::RaiseOr(placeless) if findings.is_empty() => findings.push(placeless),
            Fate::RaiseOr(_) => {}
            Fate::Add(finding) => findings.push(finding),
        }
        let above = self.open.last_mut().map(|outer| &mut outer.findings);
        above.unwrap_or(&mut self.finished).append(&mut findings);
    }

    /// The findings of everything that has ended.
    pub(super) fn finish(self) -> Vec<Finding> {
        let mut unique: Vec<Finding> = Vec::with_capacity(self.finished.len());
        for finding in self.finished {
            if !unique.contains(&finding) {
                unique.push(finding);
            }
        }
        unique
    }
}

enum Fate<'a> {
    Drop,
    Raise(Option<&'a str>),
    Disjunction,
    RaiseOr(Finding),
    Add(Finding),
}

fn fate<'a>(record: &'a RecordType<'_>) -> Fate<'a> {
    match record {
        RecordType::Filter(_)
        | RecordType::RuleCondition(_)
        | RecordType::TypeCondition(_)
        | RecordType::WhenCondition(_) => Fate::Drop,
        RecordType::ClauseValueCheck(check) => failed_clause(check).map_or(Fate::Drop, Fate::Add),
        RecordType::RuleCheck(NamedStatus { status: Status::FAIL, message, .. }) => {
            Fate::Raise(message.as_deref())
        }
        RecordType::Disjunction(BlockCheck { status: Status::FAIL, .. }) => Fate::Disjunction,
        RecordType::BlockGuardCheck(BlockCheck { status: Status::FAIL, .. }) => {
            Fate::RaiseOr(placeless(None))
        }
        RecordType::FileCheck(NamedStatus { status: Status::FAIL, .. })
        | RecordType::TypeCheck(TypeBlockCheck { block: BlockCheck { status: Status::FAIL, .. }, .. })
        | RecordType::TypeBlock(Status::FAIL)
        | RecordType::WhenCheck(BlockCheck { status: Status::FAIL, .. })
        | RecordType::GuardClauseBlockCheck(BlockCheck { status: Status::FAIL, .. }) => Fate::Raise(None),
        RecordType::RuleCheck(_)
        | RecordType::Disjunction(_)
        | RecordType::BlockGuardCheck(_)
        | RecordType::FileCheck(_)
        | RecordType::TypeCheck(_)
        | RecordType::TypeBlock(_)
        | RecordType::WhenCheck(_)
        | RecordType::GuardClauseBlockCheck(_) => Fate::Drop,
    }
}

fn failed_clause(check: &ClauseCheck<'_>) -> Option<Finding> {
    match check {
        ClauseCheck::Success => None,
        ClauseCheck::Comparison(ComparisonClauseCheck { from, custom_message, status, .. })
        | ClauseCheck::InComparison(InComparisonCheck { from, custom_message, status, .. })
        | ClauseCheck::Unary(UnaryValueCheck {
            value: ValueCheck { from, custom_message, status, .. },
            ..
        })
        | ClauseCheck::MissingBlockValue(ValueCheck { from, custom_message, status, .. }) => {
            (*status == Status::FAIL).then(|| at_value(reached(from), custom_message.as_deref()))
        }
        ClauseCheck::NoValueForEmptyCheck(message) => Some(placeless(message.as_deref())),
        ClauseCheck::DependentRule(missing) => Some(placeless(missing.custom_message.as_deref())),
    }
}

fn reached(result: &QueryResult) -> &PathAwareValue {
    match result {
        QueryResult::Literal(value) | QueryResult::Resolved(value) => value,
        QueryResult::UnResolved(unresolved) => &unresolved.traversed_to,
    }
}

fn at_value(value: &PathAwareValue, message: Option<&str>) -> Finding {
    let pointer = value.self_path().0.clone();
    Finding { logical_id: logical_id(&pointer), pointer, message: tidy(message) }
}

fn placeless(message: Option<&str>) -> Finding {
    Finding { pointer: String::new(), logical_id: None, message: tidy(message) }
}

fn label(findings: &mut [Finding], message: Option<&str>) {
    for finding in findings.iter_mut().filter(|finding| finding.message.is_none()) {
        finding.message = tidy(message);
    }
}

/// A message in one line; an empty one is none.
pub(super) fn tidy(message: Option<&str>) -> Option<String> {
    let line = message?.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}
