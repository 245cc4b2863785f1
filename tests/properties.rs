//! Properties over generated blueprints: what is valid compiles and keeps every check, and nothing ever panics.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod shipped;

use keyprint::Run;
use proptest::prelude::*;

use shipped::{Workspace, access, references, said, strangers};

/// Secrets with the ways of rotating them that go together; `NAME` is the secret's own name.
const SECRETS: &[&str] = &[
    "{ type: postgresql, database: main, username: NAME, rotation: { every: 30 days, at: Sunday 02:00, window: 2 hours } }",
    "{ type: postgresql, database: main, username: NAME, rotation: { every: 30 days, by: hosted } }",
    "{ type: aurora-mysql, database: other, username: NAME, rotation: { every: 60 days, by: function } }",
    "{ type: mysql, database: third, username: NAME, rotation: { every: 12 hours, by: hosted } }",
    "{ type: text, length: 48, rotation: { every: 7 days, by: function } }",
    "{ type: key-value, fields: [salt], rotation: { every: 60 days, by: function } }",
    "{ type: api-key, rotation: { every: 60 days, function: \"arn:aws:lambda:eu-west-1:111122223333:function:rotate\" } }",
    "{ type: text, replicate: true, rotation: { every: 30 days, by: function } }",
    "{ type: text, stack: apart, rotation: { every: 30 days, by: function } }",
    "{ type: text, key: second, rotation: { every: 30 days, by: function } }",
];

/// Consumers; `READS` is the list of secrets.
const CONSUMERS: &[&str] = &[
    "{ runs-on: lambda, reads: READS }",
    "{ runs-on: lambda, reads: READS, cache: 5 minutes }",
    "{ runs-on: lambda, reads: READS, network: none, session: 2 hours }",
    "{ runs-on: ecs-task, inject: READS }",
    "{ runs-on: ec2, reads: READS, describes: READS }",
    "{ runs-on: { eks-pod: main, namespace: shop, service-account: NAME }, reads: READS }",
    "{ runs-on: { eks-irsa: main, namespace: shop, service-account: NAME }, reads: READS }",
    "{ runs-on: glue-job, reads: READS, encrypts-with: [second] }",
    "{ runs-on: emr-serverless, reads: READS }",
    "{ runs-on: step-functions, describes: READS }",
    "{ runs-on: { codebuild: NAME }, reads: READS }",
    "{ runs-on: { github-actions: example/shop, environment: production }, reads: READS }",
    "{ role: NAME, writes: READS }",
    "{ account: \"444455556666\", role: NAME, external-id: required, reads: READS }",
    "{ account: \"444455556666\", role: NAME, reads: READS }",
    "{ runs-on: lambda, administers: READS }",
];

#[derive(Debug, Clone)]
struct Shape {
    secrets: Vec<usize>,
    consumers: Vec<(usize, Vec<usize>)>,
    regions: bool,
    boundary: bool,
    deployer: bool,
    organization: bool,
    people: bool,
}

fn shapes() -> impl Strategy<Value = Shape> {
    let secrets = prop::collection::vec(0..SECRETS.len(), 1..6);
    let reads = prop::collection::vec(any::<prop::sample::Index>(), 1..4);
    let consumers = prop::collection::vec((0..CONSUMERS.len(), reads), 0..6);
    let switches = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (secrets, consumers, switches).prop_map(|(secrets, consumers, switches)| {
        let (regions, boundary, deployer, organization, people) = switches;
        let count = secrets.len();
        let consumers = consumers.into_iter().map(|(kind, reads)| {
            let mut reads: Vec<usize> = reads.iter().map(|index| index.index(count)).collect();
            reads.sort_unstable();
            reads.dedup();
            (kind, reads)
        });
        Shape { consumers: consumers.collect(), secrets, regions, boundary, deployer, organization, people }
    })
}

fn text(shape: &Shape) -> String {
    let when = |on: bool, line: &str| if on { format!("{line}\n") } else { String::new() };
    let mut text = String::from("blueprint: v1\napplication: shop\nowner: shop\n");
    text += &when(shape.organization, "organization: o-a1b2c3d4e5");
    text += "environments:\n  production:\n    account: \"111122223333\"\n";
    text +=
        if shape.regions { "    regions: [eu-west-1, eu-central-1]\n" } else { "    regions: [eu-west-1]\n" };
    text += &when(shape.deployer, "    deployer: deployer");
    text += &when(shape.boundary, "    permissions-boundary: org-boundary");
    text += "    network: { vpc: vpc-0aa1, subnets: [subnet-0a1, subnet-0b1], endpoints: create }\n";
    text += &when(
        shape.regions,
        "    networks: { eu-central-1: { vpc: vpc-0aa2, subnets: [subnet-0a2, subnet-0b2], endpoints: create } }",
    );
    text +=
        "    databases:\n      main: { instance: main, host: main.example.com, security-group: sg-0db1 }\n";
    text += "      other: { cluster: other, host: other.example.com, security-group: sg-0db2 }\n";
    text += "      third: { instance: third, host: third.example.com, security-group: sg-0db3 }\n";
    text += "    clusters:\n      main: { oidc: oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF }\n";
    if shape.people {
        text += "people:\n  administrators: { role: admin, mfa: required }\n  auditors: { role: audit }\n";
        text += "  break-glass: { role: glass, mfa: required, session: 1 hour }\n";
    }
    text += "keys:\n  shop: {}\n  second: {}\nsecrets:\n";
    for (at, kind) in shape.secrets.iter().enumerate() {
        let mut body = SECRETS[*kind].replace("NAME", &format!("user{at}"));
        if !body.contains("key: second") {
            body = body.replacen("{ ", "{ key: shop, ", 1);
        }
        text += &format!("  secret-{at}: {body}\n");
    }
    if !shape.consumers.is_empty() {
        text += "consumers:\n";
    }
    for (at, (kind, reads)) in shape.consumers.iter().enumerate() {
        let names: Vec<String> = reads.iter().map(|secret| format!("secret-{secret}")).collect();
        let body = CONSUMERS[*kind].replace("READS", &format!("[{}]", names.join(", ")));
        text += &format!("  user-{at}: {}\n", body.replace("NAME", &format!("name-{at}")));
    }
    text + "alerts:\n  page: { email: oncall@example.com, on: [everything-else] }\n"
}

fn run(text: &str) -> Run {
    shipped::run(&[("shop.yaml".to_owned(), text.to_owned())], true)
}

/// Whatever is said, no error stands beside files.
fn assert_sound(run: &Run) {
    assert_eq!(run.diagnostics.has_errors(), run.artifacts.is_empty(), "{}", said(run));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is put together from valid parts is either refused for what the author can see, or compiles and keeps every check.
    #[test]
    fn generated_blueprints_keep_every_check(shape in shapes()) {
        let text = text(&shape);
        let run = run(&text);
        assert_sound(&run);
        let broken: Vec<&str> = run
            .diagnostics
            .iter()
            .map(|said| said.code.as_ref())
            .filter(|code| code.starts_with("guard/") || ["schema-violation", "internal"].contains(code))
            .collect();
        prop_assert!(broken.is_empty(), "{text}\n{}", said(&run));
        if !run.diagnostics.has_errors() {
            let workspace = Workspace::of(&run);
            let problems = [references::problems(&workspace), access::problems(&workspace)].concat();
            prop_assert!(problems.is_empty(), "{text}\n{problems:#?}");
            let past = if shape.deployer && shape.organization { strangers::problems(&workspace) } else { Vec::new() };
            prop_assert!(past.is_empty(), "{text}\n{past:#?}");
        }
    }

    /// A shipped blueprint with a piece cut out, doubled, moved or replaced never panics.
    #[test]
    fn mutilated_blueprints_are_refused_or_compiled(
        which in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        length in 0..60usize,
        what in prop::sample::select(vec!["", " ", "\n", "\t", "'", "{", "]", ": ", "- ", "&a ", "*a", "é", "0", "null", "!!x "]),
        doubled in any::<bool>(),
    ) {
        let mut texts = shipped::blueprints();
        let at = which.index(texts.len());
        let characters: Vec<char> = texts[at].1.chars().collect();
        let begin = from.index(characters.len());
        let end = (begin + length).min(characters.len());
        let piece: String = characters[begin..end].iter().collect();
        let put = if doubled { format!("{piece}{what}{piece}") } else { what.to_owned() };
        let begun: String = characters[..begin].iter().collect();
        let rest: String = characters[end..].iter().collect();
        texts[at].1 = format!("{begun}{put}{rest}");
        assert_sound(&shipped::run(&texts, true));
    }
}

/// Most generated blueprints must be valid, or the property above says little.
#[test]
fn most_generated_blueprints_compile() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut refused = std::collections::BTreeMap::new();
    let mut compiled = 0;
    for _ in 0..100 {
        let Ok(tree) = shapes().new_tree(&mut runner) else { continue };
        let run = shipped::run(&[("shop.yaml".to_owned(), text(&tree.current()))], false);
        if run.diagnostics.has_errors() {
            for said in run.diagnostics.iter() {
                *refused.entry(said.code.to_string()).or_insert(0) += 1;
            }
        } else {
            compiled += 1;
        }
    }
    assert!(compiled >= 50, "{compiled} compiled, the others were refused for {refused:#?}");
}
