"""The world that templates take for granted, read once from the file that `BENCH_WORLD` names."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]


@cache
def world() -> Json:
    """Places by account and Region, databases by target, and organisations by account."""
    text: Json = json.loads(Path(os.environ["BENCH_WORLD"]).read_text())
    return text


def place(account: str, region: str) -> Json:
    """Networks and clusters of one account and Region."""
    found: Json = world()["places"].get(f"{account}/{region}", {})
    return found


def database(kind: str, name: str) -> Json | None:
    """What an attachment to this database writes into a secret."""
    found: Json | None = world()["databases"].get(f"{kind}/{name}")
    return found


def organization(account: str) -> str | None:
    """The organisation that an account belongs to."""
    found: str | None = world()["organizations"].get(account)
    return found
