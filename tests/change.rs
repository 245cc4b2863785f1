//! Edits of templates, each with what it comes to: nothing that changes access is called equal, and nothing that only
//! says the same in other words is called broader.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise and says its rate"
)]

#[path = "change/cdk.rs"]
mod cdk;
#[path = "change/controls.rs"]
mod controls;
#[path = "change/edits.rs"]
mod edits;
#[path = "change/parts.rs"]
mod parts;
#[path = "change/template.rs"]
mod template;

use std::collections::BTreeSet;
use std::path::Path;

use keyprint::change::Class;
use keyprint::{ChangeJudge, Options, Sources, change_judge};
use rayon::prelude::*;
use serde_json::Value;

use edits::Edit;
use template::Templates;

#[expect(clippy::disallowed_methods, reason = "the test reads shipped files")]
fn text(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn table() -> Vec<&'static Edit> {
    cdk::EDITS.iter().chain(edits::EDITS).chain(controls::EDITS).collect()
}

fn orders() -> ChangeJudge {
    let mut sources = Sources::default();
    sources.add("blueprints/orders.yaml", text("blueprints/orders.yaml"));
    let options = Options { today: "2026-11-26".to_owned(), ..Options::default() };
    change_judge(&sources, &options).unwrap()
}

fn services() -> ChangeJudge {
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
    let (orders, services) = (orders(), services());
    let edits = table();
    let wrong: Vec<String> = edits
        .par_iter()
        .filter_map(|edit| {
            let judge = if edit.of == "cdk" { &services } else { &orders };
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
    println!("{} edits, {} wrong", edits.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// In the usual run one part of so many is tried; `KEYPRINT_PARTS=1` tries every one.
const USUAL_STEP: usize = 17;

/// Parts whose absence allows and forbids nothing, by the beginning and the end of their names.
const SAYS_NOTHING: &[(&str, &str)] = &[
    // The roles that the statement names are all of that account.
    ("KMS::Key ", " without kms:CallerAccount"),
    // The policy allows services nothing that a denial would take away.
    ("SecretsManager::ResourcePolicy ", " without aws:PrincipalIsAWSService"),
    // What a topic leaves to its own account, the account's IAM decides about anyway.
    ("SNS::TopicPolicy Owner ", ""),
    // Where there are replicas, attaching and replicating includes it.
    ("KMS::Key ValidateForSecrets ", ""),
];

#[expect(clippy::disallowed_methods, reason = "a long run is asked for by the environment")]
fn step() -> usize {
    std::env::var("KEYPRINT_PARTS").ok().and_then(|text| text.parse().ok()).unwrap_or(USUAL_STEP)
}

#[test]
fn no_part_of_a_statement_changes_unseen() {
    const GAINED: [Class; 3] = [Class::Public, Class::Foreign, Class::Broader];
    let judge = orders();
    let documents: Vec<Value> = judge.templates().into_iter().map(|(_, document)| document).collect();
    let parts: Vec<parts::Part> = parts::parts(&documents).into_iter().step_by(step()).collect();
    let wrong: Vec<String> = parts
        .par_iter()
        .filter_map(|part| {
            let changed = part.applied(&documents);
            let found = |old: &[Value], new: &[Value]| -> BTreeSet<Class> {
                judge.review_between(old, new).changes.iter().map(|it| it.class).collect()
            };
            let (there, back) = (found(&documents, &changed), found(&changed, &documents));
            let is_gain = |classes: &BTreeSet<Class>| GAINED.iter().any(|class| classes.contains(class));
            let is_loss = |classes: &BTreeSet<Class>| classes.contains(&Class::Narrower);
            let name = part.name(&documents);
            let says_nothing = !is_gain(&there) && !is_loss(&there) && !there.contains(&Class::Undecided);
            let may = SAYS_NOTHING.iter().any(|(begin, end)| name.starts_with(begin) && name.ends_with(end));
            if says_nothing && !may {
                return Some(format!("{name}: {there:?} at {}", part.pointer));
            }
            let is_mirrored = is_gain(&there) == is_loss(&back) && is_loss(&there) == is_gain(&back);
            (!is_mirrored).then(|| format!("{name}: {there:?}, and back {back:?} at {}", part.pointer))
        })
        .collect();
    println!("{} parts, {} wrong", parts.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_has_every_class_and_no_name_twice() {
    let edits = table();
    let names: BTreeSet<(&str, &str)> = edits.iter().map(|edit| (edit.of, edit.name)).collect();
    assert_eq!(names.len(), edits.len());
    assert!(edits.len() >= 80, "{}", edits.len());
    let met: BTreeSet<Class> = edits.iter().flat_map(|edit| edit.comes_to.iter().copied()).collect();
    let missing: Vec<&str> = keyprint::change::CLASSES
        .iter()
        .filter(|class| **class != Class::Other && !met.contains(class))
        .map(|class| class.word())
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn templates_are_equal_to_themselves() {
    for judge in [orders(), services()] {
        let same: Vec<Value> = judge.templates().into_iter().map(|(_, document)| document).collect();
        let review = judge.review(&same);
        assert!(review.changes.is_empty() && review.equal.is_empty(), "{:?}", review.changes);
        assert!(review.unchanged > 0);
    }
}
