//! `keyprint explain`: the page of a code, or the list of all.

use std::fmt::Write as _;

use super::arguments::OutputOptions;
use super::{exit_code, output};
use crate::catalog;
use crate::diagnostic::{Code, Level, closest};
use crate::verify::guard::Rule;

const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const PLAIN: &str = "\u{1b}[0m";

/// Prints a page or the list; an unknown code gets a suggestion.
///
/// # Errors
/// The exit code when the code is unknown or standard output takes nothing.
pub(super) fn run(code: Option<&str>, options: OutputOptions) -> Result<u8, u8> {
    let Some(name) = code else {
        output::print(&list(), options)?;
        return Ok(exit_code::CLEAN);
    };
    let bare = name.strip_prefix("keyprint/").unwrap_or(name);
    if let Some(code) = catalog::find(bare) {
        output::print(&page(code), options)?;
        return Ok(exit_code::CLEAN);
    }
    if let Some(rule) = catalog::find_rule(bare) {
        output::print(&rule_page(rule), options)?;
        return Ok(exit_code::CLEAN);
    }
    let rules: Vec<String> =
        catalog::rules().into_iter().map(|rule| format!("guard/{}", rule.name)).collect();
    let names = catalog::all().into_iter().map(|code| code.name).chain(rules.iter().map(String::as_str));
    let help = closest(bare, names).map_or_else(
        || "`keyprint explain` lists all codes".to_owned(),
        |near| format!("a code with a similar name is `{near}`"),
    );
    output::complain(&format!("there is no code `{}`", name.escape_debug()), Some(&help), options);
    Err(exit_code::ENVIRONMENT)
}

/// All codes by category.
fn list() -> String {
    let codes = catalog::all();
    let width = codes.iter().map(|code| code.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    let mut category = None;
    for code in codes {
        if category != Some(code.category) {
            let gap = if category.is_some() { "\n" } else { "" };
            let _ = writeln!(text, "{gap}{BOLD}{}{PLAIN}", code.category.word());
            category = Some(code.category);
        }
        let _ = writeln!(text, "  {:width$}  {}", code.name, code.summary);
    }
    let _ = writeln!(text, "\n{BOLD}built-in guard rules{PLAIN}");
    for rule in catalog::rules() {
        let _ = writeln!(text, "  guard/{}: {}", rule.name, rule.message);
    }
    text
}

/// The page of a guard rule.
fn rule_page(rule: &Rule) -> String {
    let Rule { name, message, explanation, file, line, applies_to } = rule;
    let mut text = format!("{BOLD}error[guard/{name}]{PLAIN}: {message}\n");
    let _ = writeln!(text, "{DIM}{file}:{line}{PLAIN}\n\n{explanation}");
    if !applies_to.is_empty() {
        let _ = writeln!(text, "\nJudges {}.", applies_to.join(", "));
    }
    text
}

/// A page for a terminal: headings bold, examples indented, everything else as it stands.
fn page(code: &Code) -> String {
    let level = match code.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    let mut text = format!("{BOLD}{level}[{}]{PLAIN}: {}\n", code.name, code.summary);
    let _ = writeln!(text, "{DIM}category {}{PLAIN}\n", code.category.word());
    let mut in_example = false;
    for line in code.unindented_page().lines() {
        if line.starts_with("```") {
            in_example = !in_example;
        } else if in_example {
            let _ = writeln!(text, "{}", format!("    {line}").trim_end());
        } else if let Some(heading) = line.strip_prefix("## ") {
            let _ = writeln!(text, "{BOLD}{heading}{PLAIN}");
        } else {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_lose_their_markup_and_keep_their_words() {
        let code = catalog::find("snapshot-differs").unwrap();
        let text = page(code);
        assert!(text.contains("\u{1b}[1mWhat it finds\u{1b}[0m\n"), "{text}");
        assert!(text.contains("\n    - \"Action\""), "{text}");
        assert!(!text.contains("```") && !text.contains("##"), "{text}");
    }
}
