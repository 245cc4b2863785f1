//! Faces of a review made by hand: their exact text, their schemas, their limits, and what they must never show.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

#[path = "report_review/exact.rs"]
mod exact;

use std::collections::BTreeSet;

use keyprint::access::{Context, Principal, Request};
use keyprint::change::{
    Acknowledged, CLASSES, Change, Class, Difference, Equal, Review, STOPPING, Spot, named, words,
};
use keyprint::report::review::{Detail, REVIEW_FORMATS, Shown};
use keyprint::{Sources, Span};
use serde_json::{Value, json};

const BLUEPRINT: &str = "\
blueprint: v1
application: orders
secrets:
  orders-db: { type: postgresql, rotation: { every: 30 days } }
consumers:
  api: { runs-on: eks-pod, reads: [orders-db, payment-provider] }
";

const TEMPLATE: &str = "orders/production/eu-west-1/orders.template.json";

/// A face of a review, as a pipe gets it.
fn face(format: &str, review: &Review, detail: Detail, fail_on: &str) -> String {
    let mut sources = Sources::default();
    let id = sources.add("blueprints/orders.yaml", BLUEPRINT);
    let stopping = named(fail_on).unwrap();
    let locate = |spot: &Spot| {
        let part = match spot.logical_id.as_str() {
            "ApiPolicy" => "payment-provider",
            "OrdersDbSecret" => "orders-db",
            "OrdersDbRotation" => "rotation",
            _ => return None,
        };
        let start = BLUEPRINT.find(part).unwrap();
        Some(Span::new(id, start..start + part.len()))
    };
    let shown = Shown { review, stopping: &stopping, detail, sources: &sources, locate: &locate };
    render(format, &shown)
}

fn render(format: &str, shown: &Shown<'_>) -> String {
    let (_, face) = REVIEW_FORMATS.iter().find(|(word, _)| *word == format).unwrap();
    anstream::adapter::strip_str(&face(shown)).to_string()
}

fn usual(format: &str, review: &Review) -> String {
    face(format, review, Detail::Usual, STOPPING).replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

fn spot(logical_id: &str, pointer: &str) -> Option<Spot> {
    let pointer =
        if pointer.is_empty() { String::new() } else { format!("/Resources/{logical_id}/{pointer}") };
    Some(Spot { template: TEMPLATE.to_owned(), logical_id: logical_id.to_owned(), pointer })
}

fn change(class: Class, subject: &str, what: &str) -> Change {
    Change {
        class,
        subject: subject.to_owned(),
        what: what.to_owned(),
        details: Vec::new(),
        request: None,
        old: None,
        new: None,
        texts: Vec::new(),
        acknowledged: None,
        id: format!("{}-0badcafe", class.word()),
    }
}

fn request() -> Option<Box<Request>> {
    let mut context = Context::default();
    context.add("aws:SourceVpce", ["vpce-0a1b".to_owned()]);
    context.add("aws:SecureTransport", ["true".to_owned()]);
    // What only says again who asks is left out where people read.
    context.add("aws:PrincipalArn", ["arn:aws:iam::333333333333:role/orders-production-api".to_owned()]);
    context.add("kms:CallerAccount", ["333333333333".to_owned()]);
    let arn = "arn:aws:iam::333333333333:role/orders-production-api";
    Some(Box::new(Request {
        principal: Principal::Role(arn.to_owned()),
        action: "secretsmanager:GetSecretValue".to_owned(),
        resource: "arn:aws:secretsmanager:eu-west-1:333333333333:secret:orders/production/payment-provider-\u{F0000}\u{F0001}\u{F0002}\u{F0003}\u{F0004}\u{F0005}"
            .to_owned(),
        resource_account: None,
        context,
    }))
}

fn text(title: &str, old: Option<Value>, new: Option<Value>) -> Difference {
    Difference { title: title.to_owned(), old, new }
}

fn statement(resources: &[&str]) -> Value {
    json!({
        "Sid": "ReadSecrets",
        "Effect": "Allow",
        "Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
        "Resource": resources,
        "Condition": { "Bool": { "aws:SecureTransport": "true" } },
    })
}

/// What a pull request typically does: one access more, one control less, a little less elsewhere.
fn typical() -> Review {
    let mut broader = change(
        Class::Broader,
        "role orders-production-api",
        "can read secret `orders/production/payment-provider`",
    );
    broader.request = request();
    (broader.old, broader.new) =
        (spot("ApiPolicy", ""), spot("ApiPolicy", "Properties/PolicyDocument/Statement/0"));
    broader.texts = vec![text(
        "statement `ReadSecrets`",
        Some(statement(&["orders-db"])),
        Some(statement(&["orders-db", "payment-provider"])),
    )];
    let mut weaker = change(
        Class::Weaker,
        "secret orders/production/orders-db",
        "is rotated every 90 days instead of every 30",
    );
    weaker.new = spot("OrdersDbRotation", "Properties/RotationRules");
    let mut narrower = change(
        Class::Narrower,
        "role orders-production-worker",
        "cannot describe secret `orders-db` any more",
    );
    narrower.request = request();
    narrower.old = spot("WorkerPolicy", "Properties/PolicyDocument");
    let mut accepted =
        change(Class::Replacement, "log group /aws/lambda/rotate", "is made anew under another name");
    accepted.new = spot("RotateLogGroup", "Properties/LogGroupName");
    accepted.acknowledged =
        Some(Acknowledged { because: "nobody reads the old one".to_owned(), until: "2026-12-31".to_owned() });
    Review {
        sides: ["git:origin/main".to_owned(), "blueprints".to_owned()],
        changes: vec![accepted, broader, weaker, narrower],
        equal: vec![Equal {
            subject: "key policy OrdersKey".to_owned(),
            because: "the statements are in another order".to_owned(),
            spot: spot("OrdersKey", "Properties/KeyPolicy"),
        }],
        unchanged: 57,
        notes: vec!["macro `Elsewhere` of net.yaml is not expanded".to_owned()],
    }
}

/// A change of every class.
fn every_class() -> Review {
    let changes = CLASSES.map(|class| Change {
        details: vec![format!("a detail of {}", class.word())],
        new: spot("OrdersDbSecret", "Properties/KmsKeyId"),
        ..change(class, &format!("thing {}", class.word()), class.heading())
    });
    Review { changes: changes.to_vec(), ..Review::default() }
}

#[test]
fn the_first_format_is_for_people_and_all_words_are_there() {
    let words: Vec<&str> = REVIEW_FORMATS.iter().map(|(word, _)| *word).collect();
    assert_eq!(words, ["text", "markdown", "json", "sarif", "github", "junit"]);
}

#[test]
fn nothing_changed_is_said_in_every_format() {
    let calm = Review { unchanged: 3, ..Review::default() };
    assert_eq!(usual("text", &calm), "no change; 3 resources unchanged\nnothing stops\n");
    assert!(
        usual("markdown", &calm)
            .ends_with("### keyprint: nothing stops\n\nno change; 3 resources unchanged\n")
    );
    let json: Value = serde_json::from_str(&usual("json", &calm)).unwrap();
    assert_eq!((&json["stops"], &json["summary"]["unchanged"]), (&json!(false), &json!(3)));
    assert_eq!(usual("github", &calm), "");
    assert!(usual("junit", &calm).contains("no change"));
    let sarif: Value = serde_json::from_str(&usual("sarif", &calm)).unwrap();
    assert_eq!(sarif["runs"][0]["results"], json!([]));
}

#[test]
fn every_class_has_its_heading_the_gravest_first() {
    let text = face("text", &every_class(), Detail::Usual, "any");
    let mut last = 0;
    for class in CLASSES {
        let heading = format!("{} (stops)\n", class.heading());
        let at = text.find(&heading).unwrap_or_else(|| panic!("{heading} in {text}"));
        assert!(at >= last, "{heading}");
        last = at;
        assert!(text.contains(&format!("a detail of {}", class.word())));
    }
    assert!(text.ends_with(&format!("stops: {}\n", CLASSES.map(Class::word).join(", "))));
    let none = face("text", &every_class(), Detail::Usual, "none");
    assert!(!none.contains("(stops)") && none.ends_with("nothing stops\n"), "{none}");
}

#[test]
fn changes_out_of_order_are_put_in_order() {
    let mut review = every_class();
    let in_order: Vec<String> = REVIEW_FORMATS.iter().map(|(word, _)| usual(word, &review)).collect();
    review.changes.reverse();
    for ((word, _), expected) in REVIEW_FORMATS.iter().zip(in_order) {
        // The document for programs keeps the order of the review, which is part of what it says.
        assert!(*word == "json" || usual(word, &review) == expected, "{word}");
    }
}

#[test]
fn acknowledged_changes_do_not_stop_and_are_told_apart() {
    let mut review = typical();
    review.changes.retain(|change| change.acknowledged.is_some());
    let text = usual("text", &review);
    assert!(text.contains("Acknowledged\n") && text.ends_with("nothing stops\n"), "{text}");
    assert!(!text.contains("Will be replaced"), "{text}");
    let json: Value = serde_json::from_str(&usual("json", &review)).unwrap();
    assert_eq!((&json["stops"], &json["changes"][0]["stops"]), (&json!(false), &json!(false)));
    assert_eq!(json["changes"][0]["acknowledged"]["until"], "2026-12-31");
    let sarif: Value = serde_json::from_str(&usual("sarif", &review)).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["suppressions"][0]["justification"], "nobody reads the old one");
    assert_eq!(result["level"], "note");
    assert!(
        usual("junit", &review)
            .contains("<skipped message=\"acknowledged until 2026-12-31: nobody reads the old one\"/>")
    );
    assert!(usual("github", &review).starts_with("::notice "));
}

#[test]
fn long_lists_of_what_nobody_reads_are_cut_unless_all_is_asked_for() {
    let added = |number: usize| change(Class::Added, "log group", &format!("is new: {number}"));
    let review = Review { changes: (0..20).map(added).collect(), ..Review::default() };
    let text = usual("text", &review);
    assert!(text.contains("  and 15 more, which --verbose shows\n"), "{text}");
    assert!(text.contains("20 added; "), "{text}");
    assert_eq!(face("text", &review, Detail::Verbose, STOPPING).matches("is new").count(), 20);
    assert_eq!(face("text", &review, Detail::Usual, "added").matches("is new").count(), 20);
}

#[test]
fn what_comes_to_the_same_for_several_things_is_told_once() {
    let unbounded = |number: usize| {
        let mut one = change(Class::Weaker, &format!("role r-{number}"), "no boundary limits it any more");
        one.id = format!("weaker:{number:012}");
        one.details = vec!["what its policies allow holds now".to_owned()];
        one.request = request();
        one.new = spot(if number < 10 { "ApiPolicy" } else { "Elsewhere" }, "");
        one.texts = vec![text("boundary", Some(json!(number)), None)];
        one
    };
    let mut other = unbounded(12);
    other.details = vec!["but for this one it is otherwise".to_owned()];
    let mut changes: Vec<Change> = (0..12).map(unbounded).collect();
    changes.insert(3, other);
    let review = Review { changes, ..Review::default() };
    let said = usual("text", &review);
    let told: Vec<&str> = said.lines().filter(|line| line.contains("no boundary limits it")).collect();
    let twelve = "  role r-0, role r-1, role r-2, role r-3, role r-4, role r-5 and 6 more: no boundary limits it any more";
    assert_eq!(told, [twelve, "  role r-12: no boundary limits it any more"]);
    assert_eq!(said.matches("now allowed, for example: ").count(), 1, "{said}");
    assert_eq!(said.matches("now allowed: ").count(), 1, "{said}");
    assert!(said.contains("13 weaker;"), "{said}");
    // Each can be acknowledged by its name, beside its place.
    let places: Vec<&str> = said.lines().filter(|line| line.contains("weaker:0")).collect();
    assert_eq!(places.len(), 3, "{said}");
    assert_eq!(places.iter().map(|line| line.matches("weaker:0").count()).collect::<Vec<_>>(), [10, 2, 1]);
    let verbose = face("text", &review, Detail::Verbose, STOPPING);
    assert_eq!(verbose.matches("no boundary limits it").count(), 13);
    let comment = usual("markdown", &review);
    assert_eq!(comment.matches("no boundary limits it").count(), 2);
    assert!(comment.contains("**role r-5** and 6 more: no boundary"), "{comment}");
    assert!((0..13).all(|number| comment.contains(&format!("`weaker:{number:012}`"))), "{comment}");
    assert_eq!(comment.matches("12 texts, old and new").count(), 1, "{comment}");
    for word in ["json", "sarif", "github", "junit"] {
        assert!(usual(word, &review).matches("no boundary limits it").count() >= 13, "{word}");
    }
}

#[test]
fn sarif_agrees_with_its_schema() {
    // The published pattern of a language has a bracket too many, which no strict engine takes.
    let schema = include_str!("fixtures/sarif-2.1.0.schema.json").replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for review in [typical(), every_class(), hostile(), Review::default()] {
        let log: Value = serde_json::from_str(&usual("sarif", &review)).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn sarif_results_name_rules_and_places() {
    let log: Value = serde_json::from_str(&usual("sarif", &typical())).unwrap();
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["locations"][0]["physicalLocation"].is_object(), "{result}");
    }
    let broader = &run["results"][0];
    assert_eq!(broader["ruleId"], "keyprint/change-broader");
    assert_eq!(broader["level"], "error");
    let region = &broader["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startLine"], &region["startColumn"]), (&json!(6), &json!(47)));
    // What has no place on the new side stands at the beginning, with the old place in its words.
    let narrower = &run["results"][2];
    assert_eq!(narrower["locations"][0]["physicalLocation"]["region"]["startLine"], 1);
    assert!(narrower["message"]["text"].as_str().unwrap().contains("which was at orders/production"));
    assert_eq!(run["results"].as_array().unwrap().len(), 5, "four changes and a note");
}

#[test]
fn without_files_on_the_new_side_every_format_still_speaks() {
    let (review, sources, stopping) = (typical(), Sources::default(), named(STOPPING).unwrap());
    let shown = Shown {
        review: &review,
        stopping: &stopping,
        detail: Detail::Usual,
        sources: &sources,
        locate: &|_| None,
    };
    for (word, _) in REVIEW_FORMATS {
        let text = render(word, &shown);
        assert!(text.contains("is rotated every 90 days"), "{word}: {text}");
    }
}

/// Names and sentences that would break out of any format.
fn hostile() -> Review {
    let evil = "a`b``c|d <script>alert(1)</script> --> ]]> @octocat #1 $x$ **bold** [l](http://e) \u{1b}[31m\u{202e}\n# head\n::error::x %0A & \"q\" 'r'";
    let mut one = change(Class::Public, evil, evil);
    one.details = vec![evil.to_owned(), "- a list".to_owned(), "=== ".to_owned(), "1. one".to_owned()];
    one.new =
        Some(Spot { template: evil.to_owned(), logical_id: evil.to_owned(), pointer: format!("/{evil}") });
    one.old = one.new.clone();
    one.texts = vec![text(evil, Some(json!({ evil: evil })), Some(json!("```\n</details>\n````")))];
    one.id = evil.to_owned();
    let mut two = one.clone();
    two.class = Class::Other;
    two.acknowledged = Some(Acknowledged { because: evil.to_owned(), until: "2026-12-31".to_owned() });
    Review {
        sides: [evil.to_owned(), evil.to_owned()],
        changes: vec![one, two],
        equal: vec![Equal { subject: evil.to_owned(), because: evil.to_owned(), spot: None }],
        unchanged: 0,
        notes: vec![evil.to_owned()],
    }
}

#[test]
fn hostile_names_stay_names() {
    for (word, _) in REVIEW_FORMATS {
        let text = face(word, &hostile(), Detail::Verbose, STOPPING);
        assert!(!text.contains('\u{1b}'), "{word}: {text}");
        // Documents for programs hold names as they are.
        assert!(["json", "sarif"].contains(&word) || !text.contains('\u{202e}'), "{word}: {text}");
    }
    let text = face("markdown", &hostile(), Detail::Usual, STOPPING);
    assert!(!outside_code(&text).contains("http://"), "{text}");
    let outside = outside_code(&text);
    assert!(!outside.contains("<script>") && !outside.contains("@octocat"), "{outside}");
    assert_eq!((outside.matches("<!--").count(), outside.matches("-->").count()), (1, 1), "{outside}");
    let lines = face("github", &hostile(), Detail::Usual, STOPPING);
    assert_eq!(lines.lines().count(), 3, "{lines}");
    assert!(lines.lines().all(|line| line.starts_with("::error file=")
        || line.starts_with("::warning file=")
        || line.starts_with("::notice file=")));
    assert_eq!(lines.matches("::error ").count(), 1);
    let json: Value = serde_json::from_str(&face("json", &hostile(), Detail::Usual, STOPPING)).unwrap();
    assert_eq!(json["changes"].as_array().unwrap().len(), 2);
}

/// The text without what stands between back-ticks or fences.
fn outside_code(text: &str) -> String {
    let mut outside = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        outside.push_str(&rest[..start]);
        if outside.ends_with('\\') {
            rest = &rest[start + 1..];
            continue;
        }
        let run = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        let fence = "`".repeat(run);
        rest = &rest[start + run..];
        let mut at = 0;
        loop {
            let Some(found) = rest[at..].find(&fence) else {
                outside.push_str(rest);
                return outside;
            };
            let end = at + found;
            let length = rest[end..].len() - rest[end..].trim_start_matches('`').len();
            if length == run {
                rest = &rest[end + run..];
                break;
            }
            at = end + length;
        }
    }
    outside.push_str(rest);
    outside
}

#[test]
fn ten_thousand_changes_fit_into_a_comment_and_none_is_lost_elsewhere() {
    let many = |number: usize| {
        let class = CLASSES[number % CLASSES.len()];
        let mut one = change(class, "secret s", &format!("has another key than k-{number}"));
        one.new = spot("OrdersDbSecret", "Properties/KmsKeyId");
        one.texts = vec![text("KmsKeyId", Some(statement(&["a"])), Some(statement(&["b", "c"])))];
        one
    };
    let review = Review { changes: (0..10_000).map(many).collect(), ..Review::default() };
    let comment = usual("markdown", &review);
    assert!(comment.len() <= 65_536 && comment.len() > 60_000, "{}", comment.len());
    assert!(
        comment.contains("Open to anyone") && comment.contains("`keyprint diff --verbose` shows everything")
    );
    let left_out = comment.rsplit("no room for it: ").next().unwrap();
    let dropped: usize = left_out.split(' ').next().unwrap().parse().unwrap();
    assert_eq!(comment.matches("has another key").count() + dropped, 10_000);
    assert_eq!(comment.matches("<details>").count(), comment.matches("</details>").count());
    let text = face("text", &review, Detail::Verbose, STOPPING);
    assert_eq!(text.matches("has another key").count(), 10_000);
    for word in ["json", "sarif", "github", "junit"] {
        assert!(usual(word, &review).matches("has another key").count() >= 10_000, "{word}");
    }
}

#[test]
fn long_texts_go_before_entries_do() {
    let long: String = (0..5_000).map(|line| format!("line {line} of a function\n")).collect();
    let many = |number: usize| {
        let mut one = change(Class::Other, "function f", &format!("has another text than t-{number}"));
        one.texts = vec![text("ZipFile", Some(json!(long)), Some(json!(long.replace("of", "in"))))];
        one
    };
    let review = Review { changes: (0..40).map(many).collect(), ..Review::default() };
    let comment = usual("markdown", &review);
    assert!(comment.len() <= 65_536, "{}", comment.len());
    assert_eq!(comment.matches("has another text").count(), 40);
    assert!(comment.contains("the texts of ") && comment.contains("more lines"), "{comment}");
    let sentence = "w".repeat(100_000);
    let review = Review { changes: vec![change(Class::Public, &sentence, &sentence)], ..Review::default() };
    assert!(usual("markdown", &review).len() < 4_000);
}

/// A value that any template could hold, under names and in forms that give it away.
fn with_secrets() -> Review {
    let mut one =
        change(Class::Other, "secret from elsewhere", "holds postgres://app:hunter2-value@db/x now");
    one.details = vec!["was AKIAIOSFODNN7EXAMPLE before".to_owned()];
    let inner = json!({ "username": "app", "password": "hunter2-value" }).to_string();
    one.texts = vec![
        text("SecretString", Some(json!("hunter2-value")), Some(json!("hunter2-value two"))),
        text(
            "Properties",
            Some(json!({
                "SecretString": { "Fn::Sub": "hunter2-value${Suffix}" },
                "MasterUserPassword": "hunter2-value",
                "GenerateSecretString": { "SecretStringTemplate": inner, "PasswordLength": 32 },
                "Environment": { "Variables": { "DB_PASSWORD": "hunter2-value" } },
                "Definitions": [{ "Name": "api-key", "Value": "hunter2-value" }],
                "Note": inner,
                "Token": "wJalrXUtnFEMIK7MDENGbPxRfiCYzT3q9LkV",
                "Kept": { "MasterUserPassword": "{{resolve:secretsmanager:orders:SecretString:password}}" },
                "Other": { "AdminPassword": { "Ref": "AdminPasswordParameter3B817195ABCD" } },
            })),
            Some(json!({ "MasterUserPassword": "hunter2-value", "AllocatedStorage": 20 })),
        ),
    ];
    Review { changes: vec![one], ..Review::default() }
}

#[test]
fn no_format_shows_a_secret() {
    for (word, _) in REVIEW_FORMATS {
        let text = face(word, &with_secrets(), Detail::Verbose, STOPPING);
        for value in ["hunter2", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtn"] {
            assert!(!text.contains(value), "{word} shows {value}: {text}");
        }
    }
    let text = face("text", &with_secrets(), Detail::Verbose, STOPPING);
    assert!(text.contains("looks like a secret's value and is not shown"), "{text}");
    let json: Value = serde_json::from_str(&usual("json", &with_secrets())).unwrap();
    let old = &json["changes"][0]["texts"][1]["old"];
    assert_eq!(old["Kept"]["MasterUserPassword"], "{{resolve:secretsmanager:orders:SecretString:password}}");
    assert_eq!(old["Other"]["AdminPassword"]["Ref"], "AdminPasswordParameter3B817195ABCD");
    assert_eq!(old["GenerateSecretString"]["PasswordLength"], 32);
    assert_eq!(json["changes"][0]["texts"][1]["new"]["AllocatedStorage"], 20);
}

#[test]
fn an_id_that_nobody_knows_is_short_for_people_and_whole_for_programs() {
    let mut one = change(Class::Broader, "key orders", "lets another role decrypt");
    let mut request = request().unwrap();
    let id: String = (0..36).map(|at| char::from_u32(0xF_0000 + at).unwrap()).collect();
    request.resource = format!("arn:aws:kms:eu-west-1:333333333333:key/{id}");
    one.request = Some(request);
    let review = Review { changes: vec![one], ..Review::default() };
    for word in ["text", "markdown", "github", "junit"] {
        assert!(usual(word, &review).contains("333333333333:key/…"), "{word}");
    }
    let json: Value = serde_json::from_str(&usual("json", &review)).unwrap();
    let resource = json["changes"][0]["request"]["resource"].as_str().unwrap();
    assert!(resource.ends_with(&"?".repeat(36)), "{resource}");
}

#[test]
fn what_is_no_secret_is_shown() {
    let mut one = change(Class::Other, "role reader", "has another policy");
    one.texts = vec![text(
        "PolicyDocument",
        Some(statement(&["arn:aws:kms:eu-west-1:333333333333:key/1234abcd-12ab-34cd-56ef-1234567890ab"])),
        None,
    )];
    let text = face("text", &Review { changes: vec![one], ..Review::default() }, Detail::Verbose, STOPPING);
    assert!(text.contains("key/1234abcd-12ab-34cd-56ef-1234567890ab") && !text.contains("****"), "{text}");
}

#[test]
fn equal_input_gives_equal_bytes_and_stopping_follows_the_classes() {
    for (word, _) in REVIEW_FORMATS {
        assert_eq!(usual(word, &typical()), usual(word, &typical()), "{word}");
    }
    let sources = Sources::default();
    for word in words() {
        let (review, stopping): (Review, BTreeSet<Class>) = (every_class(), named(word).unwrap());
        let shown = Shown {
            review: &review,
            stopping: &stopping,
            detail: Detail::Usual,
            sources: &sources,
            locate: &|_| None,
        };
        assert_eq!(shown.stops_at_all(), !stopping.is_empty(), "{word}");
        for change in &review.changes {
            assert_eq!(shown.stops(change), stopping.contains(&change.class));
        }
    }
}
