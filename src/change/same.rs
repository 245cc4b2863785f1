//! Which templates are the same on both sides, with all that they take from elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::pairs::Aligned;
use super::unit::Unit;
use crate::access::Unknowns;
use crate::deployed::{Located, handed};

/// What pairs of templates have in common; templates by their position on the new side.
#[derive(Debug, Default)]
pub(super) struct Same {
    /// Pairs to which the same is handed.
    given: BTreeSet<usize>,
    /// Of these, the pairs that are written in the same words.
    whole: BTreeSet<usize>,
}

impl Same {
    /// Compares what stands in the templates of each pair and what is handed to them.
    pub(super) fn of(aligned: &Aligned, located: [&[Located<'_>]; 2], unknowns: &mut Unknowns) -> Same {
        let [old, new] = located.map(|located| handed(located, unknowns));
        let same_exports = old.exports == new.exports;
        let mut same = Same::default();
        for (before, after) in &aligned.pairs {
            let (Some(before), Some(after)) = (*before, *after) else { continue };
            let (Some(was), Some(is)) = (aligned.old.get(before), aligned.new.get(after)) else { continue };
            let at_home = was.account == is.account && was.region == is.region && was.stack == is.stack;
            if !at_home || old.parameters.get(before) != new.parameters.get(after) {
                continue;
            }
            if !same_exports && imports(is) {
                continue;
            }
            same.given.insert(after);
            if was.document == is.document {
                same.whole.insert(after);
            }
        }
        same
    }

    /// Whether the same is handed to both templates of a pair.
    pub(super) fn is_given(&self, new: usize) -> bool {
        self.given.contains(&new)
    }

    /// Whether the templates of a pair make the same of the same.
    pub(super) fn is_whole(&self, new: usize) -> bool {
        self.whole.contains(&new)
    }

    /// The names of templates that are the same, where a name is that of one pair alone.
    pub(super) fn keys(&self, aligned: &Aligned) -> BTreeSet<String> {
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for unit in aligned.old.iter().chain(&aligned.new) {
            *times.entry(&unit.key).or_default() += 1;
        }
        let keys = self.whole.iter().filter_map(|at| Some(&aligned.new.get(*at)?.key));
        keys.filter(|key| times.get(key.as_str()) == Some(&2)).cloned().collect()
    }
}

fn imports(unit: &Unit) -> bool {
    unit.document.to_string().contains("Fn::ImportValue")
}
