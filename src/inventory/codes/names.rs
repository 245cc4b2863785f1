//! Codes about names and references.

use crate::diagnostic::code;

code! {
    /// ## What it finds
    ///
    /// Two blueprints of a workspace that describe the same application.
    ///
    /// ## Why it matters
    ///
    /// Output directories, names and tags follow from the application; the second would overwrite the first.
    ///
    /// ## Example
    ///
    /// Two files with `application: orders`.
    ///
    /// ## Instead
    ///
    /// Join them, or rename one.
    APPLICATION_TWICE = "application-twice" { Error, Names, "two blueprints describe one application" }

    /// ## What it finds
    ///
    /// A secret, key, database, cluster, application or waiver subject that no blueprint of the workspace describes for
    /// this environment.
    ///
    /// ## Why it matters
    ///
    /// A grant that lands nowhere would be dropped silently.
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
    ///   token: { type: text, rotation: { every: 30 days } }
    /// consumers:
    ///   web: { runs-on: lambda, reads: [tokn] }
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
    ///   token: { type: text, rotation: { every: 30 days } }
    /// consumers:
    ///   web: { runs-on: lambda, reads: [token] }
    /// ```
    UNKNOWN_REFERENCE = "unknown-reference" { Error, Names, "a name that nothing in the workspace has" }

    /// ## What it finds
    ///
    /// A network under `networks` whose Region is not among the environment's `regions`.
    ///
    /// ## Why it matters
    ///
    /// It would be ignored.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer, networks: { eu-central-1: { vpc: vpc-0a1, subnets: [subnet-0a1] } } }
    /// secrets:
    ///   token: { type: text, rotation: { every: 30 days } }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1, eu-central-1], deployer: deployer, networks: { eu-central-1: { vpc: vpc-0a1, subnets: [subnet-0a1] } } }
    /// secrets:
    ///   token: { type: text, rotation: { every: 30 days } }
    /// ```
    UNKNOWN_REGION = "unknown-region" { Error, Names, "a network of a Region that the environment does not have" }

    /// ## What it finds
    ///
    /// A secret whose name ends in a hyphen and six characters.
    ///
    /// ## Why it matters
    ///
    /// Secrets Manager adds just that to ARNs; a call with such a name may be taken for a partial ARN of another secret
    /// (Secrets Manager docs).
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
    ///   api-secret: { type: text, rotation: { every: 30 days } }
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
    ///   api-token: { type: text, rotation: { every: 30 days } }
    /// ```
    SECRET_NAME_AMBIGUOUS = "secret-name-ambiguous" { Error, Names, "a secret's name ends like an ARN" }

    /// ## What it finds
    ///
    /// A physical name beyond the length that its service takes.
    ///
    /// ## Why it matters
    ///
    /// The deployment would fail; keyprint never cuts a name, because a cut name may be somebody else's.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: the-order-capture-of-the-european-shops
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer }
    /// secrets:
    ///   token: { type: text, rotation: { every: 30 days } }
    /// consumers:
    ///   the-checkout-of-the-european-shops: { runs-on: lambda, reads: [token] }
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
    ///   token: { type: text, rotation: { every: 30 days } }
    /// consumers:
    ///   checkout: { runs-on: lambda, reads: [token] }
    /// ```
    NAME_TOO_LONG = "name-too-long" { Error, Names, "a name exceeds what its service takes" }

    /// ## What it finds
    ///
    /// Two roles of an account, or two secrets, functions, topics or aliases of an account and Region, whose names are
    /// the same without regard to case.
    ///
    /// ## Why it matters
    ///
    /// The second deployment would fail.
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
    ///   token: { type: text, name: shared, rotation: { every: 30 days } }
    ///   other: { type: text, name: shared, rotation: { every: 30 days } }
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
    ///   token: { type: text, name: shared, rotation: { every: 30 days } }
    ///   other: { type: text, rotation: { every: 30 days } }
    /// ```
    NAME_TAKEN = "name-taken" { Error, Names, "two things of an account have one name" }
}
