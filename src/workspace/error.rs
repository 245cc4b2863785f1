//! What can go wrong between keyprint and the disk; nothing of it is the blueprint's fault.

use std::{fmt, io};

/// A thing that the author of a blueprint cannot repair by changing the blueprint.
#[derive(Debug)]
pub(crate) enum Error {
    /// The system refused to read, list or inspect.
    Unreadable {
        /// What was to be read.
        path: String,
        /// The system's reason.
        reason: io::Error,
    },
    /// The path names neither a file nor a directory.
    NotAFile {
        /// The path.
        path: String,
    },
    /// A directory without what was looked for.
    Nothing {
        /// The directory.
        path: String,
        /// What was looked for, in the plural.
        wanted: &'static str,
    },
    /// One file is larger than a file may be.
    FileTooLarge {
        /// The file.
        path: String,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// All files together are larger than a workspace may be.
    WorkspaceTooLarge {
        /// The file that crossed the limit.
        path: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// Bytes that are not UTF-8.
    NotUtf8 {
        /// The file.
        path: String,
        /// Line of the first bad byte, from 1.
        line: usize,
        /// Column of the first bad byte in characters, from 1.
        column: usize,
    },
    /// Two arguments lead to the same file.
    Twice {
        /// The later name.
        path: String,
        /// The earlier name.
        first: String,
    },
    /// The system refused to write, create, rename or remove.
    Unwritable {
        /// What was to be written.
        path: String,
        /// The system's reason.
        reason: io::Error,
    },
    /// A file is in the way that keyprint did not write, or that was changed since.
    Foreign {
        /// The file.
        path: String,
        /// Whether the previous manifest lists it.
        listed: bool,
    },
    /// Something other than a file stands where a file has to be.
    NotReplaceable {
        /// The path.
        path: String,
        /// What stands there.
        found: &'static str,
    },
    /// Something other than a directory stands where a directory has to be.
    NotADirectory {
        /// The path.
        path: String,
    },
    /// Git does not hand out what was asked for.
    Git {
        /// What was asked for.
        what: String,
        /// Git's reason.
        reason: String,
    },
    /// An artifact whose path leaves the output directory or meets another's; a fault of keyprint.
    Misplaced {
        /// The artifact's path.
        path: String,
    },
}

impl Error {
    /// Whether it shows a fault of keyprint rather than of its surroundings.
    pub(crate) fn is_fault(&self) -> bool {
        matches!(self, Self::Misplaced { .. })
    }

    /// What to do about it, where there is something to say.
    pub(crate) fn help(&self) -> Option<&'static str> {
        match self {
            Self::Foreign { .. } => Some("move it away, or choose another output directory"),
            Self::NotUtf8 { .. } => Some("blueprints, policies and templates are UTF-8 text"),
            Self::Twice { .. } => Some("name each file once"),
            Self::Nothing { .. } => Some("`keyprint init` writes a first blueprint"),
            Self::Git { .. } => {
                Some("write `git:REVISION` or `git:REVISION:PATH`, in a repository that has both")
            }
            Self::Unreadable { .. }
            | Self::NotAFile { .. }
            | Self::FileTooLarge { .. }
            | Self::WorkspaceTooLarge { .. }
            | Self::Unwritable { .. }
            | Self::NotReplaceable { .. }
            | Self::NotADirectory { .. }
            | Self::Misplaced { .. } => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, reason } => write!(to, "`{path}` cannot be read: {}", plain(reason)),
            Self::NotAFile { path } => write!(to, "`{path}` is neither a file nor a directory"),
            Self::Nothing { path, wanted } => write!(to, "`{path}` holds no {wanted}"),
            Self::FileTooLarge { path, size, limit } => {
                write!(to, "`{path}` has {size} bytes, more than the {} MiB a file may have", limit >> 20)
            }
            Self::WorkspaceTooLarge { path, limit } => {
                write!(
                    to,
                    "with `{path}` the files have more than the {} MiB a workspace may have",
                    limit >> 20
                )
            }
            Self::NotUtf8 { path, line, column } => {
                write!(to, "`{path}` is not UTF-8 text: bad byte at line {line}, column {column}")
            }
            Self::Twice { path, first } if path == first => write!(to, "`{path}` is given twice"),
            Self::Twice { path, first } => write!(to, "`{path}` is given twice, first as `{first}`"),
            Self::Unwritable { path, reason } => write!(to, "`{path}` cannot be written: {}", plain(reason)),
            Self::Foreign { path, listed: true } => {
                write!(to, "`{path}` was changed after keyprint wrote it and is not overwritten")
            }
            Self::Foreign { path, listed: false } => {
                write!(to, "`{path}` was not written by keyprint and is not overwritten")
            }
            Self::NotReplaceable { path, found } => {
                write!(to, "`{path}` has to become a file, but is a {found}")
            }
            Self::NotADirectory { path } => write!(to, "`{path}` has to be a directory, but is not"),
            Self::Git { what, reason } => write!(to, "`{what}` cannot be read: {reason}"),
            Self::Misplaced { path } => write!(to, "an artifact has the impossible path `{path}`"),
        }
    }
}

/// The system's reason without its number.
fn plain(reason: &io::Error) -> String {
    let text = reason.to_string();
    let words = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
