"""Clients of the emulated cloud by account and Region, and sessions of roles."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

Json = dict[str, Any]
CONFIG = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, read_timeout=60)
ENDPOINT = {"url": ""}


def connect(url: str) -> None:
    """Names the emulator that clients talk to from now on."""
    ENDPOINT["url"] = url
    client.cache_clear()


@cache
def client(service: str, account: str, region: str) -> Any:
    """A client with the credentials of an account's owner; the emulator takes the account from the key's id."""
    return session_client(service, region, {"AccessKeyId": account, "SecretAccessKey": "test"})


def session_client(service: str, region: str, credentials: Json) -> Any:
    """A client with given credentials."""
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=ENDPOINT["url"],
        config=CONFIG,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
    )


def stating(api: Any, caller: Json) -> None:
    """Makes a client state who calls, see the emulator's `requests`."""

    def add(request: Any, **_: Any) -> None:
        request.headers["x-bench-caller"] = json.dumps(caller)

    api.meta.events.register("before-sign.*", add)


def assume(arn: str, caller: Json, region: str, account: str | None = None, **extra: Any) -> Json:
    """Credentials of a role, assumed by a service or by a principal of an account, as its trust policy allows."""
    api = session_client(
        "sts", region, {"AccessKeyId": account or arn.split(":")[4], "SecretAccessKey": "test"}
    )
    stating(api, caller)
    answer: Json = api.assume_role(RoleArn=arn, RoleSessionName="bench", **extra)["Credentials"]
    return answer


def assume_with_token(arn: str, claims: Json, region: str) -> Json:
    """Credentials of a role for a web identity with these claims."""
    api = session_client("sts", region, {"AccessKeyId": arn.split(":")[4], "SecretAccessKey": "test"})
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": "RS256"}, claims)
    ]
    token = ".".join([*parts, "c2ln"])
    answer = api.assume_role_with_web_identity(RoleArn=arn, RoleSessionName="bench", WebIdentityToken=token)
    credentials: Json = answer["Credentials"]
    return credentials


def refusal(call: Callable[[], object]) -> str:
    """The error code with which a call is refused, or nothing."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def until(ready: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """Polls until something is there."""
    deadline = time.monotonic() + seconds
    while True:
        found = ready()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {seconds} s")
        time.sleep(0.03)
