//! `AWS::EC2`: endpoints and security groups.

use super::{Tag, object, resource};
use crate::cfn::value::words::{EndpointId, SecurityGroupId, Text, Unused};
use crate::cfn::{Handle, PolicyDocument, Value};

resource! {
    /// A private path to a service; `Ref` is its id.
    VpcEndpoint = "AWS::EC2::VPCEndpoint", Ref = EndpointId {
        vpc_endpoint_type: Value<Text> = "VpcEndpointType",
        service_name: Value<Text> = "ServiceName",
        vpc_id: Value<Text> = "VpcId",
        subnet_ids: Vec<Value<Text>> = "SubnetIds",
        security_group_ids: Vec<Value<SecurityGroupId>> = "SecurityGroupIds",
        private_dns_enabled: bool = "PrivateDnsEnabled",
        policy_document: PolicyDocument = "PolicyDocument",
        tags: Vec<Tag> = "Tags",
    }
    /// A security group; its id comes from `Fn::GetAtt`, which holds in every case (CloudFormation docs).
    SecurityGroup = "AWS::EC2::SecurityGroup", Ref = Unused {
        group_description: Value<Text> = "GroupDescription",
        vpc_id: Value<Text> = "VpcId",
        security_group_egress: Vec<EgressRule> = "SecurityGroupEgress",
        tags: Vec<Tag> = "Tags",
    }
    /// What may come in; everything but the description is fixed once made.
    SecurityGroupIngress = "AWS::EC2::SecurityGroupIngress", Ref = Unused {
        group_id: Value<SecurityGroupId> = "GroupId",
        ip_protocol: Value<Text> = "IpProtocol",
        from_port: u32 = "FromPort",
        to_port: u32 = "ToPort",
        source_security_group_id: Value<SecurityGroupId> = "SourceSecurityGroupId",
        description: Value<Text> = "Description",
    }
}

object! {
    /// An egress rule within a group.
    EgressRule {
        ip_protocol: Value<Text> = "IpProtocol",
        from_port: u32 = "FromPort",
        to_port: u32 = "ToPort",
        destination_security_group_id: Value<SecurityGroupId> = "DestinationSecurityGroupId",
        cidr_ip: Value<Text> = "CidrIp",
        description: Value<Text> = "Description",
    }
}

impl Handle<SecurityGroup> {
    /// The group's id.
    pub(crate) fn group_id(self) -> Value<SecurityGroupId> {
        self.attribute("GroupId")
    }
}
