//! StackSets: one account administers, CloudFormation deploys into accounts and Regions.

use serde_json::json;

use super::command::{Command, quoted, text, value};
use super::stacks::with_parameters;
use super::{Line, Request, Step, body};
use crate::template::Planned;
use crate::verify::stack_sets::{Fleet, Permissions};

/// One account and Region at a time, and none after a failure.
const PREFERENCES: &str = "RegionConcurrencyType=SEQUENTIAL,FailureToleranceCount=0,MaxConcurrentCount=1";

/// Plans a StackSet for each stack that is asked for.
pub(super) fn steps<'a>(stacks: &[&'a Planned], request: &Request<'_>, fleet: &Fleet) -> Vec<Step<'a>> {
    stacks.iter().map(|stack| step(stack, request, fleet)).collect()
}

fn step<'a>(stack: &'a Planned, request: &Request<'_>, fleet: &Fleet) -> Step<'a> {
    let name = fleet.name(stack);
    let home = home(fleet);
    let on_set = |does, operation: &str| {
        let command = Command { does, words: Vec::new() };
        command
            .words(["aws", "cloudformation", operation, "--stack-set-name", &name])
            .words(home.iter().map(String::as_str))
    };
    let (upload, template) = body(stack, request.bucket, &fleet.administrator, &fleet.home_region);
    let mut lines = vec![Line::Shell(format!("account {} {}", fleet.administrator, fleet.home_region))];
    lines.extend(upload.map(Line::Both));
    let described = |does, operation| {
        let mut command = on_set(does, operation).words(template.iter().map(String::as_str));
        if !stack.capabilities.is_empty() {
            command = command.words(["--capabilities"]).words(stack.capabilities.iter().map(String::as_str));
        }
        command = command.words(permissions(stack, fleet).iter().map(String::as_str));
        with_parameters(command, stack)
    };
    let create = described("make the StackSet", "create-stack-set");
    let update = described("or change it, where it is there", "update-stack-set")
        .words(["--operation-preferences", PREFERENCES]);
    let regions = fleet.regions_of(stack);
    let instances = on_set("deploy into accounts and Regions", "create-stack-instances")
        .words(targets(stack, fleet).iter().map(String::as_str))
        .words(["--regions"])
        .words(regions.iter().copied())
        .words(["--operation-preferences", PREFERENCES]);
    let wait =
        |does| on_set(does, "describe-stack-set-operation").option("--operation-id", value("operation"));
    let options = home.iter().map(|word| quoted(&text(word))).collect::<Vec<_>>().join(" ");
    let answer = |command: &Command| {
        let command = command.shell().replace('\n', "\n  ");
        format!(
            "  operation=$({command} \\\n    --query OperationId --output text)\n  finished {name} \"$operation\" {options}"
        )
    };
    lines.push(Line::Shell(format!("if exists {name} {options}; then\n{}\nelse", answer(&update))));
    lines.push(Line::Shell(format!("  {} >/dev/null\nfi", create.shell().replace('\n', "\n  "))));
    let probes: Vec<String> = fleet
        .accounts_of(stack)
        .iter()
        .flat_map(|account| regions.iter().map(move |region| (account, region)))
        .map(|(account, region)| format!("present {name} {region} {} {options}", quoted(&text(*account))))
        .collect();
    lines.push(Line::Shell(format!("if ! {{ {}; }}; then\n{}\nfi", probes.join(" && "), answer(&instances))));
    lines.extend([create, update].map(Line::Json));
    lines.push(Line::Json(wait("wait until the change has SUCCEEDED")));
    lines.push(Line::Json(instances));
    lines.push(Line::Json(wait("wait until it has SUCCEEDED")));
    Step {
        stack,
        title: format!("StackSet {name} in {}, {}", fleet.administrator, fleet.home_region),
        facts: json!({ "stackSet": name, "account": fleet.administrator, "region": fleet.home_region,
            "permissions": fleet.permissions.word() }),
        lines,
    }
}

/// Where the StackSet lives and as whom it is administered.
fn home(fleet: &Fleet) -> Vec<String> {
    let mut words = vec!["--region".to_owned(), fleet.home_region.clone()];
    if let Permissions::ServiceManaged { delegated } = fleet.permissions {
        words.extend(["--call-as".to_owned(), if delegated { "DELEGATED_ADMIN" } else { "SELF" }.to_owned()]);
    }
    words
}

fn permissions(stack: &Planned, fleet: &Fleet) -> Vec<String> {
    let mut words = vec!["--permission-model".to_owned(), fleet.permissions.word().to_owned()];
    match &fleet.permissions {
        Permissions::ServiceManaged { .. } => {
            // An account that joins is not among accounts that were named.
            let joins = fleet.accounts.is_empty();
            words.push("--auto-deployment".to_owned());
            words.push(format!(
                "Enabled={joins}{}",
                if joins { ",RetainStacksOnAccountRemoval=true" } else { "" }
            ));
        }
        Permissions::SelfManaged { administration_role } => {
            if let Some(role) = administration_role {
                words.extend(["--administration-role-arn".to_owned(), role.clone()]);
            }
            if let Some(deployer) = &stack.deployer {
                words.extend(["--execution-role-name".to_owned(), deployer.clone()]);
            }
        }
    }
    words
}

fn targets(stack: &Planned, fleet: &Fleet) -> Vec<String> {
    match fleet.permissions {
        Permissions::SelfManaged { .. } => {
            let accounts = fleet.accounts_of(stack).into_iter().map(str::to_owned);
            std::iter::once("--accounts".to_owned()).chain(accounts).collect()
        }
        Permissions::ServiceManaged { .. } => {
            let mut text = format!("OrganizationalUnitIds={}", fleet.units.join(","));
            if !fleet.accounts.is_empty() {
                text.push_str(&format!(
                    ",Accounts={},AccountFilterType=INTERSECTION",
                    fleet.accounts.join(",")
                ));
            }
            vec!["--deployment-targets".to_owned(), text]
        }
    }
}
