//! What the exit codes mean; they are part of the command line's contract.

/// Nothing of level error was found, and what was asked for is done; to a question: yes, or no new access.
pub(super) const CLEAN: u8 = 0;

/// Findings of level error, and nothing was written; to a question: no, or new access.
pub(super) const FINDINGS: u8 = 1;

/// The command line cannot be understood, or a file cannot be read or written.
pub(super) const ENVIRONMENT: u8 = 2;

/// A fault of keyprint itself.
pub(super) const FAULT: u8 = 3;

/// Neither yes nor no is certain; what it depends on is said.
pub(super) const UNDECIDED: u8 = 4;

/// A change is of a class that stops.
pub(super) const STOPPED: u8 = 4;
