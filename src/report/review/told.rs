//! The words that all faces share: a change's places, its request, the counts of a review.

use serde_json::Value;

use super::Shown;
use super::secrets::hide;
use crate::access::{Request, readable, witness};
use crate::change::{CLASSES, Change, Class, Spot};
use crate::report::place::{Place, at, counted, visible};

/// Classes that a reviewer need not read one by one.
pub(super) const PLAIN: [Class; 3] = [Class::Added, Class::Removed, Class::Other];

/// A text as it may be shown in one line: unknown characters as `?`, no values, no control characters.
pub(super) fn shown(text: &str) -> String {
    visible(&hide(&readable(text))).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text of at most so many characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
    }
}

/// The place of a change in the files of the new side.
pub(super) fn place<'a>(of: &Shown<'a>, change: &Change) -> Option<Place<'a>> {
    at(of.sources, (of.locate)(change.new.as_ref()?)?)
}

/// Where a change stands, in the files of the new side or else in a template; with a word before it where it stands no
/// more.
pub(super) fn stands(of: &Shown<'_>, change: &Change) -> Option<(&'static str, String)> {
    if let Some(place) = place(of, change) {
        return Some(("", format!("{}:{}:{}", shown(place.file), place.start.line, place.start.column)));
    }
    let new = change.new.as_ref().map(|spot| ("", spot_text(spot)));
    new.or_else(|| Some(("was at ", spot_text(change.old.as_ref()?))))
}

/// A place of a template in one word.
pub(super) fn spot_text(spot: &Spot) -> String {
    let Spot { template, logical_id, pointer } = spot;
    if !pointer.is_empty() {
        shown(&format!("{template}#{pointer}"))
    } else if !logical_id.is_empty() {
        shown(&format!("{template}#/Resources/{logical_id}"))
    } else {
        shown(template)
    }
}

/// A request in the words of a policy.
pub(super) struct Asked {
    /// What became of it.
    pub(super) verdict: &'static str,
    /// Who asks.
    pub(super) principal: String,
    /// The action.
    pub(super) action: String,
    /// The resource.
    pub(super) resource: String,
    /// The condition keys with their values.
    pub(super) when: Vec<(String, String)>,
}

impl Asked {
    /// The condition keys that say more than who asks.
    pub(super) fn telling(&self) -> impl Iterator<Item = &(String, String)> {
        let account = self.principal.split(':').nth(4).unwrap_or_default();
        self.when.iter().filter(move |(key, value)| match key.as_str() {
            "aws:PrincipalArn" => *value != self.principal,
            "aws:PrincipalAccount" | "kms:CallerAccount" => value != account,
            "aws:PrincipalIsAWSService" => value != "false",
            _ => true,
        })
    }
}

/// The request that shows a change.
pub(super) fn asked(change: &Change) -> Option<Asked> {
    let request: &Request = change.request.as_deref()?;
    let told = witness(request);
    let text = |name: &str| told.get(name).and_then(Value::as_str).map(brief).unwrap_or_default();
    let principal = match text("principal") {
        anyone if anyone == "*" => "anyone".to_owned(),
        other => other,
    };
    let values = |value: &Value| value.as_str().map_or_else(|| brief(&value.to_string()), brief);
    let context = told.get("context").and_then(Value::as_object).into_iter().flatten();
    Some(Asked {
        verdict: if is_loss(change.class) { "now denied" } else { "now allowed" },
        principal,
        action: text("action"),
        resource: text("resource"),
        when: context.map(|(key, value)| (shown(key), values(value))).collect(),
    })
}

/// A text with a long run of unknown characters, such as a key's id, made short.
fn brief(text: &str) -> String {
    let mut text = shown(text);
    while let Some(at) = text.find(UNKNOWN_ID) {
        let end = text.get(at..).and_then(|rest| rest.find(|c| c != '?')).map_or(text.len(), |run| at + run);
        text.replace_range(at..end, "…");
    }
    text
}

/// More unknown characters than the six that end a secret's ARN.
const UNKNOWN_ID: &str = "????????";

/// Whether a request that shows a change of this class was possible and is no more.
fn is_loss(class: Class) -> bool {
    match class {
        Class::Narrower | Class::Stronger | Class::Removed => true,
        Class::Public
        | Class::Foreign
        | Class::DataLost
        | Class::Regenerated
        | Class::RotationLost
        | Class::UpdateFails
        | Class::Replacement
        | Class::Broader
        | Class::Weaker
        | Class::Order
        | Class::Undecided
        | Class::Altered
        | Class::Interruption
        | Class::Added
        | Class::Other => false,
    }
}

/// How many changes of each class nobody has acknowledged, for the classes that have any.
pub(super) fn counts(of: &Shown<'_>) -> Vec<(Class, usize)> {
    let counted = CLASSES.iter().map(|class| (*class, of.open(*class).count()));
    counted.filter(|(_, count)| *count > 0).collect()
}

/// The counts in one line: `2 broader, 1 weaker; 1 acknowledged; 57 resources unchanged`.
pub(super) fn summary(of: &Shown<'_>) -> String {
    let review = of.review;
    let open: Vec<String> =
        counts(of).into_iter().map(|(class, count)| format!("{count} {}", class.word())).collect();
    let mut parts = vec![if open.is_empty() { "no change".to_owned() } else { open.join(", ") }];
    let acknowledged = review.changes.iter().filter(|change| change.acknowledged.is_some()).count();
    if acknowledged > 0 {
        parts.push(format!("{acknowledged} acknowledged"));
    }
    parts.push(format!("{} unchanged", counted(review.unchanged, "resource")));
    parts.join("; ")
}

/// The classes for which the review stops: `broader, weaker`.
pub(super) fn stopping(of: &Shown<'_>) -> Option<String> {
    let stopping = counts(of).into_iter().filter(|(class, _)| of.stopping.contains(class));
    let words: Vec<&str> = stopping.map(|(class, _)| class.word()).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// `3 texts differ and mean the same`.
pub(super) fn equal_line(count: usize) -> String {
    let verb = if count == 1 { "differs and means" } else { "differ and mean" };
    format!("{} {verb} the same", counted(count, "text"))
}
