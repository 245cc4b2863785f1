//! The manifest: what a pipeline needs to deploy the stacks, in order.

use std::collections::BTreeMap;

use crate::digest::sha256;
use crate::stack::{ParameterSource, Stacks};

use super::Template;
use super::json::Json;

/// The version of the manifest's form.
pub(super) const VERSION: u32 = 1;

/// Bytes of a template that can be passed in the request itself (CloudFormation quotas).
const INLINE_TEMPLATE_BYTES: usize = 51_200;

/// The roles that deploy, by application, environment and account.
pub(crate) type Deployers<'a> = BTreeMap<[&'a str; 3], &'a str>;

/// Writes the manifest of a run; `others` are further files, as path and text.
pub(crate) fn manifest(
    stacks: &Stacks,
    templates: &[Template],
    others: &[(&str, &str)],
    deployers: &Deployers<'_>,
) -> String {
    let mut json = Json::default();
    json.object(|json| {
        json.member("version");
        json.raw(VERSION);
        json.member("stacks");
        json.list(|json| {
            for template in templates {
                json.item();
                stack(json, stacks, template, templates, deployers);
            }
        });
        json.member("files");
        json.list(|json| {
            let mut files: Vec<(&str, String)> = templates
                .iter()
                .map(|template| (template.path.as_str(), template.digest.clone()))
                .chain(others.iter().map(|(path, text)| (*path, sha256(text.as_bytes()))))
                .collect();
            files.sort();
            for (path, digest) in files {
                json.item();
                json.object(|json| {
                    json.text_member("path", path);
                    json.text_member("sha256", &digest);
                });
            }
        });
    });
    json.finish()
}

fn stack(
    json: &mut Json,
    stacks: &Stacks,
    template: &Template,
    templates: &[Template],
    deployers: &Deployers<'_>,
) {
    let (Some(stack), position) = (stacks.stacks.get(template.stack), template.stack) else { return };
    let Some(home) = stacks.resources.home_of(stack.home) else { return };
    json.object(|json| {
        json.member("order");
        json.raw(position.saturating_add(1));
        json.text_member("name", &stack.name);
        json.text_member("application", &home.application);
        json.text_member("environment", &home.environment);
        json.text_member("account", &home.account);
        json.text_member("region", &home.region);
        if let Some(role) = deployers.get(&[&*home.application, &*home.environment, &*home.account]) {
            json.text_member("deployer", role);
        }
        json.text_member("template", &template.path);
        json.text_member("sha256", &template.digest);
        json.member("bytes");
        json.raw(template.text.len());
        json.member("uploadNeeded");
        json.raw(template.text.len() > INLINE_TEMPLATE_BYTES);
        json.member("resources");
        json.raw(stack.members.len());
        json.member("capabilities");
        strings(json, stack.capabilities.iter().copied());
        json.member("transforms");
        strings(json, stack.transforms.iter().copied());
        json.member("after");
        strings(
            json,
            stack.after.iter().filter_map(|before| templates.get(*before)).map(|before| before.path.as_str()),
        );
        json.member("parameters");
        json.list(|json| {
            for parameter in &stack.parameters {
                json.item();
                json.object(|json| {
                    json.text_member("name", parameter.name.as_str());
                    json.text_member("description", &parameter.description);
                    json.member("from");
                    match &parameter.source {
                        ParameterSource::Deployer => json.string("deployer"),
                        ParameterSource::Output(owner, output) => json.object(|json| {
                            let template =
                                templates.get(*owner).map_or("", |template| template.path.as_str());
                            json.text_member("template", template);
                            json.text_member("output", output.as_str());
                        }),
                    }
                });
            }
        });
        json.member("exports");
        strings(json, stack.outputs.iter().filter_map(|output| output.export.as_deref()));
        json.member("imports");
        let mut imports: Vec<&str> = stack.imports.values().map(String::as_str).collect();
        imports.sort_unstable();
        imports.dedup();
        strings(json, imports.into_iter());
    });
}

fn strings<'a>(json: &mut Json, texts: impl Iterator<Item = &'a str>) {
    json.list(|json| {
        for text in texts {
            json.item();
            json.string(text);
        }
    });
}
