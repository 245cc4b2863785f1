//! Edits of a template that aws-cdk-lib made, those on which `cdk diff` was measured: what is done, and what it comes to.

use keyprint::change::Class;
use serde_json::json;

use crate::edits::Edit;
use crate::template::{Templates, list};

use Class::{
    Altered, Broader, DataLost, Narrower, Public, Regenerated, Replacement, RotationLost, Stronger,
    UpdateFails, Weaker,
};

const fn cdk(name: &'static str, change: fn(&mut Templates), comes_to: &'static [Class]) -> Edit {
    Edit { of: "cdk", name, change, comes_to }
}

const KEY: &str = "service0000key7EA90776";
const OTHER_KEY: &str = "service0001keyC7B24369";
const SECRET: &str = "service0000secret3F7DB833";
const SECRET_POLICY: &str = "service0000secretPolicy02F3F084";
const ROTATION: &str = "service0000secretrotationAFF8DAC6";
const ROLE: &str = "service0000role47EDCCAF";
const ROLE_POLICY: &str = "service0000roleDefaultPolicyE32875EE";
const ALARM: &str = "service0000alarmEB659AF6";
const ENDPOINT: &str = "SecretsManagerEndpoint5E83C66B";

pub(crate) const EDITS: &[Edit] = &[
    cdk("a wide action list is narrowed", narrowed, &[Narrower]),
    cdk("a statement is split in two", |t| Templates::split(t, ROLE_POLICY), &[]),
    cdk(
        "actions are reordered",
        |t| list(t.part(ROLE_POLICY, "/PolicyDocument/Statement/0/Action")).reverse(),
        &[],
    ),
    cdk("statements are reordered", |t| t.statements(KEY).reverse(), &[]),
    cdk("a deny is added", denied, &[Narrower]),
    cdk("the condition of a trust is removed", trust_without_condition, &[]),
    cdk(
        "the deny of deletion is removed",
        |t| {
            t.remove(SECRET_POLICY);
        },
        &[Broader],
    ),
    cdk("everybody may read, in the secret's policy", open_secret, &[Public, Broader]),
    cdk("everybody may do everything, in the key's policy", open_key, &[Public, Broader]),
    cdk("the endpoint gets a policy", guard_endpoint, &[Narrower]),
    cdk(
        "the role gets a boundary that no template shows",
        |t| {
            t.set(ROLE, "PermissionsBoundary", json!("arn:aws:iam::111122223333:policy/bound"));
        },
        &[Narrower],
    ),
    cdk(
        "the secret moves to another key",
        |t| {
            t.set(SECRET, "KmsKeyId", json!({ "Fn::GetAtt": [OTHER_KEY, "Arn"] }));
        },
        &[Narrower, Altered],
    ),
    cdk(
        "a replica Region is added",
        |t| t.set(SECRET, "ReplicaRegions", json!([{ "Region": "eu-central-1" }])),
        &[Broader, Weaker],
    ),
    cdk(
        "the rotation schedule is removed",
        |t| {
            t.remove(ROTATION);
        },
        &[RotationLost],
    ),
    cdk(
        "rotation becomes rarer",
        |t| *t.part(ROTATION, "/RotationRules/ScheduleExpression") = json!("rate(60 days)"),
        &[Weaker],
    ),
    cdk(
        "rotation becomes more frequent",
        |t| *t.part(ROTATION, "/RotationRules/ScheduleExpression") = json!("rate(7 days)"),
        &[Stronger],
    ),
    cdk(
        "rotation is written in days",
        |t| t.set(ROTATION, "RotationRules", json!({ "AutomaticallyAfterDays": 30 })),
        &[Altered],
    ),
    cdk("key material rotates more rarely", |t| t.set(KEY, "RotationPeriodInDays", json!(900)), &[Weaker]),
    cdk(
        "the alarm is removed",
        |t| {
            t.remove(ALARM);
        },
        &[Weaker],
    ),
    cdk("the id of the rotation schedule changes", |t| t.rename(ROTATION, "Renamed"), &[RotationLost]),
    cdk(
        "how the value is generated changes",
        |t| *t.part(SECRET, "/GenerateSecretString/SecretStringTemplate") = json!("{\"username\":\"x\"}"),
        &[Regenerated],
    ),
    cdk("the key becomes a multi-Region key", |t| t.set(KEY, "MultiRegion", json!(true)), &[UpdateFails]),
    cdk(
        "the secret gets another name",
        |t| t.set(SECRET, "Name", json!("renamed")),
        &[DataLost, Replacement],
    ),
];

fn narrowed(t: &mut Templates) {
    *t.part(ROLE_POLICY, "/PolicyDocument/Statement/0/Action") = json!(["secretsmanager:GetSecretValue"]);
}

fn denied(t: &mut Templates) {
    t.statements(ROLE_POLICY)
        .push(json!({ "Effect": "Deny", "Action": "secretsmanager:GetSecretValue", "Resource": "*",
        "Condition": { "Bool": { "aws:SecureTransport": "false" } } }));
}

/// The fixture's trust has none: a condition is set on both ways of writing it, which is the same.
fn trust_without_condition(t: &mut Templates) {
    let statement = &mut t.statements(ROLE)[0];
    statement["Principal"]["Service"] = json!([statement["Principal"]["Service"].clone()]);
    statement["Sid"] = json!("Assume");
}

fn open_secret(t: &mut Templates) {
    t.statements(SECRET_POLICY)
        .push(json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" }));
}

fn open_key(t: &mut Templates) {
    t.statements(KEY)
        .push(json!({ "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*" }));
}

fn guard_endpoint(t: &mut Templates) {
    t.set(ENDPOINT, "PolicyDocument", json!({ "Statement": [
        { "Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*" }] }));
}
