//! keyprint: from a blueprint of secrets to verified CloudFormation templates.

pub mod access;
mod aws;
mod blueprint;
mod catalog;
mod cfn;
pub mod change;
mod cli;
mod deployed;
mod diagnostic;
mod digest;
mod inventory;
mod lower;
mod options;
mod pointer;
pub mod report;
mod run;
mod side;
mod source;
mod stack;
mod template;
pub mod verify;
mod workspace;

pub use cli::command_line;
pub use diagnostic::{Category, Code, Diagnostic, Diagnostics, Label, Level, Stop, Subject};
pub use options::Options;
pub use run::{Artifact, Evidence, Outcome, Run, Summary};
pub use side::ChangeJudge;
pub use source::{Cause, LineColumn, Origin, Source, SourceId, SourceKind, Sourced, Sources, Span};

use std::collections::BTreeMap;

use diagnostic::Waivers;
use run::Compiled;

/// Reads, compiles and judges the blueprints of a workspace. Never fails: what is wrong stands in the result.
pub fn run(sources: Sources, options: &Options<'_>) -> Run {
    let mut log = Diagnostics::default();
    let mut run = Run::default();
    let compiled = compile(&sources, options, &mut log);
    if let Ok((compiled, mut waivers)) = compiled {
        if options.verify {
            run.evidence = verify::verify(&compiled, options.outside.as_ref(), options.memory, &mut log);
            waivers.apply(&mut log);
        }
        run.accept(&compiled, waivers.finish(&mut log));
        if !log.has_errors() {
            run.artifacts = compiled.artifacts(verify::access_pages(&compiled.inventory));
        }
    }
    run.sources = sources;
    run.diagnostics = log;
    run
}

/// The whole compiler. Each stage reports as much as it can; a gate stops where going on would only produce echoes.
fn compile(
    sources: &Sources,
    options: &Options<'_>,
    log: &mut Diagnostics,
) -> Result<(Compiled, Waivers), Stop> {
    let blueprints = blueprint::read(sources, log);
    log.gate()?;
    let inventory = inventory::resolve(&blueprints, sources, log);
    let mut waivers = Waivers::new(inventory.waivers.clone(), &options.today, log);
    waivers.apply(log);
    log.gate()?;
    let resources = lower::lower(&inventory);
    let stacks = stack::partition(resources, log);
    waivers.apply(log);
    log.gate()?;
    let templates = template::render(&stacks);
    Ok((Compiled { inventory, stacks, templates }, waivers))
}

/// The paths of the files that blueprints name, which are read beside them.
fn attachments(sources: &Sources) -> Vec<String> {
    let named = |(_, source): (SourceId, &Source)| {
        ["module", "authorities"].iter().any(|field| source.text().contains(field))
    };
    if !sources.blueprints().any(named) {
        return Vec::new();
    }
    inventory::attachments(&blueprint::read(sources, &mut Diagnostics::default()), sources)
}

/// What the compiler made of blueprints, for questions; nothing where they have errors, which stand in the log.
fn compiled(sources: &Sources, options: &Options<'_>, log: &mut Diagnostics) -> Option<Compiled> {
    let (compiled, mut waivers) = compile(sources, options, log).ok()?;
    waivers.apply(log);
    (!log.has_errors()).then_some(compiled)
}

/// The blueprint language as a JSON Schema, for editors.
pub fn schema() -> serde_json::Value {
    blueprint::schema()
}

/// Reads blueprints and says how many were understood; the rest of the compiler is not run.
#[doc(hidden)]
pub fn read(sources: &Sources, log: &mut Diagnostics) -> usize {
    blueprint::read(sources, log).len()
}

/// Where each property of each resource comes from, by template and JSON pointer.
#[doc(hidden)]
pub fn trace(sources: &Sources, options: &Options<'_>) -> BTreeMap<(String, String), Origin> {
    let mut log = Diagnostics::default();
    let compiled = compile(sources, options, &mut log);
    compiled.map_or_else(|_| BTreeMap::new(), |(compiled, _)| template::trace(&compiled.stacks))
}

/// The places whose text no report may show, because it looks like a secret's value.
#[doc(hidden)]
pub fn masked(log: &Diagnostics) -> Vec<Span> {
    blueprint::masked(log)
}

/// The words of the rotation functions whose sources keyprint holds.
#[doc(hidden)]
pub fn rotation_functions() -> impl Iterator<Item = &'static str> {
    lower::function::ENGINES.iter().map(|(word, _)| *word)
}

/// The source of a rotation function, as a template holds it.
#[doc(hidden)]
pub fn rotation_function(word: &str, region: Option<&str>) -> Option<String> {
    let (_, engine) = lower::function::ENGINES.iter().find(|(known, _)| *known == word)?;
    let authorities = region.and_then(aws::rds_authorities).unwrap_or_default();
    Some(lower::function::source(*engine, &lower::function::Inserts { authorities, hook: None }))
}

/// Compiles blueprints and hands out a judge of their access, for tests that change templates.
#[doc(hidden)]
pub fn access_judge(sources: &Sources, options: &Options<'_>) -> Option<verify::AccessJudge> {
    let (compiled, _) = compile(sources, options, &mut Diagnostics::default()).ok()?;
    Some(verify::AccessJudge::new(compiled))
}

/// Compiles blueprints and hands out a judge of what becomes of their templates, for tests that change them.
#[doc(hidden)]
pub fn change_judge(sources: &Sources, options: &Options<'_>) -> Option<ChangeJudge> {
    let (compiled, _) = compile(sources, options, &mut Diagnostics::default()).ok()?;
    Some(ChangeJudge::of_compiled(&compiled))
}

/// The catalogued codes.
#[doc(hidden)]
pub fn codes() -> Vec<&'static Code> {
    catalog::all()
}
