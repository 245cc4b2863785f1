//! Whether the policies on keys and secrets keep out who is not meant, even when IAM allows him everything.

use std::collections::BTreeSet;

use super::access::{Attempt, Call};
use super::{Template, Workspace, statements, words};

const USES: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey"];
const CONTROLS: [&str; 3] = ["kms:DescribeKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"];

/// The shipped applications whose blueprints name their organisation.
const WITHIN_ORGANIZATION: [&str; 5] = ["orders", "platform", "shop", "sources", "warehouse"];

/// An account that no blueprint names.
const ELSEWHERE: &str = "000000000000";

/// Every way past a policy.
pub(crate) fn problems(workspace: &Workspace) -> Vec<String> {
    let attempt = Attempt::new(workspace);
    let mut problems = Vec::new();
    for policy in attempt.keys.values() {
        control(&attempt, *policy, &mut problems);
    }
    for (arn, secret) in &attempt.secrets {
        if let Some(&key) = attempt.keys.get(&secret.key) {
            keys(&attempt, arn, key, &mut problems);
        }
        if let Some(policy) = secret.policy {
            secrets(&attempt, arn, &secret.account, policy, &mut problems);
        }
    }
    problems.sort();
    problems.dedup();
    problems
}

type Policy<'a> = (&'a Template, &'a serde_json::Value);

/// The policy of any key: nobody manages it without being named.
fn control(attempt: &Attempt<'_>, (at, policy): Policy<'_>, problems: &mut Vec<String>) {
    let stranger = stranger_of(&at.account);
    for action in CONTROLS {
        let context = vec![("aws:PrincipalArn", stranger.clone())];
        let call = Call { principal: &stranger, account: &at.account, action, resource: "*", context };
        if attempt.allows(at, policy, &call) {
            problems.push(format!("{}: {stranger} may {action} without being named", at.path));
        }
    }
}

/// The policy of a secret's key: nobody uses it without being named, and nobody but through Secrets Manager.
fn keys(attempt: &Attempt<'_>, arn: &str, (at, policy): Policy<'_>, problems: &mut Vec<String>) {
    let via = format!("secretsmanager.{}.amazonaws.com", at.region);
    let mut ask = |principal: &str, via: Option<&str>, caller: &str, what: &str| {
        for action in USES {
            let mut context = vec![
                ("aws:PrincipalArn", principal.to_owned()),
                ("kms:CallerAccount", caller.to_owned()),
                ("kms:EncryptionContext:SecretARN", arn.to_owned()),
            ];
            context.extend(via.map(|via| ("kms:ViaService", via.to_owned())));
            let call = Call { principal, account: account_of(principal), action, resource: "*", context };
            if attempt.allows(at, policy, &call) {
                problems.push(format!("{}: {principal} may {action} for {arn} {what}", at.path));
            }
        }
    };
    let named = named(attempt, at, policy, "Encrypt");
    for principal in &named {
        ask(principal, None, account_of(principal), "outside Secrets Manager");
        ask(principal, Some(&via), ELSEWHERE, "for a caller elsewhere");
    }
    if !is_rotated_by_aws(attempt, arn) {
        let accounts: BTreeSet<&str> = named.iter().map(|principal| account_of(principal)).collect();
        for account in accounts {
            ask(&stranger_of(account), Some(&via), account, "without being named");
        }
    }
}

fn stranger_of(account: &str) -> String {
    format!("arn:aws:iam::{account}:role/stranger")
}

fn account_of(principal: &str) -> &str {
    principal.split(':').nth(4).unwrap_or_default()
}

/// The principals that a key policy names, but for those whose statement lets them encrypt data of their own.
fn named(
    attempt: &Attempt<'_>,
    at: &Template,
    policy: &serde_json::Value,
    own_data: &str,
) -> BTreeSet<String> {
    let of = |exempt: bool| -> BTreeSet<String> {
        statements(policy)
            .filter(|statement| {
                let sid = statement["Sid"]
                    .as_str()
                    .unwrap_or_default()
                    .trim_end_matches(|c: char| c.is_ascii_digit());
                (sid == own_data) == exempt
            })
            .flat_map(|statement| {
                attempt.workspace.resolve_all(at, &statement["Condition"]["ArnEquals"]["aws:PrincipalArn"])
            })
            .collect()
    };
    of(false).difference(&of(true)).cloned().collect()
}

/// AWS's own rotation functions have roles whose names nobody knows beforehand.
fn is_rotated_by_aws(attempt: &Attempt<'_>, arn: &str) -> bool {
    attempt.workspace.resources().any(|(at, _, resource)| {
        let properties = &resource["Properties"];
        properties["HostedRotationLambda"].is_object()
            && attempt.workspace.resolve(at, &properties["SecretId"]) == arn
    })
}

fn secrets(
    attempt: &Attempt<'_>,
    arn: &str,
    account: &str,
    (at, policy): Policy<'_>,
    problems: &mut Vec<String>,
) {
    let refused = |principal: &str, action: &str, organization: &str, service: bool, tls: bool| {
        let owner = account_of(principal);
        let mut context = vec![
            ("aws:PrincipalArn", principal.to_owned()),
            ("aws:PrincipalAccount", owner.to_owned()),
            ("aws:PrincipalIsAWSService", service.to_string()),
            ("aws:SecureTransport", tls.to_string()),
        ];
        if !service {
            context.push(("aws:PrincipalOrgID", organization.to_owned()));
        }
        let call = Call { principal, account: owner, action, resource: arn, context };
        attempt.denies(at, policy, &call)
    };
    let ours = organization(policy);
    let read = "secretsmanager:GetSecretValue";
    let change = "secretsmanager:PutResourcePolicy";
    let (stranger, outsider) = (stranger_of(account), stranger_of(ELSEWHERE));
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            problems.push(format!("{}: {arn}: {what}", at.path));
        }
    };
    if WITHIN_ORGANIZATION.iter().any(|application| at.entry["application"] == *application) {
        demand(refused(&outsider, read, "o-elsewhere", false, true), "read from outside the organisation");
    }
    demand(refused(&stranger, read, &ours, false, false), "read without TLS");
    demand(refused(&stranger, change, &ours, false, true), "its policy is changed by a stranger");
    demand(!refused("arn:aws:iam::aws:role/service", change, "", true, true), "a service of AWS is refused");
    let breaker = at.of_type("AWS::IAM::Role").find(|(id, _)| id.as_str() == "BreakGlassRole");
    if let Some((_, role)) = breaker {
        let name = attempt.workspace.resolve(at, &role["Properties"]["RoleName"]);
        let principal = format!("arn:aws:iam::{account}:role/{name}");
        demand(!refused(&principal, change, &ours, false, true), "break-glass may not repair its policy");
        demand(
            !refused(&principal, read, "o-elsewhere", false, true),
            "break-glass depends on the organisation",
        );
    }
}

/// The organisation that a policy speaks of.
fn organization(policy: &serde_json::Value) -> String {
    statements(policy)
        .flat_map(|statement| words(&statement["Condition"]["StringNotEquals"]["aws:PrincipalOrgID"]))
        .map(str::to_owned)
        .next()
        .unwrap_or_default()
}
