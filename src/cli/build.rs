//! `keyprint build`: templates below a directory.

use super::arguments::{Build, OutputOptions};
use super::{compile, exit_code, output};
use crate::workspace::{self, Written};

/// Compiles, verifies, reports, and writes if nothing of level error was found.
///
/// # Errors
/// The exit code when something cannot be read or written.
pub(super) fn run(command: &Build, options: OutputOptions) -> Result<u8, u8> {
    let run = compile::compile(&command.inputs, options)?;
    compile::report(&run, &command.inputs, options)?;
    let out = workspace::shown(&command.out);
    if compile::verdict(&run) != exit_code::CLEAN {
        output::remark(&format!("nothing is written below `{out}`"), options);
        return Ok(exit_code::FINDINGS);
    }
    let written =
        workspace::write(&run.artifacts, &command.out).map_err(|errors| output::refuse(&errors, options))?;
    for path in &written.kept {
        output::remark(&format!("`{out}/{path}` is made no more, but was changed and is kept"), options);
    }
    output::remark(&told(&written, &out), options);
    Ok(exit_code::CLEAN)
}

fn told(written: &Written, out: &str) -> String {
    let Written { written, unchanged, removed, .. } = written;
    format!("below `{out}`: {written} written, {unchanged} unchanged, {} removed", removed.len())
}
