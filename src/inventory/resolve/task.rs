//! Functions that run by the clock: one for each stack that watches its rotated secrets, and one for each engine that
//! tries current values.

use crate::blueprint::rotation::{Check, Rotation as WrittenRotation, RotationPlan};
use crate::blueprint::secret::{Engine, Secret as Written};
use crate::diagnostic::Diagnostics;
use crate::inventory::{Does, Environment, Id, Looked, Rotation, Secret, Task};
use crate::source::{Origin, Sourced};

use super::environment::Described;
use super::scope::own_secrets;
use super::{rotation, text};

/// Adds the tasks of an environment; how its secrets rotate is decided.
pub(super) fn resolve(described: &Described<'_>, environment: &mut Environment, log: &mut Diagnostics) {
    let watched = described.written.rotation_watch.as_ref().is_none_or(|watch| watch.value);
    let mut tasks = Tasks { prefix: described.prefix(), list: Vec::new() };
    for (row, (_, written)) in own_secrets(described.blueprint, described.name).enumerate() {
        let id = Id::<Secret>::of_row(row);
        let Some(secret) = environment.secrets.get(id) else { continue };
        if let Some(schedule) = secret.rotation.schedule().filter(|_| watched) {
            let hours = schedule.interval_hours.saturating_add(schedule.window_hours.value);
            let by = schedule.expression.origin.derived("rotation watch");
            let looked = Looked { secret: id, hours, writes: false };
            tasks.add((Does::Watch, "watch"), written.stack.as_ref().map(text), by, looked, Way::default());
        }
        if let Some((plan, check, does, word)) = checked(written) {
            let by = check.origin.derived("health check");
            let writes = check.value == Check::ReadAndWrite;
            let looked = Looked { secret: id, hours: 0, writes };
            let way = way(described, environment, (secret, written, plan), log);
            tasks.add((does, word), written.stack.as_ref().map(text), by, looked, way);
        }
    }
    environment.tasks = tasks.list;
}

/// The check that the author asks for, with what does it; for which types there is one has been checked.
fn checked(written: &Written) -> Option<(&RotationPlan, Sourced<Check>, Does, &'static str)> {
    let Some(WrittenRotation::Planned(plan)) = &written.rotation else { return None };
    let check = plan.check?;
    match written.kind.value.engine()? {
        Engine::PostgreSql | Engine::AuroraPostgreSql => {
            Some((plan, check, Does::CheckPostgreSql, "check-postgresql"))
        }
        Engine::MySql | Engine::AuroraMySql | Engine::MariaDb => {
            Some((plan, check, Does::CheckMySql, "check-mysql"))
        }
        Engine::Oracle | Engine::SqlServer | Engine::Db2 | Engine::Redshift | Engine::DocumentDb => None,
    }
}

/// How a check gets to a database.
#[derive(Default)]
struct Way {
    database: Option<(Sourced<String>, u32)>,
    authorities: Vec<Sourced<String>>,
}

fn way(
    described: &Described<'_>,
    environment: &Environment,
    (secret, written, plan): (&Secret, &Written, &RotationPlan),
    log: &mut Diagnostics,
) -> Way {
    let (port, group) = rotation::database_group(described, written);
    let rotated = match &secret.rotation {
        Rotation::Generated { function, .. } => {
            environment.functions.get(*function).filter(|function| !function.databases.is_empty())
        }
        Rotation::None
        | Rotation::ByArn { .. }
        | Rotation::Hosted { .. }
        | Rotation::Managed { .. }
        | Rotation::Partner { .. } => None,
    };
    let authorities = match rotated {
        Some(function) => function.authorities.clone(),
        None => {
            rotation::reachable(described, environment, written, plan, log);
            rotation::authorities(described, environment, written, log).into_iter().collect()
        }
    };
    Way { database: group.map(|group| (group, port)), authorities }
}

struct Tasks {
    prefix: String,
    list: Vec<Task>,
}

impl Tasks {
    /// Has a secret looked at by the task of its stack.
    fn add(
        &mut self,
        (does, word): (Does, &str),
        stack: Option<Sourced<String>>,
        origin: Origin,
        looked: Looked,
        way: Way,
    ) {
        let stable_name = match &stack {
            Some(stack) => format!("{word}-{}", stack.value),
            None => word.to_owned(),
        };
        if !self.list.iter().any(|task| task.stable_name == stable_name) {
            self.list.push(Task {
                physical_name: format!("{}-{stable_name}", self.prefix),
                stable_name: stable_name.clone(),
                does,
                secrets: Vec::new(),
                databases: Vec::new(),
                authorities: Vec::new(),
                stack,
                origin,
            });
        }
        for task in self.list.iter_mut().filter(|task| task.stable_name == stable_name) {
            task.secrets.push(looked);
            let known = |(group, port): &(Sourced<String>, u32)| {
                task.databases.iter().any(|(other, at)| other.value == group.value && at == port)
            };
            if let Some(database) = way.database.clone().filter(|database| !known(database)) {
                task.databases.push(database);
                task.databases.sort_by(|left, right| (&left.0.value, left.1).cmp(&(&right.0.value, right.1)));
            }
            for authorities in &way.authorities {
                if !task.authorities.iter().any(|known| known.value == authorities.value) {
                    task.authorities.push(authorities.clone());
                }
            }
        }
    }
}
