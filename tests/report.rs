//! Reports of a run made by hand: their exact text, their schemas, and what they must never print.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use keyprint::report::{FORMATS, Voice};
use keyprint::{
    Artifact, Category, Diagnostic, Evidence, Label, Level, Outcome, Run, SourceId, Sources, Span, Subject,
    Summary,
};
use proptest::prelude::*;
use serde_json::Value;

const BLUEPRINT: &str = "\
blueprint: v1
application: orders
secrets:
  orders-db:
    type: api-key
    value: correct-horse-7   # oops
    rotaton: { every: 30 days }
";

/// A report in one format, without colours.
fn report(format: &str, run: &Run, voice: Voice) -> String {
    let (_, report) = FORMATS.iter().find(|(word, _)| *word == format).unwrap();
    anstream::adapter::strip_str(&report(run, voice)).to_string()
}

fn span(text: &str, source: SourceId, part: &str) -> Span {
    let start = text.find(part).unwrap();
    Span::new(source, start..start + part.len())
}

fn finding(code: &'static str, level: Level, message: &str, labels: &[(Span, &str)]) -> Diagnostic {
    Diagnostic {
        code: code.into(),
        level,
        category: Category::Blueprint,
        message: message.to_owned(),
        labels: labels.iter().map(|(span, text)| Label { span: *span, text: (*text).to_owned() }).collect(),
        help: Vec::new(),
        subject: None,
    }
}

fn subject(id: Option<&str>, pointer: Option<&str>) -> Subject {
    Subject {
        template: "orders/production/eu-west-1/orders.template.json".to_owned(),
        logical_id: id.map(str::to_owned),
        pointer: pointer.map(str::to_owned),
    }
}

/// A run with everything that a report has to show.
fn run() -> Run {
    let mut sources = Sources::default();
    let id = sources.add("blueprints/orders.yaml", BLUEPRINT);
    let at = |part| span(BLUEPRINT, id, part);
    let mut run =
        Run { sources, summary: Summary { blueprints: 1, stacks: 3, resources: 57 }, ..Run::default() };
    run.diagnostics.push(
        finding(
            "unknown-field",
            Level::Error,
            "unknown field `rotaton`",
            &[(at("rotaton"), "no such field"), (at("orders-db"), "in this secret")],
        )
        .help("a field with a similar name is `rotation`"),
    );
    run.diagnostics.push(
        finding(
            "literal-secret",
            Level::Error,
            "a secret's value stands in the blueprint",
            &[(at("correct-horse-7"), "a value")],
        )
        .help("take it out and rotate it"),
    );
    run.diagnostics.push(finding(
        "waiver-unused",
        Level::Warning,
        "a waiver matches nothing",
        &[(at("orders"), "")],
    ));
    let about = subject(Some("OrdersDbSecret"), Some("/Resources/OrdersDbSecret/Properties/KmsKeyId"));
    run.diagnostics.push(
        finding("guard/SECRET_KEY", Level::Warning, "no key is named", &[(at("orders-db"), "")])
            .about(about.clone()),
    );
    let evidence = |check: &str, subject, outcome| Evidence { check: check.to_owned(), subject, outcome };
    let waived = Outcome::Waived { because: "by hand".to_owned(), until: "2027-03-31".to_owned() };
    run.evidence = vec![
        evidence("stack-too-large", subject(None, None), Outcome::Pass),
        evidence("guard/SECRET_KEY", about, Outcome::Fail),
        evidence("provider-schema", subject(Some("OrdersDbSecret"), None), waived),
        evidence(
            "guard/OTHER",
            subject(None, None),
            Outcome::NotApplicable("no <such> & \"resource\"".to_owned()),
        ),
        evidence("guard/ODD", subject(None, None), Outcome::Undecided("a number is compared".to_owned())),
    ];
    run.artifacts =
        vec![Artifact { path: "manifest.json".to_owned(), text: "{}".to_owned(), snapshot: false }];
    run
}

#[test]
fn text_reads_as_rustc() {
    insta::assert_snapshot!(report("text", &run(), Voice::Full), @"
    warning[waiver-unused]: a waiver matches nothing
     --> blueprints/orders.yaml:2:14
      |
    2 | application: orders
      |              ^^^^^^

    warning[guard/SECRET_KEY]: no key is named
     --> blueprints/orders.yaml:4:3
      |
    4 |   orders-db:
      |   ^^^^^^^^^
      |
      = note: in `orders/production/eu-west-1/orders.template.json` at `/Resources/OrdersDbSecret/Properties/KmsKeyId`

    error[literal-secret]: a secret's value stands in the blueprint
     --> blueprints/orders.yaml:6:12
      |
    6 |     value: ********   # oops
      |            ^^^^^^^^ a value
      |
      = help: take it out and rotate it

    error[unknown-field]: unknown field `rotaton`
     --> blueprints/orders.yaml:7:5
      |
    4 |   orders-db:
      |   --------- in this secret
    ...
    7 |     rotaton: { every: 30 days }
      |     ^^^^^^^ no such field
      |
      = help: a field with a similar name is `rotation`

    3 stacks, 57 resources, 2 errors, 2 warnings, 1 check undecided
    `keyprint explain waiver-unused` says more
    ");
}

#[test]
fn quiet_text_has_findings_alone() {
    let quiet = report("text", &run(), Voice::Quiet);
    assert!(quiet.starts_with("error[literal-secret]") || quiet.contains("\nerror[literal-secret]"));
    assert!(!quiet.contains("57 resources") && !quiet.contains("says more"));
    assert_eq!(report("text", &Run::default(), Voice::Quiet), "");
}

#[test]
fn text_cuts_long_lines_and_hides_control_characters() {
    let text = format!(
        "a: {}\u{1b}[31mred {}here{} tail\n",
        "x".repeat(50_000),
        "y".repeat(50_000),
        "é".repeat(50_000)
    );
    let mut sources = Sources::default();
    let id = sources.add("bad\u{1b}name.yaml", text.clone());
    let mut run = Run { sources, ..Run::default() };
    let here = span(&text, id, "here");
    run.diagnostics.push(finding(
        "unknown-field",
        Level::Error,
        "a \u{202e}message\u{7}",
        &[(here, "label\u{1b}")],
    ));
    let shown = report("text", &run, Voice::Full);
    assert!(shown.contains("here") && shown.contains("^^^^"), "{shown}");
    assert!(shown.len() < 4_000, "{}", shown.len());
    assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{shown}");
}

#[test]
fn json_has_its_first_version() {
    let json = report("json", &run(), Voice::Full).replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(json, @r#"
    {
      "version": 1,
      "tool": {
        "name": "keyprint",
        "version": "VERSION"
      },
      "summary": {
        "blueprints": 1,
        "stacks": 3,
        "resources": 57,
        "errors": 2,
        "warnings": 2,
        "notes": 0
      },
      "diagnostics": [
        {
          "code": "waiver-unused",
          "level": "warning",
          "message": "a waiver matches nothing",
          "locations": [
            {
              "file": "blueprints/orders.yaml",
              "line": 2,
              "column": 14,
              "end_line": 2,
              "end_column": 20,
              "label": ""
            }
          ],
          "help": [],
          "subject": null
        },
        {
          "code": "guard/SECRET_KEY",
          "level": "warning",
          "message": "no key is named",
          "locations": [
            {
              "file": "blueprints/orders.yaml",
              "line": 4,
              "column": 3,
              "end_line": 4,
              "end_column": 12,
              "label": ""
            }
          ],
          "help": [],
          "subject": {
            "template": "orders/production/eu-west-1/orders.template.json",
            "logical_id": "OrdersDbSecret",
            "pointer": "/Resources/OrdersDbSecret/Properties/KmsKeyId"
          }
        },
        {
          "code": "literal-secret",
          "level": "error",
          "message": "a secret's value stands in the blueprint",
          "locations": [
            {
              "file": "blueprints/orders.yaml",
              "line": 6,
              "column": 12,
              "end_line": 6,
              "end_column": 27,
              "label": "a value"
            }
          ],
          "help": [
            "take it out and rotate it"
          ],
          "subject": null
        },
        {
          "code": "unknown-field",
          "level": "error",
          "message": "unknown field `rotaton`",
          "locations": [
            {
              "file": "blueprints/orders.yaml",
              "line": 7,
              "column": 5,
              "end_line": 7,
              "end_column": 12,
              "label": "no such field"
            },
            {
              "file": "blueprints/orders.yaml",
              "line": 4,
              "column": 3,
              "end_line": 4,
              "end_column": 12,
              "label": "in this secret"
            }
          ],
          "help": [
            "a field with a similar name is `rotation`"
          ],
          "subject": null
        }
      ],
      "evidence": [
        {
          "check": "stack-too-large",
          "subject": {
            "template": "orders/production/eu-west-1/orders.template.json",
            "logical_id": null,
            "pointer": null
          },
          "outcome": "pass",
          "reason": null,
          "until": null
        },
        {
          "check": "guard/SECRET_KEY",
          "subject": {
            "template": "orders/production/eu-west-1/orders.template.json",
            "logical_id": "OrdersDbSecret",
            "pointer": "/Resources/OrdersDbSecret/Properties/KmsKeyId"
          },
          "outcome": "fail",
          "reason": null,
          "until": null
        },
        {
          "check": "provider-schema",
          "subject": {
            "template": "orders/production/eu-west-1/orders.template.json",
            "logical_id": "OrdersDbSecret",
            "pointer": null
          },
          "outcome": "waived",
          "reason": "by hand",
          "until": "2027-03-31"
        },
        {
          "check": "guard/OTHER",
          "subject": {
            "template": "orders/production/eu-west-1/orders.template.json",
            "logical_id": null,
            "pointer": null
          },
          "outcome": "not-applicable",
          "reason": "no <such> & \"resource\"",
          "until": null
        },
        {
          "check": "guard/ODD",
          "subject": {
            "template": "orders/production/eu-west-1/orders.template.json",
            "logical_id": null,
            "pointer": null
          },
          "outcome": "undecided",
          "reason": "a number is compared",
          "until": null
        }
      ],
      "artifacts": [
        "manifest.json"
      ]
    }
    "#);
}

#[test]
fn github_has_one_escaped_command_for_each_message() {
    let mut run = run();
    run.diagnostics.push(finding("undecided", Level::Note, "100 %\n::error::not a command", &[]));
    insta::assert_snapshot!(report("github", &run, Voice::Full), @"
    ::notice title=undecided::100 %25%0A::error::not a command
    ::warning file=blueprints/orders.yaml,line=2,endLine=2,col=14,endColumn=20,title=waiver-unused::a waiver matches nothing
    ::warning file=blueprints/orders.yaml,line=4,endLine=4,col=3,endColumn=12,title=guard/SECRET_KEY::no key is named%0Ain orders/production/eu-west-1/orders.template.json
    ::error file=blueprints/orders.yaml,line=6,endLine=6,col=12,endColumn=27,title=literal-secret::a secret's value stands in the blueprint%0Ahelp: take it out and rotate it
    ::error file=blueprints/orders.yaml,line=7,endLine=7,col=5,endColumn=12,title=unknown-field::unknown field `rotaton`%0Ahelp: a field with a similar name is `rotation`
    ");
}

#[test]
fn junit_has_a_suite_for_each_blueprint_and_template() {
    insta::assert_snapshot!(report("junit", &run(), Voice::Full), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="keyprint" tests="8" failures="3" skipped="2">
      <testsuite name="blueprints/orders.yaml" tests="3" failures="2" skipped="0">
        <testcase classname="blueprints/orders.yaml" name="waiver-unused at line 2"><system-out>a waiver matches nothing&#10;blueprints/orders.yaml:2:14</system-out></testcase>
        <testcase classname="blueprints/orders.yaml" name="literal-secret at line 6"><failure type="literal-secret" message="a secret's value stands in the blueprint">a secret's value stands in the blueprint&#10;blueprints/orders.yaml:6:12: a value&#10;help: take it out and rotate it</failure></testcase>
        <testcase classname="blueprints/orders.yaml" name="unknown-field at line 7"><failure type="unknown-field" message="unknown field `rotaton`">unknown field `rotaton`&#10;blueprints/orders.yaml:7:5: no such field&#10;blueprints/orders.yaml:4:3: in this secret&#10;help: a field with a similar name is `rotation`</failure></testcase>
      </testsuite>
      <testsuite name="orders/production/eu-west-1/orders.template.json" tests="5" failures="1" skipped="2">
        <testcase classname="orders/production/eu-west-1/orders.template.json" name="stack-too-large"/>
        <testcase classname="orders/production/eu-west-1/orders.template.json" name="guard/SECRET_KEY at /Resources/OrdersDbSecret/Properties/KmsKeyId"><system-out>no key is named&#10;blueprints/orders.yaml:4:3</system-out></testcase>
        <testcase classname="orders/production/eu-west-1/orders.template.json" name="provider-schema at OrdersDbSecret"><skipped message="waived until 2027-03-31: by hand"/></testcase>
        <testcase classname="orders/production/eu-west-1/orders.template.json" name="guard/OTHER"><skipped message="no &lt;such&gt; &amp; &quot;resource&quot;"/></testcase>
        <testcase classname="orders/production/eu-west-1/orders.template.json" name="guard/ODD"><failure type="guard/ODD" message="undecided: a number is compared">undecided: a number is compared</failure></testcase>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn sarif_agrees_with_its_schema() {
    // The published pattern of a language has a bracket too many, which no strict engine takes.
    let schema = include_str!("fixtures/sarif-2.1.0.schema.json").replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for run in [run(), Run::default()] {
        let log: Value = serde_json::from_str(&report("sarif", &run, Voice::Full)).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn sarif_results_name_rules_places_and_suppressions() {
    let log: Value = serde_json::from_str(&report("sarif", &run(), Voice::Full)).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let ids: Vec<&str> = results.iter().map(|result| result["ruleId"].as_str().unwrap()).collect();
    assert_eq!(
        ids,
        [
            "keyprint/waiver-unused",
            "guard/SECRET_KEY",
            "keyprint/literal-secret",
            "keyprint/unknown-field",
            "keyprint/provider-schema"
        ]
    );
    let guard = &results[1]["locations"][0];
    assert_eq!(guard["physicalLocation"]["artifactLocation"]["uri"], "blueprints/orders.yaml");
    assert_eq!(
        guard["logicalLocations"][0]["fullyQualifiedName"],
        "orders/production/eu-west-1/orders.template.json#/Resources/OrdersDbSecret/Properties/KmsKeyId"
    );
    assert_eq!(results[3]["relatedLocations"][0]["physicalLocation"]["region"]["startLine"], 4);
    assert_eq!(results[4]["suppressions"][0]["justification"], "by hand");
    assert!(
        rules.iter().any(|rule| rule["id"] == "keyprint/snapshot-stale" && rule["help"]["text"].is_string())
    );
}

#[test]
fn a_secret_is_printed_in_no_format() {
    let text =
        "a:\n  value: 'correct-horse-7' # line\n  key: |\n    begin-of-key\n    rest-of-key\n  other: 1\n";
    let mut sources = Sources::default();
    let id = sources.add("blueprints/a.yaml", text);
    let mut run = Run { sources, ..Run::default() };
    let at = |part| span(text, id, part);
    for part in ["'correct-horse-7'", "|\n    begin-of-key\n    rest-of-key\n"] {
        run.diagnostics.push(finding("literal-secret", Level::Error, "a value", &[(at(part), "here")]));
    }
    // Other findings on the same lines, and one that quotes the value.
    run.diagnostics.push(finding(
        "unknown-field",
        Level::Error,
        "`correct-horse-7` is no type",
        &[(at("value"), "beside correct-horse-7"), (at("other"), "")],
    ));
    run.diagnostics
        .push(finding("unknown-field", Level::Error, "all", &[(at(text), "")]).help("not rest-of-key"));
    for (format, _) in FORMATS {
        let shown = report(format, &run, Voice::Full);
        for part in ["correct-horse", "begin-of-key", "rest-of-key"] {
            assert!(!shown.contains(part), "{format} prints {part}:\n{shown}");
        }
    }
    let shown = report("text", &run, Voice::Full);
    assert!(shown.contains("value: ******** # line"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_and_no_place_can_break_a_report(
        text in "[a-z:\n \t\u{e9}\u{1f511}\r\u{0}|'\"&<%]{0,80}",
        spans in prop::collection::vec((0_usize..100, 0_usize..100, any::<bool>()), 0..4),
        message in "\\PC{0,20}",
    ) {
        let mut sources = Sources::default();
        let first = sources.add("a.yaml", text.clone());
        let second = sources.add("b.yaml", text);
        let mut run = Run { sources, ..Run::default() };
        for code in ["unknown-field", "literal-secret"] {
            let labels: Vec<(Span, &str)> = spans
                .iter()
                .map(|(start, end, other)| (Span::new(if *other { second } else { first }, *start..*end), "label"))
                .collect();
            run.diagnostics.push(finding(code, Level::Error, &message, &labels));
        }
        for (format, _) in FORMATS {
            let shown = report(format, &run, Voice::Full);
            prop_assert!(format == "github" || !shown.is_empty());
            if matches!(format, "json" | "sarif") {
                prop_assert!(serde_json::from_str::<Value>(&shown).is_ok());
            }
        }
    }
}
