//! Claims about policies, and how they are settled: search, replay, and no answer where either is in doubt.

use super::arn;
use super::catalogue::catalogue;
use super::context_keys::FACTS;
use super::evaluate;
use super::policy::{Effect, Policy, PolicyKind};
use super::reading::{Reading, readings};
use super::request::Request;
use super::symbolic::{
    ANY_WAY, Binding, Caller, Encoder, Engine, Exhausted, Facts, Formula, Found, Scope, Survey, refinements,
    request, search,
};

/// How much work a question may cost, in steps of the search; about a hundred nanoseconds each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The steps.
    pub steps: u64,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { steps: 20_000_000 }
    }
}

/// The answer to a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It holds for every request, under every reading of what AWS leaves open.
    Proven,
    /// This request breaks it, and the evaluator agrees under every reading.
    Refuted(Box<Request>),
    /// Neither is certain; the reason says why.
    Undecided(String),
}

/// What a new policy allows that an old one does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The claim: the new policy allows nothing that the old one does not.
    pub answer: Answer,
    /// What else there is to know: the deciding statement, or the assumption behind the witness.
    pub note: Option<String>,
}

/// Does `new` allow what `old` does not?
pub fn compare(old: &Policy, new: &Policy, budget: Budget) -> Comparison {
    exceeds(Some(&[old]), &[new], None, budget)
}

/// Do layers of policies together allow what other layers do not?
///
/// A request passes where every layer grants it. Without `old` nothing passed; what `beside` grants does not count.
pub fn exceeds(
    old: Option<&[&Policy]>,
    new: &[&Policy],
    beside: Option<&Policy>,
    budget: Budget,
) -> Comparison {
    let Some(first) = new.first() else { return Comparison { answer: Answer::Proven, note: None } };
    let before = old.unwrap_or_default();
    let all: Vec<&Policy> = before.iter().chain(new).copied().chain(beside).collect();
    let survey = Survey::of(all.iter().copied());
    let callers = if first.kind.has_principal() { survey.callers() } else { vec![Caller::Unspecified] };
    let scopes = match first.kind {
        PolicyKind::Trust => vec![Scope::Wildcard],
        PolicyKind::Identity
        | PolicyKind::Resource
        | PolicyKind::Key
        | PolicyKind::Endpoint
        | PolicyKind::Boundary
        | PolicyKind::Session
        | PolicyKind::Scp
        | PolicyKind::Rcp
        | PolicyKind::Topic => vec![Scope::Arn, Scope::Wildcard],
    };
    let situations: Vec<Situation> = callers
        .iter()
        .flat_map(|caller| {
            scopes.iter().map(|scope| Situation { caller: caller.clone(), scope: scope.clone() })
        })
        .collect();
    let goals = |encoder: &mut Encoder| {
        let mut goals = Vec::new();
        // The statements that grant are chosen first: they contradict most of the rest word for word.
        for layer in new {
            goals.push(encoder.some(layer, Effect::Allow, &ANY_WAY)?);
        }
        let mut had = Vec::new();
        for layer in before {
            had.push(encoder.grants(layer)?);
        }
        if old.is_some() {
            goals.push(Formula::all(had).negated());
        }
        for layer in new {
            goals.push(encoder.some(layer, Effect::Deny, &ANY_WAY)?.negated());
        }
        if let Some(beside) = beside {
            goals.push(encoder.grants(beside)?.negated());
        }
        Ok(goals)
    };
    let confirm = |request: &Request, reading: &Reading| {
        let perhaps = |policy: &&Policy| evaluate::perhaps_grants(request, policy, reading);
        new.iter().all(|layer| evaluate::surely_grants(request, layer, reading))
            && !(old.is_some() && before.iter().all(perhaps))
            && !beside.iter().any(perhaps)
    };
    let claim = Claim { situations: &situations, survey: &survey, goals: &goals, confirm: &confirm };
    let mut engine = Engine::new(budget.steps, survey.many.clone());
    let readings = readings(&all, |key| survey.many.contains(key));
    let answer = settle(&claim, &mut engine, &readings, Facts::All);
    let promised = FACTS.iter().any(|(key, _)| survey.keys.contains(*key) || survey.variables.contains(*key));
    if answer != Answer::Proven || !promised {
        let note = note(&answer, first);
        return Comparison { answer, note };
    }
    // What AWS promises about keys must not carry the proof of a comparison: it is asked again without.
    let answer = settle(&claim, &mut engine, &readings, Facts::Caller);
    let note = match &answer {
        Answer::Refuted(_) => Some(
            "only in requests with condition keys as AWS does not send them (absent where they are always sent, \
             or present where they never are)"
                .to_owned(),
        ),
        Answer::Proven | Answer::Undecided(_) => None,
    };
    Comparison { answer, note }
}

fn note(answer: &Answer, new: &Policy) -> Option<String> {
    let Answer::Refuted(request) = answer else { return None };
    let label = evaluate::granting(request, new)?;
    let list = catalogue();
    let known = match list.written(&request.action) {
        Some(_) => String::new(),
        None => format!(", for an action that the list of {} does not have", list.date),
    };
    Some(format!("{label} of the new policy allows it{known}"))
}

/// A class of callers asking for a class of resources.
pub(super) struct Situation {
    /// Who asks.
    pub(super) caller: Caller,
    /// For what.
    pub(super) scope: Scope,
}

/// The claim that no request in any situation satisfies all goals.
pub(super) struct Claim<'a> {
    /// All situations.
    pub(super) situations: &'a [Situation],
    /// What the policies mention.
    pub(super) survey: &'a Survey,
    /// What a refuting request satisfies, as formulas.
    pub(super) goals: &'a dyn Fn(&mut Encoder) -> Result<Vec<Formula>, Exhausted>,
    /// The same, asked of the evaluator.
    pub(super) confirm: &'a dyn Fn(&Request, &Reading) -> bool,
}

/// Settles a claim under all readings.
pub(super) fn settle(claim: &Claim, engine: &mut Engine, readings: &[Reading], facts: Facts) -> Answer {
    let mut doubt = None;
    for reading in readings {
        match under_reading(claim, engine, reading, facts) {
            Ok(Answer::Proven) => {}
            Ok(Answer::Refuted(request)) => {
                let against = readings.iter().find(|other| !(claim.confirm)(&request, other));
                match against {
                    None => return Answer::Refuted(Box::new(sharpened(*request, claim, readings))),
                    Some(other) => {
                        doubt = Some(format!("the answer depends on {}", other.difference(reading)))
                    }
                }
            }
            Ok(Answer::Undecided(reason)) => doubt = doubt.or(Some(reason)),
            Err(Exhausted) => return Answer::Undecided("the budget of search steps is spent".to_owned()),
        }
    }
    doubt.map_or(Answer::Proven, Answer::Undecided)
}

/// How many real actions are tried for a witness.
const MOST_ACTIONS: usize = 3_000;

/// The same witness with an action that exists, if one fits; the search knows no names.
fn sharpened(mut request: Request, claim: &Claim, readings: &[Reading]) -> Request {
    let known = catalogue();
    if let Some(written) = known.written(&request.action) {
        request.action = written;
        return request;
    }
    let service = request.action.split(':').next().unwrap_or_default().to_owned();
    // A resource belongs to a service: actions of others do not meet it.
    let own = arn::parts(&request.resource).is_some();
    let tries = if claim.survey.statements > 1_000 { MOST_ACTIONS / 100 } else { MOST_ACTIONS };
    for action in known.starting_with(&service).take(tries) {
        if own && !action.starts_with(&format!("{service}:")) {
            break;
        }
        let other = Request { action, ..request.clone() };
        if readings.iter().all(|reading| (claim.confirm)(&other, reading)) {
            return other;
        }
    }
    request
}

fn under_reading(
    claim: &Claim,
    engine: &mut Engine,
    reading: &Reading,
    facts: Facts,
) -> Result<Answer, Exhausted> {
    let mut answer = Answer::Proven;
    for situation in claim.situations {
        match in_situation(claim, engine, reading, facts, situation)? {
            Answer::Proven => {}
            Answer::Refuted(request) => return Ok(Answer::Refuted(request)),
            undecided @ Answer::Undecided(_) => answer = undecided,
        }
    }
    Ok(answer)
}

/// How many bindings of variables and tied keys are tried for a witness.
const MOST_TRIES: usize = 12;

fn in_situation(
    claim: &Claim,
    engine: &mut Engine,
    reading: &Reading,
    facts: Facts,
    situation: &Situation,
) -> Result<Answer, Exhausted> {
    let Situation { caller, scope } = situation;
    let mut bindings: Vec<Binding> = vec![Binding::new()];
    let mut reason = None;
    let mut tried = 0;
    while let Some(binding) = bindings.get(tried).cloned() {
        tried += 1;
        let mut encoder =
            Encoder { engine: &mut *engine, reading, caller, scope, binding: &binding, bounded: false };
        let mut goals = vec![encoder.circumstances(claim.survey, facts)?];
        goals.extend((claim.goals)(&mut encoder)?);
        let model = match search(engine, &goals)? {
            Found::Nothing if tried == 1 => return Ok(Answer::Proven),
            Found::Nothing => continue,
            Found::Unsure => {
                reason = Some("operators of different kinds meet on one condition key".to_owned());
                continue;
            }
            Found::Model(model) => model,
        };
        let request = request(&model, caller, scope);
        let ties = refinements(&request, caller, scope, claim.survey);
        if ties.is_empty() && (claim.confirm)(&request, reading) {
            return Ok(Answer::Refuted(Box::new(request)));
        }
        let mut more = ties;
        if tried == 1 {
            more.extend(values(claim.survey, &request));
        }
        for extra in more {
            let joined: Binding = binding.clone().into_iter().chain(extra).collect();
            if bindings.len() < MOST_TRIES && !bindings.contains(&joined) {
                bindings.push(joined);
            }
        }
    }
    Ok(Answer::Undecided(reason.unwrap_or_else(|| unconfirmed(claim.survey))))
}

fn unconfirmed(survey: &Survey) -> String {
    match survey.variables.first() {
        Some(variable) => {
            format!("the answer depends on the values of policy variables such as `${{{variable}}}`")
        }
        None => "a construct is not understood, and every request found depends on it".to_owned(),
    }
}

/// Values to try for variables: as in the request found, new ones, none.
fn values(survey: &Survey, request: &Request) -> Vec<Binding> {
    if survey.variables.is_empty() {
        return Vec::new();
    }
    let fresh = |index: usize| Some(format!("value{index}"));
    let bind = |value: &dyn Fn(usize, &String) -> Option<String>| -> Binding {
        let entry = |(index, key): (usize, &String)| (key.clone(), value(index, key));
        survey.variables.iter().enumerate().map(entry).collect()
    };
    let found = |_: usize, key: &String| request.context.single(key).map(str::to_owned);
    vec![
        bind(&|index, key| found(index, key).or_else(|| fresh(index))),
        bind(&|index, _| fresh(index)),
        bind(&found),
        bind(&|_, _| None),
    ]
}
