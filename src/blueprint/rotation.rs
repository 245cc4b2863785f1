//! Rotation: how often a secret changes, when, and by what.

use serde_json::{Value, json};

use super::codes::{fields, schedule};
use super::mapping::mapping;
use super::name::Reference;
use super::scalar::{FilePath, Hours};
use super::schema::Shapes;
use super::secret::SecretType;
use super::syntax::{Syntax, unknown_word};
use super::timetable::{self, Moment};
use super::words::words;
use super::yaml::{Node, NodeKind};
use crate::aws::{Duration, FunctionArn, ScheduleExpression, Unit};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Sourced, Span};

/// What the author says about the rotation of a secret.
#[derive(Debug, Clone)]
pub(crate) enum Rotation {
    /// Nothing rotates it, and a waiver says why.
    None(Span),
    /// It is rotated.
    Planned(Box<RotationPlan>),
}

/// How a secret is rotated.
#[derive(Debug, Clone)]
pub(crate) struct RotationPlan {
    /// Where messages about it as a whole point.
    pub(crate) span: Span,
    /// When it is rotated; none where the author does not say.
    pub(crate) schedule: Option<Sourced<ScheduleExpression>>,
    /// How many hours the window stays open.
    pub(crate) window: Option<Sourced<Hours<1, 24>>>,
    /// What rotates it.
    pub(crate) by: Option<Sourced<Rotator>>,
    /// The function that rotates it, where it exists already.
    pub(crate) function: Option<Sourced<FunctionArn>>,
    /// How users and passwords change.
    pub(crate) strategy: Option<Sourced<Strategy>>,
    /// The secret of the user who changes others' passwords.
    pub(crate) superuser: Option<Sourced<Reference>>,
    /// Whether deployment rotates at once.
    pub(crate) immediately: Option<Sourced<bool>>,
    /// The runtime of the function.
    pub(crate) runtime: Option<Sourced<Runtime>>,
    /// How the function reaches the database.
    pub(crate) via: Option<Sourced<Way>>,
    /// The author's module for what only a provider can change.
    pub(crate) module: Option<Sourced<FilePath>>,
    /// What is tried with the current value.
    pub(crate) check: Option<Sourced<Check>>,
}

impl RotationPlan {
    /// Whether a function of keyprint rotates secrets of a type through an AWS API that runs statements.
    pub(crate) fn through_data_api(&self, kind: SecretType) -> bool {
        let by_function = match &self.by {
            Some(by) => by.value == Rotator::Function,
            None => self.superuser.is_some() || self.via.is_some(),
        };
        let alternating =
            self.strategy.as_ref().is_some_and(|asked| asked.value == Strategy::AlternatingUsers);
        let asked = self.via.as_ref().is_some_and(|via| via.value == Way::DataApi);
        match kind {
            SecretType::Redshift => by_function && !alternating && self.function.is_none(),
            SecretType::AuroraPostgreSql | SecretType::AuroraMySql => asked,
            SecretType::PostgreSql
            | SecretType::MySql
            | SecretType::MariaDb
            | SecretType::Oracle
            | SecretType::SqlServer
            | SecretType::Db2
            | SecretType::DocumentDb
            | SecretType::TimestreamInfluxDb
            | SecretType::ElastiCacheUser
            | SecretType::ActiveDirectory
            | SecretType::ApiKey
            | SecretType::OauthClient
            | SecretType::SshKey
            | SecretType::KeyValue
            | SecretType::Text
            | SecretType::IamAccessKey
            | SecretType::Managed
            | SecretType::Partner => false,
        }
    }
}

mapping! {
    /// When and by what a secret is rotated. All times are UTC.
    struct RotationFields = "a rotation" {
        /// How often: a number of hours or days.
        every: Option<Sourced<Duration>> = "every" like "30 days";
        /// When, in UTC and on the hour: `02:00`, `Sunday 02:00`, `first Sunday 02:00`, `last Sunday 02:00`, `day 1 02:00` or `last day 02:00`.
        at: Option<Sourced<Moment>> = "at" like "Sunday 02:00";
        /// A rate or cron expression of Secrets Manager, instead of `every` and `at`.
        schedule: Option<Sourced<ScheduleExpression>> = "schedule" like "cron(0 2 ? * SUN#1 *)";
        /// How long the window stays open, 1 to 24 hours; it may not pass midnight UTC.
        window: Option<Sourced<Hours<1, 24>>> = "window" like "3 hours";
        /// What rotates it, where the type's own way is not right.
        by: Option<Sourced<Rotator>> = "by" like "function";
        /// The ARN of a function that rotates it and exists already.
        function: Option<Sourced<FunctionArn>> = "function" like "arn:aws:lambda:eu-west-1:333333333333:function:rotate-psp";
        /// How users and passwords change; `single-user` if left out.
        strategy: Option<Sourced<Strategy>> = "strategy" like "alternating-users";
        /// The secret of the user who changes others' passwords; alternating users need one.
        superuser: Option<Sourced<Reference>> = "superuser" like "orders-admin";
        /// Whether deployment rotates at once; `false` if left out.
        immediately: Option<Sourced<bool>> = "immediately" like "false";
        /// The runtime of a generated function, where the newest is not right.
        runtime: Option<Sourced<Runtime>> = "runtime" like "python3.13";
        /// How a generated function reaches the database: over its own protocol, or through the Data API of Aurora; Redshift has the Data API alone.
        via: Option<Sourced<Way>> = "via" like "data-api";
        /// A Python file beside the blueprint with the functions `create`, `set`, `test` and `retire`, for keys that a provider issues; `keyprint function hook` prints the frame around it.
        module: Option<Sourced<FilePath>> = "module" like "hooks/provider.py";
        /// What a scheduled function tries with the current value, every hour and after each rotation; nothing if left out.
        check: Option<Sourced<Check>> = "check" like "read";
    }
}

words! {
    /// What rotates a secret.
    pub(crate) enum Rotator = "a way to rotate" {
        /// A function that keyprint generates, or the one under `function`.
        Function = "function",
        /// A function that AWS's transform generates in a nested stack.
        Hosted = "hosted",
        /// The service that owns the secret.
        Managed = "managed",
        /// Secrets Manager together with a partner.
        Partner = "partner",
    }
}

words! {
    /// How a rotation function reaches a database.
    pub(crate) enum Way = "a way to the database" {
        /// Over the database's own protocol, from the network.
        Database = "database",
        /// Through an AWS API that runs statements as the superuser.
        DataApi = "data-api",
    }
}

words! {
    /// What is tried with a current value.
    pub(crate) enum Check = "a check" {
        /// Logging in and reading.
        Read = "read",
        /// Logging in, reading, and writing to a temporary table.
        ReadAndWrite = "read-and-write",
    }
}

words! {
    /// How users and passwords change (facts: rotation.md, strategies).
    pub(crate) enum Strategy = "a strategy" {
        /// One user, whose password changes.
        SingleUser = "single-user",
        /// Two users that take turns; the superuser makes the second.
        AlternatingUsers = "alternating-users",
    }
}

words! {
    /// A runtime in which functions can still be created (facts: limits.md, Lambda).
    pub(crate) enum Runtime = "a runtime" {
        /// Python 3.12.
        Python312 = "python3.12",
        /// Python 3.13.
        Python313 = "python3.13",
        /// Python 3.14.
        Python314 = "python3.14",
    }
}

impl Syntax for Rotation {
    fn schema(shapes: &mut Shapes) -> Value {
        json!({ "anyOf": [{ "const": "none" }, RotationFields::schema(shapes)] })
    }

    fn decode(node: &Node, log: &mut Diagnostics) -> Option<Self> {
        if let NodeKind::Scalar { text, .. } = &node.kind {
            if text == "none" {
                return Some(Self::None(node.span));
            }
            unknown_word(node, text, "a rotation", &["none"], log);
            return None;
        }
        let read = RotationFields::decode(node, log)?;
        let plan = RotationPlan {
            span: read.span,
            schedule: decide(&read, log),
            window: read.window,
            by: read.by,
            function: read.function,
            strategy: read.strategy,
            superuser: read.superuser,
            immediately: read.immediately,
            runtime: read.runtime,
            via: read.via,
            module: read.module,
            check: read.check,
        };
        check_window(&plan, log);
        check_function(&plan, log);
        Some(Self::Planned(Box::new(plan)))
    }
}

fn decide(read: &RotationFields, log: &mut Diagnostics) -> Option<Sourced<ScheduleExpression>> {
    if let Some(given) = &read.schedule {
        let other = read.every.as_ref().map(Sourced::span).or(read.at.as_ref().map(Sourced::span));
        if let Some(other) = other {
            log.push(
                Diagnostic::new(&fields::CONFLICTING_FIELDS, other, "`schedule` beside `every` or `at`")
                    .also(given.span(), "this decides the schedule already")
                    .help("keep `schedule`, or `every` and `at`"),
            );
        }
        return Some(given.clone());
    }
    let Some(every) = &read.every else {
        if let Some(at) = &read.at {
            log.push(
                Diagnostic::new(
                    &fields::MISSING_FIELD,
                    at.span(),
                    "`at` says when, and nothing says how often",
                )
                .help("add `every: 30 days`, with the right interval"),
            );
        }
        return None;
    };
    match timetable::schedule(every.value, read.at.as_ref().map(|at| at.value)) {
        Ok(expression) => Some(every.origin.derived("schedule-from-interval").put(expression)),
        Err(unsaid) => {
            let place = read.at.as_ref().map_or(every.span(), Sourced::span);
            let mut diagnostic = Diagnostic::new(&schedule::SCHEDULE_NOT_EXPRESSIBLE, place, unsaid.message);
            if read.at.is_some() {
                diagnostic = diagnostic.also(every.span(), "the interval is here");
            }
            log.push(
                unsaid
                    .instead
                    .into_iter()
                    .fold(diagnostic, |diagnostic, text| diagnostic.help(format!("write `{text}`"))),
            );
            None
        }
    }
}

fn check_window(plan: &RotationPlan, log: &mut Diagnostics) {
    let (Some(schedule), Some(window)) = (&plan.schedule, &plan.window) else { return };
    let longest = schedule.value.longest_window();
    if window.value.count() > longest {
        let longest = Duration { count: longest, unit: Unit::Hour };
        let message = format!("a window of `{}` passes midnight UTC or reaches the next one", window.value);
        log.push(
            Diagnostic::new(&super::codes::schedule::WINDOW_TOO_LONG, window.span(), message)
                .also(schedule.span(), format!("this is `{}`", schedule.value))
                .help(format!("write `window: {longest}`, or begin earlier")),
        );
    }
}

fn check_function(plan: &RotationPlan, log: &mut Diagnostics) {
    if let (Some(function), Some(by)) = (&plan.function, &plan.by)
        && by.value != Rotator::Function
    {
        log.push(
            Diagnostic::new(
                &fields::CONFLICTING_FIELDS,
                by.span(),
                format!("`by: {}` beside `function`", by.value),
            )
            .also(function.span(), "this function rotates it already")
            .help("remove `by`, or remove `function`"),
        );
    }
    if let (Some(function), Some(runtime)) = (&plan.function, &plan.runtime) {
        log.push(
            Diagnostic::new(&fields::CONFLICTING_FIELDS, runtime.span(), "`runtime` beside `function`")
                .also(function.span(), "this function exists and has a runtime")
                .help("remove `runtime`"),
        );
    }
}
