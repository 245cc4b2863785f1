//! The shape of the house: which module may import which, which crate is known where, and how files look.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Which modules a module may import, beside itself. A line that is not here is not allowed.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("aws", &[]),
    ("diagnostic", &["source"]),
    ("cfn", &["source", "aws"]),
    ("access", &["aws", "cfn"]),
    ("pointer", &[]),
    ("deployed", &["access", "pointer"]),
    ("blueprint", &["source", "diagnostic", "aws"]),
    ("inventory", &["source", "diagnostic", "aws", "blueprint"]),
    ("lower", &["source", "aws", "cfn", "inventory"]),
    ("stack", &["source", "diagnostic", "cfn"]),
    ("template", &["source", "cfn", "stack", "digest", "pointer"]),
    ("run", &["source", "diagnostic", "inventory", "stack", "template"]),
    (
        "verify",
        &[
            "source",
            "diagnostic",
            "digest",
            "aws",
            "cfn",
            "access",
            "deployed",
            "pointer",
            "inventory",
            "stack",
            "template",
            "run",
        ],
    ),
    ("options", &["verify"]),
    ("change", &["source", "diagnostic", "aws", "access", "deployed", "digest", "pointer", "verify"]),
    ("side", &["source", "diagnostic", "run", "stack", "template", "deployed", "verify", "change"]),
    (
        "report",
        &[
            "source",
            "diagnostic",
            "digest",
            "aws",
            "blueprint",
            "cfn",
            "access",
            "inventory",
            "stack",
            "template",
            "run",
            "verify",
            "change",
            "catalog",
        ],
    ),
    ("catalog", &["diagnostic", "blueprint", "inventory", "stack", "verify", "change"]),
    ("digest", &[]),
    ("workspace", &["source", "run", "digest"]),
];

/// The only folder or file that may name a crate.
const KNOWN_IN: &[(&str, &[&str])] = &[
    ("granit_parser", &["src/blueprint/syntax.rs", "src/blueprint/yaml.rs"]),
    ("cloudformation_guard_lang", &["src/verify/guard/"]),
    ("jsonschema", &["src/verify/provider_schema.rs"]),
    ("annotate_snippets", &["src/report/text"]),
    ("clap", &["src/cli/"]),
    ("clap_complete", &["src/cli/"]),
    ("similar", &["src/verify/snapshot.rs", "src/report/review/"]),
    ("strsim", &["src/diagnostic/suggest.rs", "src/verify/guard/lint.rs"]),
    ("mimalloc", &["src/main.rs"]),
    ("sha2", &["src/digest.rs"]),
];

/// Lines of a file, its tests included.
const LONGEST_FILE: usize = 600;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[expect(clippy::disallowed_methods, reason = "the test reads the sources")]
fn files_below(folder: &Path, extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                let name = path.strip_prefix(root()).unwrap_or(&path).to_string_lossy().into_owned();
                found.push((name, std::fs::read_to_string(&path).unwrap_or_default()));
            }
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<(String, String)> {
    files_below(&root().join("src"), "rs")
}

/// The top-level module that a file belongs to; `lib.rs` and `main.rs` wire everything and belong to none.
fn module_of(file: &str) -> Option<&str> {
    let rest = file.strip_prefix("src/")?;
    let name = rest.split('/').next()?.trim_end_matches(".rs");
    (!matches!(name, "lib" | "main" | "cli")).then_some(name)
}

/// The top-level modules that the code of a file names; comments and texts do not count.
fn imports(file: &str, text: &str) -> BTreeSet<String> {
    let depth = file.matches('/').count();
    let mut found = BTreeSet::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            let names: Vec<&str> = match rest.strip_prefix('{') {
                Some(list) => list.split(',').collect(),
                None => vec![rest],
            };
            for name in names {
                let word: String =
                    name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if !word.is_empty() {
                    found.insert(word);
                }
            }
        }
        // From a file directly below `src`, `super` is the crate itself.
        if depth == 1
            && let Some(rest) = line.split("super::").nth(1)
        {
            found.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found
}

#[test]
fn modules_import_only_what_the_table_allows() {
    let table: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let Some(module) = module_of(&file) else { continue };
        let Some(allowed) = table.get(module) else {
            wrong.push(format!("{file}: module `{module}` is not in the table"));
            continue;
        };
        for name in imports(&file, &text) {
            if table.contains_key(name.as_str()) && name != module && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{file} imports `{name}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "outside the import table:\n{}", wrong.join("\n"));
}

#[test]
fn the_import_table_has_no_circle() {
    let table: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    loop {
        let ready: Vec<&str> = table
            .iter()
            .filter(|(name, needs)| {
                !settled.contains(*name)
                    && needs.iter().all(|need| settled.contains(need) || !table.contains_key(need))
            })
            .map(|(name, _)| *name)
            .collect();
        if ready.is_empty() {
            break;
        }
        settled.extend(ready);
    }
    assert_eq!(settled.len(), table.len(), "modules in a circle");
}

#[test]
fn each_outside_crate_is_known_in_one_place() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        for (name, places) in KNOWN_IN {
            let used = text.lines().map(str::trim).any(|line| {
                !line.starts_with("//")
                    && (line.contains(&format!("{name}::")) || line.contains(&format!("use {name}")))
            });
            if used && !places.iter().any(|place| file.starts_with(place)) {
                wrong.push(format!("{file} names `{name}`, which belongs in {places:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_owns_and_stays_short() {
    let mut wrong = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for (file, text) in files_below(&root().join(folder), "rs") {
            if !text.starts_with("//! ") {
                wrong.push(format!("{file}: the first line does not say what it owns"));
            }
            let lines = text.lines().count();
            if lines > LONGEST_FILE {
                wrong.push(format!("{file}: {lines} lines, more than {LONGEST_FILE}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_folder_is_one_entry() {
    let beside: Vec<String> = sources()
        .into_iter()
        .map(|(file, _)| file)
        .filter(|file| root().join(file.trim_end_matches(".rs")).is_dir())
        .collect();
    assert!(beside.is_empty(), "a file beside the folder of its name: {beside:?}");
}

/// Paths in back-ticks that look like files of the project must exist.
#[test]
fn every_path_in_a_document_exists() {
    let mut missing = Vec::new();
    for name in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        #[expect(clippy::disallowed_methods, reason = "the test reads the documents")]
        let text = std::fs::read_to_string(root().join(name)).unwrap_or_else(|_| panic!("{name} is missing"));
        for word in text.split('`').skip(1).step_by(2) {
            let first = word.split('/').next().unwrap_or_default();
            let known = ["src", "tests", "benches", "blueprints", "schemas", "policies", "snapshots", ".ci"];
            let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
            if known.contains(&first) && word.contains('/') && plain && !root().join(word).exists() {
                missing.push(format!("{name}: `{word}`"));
            }
        }
    }
    assert!(missing.is_empty(), "paths that do not exist: {missing:?}");
}
