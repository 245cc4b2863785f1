//! Why a policy is silent on a request: the statement that comes nearest, and what of it does not match.

use super::super::policy::{Effect, Policy};
use super::super::reading::Reading;
use super::super::request::Request;
use super::statement::Benefit;
use super::{ANY, Asked, condition, statement};

/// A statement that does not match, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// The statement, in words.
    pub statement: String,
    /// What of it does not match, in words.
    pub because: Vec<String>,
}

/// The Allow statement for the request's action that misses it by the fewest elements.
pub fn nearest(request: &Request, policy: &Policy) -> Option<Nearest> {
    let asked = Asked { request, reading: &Reading::USUAL, benefit: Benefit::None, bounded: false };
    let candidates = policy.statements.iter().filter(|it| it.effect == Effect::Allow);
    let misses = candidates.filter(|it| statement::action(&asked, it)).map(|it| {
        let mut because = Vec::new();
        if !it.unsupported.is_empty() {
            because.push("it is not understood".to_owned());
        }
        if !statement::principal(&asked, it, &ANY) {
            because.push("it names other principals".to_owned());
        }
        if !statement::resource(&asked, policy.kind, it) {
            because.push("it is for other resources".to_owned());
        }
        let failed = it.conditions.iter().filter(|it| !condition::holds(it, request, asked.reading));
        because.extend(failed.map(|it| {
            let key = super::super::context_keys::written(&it.key);
            match request.context.get(&it.key) {
                Some([value]) => {
                    let value = super::super::unknown::readable(value);
                    format!("its condition on `{key}` does not take `{value}`")
                }
                Some(_) => format!("its condition on `{key}` does not hold"),
                None => format!("its condition needs `{key}`"),
            }
        }));
        Nearest { statement: it.label(), because }
    });
    misses.filter(|it| !it.because.is_empty()).min_by_key(|it| it.because.len())
}
