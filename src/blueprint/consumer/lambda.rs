//! Lambda functions.

use super::facts::{Compute, Need, Placement, ResourcePattern, ServiceTrust, When, name_or_own};
use super::runs_on::Kind;
use crate::blueprint::mapping::mapping;
use crate::blueprint::scalar::ForeignName;
use crate::source::Sourced;

pub(super) const KIND: Kind =
    Kind::new::<Options>("lambda", "A Lambda function.", "lambda", Some(|| facts(None)));

mapping! {
    /// A Lambda function; `runs-on: lambda` alone means one of the consumer's physical name.
    struct Options = "a Lambda function" {
        /// The name of the function, where it is not `application-environment-consumer`.
        name: Sourced<ForeignName> = "lambda" like "orders-checkout";
    }
}

/// What Lambda does with the role to put a function into a VPC (facts: iam.md, Lambda in VPC).
const INTERFACES: &[&str] = &[
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
];

impl From<Options> for Compute {
    fn from(options: Options) -> Self {
        facts(Some(options.name.value.to_string()))
    }
}

/// `aws:SourceAccount` and `aws:SourceArn` are unverified for execution roles, so the trust has no condition. The
/// stack that deploys the function creates its log group.
fn facts(name: Option<String>) -> Compute {
    use super::facts::Piece::Text;
    let interfaces =
        Need { withheld_from_code: true, ..Need::everywhere("ManageInterfaces", INTERFACES, When::InVpc) };
    Compute {
        placement: Placement::InVpcByChoice,
        needs: vec![Need::logs(vec![Text("/aws/lambda/"), name_or_own(name.clone())]), interfaces],
        function: Some(ResourcePattern {
            service: "lambda",
            resource: vec![Text("function:"), name_or_own(name)],
        }),
        ..Compute::of("lambda", ServiceTrust::of(&["lambda.amazonaws.com"]))
    }
}
