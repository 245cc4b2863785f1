//! Blueprints that are read clean, and blueprints whose every diagnostic is written above the line it is about.
//!
//! A case is a file, or a folder whose files are one workspace.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test reads files and fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

use keyprint::{Diagnostics, Level, Options, Sources};

/// The day of every run; waivers of the cases end before or after it.
const TODAY: &str = "2026-11-24";

/// Codes that no blueprint alone can raise: they are about rule files, snapshots, changes, StackSets, templates from
/// elsewhere, and templates of ours that do not do what they are to do.
const NOT_BY_BLUEPRINT: &[&str] = &[
    "access-not-effective",
    "access-undecided",
    "can-take-the-key",
    "change-public",
    "change-foreign",
    "change-data-lost",
    "change-regenerated",
    "change-rotation-lost",
    "change-update-fails",
    "change-replacement",
    "change-broader",
    "change-weaker",
    "change-order",
    "change-undecided",
    "change-altered",
    "change-interruption",
    "change-narrower",
    "change-stronger",
    "change-added",
    "change-removed",
    "change-other",
    "decrypts-beyond-its-secrets",
    "foreign-access",
    "key-open-to-account",
    "key-use-too-broad",
    "not-judged",
    "open-access",
    "reaches-every-secret",
    "reads-every-version",
    "statement-adds-nothing",
    "template-unreadable",
    "writer-changes-secret",
    "provider-schema",
    "rule-file",
    "undecided",
    "snapshot-differs",
    "snapshot-missing",
    "snapshot-stale",
    "stack-cycle",
    "stack-set-bound-to-place",
    "stack-set-name-taken",
    "stack-set-needs-output",
    "stack-set-not-the-deployer",
    "stack-set-transform",
    "stack-sets-differ",
];

/// A diagnostic as a case writes it: the file, the line it is about, and `level[code]: message`.
type Expectation = (String, usize, String);

/// The files of a case: how each is called, and its text.
type Case = Vec<(String, String)>;

#[test]
fn good_cases_are_read_without_a_word() {
    let mut seen = 0;
    for path in entries(Path::new("tests/cases/ok")) {
        let mut sources = Sources::default();
        sources.add("case.yaml", fs::read_to_string(&path).unwrap());
        let mut log = Diagnostics::default();
        assert_eq!(keyprint::read(&sources, &mut log), 1);
        assert!(log.sorted().is_empty(), "{}: {:#?}", path.display(), log.sorted());
        seen += 1;
    }
    assert!(seen > 0);
}

#[test]
fn bad_cases_say_exactly_what_is_written_in_them() {
    let mut wrong = Vec::new();
    for folder in entries(Path::new("tests/cases/bad")) {
        let code = folder.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(keyprint::codes().iter().any(|known| known.name == code), "`{code}` is not a code");
        for path in entries(&folder) {
            let case = case(&path);
            let expected: Vec<Expectation> = case.iter().flat_map(expectations).collect();
            let found = diagnostics(&case);
            if found != expected {
                let lines = |all: &[Expectation]| {
                    all.iter()
                        .map(|(file, line, text)| format!("  {file}:{line}: # {text}\n"))
                        .collect::<String>()
                };
                wrong.push(format!(
                    "{}\nexpected\n{}found\n{}",
                    path.display(),
                    lines(&expected),
                    lines(&found)
                ));
            }
            let about = format!("[{code}]:");
            if !expected.iter().any(|(_, _, text)| text.contains(&about)) {
                wrong.push(format!("{}\ndoes not expect `{code}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_that_a_blueprint_can_raise_has_a_bad_case() {
    let without: Vec<&str> = keyprint::codes()
        .iter()
        .map(|code| code.name)
        .filter(|name| !NOT_BY_BLUEPRINT.contains(name) && !Path::new("tests/cases/bad").join(name).is_dir())
        .collect();
    assert!(without.is_empty(), "no bad case for {without:?}");
}

#[test]
fn explain_pages_say_what_raises_the_code_and_what_does_not() {
    let mut seen = 0;
    for code in keyprint::codes() {
        let raised = |text: String| {
            let about = format!("[{}]:", code.name);
            diagnostics(&vec![("page.yaml".to_owned(), text)])
                .iter()
                .any(|(_, _, found)| found.contains(&about))
        };
        if let (Some(example), Some(instead)) =
            (fenced(code.page, "## Example"), fenced(code.page, "## Instead"))
        {
            assert!(raised(example), "the example of `{}` does not raise it", code.name);
            assert!(!raised(instead), "the other text of `{}` raises it", code.name);
            seen += 1;
        }
    }
    assert!(seen >= 50, "{seen}");
}

fn diagnostics(case: &Case) -> Vec<Expectation> {
    let mut sources = Sources::default();
    for (name, text) in case {
        sources.add(name.as_str(), text.as_str());
    }
    let options = Options { today: TODAY.to_owned(), verify: true, outside: None, memory: None };
    let run = keyprint::run(sources, &options);
    let mut found: Vec<Expectation> = run
        .diagnostics
        .sorted()
        .into_iter()
        .map(|entry| {
            let (file, place) = run.sources.locate(entry.labels[0].span).unwrap();
            let level = match entry.level {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Note => "note",
            };
            (file.to_owned(), place.line, format!("{level}[{}]: {}", entry.code, entry.message))
        })
        .collect();
    found.sort();
    found
}

/// Annotations stand on lines of their own and are about the next line that is none.
fn expectations((file, text): &(String, String)) -> Vec<Expectation> {
    let mut waiting: Vec<String> = Vec::new();
    let mut all = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let comment = line.trim_start().strip_prefix("# ").unwrap_or("");
        if ["error[", "warning[", "note["].iter().any(|level| comment.starts_with(level)) {
            waiting.push(comment.to_owned());
        } else {
            all.extend(waiting.drain(..).map(|text| (file.clone(), index + 1, text)));
        }
    }
    let end = text.lines().count() + 1;
    all.extend(waiting.into_iter().map(|text| (file.clone(), end, text)));
    all.sort();
    all
}

fn fenced(page: &str, heading: &str) -> Option<String> {
    let (_, section) = page.split_once(heading)?;
    let section = section.split("## ").next()?;
    let (_, block) = section.split_once("```yaml\n")?;
    let (block, _) = block.split_once("```")?;
    Some(block.lines().map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect())
}

fn case(path: &Path) -> Case {
    let files = if path.is_dir() { entries(path) } else { vec![path.to_owned()] };
    let name = |file: &PathBuf| file.file_name().unwrap().to_str().unwrap().to_owned();
    files.iter().map(|file| (name(file), fs::read_to_string(file).unwrap())).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}
