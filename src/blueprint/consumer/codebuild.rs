//! Projects of CodeBuild.

use super::facts::{Compute, Need, Piece, ServiceTrust};
use super::runs_on::Kind;
use crate::blueprint::mapping::mapping;
use crate::blueprint::scalar::ForeignName;
use crate::source::Sourced;

pub(super) const KIND: Kind = Kind::new::<Options>(
    "codebuild",
    "A project of CodeBuild outside of the VPC.",
    "{ codebuild: orders-deploy }",
    None,
);

mapping! {
    /// A project of CodeBuild.
    struct Options = "a CodeBuild project" {
        /// The name of the project.
        project: Sourced<ForeignName> = "codebuild" like "orders-deploy";
    }
}

impl From<Options> for Compute {
    /// `aws:SourceArn` is unverified for the trust of CodeBuild roles, so it has no condition.
    fn from(options: Options) -> Self {
        let group = vec![Piece::Text("/aws/codebuild/"), Piece::Given(options.project.value.to_string())];
        Self {
            needs: vec![Need::logs(group)],
            ..Self::of("codebuild", ServiceTrust::of(&["codebuild.amazonaws.com"]))
        }
    }
}
