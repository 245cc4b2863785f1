//! Codes about networks and alerts.

use crate::diagnostic::code;

code! {
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
}
