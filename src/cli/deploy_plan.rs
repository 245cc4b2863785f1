//! `keyprint deploy-plan`: the commands that deploy what blueprints become, for a shell or as JSON.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::arguments::{DeployPlan, OutputOptions, PlanFormat, StackSetPermissions, StackSets};
use super::{compile, exit_code, output};
use crate::diagnostic::Diagnostics;
use crate::report::deploy_plan::{Form, Request, deploy_plan};
use crate::report::{FORMATS, Voice};
use crate::run::Run;
use crate::template::{Deployment, Planned};
use crate::verify::stack_sets::{self, Fleet, Permissions};
use crate::workspace;

/// The file of a built directory that lists the others.
const MANIFEST: &str = "manifest.json";

/// Where the templates are taken to be when nothing is said.
const OUT: &str = "out";

/// Prints the plan, or says why there is none.
///
/// # Errors
/// The exit code when something cannot be read, planned or printed.
pub(super) fn run(command: &DeployPlan, options: OutputOptions) -> Result<u8, u8> {
    let texts = match &command.built {
        Some(directory) => built(directory, options)?,
        None => compiled(command, options)?,
    };
    let manifest = texts.get(MANIFEST).map(String::as_str).unwrap_or_default();
    let text = |path: &str| texts.get(path).map(String::as_str);
    let deployment = Deployment::read(manifest, text)
        .map_err(|fault| refuse(&fault, "build the directory again with `keyprint build`", options))?;
    let stacks = asked(&deployment, command);
    let Some(first) = stacks.first() else {
        let help = "`--environment` and `--account` name what the blueprints have";
        return Err(refuse("no stack is asked for", help, options));
    };
    let fleet = fleet(&command.stack_sets, &first.region)
        .map_err(|help| refuse("the StackSets cannot be planned", help, options))?;
    if let Some(fleet) = &fleet {
        judge(&stacks, fleet, options)?;
    }
    let directory = command.out.as_deref().or(command.built.as_deref()).unwrap_or(Path::new(OUT));
    let request = Request {
        directory: &workspace::shown(directory),
        bucket: command.bucket.as_deref(),
        fleet: fleet.as_ref(),
    };
    let form = match command.format {
        PlanFormat::Shell => Form::Shell,
        PlanFormat::Json => Form::Json,
    };
    let plan = deploy_plan(&deployment, &stacks, &request, form).map_err(|missing| {
        let fault = format!("the template `{}` is too long for a request", missing.template);
        refuse(&fault, "name a bucket for it, for example `--bucket 'templates-{account}-{region}'`", options)
    })?;
    output::print(&plan, options)?;
    Ok(exit_code::CLEAN)
}

/// Everything below a directory that `build` wrote.
fn built(directory: &Path, options: OutputOptions) -> Result<BTreeMap<String, String>, u8> {
    let texts = workspace::read_snapshots(directory).map_err(|errors| output::refuse(&errors, options))?;
    let texts = texts.unwrap_or_default();
    if texts.contains_key(MANIFEST) {
        return Ok(texts);
    }
    let fault = format!("`{}` holds no `{MANIFEST}`", workspace::shown(directory).escape_debug());
    Err(refuse(&fault, "`keyprint build --out DIR` writes one", options))
}

/// What `build` would write, judged as it judges.
fn compiled(command: &DeployPlan, options: OutputOptions) -> Result<BTreeMap<String, String>, u8> {
    let inputs = super::arguments::Inputs {
        paths: command.paths.clone(),
        format: "text".to_owned(),
        policies: Vec::<PathBuf>::new(),
        today: command.today.clone(),
        cache: None,
    };
    let run = compile::compile(&inputs, options)?;
    if compile::verdict(&run) != exit_code::CLEAN {
        compile::report(&run, &inputs, options)?;
        return Err(exit_code::FINDINGS);
    }
    Ok(run.artifacts.into_iter().map(|artifact| (artifact.path, artifact.text)).collect())
}

fn asked<'a>(deployment: &'a Deployment, command: &DeployPlan) -> Vec<&'a Planned> {
    let DeployPlan { environment, account, .. } = command;
    deployment
        .stacks
        .iter()
        .filter(|stack| environment.as_ref().is_none_or(|name| stack.environment == *name))
        .filter(|stack| account.as_ref().is_none_or(|id| stack.account == *id))
        .collect()
}

/// The fleet that the options describe, or what is missing.
fn fleet(options: &StackSets, first_region: &str) -> Result<Option<Fleet>, &'static str> {
    let (Some(model), Some(administrator)) = (options.stack_sets, &options.administrator) else {
        return Ok(None);
    };
    let is_unit = |target: &&String| target.contains('-');
    let units: Vec<String> = options.target.iter().filter(is_unit).cloned().collect();
    let accounts: Vec<String> = options.target.iter().filter(|target| !is_unit(target)).cloned().collect();
    let permissions = match model {
        StackSetPermissions::ServiceManaged => {
            if units.is_empty() {
                return Err(
                    "service-managed permissions deploy to organizational units: name one with `--target`",
                );
            }
            if options.administration_role.is_some() {
                return Err("`--administration-role` is for self-managed permissions");
            }
            Permissions::ServiceManaged { delegated: options.delegated }
        }
        StackSetPermissions::SelfManaged => {
            if !units.is_empty() {
                return Err("self-managed permissions deploy to accounts: name those with `--target`");
            }
            if options.delegated {
                return Err("`--delegated` is for service-managed permissions");
            }
            Permissions::SelfManaged { administration_role: options.administration_role.clone() }
        }
    };
    Ok(Some(Fleet {
        permissions,
        administrator: administrator.clone(),
        home_region: options.home_region.clone().unwrap_or_else(|| first_region.to_owned()),
        units,
        accounts,
        regions: options.region.clone(),
    }))
}

/// Reports what cannot be a StackSet; notes go beside the plan.
fn judge(stacks: &[&Planned], fleet: &Fleet, options: OutputOptions) -> Result<(), u8> {
    let mut log = Diagnostics::default();
    stack_sets::judge(stacks, fleet, &mut log);
    let has_errors = log.has_errors();
    let run = Run { diagnostics: log, ..Run::default() };
    let report = FORMATS.first().map(|(_, report)| report(&run, Voice::Quiet)).unwrap_or_default();
    if has_errors {
        output::print(&report, options)?;
        return Err(exit_code::FINDINGS);
    }
    if !options.quiet {
        output::aside(&report, options);
    }
    Ok(())
}

fn refuse(fault: &str, help: &str, options: OutputOptions) -> u8 {
    output::complain(fault, Some(help), options);
    exit_code::ENVIRONMENT
}
