//! Evaluation of one rule file over one document.
//!
//! Stands where the engine's own root scope would stand, and differs from it in four ways: resources of a type
//! come from an index, plain paths are walked without copying, a circle among variables or rules is an error
//! instead of a stack overflow, and records become findings as they arrive.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use cloudformation_guard_lang::errors::Error;
use cloudformation_guard_lang::eval::eval_rule;
use cloudformation_guard_lang::eval_context::{ValueScope, resolve_function};
use cloudformation_guard_lang::exprs::{AccessQuery, LetValue, ParameterizedRule, QueryPart, Rule};
use cloudformation_guard_lang::path_value::PathAwareValue;
use cloudformation_guard_lang::{EvalContext, QueryResult, RecordTracer, RecordType, Result, Status};

use super::Finding;
use super::document::Document;
use super::pack::ParsedFile;
use super::records::Records;
use super::walk::selected_types;

/// A rule file being evaluated; caches what its variables select.
pub(super) struct Evaluation<'value, 'loc> {
    file: &'value ParsedFile<'loc>,
    document: &'value Document,
    variables: BTreeMap<&'value str, &'value LetValue<'loc>>,
    resolved: BTreeMap<&'value str, Vec<QueryResult>>,
    resolving: BTreeSet<&'value str>,
    decided: BTreeMap<&'value str, (Status, Vec<Finding>)>,
    deciding: BTreeSet<&'value str>,
    records: Records,
}

impl<'value, 'loc> Evaluation<'value, 'loc> {
    pub(super) fn new(file: &'value ParsedFile<'loc>, document: &'value Document) -> Self {
        let variables = file.rules.assignments.iter().map(|each| (each.var.as_str(), &each.value)).collect();
        Evaluation {
            file,
            document,
            variables,
            resolved: BTreeMap::new(),
            resolving: BTreeSet::new(),
            decided: BTreeMap::new(),
            deciding: BTreeSet::new(),
            records: Records::default(),
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
        let outer = std::mem::take(&mut self.records);
        let status = eval_rule(rule, self);
        let records = std::mem::replace(&mut self.records, outer);
        self.deciding.remove(name);
        let decided = (status?, records.finish());
        self.decided.insert(name, decided.clone());
        Ok(decided)
    }

    fn select(&mut self, query: &'value AccessQuery<'loc>) -> Result<Vec<QueryResult>> {
        if let Some(resources) = selected_types(&query.query).and_then(|names| self.document.of_types(&names))
        {
            return Ok(resources.into_iter().map(QueryResult::Resolved).collect());
        }
        let results = match query.query.as_slice() {
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

    fn query_at(
        &mut self,
        root: Rc<PathAwareValue>,
        query: &'value [QueryPart<'loc>],
    ) -> Result<Vec<QueryResult>> {
        ValueScope { root, parent: self }.query(query)
    }
}

/// Whether a part of a query selects by position alone; filters need the engine's own scopes.
fn is_path(part: &QueryPart<'_>) -> bool {
    !matches!(part, QueryPart::Filter(..) | QueryPart::MapKeyFilter(..))
}

/// Whether a key means only itself: the engine reads numbers as positions and `%` as a variable.
fn is_plain(key: &str) -> bool {
    !key.starts_with('%') && key.parse::<i32>().is_err()
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
        let definition = self.variables.get(name).copied();
        if let Some(known) = self.resolved.get(name) {
            return Ok(known.clone());
        }
        let Some(definition) = definition else {
            return Err(Error::MissingValue(String::from("no variable of that name")));
        };
        if !self.resolving.insert(name) {
            return Err(Error::MultipleValues(String::from("a variable is defined by itself")));
        }
        let results = match definition {
            LetValue::Value(literal) => Ok(vec![QueryResult::Literal(Rc::new(literal.clone()))]),
            LetValue::FunctionCall(call) => resolve_function(&call.name, &call.parameters, self),
            LetValue::AccessClause(query) => self.select(query),
        };
        self.resolving.remove(name);
        let results = results?;
        self.resolved.insert(name, results.clone());
        Ok(results)
    }

    fn add_variable_capture_key(&mut self, name: &'value str, key: Rc<PathAwareValue>) -> Result<()> {
        self.resolved.entry(name).or_default().push(QueryResult::Resolved(key));
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
