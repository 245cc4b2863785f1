//! ARNs that follow from names alone, so that stacks do not wait for each other.

use crate::cfn::value::words::{AnyArn, Text};
use crate::cfn::{Pseudo, Sub, Value};

/// Where a template is deployed: what `AWS::AccountId` and `AWS::Region` say there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vantage<'a> {
    /// The account.
    pub(super) account: &'a str,
    /// The Region.
    pub(super) region: &'a str,
}

/// The service name of Secrets Manager in a Region, as `kms:ViaService` carries it.
pub(super) fn secrets_manager_service(region: &str, from: Vantage<'_>) -> Value<Text> {
    let sub = Sub::new().text("secretsmanager.");
    region_part(sub, region, from).text(".").pseudo(Pseudo::UrlSuffix).build()
}

/// The account principal, which stands for every principal of an account.
pub(super) fn account_principal(account: &str, from: Vantage<'_>) -> Value<AnyArn> {
    account_part(iam(), account, from).text(":root").build()
}

/// A role by account and name; the name may carry a path.
pub(super) fn role(account: &str, name: &str, from: Vantage<'_>) -> Value<Text> {
    account_part(iam(), account, from).text(":role/").text(name).build()
}

/// A user of the stack's account by name.
pub(super) fn user(name: &str) -> Value<Text> {
    iam().pseudo(Pseudo::AccountId).text(":user/").text(name).build()
}

/// A managed policy of the stack's account by name, or an ARN as it is.
pub(super) fn policy(name: &str) -> Value<Text> {
    if name.starts_with("arn:") {
        return Value::from(name);
    }
    iam().pseudo(Pseudo::AccountId).text(":policy/").text(name).build()
}

/// A secret by name: exactly the secrets of that name, whose ARNs end in a hyphen and six characters.
pub(super) fn secret(name: &str, account: &str, region: &str, from: Vantage<'_>) -> Value<Text> {
    let sub = region_part(partition("secretsmanager:"), region, from).text(":");
    account_part(sub, account, from).text(":secret:").text(name).text("-??????").build()
}

/// Something of a service in the stack's own account and Region.
pub(super) fn regional(service: &str, rest: &str) -> Value<Text> {
    partition(service)
        .text(":")
        .pseudo(Pseudo::Region)
        .text(":")
        .pseudo(Pseudo::AccountId)
        .text(":")
        .text(rest)
        .build()
}

/// The stack's account as text.
pub(super) fn own_account() -> Value<Text> {
    Value::pseudo(Pseudo::AccountId)
}

/// Any text as an ARN.
pub(super) fn as_arn(text: Value<Text>) -> Value<AnyArn> {
    match text {
        Value::Literal(text) => Value::Literal(AnyArn(text.0)),
        Value::Expr(expr, _) => Value::expr(expr),
    }
}

fn iam() -> Sub {
    partition("iam::")
}

fn partition(rest: &str) -> Sub {
    Sub::new().text("arn:").pseudo(Pseudo::Partition).text(":").text(rest)
}

fn account_part(sub: Sub, account: &str, from: Vantage<'_>) -> Sub {
    if account == from.account { sub.pseudo(Pseudo::AccountId) } else { sub.text(account) }
}

fn region_part(sub: Sub, region: &str, from: Vantage<'_>) -> Sub {
    if region == from.region { sub.pseudo(Pseudo::Region) } else { sub.text(region) }
}
