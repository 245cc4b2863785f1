//! The binary as a process: exit codes, what goes where, and what it does when the world is in its way.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]
#![expect(clippy::disallowed_methods, reason = "the tests prepare and inspect directories")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A directory with the blueprint that `init` writes.
fn workspace() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    let made = keyprint(place.path(), &["init", "--name", "orders"]);
    assert_eq!(code(&made), 0, "{made:?}");
    place
}

fn command(place: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyprint"));
    command.current_dir(place).args(arguments).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

fn keyprint(place: &Path, arguments: &[&str]) -> Output {
    command(place, arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Every file below a directory with its bytes.
fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut open = vec![root.to_owned()];
    let mut found = BTreeMap::new();
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The paths that the manifest below a directory lists.
fn listed(out: &Path) -> Vec<String> {
    let manifest: Value = serde_json::from_slice(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    let files = manifest["files"].as_array().unwrap();
    files.iter().map(|file| file["path"].as_str().unwrap().to_owned()).collect()
}

/// Asserts that a command is refused with exit code 2, says why on standard error, and prints no report.
fn assert_refused(output: &Output, words: &[&str]) {
    let said = stderr(output);
    assert_eq!(code(output), 2, "{said}");
    assert!(said.starts_with("error: "), "{said}");
    for word in words {
        assert!(said.contains(word), "`{word}` is not in: {said}");
    }
    assert!(output.stdout.is_empty());
}

#[test]
fn a_first_blueprint_builds_and_builds_again_unchanged() {
    let place = workspace();
    let first = keyprint(place.path(), &["build", "--out", "out"]);
    assert_eq!(code(&first), 0, "{first:?}");
    let made = tree(&place.path().join("out"));
    let listed = listed(&place.path().join("out"));
    assert!(!listed.is_empty());
    assert!(listed.iter().all(|path| made.contains_key(path)));
    let second = keyprint(place.path(), &["build", "--out", "out"]);
    assert!(stderr(&second).contains(": 0 written, "), "{}", stderr(&second));
    assert_eq!(tree(&place.path().join("out")), made);
}

#[test]
fn init_overwrites_nothing_and_takes_good_names_only() {
    let place = workspace();
    let before = tree(place.path());
    assert_refused(&keyprint(place.path(), &["init", "--name", "orders"]), &["blueprints/orders.yaml"]);
    for name in ["", "Orders", "../orders", "a--b", "1a", "a/b"] {
        assert_eq!(code(&keyprint(place.path(), &["init", "--name", name])), 2, "{name}");
    }
    assert_eq!(tree(place.path()), before);
}

#[test]
fn snapshots_are_accepted_and_then_compared() {
    let place = workspace();
    let check = |arguments: &[&str]| keyprint(place.path(), &[&["check"], arguments].concat());
    assert_eq!(code(&check(&[])), 0, "without a snapshot directory nothing is compared");
    let missing = check(&["--snapshots", "snapshots"]);
    assert_eq!(code(&missing), 1);
    assert!(stdout(&missing).contains("error[snapshot-missing]"), "{}", stdout(&missing));
    let accepted = check(&["--accept"]);
    assert_eq!(code(&accepted), 0, "{accepted:?}");
    assert_eq!(code(&check(&[])), 0);
    let snapshots = tree(&place.path().join("snapshots"));
    let path = place.path().join("snapshots").join(snapshots.keys().next().unwrap());
    fs::write(&path, "something else\n").unwrap();
    fs::write(path.with_file_name("old.template.json"), "{}").unwrap();
    let differs = check(&[]);
    assert_eq!(code(&differs), 1);
    let report = stdout(&differs);
    assert!(
        report.contains("error[snapshot-differs]") && report.contains("error[snapshot-stale]"),
        "{report}"
    );
    assert!(report.contains("-something else"), "{report}");
    assert_eq!(code(&check(&["--accept"])), 0);
    assert_eq!(tree(&place.path().join("snapshots")), snapshots);
}

#[test]
fn unreadable_inputs_are_named_with_their_reason() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path();
    fs::write(root.join("latin.yaml"), b"a: 1\nb: caf\xe9\n").unwrap();
    File::create(root.join("huge.yaml")).unwrap().set_len(100 << 20).unwrap();
    fs::create_dir(root.join("empty")).unwrap();
    let check = |arguments: &[&str]| keyprint(root, &[&["check"], arguments].concat());
    assert_refused(&check(&["latin.yaml"]), &["`latin.yaml` is not UTF-8", "line 2, column 7"]);
    assert_refused(&check(&["huge.yaml"]), &["`huge.yaml` has 104857600 bytes", "4 MiB"]);
    assert_refused(&check(&["empty"]), &["`empty` holds no blueprints"]);
    assert_refused(&check(&["missing.yaml"]), &["`missing.yaml` cannot be read: no such file"]);
    assert_refused(&check(&[]), &["`blueprints` cannot be read"]);
    assert_refused(
        &check(&["latin.yaml", "./latin.yaml"]),
        &["`./latin.yaml` is given twice, first as `latin.yaml`"],
    );
}

#[test]
fn an_empty_file_is_no_fault() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("empty.yaml"), "").unwrap();
    let output = keyprint(place.path(), &["check", "empty.yaml"]);
    assert!(code(&output) <= 1, "{output:?}");
}

#[test]
fn an_output_directory_that_cannot_be_one_is_refused() {
    let place = workspace();
    fs::write(place.path().join("file"), "mine").unwrap();
    let refused = |out: &str| {
        let output = keyprint(place.path(), &["build", "--quiet", "--out", out]);
        assert_refused(&output, &[out.split('/').next().unwrap()]);
    };
    refused("file");
    refused("file/below");
    if Path::new("/proc/self").exists() {
        // Not even root can create a directory there: what a read-only disk is to others.
        refused("/proc/keyprint");
    }
    assert_eq!(fs::read(place.path().join("file")).unwrap(), b"mine");
}

#[test]
fn a_foreign_file_in_the_way_is_kept_and_nothing_is_written() {
    let place = workspace();
    assert_eq!(code(&keyprint(place.path(), &["build", "--out", "model"])), 0);
    let path = listed(&place.path().join("model")).remove(0);
    let foreign = place.path().join("out").join(&path);
    fs::create_dir_all(foreign.parent().unwrap()).unwrap();
    fs::write(&foreign, "mine").unwrap();
    let before = tree(&place.path().join("out"));
    let output = keyprint(place.path(), &["build", "--quiet", "--out", "out"]);
    assert_refused(&output, &[path.as_str(), "was not written by keyprint"]);
    assert_eq!(tree(&place.path().join("out")), before);
}

#[test]
fn files_made_no_more_are_removed_unless_they_were_changed() {
    let place = workspace();
    let build = || keyprint(place.path(), &["build", "--out", "out"]);
    assert_eq!(code(&keyprint(place.path(), &["init", "--name", "other"])), 0);
    assert_eq!(code(&build()), 0);
    let out = place.path().join("out");
    let both = listed(&out);
    fs::remove_file(place.path().join("blueprints/orders.yaml")).unwrap();
    let gone: Vec<&String> = both.iter().filter(|path| path.starts_with("orders/")).collect();
    fs::write(out.join(gone[0]), "changed by hand").unwrap();
    let output = build();
    assert_eq!(code(&output), 0, "{output:?}");
    assert!(stderr(&output).contains(gone[0]), "{}", stderr(&output));
    assert!(out.join(gone[0]).exists());
    assert!(gone.iter().skip(1).all(|path| !out.join(path).exists()));
    assert!(listed(&out).iter().all(|path| out.join(path).exists() && !path.starts_with("orders/")));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = tempfile::tempdir().unwrap();
    let mut child = command(place.path(), &["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(said, "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_standard_output_is_an_error() {
    let place = tempfile::tempdir().unwrap();
    let full = File::options().write(true).open("/dev/full").unwrap();
    let output = command(place.path(), &["schema"]).stdout(full).output().unwrap();
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("standard output"), "{}", stderr(&output));
}

#[test]
fn usage_errors_and_answers_have_their_exit_codes() {
    let place = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| keyprint(place.path(), arguments);
    for wrong in [
        &[][..],
        &["compile"],
        &["build"],
        &["check", "--format", "xml"],
        &["check", "--today", "2026-02-30"],
        &["explain", "no-such-code"],
    ] {
        let output = run(wrong);
        assert_eq!(code(&output), 2, "{wrong:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{wrong:?}");
    }
    for good in [&["--version"][..], &["help"], &["schema"], &["explain"], &["completions", "zsh"]] {
        let output = run(good);
        assert_eq!(code(&output), 0, "{good:?}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{good:?}");
    }
    let misspelt = run(&["explain", "snapshot-stael"]);
    assert!(stderr(&misspelt).contains("`snapshot-stale`"), "{}", stderr(&misspelt));
    let page = stdout(&run(&["explain", "snapshot-stale"]));
    assert!(page.starts_with("error[snapshot-stale]: ") && page.contains("\nInstead\n"), "{page}");
    let rule = stdout(&run(&["explain", "guard/TOPIC_IS_ENCRYPTED"]));
    assert!(rule.starts_with("error[guard/TOPIC_IS_ENCRYPTED]: "), "{rule}");
    assert!(serde_json::from_slice::<Value>(&run(&["schema"]).stdout).is_ok());
}

#[test]
fn the_report_alone_goes_to_standard_output_in_the_form_asked_for() {
    let place = workspace();
    let check = |format: &str| stdout(&keyprint(place.path(), &["check", "--format", format]));
    assert_eq!(serde_json::from_str::<Value>(&check("json")).unwrap()["version"], 1);
    assert_eq!(serde_json::from_str::<Value>(&check("sarif")).unwrap()["version"], "2.1.0");
    assert!(check("junit").starts_with("<?xml"));
    assert!(check("text").contains(" errors, "));
}

#[test]
fn rules_from_outside_judge_the_templates_too() {
    let place = workspace();
    let rules = place.path().join("rules");
    fs::create_dir(&rules).unwrap();
    let check = |rule: &str| {
        fs::write(rules.join("ours.guard"), rule).unwrap();
        keyprint(place.path(), &["check", "--policies", "rules"])
    };
    let roles = "let roles = Resources.*[ Type == 'AWS::IAM::Role' ]\n";
    let path = |path: &str| {
        check(&format!(
            "{roles}rule ROLE_PATH when %roles !empty {{\n  %roles.Properties.Path == '{path}' <<wrong path>>\n}}\n"
        ))
    };
    let fails = path("/no-such/");
    assert_eq!(code(&fails), 1, "{fails:?}");
    assert!(stdout(&fails).contains("[guard/ROLE_PATH]"), "{}", stdout(&fails));
    let broken = check("rule BROKEN {");
    assert_eq!(code(&broken), 1);
    assert!(
        stdout(&broken).contains("error[rule-file]") && stdout(&broken).contains("rules/ours.guard:1"),
        "{broken:?}"
    );
    assert_refused(
        &keyprint(place.path(), &["check", "--policies", "blueprints"]),
        &["holds no guard policies"],
    );
}

#[test]
fn a_value_in_a_blueprint_is_an_error_and_is_printed_nowhere() {
    let place = workspace();
    let path = place.path().join("blueprints/orders.yaml");
    let text = fs::read_to_string(&path).unwrap().replace("owner: platform ", "owner: AKIAIOSFODNN7EXAMPLE ");
    fs::write(&path, text).unwrap();
    for format in ["text", "json", "sarif", "github", "junit"] {
        let output = keyprint(place.path(), &["check", "--format", format]);
        assert_eq!(code(&output), 1, "{output:?}");
        assert!(stdout(&output).contains("literal-secret"), "{}", stdout(&output));
        assert!(!stdout(&output).contains("IOSFODNN7") && output.stderr.is_empty(), "{}", stdout(&output));
    }
}

#[test]
fn colours_are_for_those_who_want_them() {
    let place = workspace();
    let check = |color: &str| {
        let output = keyprint(place.path(), &["check", "--snapshots", "none", "--color", color]);
        stdout(&output).contains('\u{1b}')
    };
    assert!(check("always"));
    assert!(!check("never"));
    assert!(!check("auto"), "a pipe takes no colours");
}
