//! The `keyprint` binary: arguments in, exit code out.

use std::process::ExitCode;

use keyprint::verify::guard::child_main;

fn main() -> ExitCode {
    let evaluates_rules = std::env::args_os().nth(1).is_some_and(|argument| argument == "guard-child");
    if evaluates_rules && child_main(&mut std::io::stdin().lock(), &mut std::io::stdout().lock()).is_ok() {
        return ExitCode::SUCCESS;
    }
    ExitCode::from(2)
}
