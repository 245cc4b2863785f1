//! What is said of a statement that is written otherwise than it works.

use super::codes::{
    ACTION_NEVER_APPLIES, CONDITION_KEY_UNKNOWN, CONDITION_OPERATOR_UNFIT, WILDCARD_REACHES_SECRETS,
};
use crate::access::{Flaw, readable};
use crate::diagnostic::Code;

/// The code, what is wrong, and what helps.
pub(in crate::verify) fn said(flaw: &Flaw) -> (&'static Code, String, String) {
    match flaw {
        Flaw::UnknownAction(action) => (
            &ACTION_NEVER_APPLIES,
            format!("no action is called `{}`", readable(action)),
            "look the action up in the service authorization reference".to_owned(),
        ),
        Flaw::NeverMeets(action, kinds) if kinds.is_empty() => (
            &ACTION_NEVER_APPLIES,
            format!("`{action}` has no resource, so it applies to `*` alone"),
            "give it a statement of its own, with the resource `*`".to_owned(),
        ),
        Flaw::NeverMeets(action, kinds) => (
            &ACTION_NEVER_APPLIES,
            format!("`{action}` goes with none of the statement's resources"),
            format!("it goes with {}", kinds.join(", ")),
        ),
        Flaw::UnknownKey(key) => (
            &CONDITION_KEY_UNKNOWN,
            format!("the condition key `{}` is not sent with these actions", readable(key)),
            "a condition on an absent key never holds, or always does where it is negated".to_owned(),
        ),
        Flaw::UnfitOperator(operator, key, why) => (
            &CONDITION_OPERATOR_UNFIT,
            format!("`{operator}` on `{}`: {why}", readable(key)),
            "take an operator of the key's own type".to_owned(),
        ),
        Flaw::Reaches(action, pattern) => (
            &WILDCARD_REACHES_SECRETS,
            format!("`{action}` on `{}` reaches more secrets or keys than one", readable(pattern)),
            "name each secret with `-??????` behind its name, and each key by its id".to_owned(),
        ),
    }
}
