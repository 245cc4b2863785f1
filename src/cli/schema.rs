//! `keyprint schema`: the JSON schema of blueprints.

use super::arguments::OutputOptions;
use super::{exit_code, output};

/// Prints the schema.
///
/// # Errors
/// The exit code when standard output takes nothing.
pub(super) fn run(options: OutputOptions) -> Result<u8, u8> {
    output::print(&format!("{:#}\n", crate::schema()), options)?;
    Ok(exit_code::CLEAN)
}
