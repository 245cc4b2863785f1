"""Checks log-ins to PostgreSQL."""

from __future__ import annotations

from typing import Any

from common import Fields
from health import check
from postgresql import PostgreSql

# keyprint: body


def handler(event: Fields, context: Any) -> None:
    check(event, context, PostgreSql)
