//! The shipped blueprints as tests see them: compiled, and read back from the text of their templates alone.
#![allow(dead_code, reason = "each test file uses a part of this")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on says where")]

pub(crate) mod access;
pub(crate) mod references;
pub(crate) mod resolve;
pub(crate) mod strangers;
pub(crate) mod unnoticed;

use std::path::{Path, PathBuf};

use keyprint::{Options, Run, Sources};
use serde_json::Value;

/// The day of every run of the tests; the waivers of the shipped blueprints hold on it.
pub(crate) const TODAY: &str = "2026-11-24";

/// A template with what the manifest says of it.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) path: String,
    pub(crate) account: String,
    pub(crate) region: String,
    /// The template itself.
    pub(crate) document: Value,
    /// Its entry in the manifest.
    pub(crate) entry: Value,
}

/// All templates of a run in the order of deployment.
#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    pub(crate) templates: Vec<Template>,
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Path and text of every shipped blueprint, sorted.
#[expect(clippy::disallowed_methods, reason = "tests read their inputs")]
pub(crate) fn blueprints() -> Vec<(String, String)> {
    fn collect(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    collect(&root().join("blueprints"), &mut found);
    found.sort();
    found
}

/// The text of one shipped blueprint.
pub(crate) fn blueprint(path: &str) -> String {
    blueprints().into_iter().find(|(name, _)| name == path).unwrap().1
}

pub(crate) fn run(texts: &[(String, String)], verify: bool) -> Run {
    let mut sources = Sources::default();
    for (path, text) in texts {
        sources.add(path, text);
    }
    keyprint::run(sources, &Options { today: TODAY.to_owned(), verify, outside: None, memory: None })
}

/// Compiles what must compile.
pub(crate) fn compiled(texts: &[(String, String)]) -> Workspace {
    let run = run(texts, false);
    assert!(!run.diagnostics.has_errors(), "{}", said(&run));
    Workspace::of(&run)
}

/// Compiles a single text that must compile.
pub(crate) fn compiled_text(text: &str) -> Workspace {
    compiled(&[("blueprint.yaml".to_owned(), text.to_owned())])
}

/// All shipped blueprints, compiled together.
pub(crate) fn shipped() -> Workspace {
    compiled(&blueprints())
}

/// What a run has to say, for messages of tests.
pub(crate) fn said(run: &Run) -> String {
    let lines: Vec<String> =
        run.diagnostics.iter().map(|said| format!("{}: {}", said.code, said.message)).collect();
    lines.join("\n")
}

impl Workspace {
    pub(crate) fn of(run: &Run) -> Self {
        let text = |path: &str| &run.artifacts.iter().find(|artifact| artifact.path == path).unwrap().text;
        let manifest: Value = serde_json::from_str(text("manifest.json")).unwrap();
        let templates = manifest["stacks"].as_array().unwrap().iter().map(|entry| {
            let word = |name: &str| entry[name].as_str().unwrap().to_owned();
            let path = word("template");
            Template {
                document: serde_json::from_str(text(&path)).unwrap(),
                account: word("account"),
                region: word("region"),
                entry: entry.clone(),
                path,
            }
        });
        Self { templates: templates.collect() }
    }

    pub(crate) fn template(&self, path: &str) -> &Template {
        self.templates.iter().find(|template| template.path == path).unwrap_or_else(|| panic!("no {path}"))
    }

    /// Every resource with its template and logical id.
    pub(crate) fn resources(&self) -> impl Iterator<Item = (&Template, &String, &Value)> {
        self.templates
            .iter()
            .flat_map(|template| template.resources().map(move |(id, resource)| (template, id, resource)))
    }
}

impl Template {
    pub(crate) fn resources(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.document["Resources"].as_object().unwrap().iter()
    }

    /// The resources of a type.
    pub(crate) fn of_type<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.resources().filter(move |(_, resource)| resource["Type"] == kind)
    }
}

/// The statements of a policy document.
pub(crate) fn statements(document: &Value) -> impl Iterator<Item = &Value> {
    document["Statement"].as_array().into_iter().flatten()
}

/// The texts of a list, or of a single text.
pub(crate) fn words(value: &Value) -> Vec<&str> {
    match value {
        Value::String(word) => vec![word],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}
