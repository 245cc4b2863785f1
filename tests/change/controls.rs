//! Edits of controls, of names and of whole templates: what is done, and what it comes to.

use keyprint::change::Class;
use serde_json::json;

use crate::edits::{Edit, orders};
use crate::template::{Templates, list};

use Class::{
    Added, Altered, Broader, DataLost, Interruption, Narrower, Order, Regenerated, Removed, Replacement,
    RotationLost, Stronger, Undecided, UpdateFails, Weaker,
};

pub(crate) const EDITS: &[Edit] = &[
    // Keys, secrets, rotation: controls.
    orders(
        "key material no longer rotates",
        |t| t.set("OrdersKey", "EnableKeyRotation", json!(false)),
        &[Weaker],
    ),
    orders(
        "key material rotates more often",
        |t| t.set("OrdersKey", "RotationPeriodInDays", json!(180)),
        &[Stronger],
    ),
    orders(
        "a key's deletion can be called back for less time",
        |t| t.set("OrdersKey", "PendingWindowInDays", json!(7)),
        &[Weaker],
    ),
    orders("a key is disabled", |t| t.set("OrdersKey", "Enabled", json!(false)), &[Interruption]),
    orders(
        "a key gets another specification",
        |t| t.set("OrdersKey", "KeySpec", json!("RSA_2048")),
        &[UpdateFails],
    ),
    orders(
        "a key leaves its stack and is retained",
        |t| {
            t.remove("OrdersKey");
            t.remove("OrdersKeyAlias");
        },
        // Its secrets lose the key that its stack handed over.
        &[Order, Altered, Removed],
    ),
    orders(
        "a key is deleted with its stack",
        |t| t.resource("OrdersKey")["DeletionPolicy"] = json!("Delete"),
        &[Weaker],
    ),
    orders(
        "a secret is retained when its first deployment fails",
        |t| t.resource("OrdersDbSecret")["DeletionPolicy"] = json!("Retain"),
        &[Stronger],
    ),
    orders(
        "a secret is deleted when it is replaced",
        |t| t.resource("OrdersDbSecret")["UpdateReplacePolicy"] = json!("Delete"),
        &[Weaker],
    ),
    orders(
        "a secret is no longer encrypted with a key of one's own",
        |t| t.unset("OrdersDbSecret", "KmsKeyId"),
        &[Broader, Weaker],
    ),
    orders(
        "passwords become shorter",
        |t| *t.part("OrdersDbSecret", "/GenerateSecretString/PasswordLength") = json!(8),
        &[Regenerated],
    ),
    orders("a replica is removed", |t| t.unset("OrdersDbSecret", "ReplicaRegions"), &[Narrower]),
    orders(
        "rotation is removed",
        |t| {
            t.remove("OrdersDbRotationSchedule");
        },
        &[RotationLost],
    ),
    orders(
        "rotation rotates at once",
        |t| t.set("OrdersDbRotationSchedule", "RotateImmediatelyOnUpdate", json!(true)),
        &[Altered],
    ),
    orders(
        "another function rotates",
        |t| {
            t.set(
                "OrdersDbRotationSchedule",
                "RotationLambdaARN",
                json!("arn:aws:lambda:eu-west-1:333333333333:function:other"),
            )
        },
        &[Altered],
    ),
    orders(
        "rotation becomes rarer",
        |t| *t.part("OrdersDbRotationSchedule", "/RotationRules/ScheduleExpression") = json!("rate(90 days)"),
        &[Weaker],
    ),
    orders(
        "the window of rotation changes",
        |t| *t.part("OrdersDbRotationSchedule", "/RotationRules/Duration") = json!("5h"),
        &[Altered],
    ),
    orders(
        "rotation no longer waits for its permission",
        |t| {
            t.resource("OrdersDbRotationSchedule").as_object_mut().unwrap().shift_remove("DependsOn");
        },
        &[Altered],
    ),
    // Watching.
    orders(
        "an alarm is removed",
        |t| {
            t.remove("RefusedReadsAlarm");
        },
        &[Weaker],
    ),
    orders("an alarm is silenced", |t| t.set("RefusedReadsAlarm", "ActionsEnabled", json!(false)), &[Weaker]),
    orders("an alarm tells nobody", |t| t.unset("RefusedReadsAlarm", "AlarmActions"), &[Weaker]),
    orders("a threshold is raised", |t| t.set("RefusedReadsAlarm", "Threshold", json!(1000)), &[Weaker]),
    orders(
        "a threshold is lowered",
        |t| t.set("RotatePostgresqlSingleDurationAlarm", "Threshold", json!(1)),
        &[Stronger],
    ),
    orders(
        "an alarm takes silence for good",
        |t| t.set("RootUsedAlarm", "TreatMissingData", json!("ignore")),
        &[Weaker],
    ),
    orders("a rule is disabled", |t| t.set("RotationFailedRule", "State", json!("DISABLED")), &[Weaker]),
    orders(
        "a rule watches fewer events",
        |t| {
            list(t.part("KeyDisabledRule", "/EventPattern/detail/eventName")).pop();
        },
        &[Weaker],
    ),
    orders(
        "a rule watches more events",
        |t| list(t.part("KeyDisabledRule", "/EventPattern/detail/eventName")).push(json!("PutKeyPolicy")),
        &[Stronger],
    ),
    orders(
        "a rule tells nobody",
        |t| {
            list(t.part("KeyDisabledRule", "/Targets")).pop();
        },
        &[Weaker],
    ),
    orders("a topic is no longer encrypted", |t| t.unset("PageTopic", "KmsMasterKeyId"), &[Weaker]),
    orders(
        "somebody else is told",
        |t| t.set("PageSubscription", "Endpoint", json!("other@example.com")),
        &[Altered],
    ),
    orders(
        "logs are kept for less time",
        |t| t.set("RotatePostgresqlSingleLogGroup", "RetentionInDays", json!(1)),
        &[Weaker],
    ),
    orders(
        "logs are no longer encrypted",
        |t| t.unset("RotatePostgresqlSingleLogGroup", "KmsKeyId"),
        &[Weaker],
    ),
    orders(
        "a log group is removed",
        |t| {
            t.remove("RotatePostgresqlSingleLogGroup");
        },
        &[DataLost],
    ),
    orders(
        "undelivered events are kept for less time",
        |t| t.set("UndeliveredEventsQueue", "MessageRetentionPeriod", json!(60)),
        &[Weaker],
    ),
    // Functions, names, whole templates.
    orders(
        "a function runs other code",
        |t| t.set("RotatePostgresqlSingleFunction", "Code", json!({ "ZipFile": "pass" })),
        &[Altered],
    ),
    orders(
        "a function runs under another role",
        |t| t.set("RotatePostgresqlSingleFunction", "Role", json!({ "Fn::GetAtt": ["ApiRole", "Arn"] })),
        &[Broader],
    ),
    orders(
        "a function has less time",
        |t| t.set("RotatePostgresqlSingleFunction", "Timeout", json!(1)),
        &[Weaker],
    ),
    orders(
        "a role gets another name",
        |t| t.set("ApiRole", "RoleName", json!("other")),
        &[Broader, Narrower, Replacement],
    ),
    orders(
        "a role changes its path and keeps its name",
        |t| t.set("ApiRole", "Path", json!("/other/")),
        &[Broader, Narrower, UpdateFails],
    ),
    orders(
        "a secret changes its logical id and keeps its name",
        |t| t.rename("PaymentProviderSecret", "Other"),
        &[UpdateFails, Removed, Added, Replacement, Altered],
    ),
    orders(
        "a resource changes its type",
        |t| t.resource("PageSubscription")["Type"] = json!("AWS::SQS::Queue"),
        &[UpdateFails],
    ),
    orders(
        "an alarm's description changes",
        |t| t.set("RefusedReadsAlarm", "AlarmDescription", json!("other")),
        &[],
    ),
    orders("a tag changes", |t| *t.part("PageTopic", "/Tags/0/Value") = json!("other"), &[]),
    orders(
        "a parameter is hidden",
        |t| {
            let parameters = t.home("RiskPartnerRole")["Parameters"].as_object_mut().unwrap();
            parameters.values_mut().for_each(|it| it["NoEcho"] = json!(true));
        },
        &[Stronger],
    ),
    orders(
        "an export goes away",
        |t| {
            t.home("OrdersKey")["Outputs"].as_object_mut().unwrap().shift_remove("OrdersKeyArn");
        },
        &[UpdateFails, Altered, Narrower],
    ),
    orders(
        "a parameter without default is added",
        |t| t.home("OrdersKey")["Parameters"] = json!({ "New": { "Type": "String" } }),
        &[Order],
    ),
    orders(
        "a transform is added",
        |t| t.home("ApiRole")["Transform"] = json!("Company::Macro"),
        &[Undecided],
    ),
    orders(
        "a type that is not known is added",
        |t| t.add("ApiRole", "Thing", json!({ "Type": "Company::Thing::Kind", "Properties": {} })),
        &[Added],
    ),
    orders(
        "a key moves and the old one goes in one step",
        key_moves_at_once,
        &[Altered, Order, Removed, Added],
    ),
];

fn key_moves_at_once(t: &mut Templates) {
    let mut key = t.remove("OrdersKey");
    key["Properties"]["Description"] = json!("another");
    t.add("AlertsKey", "AnotherKey", key);
    let home = t.home("AlertsKey");
    let text = serde_json::to_string(home).unwrap().replace("\"OrdersKey\"", "\"AnotherKey\"");
    *home = serde_json::from_str(&text).unwrap();
}
