"""What exists before anything is deployed: networks, databases, clusters and roles that the templates refer to."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

from clouds import client
from workspace import Json, Stack

# What the attachment calls the engine of a secret's type, and the port of engines that do not run in the bench.
ENGINES = {
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "oracle": "oracle",
    "redshift": "redshift",
}
PORTS = {"oracle": 1521, "redshift": 5439}
# The accounts of an organisation by unit, for StackSets.
UNITS = {"ou-ab12-cd34ef56": ["141414141414", "151515151515"]}
# Where the databases of the blueprints answer in the bench, by engine.
LOCAL = {"postgres": "postgresql", "mysql": "mysql"}


def world(stacks: list[Stack], blueprints: dict[str, Json], ports: dict[str, int], authority: str) -> Json:
    """The file from which the emulator takes what the accounts hold already."""
    places: Json = {}
    for stack in stacks:
        here = places.setdefault(
            f"{stack.account}/{stack.region}", {"vpcs": [], "subnets": {}, "groups": {}, "clusters": []}
        )
        vpcs = sorted(set(re.findall(r"\bvpc-[0-9a-f]{8,}\b", stack.text)))
        here["vpcs"] = sorted({*here["vpcs"], *vpcs})
        for kind, pattern in (("subnets", r"\bsubnet-[0-9a-f]{8,}\b"), ("groups", r"\bsg-[0-9a-f]{8,}\b")):
            here[kind] |= {name: vpcs[0] for name in set(re.findall(pattern, stack.text)) if vpcs}
        for association in stack.resources("AWS::EKS::PodIdentityAssociation").values():
            here["clusters"] = sorted({*here["clusters"], association["ClusterName"]})
    organizations = {
        environment["account"]: blueprint["organization"]
        for blueprint in blueprints.values()
        for environment in blueprint["environments"].values()
        if "organization" in blueprint
    }
    return {
        "places": places,
        "databases": databases(stacks, blueprints, ports),
        "organizations": organizations,
        "units": UNITS,
        "authority": authority,
    }


def databases(stacks: list[Stack], blueprints: dict[str, Json], ports: dict[str, int]) -> Json:
    """The addresses of the databases that secrets are attached to; those that run in the bench are local."""
    found: Json = {}
    for stack in stacks:
        kinds = {
            one.rpartition("/")[2]: facts["type"]
            for one, facts in blueprints[stack.application]["secrets"].items()
        }
        for attachment in stack.resources("AWS::SecretsManager::SecretTargetAttachment").values():
            secret = stack.resources("AWS::SecretsManager::Secret")[attachment["SecretId"]["Ref"]]
            engine = ENGINES[kinds[secret["Name"].rpartition("/")[2]].removeprefix("aurora-")]
            local = LOCAL.get(engine)
            host, port = (
                ("127.0.0.1", ports[local]) if local else (f"{attachment['TargetId']}.invalid", PORTS[engine])
            )
            identifier = (
                "dbClusterIdentifier"
                if attachment["TargetType"].endswith("Cluster")
                else "dbInstanceIdentifier"
            )
            written = {"engine": engine, "host": host, "port": port, identifier: attachment["TargetId"]}
            found[f"{attachment['TargetType']}/{attachment['TargetId']}"] = written
    return found


def prepare(stacks: list[Stack]) -> None:
    """Makes, through the services, the roles, policies, functions and log groups that the templates name."""
    for stack in stacks:
        made = {one.get("RoleName") for other in stacks for one in other.resources("AWS::IAM::Role").values()}
        for account, name in re.findall(r"iam::(\$\{AWS::AccountId\}|\d{12}):role/([\w+=,.@-]+)", stack.text):
            if name not in made:
                ensure_role(stack.account if account.startswith("$") else account, name, stack.region)
        for blueprint in re.findall(r"policy/([\w-]+)\"", stack.text):
            ensure_boundary(stack.account, blueprint, stack.region)
        for properties in stack.resources("AWS::SecretsManager::RotationSchedule").values():
            function = properties.get("RotationLambdaARN")
            if isinstance(function, str):
                ensure_function(function, stack.account, stack.region)
        for properties in stack.resources("AWS::Lambda::Permission").values():
            if isinstance(properties["FunctionName"], str):
                ensure_function(properties["FunctionName"], stack.account, stack.region)
        for properties in stack.resources("AWS::Logs::MetricFilter").values():
            if isinstance(properties["LogGroupName"], str):
                ensure_log_group(properties["LogGroupName"], stack.account, stack.region)
    for account, region in sorted({(stack.account, stack.region) for stack in stacks}):
        client("s3", account, region).create_bucket(
            Bucket=bucket(account, region), CreateBucketConfiguration={"LocationConstraint": region}
        )


def bucket(account: str, region: str) -> str:
    """The bucket from which an account deploys templates that are too long for a request."""
    return f"templates-{account}-{region}"


def ensure_role(account: str, name: str, region: str) -> None:
    """A role that exists already, which its account's owner may assume."""
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "sts:AssumeRole",
    }
    api = client("iam", account, region)
    try:
        api.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )
    except api.exceptions.EntityAlreadyExistsException:
        return


def ensure_boundary(account: str, name: str, region: str) -> None:
    """A permissions boundary as organisations have them: everything but what nobody may do."""
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    deny = {"Effect": "Deny", "Action": ["iam:*", "organizations:*"], "Resource": "*"}
    api = client("iam", account, region)
    try:
        document = json.dumps({"Version": "2012-10-17", "Statement": [allow, deny]})
        api.create_policy(PolicyName=name, PolicyDocument=document)
    except api.exceptions.EntityAlreadyExistsException:
        return


def ensure_function(arn: str, account: str, region: str) -> None:
    """A rotation function of the author's own that Secrets Manager may invoke."""
    name = arn.rpartition(":")[2]
    ensure_role(account, "existing-function", region)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", "def handler(event, context):\n    return None\n")
    api: Any = client("lambda", account, region)
    try:
        api.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=f"arn:aws:iam::{account}:role/existing-function",
            Handler="index.handler",
            Code={"ZipFile": archive.getvalue()},
        )
    except api.exceptions.ResourceConflictException:
        return
    permission = {
        "StatementId": "rotation",
        "Action": "lambda:InvokeFunction",
        "Principal": "secretsmanager.amazonaws.com",
    }
    api.add_permission(FunctionName=name, SourceAccount=account, **permission)


def ensure_log_group(name: str, account: str, region: str) -> None:
    """The log group to which the organisation's trail delivers."""
    api = client("logs", account, region)
    try:
        api.create_log_group(logGroupName=name)
    except api.exceptions.ResourceAlreadyExistsException:
        return
