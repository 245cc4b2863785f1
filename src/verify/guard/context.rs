//! Evaluation of one rule file over one document.
//!
//! Stands where the engine's own scopes of a file and of a rule would stand, and differs from them in four ways:
//! resources of a type come from an index, plain paths and filters are followed without copying, a circle among
//! variables or rules is an error instead of a stack overflow, and records become findings as they arrive.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use cloudformation_guard_lang::errors::Error;
use cloudformation_guard_lang::eval::{eval_conjunction_clauses, eval_rule_clause, eval_when_clause};
use cloudformation_guard_lang::eval_context::{ValueScope, resolve_function};
use cloudformation_guard_lang::exprs::{AccessQuery, LetExpr, LetValue, ParameterizedRule, QueryPart, Rule};
use cloudformation_guard_lang::path_value::PathAwareValue;
use cloudformation_guard_lang::{EvalContext, QueryResult, RecordTracer, RecordType, Result, Status};

use super::Finding;
use super::document::Document;
use super::filter::{Matches, is_plain, selects};
use super::pack::ParsedFile;
use super::records::Records;
use super::walk::{captured_types, selected_types};

/// A rule file being evaluated; caches what its variables select.
pub(super) struct Evaluation<'value, 'loc> {
    file: &'value ParsedFile<'loc>,
    document: &'value Document,
    global: Variables<'value, 'loc>,
    local: Variables<'value, 'loc>,
    decided: BTreeMap<&'value str, (Status, Vec<Finding>)>,
    deciding: BTreeSet<&'value str>,
    records: Records,
    matches: Matches,
}

/// The variables of a file or of a rule: how they are defined, and what is known of them.
#[derive(Default)]
struct Variables<'value, 'loc> {
    defined: BTreeMap<&'value str, &'value LetValue<'loc>>,
    resolved: BTreeMap<&'value str, Vec<QueryResult>>,
    resolving: BTreeSet<&'value str>,
}

impl<'value, 'loc> Variables<'value, 'loc> {
    fn new(lets: &'value [LetExpr<'loc>]) -> Self {
        let defined = lets.iter().map(|each| (each.var.as_str(), &each.value)).collect();
        Variables { defined, ..Variables::default() }
    }
}

impl<'value, 'loc> Evaluation<'value, 'loc> {
    pub(super) fn new(file: &'value ParsedFile<'loc>, document: &'value Document) -> Self {
        Evaluation {
            file,
            document,
            global: Variables::new(&file.rules.assignments),
            local: Variables::default(),
            decided: BTreeMap::new(),
            deciding: BTreeSet::new(),
            records: Records::default(),
            matches: Matches::default(),
        }
    }

    /// The status of a rule and, where it fails, the places.
    pub(super) fn decide(&mut self, rule: &'value Rule<'loc>) -> Result<(Status, Vec<Finding>)> {
        let name = rule.rule_name.as_str();
        if let Some(decided) = self.decided.get(name) {
            return Ok(decided.clone());
        }
        if !self.deciding.insert(name) {
            return Err(Error::MultipleValues(String::from("a rule calls itself")));
        }
        let outer_records = std::mem::take(&mut self.records);
        let outer_local = std::mem::take(&mut self.local);
        let status = self.evaluate(rule);
        self.local = outer_local;
        let records = std::mem::replace(&mut self.records, outer_records);
        self.deciding.remove(name);
        let decided = (status?, records.finish());
        self.decided.insert(name, decided.clone());
        Ok(decided)
    }

    fn evaluate(&mut self, rule: &'value Rule<'loc>) -> Result<Status> {
        if let Some(conditions) = &rule.conditions {
            let status = eval_conjunction_clauses(conditions, self, eval_when_clause)?;
            self.records = Records::default();
            if status != Status::PASS {
                return Ok(Status::SKIP);
            }
        }
        self.local = Variables::new(&rule.block.assignments);
        eval_conjunction_clauses(&rule.block.conjunctions, self, eval_rule_clause)
    }

    fn select(&mut self, query: &'value AccessQuery<'loc>) -> Result<Vec<QueryResult>> {
        if let Some(resources) = selected_types(&query.query).and_then(|names| self.document.of_types(&names))
        {
            return Ok(resources.into_iter().map(QueryResult::Resolved).collect());
        }
        if let Some((name, types)) = captured_types(&query.query)
            && let Some(entries) = self.document.entries_of_types(&types)
        {
            let mut resources = Vec::with_capacity(entries.len());
            for (key, resource) in entries {
                self.add_variable_capture_key(name, key)?;
                resources.push(QueryResult::Resolved(resource));
            }
            return Ok(resources);
        }
        let results = match query.query.as_slice() {
            [first, rest @ ..]
                if matches!(rest, [QueryPart::AllIndices(None), QueryPart::Filter(None, _)]) =>
            {
                match first.variable() {
                    Some(variable) => self.filter(variable, rest, &query.query)?,
                    None => self.query(&query.query)?,
                }
            }
            [first, QueryPart::AllIndices(None), rest @ ..] if rest.iter().all(is_path) => {
                match first.variable() {
                    Some(variable) => self.select_below(variable, rest)?,
                    None => self.query(&query.query)?,
                }
            }
            _ => self.query(&query.query)?,
        };
        if query.match_all {
            return Ok(results);
        }
        Ok(results.into_iter().filter(|result| matches!(result, QueryResult::Resolved(_))).collect())
    }

    /// `%variable[ filter ]`, where each value is filtered by reference as far as the filter is plain.
    fn filter(
        &mut self,
        variable: &'value str,
        rest: &'value [QueryPart<'loc>],
        whole: &'value [QueryPart<'loc>],
    ) -> Result<Vec<QueryResult>> {
        let [_, QueryPart::Filter(_, clauses)] = rest else { return self.query(whole) };
        let mut selected = Vec::new();
        for result in self.resolve_variable(variable)? {
            let value = match &result {
                QueryResult::Literal(value) | QueryResult::Resolved(value) => value,
                QueryResult::UnResolved(_) => {
                    selected.push(result);
                    continue;
                }
            };
            if !matches!(value.as_ref(), PathAwareValue::Map(_)) {
                return self.query(whole);
            }
            match selects(clauses, value, &self.matches) {
                Some(true) => selected.push(QueryResult::Resolved(Rc::clone(value))),
                Some(false) => {}
                None => selected.extend(self.filter_at(value, rest)?),
            }
        }
        Ok(selected)
    }

    /// The engine's answer for one value; its clauses start from the innermost scope but one.
    fn filter_at(
        &mut self,
        value: &Rc<PathAwareValue>,
        rest: &'value [QueryPart<'loc>],
    ) -> Result<Vec<QueryResult>> {
        let mut scope = ValueScope { root: Rc::clone(value), parent: self };
        ValueScope { root: Rc::clone(value), parent: &mut scope }.query(rest)
    }

    /// `%variable.path`, where each value of the variable is walked by reference as far as its path is plain.
    fn select_below(
        &mut self,
        variable: &'value str,
        path: &'value [QueryPart<'loc>],
    ) -> Result<Vec<QueryResult>> {
        let mut selected = Vec::new();
        for result in self.resolve_variable(variable)? {
            match result {
                QueryResult::Literal(value) | QueryResult::Resolved(value) => {
                    self.descend(&value, path, &mut selected)?;
                }
                QueryResult::UnResolved(_) => selected.push(result),
            }
        }
        Ok(selected)
    }

    fn descend(
        &mut self,
        value: &PathAwareValue,
        path: &'value [QueryPart<'loc>],
        selected: &mut Vec<QueryResult>,
    ) -> Result<()> {
        match (path, value) {
            ([], _) => selected.push(QueryResult::Resolved(Rc::new(value.clone()))),
            ([QueryPart::Key(key), rest @ ..], PathAwareValue::Map((_, map)))
                if is_plain(key) && map.values.contains_key(key) =>
            {
                if let Some(member) = map.values.get(key) {
                    self.descend(member, rest, selected)?;
                }
            }
            ([QueryPart::AllIndices(None), rest @ ..], PathAwareValue::List((_, items)))
                if !items.is_empty() =>
            {
                for item in items {
                    self.descend(item, rest, selected)?;
                }
            }
            _ => selected.extend(self.query_at(Rc::new(value.clone()), path)?),
        }
        Ok(())
    }

    /// Evaluates a definition once, in the scope that it belongs to.
    fn resolve(
        &mut self,
        name: &'value str,
        definition: &'value LetValue<'loc>,
        scope: fn(&mut Self) -> &mut Variables<'value, 'loc>,
    ) -> Result<Vec<QueryResult>> {
        if let Some(known) = scope(self).resolved.get(name) {
            return Ok(known.clone());
        }
        if !scope(self).resolving.insert(name) {
            return Err(Error::MultipleValues(String::from("a variable is defined by itself")));
        }
        let results = match definition {
            LetValue::Value(literal) => Ok(vec![QueryResult::Literal(Rc::new(literal.clone()))]),
            LetValue::FunctionCall(call) => resolve_function(&call.name, &call.parameters, self),
            LetValue::AccessClause(query) => self.select(query),
        };
        scope(self).resolving.remove(name);
        let results = results?;
        scope(self).resolved.insert(name, results.clone());
        Ok(results)
    }

    fn query_at(
        &mut self,
        root: Rc<PathAwareValue>,
        query: &'value [QueryPart<'loc>],
    ) -> Result<Vec<QueryResult>> {
        ValueScope { root, parent: self }.query(query)
    }
}

/// Whether the engine may take up a query at this part: filters look back at the part before, and a variable means
/// something else at the beginning.
fn is_path(part: &QueryPart<'_>) -> bool {
    match part {
        QueryPart::Key(key) => is_plain(key),
        QueryPart::This | QueryPart::AllValues(_) | QueryPart::AllIndices(_) | QueryPart::Index(_) => true,
        QueryPart::Filter(..) | QueryPart::MapKeyFilter(..) => false,
    }
}

impl<'value, 'loc: 'value> EvalContext<'value, 'loc> for Evaluation<'value, 'loc> {
    fn query(&mut self, query: &'value [QueryPart<'loc>]) -> Result<Vec<QueryResult>> {
        self.query_at(Rc::clone(&self.document.root), query)
    }

    fn find_parameterized_rule(&mut self, name: &str) -> Result<&'value ParameterizedRule<'loc>> {
        let found = self.file.rules.parameterized_rules.iter().find(|each| each.rule.rule_name == name);
        found.ok_or_else(|| Error::MissingValue(String::from("no parameterized rule of that name")))
    }

    fn root(&mut self) -> Rc<PathAwareValue> {
        Rc::clone(&self.document.root)
    }

    fn rule_status(&mut self, name: &'value str) -> Result<Status> {
        let rule = self.file.rules.guard_rules.iter().find(|each| each.rule_name == name);
        let rule = rule.ok_or_else(|| Error::MissingValue(String::from("no rule of that name")))?;
        Ok(self.decide(rule)?.0)
    }

    fn resolve_variable(&mut self, name: &'value str) -> Result<Vec<QueryResult>> {
        if let Some(definition) = self.local.defined.get(name).copied() {
            return self.resolve(name, definition, |scopes| &mut scopes.local);
        }
        let definition = self.global.defined.get(name).copied();
        match (definition, self.global.resolved.get(name)) {
            (Some(definition), _) => {
                let local = std::mem::take(&mut self.local);
                let results = self.resolve(name, definition, |scopes| &mut scopes.global);
                self.local = local;
                results
            }
            (None, Some(captured)) => Ok(captured.clone()),
            (None, None) => Err(Error::MissingValue(String::from("no variable of that name"))),
        }
    }

    fn add_variable_capture_key(&mut self, name: &'value str, key: Rc<PathAwareValue>) -> Result<()> {
        self.global.resolved.entry(name).or_default().push(QueryResult::Resolved(key));
        Ok(())
    }
}

impl<'value> RecordTracer<'value> for Evaluation<'value, '_> {
    fn start_record(&mut self, name: &str) -> Result<()> {
        self.records.start(name);
        Ok(())
    }

    fn end_record(&mut self, _: &str, record: RecordType<'value>) -> Result<()> {
        self.records.end(&record);
        Ok(())
    }
}
