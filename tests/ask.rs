//! Questions to the binary: compare, decide, who can, can, why, and templates from elsewhere.
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

fn keyprint(arguments: &[&str]) -> Output {
    in_directory(Path::new(env!("CARGO_MANIFEST_DIR")), arguments)
}

fn in_directory(place: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyprint"));
    command.current_dir(place).args(arguments).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command.stdin(Stdio::null()).output().unwrap()
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

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

const ORDERS: &str = "blueprints/orders.yaml";

fn policy(action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#
    )
}

#[test]
fn compare_answers_with_its_exit_code() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("get.json"), policy("s3:GetObject")).unwrap();
    fs::write(place.path().join("all.json"), policy("s3:*")).unwrap();
    fs::write(place.path().join("broken.json"), "{").unwrap();
    fs::write(place.path().join("bytes.json"), b"{\xff").unwrap();
    let compare = |a: &str, b: &str| in_directory(place.path(), &["compare", a, b, "--format", "json"]);
    assert_eq!(code(&compare("all.json", "get.json")), 0);
    let wider = compare("get.json", "all.json");
    assert_eq!(code(&wider), 1);
    assert_eq!(json(&wider)["verdict"], "new-access");
    assert!(json(&wider)["witness"]["action"].as_str().unwrap().starts_with("s3:"));
    let unknown = compare("broken.json", "all.json");
    assert_eq!((code(&unknown), json(&unknown)["verdict"].as_str()), (4, Some("unknown")));
    for bad in ["gone.json", "bytes.json", "."] {
        let refused = compare("get.json", bad);
        assert_eq!(code(&refused), 2, "{bad}");
        assert!(stderr(&refused).starts_with("error: ") && refused.stdout.is_empty());
    }
    assert_eq!(code(&in_directory(place.path(), &["compare", "get.json", "all.json", "--kind", "nope"])), 2);
}

#[test]
fn decide_reads_lines_from_standard_input() {
    let line = format!(
        r#"{{"request":{{"principal":"arn:aws:iam::111122223333:role/app","action":"s3:GetObject","resource":"arn:aws:s3:::b/k","resourceAccount":"111122223333","context":{{}}}},"identity":[{}]}}"#,
        policy("s3:GetObject")
    );
    let mut child = Command::new(env!("CARGO_BIN_EXE_keyprint"))
        .args(["decide", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let other = line.replace(r#""action":"s3:GetObject","#, r#""action":"s3:PutObject","#);
    child.stdin.take().unwrap().write_all(format!("{line}\n\n{other}\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 0);
    let decisions: Vec<Value> =
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(decisions[0]["decision"], "allow");
    assert_eq!(decisions[1]["decision"], "deny");
}
