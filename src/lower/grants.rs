//! Every intended access of the workspace in one list, from which all policies are made.

use std::collections::{BTreeMap, BTreeSet};

use crate::inventory::{
    Does, Inventory, RoleForm, Rotation, Secret, SecretRef, SecretValue, TemplateValue, Tier, Verb,
};
use crate::source::Origin;

use super::site::{SecretAt, secret_at};

/// One role, one secret, one set of rights.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    /// The secret.
    pub(super) secret: SecretAt,
    /// The role's account.
    pub(super) account: String,
    /// The role's name, with its path.
    pub(super) role: String,
    /// What it may do.
    pub(super) rights: Rights,
    /// Whose role it is.
    pub(super) user: User,
    /// The line that asks for it.
    pub(super) origin: Origin,
}

/// Whose role a grant is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum User {
    /// A consumer's role: application, environment, consumer, role.
    Consumer(usize, usize, usize, usize),
    /// A rotation function of keyprint: application, environment, row of the function.
    Function(usize, usize, usize),
    /// A function that runs by the clock: application, environment, place in the list of tasks.
    Task(usize, usize, usize),
    /// The role that a partner's rotation takes: application, environment, row of the secret.
    Partner(usize, usize, usize),
    /// People: application, environment, tier.
    Person(usize, usize, Tier),
}

/// What a grant allows, in the action sets of the Secrets Manager documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rights {
    /// The value.
    Read {
        /// Whether the client describes too.
        describes: bool,
        /// Whether it reads in batches.
        batch: bool,
    },
    /// The value of the primary secret, which alone rotates.
    ReadPrimary,
    /// Everything but the value.
    Describe,
    /// New versions and their labels.
    Write,
    /// The secret itself, without its value.
    Administer,
    /// The four steps of rotation.
    Rotate,
    /// How old versions are.
    Watch,
}

/// All intended accesses, with the ways to look them up.
#[derive(Debug, Default)]
pub(super) struct Grants {
    list: Vec<Grant>,
    by_secret: BTreeMap<SecretAt, Vec<usize>>,
    by_user: BTreeMap<User, Vec<usize>>,
    hosted_superusers: BTreeSet<SecretAt>,
}

/// Collects the intended accesses of a workspace.
pub(super) fn intended(inventory: &Inventory) -> Grants {
    let mut grants = Grants::default();
    for (application, of) in inventory.applications.iter().enumerate() {
        for (environment, within) in of.environments.iter().enumerate() {
            let account = &within.account.value;
            for (row, consumer) in within.consumers.iter().enumerate() {
                for (role_index, role) in consumer.roles.iter().enumerate() {
                    let (account, name) = match &role.form {
                        RoleForm::Created { name, .. } => (account, name),
                        RoleForm::Existing { name } => (account, &name.value),
                        RoleForm::Foreign(foreign) => (&foreign.account.value, &foreign.role.value),
                    };
                    for access in &role.accesses {
                        grants.add(Grant {
                            secret: secret_at(application, environment, &access.secret.value),
                            account: account.clone(),
                            role: name.clone(),
                            rights: Rights::of(access.verb),
                            user: User::Consumer(application, environment, row, role_index),
                            origin: access.secret.origin,
                        });
                    }
                }
            }
            for (row, task) in within.tasks.iter().enumerate() {
                for looked in &task.secrets {
                    grants.add(Grant {
                        secret: (application, environment, looked.secret),
                        account: account.clone(),
                        role: task.physical_name.clone(),
                        rights: match task.does {
                            Does::Watch => Rights::Watch,
                            Does::CheckPostgreSql | Does::CheckMySql => Rights::ReadPrimary,
                        },
                        user: User::Task(application, environment, row),
                        origin: task.origin,
                    });
                }
            }
            for (id, secret) in within.secrets.iter() {
                let at = (application, environment, id);
                if let Rotation::Generated { function, .. } = &secret.rotation
                    && let Some(spec) = within.functions.get(*function)
                {
                    let user = User::Function(application, environment, function.row());
                    let origin = secret.origin.derived("rotation function");
                    let role = spec.physical_name.clone();
                    let mut add = |secret, rights| {
                        grants.add(Grant {
                            secret,
                            account: account.clone(),
                            role: role.clone(),
                            rights,
                            user,
                            origin,
                        });
                    };
                    add(at, Rights::Rotate);
                    for superuser in superusers(secret) {
                        add(secret_at(application, environment, superuser), Rights::ReadPrimary);
                    }
                }
                if let Rotation::Hosted { superuser: Some(superuser), .. } = &secret.rotation {
                    let superuser = secret_at(application, environment, &superuser.value);
                    grants.hosted_superusers.insert(superuser);
                }
                if let Rotation::Partner { .. } = &secret.rotation {
                    let prefix = format!("{}-{}", of.name.value, within.name.value);
                    grants.add(Grant {
                        secret: at,
                        account: account.clone(),
                        role: partner_role_name(&prefix, secret),
                        rights: Rights::Rotate,
                        user: User::Partner(application, environment, id.row()),
                        origin: secret.origin.derived("partner rotation"),
                    });
                }
                for (tier, person, rights) in [
                    (Tier::Administrators, &within.people.administrators, Rights::Administer),
                    (Tier::Auditors, &within.people.auditors, Rights::Describe),
                    (
                        Tier::BreakGlass,
                        &within.people.break_glass,
                        Rights::Read { describes: true, batch: false },
                    ),
                ] {
                    if let Some(person) = person {
                        grants.add(Grant {
                            secret: at,
                            account: account.clone(),
                            role: person.role.value.clone(),
                            rights,
                            user: User::Person(application, environment, tier),
                            origin: person.origin,
                        });
                    }
                }
            }
        }
    }
    grants
}

/// The name of the role that a partner's rotation takes.
pub(super) fn partner_role_name(prefix: &str, secret: &Secret) -> String {
    format!("{prefix}-{}-rotation", secret.stable_name)
}

/// The superuser secrets that a secret names in its JSON.
pub(super) fn superusers(secret: &Secret) -> impl Iterator<Item = &SecretRef> {
    let template = match &secret.value {
        SecretValue::Generated { template, .. } => template.as_slice(),
        SecretValue::PutLater { .. } | SecretValue::OwnedByService { .. } => &[],
    };
    template.iter().filter_map(|(_, value)| match value {
        TemplateValue::SecretArn(reference) => Some(&reference.value),
        TemplateValue::Text(_) => None,
    })
}

impl Rights {
    fn of(verb: Verb) -> Self {
        match verb {
            Verb::Read { describes, batch } => Self::Read { describes, batch },
            Verb::Describe => Self::Describe,
            Verb::Write => Self::Write,
            Verb::Administer => Self::Administer,
        }
    }

    /// The actions on the secret itself (Secrets Manager docs; service authorization reference).
    pub(super) fn secret_actions(self) -> &'static [&'static str] {
        match self {
            Self::Read { describes: false, .. } | Self::ReadPrimary => &["secretsmanager:GetSecretValue"],
            Self::Read { describes: true, .. } => {
                &["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
            }
            Self::Describe => &[
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetResourcePolicy",
                "secretsmanager:ListSecretVersionIds",
            ],
            Self::Write => &["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"],
            Self::Administer => &[
                "secretsmanager:CancelRotateSecret",
                "secretsmanager:DeleteResourcePolicy",
                "secretsmanager:DeleteSecret",
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetResourcePolicy",
                "secretsmanager:ListSecretVersionIds",
                "secretsmanager:PutResourcePolicy",
                "secretsmanager:RemoveRegionsFromReplication",
                "secretsmanager:ReplicateSecretToRegions",
                "secretsmanager:RestoreSecret",
                "secretsmanager:RotateSecret",
                "secretsmanager:StopReplicationToReplica",
                "secretsmanager:TagResource",
                "secretsmanager:UntagResource",
                "secretsmanager:ValidateResourcePolicy",
            ],
            Self::Rotate => &[
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
            ],
            Self::Watch => &["secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"],
        }
    }

    /// The actions on the key that the secret's actions need (KMS docs; Secrets Manager docs).
    pub(super) fn key_actions(self) -> &'static [&'static str] {
        match self {
            Self::Read { .. } | Self::ReadPrimary => &["kms:Decrypt"],
            Self::Write | Self::Rotate => &["kms:Decrypt", "kms:GenerateDataKey"],
            Self::Describe | Self::Administer | Self::Watch => &[],
        }
    }

    /// Whether it holds for a replica too: only the primary secret is written and rotated.
    pub(super) fn on_replicas(self) -> bool {
        match self {
            Self::Read { .. } | Self::Describe => true,
            Self::ReadPrimary | Self::Write | Self::Administer | Self::Rotate | Self::Watch => false,
        }
    }
}

impl Grants {
    fn add(&mut self, grant: Grant) {
        let known = self.by_user.get(&grant.user).into_iter().flatten().any(|at| {
            self.list
                .get(*at)
                .is_some_and(|other| other.secret == grant.secret && other.rights == grant.rights)
        });
        if known {
            return;
        }
        let at = self.list.len();
        self.by_secret.entry(grant.secret).or_default().push(at);
        self.by_user.entry(grant.user).or_default().push(at);
        self.list.push(grant);
    }

    /// Whether a hosted rotation, whose role is not known, reads a secret as a superuser's.
    pub(super) fn read_by_hosted(&self, secret: SecretAt) -> bool {
        self.hosted_superusers.contains(&secret)
    }

    /// The grants on a secret.
    pub(super) fn on(&self, secret: SecretAt) -> impl Iterator<Item = &Grant> {
        self.by_secret.get(&secret).into_iter().flatten().filter_map(|at| self.list.get(*at))
    }

    /// The grants of a user.
    pub(super) fn of(&self, user: User) -> impl Iterator<Item = &Grant> {
        self.by_user.get(&user).into_iter().flatten().filter_map(|at| self.list.get(*at))
    }
}
