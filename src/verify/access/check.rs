//! The proof as a check over the whole workspace.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::codes::{ACCESS_BEYOND_INTENTION, ACCESS_NOT_EFFECTIVE, ACCESS_UNDECIDED};
use super::intent::Intended;
use super::proof::{Finding, Verdict};
use super::{channels, intent, named, proof, trust};
use crate::access::{Request, readable};
use crate::deployed::{Argument, Deployed, Located, Place};
use crate::diagnostic::{Diagnostic, Diagnostics, Subject};
use crate::run::{Compiled, Evidence, Outcome};
use crate::source::Span;
use crate::stack::ParameterSource;
use crate::template::origin_at;

/// The name of the evidence for a secret or key whose access is proved.
const PROVED: &str = "access-proved";

/// Proves access over all templates of a run; `documents` are their texts, parsed, in the order of the templates.
pub(crate) fn check(
    compiled: &Compiled,
    documents: &[Value],
    evidence: &mut Vec<Evidence>,
    log: &mut Diagnostics,
) {
    let deployed = deployed(compiled, documents);
    let grants = intent::intended(&compiled.inventory);
    let findings = all(compiled, &deployed, &grants);
    let failed: BTreeSet<&Place> = findings.iter().map(|finding| &finding.place).collect();
    let places = deployed.secrets.iter().map(|secret| &secret.place);
    for place in places.chain(deployed.keys.iter().map(|key| &key.place)) {
        if !failed.contains(place) {
            let subject = subject(compiled, place);
            evidence.push(Evidence { check: PROVED.to_owned(), subject, outcome: Outcome::Pass });
        }
    }
    for finding in &findings {
        report(compiled, finding, evidence, log);
    }
}

/// Everything that does not hold.
pub(super) fn all(compiled: &Compiled, deployed: &Deployed, meant: &Intended) -> Vec<Finding> {
    let mut findings = proof::prove(deployed, &meant.grants);
    findings.extend(trust::prove(deployed, &compiled.inventory, meant));
    findings.extend(channels::prove(deployed, &compiled.inventory));
    // What the transform for hosted rotation adds is named among the assumptions.
    let doubts = deployed.doubts.iter().filter(|doubt| doubt.place.pointer != "/Transform");
    findings.extend(doubts.map(|doubt| Finding {
        place: doubt.place.clone(),
        verdict: Verdict::Undecided(doubt.construct.clone()),
    }));
    findings
}

/// What the templates of a run deploy.
pub(super) fn deployed(compiled: &Compiled, documents: &[Value]) -> Deployed {
    let located: Vec<Located<'_>> = compiled
        .templates
        .iter()
        .zip(documents)
        .filter_map(|(template, document)| {
            let stack = compiled.stacks.stacks.get(template.stack)?;
            let home = compiled.stacks.resources.home_of(stack.home)?;
            let parameters: BTreeMap<String, Argument> = stack
                .parameters
                .iter()
                .filter_map(|parameter| match &parameter.source {
                    ParameterSource::Deployer => None,
                    ParameterSource::Output(owner, output) => Some((
                        parameter.name.as_str().to_owned(),
                        Argument::Output(*owner, output.as_str().to_owned()),
                    )),
                })
                .collect();
            Some(Located {
                path: template.path.clone(),
                document,
                account: Some(home.account.clone()),
                region: Some(home.region.clone()),
                stack: Some(stack.name.clone()),
                parameters,
            })
        })
        .collect();
    Deployed::read(&located, &named::existing_roles(&compiled.inventory))
}

fn report(compiled: &Compiled, finding: &Finding, evidence: &mut Vec<Evidence>, log: &mut Diagnostics) {
    let subject = subject(compiled, &finding.place);
    let Some(anywhere) = anywhere(compiled) else { return };
    let thing = subject.logical_id.clone().unwrap_or_default();
    let here = span(compiled, &finding.place);
    let (diagnostic, outcome) = match &finding.verdict {
        Verdict::Beyond { request, by } => {
            let span = by.iter().find_map(|place| span(compiled, place)).or(here);
            let mut diagnostic = Diagnostic::new(
                &ACCESS_BEYOND_INTENTION,
                span.unwrap_or(anywhere),
                format!("{} may do `{}` to `{thing}`", caller(request), request.action),
            )
            .here("becomes the statement that allows it")
            .help(asked(request));
            for place in by {
                let path = compiled.templates.get(place.template).map_or("", |template| &template.path);
                diagnostic = diagnostic.help(format!("allowed by {path} at {}", place.pointer));
            }
            (diagnostic, Outcome::Fail)
        }
        Verdict::NotEffective { request, why, origin } => {
            let message = match request {
                Some(request) => format!("{} cannot do `{}` to `{thing}`", caller(request), request.action),
                None => "access to something that is not made".to_owned(),
            };
            let mut diagnostic = Diagnostic::new(&ACCESS_NOT_EFFECTIVE, origin.span, message);
            for reason in why {
                diagnostic = diagnostic.help(readable(reason));
            }
            if let Some(request) = request {
                diagnostic = diagnostic.help(asked(request));
            }
            (diagnostic, Outcome::Fail)
        }
        Verdict::Undecided(reason) => {
            let span = here.unwrap_or(anywhere);
            let message = format!("access to `{thing}` is not decided: {}", readable(reason));
            (Diagnostic::new(&ACCESS_UNDECIDED, span, message), Outcome::Undecided(readable(reason)))
        }
    };
    evidence.push(Evidence { check: diagnostic.code.to_string(), subject: subject.clone(), outcome });
    log.push(diagnostic.about(subject));
}

/// The caller of a request in words that people use.
fn caller(request: &Request) -> String {
    format!("`{}`", readable(&request.principal.to_string()))
}

/// The rest of a request.
fn asked(request: &Request) -> String {
    let keys: Vec<String> = request
        .context
        .iter()
        .map(|(key, values)| format!("{key} = {}", readable(&values.join(", "))))
        .collect();
    format!("the request is for {} with {}", readable(&request.resource), keys.join("; "))
}

fn subject(compiled: &Compiled, place: &Place) -> Subject {
    let template = compiled.templates.get(place.template).map(|template| template.path.clone());
    Subject {
        template: template.unwrap_or_default(),
        logical_id: place.logical_id(),
        pointer: Some(place.pointer.clone()).filter(|pointer| !pointer.is_empty()),
    }
}

fn span(compiled: &Compiled, place: &Place) -> Option<Span> {
    let stack = compiled.stacks.stacks.get(compiled.templates.get(place.template)?.stack)?;
    Some(origin_at(&compiled.stacks, stack, &place.pointer)?.span)
}

/// The first blueprint, for what stands nowhere.
fn anywhere(compiled: &Compiled) -> Option<Span> {
    compiled.inventory.applications.first().map(|application| application.origin.span)
}
