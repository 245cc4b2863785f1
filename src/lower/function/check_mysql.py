"""Checks log-ins to MySQL and MariaDB."""

from __future__ import annotations

from typing import Any

from common import Fields
from health import check
from mysql import MySql

# keyprint: body


def handler(event: Fields, context: Any) -> None:
    check(event, context, MySql)
