//! Laws of comparison on random policies, and the search against the evaluator on random requests.
//!
//! `KEYPRINT_CASES=1000000 cargo test --release --test access laws` is the long run.

use keyprint::access::{
    Answer, Budget, Inquiry, Policies, Policy, PolicyKind, Resource, Role, Who, World, compare, evaluate,
};
use serde_json::Value;

use crate::random::{Random, document, request, statements};

/// How many cases each law is tried on.
#[expect(clippy::disallowed_methods, reason = "a long run is asked for from outside")]
fn cases() -> u64 {
    std::env::var("KEYPRINT_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000)
}

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
    for case in 0..cases() {
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
    assert!(unknown * 3 < cases(), "{unknown} of {} unknown", cases());
}

#[test]
fn identity_verdicts_agree_with_the_evaluator() {
    agreement(PolicyKind::Identity, PolicyKind::Scp, 1);
}

#[test]
fn resource_verdicts_agree_with_the_evaluator() {
    agreement(PolicyKind::Resource, PolicyKind::Endpoint, 1_000_000);
}

/// A kind and a list of statements for a case of a law.
fn sample(seed: u64, case: u64) -> (Random, PolicyKind, Vec<String>) {
    let mut random = Random::new(seed + case);
    let kind = if case.is_multiple_of(2) { PolicyKind::Identity } else { PolicyKind::Resource };
    let own = statements(&mut random, 3, kind.has_principal());
    (random, kind, own)
}

#[test]
fn a_policy_allows_what_it_allows() {
    for case in 0..cases() {
        let (_, kind, own) = sample(5_000_000, case);
        let policy = parse(&own, kind);
        assert!(proven(&policy, &policy), "{own:?}");
    }
}

#[test]
fn order_and_repetition_change_nothing() {
    for case in 0..cases() {
        let (mut random, kind, own) = sample(13_000_000, case);
        let mut shuffled = own.clone();
        for at in 0..shuffled.len() {
            let other = random.below(shuffled.len());
            shuffled.swap(at, other);
        }
        shuffled.push(own[random.below(own.len())].clone());
        let (policy, shuffled) = (parse(&own, kind), parse(&shuffled, kind));
        assert!(proven(&policy, &shuffled) && proven(&shuffled, &policy), "{own:?}");
    }
}

/// The same statements, one for each action and resource where the element is not negated.
fn split(statements: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for text in statements {
        let mut parts = vec![serde_json::from_str::<Value>(text).unwrap()];
        for element in ["Action", "Resource"] {
            let each = |part: &Value| match part.get(element).and_then(Value::as_array) {
                None => vec![part.clone()],
                Some(items) => items
                    .iter()
                    .map(|item| {
                        let mut one = part.clone();
                        one[element] = item.clone();
                        one
                    })
                    .collect(),
            };
            parts = parts.iter().flat_map(each).collect();
        }
        all.extend(parts.iter().map(Value::to_string));
    }
    all
}

#[test]
fn splitting_and_merging_change_nothing() {
    for case in 0..cases() {
        let (_, kind, own) = sample(17_000_000, case);
        let parts = split(&own);
        let (policy, parts) = (parse(&own, kind), parse(&parts, kind));
        assert!(proven(&policy, &parts), "split: {own:?}");
        assert!(proven(&parts, &policy), "merged: {own:?}");
    }
}

#[test]
fn adding_a_deny_never_grants() {
    for case in 0..cases() {
        let (mut random, kind, own) = sample(9_000_000, case);
        let more = statements(&mut random, 2, kind.has_principal());
        let denied: Vec<String> =
            own.iter().cloned().chain(more.iter().map(|s| s.replace("\"Allow\"", "\"Deny\""))).collect();
        assert!(proven(&parse(&own, kind), &parse(&denied, kind)), "{own:?}\n{denied:?}");
    }
}

#[test]
fn removing_an_allow_never_grants() {
    for case in 0..cases() {
        let (_, kind, own) = sample(33_000_000, case);
        let Some(at) = own.iter().position(|s| s.contains("\"Allow\"")) else { continue };
        let mut fewer = own.clone();
        fewer.remove(at);
        assert!(proven(&parse(&own, kind), &parse(&fewer, kind)), "{own:?}");
    }
}

/// Whatever is not allowed without a boundary is not allowed with one, as the search sees it.
#[test]
fn boundaries_are_monotone() {
    const ROLE: &str = "arn:aws:iam::111122223333:role/r";
    for case in 0..cases() {
        let mut random = Random::new(41_000_000 + case);
        let mut policy = |kind: PolicyKind| parse(&statements(&mut random, 2, kind.has_principal()), kind);
        let resource = Resource {
            arn: "arn:aws:s:r:111122223333:ab".to_owned(),
            policy: (case % 3 == 0).then(|| policy(PolicyKind::Resource)),
        };
        let free = World {
            account: "111122223333".to_owned(),
            roles: vec![Role {
                arn: ROLE.to_owned(),
                identity: vec![policy(PolicyKind::Identity)],
                boundaries: Vec::new(),
            }],
            resources: vec![resource.clone()],
            ..World::default()
        };
        let mut bound = free.clone();
        match case % 3 {
            0 | 1 => bound.roles[0].boundaries.push(policy(PolicyKind::Boundary)),
            _ => bound.endpoint.push(policy(PolicyKind::Endpoint)),
        }
        let only = parse(&statements(&mut random, 1, false), PolicyKind::Identity);
        let ask = |world: &World| {
            Inquiry::new(world, &[&only], Budget::default()).nothing_beyond(
                &Who::Role(0),
                &resource,
                None,
                &only,
            )
        };
        let (without, with) = (ask(&free), ask(&bound));
        if without == Answer::Proven {
            assert!(!matches!(with, Answer::Refuted(_)), "case {case}: {with:?}\n{bound:?}");
        }
    }
}

/// With too little to spend, nothing is proved and nothing is found that is not there.
#[test]
fn tiny_budgets_prove_nothing_that_is_not_so() {
    for case in 0..cases() {
        let (mut random, kind, own) = sample(57_000_000, case);
        let other = statements(&mut random, 3, kind.has_principal());
        let (old, new) = (parse(&own, kind), parse(&other, kind));
        let steps = random.below(3_000) as u64;
        let hurried = compare(&old, &new, Budget { steps }).answer;
        match hurried {
            Answer::Undecided(_) => {}
            settled @ (Answer::Proven | Answer::Refuted(_)) => {
                let answer = compare(&old, &new, Budget::default()).answer;
                assert_eq!(settled, answer, "case {case} in {steps} steps");
            }
        }
    }
}

#[test]
fn a_boundary_or_scp_never_grants() {
    for case in 0..cases() {
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
