"""EC2: the networks of the world, rules of security groups as resources, groups that must exist."""

from __future__ import annotations

from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import ec2

from emulator.provision import HANDLERS, Created, Json, accepted, resource
from emulator.world import place, world


def install() -> None:
    for location in world()["places"]:
        account, region = location.split("/")
        furnish(account, region)
    resource("AWS::EC2::SecurityGroupIngress", rule("Ingress"), unrule("Ingress"))
    resource("AWS::EC2::SecurityGroupEgress", rule("Egress"), unrule("Egress"))
    for kind in ("AWS::EC2::SecurityGroup", "AWS::EC2::VPCEndpoint"):
        HANDLERS[kind]["create"] = checked(kind, HANDLERS[kind]["create"])


def furnish(account: str, region: str) -> None:
    """The networks that exist in a place before anything is deployed."""
    here = place(account, region)
    for vpc in here.get("vpcs", []):
        record: Json = {"VpcId": vpc, "CidrBlock": "10.0.0.0/16", "State": "available", "IsDefault": False}
        extra: Json = {"InstanceTenancy": "default", "DhcpOptionsId": "dopt-00000001", "OwnerId": account}
        ec2._vpcs.set_scoped(account, region, vpc, record | extra)
    for subnet, vpc in here.get("subnets", {}).items():
        record = {"SubnetId": subnet, "VpcId": vpc, "CidrBlock": "10.0.1.0/24", "State": "available"}
        extra = {"AvailabilityZone": f"{region}a", "AvailableIpAddressCount": 251, "OwnerId": account}
        ec2._subnets.set_scoped(account, region, subnet, record | extra)
    for group, vpc in here.get("groups", {}).items():
        record = {
            "GroupId": group,
            "GroupName": group,
            "Description": group,
            "VpcId": vpc,
            "OwnerId": account,
        }
        rules: Json = {"IpPermissions": [], "IpPermissionsEgress": []}
        ec2._security_groups.set_scoped(account, region, group, record | rules)


def checked(kind: str, create: Any) -> Any:
    """Refuses a network, subnet or group that the account does not have in the Region."""

    def create_checked(logical: str, properties: Json, stack: str) -> Created:
        if properties.get("VpcId") not in ec2._vpcs:
            raise ValueError(f"The vpc ID '{properties.get('VpcId')}' does not exist in {get_region()}")
        for subnet in properties.get("SubnetIds", []):
            if subnet not in ec2._subnets:
                raise ValueError(f"The subnet ID '{subnet}' does not exist")
        for group in properties.get("SecurityGroupIds", []):
            known(group)
        made: Created = create(logical, properties, stack)
        return made

    return create_checked


def known(group: str) -> None:
    if group not in ec2._security_groups:
        raise ValueError(f"The security group '{group}' does not exist in {get_account_id()} {get_region()}")


def permission(properties: Json, peer: str) -> Json:
    """The flat form in which EC2's own API takes one rule."""
    flat = {"GroupId": [properties["GroupId"]], "IpPermissions.1.IpProtocol": [str(properties["IpProtocol"])]}
    for end in ("FromPort", "ToPort"):
        if end in properties:
            flat[f"IpPermissions.1.{end}"] = [str(properties[end])]
    if peer in properties:
        flat["IpPermissions.1.Groups.1.GroupId"] = [properties[peer]]
        flat["IpPermissions.1.Groups.1.Description"] = [properties.get("Description", "")]
    if "CidrIp" in properties:
        flat["IpPermissions.1.IpRanges.1.CidrIp"] = [properties["CidrIp"]]
    return flat


PEERS = {"Ingress": "SourceSecurityGroupId", "Egress": "DestinationSecurityGroupId"}


def rule(way: str) -> Any:
    authorize = ec2._authorize_sg_ingress if way == "Ingress" else ec2._authorize_sg_egress

    def create(logical: str, properties: Json, stack: str) -> Created:
        known(properties["GroupId"])
        if PEERS[way] in properties:
            known(properties[PEERS[way]])
        accepted(authorize(permission(properties, PEERS[way])), f"SecurityGroup{way}")
        return f"{stack}-{logical}", {"Id": f"{stack}-{logical}"}

    return create


def unrule(way: str) -> Any:
    revoke = ec2._revoke_sg_ingress if way == "Ingress" else ec2._revoke_sg_egress

    def delete(identifier: str, properties: Json) -> None:
        if properties.get("GroupId") in ec2._security_groups:
            accepted(revoke(permission(properties, PEERS[way])), f"SecurityGroup{way}")

    return delete
