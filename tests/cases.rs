//! Blueprints that compile clean, and blueprints whose every diagnostic is written above the line it is about.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test reads files and fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

use keyprint::{Diagnostics, Level, Sources};

/// A diagnostic as a case file writes it: the line it is about, and `level[code]: message`.
type Expectation = (usize, String);

#[test]
fn good_cases_have_nothing_to_say() {
    let mut seen = 0;
    for path in files(Path::new("tests/cases/ok")) {
        let found = diagnostics(&fs::read_to_string(&path).unwrap());
        assert!(found.is_empty(), "{}: {found:#?}", path.display());
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
        for path in files(&folder) {
            let text = fs::read_to_string(&path).unwrap();
            let expected = expectations(&text);
            let found = diagnostics(&text);
            if found != expected {
                let lines = |all: &[Expectation]| {
                    all.iter().map(|(line, text)| format!("  {line}: # {text}\n")).collect::<String>()
                };
                wrong.push(format!(
                    "{}\nexpected\n{}found\n{}",
                    path.display(),
                    lines(&expected),
                    lines(&found)
                ));
            }
            let about = format!("[{code}]:");
            if !expected.iter().any(|(_, text)| text.contains(&about)) {
                wrong.push(format!("{}\ndoes not expect `{code}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_of_the_reader_has_a_bad_case() {
    for code in keyprint::codes() {
        let folder = Path::new("tests/cases/bad").join(code.name);
        assert!(folder.is_dir(), "no bad case for `{}`", code.name);
    }
}

#[test]
fn explain_pages_say_what_raises_the_code_and_what_does_not() {
    for code in keyprint::codes() {
        let example = fenced(code.page, "## Example");
        let instead = fenced(code.page, "## Instead");
        let raised = |text: &str| {
            diagnostics(text).iter().any(|(_, found)| found.contains(&format!("[{}]:", code.name)))
        };
        assert!(raised(&example), "the example of `{}` does not raise it:\n{example}", code.name);
        assert_eq!(diagnostics(&instead), [], "the other text of `{}`:\n{instead}", code.name);
    }
}

fn diagnostics(text: &str) -> Vec<Expectation> {
    let mut sources = Sources::default();
    sources.add("case.yaml", text);
    let mut log = Diagnostics::default();
    keyprint::read(&sources, &mut log);
    let mut found: Vec<Expectation> = log
        .sorted()
        .into_iter()
        .map(|entry| {
            let (_, place) = sources.locate(entry.labels[0].span).unwrap();
            let level = match entry.level {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Note => "note",
            };
            (place.line, format!("{level}[{}]: {}", entry.code, entry.message))
        })
        .collect();
    found.sort();
    found
}

/// Annotations stand on lines of their own and are about the next line that is none.
fn expectations(text: &str) -> Vec<Expectation> {
    let mut waiting = Vec::new();
    let mut all = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let comment = line.trim_start().strip_prefix("# ").unwrap_or("");
        if ["error[", "warning[", "note["].iter().any(|level| comment.starts_with(level)) {
            waiting.push(comment.to_owned());
        } else {
            all.extend(waiting.drain(..).map(|text| (index + 1, text)));
        }
    }
    let end = text.lines().count() + 1;
    all.extend(waiting.into_iter().map(|text| (end, text)));
    all.sort();
    all
}

fn fenced(page: &str, heading: &str) -> String {
    let (_, section) = page.split_once(heading).unwrap();
    let (_, block) = section.split_once("```yaml\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    block.lines().map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    entries(folder).into_iter().filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}
