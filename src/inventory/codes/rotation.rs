//! Codes about values and their rotation.

use crate::diagnostic::code;

code! {
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
    /// A superuser's secret that cannot serve: it is the secret itself, it holds no database user, or its user belongs to another
    /// database.
    ///
    /// ## Why it matters
    ///
    /// The rotation function logs in with it to make the second user. With the wrong one every rotation fails, and the first
    /// failure is seen weeks after the deployment.
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
    ///     databases: { shop: { cluster: shop, security-group: sg-0db10000000000000 } }
    /// secrets:
    ///   admin: { type: aurora-postgresql, database: shop, username: admin, rotation: { every: 30 days } }
    ///   token: { type: text, rotation: { every: 30 days } }
    ///   app:
    ///     type: aurora-postgresql
    ///     database: shop
    ///     username: app
    ///     rotation: { every: 30 days, strategy: alternating-users, superuser: token }
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
    ///     databases: { shop: { cluster: shop, security-group: sg-0db10000000000000 } }
    /// secrets:
    ///   admin: { type: aurora-postgresql, database: shop, username: admin, rotation: { every: 30 days } }
    ///   app:
    ///     type: aurora-postgresql
    ///     database: shop
    ///     username: app
    ///     rotation: { every: 30 days, strategy: alternating-users, superuser: admin }
    /// ```
    SUPERUSER_UNFIT = "superuser-unfit" { Error, Rotation, "a superuser that cannot change the user's password" }

    /// ## What it finds
    ///
    /// A database user whose name, or whose name with `_clone` behind it, is longer than the engine takes.
    ///
    /// ## Why it matters
    ///
    /// Alternating users need a second user, and the rotation functions call it by the first one's name with six characters more.
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
    ///     databases: { shop: { instance: shop, security-group: sg-0db10000000000000 } }
    /// secrets:
    ///   admin: { type: mysql, database: shop, username: admin, rotation: { every: 30 days } }
    ///   app:
    ///     type: mysql
    ///     database: shop
    ///     username: the_nightly_load_into_the_dwh
    ///     rotation: { every: 30 days, strategy: alternating-users, superuser: admin }
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
    ///     databases: { shop: { instance: shop, security-group: sg-0db10000000000000 } }
    /// secrets:
    ///   admin: { type: mysql, database: shop, username: admin, rotation: { every: 30 days } }
    ///   app:
    ///     type: mysql
    ///     database: shop
    ///     username: nightly_load
    ///     rotation: { every: 30 days, strategy: alternating-users, superuser: admin }
    /// ```
    USER_NAME_TOO_LONG = "user-name-too-long" { Error, Rotation, "a database user's name exceeds what its engine takes" }

    /// ## What it finds
    ///
    /// Alternating users of a database that is reached through RDS Proxy.
    ///
    /// ## Why it matters
    ///
    /// RDS Proxy does not support the strategy: the proxy knows one of the two users.
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
    ///     databases: { shop: { cluster: shop, security-group: sg-0db10000000000000, resource-id: prx-AAAA } }
    /// secrets:
    ///   admin: { type: aurora-postgresql, database: shop, username: admin, rotation: { every: 30 days } }
    ///   app:
    ///     type: aurora-postgresql
    ///     database: shop
    ///     username: app
    ///     rotation: { every: 30 days, strategy: alternating-users, superuser: admin }
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
    ///     databases: { shop: { cluster: shop, security-group: sg-0db10000000000000, resource-id: cluster-AAAA } }
    /// secrets:
    ///   admin: { type: aurora-postgresql, database: shop, username: admin, rotation: { every: 30 days } }
    ///   app:
    ///     type: aurora-postgresql
    ///     database: shop
    ///     username: app
    ///     rotation: { every: 30 days, strategy: alternating-users, superuser: admin }
    /// ```
    ALTERNATING_BEHIND_PROXY = "alternating-behind-proxy" { Error, Rotation, "alternating users behind RDS Proxy" }

    /// ## What it finds
    ///
    /// A rotation function, by ARN, of another Region than the environment's primary one.
    ///
    /// ## Why it matters
    ///
    /// Secrets Manager invokes a function of the secret's own Region.
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
    ///   token: { type: api-key, rotation: { every: 30 days, function: "arn:aws:lambda:us-east-1:111111111111:function:rotate" } }
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
    FUNCTION_IN_OTHER_REGION = "function-in-other-region" { Error, Rotation, "a rotation function of another Region" }

    /// ## What it finds
    ///
    /// A database user whose database has neither an identifier that CloudFormation can attach nor a host, or an Oracle database
    /// without a database name.
    ///
    /// ## Why it matters
    ///
    /// The rotation function and every client find the database by what stands in the secret; it would not stand there.
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
    ///     databases: { shop: { security-group: sg-0db10000000000000 } }
    /// secrets:
    ///   admin: { type: aurora-postgresql, database: shop, username: admin, rotation: { every: 30 days } }
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
    ///     databases: { shop: { host: shop.example.com, security-group: sg-0db10000000000000 } }
    /// secrets:
    ///   admin: { type: aurora-postgresql, database: shop, username: admin, rotation: { every: 30 days } }
    /// ```
    DATABASE_WITHOUT_ADDRESS = "database-without-address" { Error, Rotation, "a secret that does not say where its database is" }

    /// ## What it finds
    ///
    /// A secret of one engine for a database of another.
    ///
    /// ## Why it matters
    ///
    /// The rotation function speaks the language of the secret's type, and the database does not answer.
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
    ///     databases: { shop: { engine: mysql, instance: shop, security-group: sg-0db10000000000000 } }
    /// secrets:
    ///   app: { type: postgresql, database: shop, username: app }
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
    ///     databases: { shop: { engine: mysql, instance: shop, security-group: sg-0db10000000000000 } }
    /// secrets:
    ///   app: { type: mysql, database: shop, username: app }
    /// ```
    ENGINE_MISMATCH = "engine-mismatch" { Error, Rotation, "a secret of another engine than its database" }

    /// ## What it finds
    ///
    /// A client that keeps a value for longer than the time between two rotations.
    ///
    /// ## Why it matters
    ///
    /// No cache hears of a rotation. The client uses a value that was changed, perhaps twice, since it was read.
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
    ///   token: { type: text, rotation: { every: 4 hours } }
    /// consumers:
    ///   web: { runs-on: lambda, reads: [token], cache: 6 hours }
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
    ///   token: { type: text, rotation: { every: 4 hours } }
    /// consumers:
    ///   web: { runs-on: lambda, reads: [token], cache: 5 minutes }
    /// ```
    CACHE_OUTLASTS_ROTATION = "cache-outlasts-rotation" { Warning, Rotation, "a cache outlasts the rotation" }
}
