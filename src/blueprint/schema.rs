//! The language as a JSON Schema (draft 2020-12), rendered from the same tables that the reader uses.

use serde_json::{Map, Value, json};

use super::mapping::{self, Shape};
use super::yaml::{self, Node, NodeKind};
use super::{Blueprint, Syntax};
use crate::diagnostic::Diagnostics;
use crate::source::Sources;

/// The definitions of the mappings met so far, by title.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    definitions: Map<String, Value>,
}

/// The schema of a blueprint.
pub(crate) fn schema() -> Value {
    let mut shapes = Shapes::default();
    let root = Blueprint::schema(&mut shapes);
    let mut document = Map::new();
    document.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    document.insert("title".to_owned(), json!("keyprint blueprint, v1"));
    if let Value::Object(members) = root {
        document.extend(members);
    }
    document.insert("$defs".to_owned(), Value::Object(shapes.definitions));
    Value::Object(document)
}

impl Shapes {
    /// Describes a mapping once and refers to it.
    pub(super) fn mapping(
        &mut self,
        shape: &'static Shape,
        fields: impl FnOnce(&mut Self) -> Vec<(Value, bool)>,
    ) -> Value {
        let (_, noun) = shape.title.split_once(' ').unwrap_or(("", shape.title));
        let name = noun.replace(' ', "-");
        if !self.definitions.contains_key(&name) {
            self.definitions.insert(name.clone(), Value::Null);
            let described = fields(self);
            self.definitions.insert(name.clone(), object(shape, described));
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }
}

/// A list of words with what each means.
pub(super) fn words(words: impl Iterator<Item = (&'static str, &'static str)>) -> Value {
    let (words, meanings): (Vec<_>, Vec<_>) =
        words.map(|(word, about)| (word, mapping::sentence(about))).unzip();
    json!({ "enum": words, "enumDescriptions": meanings })
}

/// A text value read from a YAML example or a test case, as a schema sees it.
pub(super) fn as_json(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Mapping(entries) => {
            let member = |(field, value): &(Node, Node)| match &field.kind {
                NodeKind::Scalar { text, .. } => Some((text.clone(), as_json(value))),
                NodeKind::Mapping(_) | NodeKind::Sequence(_) | NodeKind::Nothing | NodeKind::Refused => None,
            };
            Value::Object(entries.iter().filter_map(member).collect())
        }
        NodeKind::Sequence(items) => Value::Array(items.iter().map(as_json).collect()),
        NodeKind::Scalar { text, plain: true } if text == "true" || text == "false" => json!(text == "true"),
        NodeKind::Scalar { text, plain: true } => match text.parse::<i64>() {
            Ok(number) if number.to_string() == *text => json!(number),
            _ => json!(text),
        },
        NodeKind::Scalar { text, plain: false } => json!(text),
        NodeKind::Nothing | NodeKind::Refused => Value::Null,
    }
}

fn object(shape: &Shape, described: Vec<(Value, bool)>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (field, (schema, must)) in shape.fields.iter().zip(described) {
        properties.insert(field.name.to_owned(), mapping::property(field, schema, example(field.example)));
        if must {
            required.push(field.name);
        }
    }
    json!({
        "description": mapping::sentence(shape.about),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn example(text: &str) -> Option<Value> {
    let mut sources = Sources::default();
    let source = sources.add("example", text);
    yaml::parse(source, text, &mut Diagnostics::default()).map(|node| as_json(&node))
}
