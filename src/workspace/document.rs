//! Reading the documents of a question: policies, requests, templates, each a file or standard input.

use std::io::{self, Read};
use std::path::Path;

use super::error::Error;
use super::load::{read_bytes, text_of};
use super::path::shown;

/// The most bytes a document may have; a managed policy has at most 6,144 characters and a template 1 MiB, while
/// requests come in long files.
const DOCUMENT_LIMIT: u64 = 64 << 20;

/// The path that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// Reads documents in the order given; `-`, at most once, is standard input.
///
/// # Errors
/// Everything that cannot be read, is too large or is not UTF-8.
pub(crate) fn read_documents(paths: &[&Path]) -> Result<Vec<String>, Vec<Error>> {
    let mut errors = Vec::new();
    let mut texts = Vec::new();
    let mut is_input_read = false;
    for path in paths {
        let name = shown(path);
        let bytes = if name != STANDARD_INPUT {
            read_bytes(path, &name, DOCUMENT_LIMIT)
        } else if is_input_read {
            Err(Error::Twice { path: name.clone(), first: name.clone() })
        } else {
            is_input_read = true;
            from_standard_input()
        };
        match bytes.and_then(|bytes| text_of(bytes, &name)) {
            Ok(text) => texts.push(text),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(texts) } else { Err(errors) }
}

pub(super) fn from_standard_input() -> Result<Vec<u8>, Error> {
    let name = || "standard input".to_owned();
    let mut bytes = Vec::new();
    let input = io::stdin().lock();
    input
        .take(DOCUMENT_LIMIT.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|reason| Error::Unreadable { path: name(), reason })?;
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > DOCUMENT_LIMIT {
        return Err(Error::FileTooLarge { path: name(), size, limit: DOCUMENT_LIMIT });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_keep_their_order_and_every_bad_one_is_named() {
        let place = tempfile::tempdir().unwrap();
        let [a, b, bad] = ["a.json", "b.json", "bad.json"].map(|name| place.path().join(name));
        std::fs::write(&a, "\u{feff}{}").unwrap();
        std::fs::write(&b, "[]").unwrap();
        std::fs::write(&bad, b"{\xff").unwrap();
        assert_eq!(read_documents(&[&b, &a]).unwrap(), ["[]", "{}"]);
        assert_eq!(read_documents(&[&a, &a]).unwrap(), ["{}", "{}"]);
        let errors = read_documents(&[&bad, &place.path().join("gone"), place.path()]).unwrap_err();
        assert!(
            matches!(
                errors.as_slice(),
                [Error::NotUtf8 { line: 1, column: 2, .. }, Error::Unreadable { .. }, Error::NotAFile { .. }]
            ),
            "{errors:?}"
        );
    }
}
