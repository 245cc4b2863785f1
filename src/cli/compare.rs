//! `keyprint compare`: does one policy allow what another does not?

use crate::access::{Answer, Budget, Comparison, PolicyKind, compare_texts, comparison_json};

/// Exit code when the new policy allows nothing more.
const NOTHING_NEW: u8 = 0;
/// Exit code when it does.
const NEW_ACCESS: u8 = 1;
/// Exit code when neither is certain.
const UNKNOWN: u8 = 4;

/// How the verdict is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// Compares two documents by their texts: what to print, and the exit code.
pub(crate) fn run(old: &str, new: &str, kind: PolicyKind, format: Format) -> (String, u8) {
    let comparison = compare_texts(old, new, kind, Budget::default());
    let code = match comparison.answer {
        Answer::Proven => NOTHING_NEW,
        Answer::Refuted(_) => NEW_ACCESS,
        Answer::Undecided(_) => UNKNOWN,
    };
    let text = match format {
        Format::Json => format!("{}\n", comparison_json(&comparison)),
        Format::Text => for_people(&comparison),
    };
    (text, code)
}

fn for_people(comparison: &Comparison) -> String {
    let json = comparison_json(comparison);
    let mut text = match &comparison.answer {
        Answer::Proven => "no new access\n".to_owned(),
        Answer::Refuted(_) => "new access\n".to_owned(),
        Answer::Undecided(_) => "unknown\n".to_owned(),
    };
    for name in ["principal", "action", "resource"] {
        if let Some(value) = json.pointer(&format!("/witness/{name}")).and_then(|v| v.as_str()) {
            text.push_str(&format!("  {name:<9} {value}\n"));
        }
    }
    if let Some(context) = json.pointer("/witness/context").and_then(|v| v.as_object()) {
        for (key, value) in context {
            text.push_str(&format!("  context   {key} = {value}\n"));
        }
    }
    if let Some(reason) = json.get("reason").and_then(|v| v.as_str()) {
        text.push_str(&format!("  because   {reason}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(action: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#
        )
    }

    #[test]
    fn codes_and_words() {
        let (get, all) = (document("s3:GetObject"), document("s3:*"));
        let run = |old, new| run(old, new, PolicyKind::Identity, Format::Json);
        assert_eq!(
            run(&all, &get),
            ("{\"verdict\":\"no-new-access\",\"witness\":null,\"reason\":null}\n".into(), 0)
        );
        let (text, code) = run(&get, &all);
        assert_eq!(code, 1);
        assert!(text.contains("\"verdict\":\"new-access\"") && text.contains("\"action\":\"s3:"), "{text}");
        let (text, code) = run("{", &all);
        assert_eq!(code, 4);
        assert!(text.contains("\"verdict\":\"unknown\""), "{text}");
    }
}
