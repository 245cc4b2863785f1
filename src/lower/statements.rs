//! Pieces that several kinds of policy share.

use std::collections::BTreeMap;

use crate::cfn::value::words::Text;
use crate::cfn::{ConditionOperator, Statement, Value};
use crate::inventory::{Environment, RoleForm, Rotation, Secret};
use crate::source::Origin;

use super::arn::{self, Vantage};
use super::grants::Grants;
use super::site::{SecretAt, Site, World};

/// Roles of one account that use a secret's key in the same way. No roles: everyone in the account whom IAM allows it,
/// because the role is not known (hosted rotation).
#[derive(Debug)]
pub(super) struct Holder {
    /// The account.
    pub(super) account: String,
    /// Names of roles, with paths, sorted.
    pub(super) roles: Vec<String>,
    /// The actions on the key.
    pub(super) actions: Vec<&'static str>,
    /// The first line that asks for it.
    pub(super) origin: Origin,
}

impl PartialEq for Holder {
    fn eq(&self, other: &Self) -> bool {
        self.account == other.account && self.roles == other.roles && self.actions == other.actions
    }
}

/// Numbers the statement ids of a document: `Read`, `Read2`, ….
#[derive(Debug, Default)]
pub(super) struct Sids(BTreeMap<String, u32>);

impl Sids {
    /// The next id that begins so.
    pub(super) fn next(&mut self, stem: &str) -> String {
        let count = self.0.entry(stem.to_owned()).or_insert(0);
        *count = count.saturating_add(1);
        if *count == 1 { stem.to_owned() } else { format!("{stem}{count}") }
    }
}

/// Limits a statement to roles, by `aws:PrincipalArn`: a role named in `Principal` would have to exist already, and
/// would turn into its unique id (IAM docs).
pub(super) fn only_roles(statement: Statement, roles: impl IntoIterator<Item = Value<Text>>) -> Statement {
    statement.when(ConditionOperator::ArnEquals, "aws:PrincipalArn", roles)
}

/// Limits the use of a key to calls that Secrets Manager makes for callers of the accounts.
pub(super) fn through_secrets_manager(
    statement: Statement,
    region: &str,
    from: Vantage<'_>,
    callers: impl IntoIterator<Item = Value<Text>>,
) -> Statement {
    statement.when(ConditionOperator::StringEquals, "kms:CallerAccount", callers).when(
        ConditionOperator::StringEquals,
        "kms:ViaService",
        [arn::secrets_manager_service(region, from)],
    )
}

/// Who uses the key of a secret at a site.
pub(super) fn holders(
    world: &World<'_>,
    at: SecretAt,
    secret: &Secret,
    site: &Site<'_>,
    grants: &Grants,
) -> Vec<Holder> {
    let primary = world
        .environment(at.0, at.1)
        .and_then(|environment| environment.places.first())
        .is_some_and(|place| place.region.value == site.place.region.value);
    let mut holders: Vec<Holder> = Vec::new();
    for grant in grants.on(at).filter(|grant| primary || grant.rights.on_replicas()) {
        let actions = grant.rights.key_actions();
        if actions.is_empty() {
            continue;
        }
        match holders.iter_mut().find(|known| known.account == grant.account && known.actions == actions) {
            Some(known) => known.roles.push(grant.role.clone()),
            None => holders.push(Holder {
                account: grant.account.clone(),
                roles: vec![grant.role.clone()],
                actions: actions.to_vec(),
                origin: grant.origin,
            }),
        }
    }
    for holder in &mut holders {
        holder.roles.sort();
        holder.roles.dedup();
    }
    if primary && let Rotation::Hosted { schedule, .. } = &secret.rotation {
        holders.push(Holder {
            account: site.account().to_owned(),
            roles: Vec::new(),
            actions: vec!["kms:Decrypt", "kms:GenerateDataKey"],
            origin: schedule.expression.origin.derived("hosted rotation"),
        });
    }
    if primary && grants.read_by_hosted(at) {
        holders.push(Holder {
            account: site.account().to_owned(),
            roles: Vec::new(),
            actions: vec!["kms:Decrypt"],
            origin: secret.origin.derived("hosted rotation"),
        });
    }
    holders
}

/// The account and the name of a role, with its path.
pub(super) fn role_name<'a>(form: &'a RoleForm, environment: &'a Environment) -> (&'a str, &'a str) {
    match form {
        RoleForm::Created { name, .. } => (&environment.account.value, name),
        RoleForm::Existing { name } => (&environment.account.value, &name.value),
        RoleForm::Foreign(foreign) => (&foreign.account.value, &foreign.role.value),
    }
}
