//! The command line: arguments, exit codes, and one file for each command.
//!
//! *Never:* a stage of the pipeline, the form of a report.

mod arguments;
mod build;
mod check;
mod compare;
mod compile;
mod completions;
mod decide;
mod dispatch;
mod exit_code;
mod explain;
mod fault;
mod function;
mod init;
mod judge;
mod output;
mod schema;

pub use dispatch::command_line;
