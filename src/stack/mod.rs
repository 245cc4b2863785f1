//! Which resource lives in which stack, what stacks hand to each other, in which order they are deployed, and whether
//! they keep within the quotas.
//!
//! *Never:* why a resource exists.

mod codes;
mod limits;
mod order;
mod partition;

use std::collections::BTreeMap;

use crate::cfn::{Expr, HomeId, LogicalId, ResourceId, Resources};
use crate::source::Origin;

pub(crate) use codes::CODES;
pub(crate) use limits::check_size;
pub(crate) use partition::partition;

/// The resources of a run, grouped.
#[derive(Debug, Default)]
pub(crate) struct Stacks {
    /// The resources.
    pub(crate) resources: Resources,
    /// The stacks, in the order of deployment.
    pub(crate) stacks: Vec<Stack>,
}

/// Resources that are deployed together.
#[derive(Debug)]
pub(crate) struct Stack {
    /// Its home: application, environment, Region, account.
    pub(crate) home: HomeId,
    /// Its name in CloudFormation.
    pub(crate) name: String,
    /// Where its template belongs below the output directory.
    pub(crate) path: String,
    /// Its resources, in the order of the template.
    pub(crate) members: Vec<ResourceId>,
    /// What the deployer gives it.
    pub(crate) parameters: Vec<Parameter>,
    /// What it shows.
    pub(crate) outputs: Vec<StackOutput>,
    /// Exports of other stacks that it uses: the export's name for each expression.
    pub(crate) imports: BTreeMap<Expr, String>,
    /// Parameters that stand for expressions on stacks of other accounts or Regions.
    pub(crate) handed: BTreeMap<Expr, LogicalId>,
    /// The stacks that must be deployed before, by position.
    pub(crate) after: Vec<usize>,
    /// Capabilities that the deployer must acknowledge, sorted.
    pub(crate) capabilities: Vec<&'static str>,
    /// Transforms of the template, sorted.
    pub(crate) transforms: Vec<&'static str>,
}

/// A parameter of a stack.
#[derive(Debug)]
pub(crate) struct Parameter {
    /// Its name.
    pub(crate) name: LogicalId,
    /// What to give.
    pub(crate) description: String,
    /// The pattern that a value must match.
    pub(crate) pattern: &'static str,
    /// Where the value comes from.
    pub(crate) source: ParameterSource,
    /// What in the blueprint asked for it.
    pub(crate) origin: Origin,
}

/// Where the value of a parameter comes from.
#[derive(Debug)]
pub(crate) enum ParameterSource {
    /// The deployer knows it.
    Deployer,
    /// An output of another stack of this run, by position and name.
    Output(usize, LogicalId),
}

/// An output of a stack.
#[derive(Debug)]
pub(crate) struct StackOutput {
    /// Its name.
    pub(crate) name: LogicalId,
    /// What it is.
    pub(crate) description: String,
    /// The value.
    pub(crate) value: Expr,
    /// The name under which other stacks import it.
    pub(crate) export: Option<String>,
    /// What in the blueprint it stands for.
    pub(crate) origin: Origin,
}
