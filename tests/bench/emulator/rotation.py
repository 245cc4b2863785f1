"""Rotation: schedules that check the function's policy, and RotateSecret that invokes the four steps."""

from __future__ import annotations

import contextvars
import json
import os
import threading
import time
import urllib.request
import uuid
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import iam, lambda_svc, secretsmanager

from emulator.identity import applying
from emulator.provision import HANDLERS, Created, Json, resource
from emulator.world import world

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
# The emulator's address, and the authority of the databases, which on AWS are the Region's.
HERE = f"http://127.0.0.1:{os.environ.get('GATEWAY_PORT')}"
OVERRIDES = {"SECRETS_MANAGER_ENDPOINT": HERE, "CLOUDWATCH_ENDPOINT": HERE}
REFUSED = (
    "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to "
    "the principal secretsmanager.amazonaws.com."
)


def install() -> None:
    resource("AWS::SecretsManager::RotationSchedule", create_schedule, delete_schedule)
    secretsmanager._rotate_secret = rotate
    HANDLERS["AWS::Lambda::Function"]["create"] = with_assumable_role(
        HANDLERS["AWS::Lambda::Function"]["create"]
    )
    execute = lambda_svc._execute_function_warm

    def execute_here(function: Json, event: Any, request: str) -> Any:
        config = function.get("config") or function
        variables = {**config.get("Environment", {}).get("Variables", {}), **OVERRIDES}
        changed = {**config, "Environment": {"Variables": {**variables, "DATABASE_CA": world()["authority"]}}}
        return execute({**function, "config": changed} if "config" in function else changed, event, request)

    lambda_svc._execute_function_warm = execute_here


def with_assumable_role(create: Any) -> Any:
    """Refuses a role that the function's service may not assume, as Lambda does."""

    def create_function(logical: str, properties: Json, stack: str) -> Created:
        role = iam._roles.get(properties["Role"].rpartition("/")[2]) or {}
        document = role.get("AssumeRolePolicyDocument") or "{}"
        policy = json.loads(document) if isinstance(document, str) else document
        if not applying(policy.get("Statement", []), "lambda.amazonaws.com"):
            raise ValueError("The role defined for the function cannot be assumed by Lambda.")
        made: Created = create(logical, properties, stack)
        return made

    return create_function


def may_invoke(function: str, secret: str) -> bool:
    """Whether a statement of the function's policy lets Secrets Manager invoke it for this secret."""
    account, name = function.split(":")[4], function.split(":function:")[-1].split(":")[0]
    record = lambda_svc._functions.get_scoped(account, function.split(":")[3], name) or {}
    policy = record.get("policy") or record.get("Policy") or {}
    policy = json.loads(policy) if isinstance(policy, str) else policy
    return any(admits(statement, secret) for statement in policy.get("Statement", []))


def admits(statement: Json, secret: str) -> bool:
    condition = statement.get("Condition", {})
    keys = {key.lower(): value for test in condition.values() for key, value in test.items()}
    return (
        statement.get("Effect") == "Allow"
        and statement.get("Principal", {}).get("Service") == "secretsmanager.amazonaws.com"
        and statement.get("Action") == "lambda:InvokeFunction"
        and keys.get("aws:sourceaccount", get_account_id()) == get_account_id()
        and keys.get("aws:sourcearn", secret) == secret
    )


def create_schedule(logical: str, properties: Json, stack: str) -> Created:
    _, secret = secretsmanager._resolve(properties["SecretId"])
    if not secret:
        raise ValueError("Secrets Manager can't find the specified secret.")
    function = properties.get("RotationLambdaARN")
    if function and not may_invoke(function, secret["ARN"]):
        raise ValueError(REFUSED)
    secret.update(
        RotationEnabled=True, RotationLambdaARN=function, RotationRules=properties.get("RotationRules")
    )
    if function and properties.get("RotateImmediatelyOnUpdate", True):
        rotate({"SecretId": secret["ARN"]})
    return secret["ARN"], {"Id": secret["ARN"]}


def delete_schedule(identifier: str, properties: Json) -> None:
    _, secret = secretsmanager._resolve(identifier)
    if secret:
        secret.update(RotationEnabled=False, RotationLambdaARN=None, RotationRules=None)


def rotate(request: Json) -> Any:
    """Stages an empty pending version, then invokes the function step by step in a thread.

    A version that is still pending is taken up again, and the request is refused, as the service does.
    """
    _, secret = secretsmanager._resolve(request.get("SecretId", ""))
    if not secret:
        message = "Secrets Manager can't find the specified secret."
        return secretsmanager.error_response_json("ResourceNotFoundException", message, 400)
    if not secret.get("RotationLambdaARN"):
        message = "No Lambda rotation function ARN is associated with this secret."
        return secretsmanager.error_response_json("InvalidRequestException", message, 400)
    pending = next((one for one, version in secret["Versions"].items() if unfinished(version)), "")
    token = pending or request.get("ClientRequestToken") or str(uuid.uuid4())
    if not pending:
        for version in secret["Versions"].values():
            version["Stages"] = [stage for stage in version["Stages"] if stage != "AWSPENDING"]
        empty = {
            "SecretString": None,
            "SecretBinary": None,
            "CreatedDate": int(time.time()),
            "Stages": ["AWSPENDING"],
        }
        secret["Versions"][token] = empty
    outcome(secret, "")
    where = {"function": secret["RotationLambdaARN"], "account": get_account_id(), "region": get_region()}
    run = contextvars.copy_context().run
    threading.Thread(target=run, args=(steps, secret, token, where), daemon=True).start()
    if pending and pending != request.get("ClientRequestToken"):
        message = "A previous rotation isn't complete. That rotation will be reattempted."
        return secretsmanager.error_response_json("InvalidRequestException", message, 400)
    return secretsmanager.json_response({"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token})


def unfinished(version: Json) -> bool:
    return "AWSPENDING" in version["Stages"] and "AWSCURRENT" not in version["Stages"]


def steps(secret: Json, token: str, where: Json) -> None:
    """Ends at the first step that fails; a test reads the outcome from a tag of the secret."""
    for step in STEPS:
        event = {"Step": step, "SecretId": secret["ARN"], "ClientRequestToken": token}
        failure = REFUSED if not may_invoke(where["function"], secret["ARN"]) else invoke(event, where)
        if failure:
            outcome(secret, f"{step}: {failure}")
            return
    secret["LastRotatedDate"] = int(time.time())
    outcome(secret, "rotated")


def outcome(secret: Json, text: str) -> None:
    tags = [tag for tag in secret["Tags"] if tag["Key"] != "bench:rotation"]
    secret["Tags"] = [*tags, {"Key": "bench:rotation", "Value": text}]


def invoke(event: Json, where: Json) -> str:
    """The function's failure, or nothing."""
    scope = f"{where['account']}/20260101/{where['region']}/lambda/aws4_request"
    request = urllib.request.Request(
        f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}/2015-03-31/functions/{where['function']}/invocations",
        method="POST",
        data=json.dumps(event).encode(),
        headers={"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"},
    )
    try:
        with urllib.request.urlopen(request) as response:
            body = response.read().decode()
            return body if response.headers.get("X-Amz-Function-Error") else ""
    except OSError as error:
        return str(error)
