//! Waivers that come and go: findings that nobody mends for the time being.

use super::Class;
use super::model::{Change, Review};
use super::review::{id, sort};

/// A waiver of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waived {
    /// The code of the finding.
    pub(crate) finding: String,
    /// The entry that it is accepted on.
    pub(crate) on: String,
    /// The last day, `YYYY-MM-DD`.
    pub(crate) until: String,
}

/// Adds what differs between the waivers of two sides.
pub(crate) fn waived(review: &mut Review, old: &[Waived], new: &[Waived]) {
    let same = |left: &Waived, right: &Waived| left.finding == right.finding && left.on == right.on;
    let subject = |it: &Waived| format!("waiver of `{}` on `{}`", it.finding, it.on);
    // An entry that is renamed takes its waiver along.
    let lone = |own: &[Waived], others: &[Waived]| -> Vec<Waived> {
        own.iter().filter(|it| !others.iter().any(|other| same(it, other))).cloned().collect()
    };
    let (gone, come) = (lone(old, new), lone(new, old));
    let moved = |it: &Waived, others: &[Waived]| {
        let alike = |other: &&Waived| other.finding == it.finding && other.until == it.until;
        others.iter().filter(alike).count() == 1
    };
    let mut changes = Vec::new();
    for it in new.iter().filter(|it| !(come.contains(it) && moved(it, &gone))) {
        let (class, what) = match old.iter().find(|known| same(known, it)) {
            None => (Class::Weaker, format!("the finding is accepted until {}", it.until)),
            Some(known) if known.until < it.until => (
                Class::Weaker,
                format!("the finding is accepted until {}, no longer {}", it.until, known.until),
            ),
            Some(known) if known.until > it.until => (
                Class::Stronger,
                format!("the finding is accepted until {} only, not {}", it.until, known.until),
            ),
            Some(_) => continue,
        };
        changes.push(Change::new(class, subject(it), what));
    }
    for it in gone.iter().filter(|it| !moved(it, &come)) {
        changes.push(Change::new(Class::Stronger, subject(it), "the finding is no longer accepted"));
    }
    for change in &mut changes {
        change.id = id(change);
    }
    review.changes.extend(changes);
    sort(review);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiver_weakens_and_its_end_strengthens() {
        let waiver = |on: &str, until: &str| Waived {
            finding: "secret-without-rotation".to_owned(),
            on: on.to_owned(),
            until: until.to_owned(),
        };
        let mut review = Review::default();
        let old = [waiver("a", "2026-01-01"), waiver("b", "2026-01-01"), waiver("c", "2026-01-01")];
        let new = [waiver("a", "2026-01-01"), waiver("b", "2027-01-01"), waiver("d", "2026-05-01")];
        waived(&mut review, &old, &new);
        let classes: Vec<Class> = review.changes.iter().map(|change| change.class).collect();
        assert_eq!(classes, [Class::Weaker, Class::Weaker, Class::Stronger]);
        waived(&mut review, &[waiver("a", "2027-01-01")], &[waiver("a", "2026-01-01")]);
        assert_eq!(review.changes.last().map(|change| change.class), Some(Class::Stronger));
        let before = review.changes.len();
        waived(&mut review, &[waiver("a", "2026-01-01")], &[waiver("renamed", "2026-01-01")]);
        assert_eq!(review.changes.len(), before, "the entry has another name");
        assert!(review.changes.iter().all(|change| !change.id.is_empty()));
    }
}
