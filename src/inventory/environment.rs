//! One environment of one application: account, Regions, networks, people, and everything that lives there.

use crate::source::{Origin, Sourced};

use super::{Alert, Consumer, FunctionSpec, Key, Secret, Table, Task};

/// An environment with all that it holds.
#[derive(Debug)]
pub(crate) struct Environment {
    /// Its name.
    pub(crate) name: Sourced<String>,
    /// The account, 12 digits.
    pub(crate) account: Sourced<String>,
    /// Its Regions; the first is the primary one and the only one that rotates.
    pub(crate) places: Vec<Place>,
    /// The organization outside of which nobody reads, `o-…`.
    pub(crate) organization: Option<Sourced<String>>,
    /// The managed policy that bounds every role that keyprint makes: a policy name of the account, or an ARN.
    pub(crate) boundary: Option<Sourced<String>>,
    /// The role, with its path, that deploys the stacks.
    pub(crate) deployer: Option<Sourced<String>>,
    /// The log group that holds the account's trail.
    pub(crate) trail_log_group: Option<Sourced<String>>,
    /// The people.
    pub(crate) people: People,
    /// Keys, `Purpose::Alerts` included.
    pub(crate) keys: Table<Key>,
    /// Secrets that keyprint makes or that a service owns.
    pub(crate) secrets: Table<Secret>,
    /// Rotation functions that keyprint makes, one for each engine, strategy and network of a stack.
    pub(crate) functions: Table<FunctionSpec>,
    /// Functions that run by the clock.
    pub(crate) tasks: Vec<Task>,
    /// Whether database passwords can be brought back by a runbook.
    pub(crate) rollback: Sourced<bool>,
    /// Who uses what.
    pub(crate) consumers: Vec<Consumer>,
    /// Who is told what.
    pub(crate) alerts: Vec<Alert>,
    /// The environment's entry in the blueprint.
    pub(crate) origin: Origin,
}

/// A Region of an environment.
#[derive(Debug)]
pub(crate) struct Place {
    /// The Region.
    pub(crate) region: Sourced<String>,
    /// The network of the environment there.
    pub(crate) network: Option<Network>,
}

/// The part of a VPC that consumers and functions live in.
#[derive(Debug)]
pub(crate) struct Network {
    /// The VPC's id.
    pub(crate) vpc: Sourced<String>,
    /// Subnet ids, one for each Availability Zone.
    pub(crate) subnets: Vec<Sourced<String>>,
    /// The way to AWS services.
    pub(crate) route: Route,
    /// The services that need an interface endpoint when keyprint makes them, in order: `secretsmanager`, `sts`, ….
    pub(crate) services: Vec<Sourced<String>>,
    /// The network's entry in the blueprint.
    pub(crate) origin: Origin,
}

/// The way from a subnet to AWS services.
#[derive(Debug, Clone)]
pub(crate) enum Route {
    /// keyprint makes the endpoints.
    Create,
    /// Endpoints that exist already.
    Existing(Vec<Interface>),
    /// A NAT gateway; nothing is made, and egress on 443 stays open to the internet for the groups that need it.
    Nat,
}

/// An interface endpoint that exists already.
#[derive(Debug, Clone)]
pub(crate) struct Interface {
    /// The service, for example `secretsmanager`.
    pub(crate) service: String,
    /// Its security group.
    pub(crate) security_group: Sourced<String>,
}

/// The people of an environment.
#[derive(Debug, Default)]
pub(crate) struct People {
    /// Who administers secrets and keys without reading values.
    pub(crate) administrators: Option<Person>,
    /// Who sees everything but values.
    pub(crate) auditors: Option<Person>,
    /// Who may read in an emergency.
    pub(crate) break_glass: Option<Person>,
}

/// A role for people.
#[derive(Debug)]
pub(crate) struct Person {
    /// The role's name.
    pub(crate) role: Sourced<String>,
    /// Present when keyprint makes the role with an MFA trust policy; absent when it exists already.
    pub(crate) trust: Option<PersonTrust>,
    /// The entry in the blueprint.
    pub(crate) origin: Origin,
}

/// How people come into a role that keyprint makes.
#[derive(Debug)]
pub(crate) struct PersonTrust {
    /// The account whose users may assume it, when it is not the environment's own.
    pub(crate) from_account: Option<Sourced<String>>,
    /// The longest session, in seconds, 3600 to 43200.
    pub(crate) session_seconds: Sourced<u32>,
}
