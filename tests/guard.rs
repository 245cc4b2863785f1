//! The built-in rules: each has its three inputs, points at the right places, and means the same to the stock engine.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on says where")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::{Path, PathBuf};

use cfn_guard::commands::Executable;
use cfn_guard::commands::validate::{OutputFormatType, ShowSummaryType};
use cfn_guard::utils::reader::{ReadBuffer, Reader};
use cfn_guard::utils::writer::{WriteBuffer, Writer};
use cfn_guard::{CommandBuilder, ValidateBuilder};
use keyprint::verify::guard::{BUILT_IN_FILES, RulePack, Verdict, built_in};
use keyprint::verify::provider_schema;
use rayon::prelude::*;
use serde_json::{Value, json};

const INPUTS: [&str; 3] = ["pass", "fail", "not-applicable"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Pass,
    Fail,
    Skip,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[expect(clippy::disallowed_methods, reason = "tests read their inputs")]
fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[expect(clippy::disallowed_methods, reason = "tests read their inputs")]
fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(found) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = found.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn templates_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in entries(folder) {
        if path.is_dir() {
            found.extend(templates_below(&path));
        } else if path.to_string_lossy().ends_with(".template.json") {
            found.push(path);
        }
    }
    found
}

fn pack() -> &'static RulePack<'static> {
    built_in().unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// What keyprint's engine says, by rule.
fn ours(template: &Value) -> BTreeMap<String, Said> {
    let outcomes = pack().evaluate(template).unwrap();
    let said = outcomes.into_iter().map(|outcome| {
        let said = match outcome.verdict {
            Verdict::Pass => Said::Pass,
            Verdict::Fail { .. } => Said::Fail,
            Verdict::NotApplicable { .. } => Said::Skip,
            Verdict::Undecided { reason } => panic!("{}: {reason}", outcome.rule),
        };
        (outcome.rule, said)
    });
    said.collect()
}

/// What the stock engine says, by rule: one file of rules at a time, as its users run it.
fn stock(template: &Value) -> BTreeMap<String, Said> {
    let mut said = BTreeMap::new();
    for (_, rules) in BUILT_IN_FILES {
        let payload = json!({ "rules": [rules], "data": [template.to_string()] }).to_string();
        let mut input = Reader::new(ReadBuffer::Cursor(Cursor::new(payload.into_bytes())));
        let mut output =
            Writer::new_with_err(WriteBuffer::Vec(Vec::new()), WriteBuffer::Vec(Vec::new())).unwrap();
        let command = ValidateBuilder::default()
            .payload(true)
            .structured(true)
            .output_format(OutputFormatType::JSON)
            .show_summary(vec![ShowSummaryType::None])
            .try_build()
            .unwrap();
        command.execute(&mut output, &mut input).unwrap();
        let reports: Value = serde_json::from_str(&output.into_string().unwrap()).unwrap();
        let names = |key: &str| -> Vec<String> {
            let items = reports[0][key].as_array().unwrap().iter();
            items.map(|name| name.as_str().unwrap().to_owned()).collect()
        };
        said.extend(names("compliant").into_iter().map(|name| (name, Said::Pass)));
        said.extend(names("not_applicable").into_iter().map(|name| (name, Said::Skip)));
        for failed in reports[0]["not_compliant"].as_array().unwrap() {
            said.insert(failed["Rule"]["name"].as_str().unwrap().to_owned(), Said::Fail);
        }
    }
    said
}

#[test]
fn the_pack_is_large_enough_and_every_rule_explains_itself() {
    assert!(pack().rules().len() >= 30);
    for rule in pack().rules() {
        assert!(rule.explanation.len() > 60, "{} lacks an explanation", rule.name);
        assert!(!rule.message.is_empty(), "{} lacks a message", rule.name);
        assert!(!rule.message.ends_with('.'), "{}: a message has no final stop", rule.name);
        assert!(rule.line > 1, "{} is not found in its file", rule.name);
    }
}

#[test]
fn every_type_that_a_rule_selects_has_a_provider_schema() {
    let known: BTreeSet<&str> = provider_schema::types().into_iter().collect();
    let never_emitted = ["AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy"];
    for (file, text) in BUILT_IN_FILES {
        for name in text.split('\'').filter(|word| word.starts_with("AWS::")) {
            assert!(known.contains(name) || never_emitted.contains(&name), "{file}: {name}");
        }
    }
}

#[test]
fn every_rule_has_its_three_inputs_and_every_input_a_rule() {
    let named: BTreeSet<String> = pack().rules().iter().map(|rule| rule.name.clone()).collect();
    let folders: BTreeSet<String> = entries(&root().join("tests/guard"))
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(named, folders);
    for folder in folders {
        let files = entries(&root().join("tests/guard").join(&folder));
        let names: Vec<_> = files.iter().map(|path| path.file_stem().unwrap().to_string_lossy()).collect();
        assert_eq!(names, ["fail", "not-applicable", "pass"], "{folder}");
    }
}

#[test]
fn every_rule_says_of_its_inputs_what_they_are_named() {
    let mut wrong = Vec::new();
    for rule in pack().rules() {
        for (input, expected) in INPUTS.iter().zip([Said::Pass, Said::Fail, Said::Skip]) {
            let template = read(&root().join("tests/guard").join(&rule.name).join(format!("{input}.json")));
            let said = ours(&template)[&rule.name];
            if said != expected {
                wrong.push(format!("{}/{input}: {said:?}", rule.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A failing input lists, under `Metadata.Findings`, the pointers that the rule must report, no more and no fewer.
#[test]
fn findings_point_at_the_places_that_are_wrong() {
    let mut wrong = Vec::new();
    for rule in pack().rules() {
        let template = read(&root().join("tests/guard").join(&rule.name).join("fail.json"));
        let expected: BTreeSet<String> = template["Metadata"]["Findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pointer| pointer.as_str().unwrap().to_owned())
            .collect();
        let outcome = pack()
            .evaluate(&template)
            .unwrap()
            .into_iter()
            .find(|outcome| outcome.rule == rule.name)
            .unwrap();
        let Verdict::Fail { findings } = outcome.verdict else { continue };
        let found: BTreeSet<String> = findings.iter().map(|finding| finding.pointer.clone()).collect();
        if found != expected {
            wrong.push(format!("{}: found {found:?}, expected {expected:?}", rule.name));
        }
        for finding in findings {
            assert!(template.pointer(&finding.pointer).is_some(), "{}: {}", rule.name, finding.pointer);
            assert_eq!(finding.logical_id.is_some(), finding.pointer.starts_with("/Resources/"));
            assert!(finding.message.is_some(), "{}: a finding has no message", rule.name);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_rule_without_a_subject_says_which_type_it_lacks() {
    let nothing =
        json!({ "Resources": { "Handle": { "Type": "AWS::CloudFormation::WaitConditionHandle" } } });
    for outcome in pack().evaluate(&nothing).unwrap() {
        let Verdict::NotApplicable { reason } = outcome.verdict else { panic!("{outcome:?}") };
        assert!(
            reason.contains("AWS::")
                || ["PARAMETER_HIDES_SECRET", "OUTPUT_SHOWS_NO_SECRET"].contains(&outcome.rule.as_str()),
            "{reason}"
        );
    }
}

#[test]
fn the_stock_engine_agrees_on_every_input_and_snapshot() {
    let mut paths: Vec<PathBuf> =
        entries(&root().join("tests/guard")).iter().flat_map(|rule| entries(rule)).collect();
    paths.extend(templates_below(&root().join("snapshots")));
    assert!(paths.len() >= 3 * pack().rules().len());
    let disagreements: Vec<String> = paths
        .par_iter()
        .flat_map_iter(|path| {
            let template = read(path);
            let (ours, stock) = (ours(&template), stock(&template));
            assert_eq!(ours.len(), stock.len(), "{}", path.display());
            let differing = ours.into_iter().filter(move |(rule, said)| stock.get(rule) != Some(said));
            differing.map(|(rule, said)| format!("{}: {rule} is {said:?} here alone", path.display()))
        })
        .collect();
    assert!(disagreements.is_empty(), "{disagreements:#?}");
}

/// What the stock engine announces, in its plain output alone, that its next release will judge otherwise.
fn notices(rules: &[&str], template: &Value) -> String {
    let payload = json!({ "rules": rules, "data": [template.to_string()] }).to_string();
    let mut input = Reader::new(ReadBuffer::Cursor(Cursor::new(payload.into_bytes())));
    let mut output =
        Writer::new_with_err(WriteBuffer::Vec(Vec::new()), WriteBuffer::Vec(Vec::new())).unwrap();
    let command = ValidateBuilder::default().payload(true).try_build().unwrap();
    command.execute(&mut output, &mut input).unwrap();
    output.err_to_stripped().unwrap()
}

#[test]
fn no_rule_relies_on_behaviour_that_the_stock_engine_will_drop() {
    let outdated = "rule OUTDATED { Resources.*.Type not in ['x'] <<no>> }";
    let notice = notices(&[outdated], &json!({ "Resources": { "A": { "Type": { "Ref": "T" } } } }));
    assert!(notice.contains("DEPRECATION"), "{notice}");
    let rules: Vec<&str> = BUILT_IN_FILES.iter().map(|(_, text)| *text).collect();
    for path in entries(&root().join("tests/guard")).iter().flat_map(|rule| entries(rule)) {
        let notice = notices(&rules, &read(&path));
        assert!(!notice.contains("DEPRECATION"), "{}: {notice}", path.display());
    }
}

/// Rules for templates that keyprint does not make, which `--policies` and other users of the pack judge, and why.
const FOR_OTHER_TEMPLATES: [(&str, &str); 4] = [
    ("PARAMETER_HIDES_SECRET", "no parameter of ours takes anything secret"),
    ("CONNECTION_HOLDS_NO_PASSWORD", "consumers bring their own connections"),
    ("PROXY_DEMANDS_TLS", "databases and their proxies exist before us"),
    ("EGRESS_IS_NARROW", "our security groups hold their rules themselves"),
];

#[test]
fn no_rule_is_idle_on_every_snapshot() {
    let snapshots = templates_below(&root().join("snapshots"));
    assert!(!snapshots.is_empty());
    let said: Vec<BTreeMap<String, Said>> = snapshots.iter().map(|path| ours(&read(path))).collect();
    let idle: Vec<&str> = pack()
        .rules()
        .iter()
        .map(|rule| rule.name.as_str())
        .filter(|rule| said.iter().all(|by_rule| by_rule[*rule] == Said::Skip))
        .collect();
    let expected: BTreeSet<&str> = FOR_OTHER_TEMPLATES.iter().map(|(rule, _)| *rule).collect();
    assert_eq!(BTreeSet::from_iter(idle), expected);
}
