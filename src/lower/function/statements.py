"""Database users whose password a superuser sets through an AWS API that runs statements.

Such an API logs in with the current value of a secret only. A pending password can therefore be set
but not tried: testSecret checks that the user exists and may log in. Only the single-user strategy.
"""

from __future__ import annotations

import json
import os
from typing import Protocol

from password import new_password
from steps import Fields, Rotation, RotationFailed


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
        pending = self.agreed(rotation)
        if not self.api.exists(pending, rotation.deadline):
            raise RotationFailed(f"user {pending['username']} does not exist or may not log in")

    def agreed(self, rotation: Rotation) -> Fields:
        """The pending value, which may differ from the current one in the password alone."""
        pending, current = rotation.pending(), rotation.current()
        if pending | {"password": ""} != current | {"password": ""}:
            raise RotationFailed("AWSPENDING differs from AWSCURRENT; take AWSPENDING off")
        return pending
