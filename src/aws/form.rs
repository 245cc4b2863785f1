//! Values that AWS writes as text of a fixed form.

use std::fmt::Display;

/// A value with a textual form of its own.
pub(crate) trait Form: Sized + Display {
    /// What it is, with its article, as messages say it.
    const WHAT: &'static str;
    /// A regular expression (ECMA 262) that every valid text matches.
    const PATTERN: &'static str;
    /// A valid text.
    const EXAMPLE: &'static str;

    /// Reads a text.
    ///
    /// # Errors
    /// What the form demands and the text does not have.
    fn parse(text: &str) -> Result<Self, Malformed>;
}

/// Why a text does not have a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// What the form demands, as the end of a sentence about the text.
    pub(crate) reason: String,
    /// A valid text that was probably meant.
    pub(crate) instead: Option<String>,
}

impl Malformed {
    /// A reason without a suggestion.
    pub(crate) fn because(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), instead: None }
    }

    /// Adds a valid text that was probably meant.
    #[must_use]
    pub(crate) fn instead(mut self, text: impl Into<String>) -> Self {
        self.instead = Some(text.into());
        self
    }
}

/// Declares a text type by its length and its characters.
macro_rules! text_form {
    ($(#[doc = $doc:literal])+ $name:ident: $what:literal, $length:expr, $allowed:expr,
     pattern $pattern:literal, rule $rule:literal, example $example:literal) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) struct $name(String);

        impl std::ops::Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl $crate::aws::Form for $name {
            const WHAT: &'static str = $what;
            const PATTERN: &'static str = $pattern;
            const EXAMPLE: &'static str = $example;

            fn parse(text: &str) -> Result<Self, $crate::aws::Malformed> {
                let allowed: fn(&str) -> bool = $allowed;
                if ($length).contains(&text.chars().count()) && allowed(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err($crate::aws::Malformed::because($rule))
                }
            }
        }
    };
}
pub(crate) use text_form;

/// Whether every character is a letter, a digit or one of `others`.
pub(crate) fn only(text: &str, others: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

/// Whether the text is a prefix followed by at least one lower-case letter or digit and nothing else.
pub(super) fn id(text: &str, prefix: &str, digit: fn(char) -> bool) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && rest.chars().all(digit))
}
