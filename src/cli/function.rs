//! `keyprint function`: the source of a rotation function.

use super::arguments::OutputOptions;
use super::{exit_code, output};

/// Prints the source as a template holds it.
///
/// # Errors
/// The exit code when standard output takes nothing.
pub(super) fn run(engine: &str, region: Option<&str>, options: OutputOptions) -> Result<u8, u8> {
    let source = crate::rotation_function(engine, region).ok_or(exit_code::ENVIRONMENT)?;
    output::print(&source, options)?;
    Ok(exit_code::CLEAN)
}
