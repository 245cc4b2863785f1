//! `keyprint judge`: the process in which rules from outside are evaluated, where they can do no harm.

use std::io;

use super::exit_code;
use crate::verify::guard;

/// Reads a request from standard input and answers on standard output.
///
/// # Errors
/// The exit code when either cannot be done; the parent process says what that means.
pub(super) fn run() -> Result<u8, u8> {
    guard::child_main(&mut io::stdin().lock(), &mut io::stdout().lock())
        .map(|()| exit_code::CLEAN)
        .map_err(|_| exit_code::ENVIRONMENT)
}
