//! What keyprint wrote into an output directory before: the digests in its manifest, and those of a run cut short.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::Error;
use super::load::{WORKSPACE_LIMIT, read_bytes};
use super::path::{shown, stays_below};
use super::staging;

/// The name of the manifest below the output directory; it is also the name of its artifact.
pub(super) const MANIFEST: &str = "manifest.json";

/// The files that are known to be keyprint's.
#[derive(Debug, Default)]
pub(super) struct Previous {
    /// Path below the output directory → the digests it may have.
    pub(super) files: BTreeMap<String, BTreeSet<String>>,
    /// Whether the manifest itself is keyprint's.
    pub(super) has_manifest: bool,
    /// Staged manifests that runs cut short have left behind.
    pub(super) left_behind: Vec<PathBuf>,
}

/// The part of the manifest that is read back.
#[derive(Deserialize)]
struct Manifest {
    version: u64,
    files: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    path: String,
    sha256: String,
}

impl Previous {
    /// Reads the manifest of the last run, and of runs that were cut short before theirs was in place.
    pub(super) fn read(directory: &Path) -> Result<Self, Error> {
        let mut previous = Self::default();
        let manifest = directory.join(MANIFEST);
        if fs::symlink_metadata(&manifest).is_ok_and(|known| known.is_file()) {
            let listed = parse(&read_bytes(&manifest, &shown(&manifest), WORKSPACE_LIMIT)?);
            previous.has_manifest = listed.is_some();
            previous.list(listed.unwrap_or_default());
        }
        previous.left_behind = staging::staged_of(directory, MANIFEST);
        for path in &previous.left_behind.clone() {
            // A staged manifest may itself be cut short; then no file of it is in place yet.
            let bytes = read_bytes(path, &shown(path), WORKSPACE_LIMIT).unwrap_or_default();
            previous.list(parse(&bytes).unwrap_or_default());
        }
        Ok(previous)
    }

    /// Whether a file has a digest that keyprint recorded for it.
    pub(super) fn wrote(&self, path: &str, digest: &str) -> bool {
        self.files.get(path).is_some_and(|digests| digests.contains(digest))
    }

    fn list(&mut self, listed: Vec<Listed>) {
        for file in listed {
            // The manifest lies on the disk, where anyone may have edited it: it must not reach outside.
            if stays_below(&file.path) {
                self.files.entry(file.path).or_default().insert(file.sha256);
            }
        }
    }
}

fn parse(bytes: &[u8]) -> Option<Vec<Listed>> {
    let manifest: Manifest = serde_json::from_slice(bytes).ok()?;
    (manifest.version == 1).then_some(manifest.files)
}
