//! Redshift, when its own SQL reads secrets, limited to database users.

use super::facts::{Compute, Piece, Placement, ResourcePattern, ServiceTrust, Trust};
use super::runs_on::Kind;
use crate::aws::{DatabaseIdentifier, DatabaseUser};
use crate::blueprint::mapping::mapping;
use crate::blueprint::syntax::OneOrMore;
use crate::source::Sourced;

pub(super) const KIND: Kind = Kind::new::<Options>(
    "redshift",
    "A Redshift cluster on behalf of database users.",
    "{ redshift: warehouse, users: [etl] }",
    None,
);

mapping! {
    /// A Redshift cluster on behalf of database users.
    struct Options = "a Redshift cluster" {
        /// The identifier of the cluster.
        cluster: Sourced<DatabaseIdentifier> = "redshift" like "warehouse";
        /// The database users for whom it assumes the role.
        users: OneOrMore<Sourced<DatabaseUser>> = "users" like "[etl]";
    }
}

impl From<Options> for Compute {
    fn from(options: Options) -> Self {
        let user = |user: &Sourced<DatabaseUser>| ResourcePattern {
            service: "redshift",
            resource: vec![
                Piece::Text("dbuser:"),
                Piece::Given(options.cluster.value.to_string()),
                Piece::Text("/"),
                Piece::Given(user.value.to_string()),
            ],
        };
        let principals = &["redshift.amazonaws.com", "redshift-serverless.amazonaws.com"];
        let external_ids = options.users.as_slice().iter().map(user).collect();
        let trust = ServiceTrust { external_ids, ..ServiceTrust::of(principals) };
        Self {
            trust: Trust::Service(trust.clone()),
            placement: Placement::Outside,
            ..Self::of("redshift", trust)
        }
    }
}
