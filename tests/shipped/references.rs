//! Whether everything that the templates of a workspace refer to exists, and is there in time.

use std::collections::{BTreeMap, BTreeSet};

use keyprint::verify::provider_schema::property_lists;
use serde_json::Value;

use super::{Template, Workspace};

/// What one resource or output refers to within its template.
#[derive(Default)]
struct Uses {
    ids: BTreeSet<String>,
    attributes: BTreeSet<(String, String)>,
    imports: BTreeSet<String>,
}

/// Every reference that leads nowhere, comes too late or goes round.
pub(crate) fn problems(workspace: &Workspace) -> Vec<String> {
    let mut problems = Vec::new();
    let mut exported: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for (position, template) in workspace.templates.iter().enumerate() {
        within(template, &mut problems);
        for import in uses(&template.document).imports {
            let key = (template.account.clone(), template.region.clone(), import.clone());
            if !exported.contains_key(&key) {
                problems.push(format!("{}: nothing deployed before exports {import}", template.path));
            }
        }
        for output in template.document["Outputs"].as_object().into_iter().flat_map(|all| all.values()) {
            if let Some(name) = output["Export"]["Name"].as_str() {
                let key = (template.account.clone(), template.region.clone(), name.to_owned());
                if exported.insert(key, position).is_some() {
                    problems.push(format!("{}: {name} is exported twice", template.path));
                }
            }
        }
        parameters(workspace, position, template, &mut problems);
    }
    problems
}

fn within(template: &Template, problems: &mut Vec<String>) {
    let path = &template.path;
    let resources = template.document["Resources"].as_object().unwrap();
    let known = |id: &str| {
        id.starts_with("AWS::")
            || resources.contains_key(id)
            || template.document["Parameters"].get(id).is_some()
    };
    let mut edges: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (id, resource) in resources {
        let uses = uses(resource);
        for target in uses.ids.iter().filter(|target| !known(target)) {
            problems.push(format!("{path}: {id} refers to {target}, which does not exist"));
        }
        for (target, attribute) in &uses.attributes {
            let kind = resources.get(target).and_then(|target| target["Type"].as_str()).unwrap_or_default();
            let shown = property_lists(kind).is_ok_and(|lists| lists.attributes.contains(attribute));
            if !shown {
                problems.push(format!("{path}: {id} asks {target} for {attribute}"));
            }
        }
        let ids = uses.ids.into_iter().chain(uses.attributes.into_iter().map(|(id, _)| id));
        edges.insert(id, ids.filter(|target| resources.contains_key(target)).collect());
    }
    for used in uses(&template.document["Outputs"]).ids {
        if !known(&used) {
            problems.push(format!("{path}: an output refers to {used}, which does not exist"));
        }
    }
    while let Some(ready) =
        edges.iter().find(|(_, needs)| needs.iter().all(|need| !edges.contains_key(need.as_str())))
    {
        let id = *ready.0;
        edges.remove(id);
    }
    if !edges.is_empty() {
        problems.push(format!("{path}: resources wait for each other: {:?}", edges.keys()));
    }
}

/// Every parameter is used, and the manifest says where its value comes from: from an output of a stack before.
fn parameters(workspace: &Workspace, position: usize, template: &Template, problems: &mut Vec<String>) {
    let path = &template.path;
    let declared: BTreeSet<&str> = template.document["Parameters"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect();
    let listed = template.entry["parameters"].as_array().unwrap();
    let names: BTreeSet<&str> = listed.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
    if declared != names {
        problems.push(format!("{path}: parameters {declared:?}, in the manifest {names:?}"));
    }
    let used = uses(&template.document["Resources"]).ids;
    for name in declared.iter().filter(|name| !used.contains(**name)) {
        problems.push(format!("{path}: the parameter {name} is not used"));
    }
    for parameter in listed {
        let Some(from) = parameter["from"]["template"].as_str() else { continue };
        let output = parameter["from"]["output"].as_str().unwrap();
        let before = &workspace.templates[..position];
        let gives =
            before.iter().any(|owner| owner.path == from && owner.document["Outputs"].get(output).is_some());
        if !gives {
            problems.push(format!("{path}: no output {output} of {from} is there in time"));
        }
    }
}

fn uses(value: &Value) -> Uses {
    let mut uses = Uses::default();
    collect(value, &mut uses);
    uses
}

fn collect(value: &Value, uses: &mut Uses) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, uses)),
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("Ref", Value::String(id)) => {
                        uses.ids.insert(id.clone());
                    }
                    ("Fn::GetAtt", Value::Array(parts)) if parts.len() == 2 => {
                        let part = |at: usize| parts[at].as_str().unwrap_or_default().to_owned();
                        uses.attributes.insert((part(0), part(1)));
                        uses.ids.insert(part(0));
                    }
                    ("Fn::ImportValue", Value::String(export)) => {
                        uses.imports.insert(export.clone());
                    }
                    ("Fn::Sub", Value::String(text)) => substituted(text, uses),
                    ("DependsOn", _) => uses.ids.extend(super::words(member).into_iter().map(str::to_owned)),
                    _ => collect(member, uses),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn substituted(text: &str, uses: &mut Uses) {
    for part in text.split("${").skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        match name.split_once('.') {
            _ if name.starts_with('!') => {}
            Some((id, attribute)) => {
                uses.attributes.insert((id.to_owned(), attribute.to_owned()));
                uses.ids.insert(id.to_owned());
            }
            None => {
                uses.ids.insert(name.to_owned());
            }
        }
    }
}
