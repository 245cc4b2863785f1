//! Every resource against CloudFormation's schema of its type.

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::template::origin_at;

use super::codes::{PROVIDER_SCHEMA, UNDECIDED};
use super::judgement::Judgement;
use super::{Subject, provider_schema};

/// Checks the properties of every resource.
pub(super) fn check(subject: &Subject<'_>, judgement: &mut Judgement) {
    let Some(resources) = subject.document.get("Resources").and_then(Value::as_object) else { return };
    let mut clean = true;
    for (id, resource) in resources {
        let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
        let base = format!("/Resources/{id}/Properties");
        let Some(properties) = resource.get("Properties") else { continue };
        let span = |pointer: &str| {
            origin_at(&subject.compiled.stacks, subject.stack, pointer).map(|origin| origin.span)
        };
        match provider_schema::check(kind, properties) {
            Ok(findings) => {
                for finding in findings {
                    clean = false;
                    let pointer = format!("{base}{}", finding.pointer);
                    let Some(span) = span(&pointer) else { continue };
                    judgement.fail(
                        Some(pointer),
                        Diagnostic::new(&PROVIDER_SCHEMA, span, format!("`{kind}`: {}", finding.message))
                            .here("becomes this property"),
                    );
                }
            }
            Err(error) => {
                clean = false;
                let Some(span) = span(&base) else { continue };
                judgement.fail(Some(base), Diagnostic::new(&UNDECIDED, span, format!("`{kind}`: {error}")));
            }
        }
    }
    if clean {
        judgement.pass(PROVIDER_SCHEMA.name);
    }
}
