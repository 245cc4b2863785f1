//! Fields that take one of a list of words.

/// Declares the words of a field: an enum, how it is read and how a schema describes it.
macro_rules! words {
    ($(#[doc = $about:literal])+ $visibility:vis enum $name:ident = $what:literal {
        $($(#[doc = $word_about:literal])+ $variant:ident = $word:literal),+ $(,)?
    }) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $name {
            $($(#[doc = $word_about])+ $variant,)+
        }

        impl $name {
            /// Every word with what it means, in the order of the manual.
            pub(super) const WORDS: &'static [(&'static str, Self, &'static str)] =
                &[$(($word, Self::$variant, concat!($($word_about),+))),+];

            /// The word the author writes.
            pub(crate) fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl $crate::blueprint::syntax::Syntax for $crate::source::Sourced<$name> {
            fn schema(_shapes: &mut $crate::blueprint::schema::Shapes) -> serde_json::Value {
                $crate::blueprint::schema::words($name::WORDS.iter().map(|(word, _, about)| (*word, *about)))
            }

            fn decode(
                node: &$crate::blueprint::yaml::Node,
                log: &mut $crate::diagnostic::Diagnostics,
            ) -> Option<Self> {
                let (text, _) = $crate::blueprint::syntax::scalar(node, $what, log)?;
                match $name::WORDS.iter().find(|(word, ..)| *word == text) {
                    Some((_, value, _)) => Some($crate::source::Origin::written(node.span).put(*value)),
                    None => {
                        let known: Vec<&str> = $name::WORDS.iter().map(|(word, ..)| *word).collect();
                        $crate::blueprint::syntax::unknown_word(node, text, $what, &known, log);
                        None
                    }
                }
            }
        }
    };
}
pub(super) use words;
