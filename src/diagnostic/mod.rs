//! Everything keyprint tells the author: one message type, its codes and levels, and the log of a run.
//!
//! *Never:* a stage's types, a terminal, a file format.

mod code;
mod log;
mod suggest;
mod waiver;

use std::borrow::Cow;

use crate::source::Span;

pub(crate) use code::code;
pub use code::{Category, Code};
pub use log::{Diagnostics, Stop};
pub(crate) use suggest::closest;
pub(crate) use waiver::{CODES as WAIVER_CODES, Waiver, Waivers};

/// How much a message weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The templates are not to be deployed.
    Error,
    /// Deployable, but worth a change.
    Warning,
    /// For information.
    Note,
}

/// One message: what is wrong, where, why it matters and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kebab-case name of the defect, for example `unknown-field` or `guard/SECRET_NAMES_CUSTOMER_KEY`.
    pub code: Cow<'static, str>,
    /// How much it weighs.
    pub level: Level,
    /// What it is about; decides whether it can be waived.
    pub category: Category,
    /// What is wrong.
    pub message: String,
    /// The places that decide; the first is the primary one.
    pub labels: Vec<Label>,
    /// What to write instead, or where to read on.
    pub help: Vec<String>,
    /// The thing in the templates, where there is one.
    pub subject: Option<Subject>,
}

/// A marked place in a file with what it has to do with the defect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// Its part in the defect; may be empty on the primary label.
    pub text: String,
}

/// A thing in the templates: stack, resource, property.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Subject {
    /// The path of the template below the output directory.
    pub template: String,
    /// The logical id of the resource.
    pub logical_id: Option<String>,
    /// A JSON pointer into the template.
    pub pointer: Option<String>,
}

impl Diagnostic {
    /// A message under a catalogued code at a place.
    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code: Cow::Borrowed(code.name),
            level: code.level,
            category: code.category,
            message: message.into(),
            labels: vec![Label { span, text: String::new() }],
            help: Vec::new(),
            subject: None,
        }
    }

    /// An error that a Guard rule makes at a place; its code is `guard/` and the rule's name.
    pub fn rule(code: String, span: Span, message: impl Into<String>) -> Self {
        Self {
            code: Cow::Owned(code),
            level: Level::Error,
            category: Category::Guard,
            message: message.into(),
            labels: vec![Label { span, text: String::new() }],
            help: Vec::new(),
            subject: None,
        }
    }

    /// Says what the primary place has to do with it.
    #[must_use]
    pub fn here(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// Marks a second place that decides.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Names the thing in the templates.
    #[must_use]
    pub fn about(mut self, subject: Subject) -> Self {
        self.subject = Some(subject);
        self
    }
}
