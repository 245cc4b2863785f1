//! A side of a comparison: the files of a path, of a revision in git, or standard input.

use std::path::{Path, PathBuf};

use super::document::from_standard_input;
use super::error::Error;
use super::git;
use super::load::{Wanted, read_all, text_of};
use super::path::shown;

/// Where a side comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A file or directory.
    Path(PathBuf),
    /// A revision in git, and a path in it.
    Revision {
        /// The revision, in git's words.
        revision: String,
        /// The path, from here.
        path: Option<PathBuf>,
    },
    /// A template on standard input.
    Input,
}

/// A file of a side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SideFile {
    /// How people call it.
    pub(crate) path: String,
    /// Its name below the side.
    pub(crate) key: String,
    /// Its text.
    pub(crate) text: String,
}

/// What may be a blueprint or a template; a manifest says where templates are deployed.
pub(super) const EITHER: Wanted = Wanted {
    extensions: &["json", "yaml", "yml", "template"],
    plural: "blueprints or templates (`*.yaml`, `*.yml`, `*.json`, `*.template`)",
};

/// What stands before a revision.
const GIT: &str = "git:";

impl Place {
    /// Reads a place as the command line names it: `git:REV[:PATH]`, `-`, or a path.
    pub(crate) fn parse(text: &str) -> Place {
        if text == "-" {
            return Place::Input;
        }
        let Some(rest) = text.strip_prefix(GIT) else { return Place::Path(PathBuf::from(text)) };
        match rest.split_once(':') {
            Some((revision, path)) if !path.is_empty() => {
                Place::Revision { revision: revision.to_owned(), path: Some(PathBuf::from(path)) }
            }
            Some((revision, _)) => Place::Revision { revision: revision.to_owned(), path: None },
            None => Place::Revision { revision: rest.to_owned(), path: None },
        }
    }

    /// The same place, with the path of the other side where a revision names none.
    pub(crate) fn or_path_of(self, other: &Place) -> Place {
        match (self, other) {
            (
                Place::Revision { revision, path: None },
                Place::Path(path) | Place::Revision { path: Some(path), .. },
            ) => Place::Revision { revision, path: Some(path.clone()) },
            (place, _) => place,
        }
    }

    /// How people call it.
    pub(crate) fn said(&self) -> String {
        match self {
            Place::Path(path) => shown(path),
            Place::Revision { revision, path: Some(path) } => format!("{GIT}{revision}:{}", shown(path)),
            Place::Revision { revision, path: None } => format!("{GIT}{revision}"),
            Place::Input => "standard input".to_owned(),
        }
    }
}

/// Reads the files of a side.
///
/// # Errors
/// Everything that cannot be read, is too large or is not UTF-8; a revision that git does not know.
pub(crate) fn read_side(place: &Place) -> Result<Vec<SideFile>, Vec<Error>> {
    match place {
        Place::Path(path) => {
            let root = shown(path);
            let files = read_all(std::slice::from_ref(path), EITHER)?;
            Ok(files.into_iter().map(|(name, text)| file(&root, name, text)).collect())
        }
        Place::Revision { revision, path } => {
            let here = PathBuf::from(".");
            let path = path.as_ref().unwrap_or(&here);
            let files = git::read(revision, path, EITHER)?;
            let root = shown(path);
            let called = |it: SideFile| SideFile { path: format!("{revision}:{}", it.path), ..it };
            Ok(files.into_iter().map(|(name, text)| called(file(&root, name, text))).collect())
        }
        Place::Input => {
            let name = place.said();
            let text =
                from_standard_input().and_then(|bytes| text_of(bytes, &name)).map_err(|it| vec![it])?;
            Ok(vec![SideFile { path: name.clone(), key: name, text }])
        }
    }
}

fn file(root: &str, name: String, text: String) -> SideFile {
    let key =
        name.strip_prefix(root).map(|rest| rest.trim_start_matches('/')).filter(|rest| !rest.is_empty());
    let last = Path::new(&name).file_name().map(|it| it.to_string_lossy().into_owned());
    let key = key.map(str::to_owned).or(last).unwrap_or_default();
    let key = key.trim_start_matches("./").to_owned();
    SideFile { path: name.trim_start_matches("./").to_owned(), key, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_apart() {
        let revision = |revision: &str, path: Option<&str>| Place::Revision {
            revision: revision.to_owned(),
            path: path.map(PathBuf::from),
        };
        assert_eq!(Place::parse("git:main"), revision("main", None));
        assert_eq!(Place::parse("git:main:"), revision("main", None));
        assert_eq!(Place::parse("git:HEAD~2:a/b:c"), revision("HEAD~2", Some("a/b:c")));
        assert_eq!(Place::parse("-"), Place::Input);
        assert_eq!(Place::parse("a/git:b"), Place::Path(PathBuf::from("a/git:b")));
        let here = Place::parse("blueprints");
        assert_eq!(Place::parse("git:main").or_path_of(&here), revision("main", Some("blueprints")));
        assert_eq!(Place::parse("git:main:x").or_path_of(&here), revision("main", Some("x")));
        assert_eq!(Place::parse("git:main").or_path_of(&Place::Input).said(), "git:main");
    }

    #[test]
    fn keys_are_names_below_the_side() {
        let key = |root: &str, name: &str| file(root, name.to_owned(), String::new()).key;
        assert_eq!(key("out", "out/a/b.json"), "a/b.json");
        assert_eq!(key("out/", "out/b.json"), "b.json");
        assert_eq!(key("x/b.json", "x/b.json"), "b.json");
        assert_eq!(key(".", "./a/b.json"), "a/b.json");
    }
}
