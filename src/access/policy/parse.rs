//! From JSON to statements: which elements a kind of policy has, and what is refused.

use super::super::pattern::{Pattern, Piece, Variables, Wildcards};
use super::condition::{self, Condition};
use super::json::Json;
use super::principal::{self, Entry, PrincipalElement};
use super::{Effect, Element, Policy, PolicyError, PolicyKind, Statement};

/// No policy that AWS accepts is longer: the quota of a KMS key policy (KMS Developer Guide, *Resource quotas*).
const LONGEST_TEXT: usize = 32_768;

/// Reads a document.
pub(super) fn policy(json: &Json, kind: PolicyKind) -> Result<Policy, Vec<PolicyError>> {
    let mut errors = Errors::default();
    let Some(fields) = json.fields() else {
        errors.add("", "a policy is not a JSON object");
        return Err(errors.list);
    };
    for (name, _) in fields {
        if !matches!(name.as_str(), "Version" | "Id" | "Statement") {
            errors.add(&format!("/{name}"), format!("unknown policy element `{name}`"));
        }
    }
    let variables = version(json.field("Version"), &mut errors);
    let mut statements = Vec::new();
    match json.field("Statement") {
        None => errors.add("", "`Statement` is missing"),
        Some(list) => {
            for (index, item) in list.items().iter().enumerate() {
                let reader = Reader { kind, variables, index };
                statements.extend(reader.statement(item, &mut errors));
            }
        }
    }
    if errors.list.is_empty() { Ok(Policy { kind, statements: statements.into() }) } else { Err(errors.list) }
}

/// Only the current version has policy variables; without a version the old one holds.
fn version(json: Option<&Json>, errors: &mut Errors) -> Variables {
    match json.map(Json::text) {
        None | Some(Some("2008-10-17")) => Variables::Literal,
        Some(Some("2012-10-17")) => Variables::Active,
        Some(_) => {
            errors.add("/Version", "`Version` is neither `2012-10-17` nor `2008-10-17`");
            Variables::Literal
        }
    }
}

#[derive(Default)]
struct Errors {
    list: Vec<PolicyError>,
}

impl Errors {
    fn add(&mut self, path: &str, message: impl Into<String>) {
        self.list.push(PolicyError { path: path.to_owned(), message: message.into() });
    }
}

#[derive(Clone, Copy)]
struct Reader {
    kind: PolicyKind,
    variables: Variables,
    index: usize,
}

impl Reader {
    fn path(self, name: &str) -> String {
        format!("/Statement/{}/{name}", self.index)
    }

    fn statement(self, json: &Json, errors: &mut Errors) -> Option<Statement> {
        let here = format!("/Statement/{}", self.index);
        let Some(fields) = json.fields() else {
            errors.add(&here, "a statement is not a JSON object");
            return None;
        };
        for (name, _) in fields {
            if !ELEMENTS.contains(&name.as_str()) {
                errors.add(&self.path(name), format!("unknown statement element `{name}`"));
            }
        }
        let effect = match json.field("Effect").and_then(Json::text) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            Some(_) | None => {
                errors.add(&self.path("Effect"), "`Effect` is neither `Allow` nor `Deny`");
                Effect::Deny
            }
        };
        let mut unsupported = Vec::new();
        let action = self.action(json, errors);
        let resource = self.resource(json, &mut unsupported, errors);
        let principal = self.principal(json, &mut unsupported, errors);
        let conditions = self.conditions(json.field("Condition"), &mut unsupported, errors);
        let sid = json.field("Sid").and_then(Json::text).map(str::to_owned);
        let index = self.index;
        Some(Statement { sid, index, effect, principal, action, resource, conditions, unsupported })
    }

    /// The strings of `name` or `Not<name>`, and whether it was the latter.
    fn either(self, json: &Json, name: &str, errors: &mut Errors) -> Option<(Vec<String>, bool)> {
        let not = format!("Not{name}");
        let (written, value, negated) = match (json.field(name), json.field(&not)) {
            (Some(value), None) => (name, value, false),
            (None, Some(value)) => (not.as_str(), value, true),
            (Some(_), Some(_)) => {
                errors.add(&self.path(&not), format!("both `{name}` and `{not}`"));
                return None;
            }
            (None, None) => return None,
        };
        Some((self.strings(written, value, errors), negated))
    }

    fn strings(self, name: &str, json: &Json, errors: &mut Errors) -> Vec<String> {
        let mut texts = Vec::new();
        for item in json.items() {
            match item.text() {
                Some(text) if text.len() > LONGEST_TEXT => {
                    errors.add(
                        &self.path(name),
                        format!("`{name}` holds a text longer than any policy may be"),
                    );
                }
                Some(text) => texts.push(text.to_owned()),
                None => errors.add(&self.path(name), format!("`{name}` holds something other than text")),
            }
        }
        texts
    }

    fn action(self, json: &Json, errors: &mut Errors) -> Element {
        let Some((texts, negated)) = self.either(json, "Action", errors) else {
            if json.field("Action").is_none() {
                errors.add(&self.path("Action"), "neither `Action` nor `NotAction`");
            }
            return Element::Everything;
        };
        let mut patterns = Vec::new();
        for text in &texts {
            if text != "*" && !text.contains(':') {
                errors.add(&self.path("Action"), format!("action `{text}` names no service"));
            }
            patterns.push(Pattern::parse(text, Wildcards::Active, Variables::Literal).folded());
        }
        element(patterns, negated)
    }

    fn resource(self, json: &Json, unsupported: &mut Vec<String>, errors: &mut Errors) -> Element {
        let Some((texts, negated)) = self.either(json, "Resource", errors) else {
            let optional = matches!(self.kind, PolicyKind::Trust | PolicyKind::Resource);
            if !optional && json.field("Resource").is_none() {
                errors.add(&self.path("Resource"), "neither `Resource` nor `NotResource`");
            }
            return Element::Everything;
        };
        if self.kind == PolicyKind::Trust {
            errors.add(&self.path("Resource"), "a trust policy has no `Resource`");
        }
        let mut patterns = Vec::new();
        for text in &texts {
            let pattern = Pattern::parse(text, Wildcards::Active, self.variables);
            let early = |part: &&[Piece]| part.iter().any(|piece| matches!(piece, Piece::Variable(_)));
            if pattern.parts().iter().take(5).any(early) {
                unsupported.push(format!("the variable before the fifth colon of `{text}`"));
            }
            patterns.push(pattern);
        }
        element(patterns, negated)
    }

    fn principal(self, json: &Json, unsupported: &mut Vec<String>, errors: &mut Errors) -> PrincipalElement {
        let (value, negated) = match (json.field("Principal"), json.field("NotPrincipal")) {
            (Some(value), None) => (value, false),
            (None, Some(value)) => (value, true),
            (Some(_), Some(_)) => {
                errors.add(&self.path("NotPrincipal"), "both `Principal` and `NotPrincipal`");
                return PrincipalElement::Absent;
            }
            (None, None) => {
                if self.kind.has_principal() {
                    errors.add(&self.path("Principal"), "neither `Principal` nor `NotPrincipal`");
                }
                return PrincipalElement::Absent;
            }
        };
        if !self.kind.has_principal() || (negated && self.kind == PolicyKind::Trust) {
            let name = if negated { "NotPrincipal" } else { "Principal" };
            errors.add(&self.path(name), format!("this kind of policy has no `{name}`"));
        }
        let entries = self.entries(value, unsupported, errors);
        if negated { PrincipalElement::NotIn(entries) } else { PrincipalElement::In(entries) }
    }

    fn entries(self, json: &Json, unsupported: &mut Vec<String>, errors: &mut Errors) -> Vec<Entry> {
        if json.text() == Some("*") {
            return vec![Entry::Anyone];
        }
        let Some(families) = json.fields() else {
            errors.add(&self.path("Principal"), "a principal is neither `*` nor an object");
            return Vec::new();
        };
        let mut entries = Vec::new();
        for (family, values) in families {
            for text in self.strings(family, values, errors) {
                match principal::entry(family, &text) {
                    Ok(entry) => entries.push(entry),
                    Err(construct) => unsupported.push(construct),
                }
            }
        }
        entries
    }

    fn conditions(
        self,
        json: Option<&Json>,
        unsupported: &mut Vec<String>,
        errors: &mut Errors,
    ) -> Vec<Condition> {
        let mut conditions = Vec::new();
        let Some(json) = json else { return conditions };
        let Some(operators) = json.fields() else {
            errors.add(&self.path("Condition"), "`Condition` is not an object");
            return conditions;
        };
        for (operator, block) in operators {
            let Some(keys) = block.fields() else {
                errors.add(&self.path("Condition"), format!("`{operator}` is not an object"));
                continue;
            };
            for (key, values) in keys {
                let texts: Option<Vec<String>> = values.items().iter().map(Json::scalar).collect();
                let Some(texts) = texts else {
                    errors.add(&self.path("Condition"), format!("`{key}` holds something other than values"));
                    continue;
                };
                if texts.iter().any(|text| text.len() > LONGEST_TEXT) {
                    errors.add(
                        &self.path("Condition"),
                        format!("`{key}` holds a text longer than any policy may be"),
                    );
                    continue;
                }
                match condition::condition(operator, key, &texts, self.variables) {
                    Ok(condition) => conditions.push(condition),
                    Err(construct) => unsupported.push(format!("{construct} on `{key}` {texts:?}")),
                }
            }
        }
        conditions
    }
}

fn element(patterns: Vec<Pattern>, negated: bool) -> Element {
    if negated { Element::NotIn(patterns) } else { Element::In(patterns) }
}

const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];
