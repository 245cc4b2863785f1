//! From a deployed thing back to the line of the blueprint that asked for it.

use serde::Serialize;

use super::blueprint::Workspace;
use super::names::Misnamed;
use crate::diagnostic::closest;
use crate::source::Cause;

/// A resource of a template, and why it is there.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Deployed {
    /// The logical id.
    pub(crate) logical_id: String,
    /// Its type.
    pub(crate) kind: &'static str,
    /// The path of the template.
    pub(crate) template: String,
    /// The line of the blueprint, `file:line:column`.
    pub(crate) blueprint: String,
    /// What stands in that line.
    pub(crate) line: String,
    /// Whether the author wrote it, or which rule made it from that line.
    pub(crate) cause: String,
    /// The properties whose own lines are others.
    pub(crate) properties: Vec<(String, String, String)>,
}

/// Every resource of that logical id.
pub(crate) fn deployed(workspace: &Workspace<'_>, logical_id: &str) -> Result<Vec<Deployed>, Misnamed> {
    let mut found = Vec::new();
    let mut known: Vec<&str> = Vec::new();
    for template in &workspace.compiled.templates {
        let Some(stack) = workspace.compiled.stacks.stacks.get(template.stack) else { continue };
        for entry in stack.members.iter().filter_map(|id| workspace.compiled.stacks.resources.get(*id)) {
            let id = entry.logical_id.as_str();
            known.push(id);
            if id != logical_id {
                continue;
            }
            let Some((blueprint, line)) = workspace.line(entry.origin) else { continue };
            let mut properties = Vec::new();
            for (name, node) in &entry.properties {
                let own = node.origin.filter(|origin| origin.span != entry.origin.span);
                if let Some((place, text)) = own.and_then(|origin| workspace.line(origin)) {
                    properties.push((name.to_string(), place, text));
                }
            }
            found.push(Deployed {
                logical_id: id.to_owned(),
                kind: entry.kind,
                template: template.path.clone(),
                blueprint,
                line,
                cause: match entry.origin.cause {
                    Cause::Written => "written there".to_owned(),
                    Cause::Defaulted => "the default where nothing is written".to_owned(),
                    Cause::Derived(rule) => format!("made by the rule `{rule}`"),
                },
                properties,
            });
        }
    }
    if found.is_empty() {
        let help = closest(logical_id, known.iter().copied()).map_or_else(
            || "logical ids stand in the templates that `keyprint build` writes".to_owned(),
            |near| format!("a similar logical id is `{near}`"),
        );
        let message = format!("no resource has the logical id `{}`", logical_id.escape_debug());
        return Err(Misnamed { message, help });
    }
    Ok(found)
}
