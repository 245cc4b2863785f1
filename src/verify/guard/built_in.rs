//! The rules that come with keyprint.

use std::sync::LazyLock;

use super::{RulePack, RuleProblem};
use crate::verify::provider_schema;

/// The rule files as (name, text); the files themselves lie in `policies/` and run under the stock engine too.
pub const BUILT_IN_FILES: &[(&str, &str)] = &[
    ("secrets.guard", include_str!("../../../policies/secrets.guard")),
    ("rotation.guard", include_str!("../../../policies/rotation.guard")),
    ("keys.guard", include_str!("../../../policies/keys.guard")),
    ("roles.guard", include_str!("../../../policies/roles.guard")),
    ("network.guard", include_str!("../../../policies/network.guard")),
    ("alarms.guard", include_str!("../../../policies/alarms.guard")),
];

/// The built-in pack, parsed once per process.
pub fn built_in() -> Result<&'static RulePack<'static>, &'static [RuleProblem]> {
    static PACK: LazyLock<Result<RulePack<'static>, Vec<RuleProblem>>> =
        LazyLock::new(|| RulePack::parse(BUILT_IN_FILES, &provider_schema::types()));
    PACK.as_ref().map_err(Vec::as_slice)
}
