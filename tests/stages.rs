//! What `cargo test` leaves to `tests/run`, said whenever it runs: the stages that need servers and other people's tools.
//! Without the harness, which would swallow what a test says that does not fail.
#![expect(clippy::disallowed_methods, reason = "the test reads the stages")]

use std::io::Write;
use std::path::PathBuf;
use std::{env, fs, io};

/// The name by which runners that list tests know this one.
const NAME: &str = "stages_are_named";

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().collect();
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let mut out = io::stdout();
    if has("--list") {
        return if has("--ignored") { Ok(()) } else { writeln!(out, "{NAME}: test") };
    }
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/stages");
    let entries: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>()?;
    let mut stages: Vec<PathBuf> =
        entries.into_iter().filter(|path| path.extension().is_some_and(|it| it == "sh")).collect();
    stages.sort();
    assert!(!stages.is_empty(), "there are no stages");
    writeln!(out, "skipped here, and run by tests/run:")?;
    for stage in stages {
        let text = fs::read_to_string(&stage)?;
        let comment: Vec<&str> = text.lines().skip(1).map_while(|line| line.strip_prefix("# ")).collect();
        assert!(!comment.is_empty(), "{} does not say what it does", stage.display());
        let name = stage.file_stem().unwrap_or_default().display();
        writeln!(out, "  {name}: {}", comment.join(" "))?;
    }
    Ok(())
}
