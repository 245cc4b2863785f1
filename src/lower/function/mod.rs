//! The functions' sources: readable Python parts, joined into one file per engine.
//!
//! A part begins with its docstring, imports and types, and continues after the marker line. Joining
//! keeps the imports of the standard library and of the runtime once and appends what follows the
//! markers. Comments, docstrings and most of the indentation stay behind, because a template passed
//! directly has 51,200 bytes for everything.
//!
//! Values come from environment variables, so that the text is the same for every secret. Certificate authorities and an
//! author's hook are too long for these and are put into the text:
//!
//! | Variable | Engines | Meaning |
//! |---|---|---|
//! | `SECRETS_MANAGER_ENDPOINT` | all | another endpoint than the Region's |
//! | `PASSWORD_LENGTH`, `EXCLUDE_CHARACTERS` | all that draw passwords | 32; `/@"'\` |
//! | `ROTATION_STRATEGY` | databases | `single-user` (default) or `alternating-users` |
//! | `DATABASE_CA` | PostgreSQL, MySQL | certificates as PEM or a path, instead of those in the text and the runtime's |
//! | `DATABASE_TLS` | PostgreSQL, MySQL | `verify-full` (default) or `off` |
//! | `REDSHIFT_CLUSTER`, `REDSHIFT_WORKGROUP` | Redshift | exactly one |
//! | `CLUSTER_ARN` | RDS Data API | the cluster |
//! | `RANDOM_FIELD` | random values | the field to draw; the whole text otherwise |
//! | `HOOK_MODULE` | hooks | the author's module, if it is not in the text |

use std::collections::BTreeSet;

/// What a function does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FunctionEngine {
    /// Users of PostgreSQL and Aurora PostgreSQL, over their own protocol.
    PostgreSql,
    /// Users of MySQL, MariaDB and Aurora MySQL, over their own protocol.
    MySql,
    /// Users of Redshift, set by a superuser through the Redshift Data API.
    RedshiftData,
    /// Users of Aurora, set by a superuser through the RDS Data API.
    RdsData,
    /// A random text, or a random field of a JSON object.
    RandomValue,
    /// The access keys of an IAM user.
    AccessKey,
    /// Users of ElastiCache, which hold two passwords.
    ElastiCache,
    /// A provider's key, handled by functions of the author.
    Hook,
    /// Publishes how old secrets are.
    Watch,
    /// Logs in to PostgreSQL with current values.
    CheckPostgreSql,
    /// Logs in to MySQL and MariaDB with current values.
    CheckMySql,
}

/// What is put into the text of a function.
#[derive(Debug, Default)]
pub(crate) struct Inserts<'a> {
    /// Certificates, as PEM, that databases are verified against.
    pub(crate) authorities: &'a str,
    /// The author's module.
    pub(crate) hook: Option<&'a str>,
}

/// Every engine by the word of the command line.
pub(crate) const ENGINES: [(&str, FunctionEngine); 11] = [
    ("postgresql", FunctionEngine::PostgreSql),
    ("mysql", FunctionEngine::MySql),
    ("redshift-data", FunctionEngine::RedshiftData),
    ("rds-data", FunctionEngine::RdsData),
    ("random", FunctionEngine::RandomValue),
    ("access-keys", FunctionEngine::AccessKey),
    ("elasticache", FunctionEngine::ElastiCache),
    ("hook", FunctionEngine::Hook),
    ("watch", FunctionEngine::Watch),
    ("check-postgresql", FunctionEngine::CheckPostgreSql),
    ("check-mysql", FunctionEngine::CheckMySql),
];

/// The newest Lambda runtime for Python that every validator in use knows (limits.md, Lambda).
pub(crate) const RUNTIME: &str = "python3.13";

/// The handler of every assembled source.
pub(crate) const HANDLER: &str = "index.handler";

/// The complete source of a function, whose handler is `index.handler`.
pub(crate) fn source(engine: FunctionEngine, inserts: &Inserts<'_>) -> String {
    let mut source = join(parts(engine), inserts.authorities);
    if let Some(hook) = inserts.hook {
        source.push_str(&format!("\n{AUTHOR}\n\n{}\n", hook.trim()));
    }
    source
}

/// What stands above an author's module.
const AUTHOR: &str = "# The author's module, as it is.";

const MARKER: &str = "# keyprint: body\n";

struct Part {
    name: &'static str,
    text: &'static str,
}

const COMMON: Part = Part { name: "common", text: include_str!("common.py") };
const STEPS: Part = Part { name: "steps", text: include_str!("steps.py") };
const PASSWORD: Part = Part { name: "password", text: include_str!("password.py") };
const AUTHORITIES: Part = Part { name: "authorities", text: include_str!("authorities.py") };
const WIRE: Part = Part { name: "wire", text: include_str!("wire.py") };
const USERS: Part = Part { name: "users", text: include_str!("users.py") };
const SCRAM: Part = Part { name: "scram", text: include_str!("scram.py") };
const STATEMENTS: Part = Part { name: "statements", text: include_str!("statements.py") };
const REDSHIFT_DATA: Part = Part { name: "redshift_data", text: include_str!("redshift_data.py") };
const RDS_DATA: Part = Part { name: "rds_data", text: include_str!("rds_data.py") };
const POSTGRESQL: Part = Part { name: "postgresql", text: include_str!("postgresql.py") };
const ROTATE_POSTGRESQL: Part =
    Part { name: "rotate_postgresql", text: include_str!("rotate_postgresql.py") };
const CHECK_POSTGRESQL: Part = Part { name: "check_postgresql", text: include_str!("check_postgresql.py") };
const MYSQL: Part = Part { name: "mysql", text: include_str!("mysql.py") };
const ROTATE_MYSQL: Part = Part { name: "rotate_mysql", text: include_str!("rotate_mysql.py") };
const CHECK_MYSQL: Part = Part { name: "check_mysql", text: include_str!("check_mysql.py") };
const RANDOM_VALUE: Part = Part { name: "random_value", text: include_str!("random_value.py") };
const ACCESS_KEY: Part = Part { name: "access_key", text: include_str!("access_key.py") };
const ELASTICACHE: Part = Part { name: "elasticache", text: include_str!("elasticache.py") };
const HOOK: Part = Part { name: "hook", text: include_str!("hook.py") };
const WATCH: Part = Part { name: "watch", text: include_str!("watch.py") };
const HEALTH: Part = Part { name: "health", text: include_str!("health.py") };

fn parts(engine: FunctionEngine) -> &'static [Part] {
    match engine {
        FunctionEngine::PostgreSql => {
            &[COMMON, STEPS, PASSWORD, AUTHORITIES, WIRE, USERS, SCRAM, POSTGRESQL, ROTATE_POSTGRESQL]
        }
        FunctionEngine::MySql => &[COMMON, STEPS, PASSWORD, AUTHORITIES, WIRE, USERS, MYSQL, ROTATE_MYSQL],
        FunctionEngine::RedshiftData => &[COMMON, STEPS, PASSWORD, STATEMENTS, REDSHIFT_DATA],
        FunctionEngine::RdsData => &[COMMON, STEPS, PASSWORD, SCRAM, STATEMENTS, RDS_DATA],
        FunctionEngine::RandomValue => &[COMMON, STEPS, PASSWORD, RANDOM_VALUE],
        FunctionEngine::AccessKey => &[COMMON, STEPS, ACCESS_KEY],
        FunctionEngine::ElastiCache => &[COMMON, STEPS, PASSWORD, ELASTICACHE],
        FunctionEngine::Hook => &[COMMON, STEPS, HOOK],
        FunctionEngine::Watch => &[COMMON, WATCH],
        FunctionEngine::CheckPostgreSql => {
            &[COMMON, HEALTH, AUTHORITIES, WIRE, SCRAM, POSTGRESQL, CHECK_POSTGRESQL]
        }
        FunctionEngine::CheckMySql => &[COMMON, HEALTH, PASSWORD, AUTHORITIES, WIRE, MYSQL, CHECK_MYSQL],
    }
}

fn join(parts: &[Part], authorities: &str) -> String {
    let mut imports = BTreeSet::new();
    let mut bodies = String::new();
    for part in parts {
        let (head, body) = part.text.split_once(MARKER).unwrap_or(("", part.text));
        imports.extend(head.lines().filter(|line| is_import(line) && !names_part(line, parts)));
        bodies.push_str(&format!("\n# {}.py\n\n", part.name));
        let body = body.replace(NO_AUTHORITIES, &format!("AUTHORITIES = \"\"\"{}\"\"\"", authorities.trim()));
        let lines = body.trim().lines().filter(|line| !explains(line)).map(one_space_a_level);
        bodies.extend(lines.map(|line| line + "\n"));
    }
    imports.remove(ANNOTATIONS);
    let imports: String = imports.into_iter().map(|line| format!("{line}\n")).collect();
    squeeze(&format!("{ORIGIN}\n{ANNOTATIONS}\n\n{imports}{bodies}"))
}

/// The line whose place the authorities take.
const NO_AUTHORITIES: &str = "AUTHORITIES = \"\"";

const ORIGIN: &str = "# Joined by keyprint from src/lower/function, where the comments are.";

/// Must be the first statement of a Python file.
const ANNOTATIONS: &str = "from __future__ import annotations";

fn is_import(line: &str) -> bool {
    line.starts_with("import ")
        || line.starts_with("from ") && !FOR_ANNOTATIONS.iter().any(|m| line.starts_with(m))
}

/// Names of these modules occur in annotations alone, which are never evaluated.
const FOR_ANNOTATIONS: [&str; 2] = ["from typing ", "from collections.abc "];

fn explains(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('#') || line.starts_with("\"\"\"") && line.ends_with("\"\"\"") && line.len() > 5
}

fn one_space_a_level(line: &str) -> String {
    let content = line.trim_start();
    let spaces = (line.len() - content.len()) / 4;
    format!("{:spaces$}{content}", "")
}

/// One empty line between blocks is enough, and none after a line that opens one.
fn squeeze(text: &str) -> String {
    let mut squeezed = String::new();
    for line in text.lines() {
        if line.is_empty() && (squeezed.ends_with("\n\n") || squeezed.ends_with(":\n")) {
            continue;
        }
        squeezed.push_str(line);
        squeezed.push('\n');
    }
    squeezed
}

fn names_part(line: &str, parts: &[Part]) -> bool {
    let module = line.split_whitespace().nth(1);
    parts.iter().any(|part| Some(part.name) == module)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With the authorities of a Region, 4.6 kB, leaves room for the rest of a template passed directly (51,200 bytes;
    /// limits.md).
    const SOURCE_LIMIT: usize = 24_000;

    #[test]
    fn every_part_has_its_marker_once() {
        for part in ENGINES.iter().flat_map(|(_, engine)| parts(*engine)) {
            assert_eq!(part.text.matches(MARKER).count(), 1, "{}", part.name);
        }
    }

    #[test]
    fn sources_are_ascii_small_and_whole() {
        for (_, engine) in ENGINES {
            let source = source(engine, &Inserts::default());
            assert!(source.is_ascii(), "{engine:?}");
            assert!(source.len() < SOURCE_LIMIT, "{engine:?}: {}", source.len());
            assert_eq!(source.matches("\ndef handler(").count(), 1, "{engine:?}");
            assert_eq!(source.matches(ANNOTATIONS).count(), 1, "{engine:?}");
        }
    }

    #[test]
    fn no_import_names_another_part() {
        for (_, engine) in ENGINES {
            let source = source(engine, &Inserts::default());
            for line in source.lines().filter(|line| is_import(line)) {
                assert!(!names_part(line, parts(engine)), "{engine:?}: {line}");
            }
        }
    }
}
