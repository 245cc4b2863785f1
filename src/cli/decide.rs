//! `keyprint decide`: single requests, one JSON object per line.

use crate::access::decide_line;

/// Exit code when every line was decided.
const DECIDED: u8 = 0;
/// Exit code when a line could not be read.
const UNREADABLE: u8 = 2;

/// Decides every line that is not blank: what to print, and the exit code.
pub(crate) fn run(lines: &str) -> (String, u8) {
    let mut text = String::new();
    let mut code = DECIDED;
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let answer = decide_line(line).unwrap_or_else(|error| {
            code = UNREADABLE;
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
        let (text, code) = run(&lines);
        let words: Vec<&str> = text.lines().map(|line| line.split('"').nth(3).unwrap_or_default()).collect();
        assert_eq!(words.first(), Some(&"allow"), "{text}");
        assert_eq!(words.get(1), Some(&"deny"), "{text}");
        assert!(text.lines().last().is_some_and(|line| line.contains("error")), "{text}");
        assert_eq!(code, 2);
    }
}
