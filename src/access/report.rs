//! JSON in and out: one request per line to decide, a comparison as an object.

use serde_json::{Map, Value, json};

use super::context_keys::written;
use super::evaluate::{Policies, evaluate};
use super::policy::{Json, Policy, PolicyError, PolicyKind};
use super::question::{Answer, Budget, Comparison, compare};
use super::request::{Context, Principal, Request};
use super::unknown::readable;

/// Compares two documents by their texts; a document that cannot be read leaves the answer open.
pub fn compare_texts(old: &str, new: &str, kind: PolicyKind, budget: Budget) -> Comparison {
    let read = |which: &str, text: &str| {
        Policy::parse(text, kind)
            .map_err(|errors| format!("the {which} policy is invalid: {}", joined(&errors)))
    };
    match (read("old", old), read("new", new)) {
        (Ok(old), Ok(new)) => compare(&old, &new, budget),
        (Err(reason), _) | (_, Err(reason)) => Comparison { answer: Answer::Undecided(reason), note: None },
    }
}

/// The comparison as `{"verdict", "witness", "reason"}`.
pub fn comparison_json(comparison: &Comparison) -> Value {
    let (verdict, witness, reason) = match &comparison.answer {
        Answer::Proven => ("no-new-access", Value::Null, None),
        Answer::Refuted(request) => ("new-access", witness(request), None),
        Answer::Undecided(reason) => ("unknown", Value::Null, Some(reason)),
    };
    let reason = reason.or(comparison.note.as_ref());
    json!({ "verdict": verdict, "witness": witness, "reason": reason.map(|text| readable(text)) })
}

/// A request as `{"principal", "action", "resource", "context"}`, unknown characters as `?`.
pub fn witness(request: &Request) -> Value {
    let value = |values: &[String]| match values {
        [one] => Value::from(readable(one)),
        several => several.iter().map(|text| readable(text)).collect(),
    };
    let context: Map<String, Value> =
        request.context.iter().map(|(key, values)| (written(key), value(values))).collect();
    json!({
        "principal": readable(&request.principal.to_string()),
        "action": request.action,
        "resource": readable(&request.resource),
        "context": context,
    })
}

/// Decides one line of JSON; the answer is `{"decision": "allow" | "deny", "by": […]}`.
///
/// # Errors
///
/// What is wrong with the line.
pub fn decide_line(line: &str) -> Result<Value, String> {
    let json = Json::parse(line)?;
    if let Some(name) = json.field("request").and_then(too_long) {
        return Err(format!("`{name}` of the request holds a text longer than AWS accepts"));
    }
    let fields = json.fields().ok_or("a line is not a JSON object")?;
    const KNOWN: [&str; 8] =
        ["request", "identity", "resourcePolicy", "boundaries", "sessionPolicy", "scps", "rcps", "endpoint"];
    if let Some((unknown, _)) = fields.iter().find(|(name, _)| !KNOWN.contains(&name.as_str())) {
        return Err(format!("unknown field `{unknown}`"));
    }
    let request = request(json.field("request").ok_or("`request` is missing")?)?;
    let list = |name: &str, kind| policies(json.field(name), name, kind);
    let levels = |name: &str, kind| -> Result<Vec<Vec<Policy>>, String> {
        let levels = json.field(name).filter(|value| **value != Json::Null);
        let levels = levels.map(Json::items).unwrap_or_default();
        levels.iter().map(|level| policies(Some(level), name, kind)).collect()
    };
    let trust =
        request.action.to_ascii_lowercase().starts_with("sts:") && request.resource.contains(":role/");
    let resource_kind = if trust { PolicyKind::Trust } else { PolicyKind::Resource };
    let mut resource = list("resourcePolicy", resource_kind)?;
    if resource.len() > 1 {
        return Err("`resourcePolicy` holds more than one policy".to_owned());
    }
    let policies = Policies {
        identity: list("identity", PolicyKind::Identity)?,
        resource: resource.pop(),
        boundaries: list("boundaries", PolicyKind::Boundary)?,
        session: list("sessionPolicy", PolicyKind::Session)?,
        scps: levels("scps", PolicyKind::Scp)?,
        rcps: levels("rcps", PolicyKind::Rcp)?,
        endpoint: list("endpoint", PolicyKind::Endpoint)?,
    };
    let decision = evaluate(&request, &policies);
    let word = if decision.allowed { "allow" } else { "deny" };
    Ok(json!({ "decision": word, "by": decision.by }))
}

/// Longer than any ARN or header; matching costs the product of text and pattern.
const LONGEST_TEXT: usize = 32_768;

fn too_long(json: &Json) -> Option<&str> {
    json.fields()?.iter().find_map(|(name, value)| {
        let long = |item: &Json| item.text().is_some_and(|text| text.len() > LONGEST_TEXT);
        if value.items().iter().any(long) { Some(name.as_str()) } else { too_long(value) }
    })
}

fn policies(json: Option<&Json>, name: &str, kind: PolicyKind) -> Result<Vec<Policy>, String> {
    let items = match json {
        None | Some(Json::Null) => return Ok(Vec::new()),
        Some(json) => json.items(),
    };
    let read = |(index, item): (usize, &Json)| {
        let policy = Policy::from_json(item, kind)
            .map_err(|errors| format!("`{name}` policy {index} is invalid: {}", joined(&errors)))?;
        match policy.unsupported().first() {
            Some(construct) => Err(format!("`{name}` policy {index} is not understood: {construct}")),
            None => Ok(policy),
        }
    };
    items.iter().enumerate().map(read).collect()
}

fn request(json: &Json) -> Result<Request, String> {
    let text = |name: &str| -> Result<String, String> {
        let value = json.field(name).and_then(Json::text);
        value.map(str::to_owned).ok_or_else(|| format!("`request` has no text `{name}`"))
    };
    let mut context = Context::default();
    match json.field("context") {
        None | Some(Json::Null) => {}
        Some(keys) => {
            for (key, value) in keys.fields().ok_or("`context` is not an object")? {
                let values: Option<Vec<String>> = value.items().iter().map(Json::scalar).collect();
                context.add(key, values.ok_or_else(|| format!("`{key}` holds something other than values"))?);
            }
        }
    }
    let principal = principal(json.field("principal").ok_or("`request` has no `principal`")?, &context)?;
    let resource_account = json.field("resourceAccount").and_then(Json::text).map(str::to_owned);
    Ok(Request { principal, action: text("action")?, resource: text("resource")?, resource_account, context })
}

/// A principal as text, or as the one entry of a principal element.
fn principal(json: &Json, context: &Context) -> Result<Principal, String> {
    if let Some(text) = json.text() {
        return Ok(Principal::parse(text, context));
    }
    let entry = match json.fields() {
        Some([(family, value)]) => value.text().map(|text| (family.as_str(), text)),
        Some(_) | None => None,
    };
    match entry {
        Some(("AWS", text)) => Ok(Principal::parse(text, context)),
        Some(("Service", name)) => Ok(Principal::Service(name.to_ascii_lowercase())),
        Some(("Federated", name)) => Ok(Principal::Federated(name.to_owned())),
        Some(("CanonicalUser", id)) => Ok(Principal::Canonical(id.to_owned())),
        Some(_) | None => Err("`principal` is neither text nor one principal".to_owned()),
    }
}

fn joined(errors: &[PolicyError]) -> String {
    let texts: Vec<String> = errors.iter().take(5).map(PolicyError::to_string).collect();
    texts.join("; ")
}
