//! From the files of a side to what can be compared: blueprints are compiled, templates are read.
//!
//! *Never:* disk, terminals, what differs.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

use crate::change::{Accepted, Review, Spot, Unit, Waived, review};
use crate::deployed::Argument;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::run::Compiled;
use crate::source::{SourceId, SourceKind, Sources, Span};
use crate::stack::ParameterSource;
use crate::template::origin_at;
use crate::verify::third_party::{TEMPLATE_UNREADABLE, place, text};

/// A side that can be compared.
#[derive(Default)]
pub(crate) struct Side {
    /// Its files.
    pub(crate) sources: Sources,
    /// What is wrong with them.
    pub(crate) diagnostics: Diagnostics,
    /// Its templates.
    pub(crate) units: Vec<Unit>,
    /// What was left out, and why.
    pub(crate) notes: Vec<String>,
    compiled: Option<Compiled>,
    places: BTreeMap<String, (SourceId, BTreeMap<String, Range<usize>>)>,
}

/// What the command line says of a deployment that templates do not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// The account.
    pub(crate) account: Option<String>,
    /// The Region.
    pub(crate) region: Option<String>,
}

/// Reviews templates that somebody changed: how good a review is shows in what it says of them.
pub struct ChangeJudge {
    units: Vec<Unit>,
}

impl ChangeJudge {
    /// The judge of what blueprints become.
    pub(crate) fn of_compiled(compiled: &Compiled) -> ChangeJudge {
        ChangeJudge { units: units(compiled) }
    }

    /// The judge of templates from elsewhere, by name.
    pub fn of_templates(templates: Vec<(String, Value)>) -> ChangeJudge {
        let unit = |(path, document): (String, Value)| Unit {
            key: path.clone(),
            path,
            document,
            account: None,
            region: None,
            stack: None,
            parameters: BTreeMap::new(),
        };
        ChangeJudge { units: templates.into_iter().map(unit).collect() }
    }

    /// The templates, each with its name.
    pub fn templates(&self) -> Vec<(String, Value)> {
        self.units.iter().map(|unit| (unit.path.clone(), unit.document.clone())).collect()
    }

    /// What a step from these templates to others does.
    pub fn review(&self, changed: &[Value]) -> Review {
        let own: Vec<Value> = self.units.iter().map(|unit| unit.document.clone()).collect();
        self.review_between(&own, changed)
    }

    /// What a step between two states of these templates does.
    pub fn review_between(&self, old: &[Value], new: &[Value]) -> Review {
        let [old, new] = [old, new].map(|documents| {
            let units = self.units.iter().zip(documents);
            units.map(|(unit, document)| Unit { document: document.clone(), ..unit.clone() }).collect()
        });
        review(["old".to_owned(), "new".to_owned()], old, new)
    }
}

/// Whether a text is a blueprint: a line opens with its first field.
pub(crate) fn is_blueprint(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start_matches('{').trim_start_matches(['"', '\'']);
        line.strip_prefix("blueprint")
            .is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':'))
    })
}

fn units(compiled: &Compiled) -> Vec<Unit> {
    let units = compiled.templates.iter().filter_map(|template| {
        let stack = compiled.stacks.stacks.get(template.stack)?;
        let home = compiled.stacks.resources.home_of(stack.home)?;
        let parameters = stack.parameters.iter().filter_map(|parameter| match &parameter.source {
            ParameterSource::Deployer => None,
            ParameterSource::Output(owner, output) => {
                let argument = Argument::Output(*owner, output.as_str().to_owned());
                Some((parameter.name.as_str().to_owned(), argument))
            }
        });
        Some(Unit {
            path: template.path.clone(),
            key: template.path.clone(),
            document: serde_json::from_str(&template.text).unwrap_or_default(),
            account: Some(home.account.clone()),
            region: Some(home.region.clone()),
            stack: Some(stack.name.clone()),
            parameters: parameters.collect(),
        })
    });
    units.collect()
}

impl Side {
    /// The side of blueprints that were compiled.
    pub(crate) fn of_compiled(sources: Sources, diagnostics: Diagnostics, compiled: Compiled) -> Side {
        let units = units(&compiled);
        Side { sources, diagnostics, units, compiled: Some(compiled), ..Side::default() }
    }

    /// The side of blueprints that have errors.
    pub(crate) fn of_errors(sources: Sources, diagnostics: Diagnostics) -> Side {
        Side { sources, diagnostics, ..Side::default() }
    }

    /// The side of templates, each with its name below the side; manifests among them say where they are deployed.
    pub(crate) fn of_templates(files: Vec<(String, String, String)>, known: &Known) -> Side {
        let mut side = Side::default();
        let is_alone = files.len() == 1;
        let mut manifests = Vec::new();
        for (path, key, content) in files {
            let document = text::read(&content);
            if let Ok(document) = &document
                && key.rsplit('/').next() == Some("manifest.json")
                && document.get("stacks").is_some()
            {
                manifests.push((
                    key.strip_suffix("manifest.json").unwrap_or_default().to_owned(),
                    document.clone(),
                ));
                continue;
            }
            let is_template =
                document.as_ref().is_ok_and(|it| it.get("Resources").is_some_and(Value::is_object));
            // Beside templates lie files that are none, such as those that a synthesis leaves.
            if !is_alone && document.is_ok() && !is_template {
                side.notes.push(format!("`{path}` is no template and is left out"));
                continue;
            }
            let source = side.sources.add_as(SourceKind::Template, path.clone(), content);
            let Some(file) = side.sources.get(source) else { continue };
            match document {
                Ok(document) if is_template => {
                    side.places.insert(path.clone(), (source, place::resources(file.text())));
                    side.units.push(Unit {
                        path,
                        key,
                        document,
                        account: known.account.clone(),
                        region: known.region.clone(),
                        stack: None,
                        parameters: BTreeMap::new(),
                    });
                }
                Ok(_) => {
                    let message =
                        "`Resources` is missing, or is no object: this is neither a template nor a blueprint";
                    side.diagnostics.push(Diagnostic::new(
                        &TEMPLATE_UNREADABLE,
                        Span::new(source, 0..0),
                        message,
                    ));
                }
                Err(refused) => {
                    let lines = file.text().split_inclusive('\n');
                    let start: usize = lines.take(refused.line.saturating_sub(1)).map(str::len).sum();
                    let rest = file.text().get(start..).unwrap_or_default();
                    let end = start + rest.lines().next().map_or(0, str::len);
                    let span = Span::new(source, start..end);
                    side.diagnostics.push(Diagnostic::new(&TEMPLATE_UNREADABLE, span, refused.message));
                }
            }
        }
        for (below, manifest) in &manifests {
            side.deployed(below, manifest);
        }
        side
    }

    /// Takes over what a manifest says of the templates below it.
    fn deployed(&mut self, below: &str, manifest: &Value) {
        let stacks = manifest.get("stacks").and_then(Value::as_array);
        let text = |stack: &Value, name: &str| stack.get(name).and_then(Value::as_str).map(str::to_owned);
        let keys: Vec<String> = self.units.iter().map(|unit| unit.key.clone()).collect();
        for stack in stacks.into_iter().flatten() {
            let Some(template) = text(stack, "template") else { continue };
            let key = format!("{below}{template}");
            let Some(unit) = self.units.iter_mut().find(|unit| unit.key == key) else { continue };
            unit.account = text(stack, "account").or(unit.account.take());
            unit.region = text(stack, "region").or(unit.region.take());
            unit.stack = text(stack, "name");
            let parameters = stack.get("parameters").and_then(Value::as_array);
            for parameter in parameters.into_iter().flatten() {
                let from = parameter.get("from");
                let owner = from.and_then(|from| text(from, "template"));
                let position =
                    owner.and_then(|owner| keys.iter().position(|key| *key == format!("{below}{owner}")));
                let output = from.and_then(|from| text(from, "output"));
                if let (Some(name), Some(position), Some(output)) =
                    (text(parameter, "name"), position, output)
                {
                    unit.parameters.insert(name, Argument::Output(position, output));
                }
            }
        }
    }

    /// The place in the side's files that a place in its templates comes from.
    pub(crate) fn span(&self, spot: &Spot) -> Option<Span> {
        if let Some(compiled) = &self.compiled {
            let template = compiled.templates.iter().find(|template| template.path == spot.template)?;
            let stack = compiled.stacks.stacks.get(template.stack)?;
            return Some(origin_at(&compiled.stacks, stack, &spot.pointer)?.span);
        }
        let (source, places) = self.places.get(&spot.template)?;
        let range = places.get(&spot.logical_id).cloned().unwrap_or(0..0);
        Some(Span::new(*source, range))
    }

    /// The changes that the blueprints of the side accept.
    pub(crate) fn accepted(&self) -> Vec<Accepted> {
        let written = self.compiled.iter().flat_map(|compiled| &compiled.inventory.acknowledged);
        let place =
            |span| self.sources.locate(span).map(|(path, at)| format!("{path}:{}:{}", at.line, at.column));
        written
            .map(|it| Accepted {
                change: it.change.value.clone(),
                because: it.because.clone(),
                until: it.until.clone(),
                place: place(it.change.span()).unwrap_or_default(),
            })
            .collect()
    }

    /// The waivers of the side's blueprints; none where it is of templates, which do not say.
    pub(crate) fn waivers(&self) -> Option<Vec<Waived>> {
        let compiled = self.compiled.as_ref()?;
        let on = |span: Span| {
            let text = self.sources.get(span.source)?.text().get(span.range())?;
            Some(text.split(':').next().unwrap_or(text).trim().to_owned())
        };
        let waivers = compiled.inventory.waivers.iter().map(|it| Waived {
            finding: it.finding.clone(),
            on: on(it.scope).unwrap_or_default(),
            until: it.until.clone(),
        });
        Some(waivers.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blueprints_are_told_from_templates() {
        for text in
            ["blueprint: v1\n", "# x\n\n\"blueprint\" : v1", "{\"blueprint\": \"v1\"}", "'blueprint': v1"]
        {
            assert!(is_blueprint(text), "{text}");
        }
        for text in ["Resources:\n  A:\n    blueprint: v1\n", "{\"Resources\": {}}", "blueprints: 1", ""] {
            assert!(!is_blueprint(text), "{text}");
        }
    }
}
