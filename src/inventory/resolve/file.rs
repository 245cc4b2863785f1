//! Files that a blueprint names: modules of rotation functions, and authorities of databases.

use std::collections::BTreeSet;

use crate::blueprint::Blueprint;
use crate::blueprint::rotation::Rotation;
use crate::blueprint::scalar::FilePath;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::inventory::codes::function::UNUSABLE_FILE;
use crate::source::{Sourced, Sources};

use super::environment::Described;

/// What an author's module has to define (`src/lower/function/hook.py`).
const STEPS: [&str; 4] = ["create", "set", "test", "retire"];

/// What the frame around a module calls its own; one file holds both.
const FRAME: [&str; 12] = [
    "Hook",
    "Rotation",
    "RotationFailed",
    "create_secret",
    "decode",
    "handler",
    "make_current",
    "roll_back",
    "rotate",
    "run",
    "service",
    "test_secret",
];

/// The paths of all files that blueprints name, each once.
pub(crate) fn attachments(blueprints: &[Blueprint], sources: &Sources) -> Vec<String> {
    let mut paths = BTreeSet::new();
    for blueprint in blueprints {
        let modules = blueprint.secrets.iter().filter_map(|entry| match &entry.body.rotation {
            Some(Rotation::Planned(plan)) => plan.module.as_ref(),
            Some(Rotation::None(_)) | None => None,
        });
        let authorities = blueprint
            .environments
            .iter()
            .flat_map(|entry| entry.body.databases.iter())
            .filter_map(|entry| entry.body.authorities.as_ref());
        paths.extend(modules.chain(authorities).map(|file| sources.beside(file.span(), &file.value).0));
    }
    paths.into_iter().collect()
}

/// The text of an author's module.
pub(super) fn module(
    described: &Described<'_>,
    file: &Sourced<FilePath>,
    log: &mut Diagnostics,
) -> Sourced<String> {
    let text = read(described, file, log);
    let missing: Vec<&str> = STEPS
        .into_iter()
        .filter(|step| !text.lines().any(|line| line.starts_with(&format!("def {step}("))))
        .collect();
    if !text.is_empty() && !missing.is_empty() {
        log.push(
            unusable(file, format!("`{}` does not define `{}`", file.value, missing.join("`, `"))).help(
                "define `create`, `set`, `test` and `retire`; `keyprint function hook` says what each does",
            ),
        );
    }
    let taken: Vec<&str> = text.lines().filter_map(defined).filter(|name| FRAME.contains(name)).collect();
    if !taken.is_empty() {
        log.push(
            unusable(
                file,
                format!("`{}` defines `{}`, as the frame around it does", file.value, taken.join("`, `")),
            )
            .help("give it another name; the module and its frame become one file"),
        );
    }
    file.origin.put(text)
}

/// The name that a line at the left edge of a module defines.
fn defined(line: &str) -> Option<&str> {
    let rest = ["def ", "async def ", "class "].iter().find_map(|word| line.strip_prefix(word));
    let assigned = || line.split_once('=').map(|(name, _)| name.split(':').next().unwrap_or(name).trim());
    rest.map(|rest| rest.split(['(', ':']).next().unwrap_or(rest).trim()).or_else(assigned)
}

/// The certificates of a database's authorities.
pub(super) fn authorities(
    described: &Described<'_>,
    file: &Sourced<FilePath>,
    log: &mut Diagnostics,
) -> Sourced<String> {
    let text = read(described, file, log);
    if !text.is_empty() && !text.contains("-----BEGIN CERTIFICATE-----") {
        log.push(
            unusable(file, format!("`{}` holds no certificates", file.value))
                .help("name a file with certificates as PEM, which begin with `-----BEGIN CERTIFICATE-----`"),
        );
    }
    if text.contains("PRIVATE KEY-----") {
        log.push(
            unusable(file, format!("`{}` holds a private key, which templates would show", file.value))
                .help("name a file with certificates alone, and take the key out of the repository"),
        );
        return file.origin.put(String::new());
    }
    file.origin.put(text)
}

fn read(described: &Described<'_>, file: &Sourced<FilePath>, log: &mut Diagnostics) -> String {
    let (path, found) = described.scope.sources.beside(file.span(), &file.value);
    match found {
        Some(source) if source.text().is_ascii() => source.text().to_owned(),
        Some(_) => {
            log.push(
                unusable(file, format!("`{path}` has characters beyond ASCII"))
                    .help("templates count bytes; write them as escapes"),
            );
            String::new()
        }
        None => {
            log.push(
                unusable(file, format!("there is no file `{path}`"))
                    .help("correct the path, which begins in the folder of the blueprint, or add the file"),
            );
            String::new()
        }
    }
}

fn unusable(file: &Sourced<FilePath>, message: String) -> Diagnostic {
    Diagnostic::new(&UNUSABLE_FILE, file.span(), message)
}
