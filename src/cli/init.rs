//! `keyprint init`: a first blueprint.

use std::path::PathBuf;

use super::arguments::OutputOptions;
use super::{exit_code, output};
use crate::workspace;

/// A blueprint with one secret and one consumer, to be changed by its author.
const BLUEPRINT: &str = include_str!("first-blueprint.yaml");

/// What stands in the blueprint for the application's name.
const PLACEHOLDER: &str = "APPLICATION";

/// Writes `blueprints/<name>.yaml`, unless something is there.
///
/// # Errors
/// The exit code when the file is there or cannot be written.
pub(super) fn run(name: &str, options: OutputOptions) -> Result<u8, u8> {
    let path = PathBuf::from("blueprints").join(format!("{name}.yaml"));
    let text = BLUEPRINT.replace(PLACEHOLDER, name);
    workspace::create_new(&path, &text).map_err(|error| output::refuse(&[error], options))?;
    let shown = workspace::shown(&path);
    output::remark(
        &format!("`{shown}` is written; name its account and Region, then run `keyprint check`"),
        options,
    );
    Ok(exit_code::CLEAN)
}
