//! `keyprint verify`: who can do what by templates from elsewhere, and what rules say about them.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::arguments::{OutputOptions, Verify};
use super::{compile, exit_code, output};
use crate::report::{FORMATS, Voice};
use crate::verify::third_party::{Judged, Settings, judge};
use crate::workspace;

const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const PLAIN: &str = "\u{1b}[0m";

/// Reads the templates, judges them, and reports.
///
/// # Errors
/// The exit code when something cannot be read or printed.
pub(super) fn run(command: &Verify, options: OutputOptions) -> Result<u8, u8> {
    let refuse = |errors: Vec<workspace::Error>| output::refuse(&errors, options);
    let mut sources = workspace::load_templates(&command.templates).map_err(refuse)?;
    let outside = compile::outside(&command.policies, &mut sources).map_err(refuse)?;
    let settings = Settings { account: command.account.clone(), region: command.region.clone() };
    let judged = judge(sources, &settings, outside.as_ref());
    let voice = if options.quiet { Voice::Quiet } else { Voice::Full };
    let report = FORMATS.iter().find(|(word, _)| *word == command.format).map(|(_, report)| report);
    let report = report.map(|report| report(&judged.run, voice)).unwrap_or_default();
    let text = match command.format.as_str() {
        "text" => format!("{report}{}", table(&judged)),
        "json" => with_access(&report, &judged),
        _ => report,
    };
    output::print(&text, options)?;
    Ok(if compile::verdict(&judged.run) == exit_code::CLEAN { exit_code::CLEAN } else { exit_code::FINDINGS })
}

/// The JSON report with the table beside the findings.
fn with_access(report: &str, judged: &Judged) -> String {
    let mut document: Value = serde_json::from_str(report).unwrap_or_default();
    if let Some(fields) = document.as_object_mut() {
        fields.insert("access".to_owned(), json!(judged.rows));
        fields.insert("assumptions".to_owned(), json!(judged.assumptions));
    }
    format!("{document:#}\n")
}

fn table(judged: &Judged) -> String {
    let mut text = String::new();
    let mut subject = None;
    for row in &judged.rows {
        if subject != Some((&row.subject, row.kind)) {
            subject = Some((&row.subject, row.kind));
            let _ = writeln!(text, "\n{BOLD}{} {}{PLAIN}", row.kind, row.subject);
        }
        let who = if row.who.is_empty() { "nobody".to_owned() } else { row.who.join(", ") };
        let _ = writeln!(text, "  {:12} {who}", row.access);
        if !row.undecided.is_empty() {
            let _ = writeln!(text, "  {:12} undecided: {}", "", row.undecided.join(", "));
        }
    }
    for assumption in &judged.assumptions {
        let _ = writeln!(text, "\n{DIM}assumed: {assumption}{PLAIN}");
    }
    text
}
