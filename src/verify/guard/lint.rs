//! What is refused in rule files before anything is evaluated.
//!
//! Two kinds of trouble are kept out: rules that pass without having looked, and rules that bring the engine down.
//! The shapes are those found by experiment with the engine; each has a test.

use std::collections::{BTreeMap, BTreeSet};

use cloudformation_guard_lang::exprs::{
    AccessQuery, GuardAccessClause, LetExpr, LetValue, QueryPart, Rule as Parsed,
};
use cloudformation_guard_lang::path_value::PathAwareValue;
use cloudformation_guard_lang::values::CmpOperator;

use super::pack::{ParsedFile, line_of};
use super::walk::{Met, all_rules, compared_types, messages, visit_lets, visit_rule, visit_value};
use super::{ProblemKind, Rule, RuleProblem};

/// A type this many edits away from a known one is taken for a misspelling of it.
const TYPO_DISTANCE: usize = 3;

/// The name that the parser gives to clauses outside any rule.
const UNNAMED: &str = "default";

/// Everything wrong with the parsed files.
pub(super) fn check(files: &[ParsedFile<'_>], rules: &[Rule], known_types: &[&str]) -> Vec<RuleProblem> {
    let mut problems = Vec::new();
    check_names(rules, &mut problems);
    for file in files {
        let mut lint = Lint { file, known_types, problems: Vec::new() };
        lint.check_file();
        problems.append(&mut lint.problems);
    }
    problems
}

fn check_names(rules: &[Rule], problems: &mut Vec<RuleProblem>) {
    let mut first: BTreeMap<&str, &Rule> = BTreeMap::new();
    for rule in rules {
        if let Some(earlier) = first.get(rule.name.as_str()) {
            problems.push(RuleProblem {
                file: rule.file.clone(),
                line: rule.line,
                column: None,
                kind: ProblemKind::DuplicateRule,
                message: format!("rule `{}` is already defined in `{}`", rule.name, earlier.file),
            });
        } else {
            first.insert(&rule.name, rule);
        }
    }
}

struct Lint<'a, 'loc> {
    file: &'a ParsedFile<'loc>,
    known_types: &'a [&'a str],
    problems: Vec<RuleProblem>,
}

impl<'a> Lint<'a, '_> {
    fn check_file(&mut self) {
        let rules = &self.file.rules;
        if rules.guard_rules.is_empty() {
            self.report(1, ProblemKind::NoRules, String::from("the file holds no rule"));
        }
        self.check_variable_cycles(&rules.assignments);
        self.check_rule_cycles();
        for rule in &rules.guard_rules {
            if rule.rule_name == UNNAMED && !self.file.text.contains("rule default") {
                let message = String::from("clauses stand outside any rule");
                self.report(1, ProblemKind::UnnamedClauses, message);
            }
            if !self.has_message(rule) {
                let line = self.line("rule", &rule.rule_name);
                let message = format!("rule `{}` has no message", rule.rule_name);
                self.report(line, ProblemKind::NoMessage, message);
            }
        }
        let names: BTreeSet<&str> = all_rules(rules).map(|rule| rule.rule_name.as_str()).collect();
        let mut visible = vec![rules.assignments.as_slice()];
        let captures = self.captures();
        for each in &rules.assignments {
            let line = self.line("let", &each.var);
            visit_value(&each.value, &mut |met| self.check_met(met, line, &mut visible, &captures, &names));
        }
        for rule in all_rules(rules) {
            let line = self.line("rule", &rule.rule_name);
            let mut current = line;
            visit_rule(rule, &mut |met| {
                match &met {
                    Met::Clause(clause) => current = clause.access_clause.location.line as usize,
                    Met::Call(call) => current = call.location.line as usize,
                    Met::Line(at) => current = *at as usize,
                    Met::Open(_) | Met::Close | Met::Query(_) => {}
                }
                self.check_met(met, current, &mut visible, &captures, &names);
            });
        }
    }

    fn check_met<'m, 'l>(
        &mut self,
        met: Met<'m, 'l>,
        line: usize,
        visible: &mut Vec<&'m [LetExpr<'l>]>,
        captures: &BTreeSet<&str>,
        names: &BTreeSet<&str>,
    ) {
        match met {
            Met::Open(lets) => {
                self.check_variable_cycles(lets);
                visible.push(lets);
            }
            Met::Close => {
                visible.pop();
            }
            Met::Query(query) => {
                self.check_query(query, line);
                for variable in query.query.iter().filter_map(QueryPart::variable) {
                    let defined = visible.iter().copied().flatten().any(|each| each.var == variable);
                    if !defined && !captures.contains(variable) {
                        let message = format!("variable `%{variable}` is not defined");
                        self.report(line, ProblemKind::UnknownVariable, message);
                    }
                }
            }
            Met::Clause(clause) => self.check_clause(clause, line),
            Met::Call(call) => {
                if !names.contains(call.dependent_rule.as_str()) {
                    let message = format!("rule `{}` does not exist in this file", call.dependent_rule);
                    self.report(line, ProblemKind::UnknownRule, message);
                }
            }
            Met::Line(_) => {}
        }
    }

    fn check_query(&mut self, query: &AccessQuery<'_>, line: usize) {
        for (index, pair) in query.query.windows(2).enumerate() {
            let [before, QueryPart::Filter(..)] = pair else { continue };
            let message = match before {
                QueryPart::AllIndices(_) if index > 0 && !inserted_by_parser(query, index) => {
                    "a filter after `[*]` looks at the enclosing value and selects nothing; assign the list to a \
                     variable and filter that"
                }
                QueryPart::Filter(..) | QueryPart::MapKeyFilter(..) => {
                    "a filter directly after a filter makes the engine panic; join the two"
                }
                QueryPart::Index(_) => "a filter after an index makes the engine panic",
                QueryPart::This => "a filter on `this` makes the engine panic",
                QueryPart::AllIndices(_) | QueryPart::AllValues(_) | QueryPart::Key(_) => continue,
            };
            self.report(line, ProblemKind::UnsoundQuery, String::from(message));
        }
    }

    fn check_clause(&mut self, clause: &GuardAccessClause<'_>, line: usize) {
        for type_name in compared_types(clause) {
            self.check_type(type_name, line);
        }
        let access = &clause.access_clause;
        match (&access.compare_with, access.comparator.0) {
            (Some(LetValue::AccessClause(right)), CmpOperator::Eq)
                if is_variable(&access.query) && is_variable(right) =>
            {
                let message = "`==` between two variables is no equality of sets and passes when the right side is \
                               longer; use `in`, or compare counts";
                self.report(line, ProblemKind::UnsoundQuery, String::from(message));
            }
            (Some(LetValue::Value(PathAwareValue::String(_))), CmpOperator::In) => {
                let message = "`in` with a single string tests for a substring; write a list";
                self.report(line, ProblemKind::UnsoundQuery, String::from(message));
            }
            _ => {}
        }
    }

    fn check_type(&mut self, type_name: &str, line: usize) {
        if self.known_types.contains(&type_name) {
            return;
        }
        let distance = |known: &&&str| strsim::damerau_levenshtein(known, type_name);
        let nearest = self.known_types.iter().min_by_key(distance);
        if let Some(nearest) = nearest.filter(|nearest| distance(nearest) <= TYPO_DISTANCE) {
            let message = format!("resource type `{type_name}` is misspelt, `{nearest}` is meant");
            self.report(line, ProblemKind::MisspeltType, message);
        }
    }

    fn check_variable_cycles(&mut self, lets: &[LetExpr<'_>]) {
        let edges = lets.iter().map(|each| (each.var.as_str(), variables_in(each))).collect();
        for variable in circular(&edges) {
            let line = self.line("let", variable);
            let message = format!("variable `{variable}` is defined by itself");
            self.report(line, ProblemKind::VariableCycle, message);
        }
    }

    fn check_rule_cycles(&mut self) {
        let rules = &self.file.rules;
        let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for rule in all_rules(rules) {
            let calls = edges.entry(&rule.rule_name).or_default();
            visit_rule(rule, &mut |met| note_call(&met, calls));
        }
        for rule in circular(&edges) {
            let line = self.line("rule", rule);
            self.report(line, ProblemKind::RuleCycle, format!("rule `{rule}` calls itself"));
        }
    }

    /// A rule with parameters may leave its message to the rules that call it.
    fn has_message(&self, rule: &Parsed<'_>) -> bool {
        messages(rule).iter().any(|message| !message.trim().is_empty())
    }

    /// Names that queries bind: keys captured by filters, and parameters.
    fn captures(&self) -> BTreeSet<&'a str> {
        let rules = &self.file.rules;
        let mut names = BTreeSet::new();
        let mut note = |met: Met<'a, '_>| {
            if let Met::Query(query) = met {
                names.extend(query.query.iter().filter_map(capture));
            }
        };
        visit_lets(&rules.assignments, &mut note);
        for rule in all_rules(rules) {
            visit_rule(rule, &mut note);
        }
        let parameters = rules.parameterized_rules.iter().flat_map(|each| &each.parameter_names);
        names.extend(parameters.map(String::as_str));
        names
    }

    fn line(&self, keyword: &str, name: &str) -> usize {
        line_of(&self.file.text.lines().collect::<Vec<_>>(), keyword, name)
    }

    fn report(&mut self, line: usize, kind: ProblemKind, message: String) {
        self.problems.push(RuleProblem {
            file: self.file.name.to_owned(),
            line,
            column: None,
            kind,
            message,
        });
    }
}

/// The parser puts a `[*]` between a leading variable and what follows it.
fn inserted_by_parser(query: &AccessQuery<'_>, index: usize) -> bool {
    index == 1 && query.query.first().is_some_and(QueryPart::is_variable)
}

fn is_variable(query: &AccessQuery<'_>) -> bool {
    matches!(query.query.as_slice(), [only] if only.is_variable())
}

fn capture<'a>(part: &'a QueryPart<'_>) -> Option<&'a str> {
    match part {
        QueryPart::Filter(name, _)
        | QueryPart::MapKeyFilter(name, _)
        | QueryPart::AllValues(name)
        | QueryPart::AllIndices(name) => name.as_deref(),
        QueryPart::This | QueryPart::Key(_) | QueryPart::Index(_) => None,
    }
}

fn note_call<'a>(met: &Met<'a, '_>, calls: &mut BTreeSet<&'a str>) {
    match met {
        Met::Call(call) => {
            calls.insert(call.dependent_rule.as_str());
        }
        Met::Open(_) | Met::Close | Met::Query(_) | Met::Clause(_) | Met::Line(_) => {}
    }
}

fn variables_in<'a>(definition: &'a LetExpr<'_>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    visit_value(&definition.value, &mut |met| {
        if let Met::Query(query) = met {
            found.extend(query.query.iter().filter_map(QueryPart::variable));
        }
    });
    found
}

/// The nodes that can reach themselves.
fn circular<'a>(edges: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<&'a str> {
    let reaches_itself = |start: &&&'a str| {
        let mut seen = BTreeSet::new();
        let mut waiting: Vec<&str> = edges.get(**start).into_iter().flatten().copied().collect();
        while let Some(next) = waiting.pop() {
            if next == **start {
                return true;
            }
            if seen.insert(next) {
                waiting.extend(edges.get(next).into_iter().flatten().copied());
            }
        }
        false
    };
    edges.keys().filter(reaches_itself).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::super::RulePack;
    use super::*;

    fn problems(text: &str) -> Vec<(ProblemKind, usize)> {
        match RulePack::parse(&[("own.guard", text)], &["AWS::KMS::Key", "AWS::SecretsManager::Secret"]) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.into_iter().map(|problem| (problem.kind, problem.line)).collect(),
        }
    }

    fn in_rule(clauses: &str) -> Vec<(ProblemKind, usize)> {
        problems(&format!(
            "let keys = Resources.*[ Type == 'AWS::KMS::Key' ]\nrule OWN when %keys !empty {{\n    {clauses}\n}}\n"
        ))
    }

    #[test]
    fn a_sound_rule_has_no_problem() {
        assert_eq!(in_rule("%keys.Properties.EnableKeyRotation == true <<rotate>>"), []);
        assert_eq!(
            in_rule(
                "let all = %keys.Properties.KeyPolicy.Statement[*]\n%all[ Effect == 'Allow' ] empty <<no>>"
            ),
            []
        );
        assert_eq!(in_rule("%keys { let own = Properties\n %own.Enabled exists <<on>> }"), []);
    }

    #[test]
    fn what_the_engine_passes_silently_is_refused() {
        let unsound = [(ProblemKind::UnsoundQuery, 3)];
        assert_eq!(
            in_rule("%keys.Properties.KeyPolicy.Statement[*][ Effect == 'Allow' ] empty <<no>>"),
            unsound
        );
        assert_eq!(in_rule("%keys.Properties.Description in 'some text' <<no>>"), unsound);
        assert_eq!(in_rule("%keys == %keys <<no>>"), unsound);
        let hidden = "let a = %keys.Properties.KeyPolicy.Statement[*][ Effect == 'Allow' ]\n %a empty <<no>>";
        assert_eq!(in_rule(hidden).first().map(|problem| problem.0), Some(ProblemKind::UnsoundQuery));
    }

    #[test]
    fn what_makes_the_engine_panic_is_refused() {
        let unsound = [(ProblemKind::UnsoundQuery, 3)];
        assert_eq!(in_rule("%keys[ Type exists ][ Type exists ] empty <<no>>"), unsound);
        assert_eq!(in_rule("%keys.Properties.List[0][ Type exists ] empty <<no>>"), unsound);
        assert_eq!(in_rule("%keys { this[ Type exists ] empty <<no>> }"), unsound);
    }

    #[test]
    fn circles_are_refused() {
        let lets = problems("let a = %b\nlet b = %a.X\nrule OWN { %a exists <<no>> }");
        assert_eq!(lets, [(ProblemKind::VariableCycle, 1), (ProblemKind::VariableCycle, 2)]);
        let inner = in_rule("%keys { let own = %own\n %own exists <<no>> }");
        assert!(inner.iter().any(|problem| problem.0 == ProblemKind::VariableCycle));
        let rules = problems("rule ONE { TWO <<no>> }\nrule TWO { ONE <<no>> }");
        assert_eq!(rules, [(ProblemKind::RuleCycle, 1), (ProblemKind::RuleCycle, 2)]);
        let parameters = problems("rule deep(x) { deep(%x) <<no>> }\nrule OWN { deep(Resources) <<no>> }");
        assert_eq!(parameters, [(ProblemKind::RuleCycle, 1)]);
    }

    #[test]
    fn names_must_exist_and_be_single() {
        assert_eq!(in_rule("%kyes exists <<no>>"), [(ProblemKind::UnknownVariable, 3)]);
        assert_eq!(in_rule("OTHER <<no>>"), [(ProblemKind::UnknownRule, 3)]);
        let twice = "rule OWN { Resources exists <<no>> }\nrule OWN { Resources exists <<no>> }";
        assert!(problems(twice).iter().any(|problem| problem.0 == ProblemKind::DuplicateRule));
        let captured = "let ids = Resources[ id | Type == 'AWS::KMS::Key' ]\nrule OWN { %ids !empty <<no>>\n %id !empty <<no>> }";
        assert_eq!(problems(captured), []);
    }

    #[test]
    fn types_that_miss_by_a_little_are_misspelt_and_others_are_somebody_elses() {
        let with_type = |name: &str| {
            problems(&format!("let all = Resources.*[ Type == '{name}' ]\nrule OWN {{ %all empty <<no>> }}"))
        };
        assert_eq!(with_type("AWS::KSM::Key"), [(ProblemKind::MisspeltType, 1)]);
        assert_eq!(with_type("AWS::SecretManager::Secret"), [(ProblemKind::MisspeltType, 1)]);
        assert_eq!(with_type("AWS::S3::Bucket"), []);
    }

    #[test]
    fn every_rule_is_named_and_has_a_message() {
        assert_eq!(in_rule("%keys.Properties.Enabled exists"), [(ProblemKind::NoMessage, 2)]);
        assert!(problems("Resources exists <<no>>").contains(&(ProblemKind::UnnamedClauses, 1)));
        assert_eq!(problems("rule default_key { Resources exists <<no>> }"), []);
        assert_eq!(problems("let a = Resources"), [(ProblemKind::NoRules, 1)]);
        assert_eq!(problems("# nothing\n"), [(ProblemKind::NoRules, 1)]);
        assert_eq!(problems(""), [(ProblemKind::NoRules, 1)]);
    }

    #[test]
    fn text_that_is_no_rule_file_is_refused_where_it_goes_wrong() {
        assert_eq!(problems("rule OWN {\n  Resources exists <<no>>\n  %%%\n}"), [(ProblemKind::Syntax, 3)]);
        assert_eq!(problems("rule OWN { Resources.x == /(/ <<no>> }"), [(ProblemKind::Syntax, 1)]);
        assert_eq!(
            problems("rule OWN { Resources.x == 99999999999999999999 <<no>> }"),
            [(ProblemKind::Syntax, 1)]
        );
        let deep =
            format!("let a = {}{}\nrule OWN {{ %a exists <<no>> }}", "[".repeat(5000), "]".repeat(5000));
        assert_eq!(problems(&deep), [(ProblemKind::Limit, 1)]);
        assert_eq!(problems(&"#".repeat(2 << 20)), [(ProblemKind::Limit, 1)]);
    }
}
