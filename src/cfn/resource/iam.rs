//! `AWS::IAM`.

use super::{Tag, resource};
use crate::cfn::value::words::{InstanceProfileName, PolicyArn, RoleArn, RoleName, Text};
use crate::cfn::{Handle, PolicyDocument, Value};

resource! {
    /// A role; `Ref` is its name. Names are unique in the account, over all Regions.
    Role = "AWS::IAM::Role", Ref = RoleName {
        role_name: Value<RoleName> = "RoleName",
        description: Value<Text> = "Description",
        assume_role_policy_document: PolicyDocument = "AssumeRolePolicyDocument",
        permissions_boundary: Value<PolicyArn> = "PermissionsBoundary",
        max_session_duration: u32 = "MaxSessionDuration",
        tags: Vec<Tag> = "Tags",
    }
    /// A policy attached to roles by name; `Ref` is its ARN. It has no tags in its schema.
    ManagedPolicy = "AWS::IAM::ManagedPolicy", Ref = PolicyArn {
        description: Value<Text> = "Description",
        policy_document: PolicyDocument = "PolicyDocument",
        roles: Vec<Value<RoleName>> = "Roles",
    }
    /// What carries a role onto an EC2 instance; `Ref` is its name.
    InstanceProfile = "AWS::IAM::InstanceProfile", Ref = InstanceProfileName {
        instance_profile_name: Value<InstanceProfileName> = "InstanceProfileName",
        roles: Vec<Value<RoleName>> = "Roles",
    }
}

impl Handle<Role> {
    /// The role's ARN.
    pub(crate) fn arn(self) -> Value<RoleArn> {
        self.attribute("Arn")
    }
}
