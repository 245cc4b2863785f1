//! Edits of templates, each with what it comes to: nothing that changes access is called equal, and nothing that only
//! says the same in other words is called broader.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise and says its rate"
)]

#[path = "change/edits.rs"]
mod edits;
#[path = "change/template.rs"]
mod template;

use std::collections::BTreeSet;
use std::path::Path;

use keyprint::change::Class;
use keyprint::{ChangeJudge, Options, Sources, change_judge};
use rayon::prelude::*;
use serde_json::Value;

use edits::{EDITS, Edit};
use template::Templates;

#[expect(clippy::disallowed_methods, reason = "the test reads shipped files")]
fn text(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn orders() -> ChangeJudge {
    let mut sources = Sources::default();
    sources.add("blueprints/orders.yaml", text("blueprints/orders.yaml"));
    let options = Options { today: "2026-11-26".to_owned(), ..Options::default() };
    change_judge(&sources, &options).unwrap()
}

fn cdk() -> ChangeJudge {
    let path = "tests/fixtures/cdk/services.template.json";
    let document: Value = serde_json::from_str(&text(path)).unwrap();
    ChangeJudge::of_templates(vec![(path.to_owned(), document)])
}

/// The classes that an edit comes to, without those that weigh nothing.
fn classes(judge: &ChangeJudge, edit: &Edit) -> (BTreeSet<Class>, String) {
    let mut templates = Templates::new(judge.templates());
    (edit.change)(&mut templates);
    let changed = templates.documents();
    let before: Vec<Value> = judge.templates().into_iter().map(|(_, document)| document).collect();
    assert_ne!(before, changed, "{}: the edit changes nothing", edit.name);
    let review = judge.review(&changed);
    let shown: Vec<String> = review
        .changes
        .iter()
        .map(|it| format!("  {}: {}: {}", it.class.word(), it.subject, it.what))
        .chain(review.equal.iter().map(|it| format!("  equal: {}: {}", it.subject, it.because)))
        .collect();
    let classes = review.changes.iter().map(|it| it.class).filter(|class| *class != Class::Other).collect();
    (classes, shown.join("\n"))
}

#[test]
fn every_edit_comes_to_what_it_is() {
    let (orders, cdk) = (orders(), cdk());
    let wrong: Vec<String> = EDITS
        .par_iter()
        .filter_map(|edit| {
            let judge = if edit.of == "cdk" { &cdk } else { &orders };
            // Every edit that has no place to apply is told, not only the first.
            let Ok((found, shown)) = std::panic::catch_unwind(|| classes(judge, edit)) else {
                return Some(format!("{} {}: does not apply", edit.of, edit.name));
            };
            let expected: BTreeSet<Class> = edit.comes_to.iter().copied().collect();
            (found != expected).then(|| {
                format!("{} {}: expected {expected:?}, found {found:?}\n{shown}", edit.of, edit.name)
            })
        })
        .collect();
    println!("{} edits, {} wrong", EDITS.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_table_has_every_class_and_no_name_twice() {
    let names: BTreeSet<(&str, &str)> = EDITS.iter().map(|edit| (edit.of, edit.name)).collect();
    assert_eq!(names.len(), EDITS.len());
    assert!(EDITS.len() >= 80, "{}", EDITS.len());
    let met: BTreeSet<Class> = EDITS.iter().flat_map(|edit| edit.comes_to.iter().copied()).collect();
    let missing: Vec<&str> = keyprint::change::CLASSES
        .iter()
        .filter(|class| **class != Class::Other && !met.contains(class))
        .map(|class| class.word())
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn templates_are_equal_to_themselves() {
    for judge in [orders(), cdk()] {
        let same: Vec<Value> = judge.templates().into_iter().map(|(_, document)| document).collect();
        let review = judge.review(&same);
        assert!(review.changes.is_empty() && review.equal.is_empty(), "{:?}", review.changes);
        assert!(review.unchanged > 0);
    }
}
