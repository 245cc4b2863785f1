//! The decision table of single requests.

use keyprint::access::{Context, Policies, Policy, PolicyKind, Principal, Request, decide_line, evaluate};

const ROLE: &str = "arn:aws:iam::111122223333:role/app";
const SECRET: &str = "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf";
const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1";

fn ask(principal: &str, action: &str, resource: &str) -> Request {
    let context = Context::default();
    Request {
        principal: Principal::parse(principal, &context),
        action: action.into(),
        resource: resource.into(),
        resource_account: None,
        context,
    }
}

fn identity(effect: &str, action: &str) -> Policy {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Action":"{action}","Resource":"*"}}}}"#
    );
    Policy::parse(&text, PolicyKind::Identity).unwrap()
}

fn resource(effect: &str, principal: &str) -> Policy {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Principal":{principal},"Action":"*","Resource":"*"}}}}"#
    );
    Policy::parse(&text, PolicyKind::Resource).unwrap()
}

fn allowed(request: &Request, policies: Policies) -> bool {
    evaluate(request, &policies).allowed
}

#[test]
fn same_account() {
    let request = ask(ROLE, "secretsmanager:GetSecretValue", SECRET);
    let by_role = || Some(resource("Allow", &format!(r#"{{"AWS":"{ROLE}"}}"#)));
    let by_account = || Some(resource("Allow", r#"{"AWS":"111122223333"}"#));
    let boundary = || vec![identity("Allow", "s3:*")];
    let none = Policies::default;
    assert!(!allowed(&request, none()));
    assert!(allowed(&request, Policies { identity: vec![identity("Allow", "secretsmanager:*")], ..none() }));
    assert!(allowed(&request, Policies { resource: by_role(), ..none() }));
    assert!(!allowed(&request, Policies { resource: by_account(), ..none() }));
    assert!(!allowed(&request, Policies { resource: by_role(), boundaries: boundary(), ..none() }));
    assert!(allowed(
        &request,
        Policies { resource: Some(resource("Allow", r#""*""#)), boundaries: boundary(), ..none() }
    ));
    let session = "arn:aws:sts::111122223333:assumed-role/app/s";
    let by_session = || Some(resource("Allow", &format!(r#"{{"AWS":"{session}"}}"#)));
    let in_session = ask(session, "secretsmanager:GetSecretValue", SECRET);
    assert!(allowed(&in_session, Policies { resource: by_session(), boundaries: boundary(), ..none() }));
    assert!(allowed(&in_session, Policies { resource: by_role(), ..none() }));
    assert!(!allowed(&request, Policies { resource: by_session(), ..none() }));
}

#[test]
fn keys_and_roles_answer_for_themselves() {
    let identity = || vec![identity("Allow", "*")];
    let delegates = || Some(resource("Allow", r#"{"AWS":"arn:aws:iam::111122223333:root"}"#));
    let role = "arn:aws:iam::111122223333:role/other";
    for (action, target) in [("kms:Decrypt", KEY), ("sts:AssumeRole", role)] {
        let request = ask(ROLE, action, target);
        assert!(!allowed(&request, Policies { identity: identity(), ..Policies::default() }));
        assert!(allowed(
            &request,
            Policies { identity: identity(), resource: delegates(), ..Policies::default() }
        ));
        assert!(!allowed(&request, Policies { resource: delegates(), ..Policies::default() }));
    }
    let create = ask(ROLE, "kms:CreateKey", "*");
    assert!(allowed(&create, Policies { identity: identity(), ..Policies::default() }));
}

#[test]
fn other_accounts_need_both_sides() {
    let request = ask("arn:aws:iam::444455556666:role/x", "secretsmanager:GetSecretValue", SECRET);
    let identity = || vec![identity("Allow", "*")];
    let anyone = || Some(resource("Allow", r#""*""#));
    assert!(!allowed(&request, Policies { identity: identity(), ..Policies::default() }));
    assert!(!allowed(&request, Policies { resource: anyone(), ..Policies::default() }));
    assert!(allowed(&request, Policies { identity: identity(), resource: anyone(), ..Policies::default() }));
}

#[test]
fn guards_never_grant() {
    let request = ask(ROLE, "secretsmanager:GetSecretValue", SECRET);
    let granted = || vec![identity("Allow", "*")];
    let with = |scps: Vec<Vec<Policy>>, rcps: Vec<Vec<Policy>>, endpoint: Vec<Policy>| Policies {
        identity: granted(),
        scps,
        rcps,
        endpoint,
        ..Policies::default()
    };
    let everything = || vec![identity("Allow", "*")];
    assert!(allowed(&request, with(vec![everything(), everything()], vec![], vec![])));
    assert!(!allowed(&request, with(vec![everything(), vec![identity("Allow", "s3:*")]], vec![], vec![])));
    assert!(!allowed(&request, with(vec![everything(), vec![]], vec![], vec![])));
    assert!(allowed(
        &request,
        with(vec![], vec![vec![resource("Deny", r#"{"AWS":"444455556666"}"#)]], vec![])
    ));
    assert!(!allowed(&request, with(vec![], vec![vec![resource("Deny", r#""*""#)]], vec![])));
    assert!(!allowed(&request, with(vec![], vec![], vec![resource("Allow", r#"{"AWS":"444455556666"}"#)])));
    let only_guards = Policies { scps: vec![everything()], boundaries: everything(), ..Policies::default() };
    assert!(!allowed(&request, only_guards));
}

#[test]
fn services_are_not_bound_by_scps() {
    let request = ask("sns.amazonaws.com", "sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q");
    let policies = Policies {
        resource: Some(resource("Allow", r#"{"Service":"sns.amazonaws.com"}"#)),
        scps: vec![vec![identity("Deny", "*")]],
        ..Policies::default()
    };
    assert!(allowed(&request, policies));
}

/// The table of absent, empty and present keys: condition, context, whether it holds.
#[test]
fn conditions_on_absent_and_present_keys() {
    let absent = "{}";
    let (a, b, empty, both) = (r#"{"k":"a"}"#, r#"{"k":"b"}"#, r#"{"k":[]}"#, r#"{"k":["a","b"]}"#);
    let cases = [
        (r#"{"StringEquals":{"k":"a"}}"#, vec![(absent, false), (a, true), (b, false)]),
        (r#"{"StringNotEquals":{"k":"a"}}"#, vec![(absent, true), (a, false), (b, true)]),
        (r#"{"StringEqualsIfExists":{"k":"a"}}"#, vec![(absent, true), (a, true), (b, false)]),
        (r#"{"StringNotEqualsIfExists":{"k":"a"}}"#, vec![(absent, true), (a, false)]),
        (
            r#"{"ForAllValues:StringEquals":{"k":"a"}}"#,
            vec![(absent, true), (empty, true), (a, true), (both, false)],
        ),
        (
            r#"{"ForAnyValue:StringEquals":{"k":"a"}}"#,
            vec![(absent, false), (empty, false), (a, true), (both, true)],
        ),
        (r#"{"ForAllValues:StringNotEquals":{"k":"a"}}"#, vec![(absent, true), (b, true), (both, false)]),
        (r#"{"ForAnyValue:StringNotEquals":{"k":"a"}}"#, vec![(absent, false), (a, false), (both, true)]),
        (r#"{"Null":{"k":"true"}}"#, vec![(absent, true), (empty, true), (a, false)]),
        (r#"{"Null":{"K":"false"}}"#, vec![(absent, false), (empty, false), (a, true)]),
        (r#"{"stringequals":{"k":["b","a"]}}"#, vec![(a, true), (b, true)]),
        (r#"{"StringNotEquals":{"k":["b","a"]}}"#, vec![(a, false), (r#"{"k":"c"}"#, true)]),
        (r#"{"StringEquals":{"k":"a*"}}"#, vec![(r#"{"k":"ab"}"#, false), (r#"{"k":"a*"}"#, true)]),
        (r#"{"StringLike":{"k":"a*"}}"#, vec![(r#"{"k":"ab"}"#, true), (r#"{"k":"Ab"}"#, false)]),
        (r#"{"StringLike":{"k":"a${*}"}}"#, vec![(r#"{"k":"ab"}"#, false), (r#"{"k":"a*"}"#, true)]),
        (
            r#"{"Bool":{"k":"true"}}"#,
            vec![(absent, false), (r#"{"k":true}"#, true), (r#"{"k":"TRUE"}"#, true)],
        ),
        (
            r#"{"NumericLessThanEquals":{"k":"10.0"}}"#,
            vec![(r#"{"k":10}"#, true), (r#"{"k":"10.01"}"#, false), (a, false)],
        ),
        (r#"{"NumericNotEquals":{"k":"10"}}"#, vec![(r#"{"k":"10.0"}"#, false), (a, true), (absent, true)]),
        (
            r#"{"DateGreaterThan":{"k":"2026-01-01T00:00:00Z"}}"#,
            vec![(r#"{"k":"1767225601"}"#, true), (r#"{"k":"2026-01-01T00:30:00+01:00"}"#, false)],
        ),
        (
            r#"{"IpAddress":{"k":"10.0.0.0/8"}}"#,
            vec![(r#"{"k":"10.9.9.9"}"#, true), (r#"{"k":"::ffff:10.9.9.9"}"#, false)],
        ),
        (
            r#"{"NotIpAddress":{"k":"10.0.0.0/8"}}"#,
            vec![(r#"{"k":"10.9.9.9"}"#, false), (r#"{"k":"::1"}"#, true)],
        ),
        (
            r#"{"ArnLike":{"k":"arn:aws:sns:*:1:x*"}}"#,
            vec![(r#"{"k":"arn:aws:sns:r:1:x:y"}"#, true), (r#"{"k":"arn:aws:sns:r:s:1:x"}"#, false)],
        ),
        (
            r#"{"StringEquals":{"k":"${j, 'a'}"}}"#,
            vec![(a, true), (r#"{"k":"b","j":"b"}"#, true), (r#"{"k":"a","J":"b"}"#, false)],
        ),
        (r#"{"StringEquals":{"k":"${j}"}}"#, vec![(a, false), (r#"{"k":"b","j":["b","c"]}"#, false)]),
        (
            r#"{"StringEquals":{"k":"a"},"Null":{"j":"true"}}"#,
            vec![(a, true), (r#"{"k":"a","j":"x"}"#, false)],
        ),
    ];
    for (condition, contexts) in cases {
        for (context, expected) in contexts {
            let line = format!(
                r#"{{"request":{{"principal":"{ROLE}","action":"s3:GetObject","resource":"*","context":{context}}},"identity":
                [{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}}}]}}"#
            );
            let answer = decide_line(&line).unwrap_or_else(|error| panic!("{error} in {line}"));
            let expected = if expected { "allow" } else { "deny" };
            assert_eq!(
                answer.get("decision").and_then(|d| d.as_str()),
                Some(expected),
                "{condition} on {context}"
            );
        }
    }
}

#[test]
fn resources_are_matched_part_by_part() {
    let cases = [
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/k/l", true),
        ("arn:aws:s3:::b/?", "arn:aws:s3:::b/kl", false),
        ("arn:aws:sns:*:1:t", "arn:aws:sns:r:1:t", true),
        ("arn:aws:sns:*:t", "arn:aws:sns:r:1:t", false),
        ("arn:aws:sns:r:1:*:x", "arn:aws:sns:r:1:t:u:x", true),
        ("arn:aws:sns", "arn:aws:sns:r:1:t", true),
        ("arn:aws:sns:r:1:T", "arn:aws:sns:r:1:t", false),
        ("*", "*", true),
        ("arn:aws:s3:::*", "*", false),
    ];
    for (pattern, resource, expected) in cases {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"{pattern}"}}}}"#
        );
        let policies = Policies {
            identity: vec![Policy::parse(&text, PolicyKind::Identity).unwrap()],
            ..Policies::default()
        };
        let mut request = ask(ROLE, "s3:GetObject", resource);
        request.resource_account = Some("111122223333".into());
        assert_eq!(allowed(&request, policies), expected, "{pattern} on {resource}");
    }
}

#[test]
fn not_principal_denies_all_but_those_listed_in_full() {
    let deny = |list: &str| {
        Policies {
        identity: vec![identity("Allow", "*")],
        resource: Some(
            Policy::parse(
                &format!(
                    r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","NotPrincipal":{{"AWS":[{list}]}},"Action":"*","Resource":"*"}}}}"#
                ),
                PolicyKind::Resource,
            )
            .unwrap(),
        ),
        ..Policies::default()
    }
    };
    let request = ask(ROLE, "secretsmanager:GetSecretValue", SECRET);
    let both = format!(r#""{ROLE}","111122223333""#);
    assert!(allowed(&request, deny(&both)));
    assert!(!allowed(&request, deny(&format!("\"{ROLE}\""))));
    let bounded = Policies { boundaries: vec![identity("Allow", "*")], ..deny(&both) };
    assert!(!allowed(&request, bounded), "a principal with a boundary is always denied");
}
