//! Trust policies: who may assume a role that keyprint makes. Only condition keys that the service is documented to
//! supply are asked for; a key that never comes would refuse every call.

use crate::cfn::{ConditionOperator, PolicyDocument, PrincipalElement, Pseudo, Statement, Sub, Value};
use crate::inventory::{PersonTrust, Trust};
use crate::source::Origin;

use super::arn::{self, Vantage};

/// Seconds since the last MFA check that still count; AWS's own example of MFA-protected API access.
const MFA_AGE_SECONDS: &str = "3600";

/// The trust policy of a consumer's role; `external_id` is the parameter that holds the agreed external id.
pub(super) fn document(
    trust: &Trust,
    from: Vantage<'_>,
    regions: &[&str],
    external_id: Option<Value<crate::cfn::value::words::Text>>,
    origin: Origin,
) -> PolicyDocument {
    let by = origin.derived("trust policy");
    let statement = match trust {
        Trust::Service { principals, source_account, source_arn, external_ids } => {
            let principals = principals.iter().map(|name| Value::from(*name)).collect();
            let mut statement =
                Statement::allow("Assume", ["sts:AssumeRole"], by).by(PrincipalElement::Service(principals));
            if *source_account {
                statement = statement.when(
                    ConditionOperator::StringEquals,
                    "aws:SourceAccount",
                    [arn::own_account()],
                );
            }
            if let Some((service, rest)) = source_arn {
                statement = statement.when(
                    ConditionOperator::ArnLike,
                    "aws:SourceArn",
                    regions.iter().map(|region| in_region(service, rest, region, from)),
                );
            }
            if !external_ids.is_empty() {
                statement = statement.when(
                    ConditionOperator::StringEquals,
                    "sts:ExternalId",
                    external_ids.iter().flat_map(|(service, rest)| {
                        regions.iter().map(move |region| in_region(service, rest, region, from))
                    }),
                );
            }
            statement
        }
        Trust::PodIdentity { namespace, service_account } => {
            Statement::allow("Assume", ["sts:AssumeRole", "sts:TagSession"], by)
                .by(PrincipalElement::Service(vec![Value::from("pods.eks.amazonaws.com")]))
                .when(
                    ConditionOperator::StringEquals,
                    "aws:RequestTag/kubernetes-namespace",
                    [Value::from(namespace.value.as_str())],
                )
                .when(
                    ConditionOperator::StringEquals,
                    "aws:RequestTag/kubernetes-service-account",
                    [Value::from(service_account.value.as_str())],
                )
        }
        Trust::WebIdentity { provider, audience, subjects } => {
            let host = &provider.value;
            let provider = Sub::new()
                .text("arn:")
                .pseudo(Pseudo::Partition)
                .text(":iam::")
                .pseudo(Pseudo::AccountId)
                .text(":oidc-provider/")
                .text(host)
                .build();
            Statement::allow("Assume", ["sts:AssumeRoleWithWebIdentity"], by)
                .by(PrincipalElement::Federated(provider))
                .when(ConditionOperator::StringEquals, format!("{host}:aud"), [Value::from(*audience)])
                .when(
                    ConditionOperator::StringEquals,
                    format!("{host}:sub"),
                    subjects.iter().map(|subject| Value::from(subject.value.as_str())),
                )
        }
        Trust::External(foreign) => {
            let statement = Statement::allow("Assume", ["sts:AssumeRole"], by)
                .by(PrincipalElement::Aws(vec![arn::account_principal(&foreign.account.value, from)]))
                .when(
                    ConditionOperator::ArnEquals,
                    "aws:PrincipalArn",
                    [arn::role(&foreign.account.value, &foreign.role.value, from)],
                );
            statement.when(ConditionOperator::StringEquals, "sts:ExternalId", external_id)
        }
    };
    PolicyDocument { statements: vec![statement] }
}

/// The trust policy of a role for people: only with MFA, and only a fresh one.
pub(super) fn people(trust: &PersonTrust, from: Vantage<'_>, origin: Origin) -> PolicyDocument {
    let account = trust.from_account.as_ref().map_or(from.account, |account| account.value.as_str());
    let statement = Statement::allow("AssumeWithMfa", ["sts:AssumeRole"], origin.derived("trust policy"))
        .by(PrincipalElement::Aws(vec![arn::account_principal(account, from)]))
        .when(ConditionOperator::Bool, "aws:MultiFactorAuthPresent", [Value::from("true")])
        .when(ConditionOperator::NumericLessThan, "aws:MultiFactorAuthAge", [Value::from(MFA_AGE_SECONDS)]);
    PolicyDocument { statements: vec![statement] }
}

fn in_region(
    service: &str,
    rest: &str,
    region: &str,
    from: Vantage<'_>,
) -> Value<crate::cfn::value::words::Text> {
    if region == from.region {
        return arn::regional(service, rest);
    }
    Sub::new()
        .text("arn:")
        .pseudo(Pseudo::Partition)
        .text(format!(":{service}:{region}:"))
        .pseudo(Pseudo::AccountId)
        .text(format!(":{rest}"))
        .build()
}
