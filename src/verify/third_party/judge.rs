//! Files in, a run out: what each template grants, what rules say about it, and what could not be judged.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_json::Value;

use super::codes::{NOT_JUDGED, TEMPLATE_UNREADABLE};
use super::findings::{Excess, Row, code, survey};
use super::{place, text};
use crate::access::{Flaw, lint, readable};
use crate::deployed::account;
use crate::deployed::branches::{Branch, branches};
use crate::deployed::scene::Scene;
use crate::deployed::{Deployed, DeployedRole, Located, Place};
use crate::diagnostic::{Diagnostic, Diagnostics, Subject};
use crate::run::{Evidence, Outcome, Run, Summary};
use crate::source::{SourceId, SourceKind, Sources, Span};
use crate::verify::guard::{self, NamedTemplate, Request, Response, Rule, RuleOutcome, Verdict};
use crate::verify::outside::OutsideRules;
use crate::verify::statements::said;

/// What is known of the deployment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// The account.
    pub(crate) account: Option<String>,
    /// The Region.
    pub(crate) region: Option<String>,
}

/// What was found out.
#[derive(Debug)]
pub(crate) struct Judged {
    /// The findings and what was judged, for reports.
    pub(crate) run: Run,
    /// Who can do what.
    pub(crate) rows: Vec<Row>,
    /// What the answers take for granted.
    pub(crate) assumptions: Vec<String>,
}

/// A template that could be read.
struct Template {
    source: SourceId,
    path: String,
    document: Value,
    places: BTreeMap<String, Range<usize>>,
    branches: Vec<Branch>,
}

/// Judges the templates among the sources, together.
pub(crate) fn judge(sources: Sources, settings: &Settings, outside: Option<&OutsideRules<'_>>) -> Judged {
    let mut log = Diagnostics::default();
    let mut evidence = Vec::new();
    let templates = read(&sources, &mut log);
    rules(&templates, &mut log, &mut evidence);
    if let Some(outside) = outside {
        outside_rules(&templates, outside, &mut log, &mut evidence);
    }
    let mut assumptions = BTreeSet::new();
    let mut rows: Vec<Row> = Vec::new();
    let mut excesses: BTreeSet<Excess> = BTreeSet::new();
    let mut doubts: BTreeSet<(Place, String)> = BTreeSet::new();
    let mut flaws: BTreeSet<(Place, Flaw)> = BTreeSet::new();
    let variants = templates.iter().map(|it| it.branches.len()).max().unwrap_or(0);
    for variant in 0..variants {
        // Every branch of every template is in some variant; the last one of a template is in all further.
        let located: Vec<Located<'_>> = templates
            .iter()
            .filter_map(|it| {
                let branch = it.branches.get(variant).or_else(|| it.branches.last())?;
                Some(locate(it, branch, settings, &mut assumptions))
            })
            .collect();
        let deployed = Deployed::read(&located, &[]);
        doubts.extend(deployed.doubts.iter().map(|it| (it.place.clone(), it.construct.clone())));
        for role in &deployed.roles {
            flaws.extend(written(role));
            doubts.extend(role.elsewhere.iter().map(|arn| {
                let text =
                    format!("the managed policy `{}` is not shown and counts as nothing", readable(arn));
                (role.place.clone(), text)
            }));
            doubts.extend(role.bounded_elsewhere.iter().map(|arn| {
                (
                    role.place.clone(),
                    format!("the boundary `{}` is not shown and counts as none", readable(arn)),
                )
            }));
        }
        let mut accounts: BTreeSet<String> = deployed.keys.iter().filter_map(|it| owner(&it.arn)).collect();
        accounts.extend(deployed.secrets.iter().filter_map(|it| owner(&it.arn)));
        accounts.extend(deployed.roles.iter().filter(|it| it.made).filter_map(|it| owner(&it.arn)));
        for account in &accounts {
            let (table, found) = survey(&Scene::of(&deployed, account));
            excesses.extend(found);
            merge(&mut rows, table);
        }
    }
    for excess in excesses {
        let Some(code) = code(excess.code) else { continue };
        say(&templates, &excess.place, |span| Diagnostic::new(code, span, excess.message.clone()), &mut log);
    }
    for (place, text) in doubts {
        say(&templates, &place, |span| Diagnostic::new(&NOT_JUDGED, span, text.clone()), &mut log);
    }
    for (place, flaw) in flaws {
        let (code, message, help) = said(&flaw);
        let diagnostic = |span| Diagnostic::new(code, span, message.clone()).help(help.clone());
        say(&templates, &place, diagnostic, &mut log);
    }
    let resources = templates.iter().filter_map(|it| it.document.get("Resources")?.as_object());
    let summary = Summary {
        blueprints: 0,
        stacks: templates.len(),
        resources: resources.map(serde_json::Map::len).sum(),
    };
    let run = Run { sources, diagnostics: log, evidence, summary, artifacts: Vec::new() };
    Judged { run, rows, assumptions: assumptions.into_iter().collect() }
}

/// What is odd about the statements of a role. What its wildcards reach is asked of everything together.
fn written(role: &DeployedRole) -> Vec<(Place, Flaw)> {
    let mut found = Vec::new();
    for placed in &role.identity {
        let statements = placed.document.get("Statement").and_then(Value::as_array);
        for (index, statement) in statements.into_iter().flatten().enumerate() {
            let flaws = lint(statement).into_iter().filter(|flaw| !matches!(flaw, Flaw::Reaches(..)));
            found.extend(flaws.map(|flaw| (placed.statement(index), flaw)));
        }
    }
    found
}

fn read(sources: &Sources, log: &mut Diagnostics) -> Vec<Template> {
    let mut templates = Vec::new();
    for (id, source) in sources.iter().filter(|(_, source)| source.kind() == SourceKind::Template) {
        let text = source.text();
        let document = match text::read(text) {
            Ok(document) => document,
            Err(refused) => {
                let start: usize =
                    text.split_inclusive('\n').take(refused.line.saturating_sub(1)).map(str::len).sum();
                let end =
                    text.get(start..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| start + at);
                log.push(Diagnostic::new(&TEMPLATE_UNREADABLE, Span::new(id, start..end), refused.message));
                continue;
            }
        };
        if document.get("Resources").and_then(Value::as_object).is_none() {
            let message = "`Resources` is missing, or is no object: this is no template";
            log.push(Diagnostic::new(&TEMPLATE_UNREADABLE, Span::new(id, 0..0), message));
            continue;
        }
        let branches = branches(&document).unwrap_or_else(|too_many| {
            log.push(Diagnostic::new(&NOT_JUDGED, Span::new(id, 0..0), too_many.0));
            vec![Branch { answers: Vec::new(), template: document.clone() }]
        });
        let places = place::resources(text);
        templates.push(Template { source: id, path: source.path().to_owned(), document, places, branches });
    }
    templates
}

fn locate<'t>(
    template: &Template,
    branch: &'t Branch,
    settings: &Settings,
    assumptions: &mut BTreeSet<String>,
) -> Located<'t> {
    let account = settings.account.clone().or_else(|| {
        let account = account::account(&template.document);
        match &account {
            Some(account) => assumptions.insert(format!(
                "`{}` is deployed to account {account}, to which its key policies delegate",
                template.path
            )),
            None => assumptions.insert(format!(
                "the account that `{}` is deployed to is none that it names; `--account` names it",
                template.path
            )),
        };
        account
    });
    let region = settings.region.clone().or_else(|| account::region(&template.document));
    Located {
        path: template.path.clone(),
        document: &branch.template,
        account,
        region,
        stack: None,
        parameters: BTreeMap::new(),
    }
}

fn owner(arn: &str) -> Option<String> {
    arn.split(':').nth(4).filter(|account| !account.is_empty()).map(str::to_owned)
}

/// The rows of several variants: whoever can in one of them is listed.
fn merge(rows: &mut Vec<Row>, table: Vec<Row>) {
    for row in table {
        let same =
            |it: &&mut Row| it.subject == row.subject && it.access == row.access && it.kind == row.kind;
        let Some(known) = rows.iter_mut().find(same) else {
            rows.push(row);
            continue;
        };
        for (into, from) in [(&mut known.who, row.who), (&mut known.undecided, row.undecided)] {
            for name in from {
                if !into.contains(&name) {
                    into.push(name);
                }
            }
        }
    }
}

/// The built-in rules.
fn rules(templates: &[Template], log: &mut Diagnostics, evidence: &mut Vec<Evidence>) {
    let Ok(pack) = guard::built_in() else { return };
    for (at, template) in templates.iter().enumerate() {
        match pack.evaluate(&template.document) {
            Ok(outcomes) => outcomes_of(templates, at, pack.rules(), outcomes, log, evidence),
            Err(error) => {
                let span = Span::new(template.source, 0..0);
                log.push(Diagnostic::new(&NOT_JUDGED, span, format!("guard rules: {error}")));
            }
        }
    }
}

fn outside_rules(
    templates: &[Template],
    outside: &OutsideRules<'_>,
    log: &mut Diagnostics,
    evidence: &mut Vec<Evidence>,
) {
    let Some((first, _)) = outside.files.first() else { return };
    let rules = outside.files.iter().map(|(_, rules)| rules.clone()).collect();
    let named = |it: &Template| NamedTemplate { name: it.path.clone(), template: it.document.clone() };
    let request = Request { rules, templates: templates.iter().map(named).collect() };
    let place = Span::new(*first, 0..0);
    match (outside.evaluate)(&request) {
        Err(fault) => log.push(Diagnostic::new(&crate::verify::codes::RULE_FILE, place, fault.to_string())),
        Ok(Response::Rejected { problems }) => {
            for problem in problems {
                let source = outside.files.iter().find(|(_, rules)| rules.file == problem.file);
                let span = source.map_or(place, |(id, _)| Span::new(*id, 0..0));
                let message = format!("line {}: {}", problem.line, problem.message);
                log.push(Diagnostic::new(&crate::verify::codes::RULE_FILE, span, message));
            }
        }
        Ok(Response::Judged { rules, templates: judged }) => {
            for (at, judged) in judged.into_iter().enumerate() {
                match judged.outcomes {
                    Ok(outcomes) => outcomes_of(templates, at, &rules, outcomes, log, evidence),
                    Err(error) => log.push(Diagnostic::new(&NOT_JUDGED, place, error.to_string())),
                }
            }
        }
    }
}

fn outcomes_of(
    templates: &[Template],
    at: usize,
    rules: &[Rule],
    outcomes: Vec<RuleOutcome>,
    log: &mut Diagnostics,
    evidence: &mut Vec<Evidence>,
) {
    let Some(template) = templates.get(at) else { return };
    for outcome in outcomes {
        let code = format!("guard/{}", outcome.rule);
        let rule = rules.iter().find(|rule| rule.name == outcome.rule);
        let judged = match outcome.verdict {
            Verdict::Pass => Outcome::Pass,
            Verdict::NotApplicable { reason } => Outcome::NotApplicable(reason),
            Verdict::Undecided { reason } => Outcome::Undecided(reason),
            Verdict::Fail { findings } => {
                for finding in findings {
                    let place = Place { template: at, pointer: finding.pointer.clone() };
                    let message = finding.message.clone().or_else(|| rule.map(|rule| rule.message.clone()));
                    let message = message.unwrap_or_else(|| "the rule does not hold".to_owned());
                    say(templates, &place, |span| Diagnostic::rule(code.clone(), span, message.clone()), log);
                }
                Outcome::Fail
            }
        };
        let subject = Subject { template: template.path.clone(), ..Subject::default() };
        evidence.push(Evidence { check: code, subject, outcome: judged });
    }
}

/// Says something at the resource that a place lies in.
fn say(
    templates: &[Template],
    place: &Place,
    diagnostic: impl FnOnce(Span) -> Diagnostic,
    log: &mut Diagnostics,
) {
    let Some(template) = templates.get(place.template) else { return };
    let id = place.logical_id();
    let range = id.as_ref().and_then(|id| template.places.get(id)).cloned().unwrap_or(0..0);
    let subject = Subject {
        template: template.path.clone(),
        logical_id: id,
        pointer: Some(place.pointer.clone()).filter(|it| !it.is_empty()),
    };
    log.push(diagnostic(Span::new(template.source, range)).about(subject));
}
