//! SARIF 2.1.0 of a review: changes as results, classes as rules, acknowledgements as suppressions.

use std::collections::BTreeSet;

use super::Shown;
use super::findings::{NOT_JUDGED, findings, run};
use crate::change::{CLASSES, code_of};
use crate::report::sarif;

/// The review as one SARIF log.
pub(super) fn report(of: &Shown<'_>) -> String {
    let classes = CLASSES.iter().map(|class| code_of(*class).name);
    let codes: BTreeSet<&str> = classes.chain([NOT_JUDGED]).collect();
    sarif::log(&run(of), &findings(of), &codes)
}
