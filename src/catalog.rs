//! Every diagnostic code in one list, for explanations, reports and tests.

use crate::diagnostic::{Code, WAIVER_CODES};
use crate::verify::guard::{self, Rule};
use crate::{blueprint, change, inventory, stack, verify};

/// Every code, sorted by category and name.
pub(crate) fn all() -> Vec<&'static Code> {
    let others = [
        WAIVER_CODES,
        stack::CODES,
        verify::CODES,
        verify::ACCESS_CODES,
        verify::snapshot::CODES,
        verify::stack_sets::CODES,
        verify::statements::CODES,
        verify::third_party::CODES,
        change::CODES,
    ];
    let lists = blueprint::codes::ALL.iter().chain(inventory::CODES).chain(&others);
    let mut codes: Vec<&'static Code> = lists.copied().flatten().copied().collect();
    codes.sort_by_key(|code| (code.category, code.name));
    codes
}

/// The code with a name.
pub(crate) fn find(name: &str) -> Option<&'static Code> {
    all().into_iter().find(|code| code.name == name)
}

/// The built-in guard rules, sorted by name; their codes are `guard/<name>`.
pub(crate) fn rules() -> Vec<&'static Rule> {
    let mut rules: Vec<&'static Rule> =
        guard::built_in().map_or(Vec::new(), |pack| pack.rules().iter().collect());
    rules.sort_by(|left, right| left.name.cmp(&right.name));
    rules
}

/// The built-in guard rule with a code.
pub(crate) fn find_rule(code: &str) -> Option<&'static Rule> {
    guard::built_in().ok()?.rule(code.strip_prefix("guard/")?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_kebab_case() {
        let mut seen = BTreeSet::new();
        for code in all() {
            let name = code.name;
            assert!(seen.insert(name), "{name} is there twice");
            let is_kebab = name.split('-').all(|part| {
                !part.is_empty()
                    && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            });
            assert!(is_kebab, "{name}");
        }
        assert!(!seen.is_empty());
    }

    #[test]
    fn pages_have_their_headings_in_order() {
        for code in all() {
            let headings: Vec<&str> =
                code.page.lines().filter_map(|line| line.trim_start().strip_prefix("## ")).collect();
            let expected = ["What it finds", "Why it matters", "Example", "Instead"];
            assert_eq!(headings.get(..4), Some(&expected[..]), "{}", code.name);
        }
    }

    #[test]
    fn summaries_are_one_line_in_lower_case_without_a_stop() {
        for code in all() {
            let summary = code.summary;
            assert!(!summary.is_empty() && !summary.contains('\n'), "{}", code.name);
            assert!(!summary.ends_with('.'), "{}", code.name);
            let mut letters = summary.chars();
            let (first, second) = (letters.next().unwrap(), letters.next().unwrap_or(' '));
            // A word all in capitals, such as KMS, keeps them.
            assert!(!first.is_uppercase() || second.is_uppercase(), "{}", code.name);
        }
    }

    #[test]
    fn every_code_is_found_by_its_name() {
        for code in all() {
            assert_eq!(find(code.name).unwrap().name, code.name);
        }
        assert!(find("no-such-code").is_none());
        for rule in rules() {
            assert_eq!(find_rule(&format!("guard/{}", rule.name)).unwrap().name, rule.name);
        }
        assert!(!rules().is_empty() && find_rule("guard/NO_SUCH_RULE").is_none());
    }
}
