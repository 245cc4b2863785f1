//! The result of a review: changes with what they come to, where they stand, and how one knows.

use serde_json::Value;

use super::Class;
use crate::access::Request;

/// Everything that differs between two sides.
#[derive(Debug, Default)]
pub struct Review {
    /// What was compared, as people call it: the old side, the new side.
    pub sides: [String; 2],
    /// The changes, the gravest first, then by template and resource.
    pub changes: Vec<Change>,
    /// Texts that differ and mean the same.
    pub equal: Vec<Equal>,
    /// Resources that are the same on both sides.
    pub unchanged: usize,
    /// What could not be judged, or was left out, and why.
    pub notes: Vec<String>,
}

/// A change and what it comes to.
#[derive(Debug, Clone)]
pub struct Change {
    /// What it comes to.
    pub class: Class,
    /// The thing that changes, as people call it: `secret orders/production/orders-db`.
    pub subject: String,
    /// What changes, in one sentence without a full stop.
    pub what: String,
    /// What else there is to know: consequences, what to do instead.
    pub details: Vec<String>,
    /// A request that was impossible and is now possible, or the other way round where access narrows.
    pub request: Option<Box<Request>>,
    /// The place on the old side.
    pub old: Option<Spot>,
    /// The place on the new side.
    pub new: Option<Spot>,
    /// The texts that differ, old and new, for those who want to read them.
    pub texts: Vec<Difference>,
    /// The acknowledgement that covers it, if there is one: the reason and the last day.
    pub acknowledged: Option<Acknowledged>,
    /// The name of exactly this change: its class, and a digest of subject, sentence and texts.
    pub id: String,
}

/// A place in a template, or where the blueprint caused it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The template's path.
    pub template: String,
    /// The logical id of the resource; empty for the template as a whole.
    pub logical_id: String,
    /// The JSON pointer.
    pub pointer: String,
}

/// Two texts that differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// What it is: a property, or a policy.
    pub title: String,
    /// As it was.
    pub old: Option<Value>,
    /// As it is.
    pub new: Option<Value>,
}

/// Texts that differ and mean the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Equal {
    /// The thing.
    pub subject: String,
    /// Why it makes no difference.
    pub because: String,
    /// Where, on the new side.
    pub spot: Option<Spot>,
}

/// Why a change is accepted, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    /// The author's reason.
    pub because: String,
    /// The last day, `YYYY-MM-DD`.
    pub until: String,
}

impl Change {
    /// A change of a class to a subject.
    pub(crate) fn new(class: Class, subject: impl Into<String>, what: impl Into<String>) -> Change {
        Change {
            class,
            subject: subject.into(),
            what: what.into(),
            details: Vec::new(),
            request: None,
            old: None,
            new: None,
            texts: Vec::new(),
            acknowledged: None,
            id: String::new(),
        }
    }

    /// Adds what else there is to know.
    #[must_use]
    pub(crate) fn detail(mut self, text: impl Into<String>) -> Change {
        self.details.push(text.into());
        self
    }

    /// Adds a request that shows it.
    #[must_use]
    pub(crate) fn shown_by(mut self, request: Option<Box<Request>>) -> Change {
        self.request = request;
        self
    }

    /// Says where it stands.
    #[must_use]
    pub(crate) fn at(mut self, old: Option<Spot>, new: Option<Spot>) -> Change {
        (self.old, self.new) = (old, new);
        self
    }

    /// Adds texts that differ.
    #[must_use]
    pub(crate) fn text(mut self, title: impl Into<String>, old: Option<Value>, new: Option<Value>) -> Change {
        self.texts.push(Difference { title: title.into(), old, new });
        self
    }
}
