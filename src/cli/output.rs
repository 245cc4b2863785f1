//! Standard output, which gets the report, and standard error, which gets the rest.

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};

use super::arguments::{Color, OutputOptions};
use super::exit_code;
use crate::workspace::Error;

/// Writes a text to standard output; a reader that went away has seen enough, which is no error.
///
/// # Errors
/// The exit code when the text cannot be written for another reason.
pub(super) fn print(text: &str, options: OutputOptions) -> Result<(), u8> {
    let mut stdout = AutoStream::new(io::stdout().lock(), choice(options.color));
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        Err(reason) if reason.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(reason) => {
            complain(&format!("the report cannot be written to standard output: {reason}"), None, options);
            Err(exit_code::ENVIRONMENT)
        }
    }
}

/// Says on standard error what was done.
pub(super) fn remark(text: &str, options: OutputOptions) {
    if !options.quiet {
        say(&format!("{text}\n"), options);
    }
}

/// Puts a report on standard error, beside something else on standard output.
pub(super) fn aside(report: &str, options: OutputOptions) {
    say(report, options);
}

/// Says on standard error what cannot be done, even when little is to be said.
pub(super) fn complain(text: &str, help: Option<&str>, options: OutputOptions) {
    let help = help.map_or_else(String::new, |help| format!("  = \u{1b}[1mhelp\u{1b}[0m: {help}\n"));
    say(&format!("\u{1b}[1;31merror\u{1b}[0m\u{1b}[1m: {text}\u{1b}[0m\n{help}"), options);
}

/// Says what went wrong with files, and which exit code that makes.
pub(super) fn refuse(errors: &[Error], options: OutputOptions) -> u8 {
    for error in errors {
        let text: String =
            error.to_string().chars().map(|it| if it.is_control() { '\u{fffd}' } else { it }).collect();
        complain(&text, error.help(), options);
    }
    if errors.iter().any(Error::is_fault) { exit_code::FAULT } else { exit_code::ENVIRONMENT }
}

fn say(text: &str, options: OutputOptions) {
    let mut stderr = AutoStream::new(io::stderr().lock(), choice(options.color));
    // There is nowhere left to say that this failed.
    let _ = stderr.write_all(text.as_bytes());
}

fn choice(color: Color) -> ColorChoice {
    match color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    }
}
