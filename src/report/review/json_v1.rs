//! The review for programs, version 1. Its types are frozen: a change that a reader could notice makes a version 2.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Shown;
use super::secrets::{hide, masked};
use super::told::place;
use crate::access::witness;
use crate::change::{CLASSES, Change, Equal, Spot};

/// The whole document.
#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    old: &'a str,
    new: &'a str,
    stops: bool,
    /// The words of the classes that stop, the gravest first.
    fail_on: Vec<&'static str>,
    summary: Counts,
    changes: Vec<Told<'a>>,
    equal: Vec<Same<'a>>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Counts {
    changes: usize,
    stopping: usize,
    acknowledged: usize,
    equal: usize,
    unchanged: usize,
    /// Every class, acknowledged changes not counted.
    classes: BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct Told<'a> {
    id: &'a str,
    class: &'static str,
    stops: bool,
    subject: String,
    what: String,
    details: Vec<String>,
    /// `{"principal", "action", "resource", "context"}`, unknown characters as `?`.
    request: Option<Value>,
    old: Option<Place<'a>>,
    new: Option<Place<'a>>,
    /// Where the new side's files cause it.
    location: Option<Location<'a>>,
    texts: Vec<Text<'a>>,
    acknowledged: Option<Accepted>,
}

#[derive(Serialize)]
struct Place<'a> {
    template: &'a str,
    logical_id: Option<&'a str>,
    pointer: Option<&'a str>,
}

/// A range, counted from 1 in characters; its end is the first character behind.
#[derive(Serialize)]
struct Location<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Text<'a> {
    title: &'a str,
    old: Option<Value>,
    new: Option<Value>,
}

#[derive(Serialize)]
struct Accepted {
    because: String,
    until: String,
}

#[derive(Serialize)]
struct Same<'a> {
    subject: String,
    because: String,
    spot: Option<Place<'a>>,
}

/// The review as one JSON document.
pub(super) fn report(of: &Shown<'_>) -> String {
    let review = of.review;
    let changes = &review.changes;
    let count = |test: &dyn Fn(&Change) -> bool| changes.iter().filter(|change| test(change)).count();
    let [old, new] = &review.sides;
    let document = Document {
        version: 1,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        old,
        new,
        stops: of.stops_at_all(),
        fail_on: of.stopping.iter().map(|class| class.word()).collect(),
        summary: Counts {
            changes: changes.len(),
            stopping: count(&|change| of.stops(change)),
            acknowledged: count(&|change| change.acknowledged.is_some()),
            equal: review.equal.len(),
            unchanged: review.unchanged,
            classes: CLASSES.iter().map(|class| (class.word(), of.open(*class).count())).collect(),
        },
        changes: changes.iter().map(|change| told(of, change)).collect(),
        equal: review.equal.iter().map(same).collect(),
        notes: review.notes.iter().map(|note| hide(note).into_owned()).collect(),
    };
    // Strings, numbers and lists under fixed names: serialisation has no way to fail.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn told<'a>(of: &Shown<'a>, change: &'a Change) -> Told<'a> {
    let texts = change.texts.iter().map(|difference| {
        let [old, new] = masked(difference);
        Text { title: &difference.title, old, new }
    });
    Told {
        id: &change.id,
        class: change.class.word(),
        stops: of.stops(change),
        subject: hide(&change.subject).into_owned(),
        what: hide(&change.what).into_owned(),
        details: change.details.iter().map(|detail| hide(detail).into_owned()).collect(),
        request: change.request.as_deref().map(witness),
        old: change.old.as_ref().map(spot),
        new: change.new.as_ref().map(spot),
        location: place(of, change).map(|place| Location {
            file: place.file,
            line: place.start.line,
            column: place.start.column,
            end_line: place.end.line,
            end_column: place.end.column,
        }),
        texts: texts.collect(),
        acknowledged: change
            .acknowledged
            .as_ref()
            .map(|it| Accepted { because: hide(&it.because).into_owned(), until: it.until.clone() }),
    }
}

fn spot(spot: &Spot) -> Place<'_> {
    let some = |text: &'_ str| !text.is_empty();
    Place {
        template: &spot.template,
        logical_id: Some(spot.logical_id.as_str()).filter(|id| some(id)),
        pointer: Some(spot.pointer.as_str()).filter(|pointer| some(pointer)),
    }
}

fn same(entry: &Equal) -> Same<'_> {
    Same {
        subject: hide(&entry.subject).into_owned(),
        because: hide(&entry.because).into_owned(),
        spot: entry.spot.as_ref().map(spot),
    }
}
