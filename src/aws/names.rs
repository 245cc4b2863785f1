//! Names that people give to things in AWS.

use super::form::{only, text_form};

text_form! {
    /// A role name, optionally with its path and without the first slash: `platform/deployer`; path and name
    /// share 64 characters where the console switches roles (facts: limits.md, IAM).
    RoleName: "a role name", 1..=64,
    |text| only(text, "_+=,.@-/") && text.split('/').all(|part| !part.is_empty()),
    pattern "^[A-Za-z0-9_+=,.@-]+(/[A-Za-z0-9_+=,.@-]+)*$",
    rule "a role name has 1 to 64 letters, digits or `_+=,.@-`, with `/` between path and name",
    example "platform-admin"
}

text_form! {
    /// The name of a customer managed policy (facts: limits.md, IAM).
    PolicyName: "a policy name", 1..=128, |text| only(text, "_+=,.@-"),
    pattern "^[A-Za-z0-9_+=,.@-]{1,128}$",
    rule "a policy name has 1 to 128 letters, digits or `_+=,.@-`", example "org-boundary"
}

text_form! {
    /// The name of a secret; a hyphen and six characters at its end would look like the suffix that Secrets
    /// Manager adds (facts: limits.md, Secrets Manager; iam.md, secret ARNs).
    SecretName: "a secret name", 1..=512, |text| only(text, "/_+=.@-") && !looks_suffixed(text),
    pattern "^[A-Za-z0-9/_+=.@-]{1,512}$",
    rule "a secret name has 1 to 512 letters, digits or `/_+=.@-` and does not end in a hyphen and six characters",
    example "orders/production/legacy-database"
}

text_form! {
    /// The name of a CloudWatch log group.
    LogGroupName: "a log group name", 1..=512, |text| only(text, "/_.#-"),
    pattern "^[A-Za-z0-9/_.#-]{1,512}$",
    rule "a log group name has 1 to 512 letters, digits or `/_.#-`", example "/org/trail"
}

text_form! {
    /// The identifier of a database cluster, instance, workgroup or namespace.
    DatabaseIdentifier: "a database identifier", 1..=64, |text| only(text, "-"),
    pattern "^[A-Za-z0-9-]{1,64}$",
    rule "a database identifier has 1 to 64 letters, digits or hyphens", example "orders-prod"
}

text_form! {
    /// The id that IAM database login uses: of an instance, a cluster or a proxy (facts: iam.md, RDS IAM login).
    DatabaseResourceId: "a database resource id", 4..=64,
    |text| only(text, "-") && ["db-", "cluster-", "prx-"].iter().any(|kind| text.starts_with(kind)),
    pattern "^(db|cluster|prx)-[A-Za-z0-9-]+$",
    rule "a database resource id begins with `db-`, `cluster-` or `prx-`", example "cluster-AAAA"
}

text_form! {
    /// The id of an ElastiCache user, which is not its name (ElastiCache API, `UserId`).
    CacheUserId: "the id of an ElastiCache user", 1..=40,
    |text| text.starts_with(|c: char| c.is_ascii_alphabetic()) && only(text, "-"),
    pattern "^[A-Za-z][A-Za-z0-9-]{0,39}$",
    rule "the id of an ElastiCache user begins with a letter and has up to 40 letters, digits or hyphens",
    example "sessions-app"
}

text_form! {
    /// A user of a database.
    DatabaseUser: "a database user name", 1..=128, |text| only(text, "_.$@-"),
    pattern "^[A-Za-z0-9_.$@-]{1,128}$",
    rule "a database user name has 1 to 128 letters, digits or `_.$@-`", example "orders_app"
}

text_form! {
    /// The issuer of a cluster's service account tokens, without `https://` (facts: iam.md, EKS IRSA).
    OidcProvider: "an OIDC provider", 20..=255,
    |text| only(text, "./-") && text.starts_with("oidc.eks.") && text.contains("/id/") && !text.ends_with('/'),
    pattern "^oidc[.]eks[.][A-Za-z0-9.-]+/id/[A-Za-z0-9]+$",
    rule "an OIDC provider is written without `https://`, as `oidc.eks.REGION.amazonaws.com/id/ID`",
    example "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
}

text_form! {
    /// The key of a tag; `aws:` is taken (facts: limits.md, Secrets Manager tags).
    TagKey: "a tag key", 1..=127,
    |text| tag_text(text) && !text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")),
    pattern "^(?![aA][wW][sS]:).{1,127}$",
    rule "a tag key has 1 to 127 letters, digits, spaces or `_.:/=+-@` and does not begin with `aws:`",
    example "cost-centre"
}

text_form! {
    /// The value of a tag (facts: limits.md, Secrets Manager tags).
    TagValue: "a tag value", 0..=255, tag_text,
    pattern "^.{0,255}$",
    rule "a tag value has up to 255 letters, digits, spaces or `_.:/=+-@`", example "4711"
}

fn looks_suffixed(text: &str) -> bool {
    text.rsplit_once('-')
        .is_some_and(|(before, last)| !before.is_empty() && last.len() == 6 && only(last, ""))
}

fn tag_text(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Form;

    #[test]
    fn a_role_name_may_have_a_path() {
        assert!(RoleName::parse("platform/deployer").is_ok());
        assert!(RoleName::parse("/deployer").is_err());
        assert!(RoleName::parse("a//b").is_err());
        assert!(RoleName::parse(&"r".repeat(65)).is_err());
    }

    #[test]
    fn a_secret_name_does_not_pretend_to_have_a_suffix() {
        assert!(SecretName::parse("orders/database").is_ok());
        assert!(SecretName::parse("orders-AbCdEf").is_err());
    }

    #[test]
    fn tags_may_not_take_the_reserved_prefix() {
        assert!(TagKey::parse("AWS:owner").is_err());
        assert!(TagKey::parse("cost centre").is_ok());
        assert!(TagValue::parse("").is_ok());
        assert!(TagValue::parse("a\nb").is_err());
    }
}
