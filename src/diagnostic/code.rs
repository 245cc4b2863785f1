//! The identity of a kind of message: its name, level, category and explain page.

use super::Level;

/// What a code is about; the groups of `keyprint explain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// The text of a blueprint and its fields.
    Blueprint,
    /// Names and references.
    Names,
    /// Secret values and their rotation.
    Rotation,
    /// Keys and encryption.
    Encryption,
    /// Who may do what.
    Access,
    /// Endpoints, security groups, reachability.
    Network,
    /// Alarms and events.
    Watch,
    /// Quotas.
    Limits,
    /// Guard rules and rule files.
    Guard,
    /// Provider schemas.
    Schema,
    /// Snapshots and output.
    Snapshot,
    /// What differs between two states of a deployment.
    Change,
}

/// One entry of the catalogue.
#[derive(Debug)]
pub struct Code {
    /// Kebab-case name that states the defect.
    pub name: &'static str,
    /// The level of its messages.
    pub level: Level,
    /// What it is about.
    pub category: Category,
    /// One line for lists.
    pub summary: &'static str,
    /// The explain page in Markdown: what it finds, why it matters, example, instead.
    pub page: &'static str,
}

impl Category {
    /// The word used in lists and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Blueprint => "blueprint",
            Self::Names => "names",
            Self::Rotation => "rotation",
            Self::Encryption => "encryption",
            Self::Access => "access",
            Self::Network => "network",
            Self::Watch => "watch",
            Self::Limits => "limits",
            Self::Guard => "guard",
            Self::Schema => "schema",
            Self::Snapshot => "snapshot",
            Self::Change => "change",
        }
    }
}

impl Code {
    /// The explain page without the blank that a doc comment puts before each line.
    pub fn unindented_page(&self) -> String {
        self.page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
    }
}

/// Declares codes; the doc comment of each is its explain page, with the headings *What it finds*, *Why it
/// matters*, *Example* and *Instead*, where the example raises the code and the other text does not.
macro_rules! code {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal {
        $level:ident, $category:ident, $summary:literal
    })+) => {
        $($(#[doc = $doc])+
        pub(crate) static $name: $crate::diagnostic::Code = $crate::diagnostic::Code {
            name: $word,
            level: $crate::diagnostic::Level::$level,
            category: $crate::diagnostic::Category::$category,
            summary: $summary,
            page: concat!($($doc, "\n"),+),
        };)+
        /// The codes of this file, for the catalogue.
        pub(crate) static CODES: &[&$crate::diagnostic::Code] = &[$(&$name),+];
    };
}
pub(crate) use code;
