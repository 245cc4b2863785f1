//! Waivers: findings that the author accepts, with a reason and a last day.

use super::{Category, Diagnostic, Diagnostics, code};
use crate::source::Span;

code! {
    /// ## What it finds
    ///
    /// A waiver whose last day is over.
    ///
    /// ## Why it matters
    ///
    /// A waiver accepts a risk for a time. When the time is over somebody has to decide again.
    ///
    /// ## Example
    ///
    /// A waiver with `until: 2020-01-31`.
    ///
    /// ## Instead
    ///
    /// Mend what the finding names and take the waiver away, or give it a new last day and a reason that still holds.
    WAIVER_EXPIRED = "waiver-expired" { Error, Rotation, "a waiver's last day is over" }

    /// ## What it finds
    ///
    /// A waiver that no finding needs.
    ///
    /// ## Why it matters
    ///
    /// A waiver that matches nothing hides the next finding of its kind from review.
    ///
    /// ## Example
    ///
    /// A waiver for `secret-without-rotation` on a secret that rotates.
    ///
    /// ## Instead
    ///
    /// Take the waiver away, or correct its `finding` and `on`.
    WAIVER_UNUSED = "waiver-unused" { Warning, Rotation, "a waiver matches nothing" }
}

/// An accepted finding.
#[derive(Debug, Clone)]
pub(crate) struct Waiver {
    /// The code of the finding.
    pub(crate) finding: String,
    /// The entry of the blueprint that it is accepted on: everything found within is meant.
    pub(crate) scope: Span,
    /// The author's reason.
    pub(crate) because: String,
    /// The last day, `YYYY-MM-DD`.
    pub(crate) until: String,
    /// Where the waiver stands.
    pub(crate) span: Span,
}

/// The waivers of a run, with what they have been used for.
#[derive(Debug)]
pub(crate) struct Waivers {
    entries: Vec<(Waiver, bool)>,
    waived: Vec<(Diagnostic, Waiver)>,
}

impl Waivers {
    /// Takes the waivers in and reports those whose last day is over; they waive nothing any more.
    pub(crate) fn new(waivers: Vec<Waiver>, today: &str, log: &mut Diagnostics) -> Self {
        let (valid, expired): (Vec<Waiver>, Vec<Waiver>) =
            waivers.into_iter().partition(|waiver| waiver.until.as_str() >= today);
        for waiver in expired {
            log.push(
                Diagnostic::new(
                    &WAIVER_EXPIRED,
                    waiver.span,
                    format!("the waiver for `{}` ended on {}", waiver.finding, waiver.until),
                )
                .help("mend what it names, or decide again with a new last day"),
            );
        }
        Self { entries: valid.into_iter().map(|waiver| (waiver, false)).collect(), waived: Vec::new() }
    }

    /// Takes the findings that are accepted out of the log.
    pub(crate) fn apply(&mut self, log: &mut Diagnostics) {
        let entries = &mut self.entries;
        let mut matched: Vec<Waiver> = Vec::new();
        let taken = log.split_off(|diagnostic| {
            let Some(place) = diagnostic.labels.first().map(|label| label.span) else { return false };
            if !can_be_waived(diagnostic) {
                return false;
            }
            let found = entries.iter_mut().find(|(waiver, _)| {
                covers(&waiver.finding, &diagnostic.code)
                    && waiver.scope.source == place.source
                    && waiver.scope.start <= place.start
                    && place.end <= waiver.scope.end
            });
            found.is_some_and(|(waiver, used)| {
                *used = true;
                matched.push(waiver.clone());
                true
            })
        });
        self.waived.extend(taken.into_iter().zip(matched));
    }

    /// Reports the waivers that nothing needed, and returns what was waived.
    pub(crate) fn finish(self, log: &mut Diagnostics) -> Vec<(Diagnostic, Waiver)> {
        for (waiver, _) in self.entries.iter().filter(|(_, used)| !used) {
            log.push(
                Diagnostic::new(
                    &WAIVER_UNUSED,
                    waiver.span,
                    format!("no finding needs the waiver for `{}`", waiver.finding),
                )
                .help("take it away, or correct `finding` and `on`"),
            );
        }
        self.waived
    }
}

/// Findings of the blueprint that rules find again in its templates; who accepts the one accepts the other.
const FOUND_AGAIN: [(&str, &str); 2] = [
    ("rotation-interval-too-long", "guard/ROTATION_IS_QUARTERLY"),
    ("secret-without-rotation", "guard/SECRET_IS_ROTATED"),
];

fn covers(finding: &str, code: &str) -> bool {
    finding == code || FOUND_AGAIN.contains(&(finding, code))
}

/// Whether a finding can be accepted at all: those about what is wanted can, those about what is not understood, not
/// deployable or not decided cannot.
fn can_be_waived(diagnostic: &Diagnostic) -> bool {
    match diagnostic.category {
        Category::Rotation
        | Category::Encryption
        | Category::Access
        | Category::Network
        | Category::Watch
        | Category::Guard => true,
        Category::Blueprint
        | Category::Names
        | Category::Limits
        | Category::Schema
        | Category::Snapshot
        | Category::Change => false,
    }
}
