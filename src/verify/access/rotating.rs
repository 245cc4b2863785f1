//! Intended access of what rotates, watches and tries secrets.

use super::actions::{DESCRIBE, READ, VERSIONS, WRITE};
use super::intent::{Holder, Intent, Rights, User};
use super::named::{role, superusers};
use crate::inventory::{Application, Does, Environment, Rotation, Secret, SecretRef};

impl<'a> Intent<'a> {
    /// Functions that run by the clock: one reads ages, the others read values and log in with them.
    pub(super) fn tasks(&mut self, environment: &'a Environment) {
        for task in &environment.tasks {
            let user = User {
                holder: Holder::Role(role(environment, &environment.account.value, &task.physical_name)),
                account: environment.account.value.clone(),
                here: true,
                environment,
                in_network: task.in_network(),
                organization: true,
            };
            let rights = match task.does {
                Does::Watch => Rights {
                    actions: [DESCRIBE, VERSIONS].concat(),
                    key: &[],
                    replicas: false,
                    pending: false,
                },
                Does::CheckPostgreSql | Does::CheckMySql => {
                    Rights { actions: READ.to_vec(), key: &["kms:Decrypt"], replicas: false, pending: false }
                }
            };
            for looked in &task.secrets {
                self.on_secret(&user, &SecretRef::Own(looked.secret), &rights, task.origin);
            }
        }
    }

    /// Whoever rotates a secret.
    pub(super) fn rotation(
        &mut self,
        of: &Application,
        environment: &'a Environment,
        (own, secret): (&SecretRef, &Secret),
    ) {
        let rotate = Rights {
            actions: [READ.as_slice(), &DESCRIBE, &WRITE].concat(),
            key: &["kms:Decrypt", "kms:GenerateDataKey"],
            replicas: false,
            pending: true,
        };
        let user = |holder, in_network| User {
            holder,
            account: environment.account.value.clone(),
            here: true,
            environment,
            in_network,
            organization: true,
        };
        let made = |name: &str| Holder::Role(role(environment, &environment.account.value, name));
        match &secret.rotation {
            Rotation::Generated { function, .. } => {
                let Some(spec) = environment.functions.get(*function) else { return };
                let user = user(made(&spec.physical_name), spec.in_network);
                self.on_secret(&user, own, &rotate, secret.origin);
                let read =
                    Rights { actions: READ.to_vec(), key: &["kms:Decrypt"], replicas: false, pending: false };
                for superuser in superusers(secret) {
                    self.on_secret(&user, superuser, &read, secret.origin);
                }
            }
            Rotation::Partner { .. } => {
                let prefix = format!("{}-{}", of.name.value, environment.name.value);
                let user = user(made(&format!("{prefix}-{}-rotation", secret.stable_name)), false);
                self.on_secret(&user, own, &rotate, secret.origin);
            }
            Rotation::Hosted { superuser, schedule, .. } => {
                // The transform names the function's role, so the account's IAM decides who may use the key.
                let origin = schedule.expression.origin;
                let mut user = user(Holder::Account(environment.account.value.clone()), false);
                user.here = false;
                self.on_secret(&user, own, &rotate, origin);
                if let Some(superuser) = superuser {
                    let read = Rights {
                        actions: [READ, DESCRIBE].concat(),
                        key: &["kms:Decrypt"],
                        replicas: false,
                        pending: false,
                    };
                    self.on_secret(&user, &superuser.value, &read, origin);
                }
            }
            Rotation::None | Rotation::ByArn { .. } | Rotation::Managed { .. } => {}
        }
    }
}
