//! Paths as people see them, and paths of artifacts as they may be.

use std::path::{Component, Path};

/// A path as given, with `/` between its parts on every system.
pub(crate) fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        text.into_owned()
    } else {
        text.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

/// Whether an artifact's path stays below the output directory, whatever system reads it.
pub(super) fn stays_below(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', ':', '\0'])
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_leave_the_directory_are_known() {
        assert!(stays_below("orders/production/eu-west-1/orders.template.json"));
        for path in ["", "/etc/passwd", "../a", "a/../b", "a//b", "a/", "./a", "C:\\a", "a\0"] {
            assert!(!stays_below(path), "{path}");
        }
    }
}
