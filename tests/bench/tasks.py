"""Functions that run by the clock, and runbooks: under their roles, with the events that the templates give them."""

from __future__ import annotations

import base64
import functools
import json
from typing import Any

from clouds import client, refusal, until
from databases import Database
from rotations import rotated_secrets
from tally import Tally
from workspace import Json, Stack


def check(tally: Tally, stacks: list[Stack], servers: dict[str, Database]) -> None:
    """Every watch, every check of log-ins, and every runbook of the stacks."""
    watched = checked = restored = 0
    for stack in stacks:
        settle(stack, servers)
        for rule, target in scheduled(stack):
            function = stack.resources("AWS::Lambda::Function")[target["Arn"]["Fn::GetAtt"][0]][
                "FunctionName"
            ]
            event = json.loads(target["Input"])
            answer = invoke(stack, function, event)
            tally.expect(not answer["error"], f"{stack.path} {rule}: {answer}")
            if "-check-" in function:
                checked += tried(tally, stack, rule, event, answer)
            else:
                watched += published(tally, stack, rule, event)
        for name, document in stack.resources("AWS::SSM::Document").items():
            restored += roll_back(tally, stack, name, document, servers)
    tally.notes.append(
        f"{watched} secrets watched, {checked} log-ins checked, {restored} values brought back"
    )
    tally.expect(watched > 0 and checked > 0 and restored > 0, "nothing was watched, checked or restored")


def settle(stack: Stack, servers: dict[str, Database]) -> None:
    """Has the databases know what this stack's secrets hold: users of one name in different places are one here."""
    found = [one for one in rotated_secrets(stack).values() if "random" not in one.role]
    masters = {one.value().get("masterarn") for one in found}
    for secret in found:
        arn = secret.api.describe_secret(SecretId=secret.name)["ARN"]
        for label in ("AWSPREVIOUS", "AWSCURRENT") if secret.labels().get("AWSPREVIOUS") else ("AWSCURRENT",):
            value = secret.value(label)
            if "engine" not in value:
                # The version before the database was attached.
                continue
            server = servers[value["engine"]]
            if not server.opens(value["username"], value["password"]):
                server.ensure_user(value["username"], value["password"], arn in masters)


def scheduled(stack: Stack) -> list[tuple[str, Json]]:
    """The targets that the clock invokes."""
    rules = stack.resources("AWS::Events::Rule").items()
    return [
        (name, target) for name, rule in rules if "ScheduleExpression" in rule for target in rule["Targets"]
    ]


def invoke(stack: Stack, function: str, event: Json) -> Json:
    api = client("lambda", stack.account, stack.region)
    answer = api.invoke(FunctionName=function, Payload=json.dumps(event), LogType="Tail")
    log = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace")
    payload = answer["Payload"].read().decode(errors="replace")
    return {"error": answer.get("FunctionError"), "log": log, "payload": payload}


def published(tally: Tally, stack: Stack, rule: str, event: Json) -> int:
    """The metrics of each secret are there, and none is late on the day of its deployment."""
    api = client("cloudwatch", stack.account, stack.region)
    held: dict[str, set[str]] = {}
    for metric in api.list_metrics(Namespace="Keyprint/Rotation")["Metrics"]:
        for dimension in metric["Dimensions"]:
            held.setdefault(dimension["Value"], set()).add(metric["MetricName"])
    wanted = {"DaysSinceRotation", "DaysUntilRotation", "Late", "LastRotationSucceeded"}
    for name in event["secrets"]:
        tally.expect(held.get(name) == wanted, f"{stack.path} {rule} {name}: {held.get(name)}")
    tally.expect("LateSecrets" in held.get(event["stack"], set()), f"{stack.path} {rule}: no LateSecrets")
    return len(event["secrets"])


def tried(tally: Tally, stack: Stack, rule: str, event: Json, answer: Json) -> int:
    lines = [json.loads(line) for line in answer["log"].splitlines() if line.startswith('{"_aws"')]
    seen = {line["Secret"]: line["Success"] for line in lines if "Secret" in line}
    for name in event["secrets"]:
        tally.expect(seen.get(name) == 1, f"{stack.path} {rule} {name}: {answer['log'][-500:]}")
    return len(event["secrets"])


def roll_back(tally: Tally, stack: Stack, name: str, document: Json, servers: dict[str, Database]) -> int:
    """Systems Manager runs the document, and the value before the last rotation opens the database and is current."""
    api: Any = client("ssm", stack.account, stack.region)
    served = document["Content"]["parameters"]["SecretId"]["allowedValues"]
    secrets = [one for one in rotated_secrets(stack).values() if one.name in served]
    tally.expect(len(secrets) == len(served), f"{stack.path} {name}: serves {served}")
    done = 0
    for secret in secrets:
        version = secret.labels().get("AWSPREVIOUS", "")
        if not version:
            continue
        before, after = secret.value("AWSPREVIOUS"), secret.value()
        server = servers[before["engine"]]
        if not server.opens(after["username"], after["password"]):
            server.ensure_user(after["username"], after["password"], False)
        parameters = {"SecretId": [secret.name], "VersionId": [version]}

        def run(parameters: Json = parameters) -> Json:
            begun = api.start_automation_execution(DocumentName=document["Name"], Parameters=parameters)
            identifier = begun["AutomationExecutionId"]

            def ended() -> Json | None:
                found: Json = api.get_automation_execution(AutomationExecutionId=identifier)
                execution: Json = found["AutomationExecution"]
                return None if execution["AutomationExecutionStatus"] == "InProgress" else execution

            found: Json = until(ended, document["Name"])
            return found

        for _ in range(2):
            outcome = run()
            tally.expect(outcome["AutomationExecutionStatus"] == "Success", f"{secret.name}: {outcome}")
            tally.expect(secret.value() == before, f"{secret.name}: not the value before")
        tally.expect(server.opens(before["username"], before["password"]), f"{secret.name}: it opens nothing")
        single = before["username"] == after["username"]
        closed = not server.opens(after["username"], after["password"])
        tally.expect(closed is single, f"{secret.name}: the value after the rotation opens: {not closed}")
        stranger = parameters | {"SecretId": ["another/secret"]}
        tally.expect(refusal(functools.partial(run, stranger)) != "", f"{name}: takes any secret")
        done += 1
    return done
