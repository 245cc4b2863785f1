"""Requests count as sent over TLS, as the services' endpoints demand, unless the caller says otherwise.

A test may also state who calls, in the header `x-bench-caller`: a service that assumes a role, and condition keys that
only the service knows (source ARN, multi-factor authentication). Only the account's own credentials may state this.

While the file that `BENCH_THROTTLE` names holds a service and a number N, every N-th request to that service is refused
as too fast, where the file says so only those of roles, and it counts them.
"""

from __future__ import annotations

import contextvars
import json
import os
import re
from pathlib import Path
from typing import Any

from ministack import app

CALLER: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("bench_caller", default=None)


def install() -> None:
    inner = app.app

    async def outer(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            if throttled(headers):
                await refuse(send, b"amz-json" in headers.get(b"content-type", b""))
                return
            CALLER.set(json.loads(headers.get(b"x-bench-caller", b"{}")))
            if b"x-forwarded-proto" not in headers:
                scope = {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
        await inner(scope, receive, send)

    app.app = outer


def throttled(headers: dict[bytes, bytes]) -> bool:
    """Whether this request is one that is refused."""
    path = Path(os.environ["BENCH_THROTTLE"])
    caller = re.search(rb"Credential=(\w+)/[^,]*/(\w+)/aws4_request", headers.get(b"authorization", b""))
    if not caller or not path.exists():
        return False
    state = json.loads(path.read_text())
    if state["service"] != caller[2].decode() or (state["roles"] and caller[1].isdigit()):
        return False
    state["seen"] += 1
    chosen: bool = state["seen"] % state["every"] == 0
    state["refused"] += chosen
    path.write_text(json.dumps(state))
    return chosen


async def refuse(send: Any, is_json: bool) -> None:
    """Answers as the services do, each in its protocol."""
    if is_json:
        body = json.dumps({"__type": "ThrottlingException", "message": "Rate exceeded"}).encode()
        kind = b"application/x-amz-json-1.1"
    else:
        error = "<Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error>"
        body, kind = f"<ErrorResponse>{error}</ErrorResponse>".encode(), b"text/xml"
    await send({"type": "http.response.start", "status": 400, "headers": [(b"content-type", kind)]})
    await send({"type": "http.response.body", "body": body})
