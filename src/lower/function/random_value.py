"""Random values: a text, or one field of a JSON object, that nothing but the secret's readers know."""

from __future__ import annotations

import json
import os
from typing import Any

from common import Fields, RotationFailed
from password import new_password
from steps import Rotation, rotate

# keyprint: body


class RandomValue:
    """RANDOM_FIELD names the field to draw anew; empty, the whole text is drawn."""

    def __init__(self) -> None:
        self.field = os.environ.get("RANDOM_FIELD", "")

    def create(self, rotation: Rotation) -> str:
        if not self.field:
            return new_password()
        current = rotation.current()
        if self.field not in current:
            raise RotationFailed(f"the secret lacks the key {self.field}")
        return json.dumps(current | {self.field: new_password()})

    def apply(self, rotation: Rotation) -> None:
        # Nothing outside the secret holds the value.
        pass

    def test(self, rotation: Rotation) -> None:
        if not self.field:
            pending = rotation.text("AWSPENDING", rotation.token)
            if not pending or pending == rotation.text("AWSCURRENT"):
                raise RotationFailed("the pending value is not new")
            return
        pending_fields, current = rotation.pending(), rotation.current()
        if pending_fields.pop(self.field, None) in (None, "", current.pop(self.field, None)):
            raise RotationFailed("the pending value is not new")
        if pending_fields != current:
            raise RotationFailed("other fields than RANDOM_FIELD differ; take AWSPENDING off")

    def probe(self, rotation: Rotation) -> None:
        if self.field and not rotation.current().get(self.field):
            raise RotationFailed(f"the secret lacks the key {self.field}")

    def restore(self, rotation: Rotation) -> None:
        pass


def handler(event: Fields, context: Any) -> None:
    rotate(event, context, RandomValue())
