//! No text makes the reader panic, overflow the stack or take long.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads files and fails by panicking"
)]

use std::fs;

use keyprint::{Diagnostics, Sources};
use proptest::prelude::*;

fn read(text: &str) -> Diagnostics {
    let mut sources = Sources::default();
    sources.add("case.yaml", text);
    let mut log = Diagnostics::default();
    keyprint::read(&sources, &mut log);
    log
}

fn codes(text: &str) -> Vec<String> {
    let mut all: Vec<String> = read(text).iter().map(|entry| entry.code.to_string()).collect();
    all.dedup();
    all
}

fn orders() -> String {
    fs::read_to_string("tests/cases/ok/orders.yaml").unwrap()
}

#[test]
fn nesting_is_refused_before_it_costs_stack() {
    const DEEP: usize = 100_000;
    assert_eq!(codes(&"[".repeat(DEEP)), ["blueprint-over-limit"]);
    assert_eq!(codes(&"{a: ".repeat(DEEP)), ["blueprint-over-limit"]);
    assert_eq!(codes(&"- ".repeat(DEEP)), ["blueprint-over-limit"]);
    let lines: String = (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert_eq!(codes(&lines), ["blueprint-over-limit"]);
    assert_eq!(codes(&"? ".repeat(DEEP)), ["blueprint-over-limit"]);
}

#[test]
fn large_files_are_refused_unread() {
    assert_eq!(codes(&"a".repeat(100_000_000)), ["blueprint-over-limit"]);
    let many = format!("[{}]", "a,".repeat(600_000));
    assert_eq!(codes(&many), ["blueprint-over-limit"]);
}

#[test]
fn text_that_invites_quadratic_work_is_read_in_linear_time() {
    for piece in [
        "eyJ.",
        "-----BEGIN PRIVATE KEY",
        "-----BEGIN ",
        "://a:b@",
        "AKIA",
        "xoxb-0000000000 ",
        "'",
        "\"a\" ",
        "a: ",
        "a\n",
        "- a\n",
        "# a\n",
        "&a ",
        "*a ",
        "!a ",
        "[]",
        "{}",
        "a,",
        "\u{e9}",
        "\t",
        "|\n",
        ">-\n ",
        "%a\n",
        "---\n",
        "? a\n",
        "\\\"",
    ] {
        read(&piece.repeat(300_000 / piece.len()));
    }
    let fields: String = (0..100_000).map(|number| format!("f{number}: x\n")).collect();
    assert_eq!(codes(&fields).iter().filter(|code| *code == "unknown-field").count(), 1);
    let tags: String = (0..100_000).map(|number| format!("  t{number}: x\n")).collect();
    read(&format!("tags:\n{tags}{tags}"));
}

#[test]
fn windows_files_read_as_others() {
    let text = orders();
    assert_eq!(codes(&text.replace('\n', "\r\n")), Vec::<String>::new());
    assert_eq!(codes(&format!("\u{feff}{text}")), Vec::<String>::new());
}

#[test]
fn odd_texts_get_a_message() {
    assert_eq!(codes(""), ["empty-blueprint"]);
    assert_eq!(codes("\n\n  \n"), ["empty-blueprint"]);
    assert_eq!(codes("\u{0}"), ["control-character"]);
    assert_eq!(codes("\u{7f}"), ["control-character"]);
    assert_eq!(codes("..."), ["empty-blueprint"]);
    assert!(!codes("\t").is_empty());
}

#[test]
fn a_masked_value_stands_in_no_message() {
    let secrets = [
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "wJalrXUtnFEMIK7MDENGbPxRfiCYzT3q9LkV",
    ];
    // Random text in comments is left alone.
    let text: String =
        orders().lines().map(|line| format!("{}\n", line.split('#').next().unwrap())).collect();
    for secret in secrets {
        for (place, _) in text.match_indices(": ") {
            let mut changed = text.clone();
            changed.insert_str(place + 2, &format!("\"{secret}\" "));
            assert_unsaid(&changed, secret);
            let mut changed = text.clone();
            changed.insert_str(place, &format!(" {secret}"));
            assert_unsaid(&changed, secret);
        }
    }
}

fn assert_unsaid(text: &str, secret: &str) {
    let log = read(text);
    assert!(log.iter().any(|entry| entry.code == "literal-secret"), "not found in {text}");
    for entry in log.iter() {
        let said = [&entry.message]
            .into_iter()
            .chain(&entry.help)
            .chain(entry.labels.iter().map(|label| &label.text));
        assert!(said.into_iter().all(|words| !words.contains(secret)), "{}: {}", entry.code, entry.message);
    }
    for span in keyprint::masked(&log) {
        assert!(text.get(span.range()).is_some());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_without_panic(text in any::<String>()) {
        read(&text);
    }

    #[test]
    fn text_that_looks_like_yaml_is_read_without_panic(text in "[a-z0-9:,\\-\\[\\]{}#&*!|>'\"%@` \n\t?~.é/]{0,200}") {
        check(&text)?;
    }

    #[test]
    fn a_changed_blueprint_is_read_without_panic(
        cuts in prop::collection::vec((0.0..1.0f64, 0usize..12, "[a-z0-9:,\\-\\[\\]{}#'\" \n\té/]{0,6}"), 1..6)
    ) {
        let mut text: Vec<char> = fs::read_to_string("tests/cases/ok/everything.yaml").unwrap().chars().collect();
        for (place, length, put) in cuts {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place within the text")]
            let start = (place * text.len() as f64) as usize;
            let end = (start + length).min(text.len());
            text.splice(start..end, put.chars());
        }
        check(&text.into_iter().collect::<String>())?;
    }
}

/// Reads, and holds every label to the text.
fn check(text: &str) -> Result<(), TestCaseError> {
    for entry in read(text).iter() {
        prop_assert!(!entry.message.is_empty());
        for label in &entry.labels {
            prop_assert!(text.get(label.span.range()).is_some(), "{}: {:?}", entry.code, label);
        }
    }
    Ok(())
}
