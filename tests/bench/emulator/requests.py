"""Requests count as sent over TLS, as the services' endpoints demand, unless the caller says otherwise.

A test may also state who calls, in the header `x-bench-caller`: a service that assumes a role, and condition keys that
only the service knows (source ARN, multi-factor authentication). Only the account's own credentials may state this.
"""

from __future__ import annotations

import contextvars
import json
from typing import Any

from ministack import app

CALLER: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("bench_caller", default=None)


def install() -> None:
    inner = app.app

    async def outer(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            CALLER.set(json.loads(headers.get(b"x-bench-caller", b"{}")))
            if b"x-forwarded-proto" not in headers:
                scope = {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}
        await inner(scope, receive, send)

    app.app = outer
