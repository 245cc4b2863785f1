//! Physical names: short enough for their services, and each taken once.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::inventory::codes::names::{NAME_TAKEN, NAME_TOO_LONG};
use crate::inventory::{Application, Environment, Inventory, Purpose, RoleForm, Rotation, SecretValue};
use crate::source::{Origin, Span};

/// What is named, by the longest name its service takes (IAM, Lambda, KMS, SNS, CloudWatch and EventBridge quotas).
const ROLE: (&str, usize) = ("role", 64);
const FUNCTION: (&str, usize) = ("function", 64);
const ALIAS: (&str, usize) = ("key alias", 256);
const TOPIC: (&str, usize) = ("topic", 256);
const SECRET: (&str, usize) = ("secret", 512);
const RULE: (&str, usize) = ("rule", 64);

/// The longest name that an event rule of keyprint adds to `{application}-{environment}-`.
const LONGEST_RULE: &str = "secret-policy-changed";

/// A name with who else could have it: kind, account, Region (none for IAM), name without regard to case.
type Taken = BTreeMap<(&'static str, String, String, String), (Span, String)>;

/// Checks every physical name of the workspace.
pub(super) fn check(inventory: &Inventory, log: &mut Diagnostics) {
    let mut taken = Taken::new();
    for application in &inventory.applications {
        for environment in &application.environments {
            let mut names = Names { application, environment, taken: &mut taken, log };
            names.roles();
            names.regional();
        }
    }
}

struct Names<'a> {
    application: &'a Application,
    environment: &'a Environment,
    taken: &'a mut Taken,
    log: &'a mut Diagnostics,
}

impl Names<'_> {
    fn roles(&mut self) {
        for consumer in &self.environment.consumers {
            for role in &consumer.roles {
                if let RoleForm::Created { name, .. } = &role.form {
                    self.name(ROLE, "", name, consumer.origin);
                }
            }
        }
        for function in self.environment.functions.rows() {
            self.name(ROLE, "", &function.physical_name, function.origin);
        }
        let rolled_back = self
            .environment
            .functions
            .rows()
            .iter()
            .filter(|function| self.environment.rollback.value && function.can_roll_back());
        for function in rolled_back {
            self.name(ROLE, "", &function.rollback_name(), function.origin);
        }
        for task in &self.environment.tasks {
            self.name(ROLE, "", &task.physical_name, task.origin);
        }
        let people = &self.environment.people;
        for person in [&people.administrators, &people.auditors, &people.break_glass].into_iter().flatten() {
            if person.trust.is_some() {
                self.name(ROLE, "", &person.role.value, person.role.origin);
            }
        }
    }

    fn regional(&mut self) {
        let Some(primary) = self.environment.places.first() else { return };
        let region = primary.region.value.clone();
        for (_, secret) in self.environment.secrets.iter() {
            if !matches!(secret.value, SecretValue::OwnedByService { .. }) {
                self.name(SECRET, &region, &secret.physical_name.value, secret.physical_name.origin);
            }
            if let Rotation::Hosted { function_name, .. } = &secret.rotation {
                self.name(FUNCTION, &region, function_name, secret.origin);
            }
        }
        for function in self.environment.functions.rows() {
            self.name(FUNCTION, &region, &function.physical_name, function.origin);
        }
        let prefix = format!("{}-{}", self.application.name.value, self.environment.name.value);
        for (_, secret) in self.environment.secrets.iter() {
            if let Some(function) = &secret.on_change {
                self.name(RULE, &region, &secret.change_rule(&prefix), function.origin);
            }
        }
        for task in &self.environment.tasks {
            self.length(RULE, &format!("{}-changed", task.physical_name), task.origin);
            self.name(FUNCTION, &region, &task.physical_name, task.origin);
        }
        for alert in &self.environment.alerts {
            self.name(TOPIC, &region, &alert.physical_name, alert.origin);
        }
        for key in self.environment.keys.rows() {
            let origin = if key.purpose == Purpose::Alerts { key.origin } else { key.alias.origin };
            self.name(ALIAS, &region, &key.alias.value, origin);
        }
        if !self.environment.alerts.is_empty() {
            let name =
                format!("{}-{}-{LONGEST_RULE}", self.application.name.value, self.environment.name.value);
            self.length(RULE, &name, self.environment.origin);
        }
    }

    fn name(&mut self, kind: (&'static str, usize), region: &str, name: &str, origin: Origin) {
        self.length(kind, name, origin);
        let at =
            (kind.0, self.environment.account.value.clone(), region.to_owned(), name.to_ascii_lowercase());
        if let Some((first, _)) = self.taken.get(&at) {
            self.log.push(
                Diagnostic::new(
                    &NAME_TAKEN,
                    origin.span,
                    format!("two things of account {} are the {} `{name}`", at.1, kind.0),
                )
                .also(*first, "the first is here")
                .help("give one of them another name, or let one blueprint make it and the others name it"),
            );
        } else {
            self.taken.insert(at, (origin.span, name.to_owned()));
        }
    }

    fn length(&mut self, (what, longest): (&'static str, usize), name: &str, origin: Origin) {
        let length = name.chars().count();
        if length > longest {
            self.log.push(
                Diagnostic::new(
                    &NAME_TOO_LONG,
                    origin.span,
                    format!("the {what} `{name}` has {length} characters, more than {longest}"),
                )
                .help("shorten the names of the application, the environment or this entry; nothing is ever cut off"),
            );
        }
    }
}
