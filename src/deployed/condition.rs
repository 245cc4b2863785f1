//! Conditions of a template, as far as known values decide them.

use serde_json::Value;

use super::intrinsics::{Resolver, is_known};

/// How deep conditions may name each other; a deeper chain is a circle.
const DEEPEST: usize = 40;

impl Resolver<'_, '_> {
    /// Whether a condition holds, if that is known.
    pub(super) fn holds(&mut self, name: &str) -> Option<bool> {
        if self.depth > DEEPEST {
            return None;
        }
        self.depth += 1;
        let condition = self.templates.get(self.at)?.document.get("Conditions")?.get(name);
        let truth = condition.and_then(|condition| self.truth(condition));
        self.depth -= 1;
        truth
    }

    fn truth(&mut self, condition: &Value) -> Option<bool> {
        let (name, argument) = condition.as_object()?.iter().next()?;
        let all = |resolver: &mut Self| -> Option<Vec<Option<bool>>> {
            Some(argument.as_array()?.iter().map(|part| resolver.truth(part)).collect())
        };
        match name.as_str() {
            "Condition" => self.holds(argument.as_str()?),
            "Fn::Equals" => {
                let [left, right] = argument.as_array()?.as_slice() else { return None };
                let (left, right) = (self.text(left), self.text(right));
                if left == right {
                    return Some(true);
                }
                (is_known(&left) && is_known(&right)).then_some(false)
            }
            "Fn::Not" => all(self)?.first().copied().flatten().map(|truth| !truth),
            "Fn::And" => decided(&all(self)?, false),
            "Fn::Or" => decided(&all(self)?, true),
            _ => None,
        }
    }

    /// Whether a resource is made at all; one whose condition is open counts as made.
    pub(super) fn is_made(&mut self, id: &str) -> bool {
        let condition = self.resource(id).and_then(|(_, resource)| resource.get("Condition")?.as_str());
        condition.is_none_or(|condition| self.holds(condition) != Some(false))
    }
}

/// One part of the given truth decides; otherwise all parts must be known.
fn decided(parts: &[Option<bool>], by: bool) -> Option<bool> {
    if parts.contains(&Some(by)) {
        Some(by)
    } else if parts.contains(&None) {
        None
    } else {
        Some(!by)
    }
}
