//! Whether stacks can be StackSets: one template for many accounts and Regions, deployed by roles of CloudFormation.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Subject, code};
use crate::template::{Planned, ValueSource};

code! {
    /// ## What it finds
    ///
    /// A template with a transform that is to be a StackSet with service-managed permissions.
    ///
    /// ## Why it matters
    ///
    /// CloudFormation refuses macros there, and transforms are macros.
    ///
    /// ## Example
    ///
    /// A secret with `rotation: { by: hosted }`, whose function a transform makes.
    ///
    /// ## Instead
    ///
    /// Rotate by keyprint's own function, which needs no transform, or use self-managed permissions.
    STACK_SET_TRANSFORM = "stack-set-transform" { Error, Limits, "a transform in a service-managed StackSet" }

    /// ## What it finds
    ///
    /// A StackSet that would make a thing of the same name twice in one account: a role in several Regions, or the same
    /// stack from two templates.
    ///
    /// ## Why it matters
    ///
    /// IAM's names are the account's, whatever the Region. The second deployment fails and rolls back.
    ///
    /// ## Example
    ///
    /// `keyprint deploy-plan --stack-sets self-managed --region eu-west-1 --region us-east-1`, while consumers have roles.
    ///
    /// ## Instead
    ///
    /// Name one Region. A blueprint with several `regions` makes roles in the first alone and replicas in the others.
    STACK_SET_NAME_TAKEN = "stack-set-name-taken" { Error, Names, "a StackSet makes one name twice in an account" }

    /// ## What it finds
    ///
    /// A template that names a thing of one account or one Region, and is to be deployed to others.
    ///
    /// ## Why it matters
    ///
    /// The text is the same everywhere. A network of one account is not there in another, and a policy would trust the
    /// wrong account.
    ///
    /// ## Example
    ///
    /// An environment with `network: { vpc: vpc-0a1b2c3d, … }` that is rolled out to an organizational unit.
    ///
    /// ## Instead
    ///
    /// Leave out of the blueprint what differs, or give each account an environment and deploy it by itself.
    STACK_SET_BOUND_TO_PLACE = "stack-set-bound-to-place" { Error, Names, "a StackSet's template names things of one place" }

    /// ## What it finds
    ///
    /// A stack with a parameter from another stack's output that is to be a StackSet.
    ///
    /// ## Why it matters
    ///
    /// A StackSet has one value of a parameter for all its instances, given when it is made; outputs of its instances are
    /// known only afterwards, each in its own account.
    ///
    /// ## Example
    ///
    /// The replica Region of an environment, whose keys need the ARN of the primary Region's key.
    ///
    /// ## Instead
    ///
    /// Deploy these stacks one by one, with `keyprint deploy-plan` without `--stack-sets`.
    STACK_SET_NEEDS_OUTPUT = "stack-set-needs-output" { Error, Limits, "a StackSet needs the output of another stack" }

    /// ## What it finds
    ///
    /// An environment with a `deployer` that is to be deployed with service-managed permissions.
    ///
    /// ## Why it matters
    ///
    /// There CloudFormation deploys by a role of its own in each account, `stacksets-exec-` with a suffix that nobody
    /// knows before. Key policies and the policies of secrets refuse everybody but the deployer: the deployment fails,
    /// or its next update does.
    ///
    /// ## Example
    ///
    /// `deployer: platform/deployer` and `keyprint deploy-plan --stack-sets service-managed`.
    ///
    /// ## Instead
    ///
    /// Use self-managed permissions: there the deployer is the execution role. Or leave `deployer` out.
    STACK_SET_NOT_THE_DEPLOYER = "stack-set-not-the-deployer" {
        Error, Access, "a StackSet deploys by a role that its policies refuse"
    }

    /// ## What it finds
    ///
    /// The same part of an application in several environments or Regions, each with a template of its own.
    ///
    /// ## Why it matters
    ///
    /// A StackSet has one template, so each of them becomes a StackSet of its own.
    ///
    /// ## Example
    ///
    /// An application with `staging` and `production`: names, tags and policies say which.
    ///
    /// ## Instead
    ///
    /// Nothing, if that is meant. `--environment` plans one of them.
    STACK_SETS_DIFFER = "stack-sets-differ" { Note, Names, "one part of an application becomes several StackSets" }
}

/// Where StackSets deploy, and by whom.
#[derive(Debug)]
pub(crate) struct Fleet {
    /// Whose roles deploy.
    pub(crate) permissions: Permissions,
    /// The account that the StackSets belong to.
    pub(crate) administrator: String,
    /// The Region that they belong to.
    pub(crate) home_region: String,
    /// Organizational units and roots.
    pub(crate) units: Vec<String>,
    /// Accounts; beside units they narrow them.
    pub(crate) accounts: Vec<String>,
    /// The Regions, where they are not the stack's own.
    pub(crate) regions: Vec<String>,
}

/// CloudFormation's permission models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Permissions {
    /// Roles that CloudFormation makes in an organization's accounts.
    ServiceManaged {
        /// Whether the account is a delegated administrator, and not the management account.
        delegated: bool,
    },
    /// A role of the administrator assumes one in each account.
    SelfManaged {
        /// The ARN of the administrator's, where it is not the default one.
        administration_role: Option<String>,
    },
}

impl Permissions {
    /// The word of the API.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::ServiceManaged { .. } => "SERVICE_MANAGED",
            Self::SelfManaged { .. } => "SELF_MANAGED",
        }
    }
}

impl Fleet {
    /// The name of a stack's StackSet.
    pub(crate) fn name(&self, stack: &Planned) -> String {
        if self.regions.is_empty() { format!("{}-{}", stack.name, stack.region) } else { stack.name.clone() }
    }

    /// The Regions of a StackSet's instances.
    pub(crate) fn regions_of<'a>(&'a self, stack: &'a Planned) -> Vec<&'a str> {
        if self.regions.is_empty() {
            vec![&stack.region]
        } else {
            self.regions.iter().map(String::as_str).collect()
        }
    }

    /// The accounts whose instances are asked for; one that is empty stands for whatever is in the units.
    pub(crate) fn accounts_of<'a>(&'a self, stack: &'a Planned) -> Vec<&'a str> {
        match (self.accounts.as_slice(), self.units.is_empty()) {
            ([], true) => vec![&stack.account],
            ([], false) => vec![""],
            (accounts, _) => accounts.iter().map(String::as_str).collect(),
        }
    }
}

/// Says what cannot be a StackSet, and why.
pub(crate) fn judge(stacks: &[&Planned], fleet: &Fleet, log: &mut Diagnostics) {
    for stack in stacks {
        by_service(stack, fleet, log);
        if fleet.regions_of(stack).len() > 1 {
            named(stack, log);
        }
        place(stack, fleet, log);
        for parameter in &stack.parameters {
            if let ValueSource::Output { template, output } = &parameter.from {
                let message = format!(
                    "the parameter `{}` of `{}` is the output `{output}` of `{template}`",
                    parameter.name, stack.name
                );
                log.push(
                    finding(&STACK_SET_NEEDS_OUTPUT, stack, None, message)
                        .help("deploy the stack by itself: `keyprint deploy-plan` without `--stack-sets`"),
                );
            }
        }
    }
    variants(stacks, fleet, log);
}

/// What service-managed permissions do not allow.
fn by_service(stack: &Planned, fleet: &Fleet, log: &mut Diagnostics) {
    if matches!(fleet.permissions, Permissions::SelfManaged { .. }) {
        return;
    }
    if let Some(transform) = stack.transforms.first() {
        let message =
            format!("`{}` has the transform `{transform}`, which service-managed permissions refuse", stack.name);
        log.push(
            finding(&STACK_SET_TRANSFORM, stack, None, message)
                .help("rotate by keyprint's own function, or use self-managed permissions"),
        );
    }
    if let Some(deployer) = &stack.deployer {
        let message = format!(
            "`{}` lets `{deployer}` deploy alone, and service-managed permissions deploy by `stacksets-exec-*`",
            stack.name
        );
        log.push(
            finding(&STACK_SET_NOT_THE_DEPLOYER, stack, None, message)
                .help("use `--stack-sets self-managed`, where the deployer is the execution role"),
        );
    }
}

/// The property that names a thing of IAM, whose names are the account's.
fn own_name(kind: &str) -> Option<&'static str> {
    match kind {
        "AWS::IAM::Role" => Some("RoleName"),
        "AWS::IAM::ManagedPolicy" => Some("ManagedPolicyName"),
        "AWS::IAM::InstanceProfile" => Some("InstanceProfileName"),
        "AWS::IAM::User" => Some("UserName"),
        "AWS::IAM::Group" => Some("GroupName"),
        _ => None,
    }
}

fn named(stack: &Planned, log: &mut Diagnostics) {
    for (id, resource) in stack.resources() {
        let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
        let name = own_name(kind).and_then(|property| resource.get("Properties")?.get(property));
        let Some(name) = name else { continue };
        let shown = name.as_str().map_or_else(|| name.to_string(), str::to_owned);
        let message = format!("`{shown}` would be made in several Regions, and IAM has one of each name in an account");
        log.push(
            finding(&STACK_SET_NAME_TAKEN, stack, Some(id), message)
                .help("name one Region; a blueprint's own `regions` make roles in the first alone"),
        );
    }
}

/// What the template names of the place that it was compiled for, while the StackSet reaches others.
fn place(stack: &Planned, fleet: &Fleet, log: &mut Diagnostics) {
    let other_accounts = fleet.accounts_of(stack).iter().any(|account| *account != stack.account);
    let other_regions = fleet.regions_of(stack).iter().any(|region| *region != stack.region);
    for (id, resource) in stack.resources() {
        let words = words(resource);
        let of_account = |word: &&&str| **word == stack.account || is_network(word);
        let of_region = |word: &&&str| **word == stack.region || is_network(word);
        let bound = words
            .iter()
            .find(|word| other_accounts && of_account(word) || other_regions && of_region(word));
        if let Some(word) = bound {
            let message = format!("`{}` names `{word}`, which is of {}, {}", stack.name, stack.account, stack.region);
            log.push(
                finding(&STACK_SET_BOUND_TO_PLACE, stack, Some(id), message)
                    .help("give each account an environment of its own, and deploy it by itself"),
            );
        }
    }
}

/// The words of all texts below a value: runs of letters, digits and hyphens.
fn words(value: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        let text = value.as_str().unwrap_or_default();
        found.extend(text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-'));
        open.extend(value.as_array().into_iter().flatten());
        open.extend(value.as_object().into_iter().flat_map(serde_json::Map::values));
    }
    found.retain(|word| !word.is_empty());
    found.sort_unstable();
    found
}

/// Whether a word is the id of a part of a network.
fn is_network(word: &str) -> bool {
    let id = ["vpc-", "subnet-", "sg-", "rtb-", "vpce-", "pl-"].iter().find_map(|kind| word.strip_prefix(kind));
    id.is_some_and(|id| id.len() >= 8 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The same part of an application more than once.
fn variants(stacks: &[&Planned], fleet: &Fleet, log: &mut Diagnostics) {
    let mut parts: BTreeMap<(&str, &str), Vec<&Planned>> = BTreeMap::new();
    let mut names: BTreeMap<String, &Planned> = BTreeMap::new();
    for stack in stacks {
        parts.entry((&stack.application, stack.part())).or_default().push(stack);
        if let Some(first) = names.insert(fleet.name(stack), stack) {
            let message = format!(
                "`{}` and `{}` would both be the stack `{}` in the same accounts and Regions",
                first.template, stack.template, stack.name
            );
            log.push(
                finding(&STACK_SET_NAME_TAKEN, stack, None, message)
                    .help("leave `--region` out, or plan one of them"),
            );
        }
    }
    for ((application, part), variants) in parts {
        if let [first, .., last] = variants.as_slice() {
            let message = format!(
                "`{part}` of `{application}` becomes {} StackSets, because its templates differ by environment and Region",
                variants.len()
            );
            log.push(
                finding(&STACK_SETS_DIFFER, last, None, message)
                    .help(format!("the first is `{}`; `--environment` plans one environment", first.template)),
            );
        }
    }
}

/// A finding about a template; no place in a blueprint alone decides it, since the fleet does.
fn finding(code: &'static Code, stack: &Planned, id: Option<&String>, message: String) -> Diagnostic {
    Diagnostic {
        code: code.name.into(),
        level: code.level,
        category: code.category,
        message,
        labels: Vec::new(),
        help: Vec::new(),
        subject: Some(Subject {
            template: stack.template.clone(),
            logical_id: id.cloned(),
            pointer: id.map(|id| format!("/Resources/{id}")),
        }),
    }
}
