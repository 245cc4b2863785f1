//! The snapshot directory: read for comparison, written when its owner accepts what has changed.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use super::error::Error;
use super::load::{WORKSPACE_LIMIT, read_bytes};
use super::path::{shown, stays_below};
use super::staging::Staging;
use crate::run::Artifact;

/// What accepting came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// Snapshots that are new or have a new text.
    pub(crate) written: usize,
    /// Snapshots that were removed.
    pub(crate) removed: usize,
}

/// The texts below a snapshot directory by path; nothing if there is no such directory.
///
/// Hidden entries and links are not snapshots. A text that is not UTF-8 comes with replacement characters, so that it
/// differs from every artifact.
///
/// # Errors
/// What cannot be read.
pub(crate) fn read_snapshots(directory: &Path) -> Result<Option<BTreeMap<String, String>>, Vec<Error>> {
    match fs::metadata(directory) {
        Ok(known) if known.is_dir() => {}
        Ok(_) => return Err(vec![Error::NotADirectory { path: shown(directory) }]),
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(reason) => return Err(vec![Error::Unreadable { path: shown(directory), reason }]),
    }
    let mut texts = BTreeMap::new();
    let mut errors = Vec::new();
    let mut open = vec![String::new()];
    while let Some(below) = open.pop() {
        let here = directory.join(&below);
        let entries = match fs::read_dir(&here).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
            Ok(entries) => entries,
            Err(reason) => {
                errors.push(Error::Unreadable { path: shown(&here), reason });
                continue;
            }
        };
        for entry in entries {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let Ok(kind) = entry.file_type() else { continue };
            if name.starts_with('.') {
                continue;
            }
            let path = if below.is_empty() { name } else { format!("{below}/{name}") };
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() {
                match read_bytes(&entry.path(), &shown(&entry.path()), WORKSPACE_LIMIT) {
                    Ok(bytes) => {
                        texts.insert(path, String::from_utf8_lossy(&bytes).into_owned());
                    }
                    Err(error) => errors.push(error),
                }
            }
        }
    }
    if errors.is_empty() { Ok(Some(texts)) } else { Err(errors) }
}

/// Takes artifacts over as snapshots and removes the stale ones.
///
/// # Errors
/// What cannot be written; no snapshot is changed then, save when the disk fails between two renames.
pub(crate) fn accept(
    artifacts: &[&Artifact],
    stale: &[String],
    directory: &Path,
) -> Result<Accepted, Vec<Error>> {
    let mut staging = Staging::default();
    let misplaced = |path: &str| Error::Misplaced { path: path.to_owned() };
    for artifact in artifacts {
        if !stays_below(&artifact.path) {
            return Err(vec![misplaced(&artifact.path)]);
        }
        staging.stage(&directory.join(&artifact.path), &artifact.text).map_err(|error| vec![error])?;
    }
    staging.commit().map_err(|error| vec![error])?;
    let mut removed = 0;
    for path in stale {
        let target = directory.join(path);
        let unwritable = |reason| vec![Error::Unwritable { path: shown(&target), reason }];
        fs::remove_file(&target).map_err(unwritable)?;
        removed += 1;
        for parent in target.ancestors().skip(1).take_while(|parent| *parent != directory) {
            if fs::remove_dir(parent).is_err() {
                break;
            }
        }
    }
    Ok(Accepted { written: artifacts.len(), removed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_are_accepted_read_back_and_removed() {
        let place = tempfile::tempdir().unwrap();
        let directory = place.path().join("snapshots");
        assert_eq!(read_snapshots(&directory).unwrap(), None);
        let artifact = |path: &str| Artifact { path: path.to_owned(), text: path.to_owned(), snapshot: true };
        let (one, two) = (artifact("a/x/one.json"), artifact("a/y/two.json"));
        let accepted = accept(&[&one, &two], &[], &directory).unwrap();
        assert_eq!(accepted, Accepted { written: 2, removed: 0 });
        fs::write(directory.join(".hidden"), "").unwrap();
        let accepted = accept(&[], &["a/y/two.json".to_owned()], &directory).unwrap();
        assert_eq!(accepted, Accepted { written: 0, removed: 1 });
        let left = read_snapshots(&directory).unwrap().unwrap();
        assert_eq!(left, BTreeMap::from([(one.path.clone(), one.text.clone())]));
        assert!(!directory.join("a/y").exists());
    }
}
