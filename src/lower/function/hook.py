"""The frame around an author's module that makes, applies, tests and retires a provider's API key.

The module defines four functions over the secret's JSON object, each safe to call again:

    create(current) -> dict    make a key beside the current one and return the complete new value
    set(pending, current)      make the provider accept the pending key, where making it is not enough
    test(pending)              use the pending key for a harmless request; raise if it is refused
    retire(previous, current)  revoke the key before the current one; called when the next rotation
                               begins, so that AWSPREVIOUS stays good for a rollback until then

A run can be cut off after `create` and before its value is stored. `retire` therefore has to revoke
whatever the provider holds beside the current key. Values must not be logged.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

from common import Fields, RotationFailed
from steps import Rotation, rotate

# keyprint: body


class Hook:
    """HOOK_MODULE names the author's module; empty, its functions stand in this file."""

    def __init__(self) -> None:
        module = os.environ.get("HOOK_MODULE", "")
        self.module: Any = importlib.import_module(module) if module else sys.modules[__name__]
        for function in ("create", "set", "test", "retire"):
            if not callable(getattr(self.module, function, None)):
                raise RotationFailed(f"the hook defines no function {function}")

    def create(self, rotation: Rotation) -> str:
        current = rotation.current()
        self.module.retire(rotation.previous(), dict(current))
        pending = self.module.create(dict(current))
        if not isinstance(pending, dict) or pending == current:
            raise RotationFailed("the hook's create returned no new JSON object")
        return json.dumps(pending)

    def apply(self, rotation: Rotation) -> None:
        self.module.set(rotation.pending(), rotation.current())

    def test(self, rotation: Rotation) -> None:
        self.module.test(rotation.pending())

    def probe(self, rotation: Rotation) -> None:
        self.module.test(rotation.current())

    def restore(self, rotation: Rotation) -> None:
        # Nothing retires a key before the rotation after the next one begins.
        self.module.test(rotation.restored())


def handler(event: Fields, context: Any) -> None:
    rotate(event, context, Hook())
