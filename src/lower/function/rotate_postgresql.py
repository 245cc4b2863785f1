"""Rotates users of PostgreSQL."""

from __future__ import annotations

from typing import Any

from common import Fields
from postgresql import PostgreSql
from steps import rotate
from users import DatabaseUser

# keyprint: body


def handler(event: Fields, context: Any) -> None:
    rotate(event, context, DatabaseUser(PostgreSql))
