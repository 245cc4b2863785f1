//! The command line: arguments, exit codes, and one file for each command.
//!
//! *Never:* a stage of the pipeline, the form of a report.

mod answer;
mod arguments;
mod build;
mod can;
mod check;
mod compare;
mod compile;
mod completions;
mod decide;
mod deploy_plan;
mod diff;
mod dispatch;
mod exit_code;
mod explain;
mod fault;
mod function;
mod init;
mod judge;
mod output;
mod schema;
mod verify;
mod who_can;
mod why;

pub use dispatch::command_line;
