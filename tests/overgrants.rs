//! What widely used frameworks grant too much, or too little, is not in the shipped templates, and cannot come back unseen.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise and says its rate"
)]

mod shipped;

use std::collections::{BTreeMap, BTreeSet};

use keyprint::verify::guard::{Verdict, built_in};
use keyprint::verify::provider_schema;
use rayon::prelude::*;
use serde_json::{Value, json};

use shipped::unnoticed::UNNOTICED;
use shipped::{Workspace, access, references, strangers};

/// A change that puts a known fault into a template, and says whether the template had a place for it.
type Spoil = fn(&mut Value) -> bool;

/// Number and name of the fault, the change, and what must notice: a rule, or the trial of every grant.
type Fault = (&'static str, Spoil, &'static str);

/// The trial of every grant from end to end, which is no rule.
const ACCESS: &str = "access";

/// The trial of who is not meant, which is no rule either.
const STRANGERS: &str = "strangers";

const FAULTS: &[Fault] = &[
    ("1 everything to the account in the key policy", everything, "KEY_POLICY_GRANTS_NOT_EVERYTHING"),
    ("2 grants to the account through Secrets Manager", grants, "KEY_POLICY_ALLOWS_NO_GRANTS"),
    ("3 decryption of any secret, in the key policy", any_secret_in_key, "KEY_POLICY_BINDS_USE_TO_SECRETS"),
    ("3 decryption of any secret, in the role's policy", any_secret_in_role, "GRANT_DECRYPTS_NAMED_SECRETS"),
    ("3 no caller account in the key policy", any_caller, "KEY_POLICY_NAMES_CALLER_ACCOUNT"),
    ("4 data key pairs and re-encryption for writers", wide_writers, "KEY_POLICY_GRANTS_NO_WILDCARD_ACTION"),
    ("5 writers who move the secret to another key", moving_writers, "GRANT_MOVES_NO_SECRET"),
    ("6 readers of everything about a secret", wide_readers, "GRANT_HAS_NO_WILDCARD_ACTION"),
    ("7 administrators who create grants", granting_administrators, "KEY_POLICY_ALLOWS_NO_GRANTS"),
    ("8 rotation started by any account", any_starter, "ROTATION_PERMISSION_NAMES_SOURCE"),
    ("9 policies of AWS on a rotation role", policies_of_aws, "ROLE_TAKES_NO_AWS_POLICY"),
    ("9 rotation of every secret", every_secret, "GRANT_NAMES_ITS_SECRETS"),
    ("10 services trusted on behalf of anybody", bare_service, "TRUST_NAMES_SOURCE_ACCOUNT"),
    ("11 an endpoint without a policy", open_endpoint, "ENDPOINT_HAS_POLICY"),
    ("11 an endpoint for the whole VPC", endpoint_for_all, "GROUP_ADMITS_NO_ADDRESSES"),
    ("11 an endpoint that reaches everything", endpoint_to_all, "GROUP_EGRESS_IS_NARROW"),
    ("12 a rotation function that reaches everything", function_to_all, "GROUP_EGRESS_IS_NARROW"),
    ("12 no rule to the database", no_way_to_database, "references"),
    ("13 nothing but a denial of deletion", only_deletion, "SECRET_POLICY_DEMANDS_TLS"),
    ("13 no perimeter of the organisation", no_perimeter, STRANGERS),
    ("13 public access not blocked", public_access, "SECRET_POLICY_BLOCKS_PUBLIC_ACCESS"),
    ("14 secrets deleted with their stack", deleted, "SECRET_SURVIVES_STACK"),
    ("16 no key statement for a secret of others, in the role", no_key_in_role, ACCESS),
    ("16 no key statement for a secret of others, in the key", no_key_in_key, ACCESS),
    ("17 writers without decryption", writers_without_decryption, ACCESS),
    ("18 no key statement for a secret by name", no_key_by_name, ACCESS),
    ("19 no half of the grant in the other account", no_foreign_half, ACCESS),
];

#[test]
fn every_known_fault_is_absent_and_noticed_when_put_back() {
    let run = shipped::run(&shipped::blueprints(), true);
    assert!(!run.diagnostics.has_errors(), "{}", shipped::said(&run));
    let bench = Bench::new();
    let missed: Vec<String> = FAULTS
        .par_iter()
        .flat_map_iter(|(fault, spoil, witness)| {
            let mut missed = Vec::new();
            let mut places = 0;
            for at in 0..bench.shipped.templates.len() {
                let mut spoilt = bench.shipped.clone();
                if !spoil(&mut spoilt.templates[at].document) {
                    continue;
                }
                places += 1;
                let noticed: Vec<String> =
                    [judged, tried].iter().flat_map(|by| bench.noticed(&spoilt, at, *by)).collect();
                if !noticed.iter().any(|said| said.starts_with(witness)) {
                    missed.push(format!("{fault}, in {}: {noticed:?}", spoilt.templates[at].path));
                }
            }
            if places == 0 {
                missed.push(format!("{fault}: no shipped template has a place for it"));
            }
            missed
        })
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

/// The share of parts, in percent, whose removal must be noticed.
const FLOOR: usize = 50;

/// How many templates are tried for each part.
const TRIALS: usize = 2;

/// Takes every property, attribute, statement and condition away once, and counts what is noticed. Snapshots would notice
/// everything; here they are left aside.
#[test]
fn what_is_taken_away_is_noticed() {
    let bench = Bench::new();
    let mut parts: BTreeMap<String, Vec<(usize, String)>> = BTreeMap::new();
    for (at, template) in bench.shipped.templates.iter().enumerate() {
        for (part, pointer) in removable(&template.document) {
            let places = parts.entry(part).or_default();
            if places.len() < TRIALS && places.last().is_none_or(|(last, _)| *last != at) {
                places.push((at, pointer));
            }
        }
    }
    let unnoticed: Vec<&String> = parts
        .par_iter()
        .filter(|(_, places)| {
            places.iter().any(|(at, pointer)| {
                let mut spoilt = bench.shipped.clone();
                remove(&mut spoilt.templates[*at].document, pointer);
                [judged, tried].iter().all(|by| bench.noticed(&spoilt, *at, *by).is_empty())
            })
        })
        .map(|(part, _)| part)
        .collect();
    let excused = |part: &str| UNNOTICED.iter().any(|(known, _)| matches_part(known, part));
    let unexplained: Vec<&&String> = unnoticed.iter().filter(|part| !excused(part)).collect();
    let idle: Vec<&str> = UNNOTICED
        .iter()
        .map(|(known, _)| *known)
        .filter(|known| !unnoticed.iter().any(|part| matches_part(known, part)))
        .collect();
    let noticed = parts.len() - unnoticed.len();
    let share = 100 * noticed / parts.len();
    println!("of {} kinds of part, the removal of {noticed} is noticed: {share} %", parts.len());
    assert!(unexplained.is_empty(), "nothing notices the removal of {unexplained:#?}");
    assert!(idle.is_empty(), "excused, but noticed: {idle:#?}");
    assert!(share >= FLOOR, "{share} %");
}

/// Whether a line of the table speaks of a part; a star stands for anything.
fn matches_part(known: &str, part: &str) -> bool {
    let (stem, pattern) = known.split_once('*').unwrap_or((known, ""));
    let Some(rest) = part.strip_prefix(stem) else { return false };
    if stem == known {
        return rest.is_empty();
    }
    (0..=rest.len())
        .any(|at| rest.get(at..).is_some_and(|rest| pattern.is_empty() || matches_part(pattern, rest)))
}

/// What can be taken away from a template: the kind of part, and a JSON pointer.
fn removable(document: &Value) -> Vec<(String, String)> {
    let mut parts = Vec::new();
    for (id, resource) in document["Resources"].as_object().unwrap() {
        let kind = resource["Type"].as_str().unwrap();
        // `Delete` is what CloudFormation does without being told.
        let attributes =
            resource.as_object().unwrap().iter().filter(|(name, value)| {
                !["Type", "Properties"].contains(&name.as_str()) && *value != "Delete"
            });
        for (name, _) in attributes {
            parts.push((format!("{kind} {name}"), format!("/Resources/{id}/{name}")));
        }
        for (name, property) in resource["Properties"].as_object().unwrap() {
            let pointer = format!("/Resources/{id}/Properties/{name}");
            parts.push((format!("{kind}.{name}"), pointer.clone()));
            let statements = property["Statement"].as_array();
            for (position, statement) in statements.into_iter().flatten().enumerate() {
                let sid =
                    statement["Sid"].as_str().unwrap().trim_end_matches(|last: char| last.is_ascii_digit());
                let part = format!("{kind}.{name}[{sid}]");
                let pointer = format!("{pointer}/Statement/{position}");
                parts.push((part.clone(), pointer.clone()));
                for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
                    for key in keys.as_object().unwrap().keys() {
                        // The name of an identity provider stands before the colon of its keys.
                        let short = key.rsplit_once('/').map_or(key.as_str(), |(_, last)| last);
                        let escaped = key.replace('~', "~0").replace('/', "~1");
                        parts.push((
                            format!("{part} {operator} {short}"),
                            format!("{pointer}/Condition/{operator}/{escaped}"),
                        ));
                    }
                }
            }
        }
    }
    parts
}

/// Takes away what a pointer leads to, and conditions that are empty then.
fn remove(document: &mut Value, pointer: &str) {
    let (holder, last) = pointer.rsplit_once('/').unwrap();
    let name = last.replace("~1", "/").replace("~0", "~");
    let emptied = match document.pointer_mut(holder).unwrap() {
        Value::Array(items) => {
            items.remove(name.parse().unwrap());
            false
        }
        Value::Object(members) => {
            members.remove(&name);
            members.is_empty()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => panic!("{pointer}"),
    };
    if emptied && holder.contains("/Condition") {
        remove(document, holder);
    }
}

/// The shipped templates, with what rules say of them already: the blueprints' waivers accept it.
struct Bench {
    shipped: Workspace,
    accepted: Vec<BTreeSet<String>>,
}

impl Bench {
    fn new() -> Self {
        let shipped = shipped::shipped();
        let accepted =
            (0..shipped.templates.len()).map(|at| judged(&shipped, at).into_iter().collect()).collect();
        assert_eq!(tried(&shipped, 0), Vec::<String>::new());
        Self { shipped, accepted }
    }

    /// What is said of a spoilt template that is not said of the shipped one.
    fn noticed(
        &self,
        spoilt: &Workspace,
        at: usize,
        by: fn(&Workspace, usize) -> Vec<String>,
    ) -> Vec<String> {
        by(spoilt, at).into_iter().filter(|said| !self.accepted[at].contains(said)).collect()
    }
}

/// What the tests' own trials of references, grants and strangers say of a workspace.
fn tried(workspace: &Workspace, _: usize) -> Vec<String> {
    let trials = [
        ("references", references::problems(workspace)),
        (ACCESS, access::problems(workspace)),
        (STRANGERS, strangers::problems(workspace)),
    ];
    trials
        .into_iter()
        .flat_map(|(name, said)| said.into_iter().map(move |said| format!("{name}: {said}")))
        .collect()
}

/// What rules and schemas say of a template.
fn judged(workspace: &Workspace, at: usize) -> Vec<String> {
    let template = &workspace.templates[at];
    let mut said = Vec::new();
    for outcome in built_in().unwrap().evaluate(&template.document).unwrap() {
        match outcome.verdict {
            Verdict::Fail { findings } => {
                said.extend(
                    findings.into_iter().map(|finding| format!("{} at {}", outcome.rule, finding.pointer)),
                );
            }
            Verdict::Undecided { reason } => said.push(format!("{}: {reason}", outcome.rule)),
            Verdict::Pass | Verdict::NotApplicable { .. } => {}
        }
    }
    for (id, resource) in template.resources() {
        let found = provider_schema::check(resource["Type"].as_str().unwrap(), &resource["Properties"]);
        said.extend(found.unwrap().into_iter().map(|finding| format!("schema: {id}: {}", finding.message)));
    }
    said
}

fn resources<'a>(document: &'a mut Value, kind: &'static str) -> impl Iterator<Item = &'a mut Value> {
    let all = document["Resources"].as_object_mut().unwrap();
    all.values_mut().filter(move |resource| resource["Type"] == kind)
}

fn first<'a>(document: &'a mut Value, kind: &'static str) -> Option<&'a mut Value> {
    resources(document, kind).next()
}

/// The statements of all documents of a kind.
fn all_statements<'a>(
    document: &'a mut Value,
    kind: &'static str,
    policy: &'static str,
) -> impl Iterator<Item = &'a mut Value> {
    resources(document, kind)
        .flat_map(move |resource| resource["Properties"][policy]["Statement"].as_array_mut().unwrap())
}

/// The first statement whose id begins so.
fn statement<'a>(
    document: &'a mut Value,
    (kind, policy): (&'static str, &'static str),
    stem: &str,
) -> Option<&'a mut Value> {
    all_statements(document, kind, policy)
        .find(|statement| statement["Sid"].as_str().unwrap().starts_with(stem))
}

const KEY: (&str, &str) = ("AWS::KMS::Key", "KeyPolicy");
const ROLE: (&str, &str) = ("AWS::IAM::ManagedPolicy", "PolicyDocument");

fn root() -> Value {
    json!({ "AWS": [{ "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" }] })
}

fn push(list: &mut Value, items: &[&str]) {
    list.as_array_mut().unwrap().extend(items.iter().map(|item| json!(item)));
}

fn drop_condition(statement: &mut Value, key: &str) -> bool {
    let operators = statement["Condition"].as_object_mut().unwrap();
    let dropped = operators.values_mut().map(|keys| keys.as_object_mut().unwrap().remove(key).is_some());
    dropped.filter(|dropped| *dropped).count() > 0
}

/// Removes statements whose id begins so from the first document that has one.
fn drop_statements(document: &mut Value, (kind, policy): (&'static str, &'static str), stem: &str) -> bool {
    resources(document, kind).any(|resource| {
        let statements = resource["Properties"][policy]["Statement"].as_array_mut().unwrap();
        let before = statements.len();
        statements.retain(|statement| !statement["Sid"].as_str().unwrap().starts_with(stem));
        statements.len() < before
    })
}

fn add_to_key(document: &mut Value, statement: Value) -> bool {
    let Some(key) = first(document, "AWS::KMS::Key") else { return false };
    key["Properties"]["KeyPolicy"]["Statement"].as_array_mut().unwrap().push(statement);
    true
}

fn everything(document: &mut Value) -> bool {
    let statement = json!({ "Sid": "Enable", "Effect": "Allow", "Principal": root(), "Action": ["kms:*"], "Resource": ["*"] });
    add_to_key(document, statement)
}

fn grants(document: &mut Value) -> bool {
    let via = json!({ "StringEquals": { "kms:ViaService": ["secretsmanager.eu-west-1.amazonaws.com"] } });
    let actions = [
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    ];
    let statement = json!({ "Sid": "Via", "Effect": "Allow", "Principal": root(), "Action": actions, "Resource": ["*"], "Condition": via });
    add_to_key(document, statement)
}

fn any_secret_in_key(document: &mut Value) -> bool {
    let found = statement(document, KEY, "Read");
    found.is_some_and(|statement| drop_condition(statement, "kms:EncryptionContext:SecretARN"))
}

fn any_secret_in_role(document: &mut Value) -> bool {
    let found = statement(document, ROLE, "DecryptThroughSecretsManager");
    found.is_some_and(|statement| drop_condition(statement, "kms:EncryptionContext:SecretARN"))
}

fn any_caller(document: &mut Value) -> bool {
    statement(document, KEY, "Read").is_some_and(|statement| drop_condition(statement, "kms:CallerAccount"))
}

fn wide_writers(document: &mut Value) -> bool {
    let Some(statement) = statement(document, KEY, "Write") else { return false };
    push(&mut statement["Action"], &["kms:Encrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"]);
    true
}

fn moving_writers(document: &mut Value) -> bool {
    let Some(statement) = statement(document, ROLE, "WriteSecrets") else { return false };
    push(&mut statement["Action"], &["secretsmanager:UpdateSecret"]);
    true
}

fn wide_readers(document: &mut Value) -> bool {
    let Some(statement) = statement(document, ROLE, "ReadSecrets") else { return false };
    push(&mut statement["Action"], &["secretsmanager:Get*", "secretsmanager:Describe*"]);
    true
}

fn granting_administrators(document: &mut Value) -> bool {
    let Some(statement) = statement(document, KEY, "Administration") else { return false };
    push(&mut statement["Action"], &["kms:Create*", "kms:Put*", "kms:Get*", "kms:Delete*", "kms:Revoke*"]);
    true
}

fn any_starter(document: &mut Value) -> bool {
    let resources = document["Resources"].as_object_mut().unwrap().values_mut();
    let mut found = resources.filter(|it| it["Properties"]["Principal"] == "secretsmanager.amazonaws.com");
    found.next().is_some_and(|it| it["Properties"].as_object_mut().unwrap().remove("SourceAccount").is_some())
}

fn policies_of_aws(document: &mut Value) -> bool {
    let Some(role) = first(document, "AWS::IAM::Role") else { return false };
    let policy = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole";
    role["Properties"]["ManagedPolicyArns"] = json!([{ "Fn::Sub": policy }]);
    true
}

fn every_secret(document: &mut Value) -> bool {
    let Some(statement) = statement(document, ROLE, "RotateSecrets") else { return false };
    let all = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*";
    statement["Resource"] = json!([{ "Fn::Sub": all }]);
    true
}

fn bare_service(document: &mut Value) -> bool {
    let found = all_statements(document, "AWS::IAM::Role", "AssumeRolePolicyDocument")
        .find(|statement| !statement["Condition"]["StringEquals"]["aws:SourceAccount"].is_null());
    found.is_some_and(|statement| statement.as_object_mut().unwrap().remove("Condition").is_some())
}

fn open_endpoint(document: &mut Value) -> bool {
    let found = first(document, "AWS::EC2::VPCEndpoint");
    found.is_some_and(|it| it["Properties"].as_object_mut().unwrap().remove("PolicyDocument").is_some())
}

/// The security group whose logical id ends so.
fn group<'a>(document: &'a mut Value, end: &str) -> Option<&'a mut Value> {
    let all = document["Resources"].as_object_mut().unwrap();
    all.iter_mut()
        .find(|(id, it)| it["Type"] == "AWS::EC2::SecurityGroup" && id.ends_with(end))
        .map(|(_, it)| it)
}

fn endpoint_for_all(document: &mut Value) -> bool {
    let Some(group) = group(document, "EndpointSecurityGroup") else { return false };
    let rule = json!({ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/16" });
    group["Properties"]["SecurityGroupIngress"] = json!([rule]);
    true
}

fn to_all(group: Option<&mut Value>) -> bool {
    let Some(group) = group else { return false };
    group["Properties"]["SecurityGroupEgress"] = json!([{ "IpProtocol": "-1", "CidrIp": "0.0.0.0/0" }]);
    true
}

fn endpoint_to_all(document: &mut Value) -> bool {
    to_all(group(document, "EndpointSecurityGroup"))
}

fn function_to_all(document: &mut Value) -> bool {
    let all = document["Resources"].as_object_mut().unwrap();
    let found = all.iter_mut().find(|(id, _)| id.starts_with("Rotate") && id.ends_with("SecurityGroup"));
    to_all(found.map(|(_, group)| group))
}

fn no_way_to_database(document: &mut Value) -> bool {
    let all = document["Resources"].as_object_mut().unwrap();
    let found = all
        .keys()
        .find(|id| id.starts_with("Rotate") && id.contains("Sg0") && id.ends_with("Ingress"))
        .cloned();
    found.is_some_and(|id| all.remove(&id).is_some())
}

fn only_deletion(document: &mut Value) -> bool {
    let Some(policy) = first(document, "AWS::SecretsManager::ResourcePolicy") else { return false };
    policy["Properties"]["ResourcePolicy"]["Statement"] = json!([
        { "Sid": "Deny", "Effect": "Deny", "Principal": root(), "Action": ["secretsmanager:DeleteSecret"], "Resource": ["*"] }
    ]);
    true
}

fn no_perimeter(document: &mut Value) -> bool {
    drop_statements(
        document,
        ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy"),
        "DenyOutsideOrganization",
    )
}

fn public_access(document: &mut Value) -> bool {
    let found = first(document, "AWS::SecretsManager::ResourcePolicy");
    found.is_some_and(|it| it["Properties"].as_object_mut().unwrap().remove("BlockPublicPolicy").is_some())
}

fn deleted(document: &mut Value) -> bool {
    let Some(secret) = first(document, "AWS::SecretsManager::Secret") else { return false };
    secret["DeletionPolicy"] = json!("Delete");
    true
}

fn reads_by_name(document: &Value) -> bool {
    document.to_string().contains("-??????")
}

fn no_key_in_role(document: &mut Value) -> bool {
    let others =
        document["Parameters"].as_object().is_some_and(|all| all.keys().any(|name| name.ends_with("KeyArn")));
    others && drop_statements(document, ROLE, "DecryptThroughSecretsManager")
}

fn no_key_in_key(document: &mut Value) -> bool {
    drop_statements(document, KEY, "Read")
}

fn writers_without_decryption(document: &mut Value) -> bool {
    let Some(statement) = statement(document, ROLE, "EncryptThroughSecretsManager") else { return false };
    statement["Action"] = json!(["kms:GenerateDataKey"]);
    true
}

fn no_key_by_name(document: &mut Value) -> bool {
    let imports = document.to_string().contains("\"Fn::ImportValue\":\"sources-");
    imports && reads_by_name(document) && drop_statements(document, ROLE, "DecryptThroughSecretsManager")
}

fn no_foreign_half(document: &mut Value) -> bool {
    let foreign = document["Parameters"]["PartnerKeyArn"].is_object();
    foreign && drop_statements(document, ROLE, "ReadSecrets")
}
