//! Packs statements into managed policies by exact size.

use crate::cfn::resource::iam;
use crate::cfn::value::words::RoleName;
use crate::cfn::{
    Draft, HomeId, LogicalId, PolicyDocument, ResourceId, Statement, ToTree, Value, policy_size,
};
use crate::source::Origin;

use super::site::World;

/// Characters of one managed policy, white space apart (IAM quotas).
pub(super) const MANAGED_POLICY_SIZE: usize = 6_144;

/// Most secrets in one statement, so that statements stay small enough to pack well.
pub(super) const SECRETS_PER_STATEMENT: usize = 8;

/// Attaches statements to a role by as few managed policies as their sizes allow, and returns the policies.
pub(super) fn attach(
    world: &mut World<'_>,
    home: HomeId,
    (name, noun): (&str, &str),
    role: &Value<RoleName>,
    description: &str,
    statements: Vec<Statement>,
    origin: Origin,
) -> Vec<ResourceId> {
    let by = origin.derived("identity policy");
    documents(statements)
        .into_iter()
        .enumerate()
        .map(|(at, document)| {
            let noun = match at {
                0 => noun.to_owned(),
                _ => format!("{noun}{}", at.saturating_add(1)),
            };
            world
                .resources
                .add(
                    Draft::new(home, LogicalId::of(name, &noun), origin),
                    &iam::ManagedPolicy {
                        description: Some(by.put(Value::from(description))),
                        policy_document: Some(by.put(document)),
                        roles: Some(by.put(vec![role.clone()])),
                    },
                )
                .id()
        })
        .collect()
}

/// First fit, largest documents first would move statements around; in order keeps a diff small.
fn documents(statements: Vec<Statement>) -> Vec<PolicyDocument> {
    let frame = policy_size(&PolicyDocument::default().to_tree());
    let mut documents: Vec<(usize, PolicyDocument)> = Vec::new();
    for statement in statements {
        let size = policy_size(&statement.to_tree()).saturating_add(1);
        match documents.iter_mut().find(|(used, _)| used.saturating_add(size) <= MANAGED_POLICY_SIZE) {
            Some((used, document)) => {
                *used = used.saturating_add(size);
                document.statements.push(statement);
            }
            None => {
                documents.push((frame.saturating_add(size), PolicyDocument { statements: vec![statement] }));
            }
        }
    }
    documents.into_iter().map(|(_, document)| document).collect()
}
