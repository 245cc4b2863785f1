//! `keyprint compare`: does one policy allow what another does not?

use super::arguments::{AnswerFormat, Compare, OutputOptions};
use super::{exit_code, output};
use crate::access::{Answer, Budget, Comparison, PolicyKind, compare_texts, comparison_json};
use crate::workspace;

/// Compares the policies of two files and prints the verdict.
///
/// # Errors
/// The exit code when a file cannot be read or the verdict cannot be printed.
pub(super) fn run(command: &Compare, options: OutputOptions) -> Result<u8, u8> {
    let texts = workspace::read_documents(&[&command.old, &command.new])
        .map_err(|errors| output::refuse(&errors, options))?;
    let ([old, new], Some(kind)) = (texts.as_slice(), PolicyKind::named(&command.kind)) else {
        return Err(exit_code::ENVIRONMENT);
    };
    let (text, code) = answer(old, new, kind, command.format);
    output::print(&text, options)?;
    Ok(code)
}

/// Compares two documents by their texts: what to print, and the exit code.
fn answer(old: &str, new: &str, kind: PolicyKind, format: AnswerFormat) -> (String, u8) {
    let comparison = compare_texts(old, new, kind, Budget::default());
    let code = match comparison.answer {
        Answer::Proven => exit_code::CLEAN,
        Answer::Refuted(_) => exit_code::FINDINGS,
        Answer::Undecided(_) => exit_code::UNDECIDED,
    };
    let text = match format {
        AnswerFormat::Json => format!("{}\n", comparison_json(&comparison)),
        AnswerFormat::Text => for_people(&comparison),
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
        let run = |old, new| answer(old, new, PolicyKind::Identity, AnswerFormat::Json);
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
