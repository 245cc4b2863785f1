//! The size of the text that is uploaded.

use crate::diagnostic::Diagnostics;
use crate::stack;

use super::Subject;
use super::judgement::Judgement;

/// Checks the template's bytes against the quota.
pub(super) fn check(subject: &Subject<'_>, judgement: &mut Judgement) {
    let mut log = Diagnostics::default();
    stack::check_size(&subject.compiled.stacks, subject.stack, subject.template.text.len(), &mut log);
    let findings: Vec<_> = log.iter().cloned().collect();
    if findings.is_empty() {
        judgement.pass("stack-too-large");
    }
    for finding in findings {
        judgement.fail(None, finding);
    }
}
