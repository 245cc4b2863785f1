//! Groups resources by home and decides what stacks hand to each other: within an account and Region an export, beyond it
//! a parameter.

use std::collections::{BTreeMap, BTreeSet};

use crate::cfn::{Entry, Expr, Home, HomeId, LogicalId, ResourceId, Resources};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Origin;

use super::codes::{LOGICAL_ID_TAKEN, STACK_CYCLE};
use super::{Parameter, ParameterSource, Stack, StackOutput, Stacks, limits, order};

/// The pattern of any ARN, for parameters that carry one.
const ARN_PATTERN: &str = "^arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$";

/// Groups the resources of a run into stacks.
pub(crate) fn partition(resources: Resources, log: &mut Diagnostics) -> Stacks {
    let mut stacks = grouped(&resources);
    unique_ids(&resources, &stacks, log);
    let by_home: BTreeMap<HomeId, usize> =
        stacks.iter().enumerate().map(|(position, stack)| (stack.home, position)).collect();
    connect(&resources, &mut stacks, &by_home);
    let stacks = match in_order(&resources, stacks) {
        Ok(stacks) => stacks,
        Err((stacks, circle)) => {
            report_circle(&resources, &stacks, &circle, log);
            stacks
        }
    };
    let stacks = Stacks { resources, stacks };
    limits::check(&stacks, log);
    stacks
}

fn grouped(resources: &Resources) -> Vec<Stack> {
    let mut members: BTreeMap<HomeId, Vec<ResourceId>> = BTreeMap::new();
    for (id, entry) in resources.iter() {
        members.entry(entry.home).or_default().push(id);
    }
    let mut stacks = Vec::new();
    for (home_id, home) in resources.homes() {
        let Some(mut members) = members.remove(&home_id) else { continue };
        members.sort_by_key(|id| resources.get(*id).map(|entry| entry.logical_id.clone()));
        let entries = || members.iter().filter_map(|id| resources.get(*id));
        let mut parameters: Vec<Parameter> = resources
            .parameters()
            .filter(|declared| declared.home == home_id)
            .map(|declared| Parameter {
                name: declared.name.clone(),
                description: declared.description.clone(),
                pattern: declared.pattern,
                source: ParameterSource::Deployer,
                origin: declared.origin,
            })
            .collect();
        parameters.sort_by(|left, right| left.name.cmp(&right.name));
        let transforms: Vec<&'static str> =
            entries().filter_map(|entry| entry.transform).collect::<BTreeSet<_>>().into_iter().collect();
        stacks.push(Stack {
            home: home_id,
            name: stack_name(home),
            path: format!(
                "{}/{}/{}/{}.template.json",
                home.application, home.environment, home.region, home.stack
            ),
            parameters,
            outputs: outputs(resources, home_id, home),
            imports: BTreeMap::new(),
            handed: BTreeMap::new(),
            after: Vec::new(),
            capabilities: capabilities(entries(), !transforms.is_empty()),
            transforms,
            members,
        });
    }
    stacks
}

fn stack_name(home: &Home) -> String {
    match home.stack.strip_prefix(home.application.as_str()) {
        Some(rest) => format!("{}-{}{rest}", home.application, home.environment),
        None => format!("{}-{}-{}", home.application, home.environment, home.stack),
    }
}

fn outputs(resources: &Resources, home_id: HomeId, home: &Home) -> Vec<StackOutput> {
    let mut outputs: Vec<StackOutput> = resources
        .outputs()
        .filter(|output| output.home == home_id)
        .map(|output| StackOutput {
            name: output.name.clone(),
            description: output.description.clone(),
            value: output.value.clone(),
            // Keys are always exported: other stacks come and go, and an export must not come and go with them.
            export: (home.stack == "keys").then(|| export_name(home, &output.name)),
            origin: output.origin,
        })
        .collect();
    outputs.sort_by(|left, right| left.name.cmp(&right.name));
    outputs
}

fn export_name(home: &Home, output: &LogicalId) -> String {
    format!("{}-{}-{output}", home.application, home.environment)
}

fn capabilities<'a>(entries: impl Iterator<Item = &'a Entry>, transforms: bool) -> Vec<&'static str> {
    let mut capabilities = BTreeSet::new();
    for entry in entries {
        if entry.kind.starts_with("AWS::IAM::") {
            capabilities.insert("CAPABILITY_IAM");
            if entry.properties.iter().any(|(name, _)| name == "RoleName" || name == "InstanceProfileName") {
                capabilities.insert("CAPABILITY_NAMED_IAM");
            }
        }
    }
    if transforms {
        capabilities.insert("CAPABILITY_AUTO_EXPAND");
        capabilities.insert("CAPABILITY_IAM");
    }
    if capabilities.contains("CAPABILITY_NAMED_IAM") {
        capabilities.remove("CAPABILITY_IAM");
    }
    capabilities.into_iter().collect()
}

fn unique_ids(resources: &Resources, stacks: &[Stack], log: &mut Diagnostics) {
    for stack in stacks {
        let mut taken: BTreeMap<&str, Origin> = BTreeMap::new();
        let members = stack
            .members
            .iter()
            .filter_map(|id| resources.get(*id))
            .map(|entry| (entry.logical_id.as_str(), entry.origin));
        let parameters = stack.parameters.iter().map(|parameter| (parameter.name.as_str(), parameter.origin));
        for (id, origin) in members.chain(parameters) {
            if let Some(first) = taken.insert(id, origin) {
                log.push(
                    Diagnostic::new(
                        &LOGICAL_ID_TAKEN,
                        origin.span,
                        format!("the logical id `{id}` is taken already in stack `{}`", stack.name),
                    )
                    .here(format!("becomes `{id}`"))
                    .also(first.span, "so does this")
                    .help("give one of them another name, or pin its logical id with `id:`"),
                );
            }
        }
    }
}

/// Finds every reference that leaves its stack and decides how it is handed over.
fn connect(resources: &Resources, stacks: &mut [Stack], by_home: &BTreeMap<HomeId, usize>) {
    let mut wanted: Vec<(usize, Expr, Origin)> = Vec::new();
    for (position, stack) in stacks.iter().enumerate() {
        let mut seen: BTreeSet<&Expr> = BTreeSet::new();
        for entry in stack.members.iter().filter_map(|id| resources.get(*id)) {
            for (_, node) in &entry.properties {
                node.tree.expressions(&mut |expr| {
                    if let Expr::Ref(target) | Expr::GetAtt(target, _) = expr
                        && resources.get(*target).is_some_and(|target| target.home != stack.home)
                        && seen.insert(expr)
                    {
                        wanted.push((position, expr.clone(), entry.origin));
                    }
                });
            }
        }
    }
    for (position, expr, origin) in wanted {
        let (Expr::Ref(target) | Expr::GetAtt(target, _)) = &expr else { continue };
        let Some(entry) = resources.get(*target) else { continue };
        let Some(owner) = by_home.get(&entry.home).copied() else { continue };
        let output = shown(stacks, owner, &expr, entry);
        let Some(home) = resources.home_of(entry.home) else { continue };
        let Some(own) = stacks.get(position).and_then(|stack| resources.home_of(stack.home)) else {
            continue;
        };
        if (&home.account, &home.region) == (&own.account, &own.region) {
            let name = export_name(home, &output);
            if let Some(shown) = stacks
                .get_mut(owner)
                .and_then(|stack| stack.outputs.iter_mut().find(|shown| shown.name == output))
            {
                shown.export = Some(name.clone());
            }
            if let Some(stack) = stacks.get_mut(position) {
                stack.imports.insert(expr, name);
                stack.after.push(owner);
            }
        } else {
            let parameter = if home.application == own.application {
                output.clone()
            } else {
                LogicalId::of(&home.application, output.as_str())
            };
            let description =
                format!("Output {output} of stack {} in {} {}", stack_name(home), home.account, home.region);
            if let Some(stack) = stacks.get_mut(position) {
                stack.parameters.push(Parameter {
                    name: parameter.clone(),
                    description,
                    pattern: ARN_PATTERN,
                    source: ParameterSource::Output(owner, output),
                    origin,
                });
                stack.parameters.sort_by(|left, right| left.name.cmp(&right.name));
                stack.handed.insert(expr, parameter);
                stack.after.push(owner);
            }
        }
    }
}

/// The output of a stack that shows an expression; made when there is none yet.
fn shown(stacks: &mut [Stack], owner: usize, expr: &Expr, entry: &Entry) -> LogicalId {
    let Some(stack) = stacks.get_mut(owner) else { return entry.logical_id.clone() };
    if let Some(known) = stack.outputs.iter().find(|output| output.value == *expr) {
        return known.name.clone();
    }
    let name = match expr {
        Expr::GetAtt(_, attribute) => LogicalId::of(entry.logical_id.as_str(), attribute),
        Expr::Ref(_) | Expr::Parameter(_) | Expr::Pseudo(_) | Expr::Sub(_) => {
            LogicalId::of(entry.logical_id.as_str(), "Ref")
        }
    };
    stack.outputs.push(StackOutput {
        name: name.clone(),
        description: format!("{} of {}", name, entry.logical_id),
        value: expr.clone(),
        export: None,
        origin: entry.origin,
    });
    stack.outputs.sort_by(|left, right| left.name.cmp(&right.name));
    name
}

/// Puts stacks into the order of deployment; a circle leaves them as they are.
fn in_order(resources: &Resources, stacks: Vec<Stack>) -> Result<Vec<Stack>, (Vec<Stack>, Vec<usize>)> {
    let keys: Vec<_> = stacks
        .iter()
        .map(|stack| {
            resources
                .home_of(stack.home)
                .map(|home| (home.environment.clone(), home.layer, stack.path.clone()))
        })
        .collect();
    let layers: Vec<_> = stacks
        .iter()
        .map(|stack| {
            resources
                .home_of(stack.home)
                .map(|home| (home.application.clone(), home.environment.clone(), home.layer))
        })
        .collect();
    let needs: Vec<Vec<usize>> = stacks
        .iter()
        .enumerate()
        .map(|(position, stack)| {
            let mine = layers.get(position);
            let earlier = layers.iter().enumerate().filter(|(_, other)| match (mine, other) {
                (Some(Some((application, environment, layer))), Some((other, within, before))) => {
                    application == other && environment == within && before < layer
                }
                _ => false,
            });
            stack.after.iter().copied().chain(earlier.map(|(other, _)| other)).collect()
        })
        .collect();
    let order = match order::sorted(&keys, &needs) {
        Ok(order) => order,
        Err(circle) => return Err((stacks, circle)),
    };
    let place: BTreeMap<usize, usize> = order.iter().enumerate().map(|(new, old)| (*old, new)).collect();
    let moved = |old: &usize| place.get(old).copied().unwrap_or(*old);
    let mut sorted: Vec<(usize, Stack)> = stacks
        .into_iter()
        .enumerate()
        .map(|(old, mut stack)| {
            stack.after = needs
                .get(old)
                .into_iter()
                .flatten()
                .map(moved)
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect();
            for parameter in &mut stack.parameters {
                if let ParameterSource::Output(owner, _) = &mut parameter.source {
                    *owner = moved(owner);
                }
            }
            (moved(&old), stack)
        })
        .collect();
    sorted.sort_by_key(|(position, _)| *position);
    Ok(sorted.into_iter().map(|(_, stack)| stack).collect())
}

fn report_circle(resources: &Resources, stacks: &[Stack], circle: &[usize], log: &mut Diagnostics) {
    let members: Vec<&Stack> = circle.iter().filter_map(|position| stacks.get(*position)).collect();
    let names: Vec<String> = members.iter().map(|stack| format!("`{}`", stack.name)).collect();
    let origin = members
        .iter()
        .flat_map(|stack| &stack.members)
        .find_map(|id| resources.get(*id))
        .map(|entry| entry.origin);
    if let Some(origin) = origin {
        log.push(
            Diagnostic::new(
                &STACK_CYCLE,
                origin.span,
                format!("the stacks {} need each other", names.join(", ")),
            )
            .help("place things that refer to each other in one stack"),
        );
    }
}
