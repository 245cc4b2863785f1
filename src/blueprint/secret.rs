//! Secrets: what a value is for and who knows it, never the value.

use super::codes::fields;
use super::literal;
use super::mapping::{mapping, names_a_value};
use super::name::{LogicalName, Name, Reference, ValueField};
use super::rotation::{Rotation, RotationPlan, Rotator, Strategy, Way};
use super::scalar::{Characters, Count, Text};
use super::scope;
use super::syntax::{Table, repeated};
use super::words::words;
use crate::aws::{CacheUserId, DatabaseUser, FunctionArn, SecretName, TagKey, TagValue};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Sourced, Span};

mapping! {
    /// A secret in Secrets Manager; its value is generated, or set after deployment.
    pub(crate) struct Secret = "a secret" with check {
        /// What the value is, and for databases the engine.
        kind: Sourced<SecretType> = "type" like "aurora-postgresql";
        /// What the secret is for.
        description: Option<Sourced<Text>> = "description" like "The application's own user";
        /// The database it is for, by its name under `environments`.
        database: Option<Sourced<Name>> = "database" like "orders";
        /// The user whose password it is.
        username: Option<Sourced<DatabaseUser>> = "username" like "orders_app";
        /// The id of the ElastiCache user, where it is not the user's name.
        user_id: Option<Sourced<CacheUserId>> = "user-id" like "sessions-app";
        /// A function that is told when another value has become current: to deploy anew, or to empty a cache.
        on_change: Option<Sourced<FunctionArn>> = "on-change" like "arn:aws:lambda:eu-west-1:333333333333:function:redeploy";
        /// The key that encrypts it, where there are several or it is another application's.
        key: Option<Sourced<Reference>> = "key" like "platform/shared-key";
        /// The name in Secrets Manager, where it is not `application/environment/name`.
        name: Option<Sourced<SecretName>> = "name" like "legacy/orders/database";
        /// When and by what it is rotated; databases are rotated every 30 days if left out, `none` takes a waiver.
        rotation: Option<Rotation> = "rotation" like "{ every: 30 days, at: Sunday 02:00, window: 3 hours }";
        /// Whether the environment's further Regions hold replicas; `false` if left out.
        replicate: Option<Sourced<bool>> = "replicate" like "true";
        /// The fields of a `key-value` secret that are generated.
        fields: Vec<Sourced<ValueField>> = "fields" like "[signingKey, verifyKey]";
        /// The fields of a `key-value` secret that are not secret.
        constants: Table<ValueField, Sourced<Text>> = "constants" like "{ issuer: orders }";
        /// The length of generated values, 8 to 4096 characters; 32 if left out.
        length: Option<Sourced<Count<8, 4096>>> = "length" like "32";
        /// Characters that generated values leave out, where the engine's own list is not right.
        exclude_characters: Option<Sourced<Characters>> = "exclude-characters" like "\"/@\"";
        /// The partner and its metadata, for type `partner`.
        partner: Option<Partner> = "partner" like "{ type: SalesforceClientSecret, metadata: { apiVersion: v65.0 } }";
        /// The stack that holds it, where it is not the application's own.
        stack: Option<Sourced<Name>> = "stack" like "reporting";
        /// The name it had before; the old logical id stays.
        was: Option<Sourced<Name>> = "was" like "order-database";
        /// The beginning of its logical ids, where it is not made from the name.
        id: Option<Sourced<LogicalName>> = "id" like "OrdersDb";
        /// The only environments that have it.
        only: Vec<Sourced<Name>> = "only" like "[production]";
        /// The environments that do not have it.
        except: Vec<Sourced<Name>> = "except" like "[staging]";
        /// Tags beside the application's own.
        tags: Table<TagKey, Sourced<TagValue>> = "tags" like "{ cost-centre: \"4711\" }";
    }
}

mapping! {
    /// A partner whose secret Secrets Manager rotates itself.
    pub(crate) struct Partner = "a partner" {
        /// The type that the partner's secrets have.
        kind: Sourced<PartnerType> = "type" like "SalesforceClientSecret";
        /// What the partner's rotation needs to know.
        metadata: Table<ValueField, Sourced<Text>> = "metadata" like "{ apiVersion: v65.0 }";
    }
}

words! {
    /// A database engine.
    pub(crate) enum Engine = "an engine" {
        /// PostgreSQL on RDS or elsewhere.
        PostgreSql = "postgresql",
        /// Aurora PostgreSQL.
        AuroraPostgreSql = "aurora-postgresql",
        /// MySQL on RDS or elsewhere.
        MySql = "mysql",
        /// Aurora MySQL.
        AuroraMySql = "aurora-mysql",
        /// MariaDB.
        MariaDb = "mariadb",
        /// Oracle.
        Oracle = "oracle",
        /// SQL Server.
        SqlServer = "sqlserver",
        /// Db2.
        Db2 = "db2",
        /// Redshift, provisioned or serverless.
        Redshift = "redshift",
        /// DocumentDB.
        DocumentDb = "documentdb",
    }
}

words! {
    /// What a secret's value is.
    pub(crate) enum SecretType = "a type of secret" {
        /// A user of PostgreSQL.
        PostgreSql = "postgresql",
        /// A user of Aurora PostgreSQL.
        AuroraPostgreSql = "aurora-postgresql",
        /// A user of MySQL.
        MySql = "mysql",
        /// A user of Aurora MySQL.
        AuroraMySql = "aurora-mysql",
        /// A user of MariaDB.
        MariaDb = "mariadb",
        /// A user of Oracle.
        Oracle = "oracle",
        /// A user of SQL Server.
        SqlServer = "sqlserver",
        /// A user of Db2.
        Db2 = "db2",
        /// A user of Redshift.
        Redshift = "redshift",
        /// A user of DocumentDB.
        DocumentDb = "documentdb",
        /// A user of Timestream for InfluxDB.
        TimestreamInfluxDb = "timestream-influxdb",
        /// A user of ElastiCache.
        ElastiCacheUser = "elasticache-user",
        /// A user of a directory.
        ActiveDirectory = "active-directory",
        /// One key that somebody else issues.
        ApiKey = "api-key",
        /// The id and the secret of an OAuth client.
        OauthClient = "oauth-client",
        /// The two halves of an SSH key.
        SshKey = "ssh-key",
        /// Named fields, generated or constant.
        KeyValue = "key-value",
        /// One text without a form.
        Text = "text",
        /// An access key of an IAM user; a role is better.
        IamAccessKey = "iam-access-key",
        /// A secret that the database's service owns and rotates.
        Managed = "managed",
        /// A secret that Secrets Manager rotates with a partner.
        Partner = "partner",
    }
}

words! {
    /// The types of secrets that partners have (facts: rotation.md, managed external secrets).
    pub(crate) enum PartnerType = "a partner's type of secret" {
        /// BigID client secret.
        BigId = "BigIDClientSecret",
        /// Cisco Security Platform API key.
        Cisco = "CiscoSecurityPlatformApiKey",
        /// Confluent Cloud API key.
        Confluent = "ConfluentCloudApiKey",
        /// Databricks personal access token.
        DatabricksToken = "DatabricksPAT",
        /// Databricks service principal secret.
        DatabricksPrincipal = "DatabricksSPSecret",
        /// Datadog API key.
        DatadogApi = "DatadogApiKey",
        /// Datadog application key.
        DatadogApplication = "DatadogApplicationKey",
        /// Datadog admin key.
        DatadogAdmin = "DatadogAdminKey",
        /// GitLab access token.
        GitLab = "GitLabAccessToken",
        /// Jenkins API token.
        Jenkins = "JenkinsApiToken",
        /// MongoDB Atlas service account.
        AtlasAccount = "MongoDBAtlasServiceAccount",
        /// MongoDB Atlas database user.
        AtlasUser = "MongoDBAtlasDatabaseUser",
        /// Netskope API token.
        Netskope = "NetskopeApiToken",
        /// Paddle API key.
        Paddle = "PaddleApiKey",
        /// Salesforce client secret.
        Salesforce = "SalesforceClientSecret",
        /// Snowflake key pair.
        SnowflakeKeyPair = "SnowflakeKeyPairAuthentication",
        /// Snowflake programmatic access token.
        SnowflakeToken = "SnowflakePat",
        /// SonarQube token.
        SonarQube = "SonarQubeToken",
    }
}

impl SecretType {
    /// The engine of the database whose user it is.
    pub(crate) fn engine(self) -> Option<Engine> {
        match self {
            Self::PostgreSql => Some(Engine::PostgreSql),
            Self::AuroraPostgreSql => Some(Engine::AuroraPostgreSql),
            Self::MySql => Some(Engine::MySql),
            Self::AuroraMySql => Some(Engine::AuroraMySql),
            Self::MariaDb => Some(Engine::MariaDb),
            Self::Oracle => Some(Engine::Oracle),
            Self::SqlServer => Some(Engine::SqlServer),
            Self::Db2 => Some(Engine::Db2),
            Self::Redshift => Some(Engine::Redshift),
            Self::DocumentDb => Some(Engine::DocumentDb),
            Self::TimestreamInfluxDb
            | Self::ElastiCacheUser
            | Self::ActiveDirectory
            | Self::ApiKey
            | Self::OauthClient
            | Self::SshKey
            | Self::KeyValue
            | Self::Text
            | Self::IamAccessKey
            | Self::Managed
            | Self::Partner => None,
        }
    }

    fn wants_database(self) -> bool {
        self.engine().is_some() || matches!(self, Self::Managed | Self::TimestreamInfluxDb)
    }

    fn wants_user(self) -> bool {
        self.engine().is_some()
            || matches!(
                self,
                Self::TimestreamInfluxDb | Self::ElastiCacheUser | Self::ActiveDirectory | Self::IamAccessKey
            )
    }
}

fn check(secret: &Secret, log: &mut Diagnostics) {
    scope::check(&secret.only, &secret.except, log);
    scope::check_identity(secret.was.as_ref(), secret.id.as_ref(), log);
    repeated(&secret.fields, log);
    let kind = secret.kind.value;
    let generated = secret.fields.first().map(|field| field.span());
    let constants = secret.constants.iter().next().map(|entry| entry.name.span());
    let database = secret.database.as_ref().map(Sourced::span);
    let username = secret.username.as_ref().map(Sourced::span);
    let partner = secret.partner.as_ref().map(|partner| partner.span);
    belongs(secret, "database", database, kind.wants_database(), "orders", log);
    belongs(secret, "username", username, kind.wants_user(), "orders_app", log);
    if let Some(id) = secret.user_id.as_ref().filter(|_| kind != SecretType::ElastiCacheUser) {
        log.push(out_of_place(secret, "user-id", id.span()));
    }
    belongs(secret, "partner", partner, kind == SecretType::Partner, "{ type: SalesforceClientSecret }", log);
    if kind != SecretType::KeyValue {
        for (name, place) in [("fields", generated), ("constants", constants)] {
            if let Some(place) = place {
                log.push(out_of_place(secret, name, place));
            }
        }
    } else if generated.is_none() {
        log.push(missing(secret, "fields", "[signingKey]"));
    }
    check_rotation(secret, log);
    for entry in secret.constants.iter() {
        if names_a_value(&entry.name.value) {
            let what = format!("the constant `{}` would hold a secret's value", entry.name.value);
            log.push(
                literal::found(entry.body.span(), &what).also(entry.name.span(), "constants are not secret"),
            );
        }
    }
}

/// Only database users have strategies, and only those that cannot help themselves have superusers.
fn check_rotation(secret: &Secret, log: &mut Diagnostics) {
    let Some(Rotation::Planned(plan)) = &secret.rotation else { return };
    let kind = secret.kind.value;
    let alternating = plan.strategy.as_ref().filter(|strategy| strategy.value == Strategy::AlternatingUsers);
    let own_user = kind.engine().is_some();
    if let Some(strategy) = plan.strategy.as_ref().filter(|_| !own_user) {
        log.push(out_of_place(secret, "strategy", strategy.span()));
    }
    let data_api = plan.through_data_api(kind);
    match &plan.superuser {
        Some(superuser) if !own_user => log.push(out_of_place(secret, "superuser", superuser.span())),
        Some(superuser) if alternating.is_none() && kind != SecretType::Db2 && !data_api => log.push(
            Diagnostic::new(
                &fields::CONFLICTING_FIELDS,
                superuser.span(),
                "`superuser` without alternating users",
            )
            .also(secret.kind.span(), "a single user of this type changes its own password")
            .help("add `strategy: alternating-users`, or remove `superuser`"),
        ),
        Some(_) | None => {}
    }
    check_way(secret, plan, alternating.map(Sourced::span), log);
    check_module(secret, plan, log);
    let checked = matches!(
        kind,
        SecretType::PostgreSql
            | SecretType::AuroraPostgreSql
            | SecretType::MySql
            | SecretType::AuroraMySql
            | SecretType::MariaDb
    );
    if let Some(check) = plan.check.as_ref().filter(|_| !checked) {
        log.push(out_of_place(secret, "check", check.span()));
    }
}

/// Which databases have a Data API, and what it cannot do.
fn check_way(secret: &Secret, plan: &RotationPlan, alternating: Option<Span>, log: &mut Diagnostics) {
    let kind = secret.kind.value;
    let Some(via) = &plan.via else { return };
    if !matches!(kind, SecretType::AuroraPostgreSql | SecretType::AuroraMySql | SecretType::Redshift) {
        log.push(out_of_place(secret, "via", via.span()));
        return;
    }
    if let (Way::DataApi, Some(alternating)) = (via.value, alternating) {
        log.push(
            Diagnostic::new(&fields::CONFLICTING_FIELDS, via.span(), "alternating users through a Data API")
                .also(alternating, "asked for here")
                .help(
                    "keep one of the two; a Data API cannot log in with a password that is not current yet",
                ),
        );
    }
    if let Some(by) = plan.by.as_ref().filter(|by| by.value != Rotator::Function) {
        log.push(
            Diagnostic::new(
                &fields::CONFLICTING_FIELDS,
                via.span(),
                format!("`via` beside `by: {}`", by.value),
            )
            .also(by.span(), "its function chooses the way itself")
            .help("write `by: function`, or remove `via`"),
        );
    }
}

/// A module rotates what has no way of its own.
fn check_module(secret: &Secret, plan: &RotationPlan, log: &mut Diagnostics) {
    let Some(module) = &plan.module else { return };
    let kind = secret.kind.value;
    let by_provider = matches!(
        kind,
        SecretType::ApiKey
            | SecretType::OauthClient
            | SecretType::SshKey
            | SecretType::KeyValue
            | SecretType::ActiveDirectory
            | SecretType::TimestreamInfluxDb
    );
    if !by_provider {
        log.push(out_of_place(secret, "module", module.span()));
    }
    let other = plan.by.as_ref().filter(|by| by.value != Rotator::Function).map(Sourced::span);
    if let Some(other) = other.or(plan.function.as_ref().map(Sourced::span)) {
        log.push(
            Diagnostic::new(&fields::CONFLICTING_FIELDS, module.span(), "`module` beside another rotation")
                .also(other, "this rotates it already")
                .help("keep one of the two"),
        );
    }
}

/// A field that the type of the secret demands or excludes.
fn belongs(
    secret: &Secret,
    name: &str,
    place: Option<Span>,
    wanted: bool,
    example: &str,
    log: &mut Diagnostics,
) {
    match place {
        None if wanted => log.push(missing(secret, name, example)),
        Some(place) if !wanted => log.push(out_of_place(secret, name, place)),
        Some(_) | None => {}
    }
}

fn missing(secret: &Secret, name: &str, example: &str) -> Diagnostic {
    let message = format!("a secret of type `{}` has no `{name}`", secret.kind.value);
    Diagnostic::new(&fields::MISSING_FIELD, secret.span, message)
        .also(secret.kind.span(), "this type takes one")
        .help(format!("add `{name}: {example}`, with the right value"))
}

fn out_of_place(secret: &Secret, name: &str, place: Span) -> Diagnostic {
    let message = format!("`{name}` means nothing to a secret of type `{}`", secret.kind.value);
    Diagnostic::new(&fields::CONFLICTING_FIELDS, place, message)
        .also(secret.kind.span(), "the type is here")
        .help(format!("remove `{name}`, or choose another type"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_engine_is_a_type_of_secret_under_the_same_word() {
        let types: Vec<&str> = SecretType::WORDS
            .iter()
            .filter(|(_, kind, _)| kind.engine().is_some())
            .map(|(word, ..)| *word)
            .collect();
        let engines: Vec<&str> = Engine::WORDS.iter().map(|(word, ..)| *word).collect();
        assert_eq!(types, engines);
        for (word, kind, _) in SecretType::WORDS {
            assert!(kind.engine().is_none_or(|engine| engine.word() == *word));
        }
    }
}
