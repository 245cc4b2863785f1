//! Jobs of Glue.

use super::facts::{
    Compute, Need, Piece, Placement, ResourcePattern, Resources, ServiceTrust, When, name_or_own,
};
use super::runs_on::Kind;
use crate::blueprint::mapping::mapping;
use crate::blueprint::scalar::ForeignName;
use crate::source::Sourced;

pub(super) const KIND: Kind =
    Kind::new::<Options>("glue-job", "A job of Glue.", "glue-job", Some(|| facts(None)));

mapping! {
    /// A job of Glue; `runs-on: glue-job` alone means a connection of the consumer's physical name.
    struct Options = "a Glue job" {
        /// The name of the job's connection, where it is not `application-environment-consumer`.
        connection: Sourced<ForeignName> = "glue-job" like "orders-warehouse";
    }
}

/// What a job does with its role to put interfaces into the connection's subnet (Glue docs, service policy).
const INTERFACES: &[&str] = &[
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeVpcEndpoints",
];

impl From<Options> for Compute {
    fn from(options: Options) -> Self {
        facts(Some(options.connection.value.to_string()))
    }
}

/// `aws:SourceAccount` and `aws:SourceArn` are unverified for Glue, so the trust has no condition.
fn facts(connection: Option<String>) -> Compute {
    let glue = |resource| ResourcePattern { service: "glue", resource };
    let connections = vec![
        glue(vec![Piece::Text("catalog")]),
        glue(vec![Piece::Text("connection/"), name_or_own(connection)]),
    ];
    Compute {
        placement: Placement::InVpcByChoice,
        needs: vec![
            Need::logs(vec![Piece::Text("/aws-glue/*")]),
            Need {
                sid: "ReadConnection",
                actions: &["glue:GetConnection"],
                resources: Resources::These(connections),
                when: When::WithConnection,
                withheld_from_code: false,
            },
            Need::everywhere("ManageInterfaces", INTERFACES, When::WithConnection),
        ],
        ..Compute::of("glue-job", ServiceTrust::of(&["glue.amazonaws.com"]))
    }
}
