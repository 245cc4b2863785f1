//! Reading blueprints and guard policies, with everything refused that is too large or no text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::path::shown;
use crate::source::{SourceId, SourceKind, Sources};

/// The most bytes one file may have; a blueprint of a thousand secrets has a fifth of it.
pub(super) const FILE_LIMIT: u64 = 4 << 20;

/// The most bytes that all files of a run may have together.
pub(super) const WORKSPACE_LIMIT: u64 = 64 << 20;

/// A kind of file that is looked for in directories.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) extensions: &'static [&'static str],
    pub(super) plural: &'static str,
}

const BLUEPRINTS: Wanted = Wanted { extensions: &["yaml", "yml"], plural: "blueprints (`*.yaml`, `*.yml`)" };
const POLICIES: Wanted = Wanted { extensions: &["guard"], plural: "guard policies (`*.guard`)" };

const TEMPLATES: Wanted = Wanted {
    extensions: &["json", "yaml", "yml", "template"],
    plural: "templates (`*.json`, `*.yaml`, `*.yml`, `*.template`)",
};

/// A directory or file that was reached, and by which argument.
struct Reached {
    name: String,
    argument: usize,
}

/// What one search collects.
#[derive(Default)]
struct Search {
    reached: BTreeMap<PathBuf, Reached>,
    files: BTreeSet<(String, PathBuf)>,
    errors: Vec<Error>,
}

/// Reads the blueprints that the paths name: files as they are, directories recursively.
///
/// # Errors
/// Everything that cannot be read, is too large, is not UTF-8 or is named twice.
pub(crate) fn load(paths: &[PathBuf]) -> Result<Sources, Vec<Error>> {
    let mut sources = Sources::default();
    for (name, text) in read_all(paths, BLUEPRINTS)? {
        sources.add(name, text);
    }
    Ok(sources)
}

/// Reads the templates that the paths name: files as they are, directories recursively.
///
/// # Errors
/// As [`load`].
pub(crate) fn load_templates(paths: &[PathBuf]) -> Result<Sources, Vec<Error>> {
    let mut sources = Sources::default();
    for (name, text) in read_all(paths, TEMPLATES)? {
        sources.add_as(SourceKind::Template, name, text);
    }
    Ok(sources)
}

/// The most bytes of a file that a blueprint names; it has to fit into a template.
const ATTACHMENT_LIMIT: u64 = 256 << 10;

/// Reads files that blueprints name. One that does not exist is left out; the compiler says which blueprint names it.
///
/// # Errors
/// As [`load`].
pub(crate) fn load_attachments(names: &[String], sources: &mut Sources) -> Result<(), Vec<Error>> {
    let mut errors = Vec::new();
    for name in names.iter().filter(|name| Path::new(name).exists()) {
        match read_bytes(Path::new(name), name, ATTACHMENT_LIMIT).and_then(|bytes| text_of(bytes, name)) {
            Ok(text) => {
                sources.add_as(SourceKind::Attachment, name.as_str(), text);
            }
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Reads the guard rules below directories into the sources, which show them in messages.
///
/// # Errors
/// As [`load`].
pub(crate) fn load_policies(
    directories: &[PathBuf],
    sources: &mut Sources,
) -> Result<Vec<SourceId>, Vec<Error>> {
    let files = read_all(directories, POLICIES)?;
    Ok(files.into_iter().map(|(name, text)| sources.add_as(SourceKind::Rules, name, text)).collect())
}

/// Reads one file whole, if it is a file of at most so many bytes.
pub(super) fn read_bytes(path: &Path, name: &str, limit: u64) -> Result<Vec<u8>, Error> {
    let unreadable = |reason| Error::Unreadable { path: name.to_owned(), reason };
    let too_large = |size| Error::FileTooLarge { path: name.to_owned(), size, limit };
    let known = fs::metadata(path).map_err(unreadable)?;
    if !known.is_file() {
        return Err(Error::NotAFile { path: name.to_owned() });
    }
    if known.len() > limit {
        return Err(too_large(known.len()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    // A file may grow between the question for its size and its reading.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > limit { Err(too_large(size)) } else { Ok(bytes) }
}

pub(super) fn read_all(paths: &[PathBuf], wanted: Wanted) -> Result<Vec<(String, String)>, Vec<Error>> {
    let mut search = Search::default();
    for (argument, path) in paths.iter().enumerate() {
        search.argument(path, argument, wanted);
    }
    let Search { files, mut errors, .. } = search;
    let mut texts = Vec::new();
    let mut total = 0_u64;
    for (name, path) in files {
        match read_bytes(&path, &name, FILE_LIMIT).and_then(|bytes| text_of(bytes, &name)) {
            Ok(text) => {
                total = total.saturating_add(u64::try_from(text.len()).unwrap_or(u64::MAX));
                if total > WORKSPACE_LIMIT {
                    errors.push(Error::WorkspaceTooLarge { path: name, limit: WORKSPACE_LIMIT });
                    break;
                }
                texts.push((name, text));
            }
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(texts) } else { Err(errors) }
}

impl Search {
    /// Takes in what one argument names.
    fn argument(&mut self, path: &Path, argument: usize, wanted: Wanted) {
        let before = self.files.len();
        let faultless = self.errors.len();
        match fs::metadata(path) {
            Ok(known) if known.is_dir() => self.directory(path, argument, wanted),
            Ok(_) => self.file(path, argument),
            Err(reason) => self.errors.push(Error::Unreadable { path: shown(path), reason }),
        }
        if self.files.len() == before && self.errors.len() == faultless {
            self.errors.push(Error::Nothing { path: shown(path), wanted: wanted.plural });
        }
    }

    fn file(&mut self, path: &Path, argument: usize) {
        if self.is_new(path, argument) {
            self.files.insert((shown(path), path.to_owned()));
        }
    }

    /// Walks a directory without recursion of its own, so that no depth can exhaust the stack.
    fn directory(&mut self, root: &Path, argument: usize, wanted: Wanted) {
        let mut open = vec![root.to_owned()];
        while let Some(directory) = open.pop() {
            if !self.is_new(&directory, argument) {
                continue;
            }
            let entries = fs::read_dir(&directory).and_then(Iterator::collect::<Result<Vec<_>, _>>);
            let mut entries = match entries {
                Ok(entries) => entries,
                Err(reason) => {
                    self.errors.push(Error::Unreadable { path: shown(&directory), reason });
                    continue;
                }
            };
            // By name, so that of two names of one file the same one is kept everywhere.
            entries.sort_by_key(fs::DirEntry::file_name);
            for entry in entries {
                if entry.file_name().to_string_lossy().starts_with('.') {
                    continue;
                }
                let path = entry.path();
                match fs::metadata(&path) {
                    Ok(known) if known.is_dir() => open.push(path),
                    Ok(_) if is_wanted(&path, wanted) => self.file(&path, argument),
                    Ok(_) => {}
                    Err(_) if !is_wanted(&path, wanted) => {}
                    Err(reason) => self.errors.push(Error::Unreadable { path: shown(&path), reason }),
                }
            }
        }
    }

    /// Whether a file or directory is reached for the first time. Reached again by the same argument, through a link,
    /// it is silently known; reached by another argument it is an error.
    fn is_new(&mut self, path: &Path, argument: usize) -> bool {
        let name = shown(path);
        let real = match fs::canonicalize(path) {
            Ok(real) => real,
            Err(reason) => {
                self.errors.push(Error::Unreadable { path: name, reason });
                return false;
            }
        };
        match self.reached.get(&real) {
            None => {
                self.reached.insert(real, Reached { name, argument });
                true
            }
            Some(first) if first.argument == argument => false,
            Some(first) => {
                self.errors.push(Error::Twice { path: name, first: first.name.clone() });
                false
            }
        }
    }
}

pub(super) fn is_wanted(path: &Path, wanted: Wanted) -> bool {
    path.extension().is_some_and(|found| wanted.extensions.iter().any(|known| found == *known))
}

/// The text of a file without its byte order mark, which is no content.
pub(super) fn text_of(bytes: Vec<u8>, name: &str) -> Result<String, Error> {
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let good = String::from_utf8_lossy(good);
        let last = good.rsplit('\n').next().unwrap_or_default();
        Error::NotUtf8 {
            path: name.to_owned(),
            line: good.matches('\n').count() + 1,
            column: last.chars().count() + 1,
        }
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sources: &Sources, below: &Path) -> Vec<String> {
        let below = shown(below);
        sources.iter().map(|(_, file)| file.path().trim_start_matches(&below).to_owned()).collect()
    }

    #[test]
    fn directories_are_read_recursively_in_order_without_hidden_entries() {
        let place = tempfile::tempdir().unwrap();
        let root = place.path();
        fs::create_dir_all(root.join("b/deep")).unwrap();
        fs::create_dir_all(root.join(".git")).unwrap();
        for file in ["c.yml", "b/deep/x.yaml", "a.yaml", ".hidden.yaml", ".git/x.yaml", "notes.md"] {
            fs::write(root.join(file), "blueprint: v1\n").unwrap();
        }
        let sources = load(&[root.to_owned()]).unwrap();
        assert_eq!(names(&sources, root), ["/a.yaml", "/b/deep/x.yaml", "/c.yml"]);
    }

    #[cfg(unix)]
    #[test]
    fn link_loops_end_and_linked_files_are_read_once() {
        use std::os::unix::fs::symlink;
        let place = tempfile::tempdir().unwrap();
        let root = place.path();
        fs::create_dir_all(root.join("real")).unwrap();
        fs::write(root.join("real/one.yaml"), "a: 1\n").unwrap();
        symlink(root, root.join("real/loop")).unwrap();
        symlink(root.join("real/one.yaml"), root.join("z.yaml")).unwrap();
        symlink(root.join("self"), root.join("self")).unwrap();
        assert_eq!(load(&[root.to_owned()]).unwrap().iter().count(), 1);
        symlink(root.join("gone.yaml"), root.join("dangling.yaml")).unwrap();
        assert!(matches!(load(&[root.to_owned()]).unwrap_err().as_slice(), [Error::Unreadable { .. }]));
    }

    #[test]
    fn a_file_reached_by_two_arguments_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("one.yaml");
        fs::write(&file, "a: 1\n").unwrap();
        let errors = load(&[place.path().to_owned(), file.clone()]).unwrap_err();
        assert!(matches!(errors.as_slice(), [Error::Twice { .. }]), "{errors:?}");
        let errors = load(&[file.clone(), file]).unwrap_err();
        assert!(matches!(errors.as_slice(), [Error::Twice { .. }]), "{errors:?}");
    }

    #[test]
    fn every_unreadable_file_is_named_with_its_reason() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("a.yaml"), b"ok: 1\nab: \xff").unwrap();
        File::create(place.path().join("b.yaml")).unwrap().set_len(FILE_LIMIT + 1).unwrap();
        let errors = load(&[place.path().to_owned(), place.path().join("missing")]).unwrap_err();
        assert!(
            matches!(
                errors.as_slice(),
                [
                    Error::Unreadable { .. },
                    Error::NotUtf8 { line: 2, column: 5, .. },
                    Error::FileTooLarge { size: 4_194_305, .. }
                ]
            ),
            "{errors:?}"
        );
    }

    #[test]
    fn the_files_together_have_a_limit() {
        let place = tempfile::tempdir().unwrap();
        for number in 0..17 {
            let file = File::create(place.path().join(format!("{number}.yaml"))).unwrap();
            file.set_len(FILE_LIMIT).unwrap();
        }
        let errors = load(&[place.path().to_owned()]).unwrap_err();
        assert!(matches!(errors.as_slice(), [Error::WorkspaceTooLarge { .. }]), "{errors:?}");
    }

    #[test]
    fn a_byte_order_mark_is_no_content_and_an_empty_directory_no_workspace() {
        let place = tempfile::tempdir().unwrap();
        let errors = load(&[place.path().to_owned()]).unwrap_err();
        assert!(matches!(errors.as_slice(), [Error::Nothing { .. }]));
        fs::write(place.path().join("a.yaml"), "\u{feff}a: 1").unwrap();
        let sources = load(&[place.path().to_owned()]).unwrap();
        assert_eq!(sources.iter().next().unwrap().1.text(), "a: 1");
    }
}
