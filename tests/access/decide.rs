//! The decision table of single requests.

use keyprint::access::{Context, Policies, Policy, PolicyKind, Principal, Request, evaluate};

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
