"""How a resource type is added to the emulator's CloudFormation."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import provisioners

Json = dict[str, Any]
Created = tuple[str, Json]
HANDLERS: dict[str, Json] = provisioners._RESOURCE_HANDLERS


def resource(
    kind: str, create: Callable[[str, Json, str], Created], delete: Callable[[str, Json], None]
) -> None:
    """Adds a type whose update makes the resource anew under the same identifier."""

    def update(identifier: str, old: Json, new: Json, stack: str) -> Created:
        delete(identifier, old)
        return create(identifier, new, stack)

    HANDLERS[kind] = {"create": create, "update": update, "delete": delete}


def accepted(response: tuple[int, Any, Any], what: str) -> Json:
    """The service's answer, or its own words as the reason why the resource failed."""
    status, _, body = response[:3]
    text = body.decode() if isinstance(body, bytes) else str(body)
    if status >= 400:
        raise ValueError(f"{what}: {text}")
    try:
        answer: Json = json.loads(text or "{}")
    except ValueError:
        return {}
    return answer
