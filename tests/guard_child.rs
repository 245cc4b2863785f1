//! Rules from outside: whatever they contain, the process that asks survives, gets an answer, and sees no value.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::process::Command;
use std::time::Duration;

use keyprint::verify::guard::{
    ChildFault, NamedTemplate, Request, Response, RulePack, RuleText, Verdict, evaluate_in_child,
};
use keyprint::verify::provider_schema;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);

fn ask_within(rules: &str, template: Value, limit: Duration) -> Result<Response, ChildFault> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyprint"));
    command.arg("judge");
    let request = Request {
        rules: vec![RuleText { file: String::from("own.guard"), text: rules.to_owned() }],
        templates: vec![NamedTemplate { name: String::from("orders"), template }],
    };
    evaluate_in_child(command, &request, limit)
}

fn ask(rules: &str, template: Value) -> Result<Response, ChildFault> {
    ask_within(rules, template, LIMIT)
}

fn template() -> Value {
    json!({ "Resources": {
        "OrdersDbSecret": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": { "Name": "orders", "SecretString": "hunter2-hunter2", "Empty": [], "Number": 3 }
        }
    } })
}

fn verdicts(answer: Result<Response, ChildFault>) -> Vec<(String, Verdict)> {
    match answer {
        Ok(Response::Judged { templates, .. }) => {
            let outcomes = templates.into_iter().flat_map(|template| template.outcomes.unwrap());
            outcomes.map(|outcome| (outcome.rule, outcome.verdict)).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn rule(clauses: &str) -> String {
    format!(
        "let secrets = Resources.*[ Type == 'AWS::SecretsManager::Secret' ]\n\
         rule BEFORE when %secrets !empty {{ %secrets.Type exists <<no>> }}\n\
         rule OWN when %secrets !empty {{\n{clauses}\n}}\n\
         rule AFTER when %secrets !empty {{ %secrets.Type exists <<no>> }}\n"
    )
}

#[test]
fn a_child_says_what_the_same_pack_says_in_process() {
    let text = rule("%secrets.Properties.SecretString !exists <<the template carries the value>>");
    let pack = [("own.guard", text.as_str())];
    let pack = RulePack::parse(&pack, &provider_schema::types()).unwrap();
    let Ok(Response::Judged { rules, templates }) = ask(&text, template()) else { panic!("no answer") };
    assert_eq!(rules, pack.rules());
    assert_eq!(templates.len(), 1);
    assert_eq!(templates[0].outcomes, Ok(pack.evaluate(&template()).unwrap()));
    let Verdict::Fail { findings } = &templates[0].outcomes.as_ref().unwrap()[1].verdict else { panic!() };
    assert_eq!(findings[0].pointer, "/Resources/OrdersDbSecret/Properties/SecretString");
    assert_eq!(findings[0].logical_id.as_deref(), Some("OrdersDbSecret"));
    assert_eq!(findings[0].message.as_deref(), Some("the template carries the value"));
}

#[test]
fn problems_of_rule_files_come_back_from_the_child() {
    let Ok(Response::Rejected { problems }) = ask("rule OWN { OTHER <<no>> }", template()) else { panic!() };
    assert_eq!(problems.len(), 1);
    assert_eq!((problems[0].file.as_str(), problems[0].line), ("own.guard", 1));
}

#[test]
fn rules_that_exhaust_the_stack_are_refused_or_end_the_child_alone() {
    let texts = [
        String::from("let a = %b\nlet b = %a\nrule OWN { %a exists <<no>> }"),
        String::from("rule ONE { TWO <<no>> }\nrule TWO { ONE <<no>> }"),
        format!("let a = {}{}\nrule OWN {{ %a exists <<no>> }}", "[".repeat(5000), "]".repeat(5000)),
        format!(
            "rule OWN {{ {}Resources exists <<no>>{} }}",
            "when Resources exists { ".repeat(5000),
            "}".repeat(5000)
        ),
        format!("rule OWN {{ Resources{} exists <<no>> }}", ".a".repeat(20_000)),
        format!("rule OWN {{ Resources == /{}a{}/ <<no>> }}", "(".repeat(5000), ")".repeat(5000)),
    ];
    for text in texts {
        match ask(&text, template()) {
            Ok(Response::Rejected { problems }) => assert!(!problems.is_empty()),
            Ok(answer) => {
                let judged = verdicts(Ok(answer));
                assert!(judged.iter().all(|(_, verdict)| *verdict != Verdict::Pass), "{judged:?}");
            }
            Err(fault) => assert_eq!(fault, ChildFault::Crashed),
        }
    }
}

#[test]
fn a_rule_that_makes_the_engine_panic_is_undecided_and_harms_no_other() {
    let clauses = [
        "let a = regex_replace(%secrets.Properties.Empty[ Nothing exists ], 'a', 'b')\n%a exists <<no>>",
        "let a = join(%secrets.Properties, %secrets.Properties.Empty[ Nothing exists ])\n%a exists <<no>>",
        "let a = substring(%secrets.Properties.Name, %secrets.Properties.Empty[ Nothing exists ], 2)\n%a exists <<no>>",
        "%secrets.Properties.SecretString == /(?:(h|u|n|t|e|r|.)+)+\\1\\1\\1x/ <<no>>",
        "let a = parse_int(%secrets.Properties.Name)\n%a == 3 <<no>>",
    ];
    for clause in clauses {
        let judged = verdicts(ask(&rule(clause), template()));
        assert_eq!(judged[0], (String::from("BEFORE"), Verdict::Pass), "{clause}");
        assert_ne!(judged[1].1, Verdict::Pass, "{clause}");
        assert_eq!(judged[2], (String::from("AFTER"), Verdict::Pass), "{clause}");
    }
}

#[test]
fn a_pattern_that_never_finishes_is_ended_by_the_limit_or_by_the_engine() {
    let mut template = template();
    template["Resources"]["OrdersDbSecret"]["Properties"]["Name"] = json!("a".repeat(60_000));
    let clause = "%secrets.Properties.Name == /^((a|aa)+)+(?=c)\\1$/ <<no>>";
    match ask_within(&rule(clause), template, Duration::from_secs(20)) {
        Ok(judged) => assert_ne!(verdicts(Ok(judged))[1].1, Verdict::Pass),
        Err(fault) => assert!(matches!(fault, ChildFault::TimedOut | ChildFault::Crashed)),
    }
}

#[test]
fn a_child_that_takes_too_long_is_ended() {
    let mut command = Command::new("sleep");
    command.arg("600");
    let request = Request { rules: Vec::new(), templates: Vec::new() };
    let answer = evaluate_in_child(command, &request, Duration::from_millis(200));
    assert_eq!(answer, Err(ChildFault::TimedOut));
}

#[test]
fn a_child_that_cannot_start_or_answers_nonsense_is_a_fault() {
    let request = Request { rules: Vec::new(), templates: Vec::new() };
    let missing = evaluate_in_child(Command::new("/nonexistent/keyprint"), &request, LIMIT);
    assert_eq!(missing, Err(ChildFault::NotStarted));
    assert_eq!(evaluate_in_child(Command::new("true"), &request, LIMIT), Err(ChildFault::Crashed));
}

#[test]
fn no_answer_contains_a_value_of_the_template() {
    let clauses = [
        "%secrets.Properties.SecretString !exists <<no>>",
        "%secrets.Properties.SecretString == 'other' <<no>>",
        "%secrets.Properties.SecretString in ['a', 'b'] <<no>>",
        "%secrets.Properties.SecretString == /^x/ <<no>>",
        "%secrets.Properties.SecretString > 3 <<no>>",
        "%secrets.Properties.SecretString.Below exists <<no>>",
        "%secrets.Properties.SecretString is_list <<no>>",
        "%secrets.Properties.Missing exists <<no>>",
        "%secrets { Properties.Missing == Properties.SecretString <<no>> }",
        "%secrets { Properties.Name == Properties.SecretString <<no>> }",
        "let a = parse_int(%secrets.Properties.SecretString)\n%a == 3 <<no>>",
        "let a = json_parse(%secrets.Properties.SecretString)\n%a.b == 3 <<no>>",
        "%secrets.Properties.* == 3 <<no>>",
    ];
    for clause in clauses {
        let answer = ask(&rule(clause), template());
        let judged = verdicts(answer.clone());
        assert_ne!(judged[1].1, Verdict::Pass, "{clause}");
        assert!(!serde_json::to_string(&answer.unwrap()).unwrap().contains("hunter2"), "{clause}");
    }
}
