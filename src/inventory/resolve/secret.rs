//! Secrets: names, keys, the shape of generated values, attachments, replicas.

use crate::blueprint::environment::{Database, DatabaseTarget};
use crate::blueprint::name::Name;
use crate::blueprint::rotation::Rotation as WrittenRotation;
use crate::blueprint::secret::{Engine, Secret as Written, SecretType};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::inventory::codes::access::KEY_AMBIGUOUS;
use crate::inventory::codes::names::{SECRET_NAME_AMBIGUOUS, UNKNOWN_REFERENCE};
use crate::inventory::codes::rotation::{
    FUNCTION_IN_OTHER_REGION, ONE_GENERATED_FIELD, REPLICA_WITHOUT_REGION, SERVICE_SECRET_UNKNOWN,
};
use crate::inventory::{
    Attachment, Environment, KeyRef, Purpose, Rotation, Secret, SecretRef, SecretValue, TemplateValue,
};
use crate::source::{Origin, Sourced};

use super::environment::Described;
use super::scope::own_secrets;
use super::{key, text};

/// Length of generated values when the author does not say (Secrets Manager default).
const LENGTH: u32 = 32;

/// Characters that the published rotation functions leave out of passwords (rotation templates, `EXCLUDE_CHARACTERS`).
const EXCLUDED: &str = "/@\"'\\";

/// Adds the secrets of an environment; how they rotate is decided afterwards.
pub(super) fn resolve(described: &Described<'_>, environment: &mut Environment, log: &mut Diagnostics) {
    for (name, written) in own_secrets(described.blueprint, described.name) {
        let origin = Origin::written(name.span());
        let physical_name = physical_name(described, name, written, log);
        let key = key_of(described, environment, name, written, log);
        let value = value(described, written, log);
        let secret = Secret {
            stable_name: key::stable_name(name, written.was.as_ref(), written.id.as_ref()),
            name: text(name),
            description: written.description.as_ref().map_or_else(
                || {
                    let what = format!(
                        "{} of {} in {}",
                        name.value, described.blueprint.application.value, described.name
                    );
                    origin.derived("description").put(what)
                },
                text,
            ),
            key,
            attachment: attachment(described, written, &value),
            replicas: replicas(described, environment, written, log),
            rotation: Rotation::None,
            on_change: on_change(environment, written, log),
            stack: written.stack.as_ref().map(text),
            tags: written.tags.iter().map(|entry| (text(&entry.name), text(&entry.body))).collect(),
            physical_name,
            value,
            origin,
        };
        environment.secrets.add(secret);
    }
}

/// Events are delivered within an account and a Region.
fn on_change(environment: &Environment, written: &Written, log: &mut Diagnostics) -> Option<Sourced<String>> {
    let function = written.on_change.as_ref()?;
    let primary = environment.places.first()?;
    if function.value.account() != environment.account.value
        || function.value.region() != primary.region.value
    {
        log.push(
            Diagnostic::new(
                &FUNCTION_IN_OTHER_REGION,
                function.span(),
                format!(
                    "the function is in `{}` of {}, and the secret in `{}` of {}",
                    function.value.region(),
                    function.value.account(),
                    primary.region.value,
                    environment.account.value
                ),
            )
            .also(environment.origin.span, "this environment")
            .help("name a function of that account and Region"),
        );
    }
    Some(text(function))
}

fn physical_name(
    described: &Described<'_>,
    name: &Sourced<Name>,
    written: &Written,
    log: &mut Diagnostics,
) -> Sourced<String> {
    if let Some(given) = &written.name {
        return text(given);
    }
    // A secret with another name is another secret: CloudFormation would replace it, and its value would be lost.
    let name = written.was.as_ref().unwrap_or(name);
    let made = format!("{}/{}/{}", described.blueprint.application.value, described.name, name.value);
    // Secrets Manager adds a hyphen and six characters to the ARN; a name that ends so could be taken for a partial ARN
    // of another secret (Secrets Manager docs).
    if name.value.as_str().rsplit_once('-').is_some_and(|(_, last)| last.chars().count() == 6) {
        log.push(
            Diagnostic::new(
                &SECRET_NAME_AMBIGUOUS,
                name.span(),
                format!("`{}` ends in a hyphen and six characters", name.value),
            )
            .here("could be taken for the suffix that Secrets Manager adds")
            .help("give it another name, or a name in Secrets Manager of its own with `name:`"),
        );
    }
    name.origin.derived("secret name").put(made)
}

fn key_of(
    described: &Described<'_>,
    environment: &Environment,
    name: &Sourced<Name>,
    written: &Written,
    log: &mut Diagnostics,
) -> Sourced<KeyRef> {
    let application = described.blueprint.application.value.as_str();
    let of_application = described.scope.own_key(described.at, application);
    let only = environment
        .keys
        .iter()
        .filter(|(_, key)| key.purpose == Purpose::Secrets)
        .map(|(id, _)| id)
        .collect::<Vec<_>>();
    if let Some(reference) = &written.key {
        if let Some(key) = described.scope.key(described.at, reference, log) {
            return reference.origin.put(key);
        }
    } else if let Some(key) = of_application {
        return Origin::defaulted(name.span()).put(KeyRef::Own(key));
    } else if let [key] = only.as_slice() {
        return Origin::defaulted(name.span()).put(KeyRef::Own(*key));
    } else {
        log.push(
            Diagnostic::new(
                &KEY_AMBIGUOUS,
                name.span(),
                format!("`{}` does not say which of several keys encrypts it", name.value),
            )
            .help(format!("add `key: NAME`, or name one of the keys `{application}` to make it the default")),
        );
    }
    // The error is reported; any key lets the rest be looked at.
    Origin::defaulted(name.span()).put(KeyRef::Own(crate::inventory::Id::of_row(0)))
}

/// The database of a secret, as its environment describes it.
pub(super) fn database<'a>(described: &Described<'a>, written: &Written) -> Option<&'a Database> {
    let name = written.database.as_ref()?;
    described.written.databases.get(&name.value).map(|entry| &entry.body)
}

fn attachment(described: &Described<'_>, written: &Written, value: &SecretValue) -> Option<Attachment> {
    if !matches!(value, SecretValue::Generated { .. }) {
        return None;
    }
    let reference = written.database.as_ref()?;
    let engine = written.kind.value.engine()?;
    let (identifier, target_type) = match (database(described, written)?.target()?, engine) {
        (DatabaseTarget::Cluster(id), Engine::Redshift) => (id, "AWS::Redshift::Cluster"),
        (DatabaseTarget::Cluster(id), Engine::DocumentDb) => (id, "AWS::DocDB::DBCluster"),
        (DatabaseTarget::Instance(id), Engine::DocumentDb) => (id, "AWS::DocDB::DBInstance"),
        (DatabaseTarget::Cluster(id), _) => (id, "AWS::RDS::DBCluster"),
        (DatabaseTarget::Instance(id), _) => (id, "AWS::RDS::DBInstance"),
        (DatabaseTarget::Namespace(id), _) => (id, "AWS::RedshiftServerless::Namespace"),
        (DatabaseTarget::Workgroup, _) => return None,
    };
    Some(Attachment {
        target_type: reference.origin.derived("attachment").put(target_type),
        target_id: text(identifier),
    })
}

fn value(described: &Described<'_>, written: &Written, log: &mut Diagnostics) -> SecretValue {
    let kind = &written.kind;
    let by = kind.origin.derived("shape of the value");
    let put = |text: &str| TemplateValue::Text(by.put(text.to_owned()));
    let known = database_is_known(described, written, log);
    match kind.value {
        SecretType::Managed => owned_by_service(described, written, known, log),
        SecretType::Partner => SecretValue::PutLater {
            partner_type: written.partner.as_ref().map(|partner| text(&partner.kind)),
        },
        // Nobody can generate these: a key pair, an access key and a directory's password come from elsewhere.
        SecretType::SshKey | SecretType::IamAccessKey | SecretType::ActiveDirectory => {
            SecretValue::PutLater { partner_type: None }
        }
        SecretType::Text => generated(written, Vec::new(), None),
        SecretType::ApiKey => generated(written, Vec::new(), Some(by.put("apiKey".to_owned()))),
        SecretType::OauthClient => generated(
            written,
            vec![("clientId".to_owned(), put(""))],
            Some(by.put("clientSecret".to_owned())),
        ),
        SecretType::KeyValue => key_value(written, log),
        SecretType::ElastiCacheUser => {
            let mut template = user(written);
            template.extend(cache_user(described, written).map(|arn| ("user_arn".to_owned(), put(&arn))));
            generated(written, template, Some(by.put("password".to_owned())))
        }
        SecretType::TimestreamInfluxDb => {
            let mut template = vec![("engine".to_owned(), put("timestream-influxdb"))];
            template.extend(user(written));
            let identifier = database(described, written).and_then(|database| database.instance.as_ref());
            template.extend(identifier.map(|id| ("dbIdentifier".to_owned(), TemplateValue::Text(text(id)))));
            generated(written, template, Some(by.put("password".to_owned())))
        }
        SecretType::PostgreSql
        | SecretType::AuroraPostgreSql
        | SecretType::MySql
        | SecretType::AuroraMySql
        | SecretType::MariaDb
        | SecretType::Oracle
        | SecretType::SqlServer
        | SecretType::Db2
        | SecretType::Redshift
        | SecretType::DocumentDb => {
            let template = database_template(described, written, log);
            generated(written, template, Some(by.put("password".to_owned())))
        }
    }
}

/// Whether the environment describes the database that a secret names.
fn database_is_known(described: &Described<'_>, written: &Written, log: &mut Diagnostics) -> bool {
    let Some(name) = &written.database else { return false };
    if described.written.databases.get(&name.value).is_some() {
        return true;
    }
    let known = described.written.databases.iter().map(|entry| entry.name.value.as_str());
    let near = crate::diagnostic::closest(name.value.as_str(), known);
    let diagnostic = Diagnostic::new(
        &UNKNOWN_REFERENCE,
        name.span(),
        format!("environment `{}` describes no database `{}`", described.name, name.value),
    );
    log.push(match near {
        Some(near) => diagnostic.help(format!("`{near}` has a similar name")),
        None => diagnostic
            .help(format!("add `databases: {{ {}: {{ host: … }} }}` to the environment", name.value)),
    });
    false
}

fn owned_by_service(
    described: &Described<'_>,
    written: &Written,
    known: bool,
    log: &mut Diagnostics,
) -> SecretValue {
    let database = database(described, written);
    if let Some(arn) = database.and_then(|database| database.secret.as_ref()) {
        let key_arn = database.and_then(|database| database.key.as_ref()).map(text);
        return SecretValue::OwnedByService { arn: text(arn), key_arn };
    }
    if known {
        log.push(
            Diagnostic::new(
                &SERVICE_SECRET_UNKNOWN,
                written.database.as_ref().map_or(written.span, Sourced::span),
                format!(
                    "environment `{}` does not give the ARN of the secret that the service owns",
                    described.name
                ),
            )
            .help("add `secret: ARN` to the database, and `key: ARN` where a customer key encrypts it"),
        );
    }
    SecretValue::PutLater { partner_type: None }
}

fn generated(
    written: &Written,
    template: Vec<(String, TemplateValue)>,
    generated_member: Option<Sourced<String>>,
) -> SecretValue {
    let by = Origin::defaulted(written.kind.span());
    SecretValue::Generated {
        template,
        generated_member,
        length: written
            .length
            .as_ref()
            .map_or(by.put(LENGTH), |length| length.origin.put(length.value.count())),
        exclude_characters: written
            .exclude_characters
            .as_ref()
            .map_or_else(|| by.put(EXCLUDED.to_owned()), text),
        exclude_punctuation: by.put(false),
    }
}

fn key_value(written: &Written, log: &mut Diagnostics) -> SecretValue {
    if let Some(second) = written.fields.get(1) {
        log.push(
            Diagnostic::new(
                &ONE_GENERATED_FIELD,
                second.span(),
                "Secrets Manager generates one field of a secret",
            )
            .here("a second one")
            .help("give each generated field a secret of its own"),
        );
    }
    let template = written
        .constants
        .iter()
        .map(|entry| (entry.name.value.to_string(), TemplateValue::Text(text(&entry.body))))
        .collect();
    generated(written, template, written.fields.first().map(text))
}

/// The id of an ElastiCache user, which is its name where the author does not say.
pub(super) fn cache_user_id(written: &Written) -> Option<Sourced<String>> {
    written.user_id.as_ref().map(text).or_else(|| written.username.as_ref().map(text))
}

fn cache_user(described: &Described<'_>, written: &Written) -> Option<String> {
    let region = described.written.regions.as_slice().first()?.value;
    let account = &described.written.account.value;
    let user = cache_user_id(written)?.value;
    Some(format!("arn:{}:elasticache:{region}:{account}:user:{user}", region.partition().as_str()))
}

fn user(written: &Written) -> Vec<(String, TemplateValue)> {
    written.username.iter().map(|user| ("username".to_owned(), TemplateValue::Text(text(user)))).collect()
}

/// The JSON of a database user (rotation templates). What an attachment writes is left to it.
fn database_template(
    described: &Described<'_>,
    written: &Written,
    log: &mut Diagnostics,
) -> Vec<(String, TemplateValue)> {
    let mut template = Vec::new();
    let database = database(described, written);
    let attached = database
        .and_then(Database::target)
        .is_some_and(|target| !matches!(target, DatabaseTarget::Workgroup));
    if !attached && let Some(engine) = written.kind.value.engine() {
        let by = written.kind.origin.derived("shape of the value");
        template.push(("engine".to_owned(), TemplateValue::Text(by.put(engine_word(engine).to_owned()))));
        let host = database.and_then(|database| database.host.as_ref());
        template.extend(host.map(|host| ("host".to_owned(), TemplateValue::Text(text(host)))));
        let port = database.and_then(|database| database.port.as_ref()).map_or_else(
            || by.put(default_port(engine).to_string()),
            |port| port.origin.put(port.value.count().to_string()),
        );
        template.push(("port".to_owned(), TemplateValue::Text(port)));
        let dbname = database.and_then(|database| database.dbname.as_ref());
        template.extend(dbname.map(|name| ("dbname".to_owned(), TemplateValue::Text(text(name)))));
    }
    template.extend(user(written));
    template.extend(
        superuser(described, written, log)
            .map(|reference| ("masterarn".to_owned(), TemplateValue::SecretArn(reference))),
    );
    template
}

/// The superuser's secret, where the rotation names one.
pub(super) fn superuser(
    described: &Described<'_>,
    written: &Written,
    log: &mut Diagnostics,
) -> Option<Sourced<SecretRef>> {
    let Some(WrittenRotation::Planned(plan)) = &written.rotation else { return None };
    let reference = plan.superuser.as_ref()?;
    let found = described.scope.secret(described.at, reference, log)?;
    Some(reference.origin.put(found))
}

fn replicas(
    described: &Described<'_>,
    environment: &Environment,
    written: &Written,
    log: &mut Diagnostics,
) -> Vec<Sourced<usize>> {
    let Some(replicate) = written.replicate.as_ref().filter(|replicate| replicate.value) else {
        return Vec::new();
    };
    let anywhere =
        described.blueprint.environments.iter().any(|entry| entry.body.regions.as_slice().len() > 1);
    if !anywhere {
        log.push(
            Diagnostic::new(
                &REPLICA_WITHOUT_REGION,
                replicate.span(),
                "no environment has a second Region that could hold a replica",
            )
            .also(
                described
                    .blueprint
                    .environments
                    .iter()
                    .next()
                    .map_or(replicate.span(), |entry| entry.name.span()),
                "this one has a single Region",
            )
            .help("add a Region to an environment's `regions`, or leave `replicate` out"),
        );
    }
    (1..environment.places.len()).map(|place| replicate.origin.put(place)).collect()
}

/// The word of an engine in a secret's JSON (rotation templates).
pub(super) fn engine_word(engine: Engine) -> &'static str {
    match engine {
        Engine::PostgreSql => "postgres",
        Engine::AuroraPostgreSql => "aurora-postgresql",
        Engine::MySql => "mysql",
        Engine::AuroraMySql => "aurora-mysql",
        Engine::MariaDb => "mariadb",
        Engine::Oracle => "oracle",
        Engine::SqlServer => "sqlserver",
        Engine::Db2 => "db2",
        Engine::Redshift => "redshift",
        Engine::DocumentDb => "mongo",
    }
}

/// The port of an engine when nobody says another (rotation templates).
pub(super) fn default_port(engine: Engine) -> u32 {
    match engine {
        Engine::PostgreSql | Engine::AuroraPostgreSql => 5432,
        Engine::MySql | Engine::AuroraMySql | Engine::MariaDb => 3306,
        Engine::Oracle => 1521,
        Engine::SqlServer => 1433,
        Engine::Db2 => 50_000,
        Engine::Redshift => 5439,
        Engine::DocumentDb => 27_017,
    }
}
