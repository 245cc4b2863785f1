//! SARIF 2.1.0, which code-scanning services read: findings as results, codes as rules, waivers as suppressions.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Voice;
use super::mask::Mask;
use super::place::{Place, places};
use crate::catalog;
use crate::diagnostic::{Code, Diagnostic, Level, Subject};
use crate::digest::sha256;
use crate::run::{Evidence, Outcome, Run};

/// Where the schema of the format is published.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [SarifRun; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRun {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<SarifResult>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: String,
    short_description: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Help>,
    default_configuration: Configuration,
    properties: Properties,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Properties {
    tags: Vec<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: String,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressions: Option<[Suppression; 1]>,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "keyprint/v1")]
    finding: String,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    physical_location: Option<Physical>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<Logical>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical {
    fully_qualified_name: String,
    kind: &'static str,
}

/// The run as one SARIF log.
pub(super) fn report(run: &Run, _voice: Voice) -> String {
    let mask = Mask::of(run);
    let sorted = run.diagnostics.sorted();
    let waived = run.evidence.iter().filter(|evidence| matches!(evidence.outcome, Outcome::Waived { .. }));
    let mut codes: BTreeSet<&str> = catalog::all().into_iter().map(|code| code.name).collect();
    codes.extend(sorted.iter().map(|diagnostic| &*diagnostic.code));
    codes.extend(waived.clone().map(|evidence| evidence.check.as_str()));
    let codes: Vec<&str> = codes.into_iter().collect();
    let mut results: Vec<SarifResult> =
        sorted.iter().map(|diagnostic| finding(run, diagnostic, &codes, &mask)).collect();
    results.extend(waived.filter_map(|evidence| suppressed(evidence, &codes)));
    document(&codes, results)
}

/// Findings as one SARIF log, those with a reason as accepted ones.
pub(super) fn log(run: &Run, findings: &[(Diagnostic, Option<String>)], codes: &BTreeSet<&str>) -> String {
    let mask = Mask::of(run);
    let codes: Vec<&str> = codes.iter().copied().collect();
    let results = findings.iter().map(|(diagnostic, accepted)| SarifResult {
        suppressions: accepted.clone().map(accepted_for),
        ..finding(run, diagnostic, &codes, &mask)
    });
    document(&codes, results.collect())
}

/// The codes as rules, sorted, and the results that name them.
fn document(codes: &[&str], results: Vec<SarifResult>) -> String {
    let driver = Driver {
        name: env!("CARGO_PKG_NAME"),
        semantic_version: env!("CARGO_PKG_VERSION"),
        rules: codes.iter().map(|code| rule(code)).collect(),
    };
    let tool = Tool { driver };
    let runs = [SarifRun { tool, column_kind: "unicodeCodePoints", results }];
    let log = Log { schema: SCHEMA, version: "2.1.0", runs };
    // Strings, numbers and lists under fixed names: serialisation has no way to fail.
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

/// A rule from the catalogue, a built-in guard rule, or one that a rule file from outside names.
fn rule(code: &str) -> Rule {
    let known = catalog::find(code);
    let built_in = catalog::find_rule(code);
    let page = known.map(Code::unindented_page).or_else(|| built_in.map(|rule| rule.explanation.clone()));
    let summary = known.map(|it| it.summary).or_else(|| built_in.map(|rule| rule.message.as_str()));
    Rule {
        id: rule_id(code),
        short_description: Text { text: summary.unwrap_or("a rule from outside").to_owned() },
        help: page.map(|page| Help { text: page.clone(), markdown: page }),
        default_configuration: Configuration { level: known.map_or("error", |it| word(it.level)) },
        properties: Properties { tags: vec![known.map_or("guard", |it| it.category.word())] },
    }
}

fn rule_id(code: &str) -> String {
    if code.contains('/') { code.to_owned() } else { format!("keyprint/{code}") }
}

fn finding(run: &Run, diagnostic: &Diagnostic, codes: &[&str], mask: &Mask<'_>) -> SarifResult {
    let mut places = places(run, &diagnostic.labels).into_iter();
    let primary = places.next();
    let mut text = mask.hide(&diagnostic.message).into_owned();
    for help in &diagnostic.help {
        text.push_str("\nhelp: ");
        text.push_str(&mask.hide(help));
    }
    let file = primary.as_ref().map_or("", |place| place.file);
    let finding =
        fingerprint(&diagnostic.code, file, diagnostic.subject.as_ref(), &mask.hide(&diagnostic.message));
    let logical_locations: Vec<Logical> = diagnostic.subject.iter().map(logical).collect();
    let location =
        Location { physical_location: primary.as_ref().map(physical), logical_locations, message: None };
    let is_placed = location.physical_location.is_some() || !location.logical_locations.is_empty();
    SarifResult {
        rule_id: rule_id(&diagnostic.code),
        rule_index: index(codes, &diagnostic.code),
        level: word(diagnostic.level),
        message: Text { text },
        locations: is_placed.then_some(location).into_iter().collect(),
        related_locations: places.map(|place| related(&place, mask)).collect(),
        partial_fingerprints: Fingerprints { finding },
        suppressions: None,
    }
}

/// A waived failure: a result like another, with the reason why it counts no more.
fn suppressed(evidence: &Evidence, codes: &[&str]) -> Option<SarifResult> {
    let Outcome::Waived { because, until } = &evidence.outcome else { return None };
    let level = catalog::find(&evidence.check).map_or("error", |code| word(code.level));
    let finding = fingerprint(&evidence.check, "", Some(&evidence.subject), "");
    let logical_locations = vec![logical(&evidence.subject)];
    Some(SarifResult {
        rule_id: rule_id(&evidence.check),
        rule_index: index(codes, &evidence.check),
        level,
        message: Text { text: format!("waived until {until}: {because}") },
        locations: vec![Location { physical_location: None, logical_locations, message: None }],
        related_locations: Vec::new(),
        partial_fingerprints: Fingerprints { finding },
        suppressions: Some(accepted_for(because.clone())),
    })
}

fn accepted_for(justification: String) -> [Suppression; 1] {
    [Suppression { kind: "inSource", status: "accepted", justification }]
}

fn related(place: &Place<'_>, mask: &Mask<'_>) -> Location {
    let text = mask.hide(place.label).into_owned();
    let message = (!text.is_empty()).then_some(Text { text });
    Location { physical_location: Some(physical(place)), logical_locations: Vec::new(), message }
}

fn physical(place: &Place<'_>) -> Physical {
    Physical {
        artifact_location: ArtifactLocation { uri: uri(place.file) },
        region: Region {
            start_line: place.start.line,
            start_column: place.start.column,
            end_line: place.end.line,
            end_column: place.end.column,
        },
    }
}

fn logical(subject: &Subject) -> Logical {
    let template = &subject.template;
    let (fully_qualified_name, kind) = match (&subject.pointer, &subject.logical_id) {
        (Some(pointer), _) => (format!("{template}#{pointer}"), "object"),
        (None, Some(id)) => (format!("{template}#/Resources/{id}"), "resource"),
        (None, None) => (template.clone(), "module"),
    };
    Logical { fully_qualified_name, kind }
}

/// What stays the same when lines move: services recognise a known finding by it.
fn fingerprint(code: &str, file: &str, subject: Option<&Subject>, message: &str) -> String {
    let subject = subject.map(|subject| logical(subject).fully_qualified_name).unwrap_or_default();
    sha256(format!("{code}\0{file}\0{subject}\0{message}").as_bytes())
}

/// A path as a URI reference.
fn uri(path: &str) -> String {
    let mut text = String::new();
    if path.starts_with('/') {
        text.push_str("file://");
    }
    for byte in path.trim_start_matches("./").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                text.push(char::from(byte))
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

fn index(codes: &[&str], code: &str) -> usize {
    codes.binary_search(&code).unwrap_or_default()
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}
