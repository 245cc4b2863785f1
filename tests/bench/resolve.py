"""Resolves a template's intrinsics against what was deployed, apart from the emulator's own resolution."""

from __future__ import annotations

import re
from typing import Any

from clouds import client
from deploy import Deployer
from workspace import Json, Stack


class Resolver:
    """Values of one deployed stack."""

    def __init__(self, deployer: Deployer, stack: Stack) -> None:
        self.stack = stack
        self.physical = deployer.physical(stack)
        self.parameters = {one["ParameterKey"]: one["ParameterValue"] for one in deployer.parameters(stack)}
        api = client("cloudformation", stack.account, stack.region)
        pages = api.get_paginator("list_exports").paginate()
        self.exports = {one["Name"]: one["Value"] for page in pages for one in page["Exports"]}
        pseudo = {
            "AccountId": stack.account,
            "Region": stack.region,
            "Partition": "aws",
            "URLSuffix": "amazonaws.com",
        }
        self.pseudo = {f"AWS::{name}": value for name, value in pseudo.items()} | {
            "AWS::StackName": stack.name
        }

    def value(self, node: Any) -> Any:
        """The node with every intrinsic replaced."""
        if isinstance(node, list):
            return [self.value(one) for one in node]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            name, argument = next(iter(node.items()))
            if name == "Ref":
                return self.ref(argument)
            if name == "Fn::GetAtt":
                return self.attribute(*(argument if isinstance(argument, list) else argument.split(".", 1)))
            if name == "Fn::ImportValue":
                return self.exports[self.value(argument)]
            if name == "Fn::Sub":
                return re.sub(r"\$\{([^!}][^}]*)\}", lambda found: self.named(found[1]), argument)
            if name == "Fn::Join":
                return argument[0].join(self.value(argument[1]))
            if name.startswith("Fn::"):
                raise ValueError(f"{self.stack.path}: {name} is not known to the bench")
        return {key: self.value(one) for key, one in node.items()}

    def ref(self, name: str) -> str:
        """What `Ref` answers, for pseudo parameters, parameters and resources."""
        for table in (self.pseudo, self.parameters, self.physical):
            if name in table:
                return str(table[name])
        raise KeyError(f"{self.stack.path}: {name}")

    def named(self, name: str) -> str:
        """What stands between `${` and `}`."""
        resource, dot, attribute = name.partition(".")
        return str(self.attribute(resource, attribute)) if dot else self.ref(name)

    def attribute(self, name: str, attribute: str) -> str:
        """Attributes that follow from the identifier alone, as the resource's reference describes them."""
        kind, identifier = self.stack.template["Resources"][name]["Type"], self.physical[name]
        account, region = self.stack.account, self.stack.region
        if (kind, attribute) == ("AWS::EC2::SecurityGroup", "GroupId"):
            return identifier
        arns = {
            "AWS::IAM::Role": f"arn:aws:iam::{account}:role/{identifier}",
            "AWS::KMS::Key": f"arn:aws:kms:{region}:{account}:key/{identifier}",
            "AWS::KMS::ReplicaKey": f"arn:aws:kms:{region}:{account}:key/{identifier}",
            "AWS::Lambda::Function": f"arn:aws:lambda:{region}:{account}:function:{identifier}",
            "AWS::Logs::LogGroup": f"arn:aws:logs:{region}:{account}:log-group:{identifier}:*",
            "AWS::Events::Rule": f"arn:aws:events:{region}:{account}:rule/{identifier}",
            "AWS::SQS::Queue": f"arn:aws:sqs:{region}:{account}:{identifier.rpartition('/')[2]}",
            "AWS::CloudWatch::Alarm": f"arn:aws:cloudwatch:{region}:{account}:alarm:{identifier}",
            "AWS::IAM::InstanceProfile": f"arn:aws:iam::{account}:instance-profile/{identifier}",
        }
        if attribute == "Arn" and kind in arns:
            return arns[kind]
        raise KeyError(f"{kind} {attribute} is not known to the bench")

    def properties(self, name: str) -> Json:
        """The resolved properties of one resource."""
        found: Json = self.value(self.stack.template["Resources"][name].get("Properties", {}))
        return found
