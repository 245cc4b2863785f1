//! Comparisons whose answer is known.

use keyprint::access::{Answer, Budget, Policy, PolicyKind, compare};

fn policy(statements: &str, kind: PolicyKind) -> Policy {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    Policy::parse(&text, kind).unwrap_or_else(|errors| panic!("{errors:?} in {text}"))
}

fn verdict(kind: PolicyKind, old: &str, new: &str) -> &'static str {
    match compare(&policy(old, kind), &policy(new, kind), Budget::default()).answer {
        Answer::Proven => "none",
        Answer::Refuted(_) => "new",
        Answer::Undecided(_) => "unknown",
    }
}

fn allow(rest: &str) -> String {
    format!(r#"{{"Effect":"Allow",{rest}}}"#)
}

fn deny(rest: &str) -> String {
    format!(r#"{{"Effect":"Deny",{rest}}}"#)
}

#[test]
fn identity_policies() {
    let secret = "arn:aws:secretsmanager:us-east-1:111122223333:secret:db";
    let get = |resource: &str, more: &str| {
        allow(&format!(r#""Action":"secretsmanager:GetSecretValue","Resource":"{resource}"{more}"#))
    };
    let exact = get(&format!("{secret}-??????"), "");
    let loose = get(&format!("{secret}-*"), "");
    let condition = |text: &str| format!(r#","Condition":{{{text}}}"#);
    let tls = get(&format!("{secret}-??????"), &condition(r#""Bool":{"aws:SecureTransport":"true"}"#));
    let tls_text = get(
        &format!("{secret}-??????"),
        &condition(r#""StringEqualsIgnoreCase":{"aws:SecureTransport":"TRUE"}"#),
    );
    let not_plain = format!(
        "{exact},{}",
        deny(r#""Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#)
    );
    let all_but = allow(r#""NotAction":"secretsmanager:*","Resource":"*""#);
    let everything = allow(r#""Action":"*","Resource":"*""#);
    let cases = [
        (&exact, &exact, "none"),
        (&loose, &exact, "none"),
        (&exact, &loose, "new"),
        (&exact, &tls, "none"),
        (&tls, &exact, "new"),
        (&tls, &tls_text, "none"),
        (&tls_text, &tls, "none"),
        (&exact, &not_plain, "none"),
        (&not_plain, &exact, "new"),
        (&not_plain, &tls, "none"),
        (&all_but, &exact, "new"),
        (&everything, &all_but, "none"),
        (&all_but, &everything, "new"),
    ];
    for (old, new, expected) in cases {
        assert_eq!(verdict(PolicyKind::Identity, old, new), expected, "\n{old}\n{new}");
    }
}

#[test]
fn two_halves_make_a_whole() {
    let part =
        |condition: &str| allow(&format!(r#""Action":"s3:*","Resource":"*","Condition":{{{condition}}}"#));
    let low = part(r#""NumericLessThan":{"s3:max-keys":"10"}"#);
    let high = part(r#""NumericGreaterThanEquals":{"s3:max-keys":"10"}"#);
    let present = part(r#""Null":{"s3:max-keys":"false"}"#);
    let both = format!("{low},{high}");
    // A value that is no number passes neither half.
    assert_eq!(verdict(PolicyKind::Identity, &both, &present), "new");
    assert_eq!(verdict(PolicyKind::Identity, &present, &both), "none");
    let not_ten = part(r#""NumericNotEquals":{"s3:max-keys":"10"},"Null":{"s3:max-keys":"false"}"#);
    assert_eq!(verdict(PolicyKind::Identity, &not_ten, &low), "none");
    assert_eq!(verdict(PolicyKind::Identity, &low, &not_ten), "new");
}

#[test]
fn sets_of_values() {
    let set =
        |condition: &str| allow(&format!(r#""Action":"s3:*","Resource":"*","Condition":{{{condition}}}"#));
    let every = set(r#""ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}"#);
    let every_one = set(r#""ForAllValues:StringEquals":{"aws:TagKeys":["a"]}"#);
    let some = set(r#""ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}"#);
    let both = set(
        r#""ForAnyValue:StringEquals":{"aws:TagKeys":["a"]},"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}"#,
    );
    let cases = [
        (&every, &every_one, "none"),
        (&every_one, &every, "new"),
        (&some, &every, "new"),
        (&some, &both, "none"),
        (&every, &both, "none"),
        (&every, &some, "new"),
    ];
    for (old, new, expected) in cases {
        assert_eq!(verdict(PolicyKind::Identity, old, new), expected, "\n{old}\n{new}");
    }
}

#[test]
fn variables_are_equal_unknowns() {
    let home =
        |user: &str| allow(&format!(r#""Action":"s3:GetObject","Resource":"arn:aws:s3:::home/{user}/*""#));
    let own = home("${aws:username}");
    assert_eq!(verdict(PolicyKind::Identity, &own, &own), "none");
    assert_eq!(verdict(PolicyKind::Identity, &home("*"), &own), "none");
    assert_eq!(verdict(PolicyKind::Identity, &own, &home("*")), "new");
    assert_eq!(verdict(PolicyKind::Identity, &home("anna"), &own), "new");
    assert_eq!(verdict(PolicyKind::Identity, &own, &home("anna")), "new");
    let tag = |value: &str| {
        allow(&format!(
            r#""Action":"ec2:*","Resource":"*","Condition":{{"StringEquals":{{"aws:ResourceTag/team":{value}}}}}"#
        ))
    };
    let abac = tag(r#""${aws:PrincipalTag/team}""#);
    assert_eq!(verdict(PolicyKind::Identity, &abac, &abac), "none");
    assert_eq!(verdict(PolicyKind::Identity, &tag(r#"["a","${aws:PrincipalTag/team}"]"#), &abac), "none");
    assert_eq!(verdict(PolicyKind::Identity, &abac, &tag(r#"["a","${aws:PrincipalTag/team}"]"#)), "new");
}

#[test]
fn resource_policies_and_principals() {
    let to = |principal: &str, more: &str| {
        allow(&format!(
            r#""Principal":{principal},"Action":"secretsmanager:GetSecretValue","Resource":"*"{more}"#
        ))
    };
    let role = to(r#"{"AWS":"arn:aws:iam::111122223333:role/app"}"#, "");
    let account = to(r#"{"AWS":"111122223333"}"#, "");
    let root = to(r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, "");
    let anyone = to(r#""*""#, "");
    let by_arn = to(
        r#""*""#,
        r#","Condition":{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/app"}}"#,
    );
    let by_account = to(r#""*""#, r#","Condition":{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}"#);
    let service = to(r#"{"Service":"sns.amazonaws.com"}"#, "");
    let cases = [
        (&account, &role, "none"),
        (&role, &account, "new"),
        (&account, &root, "none"),
        (&root, &account, "none"),
        (&anyone, &role, "none"),
        (&account, &anyone, "new"),
        (&role, &by_arn, "none"),
        (&by_arn, &role, "none"),
        (&account, &by_arn, "none"),
        (&account, &by_account, "none"),
        (&by_account, &account, "none"),
        (&by_account, &role, "none"),
        (&account, &service, "new"),
        (&anyone, &service, "none"),
    ];
    for (old, new, expected) in cases {
        assert_eq!(verdict(PolicyKind::Resource, old, new), expected, "\n{old}\n{new}");
    }
}

#[test]
fn trust_policies() {
    let trust = |principal: &str, more: &str| {
        allow(&format!(r#""Principal":{principal},"Action":"sts:AssumeRole"{more}"#))
    };
    let lambda = trust(r#"{"Service":"lambda.amazonaws.com"}"#, "");
    let guarded = trust(
        r#"{"Service":"lambda.amazonaws.com"}"#,
        r#","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#,
    );
    assert_eq!(verdict(PolicyKind::Trust, &lambda, &guarded), "none");
    assert_eq!(verdict(PolicyKind::Trust, &guarded, &lambda), "new");
}

#[test]
fn what_is_not_understood_never_vanishes() {
    let plain = allow(r#""Action":"s3:*","Resource":"*""#);
    let odd = allow(r#""Action":"s3:*","Resource":"*","Condition":{"StringSounds":{"a:b":"c"}}"#);
    let odd_deny = format!(
        "{plain},{}",
        deny(r#""Action":"*","Resource":"*","Condition":{"StringSounds":{"a:b":"c"}}"#)
    );
    assert_eq!(verdict(PolicyKind::Identity, &plain, &odd), "none");
    assert_eq!(verdict(PolicyKind::Identity, &odd, &plain), "unknown");
    assert_eq!(verdict(PolicyKind::Identity, &odd, &odd), "none");
    assert_eq!(verdict(PolicyKind::Identity, &plain, &odd_deny), "none");
    assert_eq!(verdict(PolicyKind::Identity, &odd_deny, &plain), "unknown");
}

#[test]
fn keys_that_aws_always_sends_do_not_carry_a_proof() {
    let with = |operator: &str| {
        format!(
            "{},{}",
            allow(r#""Action":"s3:*","Resource":"*""#),
            deny(&format!(
                r#""Action":"*","Resource":"*","Condition":{{"{operator}":{{"aws:SecureTransport":"false"}}}}"#
            ))
        )
    };
    let old = policy(&with("BoolIfExists"), PolicyKind::Identity);
    let new = policy(&with("Bool"), PolicyKind::Identity);
    let comparison = compare(&old, &new, Budget::default());
    assert!(matches!(comparison.answer, Answer::Refuted(_)));
    assert!(comparison.note.is_some_and(|note| note.contains("as AWS does not send them")));
}

#[test]
fn open_points_make_the_answer_unknown() {
    let at = |resource: &str| allow(&format!(r#""Action":"s:*","Resource":"{resource}""#));
    let old = at("arn:aws:s:*:secret");
    assert_eq!(verdict(PolicyKind::Identity, &old, &at("arn:aws:s:r:111122223333:x:secret")), "unknown");
    assert_eq!(verdict(PolicyKind::Identity, &old, &old), "none");
}

#[test]
fn a_small_budget_never_proves() {
    let old = allow(r#""Action":["s3:Get*","s3:*Object"],"Resource":"arn:aws:s3:::a*b*c*""#);
    let new = allow(r#""Action":"s3:GetObject","Resource":"arn:aws:s3:::a1b2c3""#);
    for steps in 0..400 {
        let (old, new) = (policy(&old, PolicyKind::Identity), policy(&new, PolicyKind::Identity));
        match compare(&old, &new, Budget { steps }).answer {
            Answer::Proven => assert!(steps > 20, "proved in {steps} steps"),
            Answer::Undecided(reason) => assert!(reason.contains("budget"), "{reason}"),
            Answer::Refuted(request) => panic!("{request:?}"),
        }
    }
}
