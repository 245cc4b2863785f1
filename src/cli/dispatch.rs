//! From the arguments to the command.

use std::ffi::OsString;

use clap::Parser;

use super::arguments::{Arguments, Command};
use super::{
    build, can, check, compare, completions, decide, deploy_plan, diff, exit_code, explain, fault, function,
    init, judge, schema, verify, who_can, why,
};

/// Runs one command line, the program's name first, and returns its exit code.
pub fn command_line(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    fault::guarded(move || match Arguments::try_parse_from(arguments) {
        Ok(arguments) => run(arguments),
        Err(answer) => {
            // Help and version come this way too, and go to standard output.
            let _ = answer.print();
            if answer.use_stderr() { exit_code::ENVIRONMENT } else { exit_code::CLEAN }
        }
    })
}

fn run(arguments: Arguments) -> u8 {
    let options = arguments.output;
    let outcome = match arguments.command {
        Command::Build(command) => build::run(&command, options),
        Command::Check(command) => check::run(&command, options),
        Command::DeployPlan(command) => deploy_plan::run(&command, options),
        Command::Diff(command) => diff::run(&command, options),
        Command::WhoCan(command) => who_can::run(&command, options),
        Command::Can(command) => can::run(&command, options),
        Command::Why(command) => why::run(&command, options),
        Command::Verify(command) => verify::run(&command, options),
        Command::Compare(command) => compare::run(&command, options),
        Command::Decide { file } => decide::run(&file, options),
        Command::Explain { code } => explain::run(code.as_deref(), options),
        Command::Schema => schema::run(options),
        Command::Init { name } => init::run(&name, options),
        Command::Function { engine, region } => function::run(&engine, region.as_deref(), options),
        Command::Completions { shell } => completions::run(shell, options),
        Command::Judge => judge::run(),
    };
    outcome.unwrap_or_else(|code| code)
}
