//! A directory of what earlier runs found. It can be deleted at any time, also while a run uses it, and several runs can
//! use it at once: an entry appears whole or not at all, and equal names have equal contents.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use super::error::Error;
use super::load::{read_bytes, text_of};
use super::path::shown;

/// The file that tells backup programs, and us, that a directory is a cache (bford.info/cachedir).
const TAG: &str = "CACHEDIR.TAG";

/// The file that keeps the cache out of repositories.
const IGNORE: &str = ".gitignore";

/// How many files this process has staged, which gives each a name of its own.
static STAGED: AtomicU32 = AtomicU32::new(0);

/// How the tag begins.
const SIGNATURE: &str = "Signature: 8a477f597d28d172789f06886806bc55";

/// No entry is larger.
const ENTRY_LIMIT: u64 = 1 << 20;

/// An open cache.
#[derive(Debug)]
pub(crate) struct Cache {
    directory: PathBuf,
    failure: Mutex<Option<String>>,
}

impl Cache {
    /// Opens a directory as a cache, and makes it one if it is not there or empty.
    ///
    /// # Errors
    /// When it is something else, or cannot be made.
    pub(crate) fn open(directory: &Path) -> Result<Cache, Error> {
        let unwritable = |reason| Error::Unwritable { path: shown(directory), reason };
        match fs::metadata(directory) {
            Ok(known) if !known.is_dir() => return Err(Error::NotADirectory { path: shown(directory) }),
            Ok(_) => {}
            Err(reason) if reason.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(directory).map_err(unwritable)?;
            }
            Err(reason) => return Err(Error::Unreadable { path: shown(directory), reason }),
        }
        let cache = Cache { directory: directory.to_owned(), failure: Mutex::new(None) };
        if !cache.is_marked() {
            if !is_empty(directory)? && !cache.is_marked() {
                return Err(Error::NotACache { path: shown(directory) });
            }
            let tag = format!("{SIGNATURE}\n# Made by keyprint, which can make it again.\n");
            // The tag last: another run that finds it finds a whole cache.
            if !directory.join(IGNORE).exists() {
                cache.write(IGNORE, "*\n").map_err(unwritable)?;
            }
            cache.write(TAG, &tag).map_err(unwritable)?;
        }
        Ok(cache)
    }

    /// The text kept under a key; whatever cannot be read is not there.
    pub(crate) fn recall(&self, key: &str) -> Option<String> {
        let bytes = read_bytes(&self.directory.join(key), key, ENTRY_LIMIT).ok()?;
        text_of(bytes, key).ok()
    }

    /// Keeps a text under a key.
    pub(crate) fn keep(&self, key: &str, text: &str) {
        if let Err(reason) = self.write(key, text) {
            let error = Error::Unwritable { path: shown(&self.directory.join(key)), reason };
            if let Ok(mut failure) = self.failure.lock() {
                failure.get_or_insert(error.to_string());
            }
        }
    }

    /// The first reason for which something could not be kept.
    pub(crate) fn failure(&self) -> Option<String> {
        self.failure.lock().ok()?.clone()
    }

    fn is_marked(&self) -> bool {
        let tag = read_bytes(&self.directory.join(TAG), TAG, ENTRY_LIMIT);
        tag.is_ok_and(|bytes| bytes.starts_with(SIGNATURE.as_bytes()))
    }

    /// Writes a file beside its place under a name of its own, then renames it.
    fn write(&self, name: &str, text: &str) -> io::Result<()> {
        let number = STAGED.fetch_add(1, Ordering::Relaxed);
        let staged = self.directory.join(format!(".{name}.{}-{number}.keyprint-new", std::process::id()));
        let mut file = match OpenOptions::new().write(true).create_new(true).open(&staged) {
            Ok(file) => file,
            // A process of the same number on another machine is writing the same.
            Err(reason) if reason.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            Err(reason) => return Err(reason),
        };
        let written =
            file.write_all(text.as_bytes()).and_then(|()| fs::rename(&staged, self.directory.join(name)));
        if written.is_err() {
            let _ = fs::remove_file(&staged);
        }
        written
    }
}

/// Whether a directory holds nothing but what runs that begin a cache at the same time have staged.
fn is_empty(directory: &Path) -> Result<bool, Error> {
    let unreadable = |reason| Error::Unreadable { path: shown(directory), reason };
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        let name = name.to_string_lossy();
        if name != IGNORE && !name.ends_with(".keyprint-new") {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_directory_becomes_a_cache_and_one_with_other_files_does_not() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("deep/cache");
        let cache = Cache::open(&root).unwrap();
        assert_eq!(cache.recall("key"), None);
        cache.keep("key", "text");
        assert_eq!(cache.recall("key").as_deref(), Some("text"));
        assert_eq!(Cache::open(&root).unwrap().recall("key").as_deref(), Some("text"));
        assert!(fs::read_to_string(root.join(TAG)).unwrap().starts_with(SIGNATURE));
        fs::write(place.path().join("deep/mine.txt"), "mine").unwrap();
        assert!(matches!(Cache::open(&place.path().join("deep")), Err(Error::NotACache { .. })));
        assert!(matches!(Cache::open(&place.path().join("deep/mine.txt")), Err(Error::NotADirectory { .. })));
        assert_eq!(fs::read_dir(place.path().join("deep")).unwrap().count(), 2, "nothing was added");
    }

    #[test]
    fn whatever_is_no_entry_is_not_there() {
        let place = tempfile::tempdir().unwrap();
        let cache = Cache::open(place.path()).unwrap();
        fs::write(place.path().join("binary"), b"\xff\xfe").unwrap();
        fs::create_dir(place.path().join("directory")).unwrap();
        fs::File::create(place.path().join("large")).unwrap().set_len(ENTRY_LIMIT + 1).unwrap();
        for key in ["binary", "directory", "large", "missing"] {
            assert_eq!(cache.recall(key), None, "{key}");
        }
        cache.keep("binary", "text");
        assert_eq!(cache.recall("binary").as_deref(), Some("text"));
        cache.keep("directory", "text");
        assert!(cache.failure().unwrap().contains("directory"));
        let staged = fs::read_dir(place.path()).unwrap().flatten();
        assert!(staged.into_iter().all(|entry| !entry.file_name().to_string_lossy().ends_with("-new")));
    }

    #[test]
    fn a_cache_that_disappears_keeps_nothing_and_says_so() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("cache");
        let cache = Cache::open(&root).unwrap();
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(cache.recall("key"), None);
        cache.keep("key", "text");
        assert!(cache.failure().is_some());
    }

    #[test]
    fn runs_at_once_begin_and_fill_one_cache() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path().join("cache");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let cache = Cache::open(&root).unwrap();
                    for key in 0..50 {
                        cache.keep(&format!("key-{key}"), &"text".repeat(1_000));
                        let text = cache.recall(&format!("key-{key}")).unwrap();
                        assert_eq!(text.len(), 4_000);
                    }
                });
            }
        });
    }
}
