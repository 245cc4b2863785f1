//! Reading parsed rules: every query, call and message with where it stands.

use std::collections::BTreeSet;

use cloudformation_guard_lang::exprs::{
    AccessQuery, Block, BlockGuardClause, FunctionExpr, GuardAccessClause, GuardClause, GuardNamedRuleClause,
    LetExpr, LetValue, ParameterizedNamedRuleClause, QueryPart, Rule, RuleClause, RulesFile, WhenConditions,
    WhenGuardClause,
};
use cloudformation_guard_lang::path_value::PathAwareValue;
use cloudformation_guard_lang::values::CmpOperator;

/// Something met while reading a file of rules.
pub(super) enum Met<'a, 'loc> {
    /// A block begins; its variables are visible until it ends.
    Open(&'a [LetExpr<'loc>]),
    /// A block ends.
    Close,
    /// A query, outside any clause where the line is missing.
    Query(&'a AccessQuery<'loc>),
    /// A clause; its queries follow.
    Clause(&'a GuardAccessClause<'loc>),
    /// A call of a rule.
    Call(&'a GuardNamedRuleClause<'loc>),
    /// A block over the results of a query, whose clauses start at a line.
    Line(u32),
}

/// Reads one rule in order, conditions first.
pub(super) fn visit_rule<'a, 'loc>(rule: &'a Rule<'loc>, see: &mut dyn FnMut(Met<'a, 'loc>)) {
    see(Met::Open(&rule.block.assignments));
    if let Some(conditions) = &rule.conditions {
        visit_conditions(conditions, see);
    }
    visit_lets(&rule.block.assignments, see);
    for clause in rule.block.conjunctions.iter().flatten() {
        match clause {
            RuleClause::Clause(clause) => visit_clause(clause, see),
            RuleClause::WhenBlock(conditions, block) => visit_when(conditions, block, see),
            RuleClause::TypeBlock(typed) => {
                if let Some(conditions) = &typed.conditions {
                    visit_conditions(conditions, see);
                }
                visit_block(&typed.block, see);
            }
        }
    }
    see(Met::Close);
}

/// Reads the values of variables.
pub(super) fn visit_lets<'a, 'loc>(lets: &'a [LetExpr<'loc>], see: &mut dyn FnMut(Met<'a, 'loc>)) {
    for each in lets {
        visit_value(&each.value, see);
    }
}

/// Reads one value, which may hold queries.
pub(super) fn visit_value<'a, 'loc>(value: &'a LetValue<'loc>, see: &mut dyn FnMut(Met<'a, 'loc>)) {
    match value {
        LetValue::Value(_) => {}
        LetValue::AccessClause(query) => visit_query(query, see),
        LetValue::FunctionCall(FunctionExpr { parameters, .. }) => {
            for parameter in parameters {
                visit_value(parameter, see);
            }
        }
    }
}

fn visit_query<'a, 'loc>(query: &'a AccessQuery<'loc>, see: &mut dyn FnMut(Met<'a, 'loc>)) {
    see(Met::Query(query));
    for part in &query.query {
        match part {
            QueryPart::Filter(_, clauses) => {
                for clause in clauses.iter().flatten() {
                    visit_clause(clause, see);
                }
            }
            QueryPart::MapKeyFilter(_, filter) => visit_value(&filter.compare_with, see),
            QueryPart::This
            | QueryPart::Key(_)
            | QueryPart::AllValues(_)
            | QueryPart::AllIndices(_)
            | QueryPart::Index(_) => {}
        }
    }
}

fn visit_clause<'a, 'loc>(clause: &'a GuardClause<'loc>, see: &mut dyn FnMut(Met<'a, 'loc>)) {
    match clause {
        GuardClause::Clause(clause) => visit_access(clause, see),
        GuardClause::NamedRule(call) => see(Met::Call(call)),
        GuardClause::ParameterizedNamedRule(call) => visit_call(call, see),
        GuardClause::BlockClause(BlockGuardClause { query, block, location, .. }) => {
            see(Met::Line(location.line));
            visit_query(query, see);
            visit_block(block, see);
        }
        GuardClause::WhenBlock(conditions, block) => visit_when(conditions, block, see),
    }
}

fn visit_access<'a, 'loc>(clause: &'a GuardAccessClause<'loc>, see: &mut dyn FnMut(Met<'a, 'loc>)) {
    see(Met::Clause(clause));
    visit_query(&clause.access_clause.query, see);
    if let Some(value) = &clause.access_clause.compare_with {
        visit_value(value, see);
    }
}

fn visit_call<'a, 'loc>(call: &'a ParameterizedNamedRuleClause<'loc>, see: &mut dyn FnMut(Met<'a, 'loc>)) {
    see(Met::Call(&call.named_rule));
    for parameter in &call.parameters {
        visit_value(parameter, see);
    }
}

fn visit_when<'a, 'loc>(
    conditions: &'a WhenConditions<'loc>,
    block: &'a Block<'loc, GuardClause<'loc>>,
    see: &mut dyn FnMut(Met<'a, 'loc>),
) {
    visit_conditions(conditions, see);
    visit_block(block, see);
}

fn visit_conditions<'a, 'loc>(conditions: &'a WhenConditions<'loc>, see: &mut dyn FnMut(Met<'a, 'loc>)) {
    for condition in conditions.iter().flatten() {
        match condition {
            WhenGuardClause::Clause(clause) => visit_access(clause, see),
            WhenGuardClause::NamedRule(call) => see(Met::Call(call)),
            WhenGuardClause::ParameterizedNamedRule(call) => visit_call(call, see),
        }
    }
}

fn visit_block<'a, 'loc>(block: &'a Block<'loc, GuardClause<'loc>>, see: &mut dyn FnMut(Met<'a, 'loc>)) {
    see(Met::Open(&block.assignments));
    visit_lets(&block.assignments, see);
    for clause in block.conjunctions.iter().flatten() {
        visit_clause(clause, see);
    }
    see(Met::Close);
}

/// The messages of a rule's clauses, in order.
pub(super) fn messages<'a>(rule: &'a Rule<'_>) -> Vec<&'a str> {
    let mut found = Vec::new();
    visit_rule(rule, &mut |met| match met {
        Met::Clause(clause) => found.extend(clause.access_clause.custom_message.as_deref()),
        Met::Call(call) => found.extend(call.custom_message.as_deref()),
        Met::Open(_) | Met::Close | Met::Query(_) | Met::Line(_) => {}
    });
    found
}

/// The types in `Resources.*[ Type == '…' ]` or `Resources.*[ Type in ['…'] ]`, if a query is just that.
pub(super) fn selected_types<'a>(query: &'a [QueryPart<'_>]) -> Option<Vec<&'a str>> {
    match query {
        [QueryPart::Key(resources), QueryPart::AllValues(None), QueryPart::Filter(None, clauses)]
            if resources == "Resources" =>
        {
            only_types(clauses)
        }
        _ => None,
    }
}

/// The captured name and the types in `Resources[ name | Type == '…' ]`, if a query is just that.
pub(super) fn captured_types<'a>(query: &'a [QueryPart<'_>]) -> Option<(&'a str, Vec<&'a str>)> {
    match query {
        [QueryPart::Key(resources), QueryPart::Filter(Some(name), clauses)] if resources == "Resources" => {
            Some((name, only_types(clauses)?))
        }
        _ => None,
    }
}

fn only_types<'a>(clauses: &'a [Vec<GuardClause<'_>>]) -> Option<Vec<&'a str>> {
    let [clauses] = clauses else { return None };
    let [GuardClause::Clause(clause)] = clauses.as_slice() else { return None };
    if clause.negation || !clause.access_clause.query.match_all {
        return None;
    }
    Some(compared_types(clause)).filter(|types| !types.is_empty())
}

/// The literals in `Type == '…'` or `Type in ['…']`; none for any other clause.
pub(super) fn compared_types<'a>(clause: &'a GuardAccessClause<'_>) -> Vec<&'a str> {
    let access = &clause.access_clause;
    let ([QueryPart::Key(key)], Some(LetValue::Value(literal))) =
        (access.query.query.as_slice(), &access.compare_with)
    else {
        return Vec::new();
    };
    match (literal, access.comparator) {
        (PathAwareValue::String((_, name)), (CmpOperator::Eq, false)) if key == "Type" => vec![name],
        (PathAwareValue::List((_, names)), (CmpOperator::In, false)) if key == "Type" => {
            let names = names.iter().map(|name| {
                let PathAwareValue::String((_, name)) = name else { return None };
                Some(name.as_str())
            });
            names.collect::<Option<Vec<_>>>().unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// The types of the resources that a rule's condition asks for, through any number of variables.
pub(super) fn gate_types(rule: &Rule<'_>, lets: &[LetExpr<'_>]) -> Vec<String> {
    let mut types = BTreeSet::new();
    for condition in rule.conditions.iter().flatten().flatten() {
        if let WhenGuardClause::Clause(clause) = condition {
            types_of_query(&clause.access_clause.query, lets, lets.len(), &mut types);
        }
    }
    types.into_iter().collect()
}

fn types_of_query(query: &AccessQuery<'_>, lets: &[LetExpr<'_>], steps: usize, types: &mut BTreeSet<String>) {
    for part in &query.query {
        if let QueryPart::Filter(_, clauses) = part {
            let direct = clauses.iter().flatten().flat_map(|clause| match clause {
                GuardClause::Clause(clause) => compared_types(clause),
                GuardClause::NamedRule(_)
                | GuardClause::ParameterizedNamedRule(_)
                | GuardClause::BlockClause(_)
                | GuardClause::WhenBlock(..) => Vec::new(),
            });
            types.extend(direct.map(str::to_owned));
        }
    }
    let variable = query.query.first().and_then(QueryPart::variable);
    let definition = variable.and_then(|name| lets.iter().find(|each| each.var == name));
    if let (Some(LetExpr { value: LetValue::AccessClause(query), .. }), Some(left)) =
        (definition, steps.checked_sub(1))
    {
        types_of_query(query, lets, left, types);
    }
}

/// Every rule of a file, those with parameters included.
pub(super) fn all_rules<'a, 'loc>(file: &'a RulesFile<'loc>) -> impl Iterator<Item = &'a Rule<'loc>> {
    file.guard_rules.iter().chain(file.parameterized_rules.iter().map(|each| &each.rule))
}
