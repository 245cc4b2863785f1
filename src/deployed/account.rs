//! The account of a template that was synthesized for one.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::texts;

/// The account that a template's key policies delegate to, where that is one account and the template takes no other
/// from its deployment: a key that its own account cannot administer would be refused by KMS.
pub(crate) fn account(template: &Value) -> Option<String> {
    let resources = template.get("Resources").and_then(Value::as_object);
    let is_key = |it: &&Value| it.get("Type").and_then(Value::as_str) == Some("AWS::KMS::Key");
    let policies = resources
        .into_iter()
        .flat_map(Map::values)
        .filter(is_key)
        .filter_map(|it| it.pointer("/Properties/KeyPolicy"));
    let mut accounts = BTreeSet::new();
    let mut found = Vec::new();
    for policy in policies {
        texts(Some(policy), &mut |text| found.push(text));
    }
    for text in found {
        if text.contains("AWS::AccountId") {
            return None;
        }
        let before = text.split(":root").next().filter(|before| before.len() < text.len());
        let id = before.and_then(|before| before.rsplit(':').next()).unwrap_or_default();
        if id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()) {
            accounts.insert(id.to_owned());
        }
    }
    let mut accounts = accounts.into_iter();
    accounts.next().filter(|_| accounts.next().is_none())
}

/// The Region that a template was synthesized for, by the same token.
pub(crate) fn region(template: &Value) -> Option<String> {
    let mut takes_it = false;
    let mut regions: BTreeSet<&str> = BTreeSet::new();
    texts(Some(template), &mut |text| {
        takes_it |= text.contains("AWS::Region");
        let via = text.strip_prefix("secretsmanager.");
        regions.extend(via.and_then(|rest| rest.split(".amazonaws.com").next()));
    });
    if takes_it {
        return None;
    }
    let mut regions = regions.into_iter().filter(|region| !region.is_empty() && !region.contains('$'));
    regions.next().filter(|_| regions.next().is_none()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_account_and_no_other_way() {
        let template = |principals: Value| {
            json!({ "Resources": { "K": { "Type": "AWS::KMS::Key", "Properties": { "KeyPolicy": {
                "Statement": [{ "Principal": { "AWS": principals } }] } } } } })
        };
        let root = |id: &str| json!({ "Fn::Join": ["", ["arn:", { "Ref": "AWS::Partition" }, format!(":iam::{id}:root")]] });
        assert_eq!(account(&template(root("111122223333"))).as_deref(), Some("111122223333"));
        assert_eq!(account(&template(json!([root("111122223333"), root("444455556666")]))), None);
        let own = json!({ "Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root" });
        assert_eq!(account(&template(json!([own, root("444455556666")]))), None);
        assert_eq!(account(&json!({})), None);
    }
}
