//! The provider schemas: all there, all usable, and what they find is right and names no value.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeSet;
use std::path::Path;

use keyprint::verify::provider_schema::{SchemaError, SchemaFinding, check, property_lists, types};
use serde_json::{Value, json};

#[expect(clippy::disallowed_methods, reason = "tests read their inputs")]
fn json_files(folder: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        files.push((name, serde_json::from_str(&text).unwrap()));
    }
    files.sort_by(|left, right| left.0.cmp(&right.0));
    files
}

fn findings(type_name: &str, properties: &Value) -> Vec<(String, String)> {
    let found = check(type_name, properties).unwrap();
    found.into_iter().map(|SchemaFinding { pointer, message }| (pointer, message)).collect()
}

fn only(type_name: &str, properties: &Value) -> (String, String) {
    let mut found = findings(type_name, properties);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn at(pointer: &str, message: &str) -> (String, String) {
    (String::from(pointer), String::from(message))
}

fn secret() -> Value {
    json!({
        "Name": "orders/prod/db",
        "KmsKeyId": { "Fn::ImportValue": "orders-prod-OrdersKeyArn" },
        "GenerateSecretString": { "SecretStringTemplate": { "Fn::Sub": "{\"host\": \"${Host}\"}" }, "PasswordLength": 32 },
        "ReplicaRegions": [{ "Region": "eu-central-1", "KmsKeyId": "alias/orders" }],
        "Tags": [{ "Key": "owner", "Value": { "Ref": "Owner" } }]
    })
}

#[test]
fn every_file_is_listed_and_every_listed_type_has_its_file() {
    let files = json_files("schemas/cloudformation");
    let named: BTreeSet<String> = files.iter().map(|(name, _)| name.replace('-', "::")).collect();
    let listed: BTreeSet<String> = types().into_iter().map(str::to_owned).collect();
    assert_eq!(named, listed);
    assert!(types().is_sorted());
    for (name, schema) in files {
        assert_eq!(schema["typeName"], Value::String(name.replace('-', "::")));
        let comment = schema["$comment"].as_str().unwrap();
        assert!(comment.contains("Source: ") && comment.contains("Read on "), "{name}: {comment}");
        assert_eq!(schema["additionalProperties"], Value::Bool(false), "{name}");
    }
}

#[test]
fn every_schema_compiles_and_refuses_an_unknown_property() {
    for type_name in types() {
        let found = check(type_name, &json!({ "NoSuchProperty": 1 })).unwrap();
        assert!(
            found.iter().any(|finding| finding.message == "`NoSuchProperty` is no property here"),
            "{type_name}: {found:?}"
        );
    }
}

#[test]
fn every_pattern_of_every_schema_is_usable() {
    fn patterns(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("pattern").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|member| patterns(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| patterns(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = Vec::new();
    json_files("schemas/cloudformation").iter().for_each(|(_, schema)| patterns(schema, &mut found));
    assert!(found.len() > 40);
    for pattern in found {
        let schema = json!({ "$schema": "http://json-schema.org/draft-07/schema#", "pattern": pattern });
        assert!(jsonschema::draft7::new(&schema).is_ok(), "{pattern}");
    }
}

#[test]
fn a_type_without_a_schema_is_no_pass() {
    assert_eq!(check("AWS::S3::Bucket", &json!({})), Err(SchemaError::UnknownType));
    assert_eq!(check("", &json!({})), Err(SchemaError::UnknownType));
}

#[test]
fn conforming_properties_have_no_finding() {
    assert_eq!(findings("AWS::SecretsManager::Secret", &secret()), []);
}

#[test]
fn each_way_of_not_conforming_is_told_without_the_value() {
    let name = "AWS::SecretsManager::Secret";
    let with = |pointer: &str, value: Value| {
        let mut changed = secret();
        *changed.pointer_mut(pointer).unwrap() = value;
        only(name, &changed)
    };
    assert_eq!(with("/Name", json!(7)), at("/Name", "not of type string"));
    assert_eq!(with("/Name", json!("hunter2".repeat(100))), at("/Name", "longer than 512 characters"));
    assert_eq!(with("/Name", json!("")), at("/Name", "shorter than 1 characters"));
    assert_eq!(with("/Tags/0", json!({ "Key": "a" })), at("/Tags/0", "property `Value` is missing"));
    let misplaced = with("/ReplicaRegions/0", json!({ "Region": "eu-west-1", "KmsKey": "k" }));
    assert_eq!(misplaced, at("/ReplicaRegions/0", "`KmsKey` is no property here"));
    assert_eq!(
        only("AWS::KMS::Alias", &json!({ "AliasName": "hunter2", "TargetKeyId": "k" })),
        at("/AliasName", "does not match the pattern ^(alias/)[a-zA-Z0-9:/_-]+$")
    );
    assert_eq!(
        only("AWS::KMS::Key", &json!({ "KeyPolicy": {}, "RotationPeriodInDays": 30 })),
        at("/RotationPeriodInDays", "less than 90")
    );
    let mut key = json!({ "KeyPolicy": {}, "PendingWindowInDays": 31 });
    assert_eq!(only("AWS::KMS::Key", &key), at("/PendingWindowInDays", "more than 30"));
    key["PendingWindowInDays"] = json!(30);
    key["KeyUsage"] = json!("hunter2");
    let (pointer, message) = only("AWS::KMS::Key", &key);
    assert_eq!(pointer, "/KeyUsage");
    assert!(message.starts_with("not one of [") && !message.contains("hunter2"), "{message}");
}

#[test]
fn properties_that_exclude_each_other_are_found() {
    let ingress = |extra: Value| {
        let mut properties = json!({ "IpProtocol": "tcp", "GroupId": "sg-1" });
        properties.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        findings("AWS::EC2::SecurityGroupIngress", &properties)
    };
    assert_eq!(ingress(json!({ "SourceSecurityGroupId": { "Ref": "Group" } })), []);
    let both = ingress(json!({ "SourceSecurityGroupId": "sg-2", "CidrIp": "10.0.0.0/8" }));
    assert_eq!(both, [at("", "properties are given together that exclude each other")]);
    assert_eq!(ingress(json!({})), [at("", "none of the properties is given of which one is needed")]);
}

#[test]
fn an_intrinsic_stands_for_a_scalar_or_a_list_and_for_nothing_else() {
    let schedule = json!({
        "SecretId": { "Ref": "OrdersDbSecret" },
        "RotateImmediatelyOnUpdate": { "Fn::If": ["AtOnce", true, false] },
        "RotationLambdaARN": { "Fn::GetAtt": ["Function", "Arn"] },
        "RotationRules": { "ScheduleExpression": { "Ref": "Schedule" } }
    });
    assert_eq!(findings("AWS::SecretsManager::RotationSchedule", &schedule), []);
    let mut endpoint = json!({ "VpcId": { "Ref": "VpcId" }, "SubnetIds": { "Ref": "SubnetIds" } });
    assert_eq!(findings("AWS::EC2::VPCEndpoint", &endpoint), []);
    endpoint["SubnetIds"] = json!({ "Reference": "SubnetIds" });
    assert_eq!(only("AWS::EC2::VPCEndpoint", &endpoint), at("/SubnetIds", "not of type array"));
    let object = json!({ "SecretId": "s", "RotationRules": { "Ref": "Rules" } });
    assert_eq!(
        only("AWS::SecretsManager::RotationSchedule", &object),
        at("/RotationRules", "`Ref` is no property here")
    );
}

#[test]
fn malformed_intrinsics_are_found_wherever_they_are() {
    let document = |value: Value| json!({ "ManagedPolicyName": "orders", "PolicyDocument": { "Statement": [{ "Resource": [value] }] } });
    let name = "AWS::IAM::ManagedPolicy";
    let place = "/PolicyDocument/Statement/0/Resource/0";
    let told = |value: Value, key: &str| {
        let (pointer, message) = only(name, &document(value));
        assert_eq!(pointer, format!("{place}/{key}"));
        message
    };
    assert_eq!(told(json!({ "Ref": ["A"] }), "Ref"), "`Ref` needs a logical id");
    assert_eq!(
        told(json!({ "Fn::GetAtt": ["A"] }), "Fn::GetAtt"),
        "`Fn::GetAtt` needs a logical id and an attribute"
    );
    assert_eq!(told(json!({ "Fn::Sub": 1 }), "Fn::Sub"), "`Fn::Sub` needs a text, or a text and a map");
    assert_eq!(told(json!({ "Fn::Subst": "a" }), "Fn::Subst"), "`Fn::Subst` is no intrinsic function");
    let beside = told(json!({ "Ref": "A", "Value": 1 }), "Ref");
    assert_eq!(beside, "`Ref` stands beside other keys, where an intrinsic function must stand alone");
    assert_eq!(findings(name, &document(json!({ "Fn::Sub": ["${A}", { "A": { "Ref": "B" } }] }))), []);
}

#[test]
fn the_lists_for_change_review_are_kept() {
    let secret = property_lists("AWS::SecretsManager::Secret").unwrap();
    assert_eq!(secret.create_only, ["/properties/Name"]);
    assert_eq!(secret.read_only, ["/properties/Id"]);
    assert!(secret.write_only.contains(&String::from("/properties/GenerateSecretString")));
    assert!(property_lists("AWS::KMS::Key").unwrap().attributes.contains(&String::from("Arn")));
    assert_eq!(property_lists("AWS::S3::Bucket"), Err(SchemaError::UnknownType));
}

#[test]
fn the_inputs_of_the_guard_rules_conform() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guard");
    #[expect(clippy::disallowed_methods, reason = "tests read their inputs")]
    let rules = std::fs::read_dir(folder).unwrap();
    let mut wrong = Vec::new();
    for rule in rules {
        let rule = rule.unwrap().file_name().to_string_lossy().into_owned();
        for (input, template) in json_files(&format!("tests/guard/{rule}")) {
            if input == "fail" {
                continue;
            }
            for (id, resource) in template["Resources"].as_object().unwrap() {
                let found = check(resource["Type"].as_str().unwrap(), &resource["Properties"]).unwrap();
                wrong.extend(found.into_iter().map(|finding| format!("{rule}/{input} {id}: {finding:?}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
