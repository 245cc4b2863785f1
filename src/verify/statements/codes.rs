//! What can be odd about statements that people wrote.

use crate::diagnostic::code;

code! {
    /// ## What it finds
    ///
    /// An action of a statement that can never apply: no action has its name, none of the statement's resources is of a
    /// kind that it goes with, or it has no resource and the statement names some.
    ///
    /// ## Why it matters
    ///
    /// The statement reads like a permission and is none; the consumer fails at run time. The list of actions that this is
    /// judged by is dated: what AWS has added since is not known to it.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer }
    /// secrets:
    ///   token: { type: text, rotation: { every: 30 days, by: function } }
    /// consumers:
    ///   web: { runs-on: lambda, reads: [token], allow: [{ actions: ["sqs:SendMesage"], resources: ["arn:aws:sqs:eu-west-1:111111111111:orders"] }] }
    /// alerts:
    ///   page: { email: oncall@example.com, on: [everything-else] }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer }
    /// secrets:
    ///   token: { type: text, rotation: { every: 30 days, by: function } }
    /// consumers:
    ///   web: { runs-on: lambda, reads: [token], allow: [{ actions: ["sqs:SendMessage"], resources: ["arn:aws:sqs:eu-west-1:111111111111:orders"] }] }
    /// alerts:
    ///   page: { email: oncall@example.com, on: [everything-else] }
    /// ```
    ACTION_NEVER_APPLIES = "action-never-applies" { Warning, Access, "an action of a statement can never apply" }

    /// ## What it finds
    ///
    /// A condition key that AWS does not send with the actions of its statement, such as a misspelt one or one of another
    /// service.
    ///
    /// ## Why it matters
    ///
    /// A condition on a key that is absent never holds, so the statement allows nothing; with a negated operator or
    /// `IfExists` it always holds, so it restricts nothing.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer }
    /// secrets:
    ///   token: { type: text, rotation: { every: 30 days, by: function } }
    /// consumers:
    ///   web: { runs-on: lambda, reads: [token], allow: [{ actions: ["sqs:SendMessage"], resources: ["arn:aws:sqs:eu-west-1:111111111111:orders"], conditions: { StringEquals: { "aws:PrincipleTag/team": [orders] } } }] }
    /// alerts:
    ///   page: { email: oncall@example.com, on: [everything-else] }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer }
    /// secrets:
    ///   token: { type: text, rotation: { every: 30 days, by: function } }
    /// consumers:
    ///   web: { runs-on: lambda, reads: [token], allow: [{ actions: ["sqs:SendMessage"], resources: ["arn:aws:sqs:eu-west-1:111111111111:orders"], conditions: { StringEquals: { "aws:PrincipalTag/team": [orders] } } }] }
    /// alerts:
    ///   page: { email: oncall@example.com, on: [everything-else] }
    /// ```
    CONDITION_KEY_UNKNOWN = "condition-key-unknown" { Warning, Access, "a condition key is not sent with the actions of its statement" }

    /// ## What it finds
    ///
    /// A condition operator that does not go with its key: a number asked of a text, a set operator on a key that has one
    /// value, none on a key that has several.
    ///
    /// ## Why it matters
    ///
    /// A value of another type never passes. `ForAllValues` on a key with one value holds where the key is absent, and
    /// without a set operator it is not documented how several values are compared.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer }
    /// secrets:
    ///   token: { type: text, rotation: { every: 30 days, by: function } }
    /// consumers:
    ///   web: { runs-on: lambda, reads: [token], allow: [{ actions: ["sqs:SendMessage"], resources: ["arn:aws:sqs:eu-west-1:111111111111:orders"], conditions: { NumericEquals: { "aws:PrincipalTag/team": ["1"] } } }] }
    /// alerts:
    ///   page: { email: oncall@example.com, on: [everything-else] }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer }
    /// secrets:
    ///   token: { type: text, rotation: { every: 30 days, by: function } }
    /// consumers:
    ///   web: { runs-on: lambda, reads: [token], allow: [{ actions: ["sqs:SendMessage"], resources: ["arn:aws:sqs:eu-west-1:111111111111:orders"], conditions: { StringEquals: { "aws:PrincipalTag/team": ["1"] } } }] }
    /// alerts:
    ///   page: { email: oncall@example.com, on: [everything-else] }
    /// ```
    CONDITION_OPERATOR_UNFIT = "condition-operator-unfit" { Warning, Access, "a condition operator does not go with the values of its key" }

    /// ## What it finds
    ///
    /// A statement beside `reads`, `writes` and `administers` whose wildcard reaches secrets or keys: those of others, and
    /// those that will be made later.
    ///
    /// ## Why it matters
    ///
    /// Access to secrets is asked for by name, so that it is found where it is looked for. A `*` behind the name of a secret
    /// also takes every longer name.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer }
    /// secrets:
    ///   token: { type: text, rotation: { every: 30 days, by: function } }
    /// consumers:
    ///   web: { runs-on: lambda, reads: [token], allow: [{ actions: ["secretsmanager:DescribeSecret"], resources: ["arn:aws:secretsmanager:eu-west-1:111111111111:secret:other-*"] }] }
    /// alerts:
    ///   page: { email: oncall@example.com, on: [everything-else] }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer }
    /// secrets:
    ///   token: { type: text, rotation: { every: 30 days, by: function } }
    /// consumers:
    ///   web: { runs-on: lambda, reads: [token], allow: [{ actions: ["secretsmanager:DescribeSecret"], resources: ["arn:aws:secretsmanager:eu-west-1:111111111111:secret:other-??????"] }] }
    /// alerts:
    ///   page: { email: oncall@example.com, on: [everything-else] }
    /// ```
    WILDCARD_REACHES_SECRETS = "wildcard-reaches-secrets" { Error, Access, "a wildcard of a statement reaches secrets or keys" }
}
