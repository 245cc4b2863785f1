"""Plays one rotation as Secrets Manager would: `python rehearse.py INDEX_PY SECRET_ID`.

Runs the joined function on this machine, against the secret and the database that the secret names.
SECRETS_MANAGER_ENDPOINT chooses the Secrets Manager, the other variables are those of the function
(ROTATION_STRATEGY, DATABASE_CA, DATABASE_TLS, PASSWORD_LENGTH, EXCLUDE_CHARACTERS ...). A rotation
that was interrupted is taken up where it stopped. The secret needs no rotation schedule.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import uuid
from typing import Any

import boto3


def rehearse(function: str, secret: str) -> None:
    """Run the four steps; the first that fails ends the rehearsal."""
    client: Any = boto3.client
    api = client("secretsmanager", endpoint_url=os.environ.get("SECRETS_MANAGER_ENDPOINT"))
    described = api.describe_secret(SecretId=secret)
    versions = described.get("VersionIdsToStages", {}).items()
    begun = [version for version, labels in versions if labels == ["AWSPENDING"]]
    token = begun[0] if begun else str(uuid.uuid4())
    boto3.setup_default_session()
    pretend_staged(boto3.DEFAULT_SESSION, token)
    handler = load(function).handler
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        handler({"SecretId": described["ARN"], "ClientRequestToken": token, "Step": step}, None)


def pretend_staged(session: Any, token: str) -> None:
    """RotateSecret stages an empty version before the first step, which no other call can do."""

    def stage(parsed: dict[str, Any], **_: object) -> None:
        if "VersionIdsToStages" in parsed:
            parsed["VersionIdsToStages"].setdefault(token, ["AWSPENDING"])
            parsed["RotationEnabled"] = True

    session.events.register("after-call.secrets-manager.DescribeSecret", stage)


def load(path: str) -> Any:
    spec = importlib.util.spec_from_file_location("index", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules["index"] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("usage: python rehearse.py INDEX_PY SECRET_ID")
    rehearse(sys.argv[1], sys.argv[2])
