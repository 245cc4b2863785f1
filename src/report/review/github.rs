//! Workflow commands for a review; the gravest first, because GitHub shows the first ten of a kind.

use super::Shown;
use super::findings::{findings, run};
use crate::report::github::command;
use crate::report::mask::Mask;

/// One command for each change.
pub(super) fn report(of: &Shown<'_>) -> String {
    let run = run(of);
    let mask = Mask::default();
    findings(of).iter().map(|(diagnostic, _)| format!("{}\n", command(&run, diagnostic, &mask))).collect()
}
