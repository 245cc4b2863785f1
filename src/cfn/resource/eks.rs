//! `AWS::EKS`: the tie between a service account and a role.

use super::{Tag, resource};
use crate::cfn::Value;
use crate::cfn::value::words::{RoleArn, Text, Unused};

resource! {
    /// Gives the pods of a service account a role.
    PodIdentityAssociation = "AWS::EKS::PodIdentityAssociation", Ref = Unused {
        cluster_name: Value<Text> = "ClusterName",
        namespace: Value<Text> = "Namespace",
        service_account: Value<Text> = "ServiceAccount",
        role_arn: Value<RoleArn> = "RoleArn",
        tags: Vec<Tag> = "Tags",
    }
}
