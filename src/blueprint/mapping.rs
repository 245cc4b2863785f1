//! The declarative table of a mapping: its fields with their descriptions and examples, said once for the reader, the
//! schema and the messages.

use serde_json::{Map, Value, json};

use super::codes::fields;
use super::literal;
use super::schema::Shapes;
use super::syntax::{self, Syntax, distinct, listed, shown};
use super::yaml::{Node, NodeKind};
use crate::diagnostic::{Diagnostic, Diagnostics, closest};
use crate::source::Span;

/// A mapping of the language.
#[derive(Debug)]
pub(crate) struct Shape {
    /// What it is, with its article, as messages say it.
    pub(super) title: &'static str,
    /// What it is for.
    pub(super) about: &'static str,
    /// Its fields in the order of the manual.
    pub(super) fields: &'static [Field],
}

/// A field of a mapping.
#[derive(Debug)]
pub(crate) struct Field {
    /// The word the author writes.
    pub(super) name: &'static str,
    /// One sentence for editors and the manual.
    pub(super) about: &'static str,
    /// A value as it is written in YAML.
    pub(super) example: &'static str,
}

/// A mapping that was read, with its place.
pub(crate) trait Located {
    /// From the field or the name that holds it to its last character.
    fn whole(&self) -> Span;
}

/// Declares a mapping: a struct, its table, how it is read and how a schema describes it. A check after `with` looks
/// at fields that depend on each other.
macro_rules! mapping {
    ($(#[doc = $about:literal])+ $visibility:vis struct $name:ident = $title:literal $(with $check:path)? {
        $($(#[doc = $field_about:literal])+ $(#[expect($($lint:tt)+)])? $field:ident: $kind:ty = $word:literal like $example:literal;)+
    }) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone)]
        $visibility struct $name {
            /// Where messages about it as a whole point.
            pub(crate) span: $crate::source::Span,
            /// From its first to its last character.
            pub(crate) extent: $crate::source::Span,
            $($(#[doc = $field_about])+ $(#[expect($($lint)+)])? pub(crate) $field: $kind,)+
        }

        impl $crate::blueprint::mapping::Located for $name {
            fn whole(&self) -> $crate::source::Span {
                $crate::source::Span { end: self.extent.end.max(self.span.end), ..self.span }
            }
        }

        impl $name {
            /// The table of its fields.
            pub(super) const SHAPE: &'static $crate::blueprint::mapping::Shape = &$crate::blueprint::mapping::Shape {
                title: $title,
                about: concat!($($about),+),
                fields: &[$($crate::blueprint::mapping::Field {
                    name: $word,
                    about: concat!($($field_about),+),
                    example: $example,
                }),+],
            };
        }

        impl $crate::blueprint::syntax::Syntax for $name {
            fn schema(shapes: &mut $crate::blueprint::schema::Shapes) -> serde_json::Value {
                shapes.mapping(Self::SHAPE, |shapes| {
                    vec![$($crate::blueprint::mapping::describe::<$kind>(shapes)),+]
                })
            }

            fn decode(
                node: &$crate::blueprint::yaml::Node,
                log: &mut $crate::diagnostic::Diagnostics,
            ) -> Option<Self> {
                let fields = $crate::blueprint::mapping::Fields::open(node, Self::SHAPE, log)?;
                $(let $field = fields.take::<$kind>($word, log);)+
                let read = Self { span: node.head, extent: node.span, $($field: $field?),+ };
                $($check(&read, log);)?
                Some(read)
            }
        }
    };
}
pub(super) use mapping;

/// The fields of one mapping of the text.
pub(super) struct Fields<'node> {
    node: &'node Node,
    shape: &'static Shape,
    found: Vec<&'node (Node, Node)>,
}

impl<'node> Fields<'node> {
    /// Looks a mapping over: unknown and repeated fields are reported.
    pub(super) fn open(node: &'node Node, shape: &'static Shape, log: &mut Diagnostics) -> Option<Self> {
        let entries = syntax::mapping(node, log)?;
        let found = distinct(entries, log);
        for (field, value) in &found {
            match &field.kind {
                NodeKind::Scalar { text, .. } if shape.fields.iter().any(|known| known.name == text) => {}
                NodeKind::Scalar { text, .. } => log.push(unknown(shape, field, text, value)),
                NodeKind::Refused => {}
                NodeKind::Mapping(_) | NodeKind::Sequence(_) | NodeKind::Nothing => {
                    log.push(Diagnostic::new(
                        &fields::WRONG_TYPE,
                        field.span,
                        "a field whose name is not a text",
                    ));
                }
            }
        }
        Some(Self { node, shape, found })
    }

    /// Reads one field; one that has to be there and is not is reported.
    pub(super) fn take<T: Syntax>(&self, name: &str, log: &mut Diagnostics) -> Option<T> {
        let named = |(field, _): &&&(Node, Node)| matches!(&field.kind, NodeKind::Scalar { text, .. } if text == name);
        if let Some((_, value)) = self.found.iter().find(named) {
            return T::decode(value, log);
        }
        let absent = T::absent();
        if absent.is_none() {
            let example =
                self.shape.fields.iter().find(|field| field.name == name).map_or("", |field| field.example);
            log.push(
                Diagnostic::new(
                    &fields::MISSING_FIELD,
                    self.node.head,
                    format!("{} has no `{name}`", self.shape.title),
                )
                .help(format!("add `{name}: {example}`, with the right value")),
            );
        }
        absent
    }
}

/// The schema of a field and whether the field has to be there.
pub(super) fn describe<T: Syntax>(shapes: &mut Shapes) -> (Value, bool) {
    (T::schema(shapes), T::absent().is_none())
}

/// Description and example of a field, put to the schema of its value.
pub(super) fn property(field: &Field, schema: Value, example: Option<Value>) -> Value {
    let mut described = Map::new();
    described.insert("description".to_owned(), json!(sentence(field.about)));
    match schema {
        Value::Object(members) => described.extend(members),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            described.insert("const".to_owned(), other);
        }
    }
    if let Some(example) = example {
        described.insert("examples".to_owned(), json!([example]));
    }
    Value::Object(described)
}

/// A doc comment as one line.
pub(super) fn sentence(about: &str) -> String {
    about.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Names under which people would put a secret's value.
const VALUE_FIELDS: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "value",
    "secret",
    "secret-value",
    "secret-string",
    "token",
    "api-key",
    "apikey",
    "private-key",
    "client-secret",
    "access-key",
    "secret-access-key",
    "credentials",
];

/// Whether a field of that name would hold a secret's value.
pub(super) fn names_a_value(name: &str) -> bool {
    VALUE_FIELDS.contains(&name.to_lowercase().replace('_', "-").as_str())
}

fn unknown(shape: &Shape, field: &Node, text: &str, value: &Node) -> Diagnostic {
    let plain = text.to_lowercase().replace('_', "-");
    if names_a_value(&plain) && matches!(value.kind, NodeKind::Scalar { .. }) {
        return literal::found(value.span, &format!("`{}` would hold a secret's value", shown(text)))
            .also(field.span, "no field of the language holds one");
    }
    let diagnostic = Diagnostic::new(
        &fields::UNKNOWN_FIELD,
        field.span,
        format!("{} has no field `{}`", shape.title, shown(text)),
    );
    let names: Vec<&str> = shape.fields.iter().map(|field| field.name).collect();
    let near =
        names.iter().find(|name| **name == plain).copied().or_else(|| closest(&plain, names.iter().copied()));
    match near {
        Some(near) => diagnostic.help(format!("write `{near}`")),
        None => diagnostic.help(format!("{} has the fields {}", shape.title, listed(&names))),
    }
}
