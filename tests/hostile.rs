//! Policies and templates that mean harm, given to the commands: an answer or a refusal, never a crash, never a hang.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "the tests prepare files")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

fn keyprint(place: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyprint"));
    let output = command.current_dir(place).args(arguments).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("panicked"), "{arguments:?}: {said}");
    output
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn policy(statements: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

fn allow(resource: &Value) -> String {
    policy(&json!([{ "Effect": "Allow", "Action": "s:A", "Resource": resource }]))
}

fn everything() -> String {
    allow(&json!("*"))
}

fn unknown_operator() -> String {
    policy(&json!([{ "Effect": "Allow", "Action": "s:A", "Resource": "*",
        "Condition": { "StringSounds": { "a:b": "c" } } }]))
}

/// A language whose automaton has two to the power of `count` states, twice.
fn powers(count: usize) -> String {
    let marks = "?".repeat(count);
    allow(&json!([
        format!("arn:aws:s:r:111122223333:*a{marks}"),
        format!("arn:aws:s:r:111122223333:*b{marks}"),
    ]))
}

/// A value that must hold so many words, in any order.
fn words(count: u8) -> String {
    let denied: Vec<Value> = (0..count)
        .map(|at| {
            json!({ "Effect": "Deny", "Action": "*", "Resource": "*",
                "Condition": { "StringNotLike": { "k:v": format!("*{0}{0}*", char::from(b'a' + at)) } } })
        })
        .collect();
    let allow = json!({ "Effect": "Allow", "Action": "s:A", "Resource": "*" });
    policy(&Value::Array([vec![allow], denied].concat()))
}

/// A policy of so many resources, each of which takes more than 240 bytes.
fn resources(count: usize) -> String {
    let text = |at: usize| format!("arn:aws:s:r:111122223333:path/{at:09}/{}", "x".repeat(200));
    allow(&(0..count).map(text).collect())
}

/// A policy of more than ten megabytes.
fn megabytes() -> String {
    let text = resources(45_000);
    assert!(text.len() > 10_000_000);
    text
}

#[test]
fn compare_answers_within_its_budget() {
    let place = tempfile::tempdir().unwrap();
    let deep = format!("{{\"Statement\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    // The file, and the codes that `compare FILE everything` and `compare everything FILE` may end with: 0 no new access,
    // 1 new access, 4 unknown.
    let cases: [(&str, String, &[i32], &[i32]); 9] = [
        ("malformed", "{".to_owned(), &[4], &[4]),
        ("not-json", "\u{0}".to_owned(), &[4], &[4]),
        ("twice", r#"{"Statement":[],"Statement":[]}"#.to_owned(), &[4], &[4]),
        ("deep", deep, &[4], &[4]),
        ("unknown-operator", unknown_operator(), &[4], &[0]),
        ("powers-of-two", powers(24), &[1, 4], &[0, 4]),
        ("words", words(20), &[1, 4], &[0, 4]),
        ("star-field", allow(&json!(format!("arn:aws:s:r:1:{}", "*a".repeat(10_000)))), &[1, 4], &[0, 4]),
        ("megabytes", megabytes(), &[1, 4], &[0, 4]),
    ];
    fs::write(place.path().join("everything"), everything()).unwrap();
    for (name, text, before, after) in cases {
        fs::write(place.path().join(name), text).unwrap();
        for (old, new, codes) in [(name, "everything", before), ("everything", name, after)] {
            let output = keyprint(place.path(), &["compare", old, new, "--format", "json"]);
            assert!(codes.contains(&code(&output)), "{old} {new}: {output:?}");
            let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
            let verdict = ["no-new-access", "new-access"].get(usize::try_from(code(&output)).unwrap());
            assert_eq!(answer["verdict"].as_str(), verdict.copied().or(Some("unknown")), "{old} {new}");
        }
    }
}

#[test]
fn decide_answers_every_line() {
    let place = tempfile::tempdir().unwrap();
    let line = |identity: &str, resource: &str| {
        format!(
            r#"{{"request":{{"principal":"arn:aws:iam::111122223333:role/r","action":"s:A","resource":"{resource}","context":{{"k:v":"x"}}}},"identity":[{identity}]}}"#
        )
    };
    let arn = "arn:aws:s:r:111122223333:path/x";
    let stars = allow(&json!(format!("arn:aws:s:r:111122223333:{}b", "*a".repeat(10_000))));
    let cases = [
        (line(&everything(), arn), Some("allow")),
        (line(&stars, &format!("{arn}{}", "a".repeat(20_000))), Some("deny")),
        (line(&powers(10_000), arn), Some("deny")),
        (line(&megabytes(), arn), Some("deny")),
        (line(&everything(), &"a".repeat(40_000)), None),
        (line(&unknown_operator(), arn), None),
        (line(r#"{"Statement":[],"Statement":[]}"#, arn), None),
        (line(&"[".repeat(100_000), arn), None),
        ("{".to_owned(), None),
        ("null".to_owned(), None),
        (r#"{"request":{"principal":7}}"#.to_owned(), None),
    ];
    let lines: Vec<&str> = cases.iter().map(|(line, _)| line.as_str()).collect();
    fs::write(place.path().join("lines"), lines.join("\n")).unwrap();
    let output = keyprint(place.path(), &["decide", "lines"]);
    assert_eq!(code(&output), 2, "some lines are refused");
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), cases.len());
    for (at, ((_, expected), answer)) in cases.iter().zip(&answers).enumerate() {
        assert_eq!(answer["decision"].as_str(), *expected, "line {at}: {answer}");
        assert_eq!(answer["error"].is_string(), expected.is_none(), "line {at}: {answer}");
    }
}

#[test]
fn verify_judges_hostile_templates() {
    let place = tempfile::tempdir().unwrap();
    let of = |policy: &str| {
        json!({ "Resources": {
            "Secret": { "Type": "AWS::SecretsManager::Secret", "Properties": { "Name": "db" } },
            "Role": { "Type": "AWS::IAM::Role", "Properties": {
                "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
                    "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }] },
                "Policies": [{ "PolicyName": "p",
                    "PolicyDocument": serde_json::from_str::<Value>(policy).unwrap() }],
            } },
        } })
        .to_string()
    };
    let secrets = |policy: String| {
        policy
            .replace("s:A", "secretsmanager:GetSecretValue")
            .replace("arn:aws:s:r:111122223333:", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:")
    };
    for (name, policy) in [
        ("unknown-operator", secrets(unknown_operator())),
        ("powers-of-two", secrets(powers(24))),
        ("words", secrets(words(20))),
        ("many-resources", secrets(resources(4_000))),
    ] {
        let file = format!("{name}.json");
        fs::write(place.path().join(&file), of(&policy)).unwrap();
        let known = ["--account", "111122223333", "--region", "eu-west-1"];
        let output =
            keyprint(place.path(), &[&["verify", &file, "--format", "json"], known.as_slice()].concat());
        assert!(matches!(code(&output), 0 | 1), "{name}: {}", code(&output));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(report["access"].is_array(), "{name}");
        if name == "unknown-operator" {
            let said = report["diagnostics"].as_array().unwrap().iter();
            assert!(said.clone().any(|it| it["code"] == "not-judged"), "{report:#}");
        }
    }
    // A template that CloudFormation would refuse for its size is not read at all.
    fs::write(place.path().join("megabytes.json"), of(&secrets(megabytes()))).unwrap();
    let output = keyprint(place.path(), &["verify", "megabytes.json"]);
    assert_eq!(code(&output), 2);
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("error: ") && output.stdout.is_empty());
}
