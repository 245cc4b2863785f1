//! What AWS promises about condition keys: which are always sent, which follow from the caller, which have many values.
//!
//! A proof may use these facts only by naming them; a witness that breaks one cannot happen.
//! Source: IAM User Guide, *AWS global condition context keys*; KMS guide, *AWS KMS condition keys*.

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

/// Whether the documentation says that the key can have several values.
pub(crate) fn is_multivalued(key: &str) -> bool {
    let exact = [
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:sourceorgpaths",
        "aws:tagkeys",
        "dynamodb:attributes",
        "kms:encryptioncontextkeys",
    ];
    exact.contains(&key)
}

/// The usual way to write a key that is kept in lower case.
pub(crate) fn written(key: &str) -> String {
    let known = [
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
    let same = |name: &&&str| name.eq_ignore_ascii_case(key);
    if let Some(name) = known.iter().find(same) {
        return (*name).to_owned();
    }
    for prefix in ["aws:PrincipalTag/", "aws:RequestTag/", "aws:ResourceTag/", "kms:EncryptionContext:"] {
        if let Some((start, rest)) = key.split_at_checked(prefix.len())
            && start.eq_ignore_ascii_case(prefix)
        {
            return format!("{prefix}{rest}");
        }
    }
    key.to_owned()
}
