"""What every function shares: clients of AWS services, failures, and values of secrets."""

from __future__ import annotations

import json
from typing import Any

import boto3
from botocore.config import Config

Fields = dict[str, Any]

# keyprint: body


class RotationFailed(Exception):
    """A step cannot be done. Its text goes to the log and never holds a secret."""

    pass


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
