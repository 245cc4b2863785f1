//! Changes that somebody has accepted, each by its exact name, for a time.

use super::model::{Acknowledged, Review};

/// An acceptance as the blueprint has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// The name of the change.
    pub(crate) change: String,
    /// Why it is accepted.
    pub(crate) because: String,
    /// The last day, `YYYY-MM-DD`.
    pub(crate) until: String,
    /// Where it stands, for people.
    pub(crate) place: String,
}

/// Marks the changes that are accepted; what is expired, or accepts nothing, is noted.
pub(crate) fn acknowledge(review: &mut Review, accepted: &[Accepted], today: &str) {
    for it in accepted {
        if it.until.as_str() < today {
            review.notes.push(format!(
                "{}: the acknowledgement of `{}` ended on {}; decide again",
                it.place, it.change, it.until
            ));
            continue;
        }
        let mut found = false;
        for change in review.changes.iter_mut().filter(|change| change.id == it.change) {
            found = true;
            change.acknowledged = Some(Acknowledged { because: it.because.clone(), until: it.until.clone() });
        }
        if !found {
            review.notes.push(format!(
                "{}: no change has the name `{}`; take the acknowledgement away once the change is merged",
                it.place, it.change
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Change, Class};
    use super::*;

    #[test]
    fn exactly_the_named_change_is_accepted_while_its_time_lasts() {
        let change = |id: &str| Change { id: id.to_owned(), ..Change::new(Class::Broader, "s", "w") };
        let accepted = |name: &str| Accepted {
            change: name.to_owned(),
            because: "why".to_owned(),
            until: "2026-12-31".to_owned(),
            place: "a.yaml:1:1".to_owned(),
        };
        let mut review =
            Review { changes: vec![change("broader:1"), change("broader:2")], ..Review::default() };
        acknowledge(&mut review, &[accepted("broader:1"), accepted("broader:3")], "2026-12-31");
        assert!(review.changes[0].acknowledged.is_some() && review.changes[1].acknowledged.is_none());
        assert!(review.notes[0].contains("no change has the name `broader:3`"), "{:?}", review.notes);
        acknowledge(&mut review, &[accepted("broader:2")], "2027-01-01");
        assert!(review.changes[1].acknowledged.is_none());
        assert!(review.notes[1].contains("ended on 2026-12-31"), "{:?}", review.notes);
    }
}
