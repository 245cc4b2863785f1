"""Watches rotations: how old each value is, when the next is due, whether it is late, how the last one ended.

The event holds `stack`, and `secrets`: the hours that each value may stay, by the secret's name. A secret
that cannot be looked at counts as late. Secrets Manager publishes none of this as metrics.
"""

from __future__ import annotations

import datetime
import json
import os
from typing import Any

from botocore.exceptions import ClientError

from common import service

# keyprint: body

NAMESPACE = "Keyprint/Rotation"
# A window may close at the very hour, and a rotation that has begun is given time to end.
GRACE = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)


def handler(event: dict[str, Any], context: Any) -> None:
    secrets = service("secretsmanager", os.environ.get("SECRETS_MANAGER_ENDPOINT"))
    now = datetime.datetime.now(datetime.UTC)
    late: list[str] = []
    data: list[dict[str, Any]] = []
    for name, hours in event["secrets"].items():
        try:
            seen = look(secrets, name, datetime.timedelta(hours=hours), now)
        except ClientError as error:
            seen = {"Late": 1.0}
            log("ERROR", "secret not seen", secret=name, reason=str(error))
        if seen["Late"]:
            late.append(name)
        data += [datum(metric, value, "Secret", name) for metric, value in seen.items()]
    data.append(datum("LateSecrets", len(late), "Stack", event["stack"]))
    metrics = service("cloudwatch", os.environ.get("CLOUDWATCH_ENDPOINT"))
    for at in range(0, len(data), 500):
        metrics.put_metric_data(Namespace=NAMESPACE, MetricData=data[at : at + 500])
    log("WARNING" if late else "INFO", "watched", secrets=len(event["secrets"]), late=late)


def look(secrets: Any, name: str, allowed: datetime.timedelta, now: datetime.datetime) -> dict[str, float]:
    """What is known of a secret's rotation, as metrics."""
    secret = secrets.describe_secret(SecretId=name)
    labelled = {
        label: version for version in versions_of(secrets, name) for label in version["VersionStages"]
    }
    rotated = secret.get("LastRotatedDate") or secret["CreatedDate"]
    # A value that somebody stored by hand counts as rotated, as it does for the service.
    changed = max(rotated, labelled.get("AWSCURRENT", {}).get("CreatedDate", rotated))
    due = secret.get("NextRotationDate") or changed + allowed
    late = not secret.get("RotationEnabled") or now > min(due, changed + allowed) + GRACE
    pending = labelled.get("AWSPENDING", {})
    settled = "AWSCURRENT" in pending.get("VersionStages", ["AWSCURRENT"])
    unfinished = not settled and now > pending.get("CreatedDate", rotated) + GRACE
    return {
        "DaysSinceRotation": (now - rotated) / DAY,
        "DaysUntilRotation": (due - now) / DAY,
        "Late": float(late),
        "LastRotationSucceeded": float(not unfinished),
    }


def versions_of(secrets: Any, name: str) -> list[dict[str, Any]]:
    """The versions that have labels; the client has no paginator for them."""
    request = {"SecretId": name}
    versions: list[dict[str, Any]] = []
    while True:
        page = secrets.list_secret_version_ids(**request)
        versions += [version for version in page["Versions"] if version.get("VersionStages")]
        if not page.get("NextToken"):
            return versions
        request["NextToken"] = page["NextToken"]


def datum(metric: str, value: float, dimension: str, name: str) -> dict[str, Any]:
    return {"MetricName": metric, "Value": value, "Dimensions": [{"Name": dimension, "Value": name}]}


def log(level: str, message: str, **details: Any) -> None:
    print(json.dumps({"level": level, "message": message} | details), flush=True)
