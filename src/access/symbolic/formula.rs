//! Formulas over literals in negation normal form.

use std::rc::Rc;

use super::engine::LiteralId;

/// A formula.
#[derive(Debug, Clone)]
pub(crate) enum Formula {
    /// Always true.
    True,
    /// Never true.
    False,
    /// A literal.
    Is(LiteralId),
    /// All of them.
    All(Rc<[Formula]>),
    /// One of them at least.
    Any(Rc<[Formula]>),
}

impl Formula {
    /// The conjunction.
    pub(crate) fn all(parts: impl IntoIterator<Item = Formula>) -> Formula {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Formula::True => {}
                Formula::False => return Formula::False,
                Formula::All(inner) => kept.extend(inner.iter().cloned()),
                Formula::Is(_) | Formula::Any(_) => kept.push(part),
            }
        }
        match kept.len() {
            0 => Formula::True,
            1 => kept.pop().unwrap_or(Formula::True),
            _ => Formula::All(kept.into()),
        }
    }

    /// The disjunction.
    pub(crate) fn any(parts: impl IntoIterator<Item = Formula>) -> Formula {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Formula::False => {}
                Formula::True => return Formula::True,
                Formula::Any(inner) => kept.extend(inner.iter().cloned()),
                Formula::Is(_) | Formula::All(_) => kept.push(part),
            }
        }
        match kept.len() {
            0 => Formula::False,
            1 => kept.pop().unwrap_or(Formula::False),
            _ => Formula::Any(kept.into()),
        }
    }

    /// The opposite.
    pub(crate) fn negated(&self) -> Formula {
        match self {
            Formula::True => Formula::False,
            Formula::False => Formula::True,
            Formula::Is(literal) => Formula::Is(literal.negated()),
            Formula::All(parts) => Formula::any(parts.iter().map(Formula::negated)),
            Formula::Any(parts) => Formula::all(parts.iter().map(Formula::negated)),
        }
    }

    /// Itself or its opposite.
    pub(crate) fn signed(self, positive: bool) -> Formula {
        if positive { self } else { self.negated() }
    }
}
