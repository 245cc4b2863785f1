//! The parts the language is made of: each says how it is read and how editors are told about it.

use std::hash::Hash;

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::codes::{fields, values};
use super::schema::Shapes;
use super::yaml::{Node, NodeKind};
use crate::aws::Form;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, closest};
use crate::source::{Origin, Sourced};

/// A part of the language.
pub(crate) trait Syntax: Sized {
    /// How a JSON Schema describes it.
    fn schema(shapes: &mut Shapes) -> Value;

    /// Reads it; what cannot be read has been reported.
    fn decode(node: &Node, log: &mut Diagnostics) -> Option<Self>;

    /// What a field that is not there stands for; none for a field that has to be there.
    fn absent() -> Option<Self> {
        None
    }
}

/// Text of a fixed form as a leaf of the language.
pub(crate) trait Scalar: Form {
    /// What text of another form is reported as.
    const CODE: &'static Code;
    /// Whether plain text that other readers take for a number or a date is welcome, because no valid text is
    /// mistaken.
    const PLAIN: bool = false;
    /// What valid text without its quotes is reported as.
    const UNQUOTED: &'static Code = &values::AMBIGUOUS_TEXT;

    /// How a JSON Schema describes it.
    fn schema() -> Value {
        json!({ "type": "string", "pattern": Self::PATTERN })
    }

    /// The valid texts nearest to a wrong one, where the form is a list of words.
    fn nearest(_text: &str) -> Option<String> {
        None
    }
}

/// Entries under names of the author, in the author's order.
#[derive(Debug, Clone)]
pub(crate) struct Table<K: Hash + Eq, T>(IndexMap<K, Entry<K, T>>);

/// One entry of a [`Table`].
#[derive(Debug, Clone)]
pub(crate) struct Entry<K, T> {
    /// The name, where it stands.
    pub(crate) name: Sourced<K>,
    /// What is under the name.
    pub(crate) body: T,
}

/// A list with at least one entry.
#[derive(Debug, Clone)]
pub(crate) struct OneOrMore<T>(Vec<T>);

impl<K: Hash + Eq, T> Table<K, T> {
    /// The entries in the author's order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry<K, T>> {
        self.0.values()
    }

    /// The entry under a name.
    pub(crate) fn get(&self, name: &K) -> Option<&Entry<K, T>> {
        self.0.get(name)
    }

    /// Whether there is no entry.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> OneOrMore<T> {
    /// The entries.
    pub(crate) fn as_slice(&self) -> &[T] {
        &self.0
    }
}

impl<T: Scalar> Syntax for Sourced<T> {
    fn schema(_shapes: &mut Shapes) -> Value {
        T::schema()
    }

    fn decode(node: &Node, log: &mut Diagnostics) -> Option<Self> {
        let (text, plain) = scalar(node, T::WHAT, log)?;
        match T::parse(text) {
            Ok(_) if plain && !T::PLAIN && mistaken(text) => {
                let help = format!("write `\"{text}\"`");
                let message = format!("`{}` is {} without quotes", shown(text), T::WHAT);
                let diagnostic = Diagnostic::new(T::UNQUOTED, node.span, message);
                log.push(diagnostic.here("other YAML readers do not take this for a text").help(help));
                None
            }
            Ok(value) => Some(Origin::written(node.span).put(value)),
            Err(malformed) => {
                let message = format!("`{}` is not {}", shown(text), T::WHAT);
                let instead = malformed.instead.or_else(|| T::nearest(text));
                let diagnostic = Diagnostic::new(T::CODE, node.span, message).here(malformed.reason);
                log.push(match instead {
                    Some(instead) => diagnostic.help(format!("write `{instead}`")),
                    None => diagnostic.help(format!("for example `{}`", T::EXAMPLE)),
                });
                None
            }
        }
    }
}

impl Syntax for Sourced<bool> {
    fn schema(_shapes: &mut Shapes) -> Value {
        json!({ "type": "boolean" })
    }

    fn decode(node: &Node, log: &mut Diagnostics) -> Option<Self> {
        let (text, plain) = scalar(node, "`true` or `false`", log)?;
        let meant = match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" => Some(true),
            "false" | "no" | "off" | "n" => Some(false),
            _ => None,
        };
        match meant {
            Some(value) if plain && matches!(text, "true" | "false") => {
                Some(Origin::written(node.span).put(value))
            }
            Some(value) => {
                let message = format!("`{text}` is not `true` or `false`");
                log.push(
                    Diagnostic::new(&fields::WRONG_TYPE, node.span, message).help(format!("write `{value}`")),
                );
                None
            }
            None => {
                let message = format!("`{}` is not `true` or `false`", shown(text));
                log.push(Diagnostic::new(&fields::WRONG_TYPE, node.span, message));
                None
            }
        }
    }
}

impl<T: Syntax> Syntax for Option<T> {
    fn schema(shapes: &mut Shapes) -> Value {
        T::schema(shapes)
    }

    fn decode(node: &Node, log: &mut Diagnostics) -> Option<Self> {
        T::decode(node, log).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Syntax> Syntax for Vec<T> {
    fn schema(shapes: &mut Shapes) -> Value {
        json!({ "type": "array", "items": T::schema(shapes) })
    }

    fn decode(node: &Node, log: &mut Diagnostics) -> Option<Self> {
        let items = sequence(node, log)?;
        let read: Vec<Option<T>> = items.iter().map(|item| T::decode(item, log)).collect();
        read.into_iter().collect()
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

impl<T: Syntax> Syntax for OneOrMore<T> {
    fn schema(shapes: &mut Shapes) -> Value {
        json!({ "type": "array", "minItems": 1, "items": T::schema(shapes) })
    }

    fn decode(node: &Node, log: &mut Diagnostics) -> Option<Self> {
        if let NodeKind::Sequence(items) = &node.kind
            && items.is_empty()
        {
            log.push(Diagnostic::new(
                &fields::WRONG_TYPE,
                node.span,
                "an empty list where at least one entry belongs",
            ));
            return None;
        }
        Vec::decode(node, log).map(Self)
    }
}

impl<K: Hash + Eq + Clone, T: Syntax> Syntax for Table<K, T>
where
    Sourced<K>: Syntax,
{
    fn schema(shapes: &mut Shapes) -> Value {
        json!({
            "type": "object",
            "propertyNames": Sourced::<K>::schema(shapes),
            "additionalProperties": T::schema(shapes),
        })
    }

    fn decode(node: &Node, log: &mut Diagnostics) -> Option<Self> {
        let entries = mapping(node, log)?;
        let mut table = IndexMap::new();
        let mut complete = true;
        for (field, value) in distinct(entries, log) {
            let name: Option<Sourced<K>> = Sourced::decode(field, log);
            let body = T::decode(value, log);
            match (name, body) {
                (Some(name), Some(body)) => {
                    table.insert(name.value.clone(), Entry { name, body });
                }
                _ => complete = false,
            }
        }
        complete.then_some(Self(table))
    }

    fn absent() -> Option<Self> {
        Some(Self(IndexMap::new()))
    }
}

/// The fields of a mapping, or a message that it is none.
pub(super) fn mapping<'node>(node: &'node Node, log: &mut Diagnostics) -> Option<&'node [(Node, Node)]> {
    let NodeKind::Mapping(entries) = &node.kind else {
        return wrong_type(node, "a mapping", "`FIELD: VALUE` lines below, or `{ FIELD: VALUE }`", log);
    };
    Some(entries)
}

/// The entries of a list, or a message that it is none.
pub(super) fn sequence<'node>(node: &'node Node, log: &mut Diagnostics) -> Option<&'node [Node]> {
    if let NodeKind::Sequence(items) = &node.kind {
        return Some(items);
    }
    let write = match &node.kind {
        NodeKind::Scalar { text, .. } => format!("`[{}]`, with brackets around one entry too", shown(text)),
        NodeKind::Mapping(_) | NodeKind::Sequence(_) | NodeKind::Nothing | NodeKind::Refused => {
            "`[FIRST, SECOND]`".to_owned()
        }
    };
    wrong_type(node, "a list", &write, log)
}

/// The text of a scalar and whether it is plain, or a message that it is none.
pub(super) fn scalar<'node>(
    node: &'node Node,
    what: &str,
    log: &mut Diagnostics,
) -> Option<(&'node str, bool)> {
    let NodeKind::Scalar { text, plain } = &node.kind else { return wrong_type(node, what, "", log) };
    Some((text, *plain))
}

/// The fields with the first of each name, and a message for each other.
pub(super) fn distinct<'node>(
    entries: &'node [(Node, Node)],
    log: &mut Diagnostics,
) -> Vec<&'node (Node, Node)> {
    let mut seen: IndexMap<&str, &Node> = IndexMap::new();
    let mut first = Vec::new();
    for entry in entries {
        let (field, _) = entry;
        if let NodeKind::Scalar { text, .. } = &field.kind {
            if let Some(earlier) = seen.get(text.as_str()) {
                log.push(
                    Diagnostic::new(
                        &fields::DUPLICATE_FIELD,
                        field.span,
                        format!("`{}` stands twice", shown(text)),
                    )
                    .also(earlier.span, "the first is here")
                    .help("keep one of them"),
                );
                continue;
            }
            seen.insert(text, field);
        }
        first.push(entry);
    }
    first
}

/// Messages for values that stand in a list more than once.
pub(super) fn repeated<T: Eq + Hash + std::fmt::Display>(list: &[Sourced<T>], log: &mut Diagnostics) {
    let mut seen: IndexMap<&T, &Sourced<T>> = IndexMap::new();
    for entry in list {
        if let Some(earlier) = seen.get(&entry.value) {
            log.push(
                Diagnostic::new(
                    &fields::DUPLICATE_ENTRY,
                    entry.span(),
                    format!("`{}` stands twice", entry.value),
                )
                .also(earlier.span(), "the first is here")
                .help("keep one of them"),
            );
        } else {
            seen.insert(&entry.value, entry);
        }
    }
}

/// The message about a word that is not one of those known.
pub(super) fn unknown_word(node: &Node, text: &str, what: &str, known: &[&str], log: &mut Diagnostics) {
    let diagnostic =
        Diagnostic::new(&fields::UNKNOWN_WORD, node.span, format!("`{}` is not {what}", shown(text)));
    log.push(match closest(text, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("write `{near}`")),
        None => diagnostic.help(format!("{what} is one of {}", listed(known))),
    });
}

/// Words in back-ticks with commas between.
pub(super) fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// A text short enough for a message.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let line = text.lines().next().unwrap_or("");
    if line.chars().count() <= MOST && line.len() == text.len() {
        return text.to_owned();
    }
    let start: String = line.chars().take(MOST).collect();
    format!("{start}…")
}

fn wrong_type<T>(node: &Node, what: &str, write: &str, log: &mut Diagnostics) -> Option<T> {
    let found = match &node.kind {
        NodeKind::Refused => return None,
        NodeKind::Nothing => "nothing",
        NodeKind::Mapping(_) => "a mapping",
        NodeKind::Sequence(_) => "a list",
        NodeKind::Scalar { .. } => "a text",
    };
    let place = if matches!(node.kind, NodeKind::Scalar { .. }) { node.span } else { node.head };
    let diagnostic = Diagnostic::new(&fields::WRONG_TYPE, place, format!("{found} where {what} belongs"));
    log.push(match (&node.kind, write) {
        (NodeKind::Nothing, _) => diagnostic.help("give it a value, or remove the field"),
        (_, "") => diagnostic,
        (_, write) => diagnostic.help(format!("write {write}")),
    });
    None
}

/// Whether YAML 1.1 or 1.2 readers take the plain text for a truth value, a number or a date.
fn mistaken(text: &str) -> bool {
    let word = text.to_ascii_lowercase();
    let truth = matches!(word.as_str(), "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n");
    let unsigned = word.trim_start_matches(['-', '+']);
    let special = matches!(unsigned, ".inf" | ".nan");
    let radix = ["0x", "0o", "0b"].iter().any(|prefix| unsigned.starts_with(prefix));
    let digits = unsigned.starts_with(|c: char| c.is_ascii_digit())
        || (unsigned.starts_with('.') && unsigned.chars().nth(1).is_some_and(|c| c.is_ascii_digit()));
    let numeric = digits
        && unsigned.chars().all(|c| c.is_ascii_digit() || "._:e+-tz ".contains(c))
        && !unsigned.ends_with(':');
    truth
        || special
        || numeric
        || (radix && unsigned.chars().skip(2).all(|c| c.is_ascii_hexdigit() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::mistaken;

    #[test]
    fn other_readers_surprises_are_known() {
        for text in [
            "no",
            "ON",
            "y",
            "1e3",
            "0815",
            "0x1F",
            "012345678901",
            "12:30:00",
            "2027-03-31",
            ".inf",
            "1_000",
            "4711",
            "3.10",
        ] {
            assert!(mistaken(text), "{text}");
        }
        for text in [
            "none",
            "4711a",
            "nightly-etl",
            "eu-west-1",
            "v1",
            "o-a1b2c3d4e5",
            "rate(3 days)",
            "",
            ".",
            "1.2.3-beta",
        ] {
            assert!(!mistaken(text), "{text}");
        }
    }
}
