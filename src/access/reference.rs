//! What actions go with: resource types, condition keys and the types of their values, as far as one dated list knows.
//!
//! *Never:* a proof; the list lags behind AWS. `schemas/actions.py` writes it.

use std::sync::OnceLock;

use super::policy::Json;

/// The list.
pub(crate) struct Reference {
    /// Keys of every service, in lower case, each with its type.
    global: Vec<(String, KeyType)>,
    services: Vec<Service>,
}

/// What the values of a condition key are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyType {
    /// One value.
    pub(crate) value: ValueType,
    /// Whether there can be several.
    pub(crate) many: bool,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueType {
    /// A text.
    Text,
    /// An ARN.
    Arn,
    /// `true` or `false`.
    Truth,
    /// A number.
    Number,
    /// An instant.
    Instant,
    /// An address.
    Address,
}

struct Service {
    name: String,
    /// ARNs with wildcards.
    resources: Vec<String>,
    /// Keys in lower case, with wildcards.
    keys: Vec<(String, KeyType)>,
    actions: Vec<Action>,
}

/// An action.
pub(crate) struct Action {
    /// Its name, with its service, as AWS writes it.
    pub(crate) name: String,
    resources: Vec<usize>,
    keys: Vec<usize>,
}

/// The list that is built in.
pub(crate) fn reference() -> &'static Reference {
    static BUILT_IN: OnceLock<Reference> = OnceLock::new();
    BUILT_IN.get_or_init(|| read(include_str!("reference.json")))
}

impl Reference {
    /// The actions that a pattern means, or `None` if the list does not cover its service.
    pub(crate) fn actions(&self, pattern: &str) -> Option<Vec<&Action>> {
        let (service, _) = pattern.split_once(':')?;
        let service = self.service(service)?;
        let pattern = pattern.to_ascii_lowercase();
        let means = |action: &&Action| meet(&pattern, &action.name.to_ascii_lowercase());
        Some(service.actions.iter().filter(means).collect())
    }

    /// The ARNs, with wildcards, that an action has to do with; none if it has no resource.
    pub(crate) fn resources(&self, action: &Action) -> Vec<&str> {
        let service = action.name.split(':').next().and_then(|name| self.service(name));
        service
            .into_iter()
            .flat_map(|service| action.resources.iter().filter_map(|at| service.resources.get(*at)))
            .map(String::as_str)
            .collect()
    }

    /// Whether an action is asked with a condition key of a service; keys of every service are not listed with it.
    pub(crate) fn has_key(&self, action: &Action, key: &str) -> bool {
        let service = action.name.split(':').next().and_then(|name| self.service(name));
        let key = key.to_ascii_lowercase();
        service.is_some_and(|service| {
            action.keys.iter().filter_map(|at| service.keys.get(*at)).any(|(known, _)| meet(known, &key))
        })
    }

    /// The type of a condition key: `None` if the list does not cover its service, `Some(None)` if there is no such key.
    pub(crate) fn key_type(&self, key: &str) -> Option<Option<KeyType>> {
        let key = key.to_ascii_lowercase();
        let (service, _) = key.split_once(':')?;
        let keys = match service {
            "aws" => &self.global,
            _ => &self.service(service)?.keys,
        };
        Some(find(keys, &key))
    }

    /// The type of a key that an identity provider sends; the list has these with the token service.
    pub(crate) fn provider_key_type(&self, key: &str) -> Option<KeyType> {
        let key = key.to_ascii_lowercase();
        find(&self.service("sts")?.keys, &key)
    }

    fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name.eq_ignore_ascii_case(name))
    }
}

/// The type of a key among others. Every question looks keys up, and few are written with wildcards: only these are laid
/// beside each other character by character.
fn find(keys: &[(String, KeyType)], key: &str) -> Option<KeyType> {
    let is_wild = |text: &str| text.contains(['*', '?']);
    let same = |known: &str| known == key || (is_wild(known) || is_wild(key)) && meet(known, key);
    keys.iter().find(|(known, _)| same(known)).map(|(_, kind)| *kind)
}

/// Whether some ARN is of a shape, whose wildcards stay within their parts, and matches a written pattern.
pub(crate) fn arns_meet(shape: &str, written: &str) -> bool {
    let parts = |text: &'_ str| -> Vec<String> { text.splitn(6, ':').map(str::to_owned).collect() };
    let (shape_parts, own) = (parts(shape), parts(written));
    // A `*` at the end of a part may go past the colon: then only whole texts can be compared.
    let may_cross = own.iter().take(5).any(|part| part.ends_with('*'));
    if may_cross || shape_parts.len() != own.len() {
        return meet(shape, written);
    }
    shape_parts.iter().zip(&own).all(|(shape, own)| meet(shape, own))
}

/// Whether some text matches both globs.
pub(crate) fn meet(left: &str, right: &str) -> bool {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    // `below[j]`: whether the rest of `left` from here and that of `right` from `j` have a text in common.
    let mut below = vec![false; right.len() + 1];
    for i in (0..=left.len()).rev() {
        let mut row = vec![false; right.len() + 1];
        for j in (0..=right.len()).rev() {
            let at = |row: &[bool], j: usize| row.get(j).copied().unwrap_or(false);
            let meets = match (left.get(i), right.get(j)) {
                (None, None) => true,
                (Some('*'), other) => at(&below, j) || other.is_some() && at(&row, j + 1),
                (one, Some('*')) => at(&row, j + 1) || one.is_some() && at(&below, j),
                (Some(one), Some(other)) => {
                    (*one == '?' || *other == '?' || one == other) && at(&below, j + 1)
                }
                (None, Some(_)) | (Some(_), None) => false,
            };
            if let Some(slot) = row.get_mut(j) {
                *slot = meets;
            }
        }
        below = row;
    }
    below.first().copied().unwrap_or(false)
}

fn read(text: &str) -> Reference {
    let json = Json::parse(text).unwrap_or(Json::Null);
    let fields = |name: &str| json.field(name).and_then(Json::fields).unwrap_or_default();
    let global = fields("global")
        .iter()
        .filter_map(|(key, kind)| Some((key.to_ascii_lowercase(), key_type(kind.text()?)?)))
        .collect();
    Reference { global, services: fields("services").iter().map(service).collect() }
}

fn service((name, json): &(String, Json)) -> Service {
    let items = |field: &str| json.field(field).map(Json::items).unwrap_or_default();
    let places = |json: Option<&Json>| {
        let numbers = json.map(Json::items).unwrap_or_default().iter().filter_map(Json::scalar);
        numbers.filter_map(|number| number.parse().ok()).collect::<Vec<usize>>()
    };
    let key = |pair: &Json| match pair.items() {
        [name, kind] => Some((name.text()?.to_ascii_lowercase(), key_type(kind.text()?)?)),
        [..] => None,
    };
    let actions = json.field("actions").and_then(Json::fields).unwrap_or_default();
    let action = |(action, parts): &(String, Json)| Action {
        name: format!("{name}:{action}"),
        resources: places(parts.items().first()),
        keys: places(parts.items().get(1)),
    };
    Service {
        name: name.clone(),
        resources: items("resources").iter().filter_map(Json::text).map(str::to_owned).collect(),
        keys: items("keys").iter().filter_map(key).collect(),
        actions: actions.iter().map(action).collect(),
    }
}

fn key_type(text: &str) -> Option<KeyType> {
    let (one, many) = text.strip_prefix("ArrayOf").map_or((text, false), |one| (one, true));
    let value = match one {
        "String" => ValueType::Text,
        "ARN" => ValueType::Arn,
        "Bool" => ValueType::Truth,
        "Numeric" => ValueType::Number,
        "Date" => ValueType::Instant,
        "IPAddress" => ValueType::Address,
        _ => return None,
    };
    Some(KeyType { value, many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_meet_where_a_text_matches_both() {
        for (left, right, expected) in [
            ("a*", "*b", true),
            ("a?", "*b", true),
            ("a", "b", false),
            ("arn:*:kms:*:*:key/*", "arn:aws:s3:::b/*", true),
            ("*", "", true),
            ("?", "", false),
            ("**a", "b*a*", true),
            ("ab", "a", false),
        ] {
            assert_eq!(meet(left, right), expected, "{left} {right}");
            assert_eq!(meet(right, left), expected, "{right} {left}");
        }
    }

    #[test]
    fn arns_meet_part_by_part() {
        let key = "arn:*:kms:*:*:key/*";
        assert!(!arns_meet(key, "arn:aws:s3:::b/*"));
        assert!(arns_meet(key, "arn:aws:kms:eu-west-1:111122223333:*") && arns_meet(key, "*"));
        assert!(arns_meet(key, "arn:aws:*"), "a wildcard at the end of a part may go on");
        assert!(!arns_meet(key, "arn:aws:kms:eu-west-1:111122223333:alias/x"));
    }

    #[test]
    fn the_list_is_read_whole() {
        let list = reference();
        let read = list.actions("secretsmanager:Get*Value").unwrap();
        assert_eq!(read[0].name, "secretsmanager:GetSecretValue");
        assert!(list.resources(read[0])[0].contains(":secret:"));
        assert!(list.has_key(read[0], "secretsmanager:VersionStage"));
        assert!(list.actions("secretsmanager:Nonsense").unwrap().is_empty());
        assert!(list.actions("nonsense:Do").is_none());
        let many = KeyType { value: ValueType::Text, many: true };
        assert_eq!(list.key_type("aws:TagKeys"), Some(Some(many)));
        assert_eq!(list.key_type("aws:PrincipalTag/team").flatten().map(|kind| kind.many), Some(false));
        assert_eq!(list.key_type("aws:Nonsense"), Some(None));
        assert_eq!(list.key_type("saml:aud"), None);
        assert_eq!(list.provider_key_type("saml:cn"), Some(many));
        assert_eq!(list.provider_key_type("saml:nonsense"), None);
        let numbers = list.services.iter().flat_map(|service| &service.actions).count();
        assert!(numbers > 2_000, "{numbers}");
    }
}
