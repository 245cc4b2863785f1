"""Checks that current values open their databases: logs in, reads and, where asked, writes to a temporary table.

The event holds `stack`, and `secrets`: `read` or `read-and-write` by the secret's name. Results are log
lines in CloudWatch's embedded metric format, so the function needs no way to the metrics' API.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from typing import Any, Protocol

from common import Fields, RotationFailed, decode, service


class Session(Protocol):
    """A log-in to a database."""

    def close(self) -> None: ...
    def probe(self) -> None: ...
    def write(self) -> None: ...


# keyprint: body

NAMESPACE = "Keyprint/Health"


def check(event: Fields, context: Any, connect: Callable[[Fields, float], Session]) -> None:
    """One attempt for each secret; a failed one is tried once more with the value read anew."""
    secrets = service("secretsmanager", os.environ.get("SECRETS_MANAGER_ENDPOINT"))
    left = context.get_remaining_time_in_millis() / 1000 if context else 60.0
    deadline = time.monotonic() + left - 2
    asked = wanted(event)
    failed = 0
    for done, (name, how) in enumerate(asked.items()):
        # Every secret gets its share, so that one slow database hides no other.
        share = (deadline - time.monotonic()) / (len(asked) - done)
        failed += not attempts(secrets, name, how, connect, time.monotonic() + share)
    emit(
        "Stack", event["stack"], {"FailedChecks": (failed, "Count")}, {"level": "INFO", "message": "checked"}
    )


def wanted(event: Fields) -> dict[str, str]:
    """All secrets on a schedule; the changed one alone after a rotation."""
    asked: dict[str, str] = event["secrets"]
    changed = event.get("changed")
    return {changed: asked[changed]} if changed in asked else asked


def attempts(
    secrets: Any, name: str, how: str, connect: Callable[[Fields, float], Session], deadline: float
) -> bool:
    # Between setSecret and finishSecret the current value of a single user is refused for a moment.
    for last in (False, True):
        started = time.monotonic()
        until = deadline if last else started + (deadline - started) / 2
        try:
            attempt(secrets, name, how, connect, until)
        except Exception as error:
            if not last:
                time.sleep(min(3.0, max(0.0, until - time.monotonic())))
                continue
            # Only texts of our own are known to hold no secret.
            reason = str(error) if isinstance(error, RotationFailed) else type(error).__name__
            line = {"level": "ERROR", "message": "value does not open its database", "reason": reason}
            emit("Secret", name, {"Success": (0, "Count")}, line)
            return False
        latency = (time.monotonic() - started) * 1000
        line = {"level": "INFO", "message": "value opens its database", "checked": how}
        emit("Secret", name, {"Success": (1, "Count"), "Latency": (latency, "Milliseconds")}, line)
        return True
    return False


def attempt(
    secrets: Any, name: str, how: str, connect: Callable[[Fields, float], Session], deadline: float
) -> None:
    value = secrets.get_secret_value(SecretId=name)["SecretString"]
    session = connect(decode(value, "AWSCURRENT"), deadline)
    try:
        session.probe()
        if how == "read-and-write":
            session.write()
    finally:
        session.close()


def emit(dimension: str, name: str, metrics: dict[str, tuple[float, str]], line: Fields) -> None:
    """A log line that CloudWatch also takes as metrics."""
    described = {
        "Namespace": NAMESPACE,
        "Dimensions": [[dimension]],
        "Metrics": [{"Name": metric, "Unit": unit} for metric, (_, unit) in metrics.items()],
    }
    values = {metric: value for metric, (value, _) in metrics.items()}
    frame = {"Timestamp": round(time.time() * 1000), "CloudWatchMetrics": [described]}
    print(json.dumps({"_aws": frame, dimension: name} | values | line), flush=True)
