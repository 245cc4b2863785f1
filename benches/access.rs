//! How long questions about policies take.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a bench may stop at a mistake of its own")]

use keyprint::access::{Budget, Inquiry, Policy, PolicyKind, Resource, Role, Unknowns, Who, World, compare};

#[path = "shops/mod.rs"]
mod shops;

fn main() {
    divan::main();
}

const ACCOUNT: &str = "111122223333";

fn parse(text: &str, kind: PolicyKind) -> Policy {
    Policy::parse(text, kind).expect("benchmarks parse")
}

/// A generator without state to share: equal seeds, equal policies.
fn next(seed: &mut u64, bound: usize) -> usize {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    (*seed >> 33) as usize % bound
}

/// Mid-string wildcards, overlapping actions, one conditional deny in five.
fn hostile(count: usize, seed: u64) -> Policy {
    let seed = &mut (seed * 0x9E37_79B9 + 1);
    let words = ["get", "put", "list", "secret", "prod", "db", "team", "data", "log"];
    let keys = ["aws:PrincipalTag/team", "aws:SourceVpce", "aws:RequestedRegion", "s3:prefix"];
    let operators = ["StringLike", "StringNotLike", "StringEquals", "StringNotEqualsIfExists"];
    let statements: Vec<String> = (0..count)
        .map(|_| {
            let mut word = || words[next(seed, words.len())];
            let action = format!("s3:{}*{}*", word(), word());
            let resource = format!("arn:aws:s3:::*{}*{}*{}", word(), word(), word());
            let value = format!("*{}*{}", word(), word());
            let key = keys[next(seed, keys.len())];
            let operator = operators[next(seed, operators.len())];
            let effect = if next(seed, 5) == 0 { "Deny" } else { "Allow" };
            format!(
                r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}","Condition":{{"{operator}":{{"{key}":"{value}"}}}}}}"#
            )
        })
        .collect();
    parse(
        &format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(",")),
        PolicyKind::Identity,
    )
}

#[divan::bench(args = [20, 50, 100])]
fn compare_hostile(bencher: divan::Bencher, count: usize) {
    let (old, new) = (hostile(count, 1), hostile(count, 2));
    bencher.bench(|| compare(&old, &new, Budget::default()));
}

#[divan::bench(args = [20, 50, 100])]
fn compare_hostile_with_itself(bencher: divan::Bencher, count: usize) {
    let policy = hostile(count, 3);
    bencher.bench(|| compare(&policy, &policy, Budget::default()));
}

/// Each role reads its own secret, encrypted under one of the keys.
fn deployment(roles: usize, keys: usize) -> World {
    let mut unknowns = Unknowns::default();
    let key_arn = |index: usize| format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/{index:08}");
    let mut world = World { account: ACCOUNT.into(), ..World::default() };
    for index in 0..roles {
        let arn = format!("arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:app/{index:03}");
        let identity = format!(
            r#"{{"Version":"2012-10-17","Statement":[
               {{"Effect":"Allow","Action":["secretsmanager:GetSecretValue","secretsmanager:DescribeSecret"],"Resource":"{arn}-??????"}},
               {{"Effect":"Allow","Action":"kms:Decrypt","Resource":"{}","Condition":{{"StringEquals":{{
                 "kms:ViaService":"secretsmanager.us-east-1.amazonaws.com"}}}}}}]}}"#,
            key_arn(index % keys)
        );
        let guard = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":"*","Action":"secretsmanager:*","Resource":"*",
               "Condition":{{"ArnNotEquals":{{"aws:PrincipalArn":"arn:aws:iam::{ACCOUNT}:role/app{index:03}"}}}}}},
               {{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{{"Bool":{{"aws:SecureTransport":"false"}}}}}}]}}"#
        );
        world.roles.push(Role {
            arn: format!("arn:aws:iam::{ACCOUNT}:role/app{index:03}"),
            identity: vec![parse(&identity, PolicyKind::Identity)],
            boundaries: Vec::new(),
        });
        let suffix = unknowns.run(&arn, 6).expect("few secrets");
        world.resources.push(Resource {
            arn: format!("{arn}-{suffix}"),
            policy: Some(parse(&guard, PolicyKind::Resource)),
        });
    }
    for index in 0..keys {
        let users: Vec<String> = (0..roles)
            .filter(|role| role % keys == index)
            .map(|role| format!("\"arn:aws:iam::{ACCOUNT}:role/app{role:03}\""))
            .collect();
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:root"}},
               "Action":"kms:Decrypt","Resource":"*","Condition":{{"ArnEquals":{{"aws:PrincipalArn":[{}]}}}}}}]}}"#,
            users.join(",")
        );
        world.resources.push(Resource { arn: key_arn(index), policy: Some(parse(&policy, PolicyKind::Key)) });
    }
    world
}

/// Nobody has more than was meant on any resource: every class of callers on each secret and key.
fn prove(world: &World) -> usize {
    let all = |action: &str| {
        let text = format!(r#"{{"Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}"#);
        parse(&text, PolicyKind::Identity)
    };
    let (secrets, keys) = (all("secretsmanager:*"), all("kms:*"));
    let mut inquiry = Inquiry::new(world, &[], Budget { steps: 1_000_000_000 });
    let everyone = inquiry.everyone();
    let mut open = 0;
    for resource in &world.resources {
        let only = if resource.arn.contains(":kms:") { &keys } else { &secrets };
        for who in &everyone {
            let index = if let Who::Role(index) = who { Some(*index) } else { None };
            let intended = index.and_then(|index| world.roles.get(index)?.identity.first());
            let answer = inquiry.nothing_beyond(who, resource, intended, only);
            open += usize::from(answer != keyprint::access::Answer::Proven);
        }
    }
    open
}

#[divan::bench(args = [10, 100])]
fn prove_deployment(bencher: divan::Bencher, roles: usize) {
    let world = deployment(roles, roles.div_ceil(5));
    bencher.bench(|| prove(&world));
}

/// The whole check of a build, from the texts of the templates on: roles, as many secrets, a fifth as many keys.
#[divan::bench(args = [50, 100, 200])]
fn check_workspace(bencher: divan::Bencher, roles: usize) {
    let (judge, documents) = shops::workspace(ACCOUNT, roles);
    bencher.bench_local(|| judge.prove(&documents));
}
