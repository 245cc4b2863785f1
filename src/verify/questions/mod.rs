//! Questions about who can do what, answered from a scene with the statements that decide.
//!
//! *Never:* files, terminals, formats.

mod blueprint;
mod calls;
mod decide;
mod names;
mod why;

use serde::Serialize;

use crate::deployed::Place;

pub(crate) use blueprint::{Workspace, can, who_can};
pub(crate) use calls::{Call, KEY_ADMINISTRATION, Level, SECRET_ADMINISTRATION, WORDS, calls};
pub(crate) use decide::{logical_id, name_of};
pub(crate) use names::Misnamed;
pub(crate) use why::{Deployed, deployed};

/// Yes, no, or what it depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// There is such a request.
    Yes,
    /// There is none.
    No,
    /// Neither is certain.
    Undecided,
}

/// The answer for one subject in one Region of one environment.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Answer {
    /// What is asked about, as the blueprint calls it, or the ARN.
    pub(crate) subject: String,
    /// Its ARN, with `?` for what is not known before deployment.
    pub(crate) arn: String,
    /// The environment and Region, where the blueprint makes it.
    pub(crate) environment: Option<String>,
    /// The callers, those who can first.
    pub(crate) callers: Vec<CallerAnswer>,
}

/// The answer for one caller.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CallerAnswer {
    /// Who.
    pub(crate) who: String,
    /// The ARN of a role.
    pub(crate) arn: Option<String>,
    /// What the blueprint says it is.
    pub(crate) is: Option<String>,
    /// The line of the blueprint.
    pub(crate) blueprint: Option<String>,
    /// Whether every call is allowed.
    pub(crate) verdict: Verdict,
    /// Every authorisation that is needed.
    pub(crate) calls: Vec<CallAnswer>,
}

/// The answer for one authorisation.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CallAnswer {
    /// The action.
    pub(crate) action: String,
    /// The resource's ARN.
    pub(crate) resource: String,
    /// How it was decided.
    pub(crate) verdict: Verdict,
    /// The statements that decide.
    pub(crate) by: Vec<Ground>,
    /// The condition keys that such a request must have, beside those that follow from the caller.
    pub(crate) when: Vec<(String, String)>,
    /// What is missing, or what it depends on.
    pub(crate) because: Option<String>,
}

/// A statement that decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Ground {
    /// In which kind of policy it stands: `identity policy`, `key policy`, ….
    pub(crate) policy: String,
    /// The statement, by `Sid` or position.
    pub(crate) statement: String,
    /// Where it stands.
    #[serde(skip)]
    pub(crate) stands: Option<Place>,
    /// The path of the template; none for a policy that no template shows.
    pub(crate) template: Option<String>,
    /// The logical id of the resource.
    pub(crate) logical_id: Option<String>,
    /// The line of the blueprint that asked for it.
    pub(crate) blueprint: Option<String>,
    /// What stands in that line.
    pub(crate) line: Option<String>,
}
