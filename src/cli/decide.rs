//! `keyprint decide`: single requests, one JSON object per line.

use std::path::Path;

use super::arguments::OutputOptions;
use super::{exit_code, output};
use crate::access::decide_line;
use crate::workspace;

/// Decides every line of a file and prints the decisions; a line that cannot be read is answered with its error.
///
/// # Errors
/// The exit code when the file cannot be read or the decisions cannot be printed.
pub(super) fn run(file: &Path, options: OutputOptions) -> Result<u8, u8> {
    let texts = workspace::read_documents(&[file]).map_err(|errors| output::refuse(&errors, options))?;
    let (text, code) = answers(&texts.concat());
    output::print(&text, options)?;
    Ok(code)
}

/// Decides every line that is not blank: what to print, and the exit code.
fn answers(lines: &str) -> (String, u8) {
    let mut text = String::new();
    let mut code = exit_code::CLEAN;
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let answer = decide_line(line).unwrap_or_else(|error| {
            code = exit_code::ENVIRONMENT;
            serde_json::json!({ "error": error })
        });
        text.push_str(&format!("{answer}\n"));
    }
    (text, code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_each() {
        let identity =
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*",
            "Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}"#
                .replace('\n', " ");
        let line = |context: &str| {
            format!(
                r#"{{"request":{{"principal":"arn:aws:iam::111122223333:role/app","action":"s3:GetObject",
                   "resource":"arn:aws:s3:::b/k","resourceAccount":"111122223333","context":{context}}},
                   "identity":[{identity}],"resourcePolicy":null,"boundaries":[],"sessionPolicy":null,"scps":[],"rcps":[],"endpoint":[]}}"#
            )
            .replace('\n', " ")
        };
        let lines = [line(r#"{"aws:SecureTransport":true}"#), line("{}"), "{".to_owned()].join("\n");
        let (text, code) = answers(&lines);
        let words: Vec<&str> = text.lines().map(|line| line.split('"').nth(3).unwrap_or_default()).collect();
        assert_eq!(words.first(), Some(&"allow"), "{text}");
        assert_eq!(words.get(1), Some(&"deny"), "{text}");
        assert!(text.lines().last().is_some_and(|line| line.contains("error")), "{text}");
        assert_eq!(code, 2);
    }
}
