"""CloudWatch: the condition key `cloudwatch:namespace`, which the emulator leaves out, from the body of PutMetricData."""

from __future__ import annotations

import contextvars
import gzip
import re
from typing import Any
from urllib.parse import unquote_plus

from ministack import app
from ministack.core import iam_evaluator

NAMESPACE: contextvars.ContextVar[str | None] = contextvars.ContextVar("bench_namespace", default=None)
KEY = b"Namespace"


def install() -> None:
    inner = app.app
    resolve = iam_evaluator._resolve_condition_key

    async def outer(scope: dict[str, Any], receive: Any, send: Any) -> None:
        parts: list[bytes] = []

        async def heard() -> Any:
            message = await receive()
            if message["type"] == "http.request":
                parts.append(message.get("body", b""))
                NAMESPACE.set(namespace_of(b"".join(parts)))
            return message

        await inner(scope, heard if scope["type"] == "http" else receive, send)

    def resolve_key(key: str, context: Any) -> Any:
        if key.lower() == "cloudwatch:namespace":
            return NAMESPACE.get() if context.action == "cloudwatch:PutMetricData" else None
        return resolve(key, context)

    app.app = outer
    iam_evaluator._resolve_condition_key = resolve_key


def namespace_of(body: bytes) -> str | None:
    """The namespace in a request as CBOR, JSON or a form, compressed or not."""
    if body.startswith(b"\x1f\x8b"):
        try:
            body = gzip.decompress(body)
        except (EOFError, OSError):
            return None
    at = body.find(KEY)
    rest = body[at + len(KEY) :]
    if at < 0 or not rest:
        return None
    if 0x60 <= rest[0] <= 0x77:
        return rest[1 : rest[0] - 0x5F].decode(errors="replace")
    if rest[0] == 0x78:
        return rest[2 : 2 + rest[1]].decode(errors="replace")
    found = re.match(rb'(?:"\s*:\s*"|=)([^"&]+)', rest)
    return unquote_plus(found[1].decode(errors="replace")) if found else None
