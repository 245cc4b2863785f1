//! `keyprint deploy-plan` as a process: the script, the JSON, the filters, and what is refused. That plans work when they
//! are carried out is shown in `tests/bench`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]
#![expect(clippy::disallowed_methods, reason = "the tests prepare files")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const TODAY: [&str; 2] = ["--today", "2026-11-24"];
const BUCKET: [&str; 2] = ["--bucket", "templates-{account}-{region}"];

fn keyprint(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyprint"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments);
    command.env_remove("CLICOLOR_FORCE").stdin(Stdio::null()).output().unwrap()
}

fn plan(arguments: &[&str]) -> Output {
    keyprint(&[&["deploy-plan"], arguments].concat())
}

/// The output of a plan that there is.
fn printed(arguments: &[&str]) -> String {
    let output = plan(arguments);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What is said about a plan that there is not.
fn refused(arguments: &[&str], code: i32) -> String {
    let output = plan(arguments);
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(!report.contains("aws cloudformation"), "a part of a plan is printed: {report}");
    report + &String::from_utf8(output.stderr).unwrap()
}

fn built(place: &Path) -> String {
    let out = place.join("out").to_str().unwrap().to_owned();
    let done = keyprint(&["build", "blueprints", "--out", &out, "--today", "2026-11-24", "--quiet"]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    out
}

/// Whether bash takes a script, without running it.
fn parses(script: &str) -> bool {
    let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
    bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    bash.wait().unwrap().success()
}

#[test]
fn the_script_has_every_stack_with_its_own_words() {
    let script = printed(&[&["blueprints/minimal.yaml"], &TODAY[..]].concat());
    assert!(parses(&script));
    let lines = "\
say '2 of 2: minimal-production in 111111111111, eu-west-1'
account 111111111111 eu-west-1
prepare minimal-production eu-west-1
aws cloudformation create-change-set \\
  --region eu-west-1 \\
  --stack-name minimal-production \\
  --change-set-name \"$change_set\" \\
  --change-set-type \"$change_set_type\" \\
  --template-body file://minimal/production/eu-west-1/minimal.template.json \\
  --capabilities CAPABILITY_NAMED_IAM >/dev/null
execute minimal-production eu-west-1
aws cloudformation update-termination-protection \\
  --region eu-west-1 \\
  --stack-name minimal-production \\
  --enable-termination-protection >/dev/null
";
    assert!(script.contains(lines), "{script}");
}

#[test]
fn what_stacks_are_given_is_asked_for_or_read_from_others() {
    let script = printed(&[&["blueprints"], &TODAY[..], &BUCKET[..]].concat());
    assert!(parses(&script));
    let name = "orders_production_eu_west_1_RiskPartnerExternalId";
    assert!(
        script.contains(&format!("[ -n \"${{{name}:-}}\" ] || fail '{name} has to be set: ")),
        "{script}"
    );
    let given = format!("ParameterKey=RiskPartnerExternalId,ParameterValue=$(shorthand \"${name}\")\"");
    assert!(script.contains(&given), "{script}");
    let read = "shop_production_eu_west_1_PlatformSharedKeyArn=$(account 666666666666 eu-west-1 && output ";
    assert!(script.contains(read), "{script}");
    let url = "--template-url https://s3.eu-west-1.amazonaws.com/templates-333333333333-eu-west-1/keyprint/";
    assert!(script.contains(url), "{script}");
}

#[test]
fn blueprints_and_what_was_built_of_them_have_one_plan() {
    let place = tempfile::tempdir().unwrap();
    let out = built(place.path());
    let from_blueprints = printed(&[&["blueprints", "--out", &out], &TODAY[..], &BUCKET[..]].concat());
    assert_eq!(from_blueprints, printed(&[&["--built", &out], &BUCKET[..]].concat()));
}

#[test]
fn the_json_names_the_same_commands() {
    let text = printed(&[&["blueprints", "--format", "json"], &TODAY[..], &BUCKET[..]].concat());
    let document: Value = serde_json::from_str(&text).unwrap();
    let steps = document["steps"].as_array().unwrap();
    assert!(steps.len() > 20, "{}", steps.len());
    let mut operations = BTreeSet::new();
    for command in steps.iter().flat_map(|step| step["commands"].as_array().unwrap()) {
        let words = command["argv"].as_array().unwrap();
        assert_eq!(words[0], "aws");
        operations.insert(words[2].as_str().unwrap().to_owned());
    }
    let expected =
        ["create-change-set", "execute-change-set", "put-object", "update-termination-protection", "wait"];
    assert_eq!(operations, expected.map(str::to_owned).into());
}

#[test]
fn one_environment_or_account_can_be_meant() {
    let staging = printed(&[&["blueprints", "--environment", "staging"], &TODAY[..], &BUCKET[..]].concat());
    assert!(staging.contains("say '2 of 2: orders-staging in 222222222222"), "{staging}");
    let account = printed(&[&["blueprints", "--account", "111111111111"], &TODAY[..]].concat());
    assert!(account.contains("say '2 of 2: minimal-production in"), "{account}");
    let none = refused(&[&["blueprints", "--environment", "nowhere"], &TODAY[..]].concat(), 2);
    assert!(none.contains("no stack is asked for"), "{none}");
}

#[test]
fn what_cannot_be_planned_is_said() {
    let unplaced = refused(&[&["blueprints/orders.yaml"], &TODAY[..]].concat(), 2);
    assert!(unplaced.contains("too long for a request") && unplaced.contains("--bucket"), "{unplaced}");
    let place = tempfile::tempdir().unwrap();
    let empty = refused(&["--built", place.path().to_str().unwrap()], 2);
    assert!(empty.contains("holds no `manifest.json`"), "{empty}");
    let out = built(place.path());
    let template = Path::new(&out).join("minimal/production/eu-west-1/minimal.template.json");
    let text = fs::read_to_string(&template).unwrap();
    fs::write(&template, text.replace("GetSecretValue", "*")).unwrap();
    let changed = refused(&["--built", &out], 2);
    assert!(changed.contains("was changed after the manifest was written"), "{changed}");
    fs::remove_file(&template).unwrap();
    assert!(refused(&["--built", &out], 2).contains("is not there"));
    fs::write(Path::new(&out).join("manifest.json"), "{}").unwrap();
    assert!(refused(&["--built", &out], 2).contains("cannot be read"));
}

#[test]
fn blueprints_with_errors_have_no_plan() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("bad.yaml");
    fs::write(&path, "blueprint: v1\napplication: bad\nowner: me\nsecretz: {}\n").unwrap();
    let said = refused(&[path.to_str().unwrap()], 1);
    assert!(said.contains("error[unknown-field]"), "{said}");
}

#[test]
fn stack_sets_reach_accounts_by_the_deployer() {
    let targets = ["--target", "121212121212", "--target", "131313131313"];
    let sets = ["--stack-sets", "self-managed", "--administrator", "999999999999"];
    let script = printed(&[&["blueprints/minimal.yaml"], &sets[..], &targets[..], &TODAY[..]].concat());
    assert!(parses(&script));
    for words in [
        "account 999999999999 eu-west-1",
        "--execution-role-name deployer",
        "--permission-model SELF_MANAGED",
        "--accounts 121212121212 131313131313",
    ] {
        assert!(script.contains(words), "{words}: {script}");
    }
}

#[test]
fn what_cannot_be_a_stack_set_is_a_finding() {
    let by_service =
        ["--stack-sets", "service-managed", "--administrator", "999999999999", "--target", "r-ab12"];
    let said = refused(&[&["blueprints"], &by_service[..], &TODAY[..], &BUCKET[..]].concat(), 1);
    for code in [
        "error[stack-set-bound-to-place]",
        "error[stack-set-needs-output]",
        "error[stack-set-not-the-deployer]",
        "error[stack-set-transform]",
        "note[stack-sets-differ]",
    ] {
        assert!(said.contains(code), "{code}: {said}");
    }
    let regions = ["--stack-sets", "self-managed", "--administrator", "999999999999"];
    let twice = [&regions[..], &["--region", "eu-west-1", "--region", "us-east-1"], &TODAY[..]].concat();
    let said = refused(&[&["blueprints/minimal.yaml"], &twice[..]].concat(), 1);
    assert!(said.contains("error[stack-set-name-taken]"), "{said}");
}

#[test]
fn options_that_do_not_belong_together_are_refused() {
    let cases: [&[&str]; 8] = [
        &["--target", "121212121212"],
        &["--stack-sets", "self-managed"],
        &["--stack-sets", "service-managed", "--administrator", "999999999999"],
        &["--stack-sets", "self-managed", "--administrator", "999999999999", "--target", "r-ab12"],
        &["--stack-sets", "self-managed", "--administrator", "999999999999", "--delegated"],
        &[
            "--stack-sets",
            "self-managed",
            "--administrator",
            "999999999999",
            "--administration-role",
            "admin",
        ],
        &["--bucket", "Templates; reboot"],
        &["--target", "ou-x", "--stack-sets", "service-managed", "--administrator", "999999999999"],
    ];
    for case in cases {
        let said = refused(&[&["blueprints/minimal.yaml"], case, &TODAY[..]].concat(), 2);
        assert!(said.contains("error:"), "{case:?}: {said}");
    }
}
