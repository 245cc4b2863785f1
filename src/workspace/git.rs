//! Files as a revision in git has them. Asks the `git` program, and never changes anything.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::Error;
use super::load::{FILE_LIMIT, WORKSPACE_LIMIT, Wanted, is_wanted, text_of};
use super::path::shown;

/// Reads the wanted files below a path in a revision, by name.
///
/// # Errors
/// A revision or path that git does not know, and whatever is too large or not UTF-8.
pub(super) fn read(revision: &str, path: &Path, wanted: Wanted) -> Result<Vec<(String, String)>, Vec<Error>> {
    let said = || format!("git:{revision}:{}", shown(path));
    let commit = format!("{revision}^{{commit}}");
    let id = ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]).map_err(|reason| {
        vec![Error::Git { what: said(), reason: or(reason, "git knows no such revision") }]
    })?;
    let id = String::from_utf8_lossy(&id).trim().to_owned();
    let below = shown(path);
    let listed = ask(&["ls-tree", "-r", "-z", "--long", &id, "--", &below])
        .map_err(|reason| vec![Error::Git { what: said(), reason }])?;
    let entries: Vec<Entry> = listed.split(|byte| *byte == 0).filter_map(entry).collect();
    let direct = entries.len() == 1 && entries.iter().all(|it| it.name == below);
    let entries: Vec<Entry> = entries
        .into_iter()
        .filter(|it| direct || (is_wanted(Path::new(&it.name), wanted) && !is_hidden(&it.name, &below)))
        .collect();
    if entries.is_empty() {
        return Err(vec![Error::Nothing { path: said(), wanted: wanted.plural }]);
    }
    let mut errors = Vec::new();
    let mut total = 0_u64;
    for it in &entries {
        total = total.saturating_add(it.size);
        if it.size > FILE_LIMIT {
            errors.push(Error::FileTooLarge { path: it.name.clone(), size: it.size, limit: FILE_LIMIT });
        }
    }
    if total > WORKSPACE_LIMIT {
        errors.push(Error::WorkspaceTooLarge { path: said(), limit: WORKSPACE_LIMIT });
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let ids: Vec<&str> = entries.iter().map(|it| it.id.as_str()).collect();
    let contents = contents(&ids).map_err(|reason| vec![Error::Git { what: said(), reason }])?;
    let mut files = Vec::new();
    for (it, bytes) in entries.iter().zip(contents) {
        match text_of(bytes, &it.name) {
            Ok(text) => files.push((it.name.clone(), text)),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(files) } else { Err(errors) }
}

/// A file of a tree.
struct Entry {
    id: String,
    size: u64,
    name: String,
}

/// `MODE blob ID SIZE<tab>NAME`; whatever is no file is left out.
fn entry(line: &[u8]) -> Option<Entry> {
    let line = String::from_utf8_lossy(line);
    let (about, name) = line.split_once('\t')?;
    let mut words = about.split_ascii_whitespace();
    let (mode, kind) = (words.next()?, words.next()?);
    let is_file = kind == "blob" && mode != "120000";
    let (id, size) = (words.next()?.to_owned(), words.next()?.parse().ok()?);
    is_file.then(|| Entry { id, size, name: name.to_owned() })
}

/// Whether a name below a path begins with a dot, as in directories that are read from the disk.
fn is_hidden(name: &str, below: &str) -> bool {
    let rest = name.strip_prefix(below.trim_start_matches("./")).unwrap_or(name);
    rest.split('/').any(|part| part.starts_with('.') && part != "." && part != "..")
}

/// Runs git and returns what it prints, or what it complains of.
fn ask(arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = Command::new("git")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|reason| format!("git cannot be started: {reason}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(text.trim().trim_start_matches("fatal: ").to_owned())
}

/// The contents of objects, in the order asked for.
fn contents(ids: &[&str]) -> Result<Vec<Vec<u8>>, String> {
    let mut child = Command::new("git")
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|reason| format!("git cannot be started: {reason}"))?;
    let broken = || "git does not hand out its objects".to_owned();
    let (mut input, mut output) =
        (child.stdin.take().ok_or_else(broken)?, child.stdout.take().ok_or_else(broken)?);
    let wanted: String = ids.iter().map(|id| format!("{id}\n")).collect();
    // Asked in a thread of its own: git answers before it has read everything, and neither may wait for the other.
    let asking = std::thread::spawn(move || input.write_all(wanted.as_bytes()));
    let mut bytes = Vec::new();
    output.read_to_end(&mut bytes).map_err(|reason| reason.to_string())?;
    let asked = asking.join().is_ok_and(|written| written.is_ok());
    let ended = child.wait().is_ok_and(|status| status.success());
    if !asked || !ended {
        return Err(broken());
    }
    let mut rest = bytes.as_slice();
    let mut found = Vec::new();
    for _ in ids {
        let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(broken)?;
        let (head, body) = rest.split_at(end);
        let size: usize = String::from_utf8_lossy(head)
            .rsplit(' ')
            .next()
            .and_then(|size| size.parse().ok())
            .ok_or_else(broken)?;
        let body = body.get(1..).ok_or_else(broken)?;
        found.push(body.get(..size).ok_or_else(broken)?.to_vec());
        rest = body.get(size + 1..).ok_or_else(broken)?;
    }
    Ok(found)
}

fn or(reason: String, otherwise: &str) -> String {
    if reason.is_empty() { otherwise.to_owned() } else { reason }
}
