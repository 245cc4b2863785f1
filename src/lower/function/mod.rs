//! The rotation functions' sources and their assembly.

use crate::inventory::Strategy;

/// The newest Lambda runtime of the facts.
pub(crate) const RUNTIME: &str = "python3.13";

/// The handler of the assembled source.
pub(crate) const HANDLER: &str = "index.handler";

/// The source of a function.
pub(crate) fn source(engine: &str, strategy: Strategy) -> String {
    format!("# {engine} {strategy:?}\n")
}

/// The environment variables of a function.
pub(crate) fn variables(_engine: &str, _strategy: Strategy) -> Vec<(&'static str, String)> {
    Vec::new()
}
