//! Names that the author gives, and references to them.

use std::fmt;

use super::codes::values;
use super::syntax::Scalar;
use crate::aws::{Form, Malformed, only, text_form};
use crate::diagnostic::Code;

/// Most characters of a name; what is made from it has to fit the services' limits.
const MOST: usize = 40;

/// A name of the author's: lower-case letters, digits and single hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name(String);

/// A name, in this blueprint or in that of another application.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Reference {
    /// The other application; none for this one.
    pub(crate) application: Option<Name>,
    /// The name there.
    pub(crate) name: Name,
}

text_form! {
    /// The beginning of logical ids, to pin them across a rename.
    LogicalName: "a logical name", 1..=100,
    |text| only(text, "") && text.starts_with(|c: char| c.is_ascii_alphabetic()),
    pattern "^[A-Za-z][A-Za-z0-9]{0,99}$", rule "a logical name has up to 100 letters and digits and begins with a letter",
    example "OrdersDb"
}

text_form! {
    /// What a waiver is about: a place in the blueprint, or a thing in a template.
    SubjectPath: "a subject", 3..=300, |text| only(text, "._/:-#") && text.contains(['.', '/']),
    pattern "^[A-Za-z0-9._/:#-]{3,300}$",
    rule "a subject is a place in the blueprint such as `secrets.NAME`, or a template and a logical id",
    example "secrets.payment-provider"
}

text_form! {
    /// The code that a waiver waives.
    FindingName: "a finding", 3..=100,
    |text| only(text.strip_prefix("guard/").unwrap_or(text), "-_"),
    pattern "^(guard/)?[A-Za-z0-9_-]{3,100}$", rule "a finding is the name of a code, such as `rotation-interval-too-long`",
    example "rotation-interval-too-long"
}

text_form! {
    /// The name of a change: its class and a digest of what exactly changes.
    ChangeName: "the name of a change", 14..=40,
    |text| text.split_once(':').is_some_and(|(class, digest)| {
        class.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            && digest.len() == 12
            && digest.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    }),
    pattern "^[a-z-]+:[0-9a-f]{12}$",
    rule "the name of a change is what `keyprint diff` prints behind it, such as `broader:3f9a1c02d4e5`",
    example "broader:3f9a1c02d4e5"
}

text_form! {
    /// A field of a secret's value.
    ValueField: "a field of a secret's value", 1..=64, |text| only(text, "_.-"),
    pattern "^[A-Za-z0-9_.-]{1,64}$", rule "a field of a secret's value has up to 64 letters, digits or `_.-`",
    example "signingKey"
}

impl Name {
    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Form for Name {
    const WHAT: &'static str = "a name";
    const PATTERN: &'static str = "^(?=.{1,40}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$";
    const EXAMPLE: &'static str = "orders-db";

    fn parse(text: &str) -> Result<Self, Malformed> {
        let letters = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
        if begins && text.len() <= MOST && text.split('-').all(letters) {
            return Ok(Self(text.to_owned()));
        }
        let malformed = Malformed::because(format!(
            "a name has up to {MOST} lower-case letters, digits and single hyphens, and begins with a letter"
        ));
        let near = put_right(text);
        Err(if near != text && Self::parse(&near).is_ok() { malformed.instead(near) } else { malformed })
    }
}

impl Scalar for Name {
    const CODE: &'static Code = &values::BAD_NAME;
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.application {
            Some(application) => write!(f, "{application}/{}", self.name),
            None => self.name.fmt(f),
        }
    }
}

impl Form for Reference {
    const WHAT: &'static str = "a name or `application/name`";
    const PATTERN: &'static str = "^([a-z][a-z0-9-]{0,39}/)?[a-z][a-z0-9-]{0,39}$";
    const EXAMPLE: &'static str = "platform/shared-key";

    fn parse(text: &str) -> Result<Self, Malformed> {
        let Some((application, name)) = text.split_once('/') else {
            return Ok(Self { application: None, name: Name::parse(text)? });
        };
        Ok(Self { application: Some(Name::parse(application)?), name: Name::parse(name)? })
    }
}

impl Scalar for Reference {
    const CODE: &'static Code = &values::BAD_NAME;
}

fn put_right(text: &str) -> String {
    let mut name = String::new();
    let mut before = '-';
    for c in text.chars() {
        if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            name.push('-');
        }
        name.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
        before = c;
    }
    name.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_right() {
        let instead = |text| Name::parse(text).unwrap_err().instead;
        assert_eq!(instead("Orders_DB").as_deref(), Some("orders-db"));
        assert_eq!(instead("OrdersDb").as_deref(), Some("orders-db"));
        assert_eq!(instead("orders--db").as_deref(), Some("orders-db"));
        assert_eq!(instead("9lives"), None);
        assert_eq!(instead(&"a".repeat(41)), None);
        assert!(Name::parse("orders-db-2").is_ok());
    }

    #[test]
    fn a_reference_may_name_another_application() {
        let reference = Reference::parse("platform/shared-key").unwrap();
        assert_eq!(reference.application.as_ref().map(Name::as_str), Some("platform"));
        assert_eq!(reference.to_string(), "platform/shared-key");
        assert!(Reference::parse("a/b/c").is_err());
        assert!(Reference::parse("/b").is_err());
    }
}
