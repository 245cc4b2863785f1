//! The compiler as a whole: the same text always gives the same bytes, a changed line changes only what it must, and what
//! the templates refer to exists.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on says where")]

mod shipped;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use keyprint::{Artifact, Options, Run, Sources};
use rayon::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256};

use shipped::{Workspace, blueprint, blueprints, compiled, compiled_text, references};

/// Template path and logical id.
type Place = (String, String);

fn artifacts(texts: &[(String, String)]) -> Vec<Artifact> {
    let run = shipped::run(texts, false);
    assert!(!run.diagnostics.has_errors(), "{}", shipped::said(&run));
    run.artifacts
}

fn resources(workspace: &Workspace) -> BTreeMap<Place, Value> {
    workspace
        .resources()
        .map(|(at, id, resource)| ((at.path.clone(), id.clone()), resource.clone()))
        .collect()
}

/// Compiles a text before and after one edit, and says which resources came, went and changed, by logical id.
struct Difference {
    came: BTreeSet<Place>,
    went: BTreeSet<Place>,
    changed: BTreeSet<Place>,
}

fn difference(text: &str, edits: &[(&str, &str)]) -> Difference {
    let mut edited = text.to_owned();
    for (from, to) in edits {
        assert_eq!(text.matches(from).count(), 1, "`{from}` is not there once");
        edited = edited.replace(from, to);
    }
    let (before, after) = (resources(&compiled_text(text)), resources(&compiled_text(&edited)));
    let keys = |of: &BTreeMap<Place, Value>| of.keys().cloned().collect::<BTreeSet<Place>>();
    Difference {
        came: keys(&after).difference(&keys(&before)).cloned().collect(),
        went: keys(&before).difference(&keys(&after)).cloned().collect(),
        changed: before
            .iter()
            .filter(|(place, resource)| after.get(*place).is_some_and(|now| now != *resource))
            .map(|(place, _)| place.clone())
            .collect(),
    }
}

fn ids(places: &BTreeSet<Place>) -> BTreeSet<&str> {
    places.iter().map(|(_, id)| id.as_str()).collect()
}

#[test]
fn the_same_texts_give_the_same_bytes_in_any_order_and_side_by_side() {
    let texts = blueprints();
    let made = artifacts(&texts);
    assert!(made.len() > 20);
    let orders: Vec<Vec<(String, String)>> = (0..texts.len())
        .flat_map(|turn| {
            let mut turned = texts.clone();
            turned.rotate_left(turn);
            let mut reversed = turned.clone();
            reversed.reverse();
            [turned, reversed]
        })
        .collect();
    let all: Vec<Vec<Artifact>> = orders.par_iter().map(|texts| artifacts(texts)).collect();
    assert!(all.iter().all(|other| *other == made));
}

#[test]
fn the_working_directory_does_not_matter() {
    let elsewhere = tempfile::tempdir().unwrap();
    let root = shipped::root();
    let built = |from: &std::path::Path, name: &str, out: &str| {
        let out = elsewhere.path().join(out);
        let status = Command::new(env!("CARGO_BIN_EXE_keyprint"))
            .current_dir(from)
            .args(["build", name, "--today", shipped::TODAY, "--quiet", "--out"])
            .arg(&out)
            .status();
        assert!(status.unwrap().success());
        #[expect(clippy::disallowed_methods, reason = "the test reads what was written")]
        let text = |path: &str| std::fs::read_to_string(out.join(path)).unwrap();
        let manifest = text("manifest.json");
        let listed: Value = serde_json::from_str(&manifest).unwrap();
        let files = listed["files"].as_array().unwrap();
        let texts: Vec<String> = files.iter().map(|file| text(file["path"].as_str().unwrap())).collect();
        (manifest, texts)
    };
    let here = built(&root, "blueprints", "here");
    let there = built(elsewhere.path(), &root.join("blueprints").to_string_lossy(), "there");
    assert!(here == there);
}

#[test]
fn the_repository_is_as_its_snapshots_say() {
    let checked = Command::new(env!("CARGO_BIN_EXE_keyprint"))
        .current_dir(shipped::root())
        .args(["check", "--today", shipped::TODAY])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(checked.status.success(), "{said}{}", String::from_utf8_lossy(&checked.stderr));
}

/// A new secret stands in the policies of its key and of people, and in the alarm over all functions; nothing else moves.
#[test]
fn another_secret_leaves_the_others_as_they_are() {
    let added = "secrets:\n  webhook: { type: text, rotation: { every: 30 days, by: function } }\n";
    let difference =
        difference(&blueprint("blueprints/orders.yaml"), &[("\nsecrets:\n", &format!("\n{added}"))]);
    assert!(difference.went.is_empty());
    assert!(ids(&difference.came).contains("WebhookSecret"));
    assert!(
        ids(&difference.came).iter().all(|id| id.starts_with("Webhook") || id.starts_with("RotateRandom"))
    );
    let expected = [
        "AdministratorsPolicy",
        "AuditorsPolicy",
        "BreakGlassPolicy",
        "OrdersCompositeAlarm",
        "OrdersKey",
        "RotationDashboard",
        "WatchPolicy",
        "WatchRule",
    ];
    assert_eq!(ids(&difference.changed), expected.into());
}

#[test]
fn another_consumer_leaves_the_others_as_they_are() {
    let added = "consumers:\n  report: { runs-on: lambda, reads: [orders-db] }\n";
    let difference =
        difference(&blueprint("blueprints/orders.yaml"), &[("\nconsumers:\n", &format!("\n{added}"))]);
    assert!(difference.went.is_empty());
    assert!(ids(&difference.came).contains("ReportRole"));
    assert!(ids(&difference.came).iter().all(|id| id.starts_with("Report")));
    assert_eq!(ids(&difference.changed), ["OrdersKey", "SecretsManagerEndpoint"].into());
}

#[test]
fn another_region_moves_nothing() {
    let edit = ("regions: [eu-west-1]\n", "regions: [eu-west-1, eu-north-1]\n");
    let difference = difference(&blueprint("blueprints/orders.yaml"), &[edit]);
    assert!(difference.went.is_empty());
    assert!(difference.came.iter().all(|(path, _)| path.starts_with("orders/staging/eu-north-1/")));
    // The secret gains its replica, and the key's policy the reading that replication needs.
    assert_eq!(ids(&difference.changed), ["OrdersDbSecret", "OrdersKey"].into());
}

#[test]
fn another_interval_changes_one_schedule() {
    let edit = ("every: 30 days, at: Sunday 02:00", "every: 7 days, at: Sunday 02:00");
    let difference = difference(&blueprint("blueprints/orders.yaml"), &[edit]);
    assert!(difference.came.is_empty() && difference.went.is_empty());
    // The watch is told how long the value may stay.
    assert_eq!(ids(&difference.changed), ["OrdersAdminRotationSchedule", "WatchRule"].into());
}

const RENAMED: [(&str, &str); 2] =
    [("superuser: orders-admin", "superuser: orders-root"), ("  orders-admin:\n", "  orders-root:\n")];

/// A renamed secret keeps its logical id, and its name as well: with another name it would be another secret.
#[test]
fn a_secret_that_says_what_it_was_stays_the_same_secret() {
    let text = blueprint("blueprints/orders.yaml");
    let edits = [RENAMED[0], ("  orders-admin:\n", "  orders-root:\n    was: orders-admin\n")];
    let kept = difference(&text, &edits);
    assert!(kept.came.is_empty() && kept.went.is_empty());
    assert_eq!(ids(&kept.changed), ["OrdersAdminSecret"].into());
    let mut edited = text.clone();
    for (from, to) in edits {
        edited = edited.replace(from, to);
    }
    let after = compiled_text(&edited);
    let at = after.template("orders/production/eu-west-1/orders.template.json");
    let secret = &at.document["Resources"]["OrdersAdminSecret"]["Properties"];
    assert_eq!(secret["Name"], "orders/production/orders-admin");
    assert!(secret["Description"].as_str().unwrap().starts_with("orders-root "));
    let lost = difference(&text, &RENAMED);
    assert!(ids(&lost.went).contains("OrdersAdminSecret") && ids(&lost.came).contains("OrdersRootSecret"));
}

#[test]
fn a_consumer_that_says_what_it_was_keeps_its_logical_ids() {
    let text = blueprint("blueprints/orders.yaml");
    let from = "  checkout:        { runs-on: lambda,";
    let kept = difference(&text, &[(from, "  till: { was: checkout, runs-on: lambda,")]);
    assert!(kept.came.is_empty() && kept.went.is_empty());
    let lost = difference(&text, &[(from, "  till: { runs-on: lambda,")]);
    assert!(ids(&lost.went).contains("CheckoutRole") && ids(&lost.came).contains("TillRole"));
}

#[test]
fn every_reference_leads_somewhere_in_time() {
    assert_eq!(references::problems(&shipped::shipped()), Vec::<String>::new());
}

#[test]
fn the_manifest_keeps_its_word() {
    let run: Run = shipped::run(&blueprints(), false);
    let text = |path: &str| &run.artifacts.iter().find(|artifact| artifact.path == path).unwrap().text;
    let manifest: Value = serde_json::from_str(text("manifest.json")).unwrap();
    let sum = |text: &str| {
        let bytes = Sha256::digest(text.as_bytes());
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let files = manifest["files"].as_array().unwrap();
    assert_eq!(files.len() + 1, run.artifacts.len());
    for file in files {
        assert_eq!(sum(text(file["path"].as_str().unwrap())), file["sha256"].as_str().unwrap());
    }
    let mut before: BTreeSet<&str> = BTreeSet::new();
    for (position, stack) in manifest["stacks"].as_array().unwrap().iter().enumerate() {
        let path = stack["template"].as_str().unwrap();
        let template: Value = serde_json::from_str(text(path)).unwrap();
        assert_eq!(stack["order"], position + 1);
        assert_eq!(stack["bytes"], text(path).len());
        assert_eq!(stack["sha256"].as_str().unwrap(), sum(text(path)));
        assert_eq!(stack["resources"], template["Resources"].as_object().unwrap().len());
        let named = ["RoleName", "InstanceProfileName"]
            .iter()
            .any(|name| text(path).contains(&format!("\"{name}\":")));
        let unnamed = !named && text(path).contains("\"AWS::IAM::");
        let capabilities = shipped::words(&stack["capabilities"]);
        assert_eq!(named, capabilities.contains(&"CAPABILITY_NAMED_IAM"), "{path}");
        assert_eq!(unnamed, capabilities.contains(&"CAPABILITY_IAM"), "{path}");
        assert_eq!(
            template["Transform"].is_null(),
            !capabilities.contains(&"CAPABILITY_AUTO_EXPAND"),
            "{path}"
        );
        let after = shipped::words(&stack["after"]);
        assert!(after.iter().all(|earlier| before.contains(earlier)), "{path} waits for a later stack");
        before.insert(path);
    }
}

/// Every property of every resource says which line of a blueprint it comes from.
#[test]
fn every_property_leads_back_to_a_line() {
    let texts = blueprints();
    let mut sources = Sources::default();
    for (path, text) in &texts {
        sources.add(path, text);
    }
    let options = Options { today: shipped::TODAY.to_owned(), verify: false, outside: None, memory: None };
    let traced = keyprint::trace(&sources, &options);
    let workspace = compiled(&texts);
    let (mut seen, mut untold) = (0, Vec::new());
    for (at, id, resource) in workspace.resources() {
        for name in resource["Properties"].as_object().unwrap().keys() {
            let place = (at.path.clone(), format!("/Resources/{id}/Properties/{name}"));
            let origin = traced.get(&place).unwrap_or_else(|| panic!("{place:?} has no origin"));
            let source = sources.get(origin.span.source).unwrap();
            let line = source.text().get(origin.span.range()).unwrap();
            assert!(!line.trim().is_empty(), "{place:?} comes from nothing in {}", source.path());
            let literal = resource["Properties"][name].as_str();
            if let (Some(text), keyprint::Cause::Written) = (literal, origin.cause) {
                if !line.contains(text) {
                    untold.push(format!("{place:?} is `{text}`, but the line says `{line}`"));
                }
                seen += 1;
            }
        }
    }
    assert!(untold.is_empty(), "{untold:#?}");
    assert!(seen > 30, "only {seen} values were written by the author");
}
