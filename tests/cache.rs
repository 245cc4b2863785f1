//! The cache: equal reports with and without it, and every way in which it could be wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test reads files and stops at the first surprise"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

use keyprint::verify::Memory;
use keyprint::{Options, Run, Sources};

const TODAY: &str = "2026-11-24";

type Entries = BTreeMap<String, String>;

fn sources(change: impl Fn(&str) -> String) -> Sources {
    let mut sources = Sources::default();
    for name in ["minimal", "orders"] {
        let text = fs::read_to_string(format!("blueprints/{name}.yaml")).unwrap();
        sources.add(format!("blueprints/{name}.yaml"), change(&text));
    }
    sources
}

fn run(sources: Sources, memory: Option<Memory<'_>>) -> Run {
    keyprint::run(sources, &Options { today: TODAY.to_owned(), verify: true, outside: None, memory })
}

/// What a run came to: its report in every format, since that is what anybody sees.
fn told(run: &Run) -> Vec<String> {
    let formats = keyprint::report::FORMATS.iter();
    formats.map(|(_, report)| report(run, keyprint::report::Voice::Full)).collect()
}

/// A run with a memory: what it came to, what it then remembers, which keys it recalled and which it kept.
fn remembering(sources: Sources, entries: Entries) -> (Vec<String>, Entries, usize, usize) {
    let entries = Mutex::new(entries);
    let (recalled, kept) = (Mutex::new(0), Mutex::new(0));
    let recall = |key: &str| {
        let found = entries.lock().unwrap().get(key).cloned();
        *recalled.lock().unwrap() += usize::from(found.is_some());
        found
    };
    let keep = |key: &str, text: &str| {
        *kept.lock().unwrap() += 1;
        entries.lock().unwrap().insert(key.to_owned(), text.to_owned());
    };
    let told = told(&run(sources, Some(Memory { recall: &recall, keep: &keep })));
    (told, entries.into_inner().unwrap(), recalled.into_inner().unwrap(), kept.into_inner().unwrap())
}

fn same(text: &str) -> String {
    text.to_owned()
}

#[test]
fn cold_warm_and_without_come_to_the_same() {
    let without = told(&run(sources(same), None));
    let (cold, entries, recalled, kept) = remembering(sources(same), Entries::new());
    assert_eq!((&cold, recalled), (&without, 0));
    assert!(kept > 0 && kept == entries.len());
    let (warm, after, recalled, again) = remembering(sources(same), entries.clone());
    assert_eq!((&warm, &after, recalled, again), (&without, &entries, kept, 0));
}

#[test]
fn an_edit_is_judged_anew_and_nothing_else_is() {
    let (_, entries, _, kept) = remembering(sources(same), Entries::new());
    let edit = |text: &str| text.replace("every: 30 days", "every: 31 days");
    let without = told(&run(sources(edit), None));
    let (warm, after, recalled, again) = remembering(sources(edit), entries);
    assert_eq!(warm, without);
    assert!(again > 0 && recalled > 0, "{again} judged, {recalled} recalled");
    assert_eq!(recalled + again, kept);
    assert_eq!(after.len(), kept + again);
}

#[test]
fn templates_with_findings_are_judged_every_time() {
    // A finding that the blueprint accepts is a finding of the template all the same.
    let waive = |text: &str| {
        text.replace("rotation: { every: 30 days, by: function }", "rotation: none")
            + "waivers:\n  - finding: secret-without-rotation\n    on: secrets.session-signing\n    because: the provider issues keys by hand\n    until: 2027-01-31\n"
    };
    let mut changed = Sources::default();
    changed.add("a.yaml", waive(&fs::read_to_string("blueprints/minimal.yaml").unwrap()));
    let mut again = Sources::default();
    again.add("a.yaml", changed.iter().next().unwrap().1.text().to_owned());
    let (first, entries, _, kept) = remembering(changed, Entries::new());
    assert!(first[1].contains("\"outcome\": \"waived\""), "{}", first[0]);
    let (second, _, recalled, kept_again) = remembering(again, entries);
    assert_eq!(first, second);
    assert_eq!(
        (recalled, kept_again),
        (kept, 0),
        "the template with the finding is neither kept nor recalled"
    );
}

#[test]
fn entries_of_other_texts_are_not_believed_and_written_anew() {
    let without = told(&run(sources(same), None));
    let (_, entries, _, kept) = remembering(sources(same), Entries::new());
    let mut texts: Vec<String> = entries.values().cloned().collect();
    texts.rotate_left(1);
    let swapped: Entries = entries.keys().cloned().zip(texts).collect();
    assert_ne!(swapped, entries);
    let (told, after, _, again) = remembering(sources(same), swapped);
    assert_eq!((&told, &after, again), (&without, &entries, kept));
}

#[test]
fn the_key_covers_the_code_of_every_check_it_stands_for() {
    let memory = fs::read_to_string("src/verify/memory.rs").unwrap();
    let mut files = vec![
        "judgement.rs".to_owned(),
        "rules.rs".to_owned(),
        "schema.rs".to_owned(),
        "provider_schema.rs".to_owned(),
    ];
    for entry in fs::read_dir("src/verify/guard").unwrap() {
        files.push(format!("guard/{}", entry.unwrap().file_name().to_string_lossy()));
    }
    // Rules from outside run in a process of their own, and lints look at rule files: neither judges our templates.
    files.retain(|file| !["guard/child.rs", "guard/lint.rs"].contains(&file.as_str()));
    for file in files {
        assert!(memory.contains(&format!("include_str!(\"{file}\")")), "{file} is not part of the key");
    }
}

fn keyprint(root: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_keyprint"))
        .current_dir(root)
        .args(arguments)
        .args(["--today", TODAY, "--color", "never"])
        .output()
        .unwrap()
}

fn workspace() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("blueprints")).unwrap();
    fs::copy("blueprints/minimal.yaml", place.path().join("blueprints/minimal.yaml")).unwrap();
    place
}

fn entries(cache: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// What may happen to the bytes of an entry.
type Damage = fn(&[u8]) -> Vec<u8>;

#[test]
fn a_directory_remembers_between_runs_and_survives_what_happens_to_it() {
    let place = workspace();
    let root = place.path();
    let check = || keyprint(root, &["check", "--cache", "cache", "--format", "json"]);
    let without = keyprint(root, &["check", "--format", "json"]);
    let cold = check();
    assert_eq!((cold.status.code(), &cold.stdout), (Some(0), &without.stdout));
    let kept = entries(&root.join("cache"));
    assert!(kept.len() > 2 && kept.contains_key(&root.join("cache/CACHEDIR.TAG")), "{:?}", kept.keys());
    assert_eq!(check().stdout, without.stdout);
    assert_eq!(entries(&root.join("cache")), kept, "a second run writes nothing");
    let damage: [Damage; 5] = [
        |_| Vec::new(),
        |bytes| bytes[..bytes.len() / 2].to_vec(),
        |bytes| [bytes, b"more\n"].concat(),
        |_| vec![0xff; 64],
        |bytes| String::from_utf8_lossy(bytes).replace("null", "\"never\"").into_bytes(),
    ];
    for damage in damage {
        let names: Vec<&PathBuf> =
            kept.keys().filter(|path| path.file_name().is_some_and(|name| name.len() == 64)).collect();
        assert!(!names.is_empty());
        for path in names {
            fs::write(path, damage(&kept[path])).unwrap();
        }
        let done = check();
        assert_eq!((done.status.code(), &done.stdout), (Some(0), &without.stdout));
        assert_eq!(entries(&root.join("cache")), kept, "what was damaged is written anew");
    }
    fs::remove_dir_all(root.join("cache")).unwrap();
    assert_eq!(check().stdout, without.stdout);
    assert_eq!(entries(&root.join("cache")), kept);
}

#[test]
fn without_the_option_nothing_is_written() {
    let place = workspace();
    assert_eq!(keyprint(place.path(), &["check"]).status.code(), Some(0));
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn a_directory_of_something_else_is_no_cache() {
    let place = workspace();
    let done = keyprint(place.path(), &["check", "--cache", "blueprints"]);
    assert_eq!(done.status.code(), Some(2));
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.contains("`blueprints` holds other files and is no cache"), "{said}");
    assert_eq!(fs::read_dir(place.path().join("blueprints")).unwrap().count(), 1);
    let done = keyprint(place.path(), &["check", "--cache", "blueprints/minimal.yaml"]);
    assert_eq!(done.status.code(), Some(2));
}

#[test]
fn runs_at_once_share_a_cache() {
    let place = workspace();
    let without = keyprint(place.path(), &["check", "--format", "json"]).stdout;
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let done = keyprint(place.path(), &["check", "--cache", "cache", "--format", "json"]);
                assert_eq!((done.status.code(), &done.stdout), (Some(0), &without));
                assert_eq!(String::from_utf8_lossy(&done.stderr), "");
            });
        }
    });
    let names: Vec<String> = entries(&place.path().join("cache"))
        .keys()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert!(names.iter().all(|name| !name.ends_with("keyprint-new")), "{names:?}");
}
