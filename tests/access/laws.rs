//! Laws of comparison on random policies, and the search against the evaluator on random requests.
//!
//! For a long run raise [`CASES`] to 1,000,000: one case takes about half a millisecond in release.

use keyprint::access::{Answer, Budget, Policies, Policy, PolicyKind, compare, evaluate};

use crate::random::{Random, document, request, statements};

const CASES: u64 = 1_000;

fn parse(statements: &[String], kind: PolicyKind) -> Policy {
    let text = document(statements);
    Policy::parse(&text, kind).unwrap_or_else(|errors| panic!("{errors:?} in {text}"))
}

fn proven(old: &Policy, new: &Policy) -> bool {
    compare(old, new, Budget::default()).answer == Answer::Proven
}

/// What the policy alone lets through, asked where nothing else decides.
fn grants(policy: &Policy, kind: PolicyKind, request: &keyprint::access::Request) -> bool {
    let mut policies = Policies::default();
    if kind == PolicyKind::Identity {
        policies.scps = vec![vec![policy.clone()]];
    } else {
        policies.endpoint = vec![policy.clone()];
    }
    // An SCP or endpoint policy only guards, so something else has to grant: everything does here.
    let all = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}"#;
    policies.resource = Some(Policy::parse(all, PolicyKind::Resource).unwrap());
    let all = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    policies.identity = vec![Policy::parse(all, PolicyKind::Identity).unwrap()];
    evaluate(request, &policies).allowed
}

/// Random requests never contradict a verdict, and most verdicts are one.
fn agreement(kind: PolicyKind, guard: PolicyKind, seed: u64) {
    let mut unknown = 0;
    for case in 0..CASES {
        let mut random = Random::new(seed + case);
        let principal = kind.has_principal();
        let (old, new) = (statements(&mut random, 3, principal), statements(&mut random, 3, principal));
        let answer = compare(&parse(&old, kind), &parse(&new, kind), Budget::default()).answer;
        let (old_guard, new_guard) = (parse(&old, guard), parse(&new, guard));
        let differs = |request: &keyprint::access::Request| {
            grants(&new_guard, kind, request) && !grants(&old_guard, kind, request)
        };
        match answer {
            Answer::Undecided(_) => unknown += 1,
            Answer::Refuted(witness) => {
                let service = matches!(witness.principal, keyprint::access::Principal::Service(_));
                assert!(
                    differs(&witness) || (kind == PolicyKind::Identity && service),
                    "witness {witness:?}\n{old:?}\n{new:?}"
                );
            }
            Answer::Proven => {
                for _ in 0..60 {
                    let mut request = request(&mut random);
                    if kind == PolicyKind::Identity {
                        request.principal =
                            keyprint::access::Principal::Role("arn:aws:iam::111122223333:role/r".into());
                    }
                    assert!(!differs(&request), "case {case}: {request:?}\n{old:?}\n{new:?}");
                }
            }
        }
    }
    assert!(unknown * 3 < CASES, "{unknown} of {CASES} unknown");
}

#[test]
fn identity_verdicts_agree_with_the_evaluator() {
    agreement(PolicyKind::Identity, PolicyKind::Scp, 1);
}

#[test]
fn resource_verdicts_agree_with_the_evaluator() {
    agreement(PolicyKind::Resource, PolicyKind::Endpoint, 1_000_000);
}

#[test]
fn a_policy_allows_what_it_allows() {
    for case in 0..CASES {
        let mut random = Random::new(5_000_000 + case);
        let kind = if case % 2 == 0 { PolicyKind::Identity } else { PolicyKind::Resource };
        let own = statements(&mut random, 4, kind.has_principal());
        let policy = parse(&own, kind);
        assert!(proven(&policy, &policy), "{own:?}");
        let mut shuffled = own.clone();
        shuffled.rotate_left(1);
        shuffled.push(own[0].clone());
        let shuffled = parse(&shuffled, kind);
        assert!(proven(&policy, &shuffled) && proven(&shuffled, &policy), "{own:?}");
    }
}

#[test]
fn adding_a_deny_or_removing_an_allow_never_grants() {
    for case in 0..CASES {
        let mut random = Random::new(9_000_000 + case);
        let kind = if case % 2 == 0 { PolicyKind::Identity } else { PolicyKind::Resource };
        let own = statements(&mut random, 4, kind.has_principal());
        let more = statements(&mut random, 2, kind.has_principal());
        let policy = parse(&own, kind);
        let denied: Vec<String> =
            own.iter().cloned().chain(more.iter().map(|s| s.replace("\"Allow\"", "\"Deny\""))).collect();
        assert!(proven(&policy, &parse(&denied, kind)), "{own:?}\n{denied:?}");
        if let Some(at) = own.iter().position(|s| s.contains("\"Allow\"")) {
            let mut fewer = own.clone();
            fewer.remove(at);
            assert!(proven(&policy, &parse(&fewer, kind)), "{own:?}");
        }
    }
}

#[test]
fn a_boundary_or_scp_never_grants() {
    for case in 0..CASES {
        let mut random = Random::new(21_000_000 + case);
        let mut policy = |kind: PolicyKind| parse(&statements(&mut random, 3, kind.has_principal()), kind);
        let free = Policies {
            identity: vec![policy(PolicyKind::Identity)],
            resource: Some(policy(PolicyKind::Resource)),
            ..Policies::default()
        };
        let mut bound = free.clone();
        match case % 3 {
            0 => bound.boundaries.push(policy(PolicyKind::Boundary)),
            1 => bound.scps.push(vec![policy(PolicyKind::Scp)]),
            _ => bound.endpoint.push(policy(PolicyKind::Endpoint)),
        }
        for _ in 0..40 {
            let request = request(&mut random);
            assert!(
                evaluate(&request, &free).allowed || !evaluate(&request, &bound).allowed,
                "case {case}: {request:?}"
            );
        }
    }
}
