//! Which environments have a thing, and how it keeps its identity across a rename.

use super::codes::fields;
use super::name::{LogicalName, Name};
use super::syntax::repeated;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Sourced;

/// `only` and `except` exclude each other, and neither repeats itself.
pub(super) fn check(only: &[Sourced<Name>], except: &[Sourced<Name>], log: &mut Diagnostics) {
    repeated(only, log);
    repeated(except, log);
    if let (Some(only), Some(except)) = (only.first(), except.first()) {
        log.push(
            Diagnostic::new(&fields::CONFLICTING_FIELDS, except.span(), "`except` beside `only`")
                .also(only.span(), "`only` names every environment that has it")
                .help("keep one of the two"),
        );
    }
}

/// `was` and `id` both decide the logical ids.
pub(super) fn check_identity(
    was: Option<&Sourced<Name>>,
    id: Option<&Sourced<LogicalName>>,
    log: &mut Diagnostics,
) {
    if let (Some(was), Some(id)) = (was, id) {
        log.push(
            Diagnostic::new(&fields::CONFLICTING_FIELDS, was.span(), "`was` beside `id`")
                .also(id.span(), "`id` decides the logical ids already")
                .help("keep one of the two"),
        );
    }
}
