//! Rollback: a runbook of Systems Manager for each function that rotates users. It invokes the function, which can undo
//! what it did, so its role may do that and nothing else.

use crate::cfn::resource::iam;
use crate::cfn::resource::ssm::Document;
use crate::cfn::{
    ConditionOperator, Draft, HomeId, LogicalId, Node, PolicyDocument, PrincipalElement, Statement, ToTree,
    Tree, Value,
};
use crate::inventory::{FunctionSpec, Id, Rotation};
use crate::source::Origin;

use super::program::Made;
use super::site::{Site, World};
use super::{arn, pack, role};

/// Seconds that the function may take, and Systems Manager to hear of it.
const PATIENCE_SECONDS: u32 = 900;

/// What the runbook says to whoever opens it.
const RUNBOOK: &str = "Brings back the value before the last rotation. 1. Find the version labelled AWSPREVIOUS: aws \
secretsmanager list-secret-version-ids --secret-id NAME. 2. If a rotation is unfinished (AWSPENDING on a version of its \
own), end it first: aws secretsmanager cancel-rotate-secret, then take AWSPENDING off. 3. Run this document with the \
secret and that version: the password is set in the database again, then AWSCURRENT moves back. It may be run again. \
4. Refresh the caches of readers. The value that was rolled back becomes AWSPREVIOUS; readers must not fall back to \
AWSPENDING. 5. Turn rotation on again if it was cancelled; the next one starts from the restored value.";

/// Makes the runbook of a function.
pub(super) fn lower(
    world: &mut World<'_>,
    site: &Site<'_>,
    home: HomeId,
    (id, spec): (Id<FunctionSpec>, &FunctionSpec),
    made: &Made,
) {
    if !site.environment.rollback.value || !spec.can_roll_back() {
        return;
    }
    let by = site.environment.rollback.origin.derived("rollback");
    let name = spec.rollback_name();
    let assume = Statement::allow("Assume", ["sts:AssumeRole"], by)
        .by(PrincipalElement::Service(vec![Value::from("ssm.amazonaws.com")]))
        .when(ConditionOperator::StringEquals, "aws:SourceAccount", [arn::own_account()])
        .when(ConditionOperator::ArnLike, "aws:SourceArn", [arn::regional("ssm", "automation-execution/*")]);
    let stable_name = format!("{}-rollback", spec.stable_name);
    let role = world.resources.add(
        Draft::new(home, LogicalId::of(&stable_name, "Role"), by),
        &iam::Role {
            role_name: Some(by.put(Value::from(name.as_str()))),
            description: Some(by.put(Value::from(format!("Rollback by {}", spec.physical_name)))),
            assume_role_policy_document: Some(by.put(PolicyDocument { statements: vec![assume] })),
            permissions_boundary: role::boundary(site),
            max_session_duration: Some(by.put(3600)),
            tags: Some(by.put(site.tags(&[]))),
        },
    );
    let invoke =
        Statement::allow("InvokeRotation", ["lambda:InvokeFunction"], by).on([made.function.arn().widen()]);
    let description = format!("What {name} may do");
    pack::attach(world, home, (&stable_name, "Policy"), &role.reference(), &description, vec![invoke], by);
    let secrets = site.environment.secrets.iter().filter_map(|(_, secret)| match &secret.rotation {
        Rotation::Generated { function, .. } if *function == id => Some(secret.physical_name.value.clone()),
        Rotation::Generated { .. }
        | Rotation::None
        | Rotation::ByArn { .. }
        | Rotation::Hosted { .. }
        | Rotation::Managed { .. }
        | Rotation::Partner { .. } => None,
    });
    let content = content(&role.arn(), &made.function.arn(), secrets.collect(), by);
    world.resources.add(
        Draft::new(home, LogicalId::of(&stable_name, "Document"), by),
        &Document {
            name: Some(by.put(Value::from(name))),
            document_type: Some(by.put(Value::from("Automation"))),
            document_format: Some(by.put(Value::from("JSON"))),
            update_method: Some(by.put(Value::from("NewVersion"))),
            content: Some(by.put(content)),
            tags: Some(by.put(site.tags(&[]))),
        },
    );
}

/// The automation (Systems Manager docs: schema 0.3, `aws:invokeLambdaFunction`).
fn content(role: &impl ToTree, function: &impl ToTree, secrets: Vec<String>, by: Origin) -> Tree {
    let parameter = |description: &str, more: Vec<(&'static str, Tree)>| {
        let mut members = vec![("type", "String".to_tree()), ("description", description.to_tree())];
        members.extend(more);
        map(members, by)
    };
    let parameters = map(
        vec![
            ("SecretId", parameter("The secret", vec![("allowedValues", secrets.to_tree())])),
            (
                "VersionId",
                parameter(
                    "The version labelled AWSPREVIOUS",
                    vec![("allowedPattern", "^[A-Za-z0-9-]{32,64}$".to_tree())],
                ),
            ),
        ],
        by,
    );
    let payload = map(
        vec![
            ("Step", "rollback".to_tree()),
            ("SecretId", "{{ SecretId }}".to_tree()),
            ("ClientRequestToken", "{{ VersionId }}".to_tree()),
        ],
        by,
    );
    let step = map(
        vec![
            ("name", "restore".to_tree()),
            ("action", "aws:invokeLambdaFunction".to_tree()),
            ("timeoutSeconds", PATIENCE_SECONDS.to_tree()),
            ("onFailure", "Abort".to_tree()),
            ("isEnd", true.to_tree()),
            ("inputs", map(vec![("FunctionName", function.to_tree()), ("InputPayload", payload)], by)),
        ],
        by,
    );
    map(
        vec![
            ("schemaVersion", "0.3".to_tree()),
            ("description", RUNBOOK.to_tree()),
            ("assumeRole", role.to_tree()),
            ("parameters", parameters),
            ("mainSteps", Tree::List(vec![Node { tree: step, origin: Some(by) }])),
        ],
        by,
    )
}

fn map(members: Vec<(&'static str, Tree)>, by: Origin) -> Tree {
    Tree::Map(
        members.into_iter().map(|(name, tree)| (name.into(), Node { tree, origin: Some(by) })).collect(),
    )
}
