//! Quotas, checked before a template is written.

use std::collections::BTreeMap;

use crate::cfn::{Entry, Node, Tree, policy_size};
use crate::diagnostic::{Diagnostic, Diagnostics, Subject};
use crate::source::Origin;

use super::codes::{POLICY_TOO_LARGE, STACK_TOO_LARGE};
use super::{Stack, Stacks};

/// Resources in a template, counted after transforms (CloudFormation quotas).
const RESOURCES: usize = 500;
/// Parameters in a template (CloudFormation quotas).
const PARAMETERS: usize = 200;
/// Outputs in a template (CloudFormation quotas).
const OUTPUTS: usize = 200;
/// Bytes of a template that is uploaded to S3 first (CloudFormation quotas).
const TEMPLATE_BYTES: usize = 1_000_000;
/// Managed policies attached to a role, by default (IAM quotas).
const POLICIES_OF_A_ROLE: usize = 10;

/// A quota on the size of a document: resource type, property, characters, source.
const DOCUMENTS: [(&str, &str, usize, &str); 6] = [
    ("AWS::IAM::Role", "AssumeRolePolicyDocument", 2_048, "IAM quotas"),
    ("AWS::IAM::ManagedPolicy", "PolicyDocument", 6_144, "IAM quotas"),
    ("AWS::KMS::Key", "KeyPolicy", 32_768, "KMS quotas"),
    ("AWS::KMS::ReplicaKey", "KeyPolicy", 32_768, "KMS quotas"),
    ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", 20_480, "Secrets Manager quotas"),
    ("AWS::EC2::VPCEndpoint", "PolicyDocument", 20_480, "PrivateLink quotas"),
];

/// Checks what can be counted before the text exists.
pub(super) fn check(stacks: &Stacks, log: &mut Diagnostics) {
    for stack in &stacks.stacks {
        let entries: Vec<&Entry> = stack.members.iter().filter_map(|id| stacks.resources.get(*id)).collect();
        // A transform replaces a hosted rotation by the schedule and a nested stack (Secrets Manager docs).
        let expanded = entries.iter().filter(|entry| entry.transform.is_some()).count();
        let Some(origin) = entries.last().map(|entry| entry.origin) else { continue };
        for (count, quota, what) in [
            (entries.len().saturating_add(expanded), RESOURCES, "resources after transforms"),
            (stack.parameters.len(), PARAMETERS, "parameters"),
            (stack.outputs.len(), OUTPUTS, "outputs"),
        ] {
            if count > quota {
                log.push(too_large(
                    stack,
                    origin,
                    format!("{count} {what}, more than the {quota} of a template"),
                ));
            }
        }
        policies_of_roles(stack, &entries, log);
        for entry in entries {
            documents(stack, entry, log);
        }
    }
}

/// Checks the size of a template's text.
pub(crate) fn check_size(stacks: &Stacks, stack: &Stack, bytes: usize, log: &mut Diagnostics) {
    let last = stack.members.last().and_then(|id| stacks.resources.get(*id));
    if let Some(entry) = last.filter(|_| bytes > TEMPLATE_BYTES) {
        let what = format!("{bytes} bytes, more than the {TEMPLATE_BYTES} of a template");
        log.push(too_large(stack, entry.origin, what));
    }
}

fn too_large(stack: &Stack, origin: Origin, what: String) -> Diagnostic {
    Diagnostic::new(&STACK_TOO_LARGE, origin.span, format!("stack `{}` has {what}", stack.name))
        .here("the last thing in it")
        .help("place some secrets or consumers in another stack, for example with `stack: reporting`")
        .about(Subject { template: stack.path.clone(), ..Subject::default() })
}

fn documents(stack: &Stack, entry: &Entry, log: &mut Diagnostics) {
    for (kind, property, quota, source) in DOCUMENTS {
        let document = entry.properties.iter().find(|(name, _)| entry.kind == kind && name == property);
        let Some(size) = document.map(|(_, node)| policy_size(&node.tree)).filter(|size| *size > quota)
        else {
            continue;
        };
        log.push(
            Diagnostic::new(
                &POLICY_TOO_LARGE,
                entry.origin.span,
                format!(
                    "the {property} of `{}` may have {size} characters, more than {quota} ({source})",
                    entry.logical_id
                ),
            )
            .help("give groups of secrets keys of their own, or fewer secrets to each consumer")
            .about(Subject {
                template: stack.path.clone(),
                logical_id: Some(entry.logical_id.as_str().to_owned()),
                pointer: Some(format!("/Resources/{}/Properties/{property}", entry.logical_id)),
            }),
        );
    }
}

fn policies_of_roles(stack: &Stack, entries: &[&Entry], log: &mut Diagnostics) {
    let mut attached: BTreeMap<String, (usize, Origin)> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.kind == "AWS::IAM::ManagedPolicy") {
        let roles = entry.properties.iter().find(|(name, _)| name == "Roles").map(|(_, node)| node);
        if let Some(Node { tree: Tree::List(roles), .. }) = roles {
            for role in roles {
                let count = attached.entry(format!("{:?}", role.tree)).or_insert((0, entry.origin));
                count.0 = count.0.saturating_add(1);
            }
        }
    }
    for (count, origin) in attached.into_values().filter(|(count, _)| *count > POLICIES_OF_A_ROLE) {
        log.push(
            Diagnostic::new(
                &POLICY_TOO_LARGE,
                origin.span,
                format!(
                    "the role needs {count} managed policies, more than {POLICIES_OF_A_ROLE} (IAM quotas)"
                ),
            )
            .here("asks for too many secrets")
            .help("split the consumer, or give it fewer secrets")
            .about(Subject { template: stack.path.clone(), ..Subject::default() }),
        );
    }
}
