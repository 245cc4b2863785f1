//! `keyprint diff` and `keyprint check --against`, as people and pipelines call them: sides, formats, exit codes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise and works on the disk"
)]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const ORDERS: &str = include_str!("../blueprints/orders.yaml");
const DAY: &str = "2026-11-26";

fn keyprint(place: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_keyprint")).args(arguments).current_dir(place).output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The code, and the classes of a review of two blueprints, each as often as it is there.
fn review(old: &str, new: &str, more: &[&str]) -> (i32, Vec<String>, String) {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("old.yaml"), old).unwrap();
    std::fs::write(place.path().join("new.yaml"), new).unwrap();
    let arguments = [&["diff", "old.yaml", "new.yaml", "--today", DAY, "--format", "json"], more].concat();
    let output = keyprint(place.path(), &arguments);
    let document: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output)));
    let classes =
        document["changes"].as_array().unwrap().iter().map(|it| it["class"].as_str().unwrap().to_owned());
    (output.status.code().unwrap(), classes.collect(), text(&output))
}

/// The blueprint with one text in place of another that is there.
fn with(from: &str, to: &str) -> String {
    assert!(ORDERS.contains(from), "{from}");
    ORDERS.replacen(from, to, 1)
}

#[test]
fn what_a_pull_request_does_to_the_shipped_blueprint() {
    let boundary = "    permissions-boundary: org-boundary\n";
    let waived = "waivers:\n";
    let no_rotation = with(
        "rotation: { every: 180 days, function: arn:aws:lambda:eu-west-1:333333333333:function:rotate-psp }",
        "rotation: none",
    )
        .replacen(waived, "waivers:\n  - { finding: secret-without-rotation, on: secrets.payment-provider, because: the provider is gone, until: 2027-01-31 }\n", 1)
        .replacen("  - finding: rotation-interval-too-long\n    on: secrets.payment-provider\n    because: the provider issues keys by hand, twice a year\n    until: 2027-12-31\n", "", 1);
    let other_key = with("  orders:\n    rotate-every", "  other: {}\n  orders:\n    rotate-every").replacen(
        "  payment-provider:\n    type: api-key",
        "  payment-provider:\n    type: api-key\n    key: other",
        1,
    );
    let renamed = ORDERS.replace("payment-provider", "provider");
    let kept = renamed.replacen(
        "  provider:\n    type: api-key",
        "  provider:\n    was: payment-provider\n    type: api-key",
        1,
    );
    for (name, new, has, code) in [
        ("the boundary is removed", with(boundary, ""), &["broader"][..], 4),
        ("rotation is removed", no_rotation, &["rotation-lost", "weaker"], 4),
        ("a secret moves to another key", other_key, &["altered"], 0),
        (
            "a replica Region is added",
            with("regions: [eu-west-1]\n", "regions: [eu-west-1, eu-central-1]\n"),
            &["broader", "order"],
            4,
        ),
        (
            "a consumer reads more",
            with(
                "service-account: api }, reads: [orders-db]",
                "service-account: api }, reads: [orders-db, orders-admin]",
            ),
            &["broader"],
            4,
        ),
        (
            "a consumer is gone",
            with("  nightly-etl:     { runs-on: glue-job, reads: [orders-db], connection: jdbc }\n", ""),
            &["narrower"],
            0,
        ),
        (
            "rotation is rarer",
            with(
                "rotation: { every: 30 days, at: Sunday 02:00",
                "rotation: { every: 60 days, at: Sunday 02:00",
            ),
            &["weaker"],
            4,
        ),
        ("a secret is renamed without saying so", renamed, &["added", "removed"], 0),
        ("a secret is renamed and says so", kept, &[], 0),
        (
            "somebody else is told",
            with("email: payments@example.com, on", "email: others@example.com, on"),
            &["altered"],
            0,
        ),
        ("the description is another one", with("Order capture", "Orders"), &[], 0),
    ] {
        let (found, classes, text) = review(ORDERS, &new, &[]);
        for class in has {
            assert!(classes.iter().any(|it| it == class), "{name}: no `{class}`\n{text}");
        }
        if has.is_empty() {
            assert!(classes.iter().all(|it| it == "other"), "{name}\n{text}");
        }
        assert_eq!(found, code, "{name}\n{text}");
    }
}

#[test]
fn what_stops_is_for_the_pipeline_to_say() {
    let new = with(
        "service-account: api }, reads: [orders-db]",
        "service-account: api }, reads: [orders-db, orders-admin]",
    );
    for (list, code) in [("none", 0), ("weaker,destructive", 0), ("foreign", 0), ("broader", 4), ("any", 4)] {
        assert_eq!(review(ORDERS, &new, &["--fail-on", list]).0, code, "{list}");
    }
    assert_eq!(review(&new, ORDERS, &["--fail-on", "broader"]).0, 0);
    assert_eq!(review(&new, ORDERS, &["--fail-on", "narrower"]).0, 4);
    let place = tempfile::tempdir().unwrap();
    let output = keyprint(place.path(), &["diff", "a", "b", "--fail-on", "brodaer"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("perhaps `broader`"), "{}", text(&output));
}

#[test]
fn an_acknowledgement_accepts_the_very_change_and_no_other() {
    let place = tempfile::tempdir().unwrap();
    let new = with(
        "service-account: api }, reads: [orders-db]",
        "service-account: api }, reads: [orders-db, orders-admin]",
    );
    std::fs::write(place.path().join("old.yaml"), ORDERS).unwrap();
    std::fs::write(place.path().join("new.yaml"), &new).unwrap();
    let show = |day: &str| {
        let output =
            keyprint(place.path(), &["diff", "old.yaml", "new.yaml", "--format", "json", "--today", day]);
        let document: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output)));
        (output.status.code(), document)
    };
    let (code, document) = show(DAY);
    assert_eq!(code, Some(4));
    let ids: Vec<String> = document["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["id"].as_str().unwrap().to_owned())
        .collect();
    let accept = |ids: &[String]| {
        let entries = ids
            .iter()
            .map(|id| format!("  - {{ change: \"{id}\", because: it is asked for, until: 2027-01-31 }}\n"));
        let accepted = format!("{new}\nacknowledged:\n{}", entries.collect::<String>());
        std::fs::write(place.path().join("new.yaml"), accepted).unwrap();
    };
    accept(&ids);
    assert_eq!(show(DAY).0, Some(0), "all of them are accepted");
    assert_eq!(show("2027-02-01").0, Some(4), "their time is over");
    accept(&ids[1..]);
    assert_eq!(show(DAY).0, Some(4), "one of them is not accepted");
    accept(&["broader:000000000000".to_owned()]);
    let (code, document) = show(DAY);
    assert_eq!(code, Some(4));
    assert!(
        document["notes"].to_string().contains("no change has the name `broader:000000000000`"),
        "{document}"
    );
}

#[test]
fn revisions_directories_and_standard_input_are_sides() {
    let place = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
        let done =
            Command::new("git").args(identity).args(arguments).current_dir(place.path()).output().unwrap();
        assert!(done.status.success(), "{}", text(&done));
    };
    let blueprint = place.path().join("blueprints/orders.yaml");
    std::fs::create_dir_all(blueprint.parent().unwrap()).unwrap();
    std::fs::write(&blueprint, ORDERS).unwrap();
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "first"]);
    let built = keyprint(place.path(), &["build", "blueprints", "--out", "out", "--today", DAY]);
    assert!(built.status.success(), "{}", text(&built));
    let code = |arguments: &[&str]| {
        let output = keyprint(place.path(), &[arguments, &["--today", DAY]].concat());
        (output.status.code().unwrap(), text(&output))
    };
    // What is built, what is committed and what is written are the same.
    for sides in [
        ["git:main", "blueprints"],
        ["out", "blueprints"],
        ["git:HEAD:blueprints", "out"],
        ["blueprints", "git:main"],
    ] {
        let (found, shown) = code(&["diff", sides[0], sides[1], "--fail-on", "any"]);
        assert_eq!(found, 0, "{sides:?}: {shown}");
    }
    let new = with(
        "service-account: api }, reads: [orders-db]",
        "service-account: api }, reads: [orders-db, orders-admin]",
    );
    std::fs::write(&blueprint, new).unwrap();
    let (found, shown) = code(&["check", "blueprints", "--against", "git:main", "--summary", "review.md"]);
    assert_eq!(found, 4, "{shown}");
    assert!(shown.contains("`orders-production-api` can now read it"), "{shown}");
    let summary = std::fs::read_to_string(place.path().join("review.md")).unwrap();
    assert!(summary.contains("orders-production-api"), "{summary}");
    assert_eq!(code(&["check", "blueprints", "--against", "git:main", "--fail-on", "none"]).0, 0);
    // The template that is deployed today, from standard input.
    let deployed =
        std::fs::read(place.path().join("out/orders/production/eu-west-1/keys.template.json")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_keyprint"))
        .args(["diff", "-", "blueprints", "--today", DAY])
        .current_dir(place.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&deployed).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", text(&output));
    assert!(
        text(&output).contains("is compared with `orders/production/eu-west-1/keys.template.json`"),
        "{}",
        text(&output)
    );
}

#[test]
fn what_is_no_side_is_said_and_nothing_is_written() {
    let place = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(place.path().join(name), text).unwrap();
    write("a.yaml", ORDERS);
    write("broken.yaml", "blueprint: v1\napplication: Orders\n");
    write("broken.json", "{\n  \"Resources\": {,\n}");
    write("other.json", "{\"a\": 1}");
    write(
        "macro.json",
        r#"{"Transform": ["Company::Macro"], "Resources": {"A": {"Type": "Company::A::B", "Properties": {"X": 1}}}}"#,
    );
    write(
        "macro2.json",
        r#"{"Transform": ["Company::Macro"], "Resources": {"A": {"Type": "Company::A::B", "Properties": {"X": 2}}}}"#,
    );
    std::fs::create_dir(place.path().join("empty")).unwrap();
    for (sides, code, words) in [
        (["gone.yaml", "a.yaml"], 2, "`gone.yaml` cannot be read"),
        (["a.yaml", "empty"], 2, "`empty` holds no blueprints or templates"),
        (["-", "-"], 2, "both sides are standard input"),
        (["git:no-such-revision", "a.yaml"], 2, "cannot be read"),
        (["git:--help", "a.yaml"], 2, "cannot be read"),
        (["a.yaml", "broken.yaml"], 1, "error[bad-name]"),
        (["broken.json", "a.yaml"], 1, "broken.json:2:1"),
        (["other.json", "other.json"], 1, "neither a template nor a blueprint"),
    ] {
        let output =
            keyprint(place.path(), &["diff", sides[0], sides[1], "--summary", "summary.md", "--today", DAY]);
        assert_eq!(output.status.code(), Some(code), "{sides:?}: {}", text(&output));
        assert!(text(&output).contains(words), "{sides:?}: {}", text(&output));
        assert!(!place.path().join("summary.md").exists(), "{sides:?}");
    }
    // What can be judged of a type and a macro that nobody knows is judged, and what cannot is named.
    let output = keyprint(place.path(), &["diff", "macro.json", "macro2.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("what the update does to it is not judged"), "{}", text(&output));
    let output = keyprint(place.path(), &["diff", "a.yaml", "a.yaml", "--summary", "empty", "--today", DAY]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
}

#[test]
fn equal_sides_give_equal_reviews_in_every_format() {
    let place = tempfile::tempdir().unwrap();
    let new = with(
        "service-account: api }, reads: [orders-db]",
        "service-account: api }, reads: [orders-db, orders-admin]",
    );
    std::fs::write(place.path().join("a.yaml"), ORDERS).unwrap();
    std::fs::write(place.path().join("b.yaml"), new).unwrap();
    for format in ["text", "markdown", "json", "sarif", "github", "junit"] {
        let show = || {
            keyprint(
                place.path(),
                &["diff", "a.yaml", "b.yaml", "--format", format, "--verbose", "--today", DAY],
            )
        };
        let (first, second) = (show(), show());
        assert_eq!(first.status.code(), Some(4));
        assert!(!first.stdout.is_empty(), "{format}");
        assert_eq!(first.stdout, second.stdout, "{format}");
    }
}

/// A stack with a role of a name, and one whose key's policy takes the role's ARN from it: as a parameter or by import.
fn linked(place: &Path, role: &str, imported: bool) {
    let exported = imported.then(|| serde_json::json!({ "Name": "reader" }));
    let taken = if imported {
        serde_json::json!({ "Fn::ImportValue": "reader" })
    } else {
        serde_json::json!({ "Ref": "Reader" })
    };
    let mut output = serde_json::json!({ "Value": { "Fn::GetAtt": ["Reader", "Arn"] } });
    if let Some(exported) = exported {
        output["Export"] = exported;
    }
    let lambda = serde_json::json!({ "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": "lambda.amazonaws.com" } }] });
    let roles = serde_json::json!({
        "Resources": { "Reader": { "Type": "AWS::IAM::Role",
            "Properties": { "RoleName": role, "AssumeRolePolicyDocument": lambda } } },
        "Outputs": { "Reader": output },
    });
    let keys = serde_json::json!({
        "Parameters": { "Reader": { "Type": "String" } },
        "Resources": { "Key": { "Type": "AWS::KMS::Key", "Properties": { "KeyPolicy": { "Statement": [
            { "Effect": "Allow", "Action": "kms:*", "Resource": "*",
              "Principal": { "AWS": { "Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root" } },
              "Condition": { "StringEquals": { "aws:PrincipalTag/team": "security" } } },
            { "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Principal": { "AWS": taken } },
        ] } } } },
    });
    let stack = |name: &str| {
        serde_json::json!({ "name": name, "template": format!("{name}.json"), "account": "111122223333",
            "region": "eu-west-1", "parameters": [] })
    };
    let mut manifest = serde_json::json!({ "stacks": [stack("roles"), stack("keys")] });
    if !imported {
        manifest["stacks"][1]["parameters"] = serde_json::json!([{ "name": "Reader", "from": { "template": "roles.json", "output": "Reader" } }]);
    }
    std::fs::create_dir(place).unwrap();
    for (name, document) in [("roles.json", roles), ("keys.json", keys), ("manifest.json", manifest)] {
        std::fs::write(place.join(name), document.to_string()).unwrap();
    }
}

#[test]
fn what_another_stack_hands_over_changes_a_policy_whose_words_stay() {
    for imported in [false, true] {
        let place = tempfile::tempdir().unwrap();
        linked(&place.path().join("old"), "reader", imported);
        linked(&place.path().join("same"), "reader", imported);
        linked(&place.path().join("new"), "intern", imported);
        let output = keyprint(place.path(), &["diff", "old", "same"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
        assert!(text(&output).contains("no change; 2 resources unchanged"), "{}", text(&output));
        let output = keyprint(place.path(), &["diff", "old", "new"]);
        assert_eq!(output.status.code(), Some(4), "{}", text(&output));
        let said = text(&output);
        assert!(said.contains("`intern` can now decrypt with it"), "imported: {imported}\n{said}");
        assert!(said.contains("`reader` can no longer decrypt with it"), "imported: {imported}\n{said}");
    }
}

#[test]
fn the_readme_shows_what_is_printed() {
    let readme = include_str!("../README.md");
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("old.yaml"), ORDERS).unwrap();
    std::fs::create_dir(place.path().join("blueprints")).unwrap();
    let line = ORDERS.lines().find(|line| line.trim_start().starts_with("api: ")).unwrap();
    let granted = line.replace("reads: [orders-db]", "reads: [orders-db, orders-admin]");
    std::fs::write(place.path().join("blueprints/orders.yaml"), with(line, &granted)).unwrap();
    let output = keyprint(place.path(), &["diff", "old.yaml", "blueprints/orders.yaml", "--today", DAY]);
    let said = text(&output);
    let block = readme.split("$ keyprint diff git:main blueprints\n").nth(1).unwrap();
    let shown: Vec<&str> =
        block.lines().take_while(|line| *line != "```").filter(|it| *it != "  …").collect();
    assert!(shown.len() > 5);
    for line in &shown {
        assert!(said.lines().any(|it| it == *line), "{line}\n{said}");
    }
    let name = shown.iter().find_map(|line| line.split("broader:").nth(1)).unwrap();
    assert!(readme.contains(&format!("change: \"broader:{name}\"")), "{name}");
}
