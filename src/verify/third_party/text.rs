//! A template's text as a document: JSON, or YAML with the short forms of intrinsic functions written out.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_yaml::Value as Yaml;

use crate::access::literal;

/// Why a text is no document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoDocument {
    /// What is wrong.
    pub(crate) message: String,
    /// The line, from 1.
    pub(crate) line: usize,
}

/// Reads a text; a key that stands twice in an object is refused, since one of the two would be overlooked.
pub(crate) fn read(text: &str) -> Result<Value, NoDocument> {
    let mut document = if text.trim_start().starts_with('{') { json(text) } else { yaml(text) }?;
    known(&mut document);
    Ok(document)
}

/// Makes sure that nothing in a document passes for what no document shows.
fn known(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(known) = literal(text) {
                *text = known;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(known),
        Value::Object(members) => members.values_mut().for_each(known),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn json(text: &str) -> Result<Value, NoDocument> {
    serde_json::from_str::<Strict>(text).map(|strict| strict.0).map_err(|error| NoDocument {
        message: format!("not JSON: {}", without_place(&error.to_string())),
        line: error.line().max(1),
    })
}

/// Deeper brackets, and longer runs of list items in one line, are refused unread: the parser takes time by the square
/// of their depth. It would refuse them itself at 128, if later.
const DEEPEST: usize = 256;

fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, line) in text.lines().enumerate() {
        for byte in line.bytes() {
            match byte {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > DEEPEST {
                return Some(index + 1);
            }
        }
        if line.split_whitespace().take_while(|word| matches!(*word, "-" | "?")).count() > DEEPEST {
            return Some(index + 1);
        }
    }
    None
}

fn yaml(text: &str) -> Result<Value, NoDocument> {
    if let Some(line) = too_deep(text) {
        return Err(NoDocument { message: "nested too deeply to be a template".to_owned(), line });
    }
    let refuse = |error: serde_yaml::Error| NoDocument {
        message: format!("not YAML: {}", without_place(&error.to_string())),
        line: error.location().map_or(1, |place| place.line()),
    };
    let mut document: Yaml = serde_yaml::from_str(text).map_err(refuse)?;
    document.apply_merge().map_err(refuse)?;
    Ok(written_out(document))
}

/// A parser's message without the place, which is told apart.
fn without_place(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or(message)
}

/// The document with `!Sub x` as `{"Fn::Sub": x}`. The parser bounds the depth.
fn written_out(value: Yaml) -> Value {
    match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(value),
        Yaml::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
            (Some(whole), _, _) => whole.into(),
            (None, Some(whole), _) => whole.into(),
            (None, None, fraction) => fraction.map_or(Value::Null, Value::from),
        },
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => items.into_iter().map(written_out).collect(),
        Yaml::Mapping(fields) => {
            let field = |(key, value)| (name(key), written_out(value));
            Value::Object(fields.into_iter().map(field).collect())
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            intrinsic(tag.trim_start_matches('!'), written_out(tagged.value))
        }
    }
}

fn name(key: Yaml) -> String {
    match written_out(key) {
        Value::String(text) => text,
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            other.to_string()
        }
    }
}

fn intrinsic(tag: &str, argument: Value) -> Value {
    let (name, argument) = match (tag, argument) {
        ("Ref" | "Condition", argument) => (tag.to_owned(), argument),
        ("GetAtt", Value::String(text)) => {
            let (id, attribute) = text.split_once('.').unwrap_or((&text, ""));
            ("Fn::GetAtt".to_owned(), Value::from(vec![id, attribute]))
        }
        (tag, argument) => (format!("Fn::{tag}"), argument),
    };
    Value::Object(Map::from_iter([(name, argument)]))
}

/// A JSON value in which no object has a key twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Strict, D::Error> {
        deserializer.deserialize_any(Any).map(Strict)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((name, Strict(value))) = fields.next_entry::<String, Strict>()? {
            if map.contains_key(&name) {
                return Err(de::Error::custom(format_args!("the key `{name}` stands twice in an object")));
            }
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_passes_for_what_no_document_shows() {
        let forged = "x\u{F0000}\u{100000}\u{10FFFC}";
        let seen = json!({ "Resources": { "A": ["x\u{FFFD}\u{FFFD}\u{FFFD}"] } });
        assert_eq!(read(&format!("Resources:\n  A: ['{forged}']\n")).unwrap(), seen);
        assert_eq!(read(&json!({ "Resources": { "A": [forged] } }).to_string()).unwrap(), seen);
        let escaped = r#"{ "Resources": { "A": ["x\udb80\udc00\udbc0\udc00\udbff\udffc"] } }"#;
        assert_eq!(read(escaped).unwrap(), seen);
    }

    #[test]
    fn short_forms_are_written_out() {
        let text = "Resources:\n  A:\n    Arn: !GetAtt Key.Arn\n    B: !Sub 'a-${X}'\n    C: !Ref X\n    \
                    D: !If [On, !Ref 'AWS::NoValue', !Join ['', [a, !ImportValue b]]]\n    E: !GetAtt [K, Arn]\n    \
                    F: 111122223333\n    G: 2012-10-17\n    H: !Condition On\n";
        assert_eq!(
            read(text).unwrap(),
            json!({ "Resources": { "A": {
                "Arn": { "Fn::GetAtt": ["Key", "Arn"] },
                "B": { "Fn::Sub": "a-${X}" },
                "C": { "Ref": "X" },
                "D": { "Fn::If": ["On", { "Ref": "AWS::NoValue" },
                    { "Fn::Join": ["", ["a", { "Fn::ImportValue": "b" }]] }] },
                "E": { "Fn::GetAtt": ["K", "Arn"] },
                "F": 111_122_223_333_u64,
                "G": "2012-10-17",
                "H": { "Condition": "On" },
            } } })
        );
        assert_eq!(
            read(r#" {"a": [1, -2, 1.5, true, null, "x"]}"#).unwrap(),
            json!({"a": [1, -2, 1.5, true, null, "x"]})
        );
    }

    #[test]
    fn bad_texts_are_refused_with_their_line() {
        for (text, words, line) in [
            ("{\n\"a\": }", "not JSON", 2),
            ("{\"a\": 1,\n \"a\": 2}", "the key `a` stands twice", 2),
            ("a: 1\nb: [", "not YAML", 3),
            ("a: 1\na: 2\n", "duplicate entry", 1),
            ("a: *gone\n", "unknown anchor", 1),
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.message.contains(words), "{refused:?}");
            assert!(refused.line.abs_diff(line) <= 1, "{refused:?}");
        }
    }

    #[test]
    fn depth_and_aliases_exhaust_nothing() {
        for (open, close) in [("{\"a\":", "}"), ("[", "]")] {
            let text = format!("{{\"x\":{}1{}}}", open.repeat(100_000), close.repeat(100_000));
            assert!(read(&text).is_err());
            assert!(read(&format!("x: {}1{}", open.repeat(100_000), close.repeat(100_000))).is_err());
        }
        assert!(read(&format!("x:\n  {}1\n", "- ".repeat(100_000))).is_err());
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for step in 1..12 {
            let before = format!("*a{}", step - 1);
            bomb.push_str(&format!("a{step}: &a{step} [{}]\n", vec![before; 10].join(", ")));
        }
        assert!(read(&bomb).is_err());
    }
}
