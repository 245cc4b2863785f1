//! The only door to the disk and the clock: hands out sources and policies, takes artifacts and snapshots.
//!
//! *Never:* what a file means.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this module is the one place that may read and write files and ask for the day"
)]

mod cache;
mod clock;
mod document;
mod error;
mod git;
mod load;
mod output;
mod path;
mod previous;
mod side;
mod snapshot;
mod staging;

pub(crate) use cache::Cache;
pub(crate) use clock::{is_day, today};
pub(crate) use document::read_documents;
pub(crate) use error::Error;
pub(crate) use load::{load, load_attachments, load_policies, load_templates};
pub(crate) use output::{Written, write};
pub(crate) use path::shown;
pub(crate) use side::{Place, SideFile, read_side};
pub(crate) use snapshot::{Accepted, accept, read_snapshots};
pub(crate) use staging::{create_new, replace};
