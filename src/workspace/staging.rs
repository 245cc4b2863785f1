//! Files that become visible only when they are whole: written beside their place, then renamed into it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::error::Error;
use super::path::shown;

/// How the names of staged files end.
const SUFFIX: &str = ".keyprint-new";

/// Files that are written but not yet in place; what is never put in place is removed again.
#[derive(Debug, Default)]
pub(super) struct Staging {
    files: Vec<(PathBuf, PathBuf)>,
    directories: Vec<PathBuf>,
}

impl Staging {
    /// Writes a text beside the place that it is for, and creates the directories on the way.
    pub(super) fn stage(&mut self, target: &Path, text: &str) -> Result<(), Error> {
        if let Some(directory) = target.parent() {
            self.create_directories(directory)?;
        }
        let staged = staged_path(target, std::process::id());
        let unwritable = |reason| Error::Unwritable { path: shown(target), reason };
        let mut file = File::create(&staged).map_err(unwritable)?;
        self.files.push((staged, target.to_owned()));
        file.write_all(text.as_bytes()).and_then(|()| file.flush()).map_err(unwritable)
    }

    /// Puts every staged file in its place.
    pub(super) fn commit(mut self) -> Result<(), Error> {
        self.directories.clear();
        let files = std::mem::take(&mut self.files);
        for (at, (staged, target)) in files.iter().enumerate() {
            if let Err(reason) = fs::rename(staged, target) {
                self.files = files.get(at..).unwrap_or_default().to_vec();
                return Err(Error::Unwritable { path: shown(target), reason });
            }
        }
        Ok(())
    }

    /// Leaves what is staged as it is, for a later run to find.
    pub(super) fn leave(mut self) {
        self.files.clear();
        self.directories.clear();
    }

    fn create_directories(&mut self, directory: &Path) -> Result<(), Error> {
        let missing: Vec<&Path> =
            directory.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.is_dir()).collect();
        for path in missing.into_iter().rev() {
            match fs::create_dir(path) {
                Ok(()) => self.directories.push(path.to_owned()),
                Err(reason) if reason.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
                Err(reason) => return Err(Error::Unwritable { path: shown(path), reason }),
            }
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        for (staged, _) in &self.files {
            let _ = fs::remove_file(staged);
        }
        for directory in self.directories.iter().rev() {
            let _ = fs::remove_dir(directory);
        }
    }
}

/// Writes a file whole, or leaves what is there as it was.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), Error> {
    if path.is_dir() {
        return Err(Error::NotReplaceable { path: shown(path), found: "directory" });
    }
    let mut staging = Staging::default();
    staging.stage(path, text)?;
    staging.commit()
}

/// Writes a new file and never over an existing one.
pub(crate) fn create_new(path: &Path, text: &str) -> Result<(), Error> {
    let unwritable = |reason| Error::Unwritable { path: shown(path), reason };
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).map_err(unwritable)?;
    }
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).map_err(unwritable),
        Err(reason) if reason.kind() == io::ErrorKind::AlreadyExists => {
            Err(Error::Foreign { path: shown(path), listed: false })
        }
        Err(reason) => Err(unwritable(reason)),
    }
}

/// Removes what runs cut short have staged for these targets.
pub(super) fn remove_staged<'a>(targets: impl IntoIterator<Item = &'a Path>, left_behind: &[PathBuf]) {
    let processes: Vec<u32> = left_behind.iter().filter_map(|path| process_of(path)).collect();
    for target in targets {
        for process in &processes {
            let _ = fs::remove_file(staged_path(target, *process));
        }
    }
    for path in left_behind {
        let _ = fs::remove_file(path);
    }
}

/// The staged files for one target, of whichever process.
pub(super) fn staged_of(directory: &Path, name: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let start = format!(".{name}.");
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with(&start) && name.ends_with(SUFFIX)
        })
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

fn staged_path(target: &Path, process: u32) -> PathBuf {
    let name = target.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    target.with_file_name(format!(".{name}.{process}{SUFFIX}"))
}

fn process_of(staged: &Path) -> Option<u32> {
    staged.file_name()?.to_str()?.strip_suffix(SUFFIX)?.rsplit('.').next()?.parse().ok()
}
