//! Codes about what goes into rotation functions.

use crate::diagnostic::code;

code! {
    /// ## What it finds
    ///
    /// A file that the blueprint names and that does not exist, or does not hold what is needed: an author's module
    /// defines `create`, `set`, `test` and `retire`, a file of authorities holds certificates as PEM and no private key.
    /// Both are ASCII.
    ///
    /// ## Why it matters
    ///
    /// The file becomes part of a rotation function, which would fail on its first run.
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
    ///   token: { type: api-key, rotation: { every: 30 days, module: no-such-file.py } }
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
    UNUSABLE_FILE = "unusable-file" { Error, Rotation, "a file beside the blueprint cannot be used" }

    /// ## What it finds
    ///
    /// A user of an RDS database that keyprint's own function rotates, in a Region whose certificate authorities keyprint
    /// does not hold, without `authorities` of the database.
    ///
    /// ## Why it matters
    ///
    /// The function verifies the database's certificate and never falls back to plain text. The runtime of Lambda does
    /// not promise to hold the authorities of Amazon RDS, so every rotation could fail.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [il-central-1], deployer: deployer, network: { vpc: vpc-0a1, subnets: [subnet-0a1, subnet-0a2], endpoints: create }, databases: { main: { instance: main, host: main.x.il-central-1.rds.amazonaws.com, security-group: sg-0d1 } } }
    /// secrets:
    ///   app: { type: postgresql, database: main, username: app, rotation: { every: 30 days } }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer, network: { vpc: vpc-0a1, subnets: [subnet-0a1, subnet-0a2], endpoints: create }, databases: { main: { instance: main, host: main.x.eu-west-1.rds.amazonaws.com, security-group: sg-0d1 } } }
    /// secrets:
    ///   app: { type: postgresql, database: main, username: app, rotation: { every: 30 days } }
    /// ```
    AUTHORITIES_UNKNOWN = "authorities-unknown" { Warning, Rotation, "the authorities of a database are not known" }

    /// ## What it finds
    ///
    /// A rotation through a Data API whose database or superuser is not named: the API is asked by the identifier of the
    /// cluster, and runs its statements as the superuser.
    ///
    /// ## Why it matters
    ///
    /// A Data API logs in with the current value of a secret alone, so nobody could set the next one.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer, databases: { dw: { cluster: dw, host: dw.example.com } } }
    /// secrets:
    ///   load: { type: redshift, database: dw, username: loader, rotation: { every: 30 days, by: function } }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```yaml
    /// blueprint: v1
    /// application: orders
    /// owner: payments
    /// environments:
    ///   test: { account: "111111111111", regions: [eu-west-1], deployer: deployer, databases: { dw: { cluster: dw, host: dw.example.com, secret: "arn:aws:secretsmanager:eu-west-1:111111111111:secret:redshift!dw-AbCdEf" } } }
    /// secrets:
    ///   admin: { type: managed, database: dw }
    ///   load: { type: redshift, database: dw, username: loader, rotation: { every: 30 days, by: function, superuser: admin } }
    /// ```
    DATA_API_INCOMPLETE = "data-api-incomplete" { Error, Rotation, "a Data API lacks its cluster or its superuser" }
}
