//! What a rotation function calls beside Secrets Manager: in its role, and in the policy of the service's endpoint.

use crate::cfn::value::words::{AnyArn, Text};
use crate::cfn::{ConditionOperator, Statement, Value};
use crate::inventory::{Changes, FunctionSpec};

use super::arn;

/// What the rotation of an access key calls (service authorization reference: `iam`).
const ACCESS_KEY_ACTIONS: [&str; 4] =
    ["iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:GetAccessKeyLastUsed", "iam:ListAccessKeys"];

/// The statements, with their actions, resources and conditions, and without a principal.
pub(super) fn statements(spec: &FunctionSpec) -> Vec<Statement> {
    let by = spec.changes.origin;
    let users = |name: &dyn Fn(&str) -> Value<Text>| -> Vec<Value<AnyArn>> {
        spec.users.iter().map(|user| arn::as_arn(name(&user.value))).collect()
    };
    let regional = |service, rest: String| [arn::as_arn(arn::regional(service, &rest))];
    match &spec.changes.value {
        Changes::AccessKeys => {
            let Some(first) = spec.users.first() else { return Vec::new() };
            let users = users(&|user| arn::user(user));
            vec![Statement::allow("RotateAccessKeys", ACCESS_KEY_ACTIONS, first.origin).on(users)]
        }
        Changes::CacheUsers => {
            let Some(first) = spec.users.first() else { return Vec::new() };
            let users = users(&|user| arn::regional("elasticache", &format!("user:{user}")));
            let actions = ["elasticache:DescribeUsers", "elasticache:ModifyUser"];
            vec![Statement::allow("ChangeCacheUsers", actions, first.origin).on(users)]
        }
        Changes::RdsDataUsers { cluster } => vec![
            Statement::allow("RunStatements", ["rds-data:ExecuteStatement"], by)
                .on(regional("rds", format!("cluster:{cluster}"))),
        ],
        Changes::RedshiftDataUsers { cluster } => vec![
            Statement::allow("RunStatements", ["redshift-data:ExecuteStatement"], by)
                .on(regional("redshift", format!("cluster:{cluster}"))),
            // A statement has no ARN; whose it is has (service authorization reference: redshift-data).
            Statement::allow("AwaitOwnStatements", ["redshift-data:DescribeStatement"], by).on_all().when(
                ConditionOperator::StringEquals,
                "redshift-data:statement-owner-iam-userid",
                [Value::from("${aws:userid}")],
            ),
        ],
        Changes::PostgreSqlUsers
        | Changes::MySqlUsers
        | Changes::ProviderKeys { .. }
        | Changes::RandomValue { .. } => Vec::new(),
    }
}
