//! The outermost edge: a fault of keyprint ends with a request to report it, never with a bare panic.

use std::io::Write;
use std::panic::{self, PanicHookInfo, UnwindSafe};
use std::sync::Once;

use super::exit_code;

/// Runs some work; a panic in it, on whichever thread, is reported and makes the exit code of a fault.
pub(super) fn guarded(work: impl FnOnce() -> u8 + UnwindSafe) -> u8 {
    panic::set_hook(Box::new(report));
    let code = panic::catch_unwind(work).unwrap_or(exit_code::FAULT);
    let _ = panic::take_hook();
    code
}

fn report(fault: &PanicHookInfo<'_>) {
    static ONCE: Once = Once::new();
    // The text of a panic may quote what was being read, and that may be a secret's value: the place has to do.
    let place =
        fault.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
    ONCE.call_once(|| {
        let _ = writeln!(
            std::io::stderr(),
            "error: keyprint {} has a fault{place}\n  = help: this says nothing about the blueprint; report the line \
             above with the command that was given",
            env!("CARGO_PKG_VERSION")
        );
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_makes_the_exit_code_of_a_fault() {
        assert_eq!(guarded(|| exit_code::FINDINGS), exit_code::FINDINGS);
        assert_eq!(guarded(|| panic!("on purpose")), exit_code::FAULT);
    }
}
