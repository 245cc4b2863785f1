//! The `keyprint` binary: arguments in, exit code out.

fn main() {}
