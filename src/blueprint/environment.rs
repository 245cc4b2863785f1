//! Environments: the facts about accounts, networks and databases that differ between them.

use serde_json::{Value, json};

use super::codes::fields;
use super::mapping::mapping;
use super::name::Name;
use super::scalar::{Count, PolicyReference};
use super::schema::Shapes;
use super::secret::Engine;
use super::syntax::{OneOrMore, Syntax, Table, repeated, unknown_word};
use super::words::words;
use super::yaml::{Node, NodeKind};
use crate::aws::{
    AccountId, DatabaseIdentifier, DatabaseResourceId, HostName, KeyArn, LogGroupName, OidcProvider, Region,
    RoleName, SecretArn, SecurityGroupId, SubnetId, VpcId,
};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{Origin, Sourced, Span};

mapping! {
    /// One place to which the application is deployed: an account and its Regions, with what is there already.
    pub(crate) struct Environment = "an environment" with check {
        /// The AWS account, twelve digits in quotes.
        account: Sourced<AccountId> = "account" like "\"333333333333\"";
        /// The Regions; the first is the primary one, the others hold replicas.
        regions: OneOrMore<Sourced<Region>> = "regions" like "[eu-west-1]";
        /// The role that deploys, by name or path; key policies and secrets then name it, otherwise the account's IAM decides who deploys.
        deployer: Option<Sourced<RoleName>> = "deployer" like "platform/deployer";
        /// The policy that bounds every role, by name or ARN.
        permissions_boundary: Option<Sourced<PolicyReference>> = "permissions-boundary" like "org-boundary";
        /// The CloudWatch log group to which a trail delivers; alarms on refused and unusual reads need it.
        trail_log_group: Option<Sourced<LogGroupName>> = "trail-log-group" like "/org/trail";
        /// Whether a scheduled function of each stack that rotates watches how old its secrets are; `true` if left out.
        rotation_watch: Option<Sourced<bool>> = "rotation-watch" like "false";
        /// Whether a runbook of Systems Manager can bring back the password before the last rotation of database users; `true` if left out.
        rollback: Option<Sourced<bool>> = "rollback" like "false";
        /// The network of the primary Region.
        network: Option<Network> = "network" like "{ vpc: vpc-0aa2, subnets: [subnet-0a2, subnet-0b2], endpoints: create }";
        /// The networks of further Regions, by Region.
        networks: Table<Region, Network> = "networks" like "{ eu-central-1: { vpc: vpc-0cc2, subnets: [subnet-0c2] } }";
        /// The databases that secrets are for, by a name that is the same in every environment.
        databases: Table<Name, Database> = "databases" like "{ orders: { cluster: orders-prod } }";
        /// The EKS clusters whose service accounts assume roles by OIDC, by a name that is the same in every environment.
        clusters: Table<Name, Cluster> = "clusters" like "{ main: { oidc: oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE } }";
    }
}

mapping! {
    /// The network in which functions and consumers of a Region live.
    pub(crate) struct Network = "a network" {
        /// The VPC.
        vpc: Sourced<VpcId> = "vpc" like "vpc-0aa2";
        /// The subnets, one for each Availability Zone.
        subnets: OneOrMore<Sourced<SubnetId>> = "subnets" like "[subnet-0a2, subnet-0b2]";
        /// How the subnets reach AWS services: `create` interface endpoints, through `nat`, or by `existing` endpoints with their security groups; without it they do not.
        endpoints: Option<Sourced<Endpoints>> = "endpoints" like "create";
    }
}

/// How subnets reach AWS services.
#[derive(Debug, Clone)]
pub(crate) enum Endpoints {
    /// Interface endpoints are created.
    Create,
    /// A NAT gateway leads out; nothing is created.
    Nat,
    /// Endpoints exist; these are their security groups by service.
    Existing(Table<EndpointService, Sourced<SecurityGroupId>>),
}

words! {
    /// A service that is reached through an interface endpoint (facts: endpoints.md, service names).
    pub(crate) enum EndpointService = "a service with an endpoint" {
        /// Secrets Manager.
        SecretsManager = "secretsmanager",
        /// KMS, for code that calls it itself.
        Kms = "kms",
        /// STS, for roles assumed inside the VPC.
        Sts = "sts",
        /// The RDS API, for rotation with a superuser secret that RDS manages.
        Rds = "rds",
        /// The Redshift API, for rotation with a superuser secret that Redshift manages.
        Redshift = "redshift",
        /// The RDS Data API, for rotation of Aurora users.
        RdsData = "rds-data",
        /// The Redshift Data API, for rotation of Redshift users.
        RedshiftData = "redshift-data",
        /// The ElastiCache API, for rotation of its users.
        ElastiCache = "elasticache",
        /// EKS Pod Identity.
        EksAuth = "eks-auth",
    }
}

mapping! {
    /// A database by what its service calls it; one of `cluster`, `instance`, `workgroup` and `namespace` names it.
    pub(crate) struct Database = "a database" with check_database {
        /// The engine; the types of the secrets are held against it.
        engine: Option<Sourced<Engine>> = "engine" like "aurora-postgresql";
        /// The identifier of an Aurora, Redshift or DocumentDB cluster.
        cluster: Option<Sourced<DatabaseIdentifier>> = "cluster" like "orders-prod";
        /// The identifier of a database instance.
        instance: Option<Sourced<DatabaseIdentifier>> = "instance" like "orders-prod";
        /// The name of a Redshift Serverless workgroup.
        workgroup: Option<Sourced<DatabaseIdentifier>> = "workgroup" like "warehouse";
        /// The name of a Redshift Serverless namespace.
        namespace: Option<Sourced<DatabaseIdentifier>> = "namespace" like "warehouse";
        /// The DNS name to which clients connect.
        host: Option<Sourced<HostName>> = "host" like "orders-prod.cluster-y.eu-west-1.rds.amazonaws.com";
        /// The port, where it is not the engine's own.
        port: Option<Sourced<Count<1, 65535>>> = "port" like "5432";
        /// The database to log in to.
        dbname: Option<Sourced<super::scalar::ForeignName>> = "dbname" like "orders";
        /// A file beside the blueprint with the certificates, as PEM, of the authorities that vouch for the database; for databases of RDS the Region's own are known.
        authorities: Option<Sourced<super::scalar::FilePath>> = "authorities" like "authorities/internal.pem";
        /// The security group of the database.
        security_group: Option<Sourced<SecurityGroupId>> = "security-group" like "sg-0db2";
        /// The resource id, for logins with IAM.
        resource_id: Option<Sourced<DatabaseResourceId>> = "resource-id" like "cluster-BBBB";
        /// The secret that the database's service manages, by ARN.
        secret: Option<Sourced<SecretArn>> = "secret" like "arn:aws:secretsmanager:eu-west-1:333333333333:secret:rds!cluster-1a2b-AbCdEf";
        /// The KMS key of that secret, by ARN.
        key: Option<Sourced<KeyArn>> = "key" like "arn:aws:kms:eu-west-1:333333333333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    }
}

mapping! {
    /// An EKS cluster.
    pub(crate) struct Cluster = "a cluster" {
        /// The OIDC provider of the cluster, without `https://`.
        oidc: Sourced<OidcProvider> = "oidc" like "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";
    }
}

/// What the service calls a database, and which kind of thing that is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum DatabaseTarget<'blueprint> {
    /// A cluster of Aurora, Redshift or DocumentDB.
    Cluster(&'blueprint Sourced<DatabaseIdentifier>),
    /// An instance.
    Instance(&'blueprint Sourced<DatabaseIdentifier>),
    /// A Redshift Serverless workgroup.
    Workgroup,
    /// A Redshift Serverless namespace.
    Namespace(&'blueprint Sourced<DatabaseIdentifier>),
}

impl Database {
    /// What its service calls it, when the author says.
    pub(crate) fn target(&self) -> Option<DatabaseTarget<'_>> {
        self.targets().into_iter().flatten().next().map(|(_, target)| target)
    }

    fn targets(&self) -> [Option<(Span, DatabaseTarget<'_>)>; 4] {
        let span = |name: &Sourced<DatabaseIdentifier>| name.span();
        [
            self.cluster.as_ref().map(|name| (span(name), DatabaseTarget::Cluster(name))),
            self.instance.as_ref().map(|name| (span(name), DatabaseTarget::Instance(name))),
            self.workgroup.as_ref().map(|name| (span(name), DatabaseTarget::Workgroup)),
            self.namespace.as_ref().map(|name| (span(name), DatabaseTarget::Namespace(name))),
        ]
    }
}

impl Syntax for Sourced<Endpoints> {
    fn schema(shapes: &mut Shapes) -> Value {
        let services: Vec<&str> = EndpointService::WORDS.iter().map(|(word, ..)| *word).collect();
        let groups = Sourced::<SecurityGroupId>::schema(shapes);
        json!({
            "anyOf": [
                { "enum": ["create", "nat"] },
                {
                    "type": "object",
                    "properties": {
                        "existing": {
                            "type": "object",
                            "propertyNames": { "enum": services },
                            "additionalProperties": groups,
                        }
                    },
                    "required": ["existing"],
                    "additionalProperties": false,
                },
            ]
        })
    }

    fn decode(node: &Node, log: &mut Diagnostics) -> Option<Self> {
        let put = |endpoints| Some(Origin::written(node.span).put(endpoints));
        if let NodeKind::Mapping(_) = &node.kind {
            return ExistingEndpoints::decode(node, log)
                .and_then(|read| put(Endpoints::Existing(read.existing)));
        }
        let what = "`create`, `nat` or `{ existing: … }`";
        match super::syntax::scalar(node, what, log)? {
            ("create", _) => put(Endpoints::Create),
            ("nat", _) => put(Endpoints::Nat),
            (text, _) => {
                unknown_word(node, text, "a way to reach AWS services", &["create", "nat", "existing"], log);
                None
            }
        }
    }
}

mapping! {
    /// Endpoints that exist.
    struct ExistingEndpoints = "a set of endpoints" {
        /// The security group of each endpoint, by service.
        existing: Table<EndpointService, Sourced<SecurityGroupId>> = "existing" like "{ secretsmanager: sg-0e1 }";
    }
}

fn check(environment: &Environment, log: &mut Diagnostics) {
    let regions = environment.regions.as_slice();
    repeated(regions, log);
    let Some(primary) = regions.first() else { return };
    for region in regions {
        if region.value.partition() != primary.value.partition() {
            log.push(
                Diagnostic::new(
                    &fields::CONFLICTING_FIELDS,
                    region.span(),
                    format!("`{}` is in another partition than `{}`", region.value, primary.value),
                )
                .also(primary.span(), format!("this one is in `{}`", primary.value.partition().as_str()))
                .help("an account belongs to one partition; make an environment of its own"),
            );
        }
    }
    for entry in environment.networks.iter() {
        if entry.name.value == primary.value {
            log.push(
                Diagnostic::new(
                    &fields::CONFLICTING_FIELDS,
                    entry.name.span(),
                    format!("`{}` is the primary Region", entry.name.value),
                )
                .also(primary.span(), "it is the first here")
                .help("write its network under `network`"),
            );
        }
    }
}

fn check_database(database: &Database, log: &mut Diagnostics) {
    let mut named = database.targets().into_iter().flatten();
    let Some((first, _)) = named.next() else { return };
    for (span, _) in named {
        log.push(
            Diagnostic::new(&fields::CONFLICTING_FIELDS, span, "a database has one identifier")
                .also(first, "the first is here")
                .help("keep one of `cluster`, `instance`, `workgroup` and `namespace`"),
        );
    }
}
