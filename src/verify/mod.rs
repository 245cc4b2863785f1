//! Judgement: every check on every template, with evidence of how it came out. Silence is never a pass.
//!
//! *Never:* files, terminals, formats.

pub(crate) mod access;
mod codes;
pub mod guard;
mod judgement;
mod memory;
mod outside;
pub mod provider_schema;
pub(crate) mod questions;
mod rules;
mod schema;
mod size;
pub(crate) mod snapshot;
pub(crate) mod stack_sets;
pub(crate) mod statements;
pub(crate) mod third_party;

use rayon::prelude::*;
use serde_json::Value;

use crate::diagnostic::Diagnostics;
use crate::run::{Compiled, Evidence};
use crate::stack::Stack;
use crate::template::Template;

pub use access::AccessJudge;
pub(crate) use access::{CODES as ACCESS_CODES, pages as access_pages};
pub(crate) use codes::CODES;
use judgement::Judgement;
pub use memory::Memory;
use memory::Remembering;
pub use outside::OutsideRules;

/// What is judged at once: a stack with its text and the document that the text is.
struct Subject<'a> {
    compiled: &'a Compiled,
    stack: &'a Stack,
    template: &'a Template,
    document: Value,
}

/// A check: looks at one stack and says how it came out.
type Check = fn(&Subject<'_>, &mut Judgement);

/// The checks that ask for more than a template's text.
const OF_THE_STACK: [Check; 1] = [size::check];

/// The checks whose outcome the text alone decides, so that an equal text needs no second judgement.
const OF_THE_TEXT: [Check; 2] = [schema::check, rules::check];

/// Judges everything that was compiled.
pub(crate) fn verify(
    compiled: &Compiled,
    outside: Option<&OutsideRules<'_>>,
    memory: Option<Memory<'_>>,
    log: &mut Diagnostics,
) -> Vec<Evidence> {
    let remembering = memory.and_then(Remembering::new);
    let judged: Vec<(Judgement, Value)> = compiled
        .templates
        .par_iter()
        .filter_map(|template| {
            let stack = compiled.stacks.stacks.get(template.stack)?;
            let mut judgement = Judgement::new(template);
            // The text itself is judged, not what it was made from.
            let Ok(document) = serde_json::from_str(&template.text) else {
                judgement.undecided("template-text", "the text is not JSON");
                return Some((judgement, Value::Null));
            };
            let subject = Subject { compiled, stack, template, document };
            for check in OF_THE_STACK {
                check(&subject, &mut judgement);
            }
            text_alone(&subject, remembering.as_ref(), &mut judgement);
            Some((judgement, subject.document))
        })
        .collect();
    let mut evidence = Vec::new();
    let mut documents = Vec::new();
    for (judgement, document) in judged {
        judgement.finish(&mut evidence, log);
        documents.push(document);
    }
    statements::check(compiled, &mut evidence, log);
    access::check(compiled, &documents, &mut evidence, log);
    if let Some(outside) = outside {
        outside::check(compiled, outside, documents, &mut evidence, log);
    }
    evidence
}

/// Judges what the text alone decides, or takes over how an equal text was judged before.
fn text_alone(subject: &Subject<'_>, remembering: Option<&Remembering<'_>>, judgement: &mut Judgement) {
    let text = &subject.template.text;
    if let Some(known) = remembering.and_then(|it| it.recall(text)) {
        judgement.take_over(known);
        return;
    }
    let mut fresh = Judgement::new(subject.template);
    for check in OF_THE_TEXT {
        check(subject, &mut fresh);
    }
    if let (Some(remembering), Some(outcomes)) = (remembering, fresh.without_findings()) {
        remembering.keep(text, &outcomes);
    }
    judgement.append(fresh);
}
