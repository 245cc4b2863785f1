//! Stacks to text: fixed order, long-form intrinsics.

use crate::cfn::{Entry, Expr, LogicalId, Node, Part, Retention, Tree};
use crate::digest::sha256;
use crate::stack::{Stack, Stacks};
use rayon::prelude::*;

use super::Template;
use super::json::Json;

/// Writes the template of every stack.
pub(crate) fn render(stacks: &Stacks) -> Vec<Template> {
    stacks
        .stacks
        .par_iter()
        .enumerate()
        .map(|(position, stack)| {
            let text = template(stacks, stack);
            Template { path: stack.path.clone(), digest: sha256(text.as_bytes()), text, stack: position }
        })
        .collect()
}

fn template(stacks: &Stacks, stack: &Stack) -> String {
    let pen = Pen { stacks, stack };
    let mut json = Json::default();
    json.object(|json| {
        json.text_member("AWSTemplateFormatVersion", "2010-09-09");
        json.text_member("Description", &description(stacks, stack));
        if let [transform] = stack.transforms.as_slice() {
            json.text_member("Transform", transform);
        }
        if !stack.parameters.is_empty() {
            json.member("Parameters");
            json.object(|json| pen.parameters(json));
        }
        json.member("Resources");
        json.object(|json| {
            for entry in stack.members.iter().filter_map(|id| stacks.resources.get(*id)) {
                json.member(entry.logical_id.as_str());
                pen.resource(json, entry);
            }
        });
        if !stack.outputs.is_empty() {
            json.member("Outputs");
            json.object(|json| pen.outputs(json));
        }
    });
    json.finish()
}

fn description(stacks: &Stacks, stack: &Stack) -> String {
    stacks.resources.home_of(stack.home).map_or_else(String::new, |home| {
        format!(
            "{} in {}, {}: {}, made by keyprint",
            home.application, home.environment, home.region, home.stack
        )
    })
}

struct Pen<'a> {
    stacks: &'a Stacks,
    stack: &'a Stack,
}

impl Pen<'_> {
    fn parameters(&self, json: &mut Json) {
        for parameter in &self.stack.parameters {
            json.member(parameter.name.as_str());
            json.object(|json| {
                json.text_member("Type", "String");
                json.text_member("Description", &parameter.description);
                json.text_member("AllowedPattern", parameter.pattern);
            });
        }
    }

    fn outputs(&self, json: &mut Json) {
        for output in &self.stack.outputs {
            json.member(output.name.as_str());
            json.object(|json| {
                json.text_member("Description", &output.description);
                json.member("Value");
                self.expr(json, &output.value);
                if let Some(export) = &output.export {
                    json.member("Export");
                    json.object(|json| json.text_member("Name", export));
                }
            });
        }
    }

    fn resource(&self, json: &mut Json, entry: &Entry) {
        json.object(|json| {
            json.text_member("Type", entry.kind);
            let mut first: Vec<&LogicalId> = entry
                .depends_on
                .iter()
                .filter_map(|id| self.stacks.resources.get(*id))
                .filter(|other| other.home == entry.home)
                .map(|other| &other.logical_id)
                .collect();
            first.sort();
            first.dedup();
            if !first.is_empty() {
                json.member("DependsOn");
                json.list(|json| {
                    for id in first {
                        json.item();
                        json.string(id.as_str());
                    }
                });
            }
            let (deletion, replacement) = match entry.retention {
                Retention::Delete => ("Delete", "Delete"),
                Retention::Retain => ("RetainExceptOnCreate", "Retain"),
            };
            json.text_member("DeletionPolicy", deletion);
            json.text_member("UpdateReplacePolicy", replacement);
            json.member("Properties");
            json.object(|json| {
                for (name, node) in &entry.properties {
                    json.member(name);
                    self.node(json, node);
                }
            });
        });
    }

    fn node(&self, json: &mut Json, node: &Node) {
        match &node.tree {
            Tree::Bool(value) => json.raw(value),
            Tree::Integer(value) => json.raw(value),
            Tree::Text(text) => json.string(text),
            Tree::Expr(expr) => self.expr(json, expr),
            Tree::List(nodes) => json.list(|json| {
                for node in nodes {
                    json.item();
                    self.node(json, node);
                }
            }),
            Tree::Map(members) => json.object(|json| {
                for (name, node) in members {
                    json.member(name);
                    self.node(json, node);
                }
            }),
        }
    }

    fn expr(&self, json: &mut Json, expr: &Expr) {
        if let Some(export) = self.stack.imports.get(expr) {
            json.object(|json| json.text_member("Fn::ImportValue", export));
            return;
        }
        if let Some(parameter) = self.stack.handed.get(expr) {
            json.object(|json| json.text_member("Ref", parameter.as_str()));
            return;
        }
        json.object(|json| match expr {
            Expr::Ref(target) => json.text_member("Ref", self.logical_id(*target)),
            Expr::Parameter(name) => json.text_member("Ref", name),
            Expr::Pseudo(pseudo) => json.text_member("Ref", pseudo.name()),
            Expr::GetAtt(target, attribute) => {
                json.member("Fn::GetAtt");
                json.list(|json| {
                    json.item();
                    json.string(self.logical_id(*target));
                    json.item();
                    json.string(attribute);
                });
            }
            Expr::Sub(parts) => self.sub(json, parts),
        });
    }

    /// One-argument form when everything is of this stack; otherwise what is handed over gets a name of its own.
    fn sub(&self, json: &mut Json, parts: &[Part]) {
        let mut text = String::new();
        let mut named: Vec<&Expr> = Vec::new();
        for part in parts {
            match part {
                Part::Text(literal) => text.push_str(&literal.replace("${", "${!")),
                Part::Expr(expr) => {
                    text.push_str("${");
                    if self.stack.imports.contains_key(expr) {
                        let position = named.iter().position(|known| *known == expr).unwrap_or_else(|| {
                            named.push(expr);
                            named.len().saturating_sub(1)
                        });
                        text.push_str(&format!("Imported{position}"));
                    } else {
                        text.push_str(&self.place_holder(expr));
                    }
                    text.push('}');
                }
            }
        }
        json.member("Fn::Sub");
        if named.is_empty() {
            json.string(&text);
            return;
        }
        json.list(|json| {
            json.item();
            json.string(&text);
            json.item();
            json.object(|json| {
                for (position, expr) in named.iter().enumerate() {
                    json.member(&format!("Imported{position}"));
                    self.expr(json, expr);
                }
            });
        });
    }

    fn place_holder(&self, expr: &Expr) -> String {
        if let Some(parameter) = self.stack.handed.get(expr) {
            return parameter.as_str().to_owned();
        }
        match expr {
            Expr::Ref(target) => self.logical_id(*target).to_owned(),
            Expr::GetAtt(target, attribute) => format!("{}.{attribute}", self.logical_id(*target)),
            Expr::Parameter(name) => name.clone(),
            Expr::Pseudo(pseudo) => pseudo.name().to_owned(),
            // INVARIANT: `Sub` flattens nested texts, so none is left here.
            Expr::Sub(_) => String::new(),
        }
    }

    fn logical_id(&self, id: crate::cfn::ResourceId) -> &str {
        self.stacks.resources.get(id).map_or("", |entry| entry.logical_id.as_str())
    }
}
