//! Several policies together: who can do what.

use keyprint::access::{
    Answer, Budget, Inquiry, Policies, Policy, PolicyKind, Principal, Resource, Role, Unknowns, Who, World,
    evaluate,
};

use crate::random::{Random, document, request, statements};

const ACCOUNT: &str = "111122223333";

fn parse(text: &str, kind: PolicyKind) -> Policy {
    Policy::parse(text, kind).unwrap_or_else(|errors| panic!("{errors:?} in {text}"))
}

fn identity(action: &str, resource: &str) -> Policy {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}}}"#
    );
    parse(&text, PolicyKind::Identity)
}

fn role(name: &str, identity: Vec<Policy>) -> Role {
    Role { arn: format!("arn:aws:iam::{ACCOUNT}:role/{name}"), identity, boundaries: Vec::new() }
}

/// Two roles, a secret each, one key that trusts the account under a condition.
fn small() -> World {
    let mut unknowns = Unknowns::default();
    let mut secret = |name: &str| {
        let suffix = unknowns.run(name, 6).unwrap();
        Resource {
            arn: format!("arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{name}-{suffix}"),
            policy: None,
        }
    };
    let reads = |name: &str| {
        vec![
            identity(
                "secretsmanager:GetSecretValue",
                &format!("arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{name}-??????"),
            ),
            identity("kms:Decrypt", &format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/1")),
        ]
    };
    let key = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:root"}},
           "Action":"kms:Decrypt","Resource":"*","Condition":{{"ArnEquals":{{"aws:PrincipalArn":
           "arn:aws:iam::{ACCOUNT}:role/app"}}}}}}]}}"#
    );
    World {
        account: ACCOUNT.into(),
        roles: vec![role("app", reads("db")), role("batch", reads("api"))],
        resources: vec![
            secret("db"),
            secret("api"),
            Resource {
                arn: format!("arn:aws:kms:us-east-1:{ACCOUNT}:key/1"),
                policy: Some(parse(&key, PolicyKind::Key)),
            },
        ],
        ..World::default()
    }
}

#[test]
fn each_role_has_its_own_secret_and_nothing_else() {
    let world = small();
    let mut inquiry = Inquiry::new(&world, &[], Budget::default());
    let all = identity("*", "*");
    let get = identity("secretsmanager:GetSecretValue", "*");
    let [db, api, key] = world.resources.as_slice() else { unreachable!() };
    let on_keys = identity("kms:*", "*");
    let mut nothing = |who: Who, resource: &Resource, intended: Option<&Policy>| {
        let only = if resource == key { &on_keys } else { &all };
        inquiry.nothing_beyond(&who, resource, intended, only)
    };
    assert_eq!(nothing(Who::Role(0), db, Some(&get)), Answer::Proven);
    assert!(matches!(nothing(Who::Role(0), db, None), Answer::Refuted(_)));
    assert_eq!(nothing(Who::Role(0), api, None), Answer::Proven);
    assert_eq!(nothing(Who::Role(1), db, None), Answer::Proven);
    assert_eq!(nothing(Who::Role(0), key, Some(&identity("kms:Decrypt", "*"))), Answer::Proven);
    assert_eq!(nothing(Who::Role(1), key, None), Answer::Proven, "the key policy names the other role");
    assert_eq!(nothing(Who::OtherInAccount, key, None), Answer::Proven);
    assert!(
        matches!(nothing(Who::OtherInAccount, db, None), Answer::Refuted(_)),
        "nothing denies the account"
    );
    for who in [Who::OtherAccount, Who::OtherService, Who::OtherFederated, Who::Anonymous] {
        for resource in [db, api, key] {
            assert_eq!(nothing(who.clone(), resource, None), Answer::Proven, "{who:?}");
        }
    }
    assert_eq!(inquiry.everything_in(&Who::Role(0), db, &get), Answer::Proven);
    assert!(matches!(inquiry.everything_in(&Who::Role(1), db, &get), Answer::Refuted(_)));
    let decrypt = identity("kms:Decrypt", "*");
    assert_eq!(inquiry.everything_in(&Who::Role(0), key, &decrypt), Answer::Proven);
    assert!(matches!(inquiry.everything_in(&Who::Role(1), key, &decrypt), Answer::Refuted(_)));
}

#[test]
fn a_deny_in_the_resource_policy_shuts_the_account_out() {
    let mut world = small();
    let deny = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*",
           "Condition":{{"ArnNotEquals":{{"aws:PrincipalArn":"arn:aws:iam::{ACCOUNT}:role/app"}}}}}}]}}"#
    );
    world.resources[0].policy = Some(parse(&deny, PolicyKind::Resource));
    let mut inquiry = Inquiry::new(&world, &[], Budget::default());
    let all = identity("*", "*");
    for who in inquiry.everyone() {
        let answer = inquiry.nothing_beyond(&who, &world.resources[0], None, &all);
        assert_eq!(matches!(answer, Answer::Refuted(_)), who == Who::Role(0), "{who:?}: {answer:?}");
    }
}

#[test]
fn another_account_needs_the_resource_policy() {
    let mut world = small();
    let shared = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},
        "Action":"secretsmanager:GetSecretValue","Resource":"*"}]}"#;
    world.resources[0].policy = Some(parse(shared, PolicyKind::Resource));
    let mut inquiry = Inquiry::new(&world, &[], Budget::default());
    let all = identity("*", "*");
    let who = Who::Account("444455556666".into());
    assert!(inquiry.everyone().contains(&who));
    assert!(matches!(inquiry.nothing_beyond(&who, &world.resources[0], None, &all), Answer::Refuted(_)));
    assert_eq!(inquiry.nothing_beyond(&who, &world.resources[1], None, &all), Answer::Proven);
}

#[test]
fn worlds_agree_with_the_evaluator() {
    let everything = identity("*", "*");
    let mut refuted = 0;
    for case in 0..3_000 {
        let mut random = Random::new(77_000_000 + case);
        let policy = |kind: PolicyKind, random: &mut Random| {
            parse(&document(&statements(random, 3, kind.has_principal())), kind)
        };
        let boundaries =
            if case % 3 == 0 { vec![policy(PolicyKind::Boundary, &mut random)] } else { Vec::new() };
        let own = role("r", vec![policy(PolicyKind::Identity, &mut random)]);
        let resource = Resource {
            arn: format!("arn:aws:s:r:{ACCOUNT}:{}", random.pick(&["a", "ab", "a:b"])),
            policy: (case % 2 == 0).then(|| policy(PolicyKind::Resource, &mut random)),
        };
        let scps = if case % 5 == 0 { vec![vec![policy(PolicyKind::Scp, &mut random)]] } else { Vec::new() };
        let world = World {
            account: ACCOUNT.into(),
            roles: vec![Role { boundaries: boundaries.clone(), ..own.clone() }],
            resources: vec![resource.clone()],
            scps: scps.clone(),
            ..World::default()
        };
        let mut inquiry = Inquiry::new(&world, &[], Budget::default());
        match inquiry.nothing_beyond(&Who::Role(0), &resource, None, &everything) {
            Answer::Undecided(_) => {}
            Answer::Refuted(_) => refuted += 1,
            Answer::Proven => {
                let policies = Policies {
                    identity: own.identity.clone(),
                    resource: resource.policy.clone(),
                    boundaries,
                    scps,
                    ..Policies::default()
                };
                for _ in 0..60 {
                    let mut request = request(&mut random);
                    request.resource.clone_from(&resource.arn);
                    let session = random.chance(50);
                    let arn = if session { "arn:aws:sts::111122223333:assumed-role/r/s" } else { &own.arn };
                    request.principal = Principal::parse(arn, &request.context);
                    assert!(!evaluate(&request, &policies).allowed, "case {case}: {request:?} {policies:?}");
                }
            }
        }
    }
    assert!(refuted > 500, "{refuted}");
}
