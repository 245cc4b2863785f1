//! What can be wrong with a workspace whose text is right.

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
    /// A `key-value` secret with more than one field to generate.
    ///
    /// ## Why it matters
    ///
    /// Secrets Manager generates one field of a new secret.
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
    ///   pair: { type: key-value, fields: [left, right], rotation: { every: 30 days } }
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
    ///   pair: { type: key-value, fields: [left], rotation: { every: 30 days } }
    /// ```
    ONE_GENERATED_FIELD = "one-generated-field" { Error, Rotation, "a secret with several generated fields" }

    /// ## What it finds
    ///
    /// A secret of type `managed` whose database does not give the ARN of the secret that its service owns.
    ///
    /// ## Why it matters
    ///
    /// Access to a secret is granted by its ARN.
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
    ///   admin: { type: managed, database: main }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer, databases: { main: { instance: main, secret: "arn:aws:secretsmanager:eu-west-1:111111111111:secret:rds!db-1a2b-AbCdEf" } } }
    /// secrets:
    ///   admin: { type: managed, database: main }
    /// ```
    SERVICE_SECRET_UNKNOWN = "service-secret-unknown" { Error, Rotation, "the secret that a service owns is not named" }

    /// ## What it finds
    ///
    /// A secret that nothing rotates.
    ///
    /// ## Why it matters
    ///
    /// A value that never changes is valid for everybody who ever saw it (Security Hub SecretsManager.1).
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
    ///   token: { type: text, rotation: none }
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
    SECRET_WITHOUT_ROTATION = "secret-without-rotation" { Error, Rotation, "nothing rotates a secret" }

    /// ## What it finds
    ///
    /// A schedule with more than 90 days between two rotations.
    ///
    /// ## Why it matters
    ///
    /// Security Hub SecretsManager.4 and PCI DSS 8.3.9 ask for 90 days at most.
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
    ///   token: { type: text, rotation: { every: 180 days } }
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
    ROTATION_INTERVAL_TOO_LONG = "rotation-interval-too-long" { Error, Rotation, "more than 90 days between rotations" }

    /// ## What it finds
    ///
    /// A way to rotate that does not fit the type of the secret, or a type that nobody but its issuer can change.
    ///
    /// ## Why it matters
    ///
    /// The rotation would fail each time.
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
    ///   token: { type: api-key, rotation: { every: 30 days } }
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
    ///   token: { type: api-key, rotation: { every: 30 days, function: "arn:aws:lambda:eu-west-1:111111111111:function:rotate" } }
    /// ```
    ROTATION_IMPOSSIBLE = "rotation-impossible" { Error, Rotation, "a secret cannot be rotated that way" }

    /// ## What it finds
    ///
    /// A rotation with alternating users that names no superuser's secret.
    ///
    /// ## Why it matters
    ///
    /// The second user has to be made by somebody who may create users.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer, network: { vpc: vpc-0a1, subnets: [subnet-0a1, subnet-0a2], endpoints: create }, databases: { main: { instance: main, host: main.example.com, security-group: sg-0d1 } } }
    /// secrets:
    ///   app: { type: postgresql, database: main, username: app, rotation: { every: 30 days, strategy: alternating-users } }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer, network: { vpc: vpc-0a1, subnets: [subnet-0a1, subnet-0a2], endpoints: create }, databases: { main: { instance: main, host: main.example.com, security-group: sg-0d1 } } }
    /// secrets:
    ///   admin: { type: postgresql, database: main, username: admin }
    ///   app: { type: postgresql, database: main, username: app, rotation: { every: 30 days, strategy: alternating-users, superuser: admin } }
    /// ```
    STRATEGY_WITHOUT_SUPERUSER = "strategy-without-superuser" { Error, Rotation, "alternating users without a superuser" }

    /// ## What it finds
    ///
    /// A hosted rotation in an environment with a permissions boundary.
    ///
    /// ## Why it matters
    ///
    /// The transform makes the function's role, and it cannot be given a boundary; in accounts that enforce one, the
    /// deployment fails.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer, network: { vpc: vpc-0a1, subnets: [subnet-0a1, subnet-0a2], endpoints: create }, permissions-boundary: bound, databases: { main: { instance: main, host: main.example.com, security-group: sg-0d1 } } }
    /// secrets:
    ///   app: { type: postgresql, database: main, username: app, rotation: { every: 30 days, by: hosted } }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer, network: { vpc: vpc-0a1, subnets: [subnet-0a1, subnet-0a2], endpoints: create }, permissions-boundary: bound, databases: { main: { instance: main, host: main.example.com, security-group: sg-0d1 } } }
    /// secrets:
    ///   app: { type: postgresql, database: main, username: app, rotation: { every: 30 days, by: function } }
    /// ```
    HOSTED_ROTATION_WITH_BOUNDARY = "hosted-rotation-with-boundary" { Error, Rotation, "a hosted rotation function where roles need a boundary" }

    /// ## What it finds
    ///
    /// A secret with `replicate: true` in a blueprint whose environments have one Region each.
    ///
    /// ## Why it matters
    ///
    /// No replica would ever exist.
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
    ///   token: { type: text, replicate: true, rotation: { every: 30 days } }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1, eu-central-1], deployer: deployer }
    /// secrets:
    ///   token: { type: text, replicate: true, rotation: { every: 30 days } }
    /// ```
    REPLICA_WITHOUT_REGION = "replica-without-region" { Error, Rotation, "a replica without a second Region" }

    /// ## What it finds
    ///
    /// A database user whose rotation function would have no network, or no security group that lets it in.
    ///
    /// ## Why it matters
    ///
    /// Every rotation would time out, unnoticed until somebody needs the new password.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer, databases: { main: { instance: main, host: main.example.com, security-group: sg-0d1 } } }
    /// secrets:
    ///   app: { type: postgresql, database: main, username: app }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer, network: { vpc: vpc-0a1, subnets: [subnet-0a1, subnet-0a2], endpoints: create }, databases: { main: { instance: main, host: main.example.com, security-group: sg-0d1 } } }
    /// secrets:
    ///   app: { type: postgresql, database: main, username: app }
    /// ```
    UNREACHABLE_DATABASE = "unreachable-database" { Error, Network, "a rotation function cannot reach its database" }

    /// ## What it finds
    ///
    /// A consumer or a rotation function in subnets from which nothing leads to a service that it calls.
    ///
    /// ## Why it matters
    ///
    /// Calls would time out.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer, network: { vpc: vpc-0a1, subnets: [subnet-0a1] } }
    /// secrets:
    ///   token: { type: text, rotation: { every: 30 days } }
    /// consumers:
    ///   web: { runs-on: lambda, reads: [token] }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer, network: { vpc: vpc-0a1, subnets: [subnet-0a1], endpoints: create } }
    /// secrets:
    ///   token: { type: text, rotation: { every: 30 days } }
    /// consumers:
    ///   web: { runs-on: lambda, reads: [token] }
    /// ```
    UNREACHABLE_SERVICE = "unreachable-service" { Error, Network, "nothing leads from a network to a service" }

    /// ## What it finds
    ///
    /// Two environments of the workspace that both make endpoints in the same VPC.
    ///
    /// ## Why it matters
    ///
    /// A VPC takes one endpoint with private DNS for each service; the second deployment fails.
    ///
    /// ## Example
    ///
    /// Two blueprints whose production environments share an account and a VPC, both with `endpoints: create`.
    ///
    /// ## Instead
    ///
    /// Keep `create` in one; the other writes `endpoints: { existing: { secretsmanager: sg-… } }`.
    ENDPOINT_OWNED_TWICE = "endpoint-owned-twice" { Error, Network, "two environments make endpoints in one VPC" }

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
    /// An alert on a signal whose source the environment does not have: the log group of a trail, or a break-glass
    /// role.
    ///
    /// ## Why it matters
    ///
    /// The alert would stay silent for ever.
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
    /// alerts:
    ///   page: { email: a@example.com, on: [access-denied] }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer, trail-log-group: trail }
    /// secrets:
    ///   token: { type: text, rotation: { every: 30 days } }
    /// alerts:
    ///   page: { email: a@example.com, on: [access-denied] }
    /// ```
    SIGNAL_WITHOUT_SOURCE = "signal-without-source" { Warning, Watch, "a signal that nothing can send" }

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
