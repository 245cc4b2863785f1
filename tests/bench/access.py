"""Access in practice: every caller of every blueprint tries every secret of the workspace, in every Region."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from clouds import assume, client, refusal, session_client
from intents import Caller, Secret, callers, secrets
from rotations import rotated_secrets
from tally import Tally
from workspace import Json, Stack

DENIED = ("AccessDenied", "AccessDeniedException")
NOT_JUDGED = (
    "kms:Decrypt on a secret's key (the emulator's Secrets Manager does not ask KMS)",
    "conditions on secretsmanager:ResourceTag (not supplied)",
    "endpoint policies, private DNS, security groups (there is no network)",
    "service control policies",
)


def check(tally: Tally, blueprints: dict[str, Json], stacks: list[Stack]) -> None:
    """The matrix, both ways; trust; resource policies; boundaries."""
    everything = secrets(blueprints)
    arns = {(one.id, region): arn_of(one, region) for one in everything for region in one.regions}
    allowed = denied = refused = 0
    for caller in [*callers(blueprints), *rotation_callers(blueprints, stacks)]:
        permit_assuming(caller)
        try:
            credentials = caller.session()
        except ClientError as error:
            tally.expect(False, f"{caller.name} cannot assume its role: {error}")
            continue
        tally.passed += 1
        for stranger in caller.strangers:
            refused += tally.expect(
                refusal(stranger) in DENIED, f"{caller.name}: a stranger assumes {caller.role}"
            )
        for one in everything:
            for region in one.regions:
                arn = arns[one.id, region]
                api = session_client_of(credentials, region)
                for verb, wanted in (
                    ("read", one.id in caller.reads and (caller.in_replicas or region == one.regions[0])),
                    ("write", one.id in caller.writes),
                ):
                    if verb == "write" and region != one.regions[0]:
                        continue
                    answer = refusal(attempt(api, verb, arn))
                    held = answer == "" if wanted else answer in DENIED
                    word = "may" if wanted else "may not"
                    tally.expect(
                        held, f"{caller.name} {word} {verb} {one.path} in {region}: {answer or 'allowed'}"
                    )
                    allowed, denied = allowed + (wanted and held), denied + (not wanted and held)
                    tally.count(one.application, "reads and writes allowed" if wanted else "denied", held)
    tally.notes.append(f"{allowed} allowed, {denied} denied; {refused} strangers refused by trust policies")
    policies(tally, everything, arns)
    boundaries(tally, blueprints)
    tally.notes += [f"not judged by the emulator: {what}" for what in NOT_JUDGED]


def rotation_callers(blueprints: dict[str, Json], stacks: list[Stack]) -> list[Caller]:
    """The roles of rotation functions: they read and write the secrets that they rotate, and read superusers'."""
    found: dict[str, Caller] = {}
    for stack in stacks:
        for one in rotated_secrets(stack).values():
            role = f"arn:aws:iam::{stack.account}:role/{one.role}"
            application, environment, name = one.name.split("/")

            def session(role: str = role, region: str = stack.region) -> Json:
                return assume(role, {"service": "lambda.amazonaws.com"}, region)

            caller = found.setdefault(role, Caller(one.role, session, role=role, in_replicas=False))
            caller.reads.add((application, environment, name))
            caller.writes.add((application, environment, name))
            superuser = blueprints[application]["secrets"][name]["rotation"].get("superuser")
            if superuser:
                caller.reads.add((application, environment, superuser))
    return list(found.values())


CLIENTS: dict[tuple[str, str], Any] = {}


def session_client_of(credentials: Json, region: str) -> Any:
    key = (credentials["AccessKeyId"], region)
    if key not in CLIENTS:
        CLIENTS[key] = session_client("secretsmanager", region, credentials)
    return CLIENTS[key]


def attempt(api: Any, verb: str, arn: str) -> Callable[[], object]:
    if verb == "read":
        return lambda: api.get_secret_value(SecretId=arn)
    return lambda: api.put_secret_value(SecretId=arn, SecretString="{}", VersionStages=["bench"])


def arn_of(secret: Secret, region: str) -> str:
    arn: str = client("secretsmanager", secret.account, region).describe_secret(SecretId=secret.path)["ARN"]
    return arn


def permit_assuming(caller: Caller) -> None:
    """The partner's own account lets its role assume the role that it was given."""
    account = caller.role.split(":")[4]
    api = client("iam", "444444444444", "eu-west-1")
    if not caller.name.endswith("risk-partner"):
        return
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{account}:role/*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    api.put_role_policy(RoleName="RiskReader", PolicyName="assume", PolicyDocument=document)


def policies(tally: Tally, everything: list[Secret], arns: dict[Any, str]) -> None:
    """What resource policies deny even to a role of the account that may do everything."""
    insecure = outsiders = 0
    for secret in everything:
        region = secret.regions[0]
        arn = arns[secret.id, region]
        powerful = session_client("secretsmanager", region, all_powerful(secret.account, region))
        for verb, call in changes(powerful, arn).items():
            held = refusal(call) in DENIED
            outsiders += tally.expect(held, f"{secret.path}: anybody with permissions may {verb}")
        plain = session_client("secretsmanager", region, all_powerful(secret.account, region))
        plain.meta.events.register("before-sign.*", over_http)
        held = refusal(attempt(plain, "read", arn)) in DENIED
        insecure += tally.expect(held, f"{secret.path} can be read without TLS")
        tally.expect(
            refusal(attempt(powerful, "read", arn)) == "", f"{secret.path}: a permitted role is denied"
        )
    tally.notes.append(
        f"{insecure} reads without TLS and {outsiders} changes by others denied by resource policies"
    )


def over_http(request: Any, **_: Any) -> None:
    request.headers["x-forwarded-proto"] = "http"


def changes(api: Any, arn: str) -> dict[str, Callable[[], object]]:
    empty = json.dumps({"Version": "2012-10-17", "Statement": []})
    return {
        "delete it": lambda: api.delete_secret(SecretId=arn),
        "change its policy": lambda: api.put_resource_policy(SecretId=arn, ResourcePolicy=empty),
        "remove its policy": lambda: api.delete_resource_policy(SecretId=arn),
        "change its key": lambda: api.update_secret(SecretId=arn, KmsKeyId="alias/other"),
    }


def all_powerful(account: str, region: str) -> Json:
    """A role of the account to which its identity policy allows everything."""
    api = client("iam", account, region)
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "sts:AssumeRole",
    }
    document = {"Version": "2012-10-17", "Statement": [trust]}
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    try:
        api.create_role(RoleName="powerful", AssumeRolePolicyDocument=json.dumps(document))
        api.put_role_policy(
            RoleName="powerful", PolicyName="everything", PolicyDocument=json.dumps(everything)
        )
    except api.exceptions.EntityAlreadyExistsException:
        pass
    sts = session_client("sts", region, {"AccessKeyId": account, "SecretAccessKey": "test"})
    role = f"arn:aws:iam::{account}:role/powerful"
    credentials: Json = sts.assume_role(RoleArn=role, RoleSessionName="bench")["Credentials"]
    return credentials


def boundaries(tally: Tally, blueprints: dict[str, Json]) -> None:
    """A boundary stops what somebody adds to a role later; without one the addition takes effect."""
    addition = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}],
    }
    stopped = 0
    for caller in callers(blueprints):
        application, environment = caller.name.split("-")[:2]
        bounded = "permissions-boundary" in blueprints[application]["environments"][environment]
        account, name = caller.role.split(":")[4], caller.role.rpartition("/")[2]
        if not name.startswith(f"{application}-{environment}-"):
            continue
        iam = client("iam", account, "eu-west-1")
        iam.put_role_policy(RoleName=name, PolicyName="addition", PolicyDocument=json.dumps(addition))
        api = session_client("iam", "eu-west-1", caller.session())
        answer = refusal(api.list_users)
        iam.delete_role_policy(RoleName=name, PolicyName="addition")
        held = answer in DENIED if bounded else answer == ""
        stopped += (
            tally.expect(
                held, f"{caller.name}: boundary {bounded}, an addition answers {answer or 'allowed'}"
            )
            and bounded
        )
    tally.notes.append(f"{stopped} roles held by their permissions boundary")
