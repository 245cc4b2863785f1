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

#[test]
fn readers_of_a_secret_are_listed_with_their_reasons() {
    let arguments = ["who-can", "read", "secrets.orders-db", ORDERS, "--environment", "production"];
    let output = keyprint(&[&arguments[..], &["--format", "json"]].concat());
    assert_eq!(code(&output), 0, "{output:?}");
    let answers = json(&output)["answers"].as_array().unwrap().clone();
    let regions: Vec<&str> =
        answers.iter().map(|it| it["arn"].as_str().unwrap().split(':').nth(3).unwrap()).collect();
    assert_eq!(regions, ["eu-west-1", "eu-central-1"]);
    let readers = |answer: &Value| -> BTreeSet<String> {
        let callers = answer["callers"].as_array().unwrap().iter();
        callers.filter(|it| it["verdict"] == "yes").map(|it| it["who"].as_str().unwrap().to_owned()).collect()
    };
    // The deployer attaches the database and makes the replica, and so can read if its own policies allow it.
    let expected = [
        "deployer",
        "orders-break-glass",
        "orders-production-api",
        "orders-production-check-postgresql",
        "orders-production-checkout",
        "orders-production-nightly-etl",
        "orders-production-rotate-postgresql-alternating",
    ];
    assert_eq!(readers(&answers[0]), expected.map(str::to_owned).into());
    let checkout = answers[0]["callers"].as_array().unwrap().iter();
    let checkout = checkout.clone().find(|it| it["who"] == "orders-production-checkout").unwrap();
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(ORDERS)).unwrap();
    let line = text.lines().position(|line| line.trim_start().starts_with("checkout:")).unwrap() + 1;
    let grounds: Vec<&Value> = checkout["calls"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|call| call["by"].as_array().unwrap())
        .collect();
    let kinds: BTreeSet<&str> = grounds.iter().map(|it| it["policy"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["endpoint policy", "identity policy", "key policy"].into());
    let identity = grounds.iter().find(|it| it["policy"] == "identity policy").unwrap();
    assert_eq!(identity["statement"], "statement `ReadSecrets`");
    assert!(identity["blueprint"].as_str().unwrap().starts_with(&format!("{ORDERS}:{line}:")), "{identity}");
    let text = stdout(&keyprint(&arguments));
    assert!(text.contains("\ncan read it\n  orders-break-glass "), "{text}");
    assert!(text.contains("\ncannot: ") && text.contains("anyone, without credentials"), "{text}");
}

#[test]
fn a_no_names_what_is_missing() {
    let can = |principal: &str, context: &[&str]| {
        let arguments =
            ["can", principal, "read", "secrets.payment-provider", ORDERS, "--environment", "production"];
        keyprint(&[&arguments[..], context].concat())
    };
    assert_eq!(code(&can("checkout", &[])), 0);
    let denied = can("checkout", &["--context", "aws:SecureTransport=false"]);
    assert_eq!(code(&denied), 1);
    assert!(stdout(&denied).contains("is denied"), "{}", stdout(&denied));
    let missing = can("nightly-etl", &[]);
    assert_eq!(code(&missing), 1);
    let text = stdout(&missing);
    assert!(
        text.contains("the endpoint policy does not let it through; nearest is statement `Read`"),
        "{text}"
    );
    assert!(
        text.contains(
            "behind it, no identity policy allows it; nearest is statement `ReadSecrets`: it is for other resources"
        ),
        "{text}"
    );
    assert!(text.contains("the key policy names neither it nor its account"), "{text}");
    for (principal, expected) in
        [("anonymous", 1), ("lambda.amazonaws.com", 1), ("999999999999", 1), ("chekout", 2)]
    {
        assert_eq!(code(&can(principal, &[])), expected, "{principal}");
    }
    assert!(stderr(&can("chekout", &[])).contains("a similar name is `checkout`"));
}

#[test]
fn why_leads_back_to_the_blueprint() {
    let why =
        |words: &[&str]| keyprint(&[&["why", "--blueprints", ORDERS, "--format", "json"], words].concat());
    let found = json(&why(&["OrdersKey"]));
    assert!(found["resources"].as_array().unwrap().iter().all(|it| it["line"] == "orders:"), "{found}");
    assert_eq!(code(&why(&["checkout", "read", "secrets.orders-db"])), 0);
    let near = why(&["OrderKey"]);
    assert_eq!(code(&near), 2);
    assert!(stderr(&near).contains("`OrdersKey`"));
    assert_eq!(code(&why(&["a", "b"])), 2);
}

/// What the report on a fixture names: codes with the resources that they are about.
fn named(template: &str) -> BTreeSet<(String, String)> {
    let output = keyprint(&["verify", template, "--format", "json"]);
    assert_eq!(code(&output), 1, "{output:?}");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(template)).unwrap();
    let report = json(&output);
    let diagnostics = report["diagnostics"].as_array().unwrap().iter();
    let mut found = BTreeSet::new();
    for diagnostic in diagnostics {
        let id = diagnostic["subject"]["logical_id"].as_str().unwrap_or("").to_owned();
        if !id.is_empty() {
            let line = usize::try_from(diagnostic["locations"][0]["line"].as_u64().unwrap()).unwrap();
            let shown = text.lines().nth(line - 1).unwrap();
            assert!(shown.contains(&format!("\"{id}\"")), "{diagnostic} is not at `{shown}`");
        }
        found.insert((diagnostic["code"].as_str().unwrap().to_owned(), id));
    }
    found
}

#[test]
fn over_grants_of_the_cdk_are_named() {
    let services = named("tests/fixtures/cdk/services.template.json");
    let grants = named("tests/fixtures/cdk/grants.template.json");
    let known = [
        (&services, "key-open-to-account", "service0000key7EA90776", "1: everything to the account"),
        (
            &services,
            "statement-adds-nothing",
            "service0000key7EA90776",
            "2: a statement contained in the first",
        ),
        (&services, "decrypts-beyond-its-secrets", "service0000role47EDCCAF", "3: no encryption context"),
        (&grants, "key-use-too-broad", "Writer3ED51D24", "4: a writer that re-encrypts"),
        (&grants, "key-use-too-broad", "RotateServiceRole90A3FDBF", "4: a rotation that re-encrypts"),
        (&grants, "writer-changes-secret", "Writer3ED51D24", "5: a writer that moves the secret"),
        (&services, "reads-every-version", "service0000role47EDCCAF", "6: pending versions"),
        (&grants, "can-take-the-key", "AdminC75D2A91", "7: an administrator with grants"),
        (
            &grants,
            "guard/ROTATION_PERMISSION_NAMES_SOURCE",
            "RotateInvokeN0a2GKfZP0JmDqDEVhhu6A0TUv3NyNbk4YMFKNcED400D79",
            "8: rotation started by any account",
        ),
        (&grants, "not-judged", "RotateServiceRole90A3FDBF", "9: a policy that AWS writes"),
        (
            &grants,
            "guard/TRUST_NAMES_SOURCE_ACCOUNT",
            "Writer3ED51D24",
            "10: a service on behalf of any account",
        ),
        (
            &services,
            "guard/ENDPOINT_HAS_POLICY",
            "SecretsManagerEndpoint5E83C66B",
            "11: an endpoint without a policy",
        ),
        (
            &services,
            "guard/GROUP_EGRESS_IS_NARROW",
            "service0000secretrotationSecurityGroup5C32960C",
            "12: egress to everywhere",
        ),
        (
            &services,
            "guard/SECRET_POLICY_BLOCKS_PUBLIC_ACCESS",
            "service0000secretPolicy02F3F084",
            "13: public access not blocked",
        ),
        (
            &services,
            "guard/SECRET_SURVIVES_STACK",
            "service0000secret3F7DB833",
            "14: a secret deleted with its stack",
        ),
    ];
    for (found, code, id, what) in known {
        assert!(
            found.contains(&(code.to_owned(), id.to_owned())),
            "{what}: {code} at {id} is not in {found:#?}"
        );
    }
}

#[test]
fn yaml_with_short_forms_and_conditions_is_judged() {
    let place = tempfile::tempdir().unwrap();
    let template = "Conditions:\n  Open: !Equals [!Ref Stage, test]\nParameters:\n  Stage: { Type: String }\nResources:\n  \
        Secret:\n    Type: AWS::SecretsManager::Secret\n    Properties: { Name: !Sub '${Stage}/db' }\n  Policy:\n    \
        Type: AWS::SecretsManager::ResourcePolicy\n    Properties:\n      SecretId: !Ref Secret\n      ResourcePolicy:\n        \
        Version: 2012-10-17\n        Statement:\n          - Effect: Allow\n            Principal: { AWS: !If [Open, '*', !Sub 'arn:aws:iam::${AWS::AccountId}:role/reader'] }\n            \
        Action: secretsmanager:GetSecretValue\n            Resource: '*'\n  Wide:\n    Type: AWS::IAM::Role\n    Properties:\n      \
        AssumeRolePolicyDocument: { Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: 'sts:AssumeRole' }] }\n      \
        Policies: [{ PolicyName: all, PolicyDocument: { Statement: { Effect: Allow, Action: 'secretsmanager:*', Resource: '*' } } }]\n";
    fs::write(place.path().join("t.yaml"), template).unwrap();
    let output =
        in_directory(place.path(), &["verify", "t.yaml", "--account", "111122223333", "--format", "json"]);
    assert_eq!(code(&output), 1);
    let report = json(&output);
    let has = |code: &str, id: &str| {
        report["diagnostics"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["code"] == code && it["subject"]["logical_id"] == id)
    };
    assert!(has("open-access", "Secret") && has("reaches-every-secret", "Wide"), "{report:#}");
    let read = report["access"].as_array().unwrap().iter().find(|it| it["access"] == "read").unwrap().clone();
    let who: Vec<&str> = read["who"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert!(
        who.contains(&"Wide") && who.contains(&"reader") && who.contains(&"anyone, without credentials"),
        "{who:?}"
    );
}

#[test]
fn bad_templates_are_named_and_never_crash() {
    let place = tempfile::tempdir().unwrap();
    let deep = format!("{{\"Resources\": {}1{}}}", "{\"a\":".repeat(50_000), "}".repeat(50_000));
    let files = [
        ("json.json", "{"),
        ("yaml.yaml", "a: ["),
        ("list.json", "[]"),
        ("none.yaml", "AWSTemplateFormatVersion: 2010-09-09\n"),
        ("empty.yaml", ""),
        ("twice.json", "{\"Resources\": {}, \"Resources\": {}}"),
        ("deep.json", &deep),
    ];
    for (name, text) in files {
        fs::write(place.path().join(name), text).unwrap();
        let output = in_directory(place.path(), &["verify", name, "--format", "json"]);
        assert_eq!(code(&output), 1, "{name}: {output:?}");
        assert_eq!(json(&output)["diagnostics"][0]["code"], "template-unreadable", "{name}");
    }
    let odd = "Transform: MyMacro\nResources:\n  A: 1\n  B: { Type: Custom::Thing, Properties: [] }\n  C: { Type: AWS::IAM::Role, \
               Properties: { Policies: 7, ManagedPolicyArns: {}, AssumeRolePolicyDocument: x } }\n  D: { Type: AWS::KMS::Key, Properties: \
               { KeyPolicy: { Statement: [{ Effect: Allow, Principal: !Ref P, Action: !Transform x, Resource: '*' }] } } }\n  'Fn::ForEach::X': [a, [b], {}]\n";
    fs::write(place.path().join("odd.yaml"), odd).unwrap();
    for format in ["text", "json", "sarif", "github", "junit"] {
        let output = in_directory(place.path(), &["verify", "odd.yaml", "--format", format]);
        assert!(matches!(code(&output), 0 | 1), "{format}: {output:?}");
        assert!(stdout(&output).contains("not-judged"), "{format}: {}", stdout(&output));
    }
}
