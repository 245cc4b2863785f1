//! keyprint: from a blueprint of secrets to verified CloudFormation templates.

mod catalog;
mod cfn;
mod cli;
mod diagnostic;
mod digest;
mod inventory;
mod lower;
pub mod report;
mod run;
mod source;
mod stack;
mod template;
pub mod verify;
mod workspace;

pub use cli::command_line;
pub use diagnostic::{Category, Code, Diagnostic, Diagnostics, Label, Level, Stop, Subject};
pub use run::{Artifact, Evidence, Outcome, Run, Summary};
pub use source::{Cause, LineColumn, Origin, Source, SourceId, Sourced, Sources, Span};

/// What a run is told beside its sources.
#[derive(Debug, Clone)]
pub struct Options {
    /// The day that waivers are measured by, `YYYY-MM-DD`.
    pub today: String,
    /// Guard rules from outside, as pairs of file and text.
    pub policies: Vec<(String, String)>,
    /// Whether the templates are judged.
    pub verify: bool,
}

/// Compiles sources. Until the pipeline is wired in, each source becomes one artifact, listed in a manifest.
pub fn run(sources: Sources, _options: &Options) -> Run {
    let mut artifacts = Vec::new();
    let mut files = Vec::new();
    for (_, source) in sources.iter() {
        let name = source.path().rsplit('/').next().unwrap_or_default();
        let path = format!("{}/copy.template.json", name.trim_end_matches(".yaml"));
        let text = format!("{:?}\n", source.text());
        files.push(serde_json::json!({ "path": path, "sha256": digest::sha256(text.as_bytes()) }));
        artifacts.push(Artifact { path, text, snapshot: true });
    }
    let manifest = serde_json::json!({ "version": 1, "stacks": [], "files": files });
    artifacts.push(Artifact {
        path: "manifest.json".to_owned(),
        text: format!("{manifest:#}\n"),
        snapshot: false,
    });
    Run { sources, artifacts, ..Run::default() }
}

/// The JSON schema of blueprints. Until the language is wired in, any mapping.
pub(crate) fn blueprint_schema() -> serde_json::Value {
    serde_json::json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object" })
}
