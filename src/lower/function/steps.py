"""The four steps as Secrets Manager calls them: guards, secret versions and log lines."""

from __future__ import annotations

import json
import os
import time
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

Fields = dict[str, Any]


class Kind(Protocol):
    """What differs between kinds of secrets. Every method may be called again after it was cut off."""

    def create(self, rotation: Rotation) -> str: ...
    def apply(self, rotation: Rotation) -> None: ...
    def test(self, rotation: Rotation) -> None: ...


# keyprint: body


class RotationFailed(Exception):
    """A step cannot be done. Its text goes to the log and never holds a secret."""

    pass


class Rotation:
    """One secret, the version that is being made, and the time left for it."""

    def __init__(self, event: Fields, context: Any) -> None:
        self.step = str(event.get("Step"))
        self.arn = str(event["SecretId"])
        self.token = str(event["ClientRequestToken"])
        self.rotation_token = event.get("RotationToken")
        self.started = time.monotonic()
        left = context.get_remaining_time_in_millis() / 1000 if context else 60.0
        # Two seconds to write the log line before Lambda ends the function.
        self.deadline = self.started + left - 2
        self.api = service("secretsmanager", os.environ.get("SECRETS_MANAGER_ENDPOINT"))

    def text(self, stage: str, version: str = "", secret: str = "") -> str | None:
        """The value of a version, None while it has none."""
        query = {"SecretId": secret or self.arn, "VersionStage": stage}
        if version:
            query["VersionId"] = version
        try:
            return str(self.api.get_secret_value(**query)["SecretString"])
        except self.api.exceptions.ResourceNotFoundException:
            return None
        except KeyError:
            raise RotationFailed(f"the value of {stage} is binary") from None

    def fields(self, stage: str, version: str = "", secret: str = "") -> Fields:
        """The JSON object of a version that must exist."""
        text = self.text(stage, version, secret)
        if text is None:
            raise RotationFailed(f"{secret or self.arn} has no value at {stage}")
        return decode(text, stage)

    def current(self) -> Fields:
        return self.fields("AWSCURRENT")

    def pending(self) -> Fields:
        return self.fields("AWSPENDING", self.token)

    def previous(self) -> Fields | None:
        text = self.text("AWSPREVIOUS")
        return None if text is None else decode(text, "AWSPREVIOUS")

    def log(self, level: str, message: str, **details: Any) -> None:
        line = {
            "level": level,
            "message": message,
            "secret": self.arn,
            "step": self.step,
            "version": self.token,
            "duration_ms": round((time.monotonic() - self.started) * 1000),
        }
        print(json.dumps(line | details), flush=True)


def service(name: str, endpoint: str | None = None, **options: Any) -> Any:
    """A client that repeats throttled and broken calls with growing pauses, and no others."""
    retries = {"mode": "standard", "total_max_attempts": 4}
    config = Config(connect_timeout=3, read_timeout=8, retries=retries)  # type: ignore[arg-type]
    client: Any = boto3.client
    return client(name, endpoint_url=endpoint, config=config, **options)


def decode(text: str, stage: str) -> Fields:
    try:
        value = json.loads(text)
    except ValueError:
        raise RotationFailed(f"the value of {stage} is not JSON") from None
    if not isinstance(value, dict):
        raise RotationFailed(f"the value of {stage} is not a JSON object")
    return value


def rotate(event: Fields, context: Any, kind: Kind) -> None:
    """Run one step and leave one log line about its outcome."""
    rotation = Rotation(event, context)
    try:
        rotation.log("INFO", run(rotation, kind))
    except Exception as error:
        # Only texts of our own and of AWS are known to hold no secret.
        known = isinstance(error, (RotationFailed, ClientError))
        reason = str(error) if known else "unexpected"
        rotation.log("ERROR", "step failed", error=type(error).__name__, reason=reason)
        raise


def run(rotation: Rotation, kind: Kind) -> str:
    secret = rotation.api.describe_secret(SecretId=rotation.arn)
    if secret.get("RotationEnabled") is False:
        raise RotationFailed("rotation is not enabled for the secret")
    stages = secret.get("VersionIdsToStages", {})
    if rotation.token not in stages:
        raise RotationFailed("the version is not one of the secret's versions")
    if "AWSCURRENT" in stages[rotation.token]:
        return "the version is already current"
    if "AWSPENDING" not in stages[rotation.token]:
        raise RotationFailed("the version is not labelled AWSPENDING")
    match rotation.step:
        case "createSecret":
            return create_secret(rotation, kind)
        case "setSecret":
            kind.apply(rotation)
            return "pending value in force"
        case "testSecret":
            kind.test(rotation)
            return "pending value tested"
        case "finishSecret":
            return finish_secret(rotation, stages)
    raise RotationFailed(f"unknown step {rotation.step}")


def create_secret(rotation: Rotation, kind: Kind) -> str:
    if rotation.text("AWSPENDING", rotation.token) is not None:
        return "the pending value exists"
    request = {
        "SecretId": rotation.arn,
        "ClientRequestToken": rotation.token,
        "SecretString": kind.create(rotation),
        "VersionStages": ["AWSPENDING"],
    }
    if rotation.rotation_token:
        request["RotationToken"] = rotation.rotation_token
    try:
        rotation.api.put_secret_value(**request)
    except rotation.api.exceptions.ResourceExistsException:
        return "another invocation stored the pending value"
    return "pending value stored"


def finish_secret(rotation: Rotation, stages: Fields) -> str:
    current = [version for version, labels in stages.items() if "AWSCURRENT" in labels]
    request = {
        "SecretId": rotation.arn,
        "VersionStage": "AWSCURRENT",
        "MoveToVersionId": rotation.token,
    }
    if current:
        request["RemoveFromVersionId"] = current[0]
    # The service labels the old version AWSPREVIOUS and takes AWSPENDING off in the same call.
    rotation.api.update_secret_version_stage(**request)
    return "the version is current"
