//! Many resources by name: which of them policies may be about, without asking for each.

use std::collections::BTreeSet;

use super::pattern::Pattern;
use super::policy::{Effect, Element, Policy};

/// The ARNs of resources, each with its place.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// In lower case, sorted.
    sorted: Vec<(String, usize)>,
}

impl Names {
    /// Takes ARNs in the order of their places.
    pub(crate) fn new<'n>(arns: impl Iterator<Item = &'n str>) -> Names {
        let mut sorted: Vec<(String, usize)> =
            arns.enumerate().map(|(at, arn)| (arn.to_ascii_lowercase(), at)).collect();
        sorted.sort();
        Names { sorted }
    }

    /// The places of those that an Allow of the policy may be about, by a look that errs on the side of yes.
    pub(crate) fn allowed_by(&self, policy: &Policy) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        for statement in policy.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            match &statement.resource {
                Element::In(patterns) if statement.unsupported.is_empty() => {
                    for pattern in patterns {
                        self.matched(pattern, &mut found);
                    }
                }
                Element::Everything | Element::NotIn(_) | Element::In(_) => {
                    found.extend(self.sorted.iter().map(|(_, at)| *at));
                }
            }
        }
        found
    }

    fn matched(&self, pattern: &Pattern, found: &mut BTreeSet<usize>) {
        if !pattern.is_complete() {
            // What is missing is completed.
            found.extend(self.sorted.iter().map(|(_, at)| *at));
            return;
        }
        let beginning = pattern.beginning();
        let first = self.sorted.partition_point(|(name, _)| *name < beginning);
        let near = self.sorted.iter().skip(first).take_while(|(name, _)| name.starts_with(&beginning));
        found.extend(near.filter(|(name, _)| pattern.may_match(name)).map(|(_, at)| *at));
    }
}

#[cfg(test)]
mod tests {
    use super::super::PolicyKind;
    use super::*;

    fn allowed(resource: &str) -> Vec<usize> {
        let arns = ["arn:aws:a:r:1:Xb-1", "arn:aws:a:r:1:xa-1", "arn:aws:b:r:1:xa-1"];
        let text = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Action":"*","Resource":"{resource}"}},
                {{"Effect":"Deny","Action":"*","Resource":"*"}}]}}"#
        );
        let policy = Policy::parse(&text, PolicyKind::Identity).expect("the policy is well formed");
        Names::new(arns.into_iter()).allowed_by(&policy).into_iter().collect()
    }

    #[test]
    fn names_are_found_by_how_they_begin() {
        assert_eq!(allowed("arn:aws:a:r:1:xb-?"), [0]);
        assert_eq!(allowed("arn:aws:A:r:1:x*"), [0, 1]);
        assert_eq!(allowed("arn:aws:?:r:1:xa-1"), [1, 2]);
        assert_eq!(allowed("arn:aws:a:r:1:xc*"), [0_usize; 0]);
        assert_eq!(allowed("arn:aws:b"), [0, 1, 2]);
        assert_eq!(allowed("*"), [0, 1, 2]);
    }

    #[test]
    fn all_but_a_few_may_be_any() {
        let text = r#"{"Statement":{"Effect":"Allow","Action":"*","NotResource":"arn:aws:a:r:1:x"}}"#;
        let policy = Policy::parse(text, PolicyKind::Identity).expect("the policy is well formed");
        assert_eq!(Names::new(["arn:aws:a:r:1:x"].into_iter()).allowed_by(&policy).len(), 1);
    }
}
