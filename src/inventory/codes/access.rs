//! Codes about keys and who may do what.

use crate::diagnostic::code;

code! {
    /// ## What it finds
    ///
    /// An environment without `deployer`.
    ///
    /// ## Why it matters
    ///
    /// Without it, key policies leave management to the account's IAM: every role whom IAM allows it may change them.
    /// With it, only the deployer and the administrators may.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1] }
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
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer }
    /// secrets:
    ///   token: { type: text, rotation: { every: 30 days } }
    /// ```
    DEPLOYER_NOT_NAMED = "deployer-not-named" { Note, Access, "an environment does not say who deploys it" }

    /// ## What it finds
    ///
    /// A secret without `key` in an application with several keys, none of which has the application's name.
    ///
    /// ## Why it matters
    ///
    /// A key decides who can read; it is not guessed.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer }
    /// keys: { first: {}, second: {} }
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
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer }
    /// keys: { first: {}, second: {} }
    /// secrets:
    ///   token: { type: text, key: first, rotation: { every: 30 days } }
    /// ```
    KEY_AMBIGUOUS = "key-ambiguous" { Error, Encryption, "a secret does not say which of several keys encrypts it" }

    /// ## What it finds
    ///
    /// A secret, or a replica of one, in a Region in which the key's environment does not exist.
    ///
    /// ## Why it matters
    ///
    /// Secrets Manager encrypts each replica with a key of its own Region.
    ///
    /// ## Example
    ///
    /// `key: platform/shared` on a secret in eu-north-1, while the platform's environment has eu-west-1 only.
    ///
    /// ## Instead
    ///
    /// Add the Region to the platform's environment, or use a key of this application.
    KEY_NOT_IN_REGION = "key-not-in-region" { Error, Encryption, "a secret's key does not exist in its Region" }

    /// ## What it finds
    ///
    /// A `connects-to` whose database has no `resource-id`.
    ///
    /// ## Why it matters
    ///
    /// Logins with IAM are granted by the resource id; the identifier would match nothing.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer, databases: { main: { instance: main } } }
    /// secrets:
    ///   token: { type: text, rotation: { every: 30 days } }
    /// consumers:
    ///   web: { runs-on: lambda, reads: [token], connects-to: [main/app] }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer, databases: { main: { instance: main, resource-id: db-ABCDEFGH } } }
    /// secrets:
    ///   token: { type: text, rotation: { every: 30 days } }
    /// consumers:
    ///   web: { runs-on: lambda, reads: [token], connects-to: [main/app] }
    /// ```
    LOGIN_WITHOUT_RESOURCE_ID = "login-without-resource-id" { Error, Access, "a database login without the database's resource id" }

    /// ## What it finds
    ///
    /// A statement of the author's with a wildcard of actions on every resource.
    ///
    /// ## Why it matters
    ///
    /// It grants what nobody reviewed, on what does not exist yet.
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
    ///   web: { runs-on: lambda, reads: [token], allow: [{ actions: ["sqs:*"], resources: ["*"] }] }
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
    ///   web: { runs-on: lambda, reads: [token], allow: [{ actions: ["sqs:SendMessage"], resources: ["arn:aws:sqs:eu-west-1:111111111111:orders"] }] }
    /// ```
    WILDCARD_IN_ALLOW = "wildcard-in-allow" { Error, Access, "a wildcard of actions on every resource" }

    /// ## What it finds
    ///
    /// A consumer that both reads a secret and administers it.
    ///
    /// ## Why it matters
    ///
    /// Whoever administers a secret can change its policy and its rotation. The same role reading the value leaves nobody who
    /// would notice.
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
    ///   desk: { role: desk, reads: [token], administers: [token] }
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
    ///   desk: { role: desk, administers: [token] }
    ///   web: { runs-on: lambda, reads: [token] }
    /// ```
    DUTIES_NOT_SEPARATED = "duties-not-separated" { Error, Access, "one role reads a secret and administers it" }

    /// ## What it finds
    ///
    /// A consumer in another account that reads a secret which its service encrypts with the AWS managed key.
    ///
    /// ## Why it matters
    ///
    /// The key `aws/secretsmanager` cannot be used from another account, whatever the policies say.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test:
    ///     account: "111111111111"
    ///     regions: [eu-west-1]
    ///     deployer: deployer
    ///     network: { vpc: vpc-0a100000000000000, subnets: [subnet-0a100000000000000], endpoints: create }
    ///     databases: { shop: { cluster: shop, secret: "arn:aws:secretsmanager:eu-west-1:111111111111:secret:rds!cluster-1-AbCdEf" } }
    /// secrets:
    ///   admin: { type: managed, database: shop }
    /// consumers:
    ///   auditor: { account: "444444444444", role: Auditor, reads: [admin] }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test:
    ///     account: "111111111111"
    ///     regions: [eu-west-1]
    ///     deployer: deployer
    ///     network: { vpc: vpc-0a100000000000000, subnets: [subnet-0a100000000000000], endpoints: create }
    ///     databases: { shop: { cluster: shop, secret: "arn:aws:secretsmanager:eu-west-1:111111111111:secret:rds!cluster-1-AbCdEf", key: "arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab" } }
    /// secrets:
    ///   admin: { type: managed, database: shop }
    /// consumers:
    ///   auditor: { account: "444444444444", role: Auditor, reads: [admin] }
    /// ```
    FOREIGN_READER_WITHOUT_KEY = "foreign-reader-without-key" {
        Error, Access, "another account reads a secret under an AWS managed key"
    }

    /// ## What it finds
    ///
    /// A secret that holds the access key of an IAM user.
    ///
    /// ## Why it matters
    ///
    /// An access key works from everywhere until somebody takes it away. A role gives credentials that end within hours.
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
    ///   partner: { type: iam-access-key, username: partner, rotation: { every: 30 days, function: "arn:aws:lambda:eu-west-1:111111111111:function:rotate" } }
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
    ///   partner: { account: "444444444444", role: Partner, external-id: required, reads: [token] }
    /// ```
    LONG_LIVED_ACCESS_KEY = "long-lived-access-key" { Warning, Access, "the access key of an IAM user" }
}
