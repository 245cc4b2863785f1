//! `keyprint completions`: what a shell needs to complete command lines.

use clap::CommandFactory;
use clap_complete::Shell;

use super::arguments::{Arguments, OutputOptions};
use super::{exit_code, output};

/// Prints the completions of a shell.
///
/// # Errors
/// The exit code when standard output takes nothing.
pub(super) fn run(shell: Shell, options: OutputOptions) -> Result<u8, u8> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), env!("CARGO_PKG_NAME"), &mut text);
    output::print(&String::from_utf8_lossy(&text), options)?;
    Ok(exit_code::CLEAN)
}
