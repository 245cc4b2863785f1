//! What AWS promises about condition keys: which are always sent, which follow from the caller, which have many values.
//!
//! A proof may use these facts only by naming them; a witness that breaks one cannot happen.
//! Source: IAM User Guide, *AWS global condition context keys*; KMS guide, *AWS KMS condition keys*.

use super::reference::reference;

/// How a key's value comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fact {
    /// In every request, with one of these values; an empty list means any value.
    Always(&'static [&'static str]),
    /// The ARN of the calling user, role or root user.
    PrincipalArn,
    /// The caller's account.
    PrincipalAccount,
    /// `User`, `AssumedRole` and so on.
    PrincipalType,
    /// `true` for a service principal.
    PrincipalIsService,
    /// Only when a service principal calls.
    ServiceOnly,
    /// Only when an AWS principal calls.
    AwsOnly,
    /// The account that owns the resource.
    ResourceAccount,
}

/// The table: key in lower case, fact.
pub(crate) const FACTS: [(&str, Fact); 17] = [
    ("aws:currenttime", Fact::Always(&[])),
    ("aws:epochtime", Fact::Always(&[])),
    ("aws:requestedregion", Fact::Always(&[])),
    ("aws:securetransport", Fact::Always(&["true", "false"])),
    ("aws:principalarn", Fact::PrincipalArn),
    ("aws:principalaccount", Fact::PrincipalAccount),
    ("kms:calleraccount", Fact::PrincipalAccount),
    ("aws:principaltype", Fact::PrincipalType),
    ("aws:principalisawsservice", Fact::PrincipalIsService),
    ("aws:principalservicename", Fact::ServiceOnly),
    ("aws:sourcearn", Fact::ServiceOnly),
    ("aws:sourceaccount", Fact::ServiceOnly),
    ("aws:sourceorgid", Fact::ServiceOnly),
    ("aws:principalorgid", Fact::AwsOnly),
    ("aws:userid", Fact::AwsOnly),
    ("aws:username", Fact::AwsOnly),
    ("aws:resourceaccount", Fact::ResourceAccount),
];

/// Whether a key can have several values. The guides name some that can; of others the dated list of service keys is
/// asked, and one that nobody knows counts as one that can: an operator without set operator says too little of it.
pub(crate) fn is_multivalued(key: &str) -> bool {
    let documented = [
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:sourceorgpaths",
        "aws:tagkeys",
        "cognito-identity.amazonaws.com:amr",
        "dynamodb:attributes",
        "kms:encryptioncontextkeys",
    ];
    if documented.contains(&key) {
        return true;
    }
    let single = WRITTEN.iter().any(|name| name.eq_ignore_ascii_case(key))
        || FACTS.iter().any(|(name, _)| *name == key)
        || PREFIXES.iter().any(|prefix| starts_with(key, prefix));
    let listed = || {
        let list = reference();
        list.key_type(key).flatten().or_else(|| list.provider_key_type(key))
    };
    !single && listed().is_none_or(|kind| kind.many)
}

/// Keys as they are usually written.
const WRITTEN: [&str; 30] = [
    "aws:CalledVia",
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName",
    "aws:PrincipalType",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:SecureTransport",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIp",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:TagKeys",
    "aws:VpcSourceIp",
    "aws:userid",
    "aws:username",
    "kms:CallerAccount",
    "kms:EncryptionContext:SecretARN",
    "kms:EncryptionContext:SecretVersionId",
    "kms:ViaService",
    "secretsmanager:VersionStage",
];

/// How keys begin that end in a name of somebody's own; each of them has one value.
const PREFIXES: [&str; 4] =
    ["aws:PrincipalTag/", "aws:RequestTag/", "aws:ResourceTag/", "kms:EncryptionContext:"];

fn starts_with(key: &str, prefix: &str) -> bool {
    key.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// The usual way to write a key that is kept in lower case.
pub(crate) fn written(key: &str) -> String {
    if let Some(name) = WRITTEN.iter().find(|name| name.eq_ignore_ascii_case(key)) {
        return (*name).to_owned();
    }
    if let Some(prefix) = PREFIXES.iter().find(|prefix| starts_with(key, prefix)) {
        return format!("{prefix}{}", key.get(prefix.len()..).unwrap_or_default());
    }
    key.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_one_value_where_that_is_known() {
        for key in ["aws:principalarn", "aws:requesttag/team", "kms:viaservice", "s3:prefix", "saml:sub"] {
            assert!(!is_multivalued(key), "{key}");
        }
        for key in ["aws:tagkeys", "kms:resourcealiases", "kms:grantoperations", "saml:cn", "new:key", "key"]
        {
            assert!(is_multivalued(key), "{key}");
        }
    }
}
