"""Database users whose password a superuser sets through an AWS API that runs statements.

Such an API logs in with the current value of a secret only. A pending password can therefore be set
but not tried: testSecret checks that the user exists and may log in. Only the single-user strategy.
"""

from __future__ import annotations

import json
import os
from typing import Protocol

from common import Fields, RotationFailed
from password import new_password
from steps import Rotation


class StatementApi(Protocol):
    """A way to run statements as the superuser whose secret `masterarn` names."""

    def set_password(self, pending: Fields, deadline: float) -> None: ...
    def exists(self, pending: Fields, deadline: float) -> bool: ...


# keyprint: body


class StatementUser:
    """The strategy; an engine adds how a password is set and how a user is looked up."""

    def __init__(self, api: StatementApi) -> None:
        self.api = api
        if os.environ.get("ROTATION_STRATEGY", "single-user") != "single-user":
            raise RotationFailed("statement APIs rotate a single user")

    def create(self, rotation: Rotation) -> str:
        current = rotation.current()
        for key in ("username", "password", "masterarn"):
            if not current.get(key):
                raise RotationFailed(f"the secret lacks the key {key}")
        return json.dumps(current | {"password": new_password()})

    def apply(self, rotation: Rotation) -> None:
        self.api.set_password(self.agreed(rotation), rotation.deadline)

    def test(self, rotation: Rotation) -> None:
        self.look_up(rotation, self.agreed(rotation))

    def probe(self, rotation: Rotation) -> None:
        self.look_up(rotation, rotation.current())

    def restore(self, rotation: Rotation) -> None:
        restored = rotation.restored()
        self.compare("AWSPREVIOUS", restored, rotation.current())
        self.api.set_password(restored, rotation.deadline)

    def look_up(self, rotation: Rotation, value: Fields) -> None:
        if not self.api.exists(value, rotation.deadline):
            raise RotationFailed(f"user {value['username']} does not exist or may not log in")

    def agreed(self, rotation: Rotation) -> Fields:
        pending = rotation.pending()
        self.compare("AWSPENDING", pending, rotation.current())
        return pending

    def compare(self, stage: str, value: Fields, current: Fields) -> None:
        """A value may differ from the current one in the password alone."""
        if value | {"password": ""} != current | {"password": ""}:
            help = "; take AWSPENDING off" if stage == "AWSPENDING" else ""
            raise RotationFailed(f"{stage} differs from AWSCURRENT{help}")
