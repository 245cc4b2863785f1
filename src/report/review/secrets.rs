//! What no face of a review may show: the values of secrets that a template from elsewhere holds.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::blueprint::{known_values, looks_random};
use crate::change::Difference;
use crate::report::mask::STARS;

/// Ends of the names of properties, parameters and variables that hold a secret's value, in small letters without
/// separators.
const SECRET_ENDS: [&str; 12] = [
    "secretstring",
    "secretbinary",
    "password",
    "passwd",
    "passphrase",
    "secretaccesskey",
    "secretkey",
    "privatekey",
    "clientsecret",
    "authtoken",
    "accesstoken",
    "apikey",
];

/// Names that end like a secret's and hold only the shape of one.
const SHAPES: [&str; 2] = ["generatesecretstring", "managemasteruserpassword"];

/// A sentence without values of known formats.
pub(super) fn hide(text: &str) -> Cow<'_, str> {
    let found = known_values(text);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    for (range, _) in found {
        shown.push_str(text.get(at..range.start).unwrap_or_default());
        shown.push_str(STARS);
        at = range.end;
    }
    shown.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(shown)
}

/// The two texts of a difference without values: what stands under a secret's name, in a known format, or looks random.
pub(super) fn masked(difference: &Difference) -> [Option<Value>; 2] {
    let words = difference.title.split(|c: char| !(c.is_alphanumeric() || "_-".contains(c)));
    let is_secret = words.into_iter().any(names_secret);
    [&difference.old, &difference.new].map(|side| side.as_ref().map(|value| without_values(value, is_secret)))
}

fn names_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    SECRET_ENDS.iter().any(|end| plain.ends_with(end)) && !SHAPES.contains(&plain.as_str())
}

fn without_values(value: &Value, is_secret: bool) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        Value::Number(_) if is_secret => STARS.into(),
        Value::Number(_) => value.clone(),
        Value::String(text) if is_secret => of_secret(text).into(),
        Value::String(text) => of_text(text).into(),
        Value::Array(items) => items.iter().map(|item| without_values(item, is_secret)).collect(),
        Value::Object(members) => object(members, is_secret),
    }
}

fn object(members: &Map<String, Value>, is_secret: bool) -> Value {
    // Where a value comes from is no value.
    if members.len() == 1 && members.keys().all(|key| is_reference(key)) {
        return Value::Object(members.clone());
    }
    // The pair of a name and its value, as containers list their environment.
    let named = ["Name", "Key", "ParameterKey"].iter().filter_map(|key| members.get(*key)?.as_str());
    let pair = named.into_iter().any(names_secret);
    let inside = members.iter().map(|(name, member)| {
        let is_value = pair && ["Value", "ParameterValue"].contains(&name.as_str());
        let is_shape = SHAPES.iter().any(|shape| name.eq_ignore_ascii_case(shape));
        let is_secret = !is_shape && (is_secret || is_value || names_secret(name));
        (name.clone(), without_values(member, is_secret))
    });
    Value::Object(inside.collect())
}

fn is_reference(key: &str) -> bool {
    ["Ref", "Fn::GetAtt", "Fn::ImportValue"].contains(&key)
}

/// A text under a secret's name: only a reference that the deployment resolves is shown.
fn of_secret(text: &str) -> String {
    let is_reference =
        text.starts_with("{{resolve:") && text.ends_with("}}") && text.matches("{{").count() == 1;
    if is_reference || text.is_empty() { text.to_owned() } else { STARS.to_owned() }
}

/// Any other text: JSON within it is looked through, and so is each of its words.
fn of_text(text: &str) -> String {
    if text.trim_start().starts_with('{')
        && let Ok(inner @ Value::Object(_)) = serde_json::from_str::<Value>(text)
    {
        let masked = without_values(&inner, false);
        return if masked == inner { text.to_owned() } else { masked.to_string() };
    }
    let text = hide(text);
    let mut shown = String::with_capacity(text.len());
    let mut word = String::new();
    for letter in text.chars() {
        if letter.is_whitespace() || "\"'`[]{}(),;=".contains(letter) {
            flush(&mut word, &mut shown);
            shown.push(letter);
        } else {
            word.push(letter);
        }
    }
    flush(&mut word, &mut shown);
    shown
}

fn flush(word: &mut String, shown: &mut String) {
    // Within `${…}` stands a name of the template.
    let is_name = shown.ends_with("${");
    shown.push_str(if !is_name && looks_random(word) { STARS } else { word });
    word.clear();
}
