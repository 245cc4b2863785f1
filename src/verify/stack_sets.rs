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
        let message = format!(
            "`{}` has the transform `{transform}`, which service-managed permissions refuse",
            stack.name
        );
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
        let message =
            format!("`{shown}` would be made in several Regions, and IAM has one of each name in an account");
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
    let is_bound = |word: &str| {
        other_accounts && (word == stack.account || is_network(word))
            || other_regions && (word == stack.region || is_network(word))
    };
    let mut bound: BTreeMap<&str, &String> = BTreeMap::new();
    for (id, resource) in stack.resources() {
        for word in words(resource).into_iter().filter(|word| is_bound(word)) {
            bound.entry(word).or_insert(id);
        }
    }
    let names: Vec<String> = bound.keys().map(|word| format!("`{word}`")).collect();
    if let Some(id) = bound.into_values().next() {
        let Planned { name, account, region, .. } = stack;
        let message = format!("`{name}` names {} of {account}, {region}", names.join(", "));
        log.push(
            finding(&STACK_SET_BOUND_TO_PLACE, stack, Some(id), message)
                .help("give each account an environment of its own, and deploy it by itself"),
        );
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
    found
}

/// Whether a word is the id of a part of a network.
fn is_network(word: &str) -> bool {
    let id =
        ["vpc-", "subnet-", "sg-", "rtb-", "vpce-", "pl-"].iter().find_map(|kind| word.strip_prefix(kind));
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
                finding(&STACK_SETS_DIFFER, last, None, message).help(format!(
                    "the first is `{}`; `--environment` plans one environment",
                    first.template
                )),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A stack of an account and Region with a template; some of its entry in the manifest may be different.
    fn stack(name: &str, template: &Value, change: &Value) -> Planned {
        let mut entry = json!({
            "order": 1, "name": format!("shop-production-{name}"), "application": "shop",
            "environment": "production", "account": "111111111111", "region": "eu-west-1",
            "template": format!("shop/production/eu-west-1/{name}.template.json"), "sha256": "",
            "uploadNeeded": false, "capabilities": [], "transforms": [], "after": [], "parameters": [],
        });
        for (field, value) in change.as_object().unwrap() {
            entry[field] = value.clone();
        }
        Planned { document: template.clone(), ..serde_json::from_value(entry).unwrap() }
    }

    fn found(stacks: &[Planned], fleet: &Fleet) -> Vec<String> {
        let mut log = Diagnostics::default();
        judge(&stacks.iter().collect::<Vec<_>>(), fleet, &mut log);
        log.sorted().into_iter().map(|finding| finding.code.to_string()).collect()
    }

    fn fleet(permissions: Permissions, accounts: &[&str], regions: &[&str]) -> Fleet {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Fleet {
            permissions,
            administrator: "999999999999".to_owned(),
            home_region: "eu-west-1".to_owned(),
            units: Vec::new(),
            accounts: owned(accounts),
            regions: owned(regions),
        }
    }

    fn own() -> Permissions {
        Permissions::SelfManaged { administration_role: None }
    }

    fn of_service(units: &[&str]) -> Fleet {
        let units = units.iter().map(|unit| (*unit).to_owned()).collect();
        Fleet { units, ..fleet(Permissions::ServiceManaged { delegated: false }, &[], &[]) }
    }

    fn role() -> Value {
        json!({ "Resources": { "WebRole": { "Type": "AWS::IAM::Role", "Properties": { "RoleName": "shop-web" } } } })
    }

    fn network() -> Value {
        json!({ "Resources": { "Group": { "Type": "AWS::EC2::SecurityGroup", "Properties": {
            "VpcId": "vpc-0123abcd", "GroupDescription": "vpc-link of subnet-group" } } } })
    }

    #[test]
    fn transforms_and_deployers_bar_service_managed_permissions_alone() {
        let hosted = [stack("shop", &role(), &json!({ "transforms": ["AWS::SecretsManager-2024-09-16"] }))];
        assert_eq!(found(&hosted, &of_service(&["r-ab12"])), ["stack-set-transform"]);
        assert!(found(&hosted, &fleet(own(), &[], &[])).is_empty());
        let deployed = [stack("shop", &role(), &json!({ "deployer": "deployer" }))];
        assert_eq!(found(&deployed, &of_service(&["r-ab12"])), ["stack-set-not-the-deployer"]);
        assert!(found(&deployed, &fleet(own(), &[], &[])).is_empty());
        assert!(found(&[stack("shop", &role(), &json!({}))], &of_service(&["r-ab12"])).is_empty());
    }

    #[test]
    fn names_of_iam_bar_a_second_region() {
        let roles = [stack("shop", &role(), &json!({}))];
        let two = fleet(own(), &[], &["eu-west-1", "us-east-1"]);
        assert_eq!(found(&roles, &two), ["stack-set-name-taken"]);
        assert!(found(&roles, &fleet(own(), &[], &["us-east-1"])).is_empty());
        let unnamed = json!({ "Resources": { "Key": { "Type": "AWS::KMS::Key", "Properties": {} } } });
        assert!(found(&[stack("keys", &unnamed, &json!({}))], &two).is_empty());
    }

    #[test]
    fn one_stack_of_two_templates_bars_regions_for_both() {
        let second = json!({ "region": "eu-central-1", "template": "shop/production/eu-central-1/shop.template.json" });
        let both = [stack("shop", &json!({}), &json!({})), stack("shop", &json!({}), &second)];
        assert_eq!(found(&both, &fleet(own(), &[], &[])), ["stack-sets-differ"]);
        let forced = found(&both, &fleet(own(), &[], &["us-east-1"]));
        assert_eq!(forced, ["stack-set-name-taken", "stack-sets-differ"]);
    }

    #[test]
    fn networks_accounts_and_regions_bind_to_a_place() {
        let bound = [stack("shop", &network(), &json!({}))];
        assert!(found(&bound, &fleet(own(), &[], &[])).is_empty());
        assert!(found(&bound, &fleet(own(), &["111111111111"], &["eu-west-1"])).is_empty());
        assert_eq!(found(&bound, &fleet(own(), &["222222222222"], &[])), ["stack-set-bound-to-place"]);
        assert_eq!(found(&bound, &of_service(&["r-ab12"])), ["stack-set-bound-to-place"]);
        assert_eq!(found(&bound, &fleet(own(), &[], &["us-east-1"])), ["stack-set-bound-to-place"]);
        let words = |word: &str| json!({ "Resources": { "A": { "Properties": { "Arn": format!("arn:aws:sqs:{word}:q") } } } });
        let account = [stack("shop", &words("eu-north-1:111111111111"), &json!({}))];
        assert_eq!(found(&account, &fleet(own(), &["222222222222"], &[])), ["stack-set-bound-to-place"]);
        assert!(found(&account, &fleet(own(), &[], &["us-east-1"])).is_empty());
        let region = [stack("shop", &words("eu-west-1:444444444444"), &json!({}))];
        assert!(found(&region, &fleet(own(), &["222222222222"], &[])).is_empty());
        assert_eq!(found(&region, &fleet(own(), &[], &["us-east-1"])), ["stack-set-bound-to-place"]);
    }

    #[test]
    fn outputs_of_others_bar_a_stack_set() {
        let keys = stack("keys", &json!({}), &json!({}));
        let from = json!({ "template": "shop/production/eu-west-1/keys.template.json", "output": "KeyArn" });
        let needs = json!({ "order": 2, "parameters": [{ "name": "Key", "description": "", "from": from }] });
        assert_eq!(
            found(&[keys, stack("shop", &json!({}), &needs)], &fleet(own(), &[], &[])),
            ["stack-set-needs-output"]
        );
        let asked = json!({ "parameters": [{ "name": "Id", "description": "", "from": "deployer" }] });
        assert!(found(&[stack("shop", &json!({}), &asked)], &fleet(own(), &[], &[])).is_empty());
    }
}
