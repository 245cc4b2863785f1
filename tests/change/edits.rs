//! Edits of access: what is done to which templates, and what it comes to.

use keyprint::change::Class;
use serde_json::json;

use crate::template::{Templates, list};

/// An edit and the classes that it comes to, those apart that weigh nothing.
pub(crate) struct Edit {
    /// Whose templates: `orders`, of the shipped blueprint, or `cdk`, of a template that aws-cdk-lib made.
    pub(crate) of: &'static str,
    pub(crate) name: &'static str,
    pub(crate) change: fn(&mut Templates),
    pub(crate) comes_to: &'static [Class],
}

pub(crate) const fn orders(
    name: &'static str,
    change: fn(&mut Templates),
    comes_to: &'static [Class],
) -> Edit {
    Edit { of: "orders", name, change, comes_to }
}

use Class::{Added, Broader, Foreign, Narrower, Public, Removed, Replacement, Stronger, Undecided, Weaker};

pub(crate) const EDITS: &[Edit] = &[
    // Access by the policies of roles.
    orders("a consumer reads one more secret, as the compiler would have it", reads_more, &[Broader]),
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
    orders("a statement of a role is split", |t| Templates::split(t, "CheckoutPolicy"), &[]),
    orders(
        "a statement of a role is duplicated",
        |t| {
            let it = t.statement("ApiPolicy", "ReadSecrets").clone();
            t.statements("ApiPolicy").push(it);
        },
        &[],
    ),
    orders("statements of a role are merged", merged, &[]),
    orders(
        "a statement loses its name",
        |t| {
            t.statement("ApiPolicy", "ReadSecrets").as_object_mut().unwrap().shift_remove("Sid");
        },
        &[],
    ),
    orders("a statement moves to a second policy of the role", moved, &[Added]),
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
    orders("a new role reads a secret", new_reader, &[Broader, Added]),
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
                .push(json!("secretsmanager:ListSecretVersionIds"))
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
    orders("a secret's policy is split", |t| Templates::split(t, "OrdersDbResourcePolicy"), &[]),
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
];

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
