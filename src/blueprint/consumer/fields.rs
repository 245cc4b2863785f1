//! The fields of a consumer.

use serde_json::{Value, json};

use super::facts::Compute;
use crate::aws::{AccountId, DatabaseUser, RoleName};
use crate::blueprint::codes::fields;
use crate::blueprint::mapping::mapping;
use crate::blueprint::name::{LogicalName, Name, Reference};
use crate::blueprint::scalar::{
    ActionPattern, ConditionValue, ConditionWord, Hours, Minutes, ResourcePatternText,
};
use crate::blueprint::schema::Shapes;
use crate::blueprint::scope;
use crate::blueprint::syntax::{OneOrMore, Syntax, Table, repeated};
use crate::blueprint::words::words;
use crate::blueprint::yaml::{Node, NodeKind};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Sourced;

mapping! {
    /// Somebody or something that uses secrets; it gets a role of its own unless it has one.
    pub(crate) struct Consumer = "a consumer" with check {
        /// The kind of compute it runs on, with its options.
        runs_on: Option<Sourced<Compute>> = "runs-on" like "lambda";
        /// The account of a consumer in another account, twelve digits in quotes; its role goes under `role`.
        account: Option<Sourced<AccountId>> = "account" like "\"444444444444\"";
        /// A role that exists, in this account or in that under `account`.
        role: Option<Sourced<RoleName>> = "role" like "RiskReader";
        /// The secrets whose values it reads.
        reads: Vec<Sourced<Reference>> = "reads" like "[orders-db]";
        /// The secrets whose settings it sees, without their values.
        describes: Vec<Sourced<Reference>> = "describes" like "[orders-db]";
        /// The secrets whose values it sets.
        writes: Vec<Sourced<Reference>> = "writes" like "[payment-provider]";
        /// The secrets it changes, rotates and deletes, without their values.
        administers: Vec<Sourced<Reference>> = "administers" like "[orders-db]";
        /// The secrets that the execution role puts into the environment of an ECS task.
        inject: Vec<Sourced<Reference>> = "inject" like "[orders-db]";
        /// The databases it logs in to with IAM instead of a password, as `database/user`.
        connects_to: Vec<DatabaseLogin> = "connects-to" like "[orders/reporting]";
        /// The keys with which it encrypts data of its own.
        encrypts_with: Vec<Sourced<Reference>> = "encrypts-with" like "[orders]";
        /// Further statements for its role.
        allow: Vec<AllowStatement> = "allow" like "[{ actions: [\"sqs:SendMessage\"], resources: [\"arn:aws:sqs:eu-west-1:333333333333:orders\"] }]";
        /// How long its client keeps values, 1 minute to 1 day; a client that caches describes secrets too.
        cache: Option<Sourced<Minutes<1, 1440>>> = "cache" like "5 minutes";
        /// Whether it reads several secrets in one call; `false` if left out.
        batch: Option<Sourced<bool>> = "batch" like "true";
        /// Whether it lives in the environment's VPC; `vpc` if left out, where the environment has a network and the kind can.
        network: Option<Sourced<ConsumerNetwork>> = "network" like "none";
        /// The kind of connection a Glue job uses.
        connection: Option<Sourced<Connection>> = "connection" like "jdbc";
        /// The longest session of its role, 1 to 12 hours; 1 hour if left out.
        session: Option<Sourced<Hours<1, 12>>> = "session" like "1 hour";
        /// Whether a consumer in another account has to show an external id.
        external_id: Option<Sourced<ExternalId>> = "external-id" like "required";
        /// The stack that holds its role, where it is not the application's own.
        stack: Option<Sourced<Name>> = "stack" like "reporting";
        /// The name it had before; the old logical id stays.
        was: Option<Sourced<Name>> = "was" like "shop";
        /// The beginning of its logical ids, where it is not made from the name.
        id: Option<Sourced<LogicalName>> = "id" like "Checkout";
        /// The only environments that have it.
        only: Vec<Sourced<Name>> = "only" like "[production]";
        /// The environments that do not have it.
        except: Vec<Sourced<Name>> = "except" like "[staging]";
    }
}

mapping! {
    /// A statement beside those that follow from the blueprint; it is checked against what the actions take.
    pub(crate) struct AllowStatement = "an allow statement" {
        /// The actions.
        actions: OneOrMore<Sourced<ActionPattern>> = "actions" like "[\"sqs:SendMessage\"]";
        /// The resources; `*` where the actions take none.
        resources: OneOrMore<Sourced<ResourcePatternText>> = "resources" like "[\"arn:aws:sqs:eu-west-1:333333333333:orders\"]";
        /// The conditions: operator, condition key, values.
        conditions: Table<ConditionWord, Table<ConditionWord, OneOrMore<Sourced<ConditionValue>>>> = "conditions" like "{ StringEquals: { \"aws:ResourceTag/team\": [payments] } }";
    }
}

mapping! {
    /// A database login with IAM.
    struct LoginFields = "a database login" {
        /// The database, by its name under `environments`.
        database: Sourced<Name> = "database" like "orders";
        /// The database user.
        user: Sourced<DatabaseUser> = "user" like "reporting";
    }
}

/// A database login with IAM instead of a password.
#[derive(Debug, Clone)]
pub(crate) struct DatabaseLogin {
    /// The database, by its name under `environments`.
    pub(crate) database: Sourced<Name>,
    /// The database user.
    pub(crate) user: Sourced<DatabaseUser>,
}

words! {
    /// Where a consumer's network interfaces are.
    pub(crate) enum ConsumerNetwork = "a network for a consumer" {
        /// In the environment's VPC.
        Vpc = "vpc",
        /// Outside of it.
        None = "none",
    }
}

words! {
    /// What a Glue job connects through.
    pub(crate) enum Connection = "a kind of connection" {
        /// A JDBC connection that names the secret.
        Jdbc = "jdbc",
    }
}

words! {
    /// Whether a foreign consumer shows an external id.
    pub(crate) enum ExternalId = "a word for the external id" {
        /// It has to.
        Required = "required",
    }
}

/// What a consumer may do with a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verb {
    /// Read its value.
    Reads,
    /// See its settings.
    Describes,
    /// Set its value.
    Writes,
    /// Change, rotate and delete it.
    Administers,
    /// Have the execution role read it into the environment.
    Injects,
}

/// Who a consumer is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Identity<'blueprint> {
    /// Compute that gets a role of its own.
    Compute(&'blueprint Sourced<Compute>),
    /// A role of the environment's account that exists.
    Role(&'blueprint Sourced<RoleName>),
    /// A role in another account.
    Foreign {
        /// The account.
        account: &'blueprint Sourced<AccountId>,
        /// The role there.
        role: &'blueprint Sourced<RoleName>,
    },
}

impl Consumer {
    /// Who it is; none where the fields contradict each other, which has been reported.
    pub(crate) fn identity(&self) -> Option<Identity<'_>> {
        match (&self.runs_on, &self.account, &self.role) {
            (Some(compute), None, None) => Some(Identity::Compute(compute)),
            (None, Some(account), Some(role)) => Some(Identity::Foreign { account, role }),
            (None, None, Some(role)) => Some(Identity::Role(role)),
            _ => None,
        }
    }

    /// Everything it does with secrets, in the order of the manual.
    pub(crate) fn uses(&self) -> impl Iterator<Item = (Verb, &Sourced<Reference>)> {
        let all = [
            (Verb::Reads, &self.reads),
            (Verb::Describes, &self.describes),
            (Verb::Writes, &self.writes),
            (Verb::Administers, &self.administers),
            (Verb::Injects, &self.inject),
        ];
        all.into_iter().flat_map(|(verb, list)| list.iter().map(move |reference| (verb, reference)))
    }
}

impl Syntax for DatabaseLogin {
    fn schema(shapes: &mut Shapes) -> Value {
        let fields = LoginFields::schema(shapes);
        json!({ "anyOf": [{ "type": "string", "pattern": "^[a-z][a-z0-9-]*/[^/]+$" }, fields] })
    }

    fn decode(node: &Node, log: &mut Diagnostics) -> Option<Self> {
        let NodeKind::Scalar { text, .. } = &node.kind else {
            return LoginFields::decode(node, log)
                .map(|read| Self { database: read.database, user: read.user });
        };
        let Some((database, user)) = text.split_once('/') else {
            let message =
                format!("`{}` does not name a database and a user", crate::blueprint::syntax::shown(text));
            log.push(
                Diagnostic::new(&fields::WRONG_TYPE, node.span, message)
                    .help("write `DATABASE/USER`, such as `orders/reporting`"),
            );
            return None;
        };
        let part = |text: &str| Node {
            span: node.span,
            head: node.head,
            kind: NodeKind::Scalar { text: text.to_owned(), plain: false },
        };
        let database = Sourced::decode(&part(database), log);
        let user = Sourced::decode(&part(user), log);
        Some(Self { database: database?, user: user? })
    }
}

fn check(consumer: &Consumer, log: &mut Diagnostics) {
    scope::check(&consumer.only, &consumer.except, log);
    scope::check_identity(consumer.was.as_ref(), consumer.id.as_ref(), log);
    for list in
        [&consumer.reads, &consumer.describes, &consumer.writes, &consumer.administers, &consumer.inject]
    {
        repeated(list, log);
    }
    repeated(&consumer.encrypts_with, log);
    check_identity(consumer, log);
    check_options(consumer, log);
}

fn check_identity(consumer: &Consumer, log: &mut Diagnostics) {
    let conflict = |place, message: &str, other, text: &str| {
        Diagnostic::new(&fields::CONFLICTING_FIELDS, place, message)
            .also(other, text)
            .help("keep one of the two")
    };
    if let Some(compute) = &consumer.runs_on {
        let other =
            consumer.account.as_ref().map(Sourced::span).or(consumer.role.as_ref().map(Sourced::span));
        if let Some(other) = other {
            log.push(conflict(
                other,
                "`account` or `role` beside `runs-on`",
                compute.span(),
                "this gets a role of its own",
            ));
        }
    } else if let (Some(account), None) = (&consumer.account, &consumer.role) {
        log.push(
            Diagnostic::new(
                &fields::MISSING_FIELD,
                account.span(),
                "a consumer in another account has no `role`",
            )
            .help("add `role: NAME`; an account as a whole is never let in"),
        );
    } else if consumer.role.is_none() {
        log.push(
            Diagnostic::new(&fields::MISSING_FIELD, consumer.span, "a consumer that does not say who it is")
                .help("add `runs-on: KIND`, `role: NAME`, or `account: \"…\"` and `role: NAME`"),
        );
    }
    if let (Some(external_id), None) = (&consumer.external_id, &consumer.account) {
        log.push(
            Diagnostic::new(
                &fields::CONFLICTING_FIELDS,
                external_id.span(),
                "`external-id` without `account`",
            )
            .help("remove it; external ids are for third parties in other accounts"),
        );
    }
}

fn check_options(consumer: &Consumer, log: &mut Diagnostics) {
    let compute = consumer.runs_on.as_ref().map(|compute| &compute.value);
    let mut misplaced = |place, name: &str, why: &str| {
        let mut diagnostic =
            Diagnostic::new(&fields::CONFLICTING_FIELDS, place, format!("`{name}` means nothing here"));
        if let Some(runs_on) = &consumer.runs_on {
            diagnostic = diagnostic.also(runs_on.span(), "it runs on this");
        }
        log.push(diagnostic.help(format!("remove `{name}`; {why}")));
    };
    if let Some(first) = consumer.inject.first()
        && compute.is_none_or(|compute| compute.execution.is_none())
    {
        misplaced(first.span(), "inject", "only ECS has an execution role that injects secrets");
    }
    if let (Some(batch), Some(_)) = (&consumer.batch, &consumer.account) {
        misplaced(batch.span(), "batch", "`BatchGetSecretValue` does not work across accounts");
    }
    if let Some(connection) = &consumer.connection
        && compute.is_none_or(|compute| compute.kind != "glue-job")
    {
        misplaced(connection.span(), "connection", "only Glue jobs have connections");
    }
    if let Some(network) = &consumer.network
        && compute.is_none()
    {
        misplaced(network.span(), "network", "a role that exists has no network of ours");
    }
    if let Some(session) = &consumer.session
        && compute.is_none()
    {
        misplaced(session.span(), "session", "a role that exists has its own longest session");
    }
}
