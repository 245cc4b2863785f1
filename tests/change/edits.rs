//! The table of edits: what is done to which templates, and what it comes to.

use keyprint::change::Class;
use serde_json::{Value, json};

use crate::template::{Templates, list};

/// An edit and the classes that it comes to, those apart that weigh nothing.
pub(crate) struct Edit {
    /// Whose templates: `orders`, of the shipped blueprint, or `cdk`, of a template that aws-cdk-lib made.
    pub(crate) of: &'static str,
    pub(crate) name: &'static str,
    pub(crate) change: fn(&mut Templates),
    pub(crate) comes_to: &'static [Class],
}

const fn orders(name: &'static str, change: fn(&mut Templates), comes_to: &'static [Class]) -> Edit {
    Edit { of: "orders", name, change, comes_to }
}

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

use Class::{
    Added, Altered, Broader, DataLost, Foreign, Interruption, Narrower, Order, Public, Regenerated, Removed,
    Replacement, RotationLost, Stronger, Undecided, UpdateFails, Weaker,
};

pub(crate) const EDITS: &[Edit] = &[
    // The edits on which `cdk diff` was measured.
    cdk("a wide action list is narrowed", |t| narrowed(t), &[Narrower]),
    cdk("a statement is split in two", |t| split(t, ROLE_POLICY), &[]),
    cdk(
        "actions are reordered",
        |t| list(t.part(ROLE_POLICY, "/PolicyDocument/Statement/0/Action")).reverse(),
        &[],
    ),
    cdk("statements are reordered", |t| t.statements(KEY).reverse(), &[]),
    cdk("a deny is added", |t| denied(t), &[Narrower]),
    cdk("the condition of a trust is removed", |t| trust_without_condition(t), &[]),
    cdk(
        "the deny of deletion is removed",
        |t| {
            t.remove(SECRET_POLICY);
        },
        &[Broader],
    ),
    cdk("everybody may read, in the secret's policy", |t| open_secret(t), &[Public, Broader]),
    cdk("everybody may do everything, in the key's policy", |t| open_key(t), &[Public, Broader]),
    cdk("the endpoint gets a policy", |t| guard_endpoint(t), &[Narrower]),
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
    // Access by the policies of roles.
    orders("a consumer reads one more secret, as the compiler would have it", |t| reads_more(t), &[Broader]),
    orders(
        "a role's policy names one more secret, and the rest does not follow",
        |t| {
            list(&mut t.statement("ApiPolicy", "ReadSecrets")["Resource"])
                .push(json!({ "Ref": "PaymentProviderSecret" }));
        },
        &[Broader],
    ),
    orders(
        "an ARN is widened",
        |t| {
            t.statement("ApiPolicy", "ReadSecrets")["Resource"] = json!([{ "Fn::Sub": "arn:aws:secretsmanager:eu-west-1:333333333333:secret:orders/production/*" }]);
        },
        &[Broader],
    ),
    orders(
        "an action list is narrowed",
        |t| t.actions("CheckoutPolicy", "ReadSecrets").retain(|it| it != "secretsmanager:DescribeSecret"),
        &[Narrower],
    ),
    orders(
        "an action becomes a wildcard",
        |t| t.statement("ApiPolicy", "ReadSecrets")["Action"] = json!(["secretsmanager:*"]),
        &[Broader],
    ),
    orders(
        "wildcards are spelled out, and cover the same",
        |t| {
            t.statement("ApiPolicy", "ReadSecrets")["Action"] =
                json!(["secretsmanager:GetSecretValue", "secretsmanager:GetSecretValu?"])
        },
        &[],
    ),
    orders(
        "the case of an action changes",
        |t| t.statement("ApiPolicy", "ReadSecrets")["Action"] = json!(["SecretsManager:getsecretvalue"]),
        &[],
    ),
    orders("a statement of a role is split", |t| split(t, "CheckoutPolicy"), &[]),
    orders(
        "a statement of a role is duplicated",
        |t| {
            let it = t.statement("ApiPolicy", "ReadSecrets").clone();
            t.statements("ApiPolicy").push(it);
        },
        &[],
    ),
    orders("statements of a role are merged", |t| merged(t), &[]),
    orders(
        "a statement loses its name",
        |t| {
            t.statement("ApiPolicy", "ReadSecrets").as_object_mut().unwrap().shift_remove("Sid");
        },
        &[],
    ),
    orders("a statement moves to a second policy of the role", |t| moved(t), &[Added]),
    orders(
        "a reference is written as the ARN that it is",
        |t| {
            t.statement("CheckoutPolicy", "WriteLogs")["Resource"] = json!([{ "Fn::Join": ["", ["arn:aws:logs:", { "Ref": "AWS::Region" }, ":333333333333:log-group:/aws/lambda/orders-production-checkout:*"]] }]);
        },
        &[],
    ),
    orders(
        "decryption loses its encryption context",
        |t| {
            t.statement("ApiPolicy", "DecryptThroughSecretsManager")["Condition"]["StringEquals"]
                .as_object_mut()
                .unwrap()
                .shift_remove("kms:EncryptionContext:SecretARN");
        },
        &[Broader],
    ),
    orders(
        "decryption is no longer bound to Secrets Manager",
        |t| {
            t.statement("ApiPolicy", "DecryptThroughSecretsManager")["Condition"]["StringEquals"]
                .as_object_mut()
                .unwrap()
                .shift_remove("kms:ViaService");
        },
        &[Broader],
    ),
    orders(
        "a role may no longer decrypt",
        |t| t.drop_statement("ApiPolicy", "DecryptThroughSecretsManager"),
        &[Narrower],
    ),
    orders(
        "a role gets a permission elsewhere",
        |t| {
            t.statements("ApiPolicy")
                .push(json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }))
        },
        &[Broader],
    ),
    orders(
        "a deny of a role is removed",
        |t| t.drop_statement("CheckoutPolicy", "ManageInterfacesNotByCode"),
        &[Broader],
    ),
    orders(
        "a deny of a role gets a condition",
        |t| {
            t.statement("CheckoutPolicy", "ManageInterfacesNotByCode")["Condition"]["StringEquals"] =
                json!({ "aws:RequestedRegion": "eu-west-1" })
        },
        &[Broader],
    ),
    orders(
        "a role loses its policy",
        |t| {
            t.remove("ApiPolicy");
        },
        &[Narrower],
    ),
    orders(
        "a policy goes to another role",
        |t| t.set("ApiPolicy", "Roles", json!([{ "Ref": "NightlyEtlRole" }])),
        &[Narrower],
    ),
    orders(
        "a role gets an AWS managed policy",
        |t| t.set("ApiRole", "ManagedPolicyArns", json!(["arn:aws:iam::aws:policy/ReadOnlyAccess"])),
        &[Broader],
    ),
    orders("a role loses its boundary", |t| t.unset("ApiRole", "PermissionsBoundary"), &[Broader]),
    orders(
        "a role gets another boundary",
        |t| t.set("ApiRole", "PermissionsBoundary", json!("arn:aws:iam::333333333333:policy/other")),
        &[Undecided],
    ),
    orders("sessions become longer", |t| t.set("ApiRole", "MaxSessionDuration", json!(43200)), &[Weaker]),
    orders(
        "sessions of administrators become shorter",
        |t| t.set("AdministratorsRole", "MaxSessionDuration", json!(1800)),
        &[Stronger],
    ),
    orders("a new role reads a secret", |t| new_reader(t), &[Broader, Added]),
    orders(
        "a role is removed",
        |t| {
            t.remove("RiskPartnerPolicy");
            t.remove("RiskPartnerRole");
        },
        &[Narrower, Removed],
    ),
    // Trust.
    orders(
        "a trust loses a condition",
        |t| {
            t.statement("ApiRole", "Assume")["Condition"]["StringEquals"]
                .as_object_mut()
                .unwrap()
                .shift_remove("aws:RequestTag/kubernetes-service-account");
        },
        &[Broader],
    ),
    orders(
        "a partner's trust loses the external id",
        |t| {
            t.statement("RiskPartnerRole", "Assume")["Condition"]
                .as_object_mut()
                .unwrap()
                .shift_remove("StringEquals");
        },
        &[Foreign],
    ),
    orders(
        "a partner's trust loses the role",
        |t| {
            t.statement("RiskPartnerRole", "Assume")["Condition"]
                .as_object_mut()
                .unwrap()
                .shift_remove("ArnEquals");
        },
        &[Foreign],
    ),
    orders(
        "a trust admits another account",
        |t| {
            list(&mut t.statement("RiskPartnerRole", "Assume")["Principal"]["AWS"])
                .push(json!("arn:aws:iam::555555555555:role/RiskReader"))
        },
        &[],
    ),
    orders(
        "a trust admits everybody",
        |t| {
            t.statements("ApiRole")
                .push(json!({ "Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole" }))
        },
        &[Public],
    ),
    orders(
        "people no longer need MFA",
        |t| {
            t.statement("BreakGlassRole", "AssumeWithMfa").as_object_mut().unwrap().shift_remove("Condition");
        },
        &[Broader],
    ),
    orders(
        "a trust gets a condition",
        |t| {
            t.statement("ApiRole", "Assume")["Condition"]["StringEquals"]["aws:RequestTag/eks-cluster-name"] =
                json!(["main"])
        },
        &[Narrower],
    ),
    orders(
        "another service account gets a role",
        |t| t.set("ApiPodIdentityAssociation", "ServiceAccount", json!("other")),
        &[Broader, Replacement],
    ),
    // Policies of secrets.
    orders(
        "calls without TLS are no longer denied",
        |t| t.drop_statement("OrdersDbResourcePolicy", "DenyInsecureTransport"),
        &[Broader],
    ),
    orders(
        "the perimeter of the organisation is removed",
        |t| t.drop_statement("OrdersDbResourcePolicy", "DenyOutsideOrganization"),
        &[Broader],
    ),
    orders(
        "changes by others are no longer denied",
        |t| t.drop_statement("OrdersDbResourcePolicy", "DenyChangesByOthers"),
        &[Broader],
    ),
    orders(
        "readers see the pending version",
        |t| t.drop_statement("OrdersDbResourcePolicy", "DenyPendingVersion"),
        &[Broader],
    ),
    orders(
        "one more role may read the pending version",
        |t| {
            list(
                &mut t.statement("OrdersDbResourcePolicy", "DenyPendingVersion")["Condition"]["ArnNotEquals"]
                    ["aws:PrincipalArn"],
            )
            .push(json!("arn:aws:iam::333333333333:role/orders-production-api"))
        },
        &[Broader],
    ),
    orders(
        "a role that does not use it may change the secret",
        |t| {
            list(
                &mut t.statement("OrdersDbResourcePolicy", "DenyChangesByOthers")["Condition"]["ArnNotEquals"]
                    ["aws:PrincipalArn"],
            )
            .push(json!("arn:aws:iam::333333333333:role/orders-production-api"))
        },
        &[Broader],
    ),
    orders(
        "a deny names one action less",
        |t| {
            t.actions("OrdersDbResourcePolicy", "DenyChangesByOthers")
                .retain(|it| it != "secretsmanager:DeleteSecret")
        },
        &[Broader],
    ),
    orders(
        "a deny names one action more",
        |t| {
            t.actions("OrdersDbResourcePolicy", "DenyChangesByOthers")
                .push(json!("secretsmanager:RestoreSecret"))
        },
        &[Narrower],
    ),
    orders(
        "another account reads a secret",
        |t| {
            t.statements("OrdersDbResourcePolicy").push(json!({ "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::555555555555:root" }, "Action": "secretsmanager:GetSecretValue", "Resource": "*" }))
        },
        &[Foreign],
    ),
    orders(
        "the organisation reads a secret",
        |t| {
            t.statements("OrdersDbResourcePolicy").push(json!({ "Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*", "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } } }))
        },
        &[Foreign, Broader],
    ),
    orders(
        "a secret's policy is removed",
        |t| {
            t.remove("OrdersDbResourcePolicy");
        },
        &[Broader],
    ),
    orders(
        "a public policy is no longer refused",
        |t| t.set("OrdersDbResourcePolicy", "BlockPublicPolicy", json!(false)),
        &[Weaker],
    ),
    orders(
        "statements of a secret's policy are reordered",
        |t| t.statements("OrdersDbResourcePolicy").reverse(),
        &[],
    ),
    orders("a secret's policy is split", |t| split(t, "OrdersDbResourcePolicy"), &[]),
    // Policies of keys.
    orders(
        "the account may use the key",
        |t| {
            t.statements("OrdersKey").push(json!({ "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::333333333333:root" }, "Action": "kms:Decrypt", "Resource": "*" }))
        },
        &[Broader],
    ),
    orders(
        "another account may use the key",
        |t| {
            t.statements("OrdersKey").push(json!({ "Effect": "Allow", "Principal": { "AWS": "555555555555" }, "Action": "kms:Decrypt", "Resource": "*" }))
        },
        &[Foreign],
    ),
    orders("auditors may no longer look at the key", |t| t.drop_statement("OrdersKey", "Audit"), &[Narrower]),
    orders("nobody may read through the key", |t| t.drop_statement("OrdersKey", "Read"), &[Narrower]),
    orders(
        "administrators may make grants",
        |t| t.actions("OrdersKey", "Administration").push(json!("kms:CreateGrant")),
        &[Broader],
    ),
    orders("statements of a key's policy are reordered", |t| t.statements("OrdersKey").reverse(), &[]),
    // Endpoints, topics, queues, functions.
    orders(
        "an endpoint loses its policy",
        |t| t.unset("SecretsManagerEndpoint", "PolicyDocument"),
        &[Broader],
    ),
    orders(
        "an endpoint lets a role read another secret",
        |t| {
            list(&mut t.statement("SecretsManagerEndpoint", "Read2")["Resource"])
                .push(json!({ "Ref": "OrdersAdminSecret" }))
        },
        &[Broader],
    ),
    orders(
        "an endpoint no longer lets a role through",
        |t| t.drop_statement("SecretsManagerEndpoint", "Rotate"),
        &[Narrower],
    ),
    orders(
        "the endpoint is removed",
        |t| {
            t.remove("SecretsManagerEndpoint");
        },
        &[Weaker],
    ),
    orders(
        "the service's name no longer leads to the endpoint",
        |t| t.set("SecretsManagerEndpoint", "PrivateDnsEnabled", json!(false)),
        &[Weaker],
    ),
    orders(
        "anybody may publish alerts",
        |t| {
            t.statements("PageTopicPolicy").push(json!({ "Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": { "Ref": "PageTopic" } }))
        },
        &[Public],
    ),
    orders(
        "a topic's statement loses the account of its source",
        |t| {
            t.statement("PageTopicPolicy", "Alarms").as_object_mut().unwrap().shift_remove("Condition");
        },
        &[Broader],
    ),
    orders(
        "a queue no longer demands TLS",
        |t| t.drop_statement("UndeliveredEventsQueuePolicy", "DenyInsecureTransport"),
        &[Broader],
    ),
    orders(
        "a function may be invoked for any account",
        |t| t.unset("OrdersDbRotationPermission", "SourceAccount"),
        &[Broader],
    ),
    orders(
        "a function may be invoked by anybody",
        |t| t.set("OrdersDbRotationPermission", "Principal", json!("*")),
        &[Public],
    ),
    orders(
        "a way in is opened to addresses",
        |t| {
            t.unset("ApiEndpointIngress", "SourceSecurityGroupId");
            t.set("ApiEndpointIngress", "CidrIp", json!("0.0.0.0/0"));
        },
        &[Broader, Narrower],
    ),
    orders(
        "a way in gets another port",
        |t| {
            t.set("ApiEndpointIngress", "ToPort", json!(500));
        },
        &[Broader],
    ),
    orders(
        "a way in is removed",
        |t| {
            t.remove("ApiEndpointIngress");
        },
        &[Narrower],
    ),
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
        &[Removed],
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
        |t| key_moves_at_once(t),
        &[Altered, Order, Removed, Added],
    ),
];

fn narrowed(t: &mut Templates) {
    *t.part(ROLE_POLICY, "/PolicyDocument/Statement/0/Action") = json!(["secretsmanager:GetSecretValue"]);
}

/// Every statement with several actions becomes two.
fn split(t: &mut Templates, id: &str) {
    let statements = t.statements(id);
    let mut halves = Vec::new();
    for statement in statements.drain(..) {
        let actions = statement["Action"].as_array().cloned().unwrap_or_default();
        if actions.len() < 2 {
            halves.push(statement);
            continue;
        }
        let (first, second) = actions.split_at(1);
        for (half, sid) in [(first, "A"), (second, "B")] {
            let mut one = statement.clone();
            one["Action"] = Value::from(half.to_vec());
            one["Sid"] = json!(format!("{}{sid}", statement["Sid"].as_str().unwrap_or("S")));
            halves.push(one);
        }
    }
    *statements = halves;
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

/// What the compiler changes when `api` reads `orders-admin` too.
fn reads_more(t: &mut Templates) {
    let secret = json!({ "Ref": "OrdersAdminSecret" });
    list(&mut t.statement("ApiPolicy", "ReadSecrets")["Resource"]).push(secret.clone());
    let condition = &mut t.statement("ApiPolicy", "DecryptThroughSecretsManager")["Condition"];
    list(&mut condition["StringEquals"]["kms:EncryptionContext:SecretARN"]).push(secret);
    let mut statement = t.statement("OrdersKey", "Read").clone();
    let conditions = statement["Condition"].as_object_mut().unwrap();
    for block in conditions.values_mut() {
        if block.get("aws:PrincipalArn").is_some() {
            block["aws:PrincipalArn"] = json!(["arn:aws:iam::333333333333:role/orders-production-api"]);
        }
        if block.get("kms:EncryptionContext:SecretARN").is_some() {
            block["kms:EncryptionContext:SecretARN"] = json!([
                "arn:aws:secretsmanager:eu-west-1:333333333333:secret:orders/production/orders-admin-??????"
            ]);
        }
    }
    statement["Sid"] = json!("ReadMore");
    t.statements("OrdersKey").push(statement);
}

fn merged(t: &mut Templates) {
    let statements = t.statements("CheckoutPolicy");
    let read = statements.iter().find(|it| it["Sid"] == "ReadSecrets").unwrap().clone();
    statements.retain(|it| it["Sid"] != "ReadSecrets");
    for resource in read["Resource"].as_array().unwrap() {
        let mut one = read.clone();
        one["Sid"] = json!("");
        one.as_object_mut().unwrap().shift_remove("Sid");
        one["Resource"] = resource.clone();
        statements.push(one);
    }
}

fn moved(t: &mut Templates) {
    let statement = t.statement("CheckoutPolicy", "WriteLogs").clone();
    t.drop_statement("CheckoutPolicy", "WriteLogs");
    t.add("CheckoutPolicy", "SecondPolicy", json!({ "Type": "AWS::IAM::ManagedPolicy", "Properties": {
        "PolicyDocument": { "Version": "2012-10-17", "Statement": [statement] }, "Roles": [{ "Ref": "CheckoutRole" }] } }));
}

fn new_reader(t: &mut Templates) {
    t.add("ApiRole", "NewRole", json!({ "Type": "AWS::IAM::Role", "Properties": { "RoleName": "new",
        "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }] },
        "Policies": [{ "PolicyName": "p", "PolicyDocument": { "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": "secretsmanager:DescribeSecret", "Resource": { "Ref": "OrdersDbSecret" } }] } }] } }));
}

fn key_moves_at_once(t: &mut Templates) {
    let mut key = t.remove("OrdersKey");
    key["Properties"]["Description"] = json!("another");
    t.add("AlertsKey", "AnotherKey", key);
    let home = t.home("AlertsKey");
    let text = serde_json::to_string(home).unwrap().replace("\"OrdersKey\"", "\"AnotherKey\"");
    *home = serde_json::from_str(&text).unwrap();
}
