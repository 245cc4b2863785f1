//! The proof of access: it holds for what is shipped, and it notices what is changed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and the figures of the mutation run are its result"
)]

#[path = "proof/mutation.rs"]
mod mutation;
#[path = "../benches/services/mod.rs"]
mod services;
#[path = "../benches/shops/mod.rs"]
mod shops;

use keyprint::verify::AccessJudge;
use keyprint::{Options, Sources, access_judge};
use serde_json::{Value, json};

/// The shipped workspaces, each with its blueprints.
const WORKSPACES: [&[&str]; 4] = [
    &["minimal.yaml"],
    &["orders.yaml"],
    &["platform/platform.yaml", "platform/shop.yaml"],
    &["warehouse/sources.yaml", "warehouse/warehouse.yaml"],
];

#[expect(clippy::disallowed_methods, reason = "the test reads the blueprints")]
fn judge(files: &[&str]) -> AccessJudge {
    let mut sources = Sources::default();
    for file in files {
        let path = format!("{}/blueprints/{file}", env!("CARGO_MANIFEST_DIR"));
        sources.add(*file, std::fs::read_to_string(path).unwrap());
    }
    access_judge(
        &sources,
        &Options { today: "2026-11-01".to_owned(), verify: false, outside: None, memory: None },
    )
    .expect("shipped blueprints compile")
}

fn documents(judge: &AccessJudge) -> Vec<Value> {
    judge.templates().into_iter().map(|(_, document)| document).collect()
}

#[test]
fn everything_shipped_is_proved() {
    for files in WORKSPACES {
        let judge = judge(files);
        assert_eq!(judge.findings(&documents(&judge)), Vec::<String>::new(), "{files:?}");
    }
}

/// As large as the bench: 100 roles, 100 secrets, 20 keys beside those for alerts.
#[test]
fn a_large_workspace_is_proved_and_a_stray_statement_found() {
    let (judge, mut documents) = shops::workspace("111122223333", 100);
    let role = first(&mut documents, "AWS::IAM::ManagedPolicy", "Role049");
    let statement = json!({ "Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
        "Resource": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop-1/production/secret-003-??????" });
    statements(&mut role["Properties"]["PolicyDocument"]).push(statement);
    let findings = judge.findings(&documents);
    assert!(!findings.is_empty());
    assert!(findings.iter().all(|it| it.starts_with("access-beyond-intention")), "{findings:?}");
}

/// So many secrets with one policy, keys and roles in one account ask for more than one question's budget, and for more
/// unknown ids than there are unknown characters.
#[test]
fn two_thousand_services_of_one_account_are_proved() {
    let mut sources = Sources::default();
    for (at, text) in services::workspace(2_000).iter().enumerate() {
        sources.add(format!("services-{at}.yaml"), text);
    }
    let options = Options { today: "2026-11-01".to_owned(), ..Options::default() };
    let judge = access_judge(&sources, &options).expect("the workspace compiles");
    let documents = documents(&judge);
    assert_eq!(judge.size(&documents), (2_041, 2_000, 2_040));
    assert_eq!(judge.findings(&documents), Vec::<String>::new());
}

/// A function in the VPC reads the secret that RDS made for the superuser of its cluster.
const OWNED: &str = r#"blueprint: v1
application: shop
owner: bench
environments:
  production:
    account: "111122223333"
    regions: [eu-west-1]
    deployer: deployer
    network: { vpc: vpc-0123456789abcdef0, subnets: [subnet-0123456789abcdef0], endpoints: create }
    databases:
      main:
        cluster: main
        host: main.db.internal
        dbname: app
        security-group: sg-0123456789abcdef0
        secret: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!cluster-1234-AbCdEf"
        key: "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"
secrets:
  admin: { type: managed, database: main }
consumers:
  migration: { runs-on: lambda, reads: [admin] }
  elsewhere: { runs-on: lambda, reads: [admin], network: none }
alerts:
  page: { email: oncall@example.com, on: [everything-else] }
"#;

#[test]
fn secrets_that_a_service_owns_are_read_through_the_endpoint() {
    let mut sources = Sources::default();
    sources.add("shop.yaml", OWNED);
    let options = Options { today: "2026-11-01".to_owned(), ..Options::default() };
    let judge = access_judge(&sources, &options).expect("the blueprint compiles");
    let sound = documents(&judge);
    assert_eq!(judge.findings(&sound), Vec::<String>::new());
    let edited = |edit: &dyn Fn(&mut Vec<Value>)| {
        let mut changed = sound.clone();
        let endpoint = first(&mut changed, "AWS::EC2::VPCEndpoint", "SecretsManagerEndpoint");
        edit(statements(&mut endpoint["Properties"]["PolicyDocument"]));
        judge.findings(&changed)
    };
    // Without the statement the function cannot read; with another role, or more than a read, more than it passes.
    let shut = edited(&|statements| statements.retain(|it| it["Sid"] != "Read"));
    assert!(shut.iter().any(|it| it.starts_with("access-undecided")), "{shut:?}");
    for edit in [
        |it: &mut Value| it["Action"] = json!("secretsmanager:*"),
        |it: &mut Value| it["Condition"] = json!({}),
        |it: &mut Value| it["Resource"] = json!("arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!*"),
    ] {
        let open = edited(&|statements| edit(statements.iter_mut().find(|it| it["Sid"] == "Read").unwrap()));
        assert!(open.iter().any(|it| it.starts_with("access-beyond-intention")), "{open:?}");
    }
}

/// Over-grant 6 of common frameworks: readers could read the version that a rotation is making.
#[test]
fn readers_of_the_pending_version_are_noticed() {
    let judge = judge(&["minimal.yaml"]);
    let mut changed = documents(&judge);
    let mut removed = 0;
    for resource in
        changed.iter_mut().flat_map(|template| template["Resources"].as_object_mut().unwrap().values_mut())
    {
        if resource["Type"] == "AWS::SecretsManager::ResourcePolicy" {
            let statements = resource["Properties"]["ResourcePolicy"]["Statement"].as_array_mut().unwrap();
            let before = statements.len();
            statements.retain(|statement| statement["Sid"] != "DenyPendingVersion");
            removed += before - statements.len();
        }
    }
    assert_eq!(removed, 1);
    assert_ne!(judge.findings(&changed), Vec::<String>::new());
}

/// The first resource of a type, by the beginning of its logical id.
fn first<'d>(documents: &'d mut [Value], kind: &str, id: &str) -> &'d mut Value {
    let resources = documents.iter_mut().flat_map(|template| template["Resources"].as_object_mut().unwrap());
    let mut found = resources.filter(|(name, resource)| resource["Type"] == kind && name.starts_with(id));
    found.next().unwrap_or_else(|| panic!("no {kind} {id}")).1
}

fn statements(policy: &mut Value) -> &mut Vec<Value> {
    policy["Statement"].as_array_mut().unwrap()
}

/// What is changed, and the workspace that it is changed in.
type Change = (&'static str, usize, fn(&mut [Value]));

#[test]
fn what_the_proof_rests_on_is_proved_too() {
    const CHANGES: [Change; 12] = [
        ("anybody publishes alerts", 0, |all| {
            let topic = first(all, "AWS::SNS::TopicPolicy", "Page");
            statements(&mut topic["Properties"]["PolicyDocument"])[1]["Principal"] = json!("*");
        }),
        ("alarms cannot publish", 0, |all| {
            let topic = first(all, "AWS::SNS::TopicPolicy", "Page");
            statements(&mut topic["Properties"]["PolicyDocument"]).remove(1);
        }),
        ("a topic without policy", 0, |all| {
            first(all, "AWS::SNS::TopicPolicy", "Page")["Properties"]["Topics"] = json!([]);
        }),
        ("another account reads undelivered events", 0, |all| {
            let queue = first(all, "AWS::SQS::QueuePolicy", "");
            let statement = json!({ "Effect": "Allow", "Principal": { "AWS": "999999999999" },
                "Action": "sqs:ReceiveMessage", "Resource": "*" });
            statements(&mut queue["Properties"]["PolicyDocument"]).push(statement);
        }),
        ("a rule cannot leave undelivered events", 0, |all| {
            let queue = first(all, "AWS::SQS::QueuePolicy", "");
            let rules =
                &mut statements(&mut queue["Properties"]["PolicyDocument"])[0]["Condition"]["ArnEquals"];
            rules["aws:SourceArn"].as_array_mut().unwrap().pop();
        }),
        ("Secrets Manager invokes for any account", 0, |all| {
            let permission = first(all, "AWS::Lambda::Permission", "");
            permission["Properties"].as_object_mut().unwrap().remove("SourceAccount");
        }),
        ("another account invokes", 0, |all| {
            let permission = first(all, "AWS::Lambda::Permission", "");
            permission["Properties"]["Principal"] = json!("999999999999");
        }),
        ("nobody invokes", 0, |all| {
            first(all, "AWS::Lambda::Permission", "")["Type"] = json!("Custom::Nothing");
        }),
        ("tokens lead to every role", 2, |all| {
            let endpoint = first(all, "AWS::EC2::VPCEndpoint", "Sts");
            statements(&mut endpoint["Properties"]["PolicyDocument"])[0]["Resource"] = json!(["*"]);
        }),
        ("a role changes roles", 0, |all| {
            let policy = first(all, "AWS::IAM::ManagedPolicy", "");
            let statement = json!({ "Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": "*" });
            statements(&mut policy["Properties"]["PolicyDocument"]).push(statement);
        }),
        ("code changes its interfaces", 1, |all| {
            let policy = first(all, "AWS::IAM::ManagedPolicy", "RotatePostgresql");
            let own = statements(&mut policy["Properties"]["PolicyDocument"]);
            let before = own.len();
            own.retain(|statement| statement["Sid"] != "ManageInterfacesNotByCode");
            assert_eq!(own.len() + 1, before);
        }),
        ("others of the account move version labels", 0, |all| {
            let policy = first(all, "AWS::SecretsManager::ResourcePolicy", "");
            let own = statements(&mut policy["Properties"]["ResourcePolicy"]);
            let before = own.len();
            own.retain(|statement| statement["Sid"] != "DenyVersionsByOthers");
            assert_eq!(own.len() + 1, before);
        }),
    ];
    for (what, workspace, change) in CHANGES {
        let judge = judge(WORKSPACES[workspace]);
        let mut changed = documents(&judge);
        change(&mut changed);
        assert_ne!(judge.findings(&changed), Vec::<String>::new(), "{what}");
    }
}

/// Changes that are not caught, and need not be: they change no access to a secret or a key.
fn is_equivalent(mutation: &mutation::Mutation) -> Option<&'static str> {
    mutation.equivalent()
}

#[test]
fn changed_policies_are_caught() {
    let (mut caught, mut total) = (0, 0);
    let mut equivalent: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    let mut missed = Vec::new();
    for files in WORKSPACES {
        let judge = judge(files);
        let templates = judge.templates();
        let originals: Vec<Value> = templates.iter().map(|(_, document)| document.clone()).collect();
        #[expect(clippy::disallowed_methods, reason = "a long run is asked for from outside")]
        let every = std::env::var("KEYPRINT_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(23);
        for mutation in mutation::all(&templates).into_iter().step_by(every) {
            let mut changed = originals.clone();
            mutation.apply(&mut changed[mutation.template]);
            total += 1;
            if !judge.findings(&changed).is_empty() {
                caught += 1;
            } else if let Some(reason) = is_equivalent(&mutation) {
                *equivalent.entry(reason).or_default() += 1;
            } else {
                missed.push(format!("{} {mutation}", templates[mutation.template].0));
            }
        }
    }
    println!("{total} changes, {caught} caught, equivalent: {equivalent:?}, missed {}", missed.len());
    assert!(missed.is_empty(), "{} missed:\n{}", missed.len(), missed.join("\n"));
    assert!(caught * 2 > total, "{caught} of {total}");
}
