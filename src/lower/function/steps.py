"""The four steps as Secrets Manager calls them: guards, secret versions and log lines."""

from __future__ import annotations

import json
import os
import time
from typing import Any, Protocol

from botocore.exceptions import ClientError

from common import Fields, RotationFailed, decode, service


class Kind(Protocol):
    """What differs between kinds of secrets. Every method may be called again after it was cut off."""

    def create(self, rotation: Rotation) -> str: ...
    def apply(self, rotation: Rotation) -> None: ...
    def test(self, rotation: Rotation) -> None: ...
    def probe(self, rotation: Rotation) -> None: ...
    def restore(self, rotation: Rotation) -> None: ...


# keyprint: body


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

    def restored(self) -> Fields:
        """The value that a rollback brings back."""
        return self.fields("AWSPREVIOUS", self.token)

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
    stages = secret.get("VersionIdsToStages", {})
    if rotation.token not in stages:
        raise RotationFailed("the version is not one of the secret's versions")
    if "AWSCURRENT" in stages[rotation.token]:
        return "the version is already current"
    if rotation.step == "rollback":
        return roll_back(rotation, kind, stages)
    if secret.get("RotationEnabled") is False:
        raise RotationFailed("rotation is not enabled for the secret")
    if "AWSPENDING" not in stages[rotation.token]:
        raise RotationFailed("the version is not labelled AWSPENDING")
    match rotation.step:
        case "createSecret":
            return create_secret(rotation, kind)
        case "setSecret":
            kind.apply(rotation)
            return "pending value in force"
        case "testSecret":
            return test_secret(rotation, kind)
        case "finishSecret":
            if rotation.text("AWSPENDING", rotation.token) is None:
                raise RotationFailed("the pending version has no value")
            return make_current(rotation, stages)
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


def test_secret(rotation: Rotation, kind: Kind) -> str:
    """A new schedule is tried with this step alone, on a version without a value of its own."""
    pending, current = rotation.text("AWSPENDING", rotation.token), rotation.text("AWSCURRENT")
    if pending is not None and pending != current:
        kind.test(rotation)
        return "pending value tested"
    if current is None:
        return "the secret has no value yet"
    kind.probe(rotation)
    return "nothing is pending; current value tested"


def roll_back(rotation: Rotation, kind: Kind, stages: Fields) -> str:
    """The value before the current one comes into force again, and then becomes current."""
    if "AWSPREVIOUS" not in stages[rotation.token]:
        raise RotationFailed("only the version labelled AWSPREVIOUS can be restored")
    for labels in stages.values():
        if "AWSPENDING" in labels and "AWSCURRENT" not in labels:
            raise RotationFailed("a rotation is unfinished; let it end, or take AWSPENDING off")
    kind.restore(rotation)
    return make_current(rotation, stages)


def make_current(rotation: Rotation, stages: Fields) -> str:
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
