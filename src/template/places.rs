//! From a place in a template back to the blueprint: walks the tree that the text was written from.

use std::collections::BTreeMap;

use crate::cfn::{Entry, Node, Tree};
use crate::pointer::unescaped;
use crate::source::Origin;
use crate::stack::{Stack, Stacks};

/// The origin of what stands at a JSON pointer of a stack's template: its own, or that of the nearest thing around it
/// that has one. A place that does not exist answers for what would hold it.
pub(crate) fn origin_at(stacks: &Stacks, stack: &Stack, pointer: &str) -> Option<Origin> {
    let mut parts = pointer.split('/').skip(1).map(unescaped);
    match parts.next()?.as_str() {
        "Resources" => {
            let id = parts.next()?;
            let entry = stack
                .members
                .iter()
                .filter_map(|member| stacks.resources.get(*member))
                .find(|entry| entry.logical_id.as_str() == id)?;
            Some(within(entry, parts))
        }
        "Parameters" => {
            let name = parts.next()?;
            stack
                .parameters
                .iter()
                .find(|parameter| parameter.name.as_str() == name)
                .map(|parameter| parameter.origin)
        }
        "Outputs" => {
            let name = parts.next()?;
            stack.outputs.iter().find(|output| output.name.as_str() == name).map(|output| output.origin)
        }
        _ => None,
    }
}

/// The origin of every property of every resource, by template and JSON pointer.
pub(crate) fn trace(stacks: &Stacks) -> BTreeMap<(String, String), Origin> {
    let mut origins = BTreeMap::new();
    for stack in &stacks.stacks {
        for entry in stack.members.iter().filter_map(|member| stacks.resources.get(*member)) {
            for (name, _) in &entry.properties {
                let pointer = format!("/Resources/{}/Properties/{name}", entry.logical_id.as_str());
                let Some(origin) = origin_at(stacks, stack, &pointer) else { continue };
                origins.insert((stack.path.clone(), pointer), origin);
            }
        }
    }
    origins
}

fn within(entry: &Entry, mut parts: impl Iterator<Item = String>) -> Origin {
    let mut origin = entry.origin;
    if parts.next().as_deref() != Some("Properties") {
        return origin;
    }
    let Some(name) = parts.next() else { return origin };
    let mut node: Option<&Node> =
        entry.properties.iter().find(|(known, _)| *known == name).map(|(_, node)| node);
    while let Some(here) = node {
        origin = here.origin.unwrap_or(origin);
        let Some(step) = parts.next() else { break };
        node = match &here.tree {
            Tree::Map(members) => members.iter().find(|(known, _)| *known == step).map(|(_, node)| node),
            Tree::List(nodes) => step.parse::<usize>().ok().and_then(|at| nodes.get(at)),
            Tree::Bool(_) | Tree::Integer(_) | Tree::Text(_) | Tree::Expr(_) => None,
        };
    }
    origin
}
