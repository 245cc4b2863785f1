"""ElastiCache users: a user has two passwords, so the old one stays good until the next rotation."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from common import Fields, RotationFailed, service
from password import new_password
from steps import Rotation, rotate

# keyprint: body


class CacheUser:
    """A secret with the keys username, password and user_arn."""

    def __init__(self) -> None:
        self.client = service("elasticache", os.environ.get("ELASTICACHE_ENDPOINT"))

    def create(self, rotation: Rotation) -> str:
        current = rotation.current()
        for key in ("username", "password", "user_arn"):
            if not current.get(key):
                raise RotationFailed(f"the secret lacks the key {key}")
        self.settled(rotation, current)
        return json.dumps(current | {"password": new_password()})

    def apply(self, rotation: Rotation) -> None:
        pending, current = rotation.pending(), rotation.current()
        self.compare("AWSPENDING", pending, current)
        self.give(rotation, pending, current)

    def test(self, rotation: Rotation) -> None:
        # The API tells no passwords; a user that is active again has taken them everywhere.
        pending = rotation.pending()
        self.compare("AWSPENDING", pending, rotation.current())
        if self.settled(rotation, pending).get("PasswordCount") != 2:
            raise RotationFailed("the user does not hold both passwords")

    def probe(self, rotation: Rotation) -> None:
        self.settled(rotation, rotation.current())

    def restore(self, rotation: Rotation) -> None:
        restored, current = rotation.restored(), rotation.current()
        self.compare("AWSPREVIOUS", restored, current)
        self.give(rotation, restored, current)

    def give(self, rotation: Rotation, wanted: Fields, current: Fields) -> None:
        """Set both passwords; setting them again changes nothing."""
        self.settled(rotation, current)
        passwords = [wanted["password"], current["password"]]
        self.client.modify_user(UserId=user_of(current), Passwords=passwords)
        self.settled(rotation, current)

    def settled(self, rotation: Rotation, value: Fields) -> Fields:
        """How the user is authenticated, once no change of it is under way."""
        user = user_of(value)
        while True:
            found = self.client.describe_users(UserId=user)["Users"][0]
            if found["UserName"] != value["username"]:
                raise RotationFailed(f"the user {user} is called {found['UserName']}")
            if found["Status"] == "active":
                return dict(found["Authentication"])
            if time.monotonic() + 10 > rotation.deadline:
                raise RotationFailed(f"the user {user} stays {found['Status']}")
            time.sleep(5)

    def compare(self, stage: str, value: Fields, current: Fields) -> None:
        """A value may differ from the current one in the password alone."""
        if value | {"password": ""} != current | {"password": ""}:
            raise RotationFailed(f"{stage} differs from AWSCURRENT; take it off")


def user_of(value: Fields) -> str:
    return str(value["user_arn"]).rpartition(":")[2]


def handler(event: Fields, context: Any) -> None:
    rotate(event, context, CacheUser())
