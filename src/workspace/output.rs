//! Writing artifacts below an output directory: all or, where that can be known before, none; and nobody else's file
//! is ever overwritten or removed.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::load::{WORKSPACE_LIMIT, read_bytes};
use super::path::{shown, stays_below};
use super::previous::{MANIFEST, Previous};
use super::staging::{self, Staging};
use crate::digest::sha256;
use crate::run::Artifact;

/// What writing came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// Files that are new or have a new text.
    pub(crate) written: usize,
    /// Files that had their text already.
    pub(crate) unchanged: usize,
    /// Files of the last run that are made no more, removed.
    pub(crate) removed: Vec<String>,
    /// Files of the last run that are made no more but were changed since, kept.
    pub(crate) kept: Vec<String>,
}

/// What stands in the place of an artifact.
enum Place {
    Vacant,
    Same,
    Ours,
}

/// Writes artifacts below a directory and removes what the last run wrote and this one does not make.
///
/// # Errors
/// Whatever stands in the way of any artifact. Nothing is changed then, save when the disk fails between two renames.
pub(crate) fn write(artifacts: &[Artifact], directory: &Path) -> Result<Written, Vec<Error>> {
    check_paths(artifacts)?;
    check_directory(directory)?;
    let previous = Previous::read(directory).map_err(|error| vec![error])?;
    let mut outcome = Written::default();
    let mut errors = Vec::new();
    let mut due = Vec::new();
    for artifact in artifacts {
        match place(artifact, directory, &previous) {
            Ok(Place::Same) => outcome.unchanged += 1,
            Ok(Place::Vacant | Place::Ours) => due.push(artifact),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    outcome.written = due.len();
    commit(&due, directory, || {
        let made = artifacts.iter().map(|artifact| artifact.path.as_str()).collect();
        remove_stale(&previous, &made, directory, &mut outcome);
    })
    .map_err(|error| vec![error])?;
    let known: Vec<PathBuf> = previous.files.keys().map(|path| directory.join(path)).collect();
    staging::remove_staged(known.iter().map(PathBuf::as_path), &previous.left_behind);
    Ok(outcome)
}

/// Puts the files in their places, removes what is stale, and puts the manifest in its place.
fn commit(due: &[&Artifact], directory: &Path, remove_stale: impl FnOnce()) -> Result<(), Error> {
    // INVARIANT: the manifest is staged before and placed after everything else. If the run is cut short, the staged
    // manifest tells the next one which of the files are keyprint's.
    let mut manifest = Staging::default();
    let mut files = Staging::default();
    for artifact in due.iter().filter(|artifact| artifact.path == MANIFEST) {
        manifest.stage(&directory.join(&artifact.path), &artifact.text)?;
    }
    for artifact in due.iter().filter(|artifact| artifact.path != MANIFEST) {
        files.stage(&directory.join(&artifact.path), &artifact.text)?;
    }
    if let Err(error) = files.commit() {
        manifest.leave();
        return Err(error);
    }
    remove_stale();
    manifest.commit()
}

/// Refuses paths that leave the directory, and a path that is another's or a directory of another's.
fn check_paths(artifacts: &[Artifact]) -> Result<(), Vec<Error>> {
    let mut paths: Vec<&str> = artifacts.iter().map(|artifact| artifact.path.as_str()).collect();
    // Part by part, so that a path comes directly before what lies below it.
    paths.sort_by(|left, right| left.split('/').cmp(right.split('/')));
    let bad = paths.iter().filter(|path| !stays_below(path)).copied();
    let meets = paths.windows(2).filter_map(|pair| match pair {
        [first, second]
            if second.strip_prefix(first).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) =>
        {
            Some(*second)
        }
        _ => None,
    });
    let errors: Vec<Error> =
        bad.chain(meets).map(|path| Error::Misplaced { path: path.to_owned() }).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn check_directory(directory: &Path) -> Result<(), Vec<Error>> {
    let path = || shown(directory);
    match fs::metadata(directory) {
        Ok(known) if known.is_dir() => Ok(()),
        Ok(_) => Err(vec![Error::NotADirectory { path: path() }]),
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(reason) => Err(vec![Error::Unwritable { path: path(), reason }]),
    }
}

/// What stands in an artifact's place, without following links on the way to it.
fn place(artifact: &Artifact, directory: &Path, previous: &Previous) -> Result<Place, Error> {
    let mut target = directory.to_owned();
    let parts: Vec<&str> = artifact.path.split('/').collect();
    for (at, part) in parts.iter().enumerate() {
        target.push(part);
        let is_last = at + 1 == parts.len();
        let known = match fs::symlink_metadata(&target) {
            Ok(known) => known,
            Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(Place::Vacant),
            Err(reason) => return Err(Error::Unreadable { path: shown(&target), reason }),
        };
        if !is_last && !known.is_dir() {
            return Err(Error::NotADirectory { path: shown(&target) });
        }
        if is_last && !known.is_file() {
            let found = if known.is_dir() { "directory" } else { "link or device" };
            return Err(Error::NotReplaceable { path: shown(&target), found });
        }
    }
    let name = shown(&target);
    let bytes = read_bytes(&target, &name, WORKSPACE_LIMIT)?;
    if bytes == artifact.text.as_bytes() {
        return Ok(Place::Same);
    }
    let listed = previous.files.contains_key(&artifact.path);
    let ours = match artifact.path.as_str() {
        MANIFEST => previous.has_manifest,
        path => previous.wrote(path, &sha256(&bytes)),
    };
    if ours { Ok(Place::Ours) } else { Err(Error::Foreign { path: name, listed }) }
}

/// Removes the files that are made no more and still are as keyprint wrote them, and the directories this leaves empty.
fn remove_stale(previous: &Previous, made: &BTreeSet<&str>, directory: &Path, outcome: &mut Written) {
    for path in previous.files.keys().filter(|path| !made.contains(path.as_str())) {
        let target = directory.join(path);
        if has_link(directory, path) {
            continue;
        }
        let Ok(bytes) = read_bytes(&target, path, WORKSPACE_LIMIT) else { continue };
        let is_ours = previous.wrote(path, &sha256(&bytes));
        if is_ours && fs::remove_file(&target).is_ok() {
            outcome.removed.push(path.clone());
            for parent in target.ancestors().skip(1).take_while(|parent| *parent != directory) {
                if fs::remove_dir(parent).is_err() {
                    break;
                }
            }
        } else {
            outcome.kept.push(path.clone());
        }
    }
}

/// Whether a path below the directory leads through a link, and so perhaps out of it.
fn has_link(directory: &Path, path: &str) -> bool {
    let mut target = directory.to_owned();
    path.split('/').any(|part| {
        target.push(part);
        fs::symlink_metadata(&target).is_ok_and(|known| known.is_symlink())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(path: &str, text: &str) -> Artifact {
        Artifact { path: path.to_owned(), text: text.to_owned(), snapshot: true }
    }

    /// Artifacts with the manifest that the pipeline would make for them.
    fn made(files: &[(&str, &str)]) -> Vec<Artifact> {
        let mut all: Vec<Artifact> = files.iter().map(|(path, text)| artifact(path, text)).collect();
        let listed: Vec<serde_json::Value> = files
            .iter()
            .map(|(path, text)| serde_json::json!({ "path": path, "sha256": sha256(text.as_bytes()) }))
            .collect();
        let manifest = serde_json::json!({ "version": 1, "stacks": [], "files": listed });
        all.push(artifact(MANIFEST, &manifest.to_string()));
        all
    }

    /// Every file below a directory with its text.
    fn tree(root: &Path) -> Vec<(String, String)> {
        let mut open = vec![root.to_owned()];
        let mut found = Vec::new();
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(&directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let name = shown(path.strip_prefix(root).unwrap());
                    found.push((name, fs::read_to_string(&path).unwrap()));
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn files_are_made_replaced_and_removed_as_the_manifest_allows() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("deep/out");
        let first = made(&[("a/x/one.json", "1"), ("a/x/two.json", "2"), ("b/three.json", "3")]);
        let outcome = write(&first, &out).unwrap();
        assert_eq!((outcome.written, outcome.unchanged), (4, 0));
        let outcome = write(&first, &out).unwrap();
        assert_eq!((outcome.written, outcome.unchanged), (0, 4));
        fs::write(out.join("a/x/two.json"), "changed by hand").unwrap();
        fs::write(out.join("notes.md"), "mine").unwrap();
        let outcome = write(&made(&[("a/x/one.json", "1 again")]), &out).unwrap();
        assert_eq!(outcome.written, 2);
        assert_eq!(outcome.removed, ["b/three.json"]);
        assert_eq!(outcome.kept, ["a/x/two.json"]);
        assert!(!out.join("b").exists());
        let names: Vec<String> = tree(&out).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a/x/one.json", "a/x/two.json", "manifest.json", "notes.md"]);
    }

    #[test]
    fn whatever_is_in_the_way_is_named_and_nothing_changes() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path();
        write(&made(&[("ours.json", "1"), ("edited.json", "2")]), out).unwrap();
        fs::write(out.join("edited.json"), "edited").unwrap();
        fs::write(out.join("foreign.json"), "foreign").unwrap();
        fs::create_dir(out.join("directory.json")).unwrap();
        fs::write(out.join("file"), "not a directory").unwrap();
        let before = tree(out);
        let next = made(&[
            ("ours.json", "new"),
            ("edited.json", "new"),
            ("foreign.json", "new"),
            ("directory.json", "new"),
            ("file/below.json", "new"),
        ]);
        let errors = write(&next, out).unwrap_err();
        assert!(
            matches!(
                errors.as_slice(),
                [
                    Error::Foreign { listed: true, .. },
                    Error::Foreign { listed: false, .. },
                    Error::NotReplaceable { .. },
                    Error::NotADirectory { .. }
                ]
            ),
            "{errors:?}"
        );
        assert_eq!(tree(out), before);
    }

    #[test]
    fn a_manifest_of_someone_else_is_not_overwritten() {
        let place = tempfile::tempdir().unwrap();
        for text in ["{\"version\":2,\"files\":[]}", "{}", "not json"] {
            fs::write(place.path().join(MANIFEST), text).unwrap();
            let errors = write(&made(&[("a.json", "1")]), place.path()).unwrap_err();
            assert!(matches!(errors.as_slice(), [Error::Foreign { .. }]), "{errors:?}");
        }
    }

    #[test]
    fn a_manifest_cannot_reach_outside() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        fs::create_dir(&out).unwrap();
        fs::write(place.path().join("victim"), "v").unwrap();
        let digest = sha256(b"v");
        let manifest =
            format!("{{\"version\":1,\"files\":[{{\"path\":\"../victim\",\"sha256\":\"{digest}\"}}]}}");
        fs::write(out.join(MANIFEST), manifest).unwrap();
        let outcome = write(&made(&[("a.json", "1")]), &out).unwrap();
        assert!(outcome.removed.is_empty());
        assert!(place.path().join("victim").exists());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed_out_of_the_directory() {
        use std::os::unix::fs::symlink;
        let place = tempfile::tempdir().unwrap();
        let out = place.path().join("out");
        let elsewhere = place.path().join("elsewhere");
        write(&made(&[("a/one.json", "1")]), &out).unwrap();
        fs::rename(out.join("a"), &elsewhere).unwrap();
        symlink(&elsewhere, out.join("a")).unwrap();
        let errors = write(&made(&[("a/one.json", "2")]), &out).unwrap_err();
        assert!(matches!(errors.as_slice(), [Error::NotADirectory { .. }]), "{errors:?}");
        write(&made(&[("b.json", "2")]), &out).unwrap();
        assert!(elsewhere.join("one.json").exists());
    }

    #[test]
    fn a_run_cut_short_can_be_taken_up_by_another() {
        let place = tempfile::tempdir().unwrap();
        let out = place.path();
        write(&made(&[("a.json", "1"), ("b.json", "1")]), out).unwrap();
        let cut = made(&[("a.json", "2"), ("b.json", "2")]);
        // The state after the first rename of a run that was then killed.
        fs::write(out.join("a.json"), "2").unwrap();
        fs::write(out.join(".b.json.7.keyprint-new"), "2").unwrap();
        fs::write(out.join(".manifest.json.7.keyprint-new"), &cut[2].text).unwrap();
        let outcome = write(&made(&[("a.json", "3"), ("b.json", "3")]), out).unwrap();
        assert_eq!(outcome.written, 3);
        let names: Vec<String> = tree(out).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a.json", "b.json", "manifest.json"]);
    }

    #[test]
    fn impossible_paths_are_a_fault() {
        let place = tempfile::tempdir().unwrap();
        for files in [&["../a"][..], &["a", "a"], &["a", "a.b", "a/b"], &["/a"]] {
            let artifacts: Vec<Artifact> = files.iter().map(|path| artifact(path, "")).collect();
            let errors = write(&artifacts, place.path()).unwrap_err();
            assert!(errors.iter().all(Error::is_fault), "{errors:?}");
        }
        assert!(tree(place.path()).is_empty());
    }

    #[test]
    fn a_failure_while_staging_leaves_nothing_behind() {
        let place = tempfile::tempdir().unwrap();
        let name = format!("z/{}.json", "n".repeat(300));
        let errors = write(&[artifact("a/b/one.json", "1"), artifact(&name, "2")], place.path()).unwrap_err();
        assert!(!errors.is_empty());
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
