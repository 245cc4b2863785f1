//! The `keyprint` binary: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(keyprint::command_line(std::env::args_os()))
}
