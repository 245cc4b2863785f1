//! JSON pointers (RFC 6901) into templates.

/// A name as a step of a pointer.
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The name that a step stands for.
pub(crate) fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// The logical id of the resource that a pointer lies in.
pub(crate) fn logical_id(pointer: &str) -> Option<String> {
    let step = pointer.strip_prefix("/Resources/")?.split('/').next()?;
    (!step.is_empty()).then(|| unescaped(step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for name in ["", "a", "A/b~c", "~1", "~0/~"] {
            assert_eq!(unescaped(&escaped(name)), name);
        }
        assert_eq!(logical_id("/Resources/A~1b~0c/Properties").as_deref(), Some("A/b~c"));
        assert_eq!(logical_id("/Resources"), None);
        assert_eq!(logical_id("/Resources/"), None);
    }
}
