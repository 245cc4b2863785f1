"""Database users: the single-user and alternating-users strategies over an engine's session."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from typing import Protocol

from common import Fields, RotationFailed
from password import new_password
from steps import Rotation
from wire import Refused, Unreachable


class Session(Protocol):
    """A log-in to a database."""

    def close(self) -> None: ...
    def probe(self) -> None: ...
    def set_own_password(self, password: str) -> None: ...
    def provide(self, base: str, user: str, password: str) -> list[str]: ...


# keyprint: body

CLONE = "_clone"


class DatabaseUser:
    """A secret whose user name and password open a database."""

    def __init__(self, connect: Callable[[Fields, float], Session]) -> None:
        self.connect = connect
        strategy = os.environ.get("ROTATION_STRATEGY", "single-user")
        if strategy not in ("single-user", "alternating-users"):
            raise RotationFailed(f"unknown ROTATION_STRATEGY {strategy}")
        self.alternating = strategy == "alternating-users"

    def create(self, rotation: Rotation) -> str:
        current = rotation.current()
        for key in ("host", "username", "password"):
            if not current.get(key):
                raise RotationFailed(f"the secret lacks the key {key}")
        change = {"username": self.next_user(current), "password": new_password()}
        return json.dumps(current | change)

    def apply(self, rotation: Rotation) -> None:
        pending, current = rotation.pending(), rotation.current()
        self.compare("AWSPENDING", pending, current, self.next_user(current))
        if self.opens(rotation, pending):
            return
        if self.alternating:
            self.apply_as_superuser(rotation, pending, current)
        else:
            self.apply_as_user(rotation, pending, current)

    def test(self, rotation: Rotation) -> None:
        pending, current = rotation.pending(), rotation.current()
        self.compare("AWSPENDING", pending, current, self.next_user(current))
        self.read(rotation, pending)

    def probe(self, rotation: Rotation) -> None:
        self.read(rotation, rotation.current())

    def restore(self, rotation: Rotation) -> None:
        restored, current = rotation.restored(), rotation.current()
        self.compare("AWSPREVIOUS", restored, current, self.next_user(current))
        if self.opens(rotation, restored):
            return
        if self.alternating:
            self.apply_as_superuser(rotation, restored, current)
            return
        session = self.open(rotation, current)
        try:
            session.set_own_password(restored["password"])
        finally:
            session.close()

    def read(self, rotation: Rotation, login: Fields) -> None:
        session = self.open(rotation, login)
        try:
            session.probe()
        finally:
            session.close()

    def next_user(self, current: Fields) -> str:
        user = str(current["username"])
        if not self.alternating:
            return user
        return user.removesuffix(CLONE) if user.endswith(CLONE) else user + CLONE

    def apply_as_user(self, rotation: Rotation, pending: Fields, current: Fields) -> None:
        session = self.try_open(rotation, current)
        if session is None:
            previous = rotation.previous()
            if previous:
                self.compare("AWSPREVIOUS", previous, current, current["username"])
                session = self.try_open(rotation, previous)
        if session is None:
            # A second invocation may have set the password since the first look.
            if self.opens(rotation, pending):
                return
            raise Refused("neither AWSCURRENT, AWSPREVIOUS nor AWSPENDING opens the database")
        try:
            session.set_own_password(pending["password"])
        finally:
            session.close()

    def apply_as_superuser(self, rotation: Rotation, pending: Fields, current: Fields) -> None:
        arn = current.get("masterarn")
        if not arn:
            raise RotationFailed("the secret lacks the key masterarn")
        superuser = rotation.fields("AWSCURRENT", secret=arn)
        # Secrets that RDS manages hold no host; one that does must mean the same database, or the
        # superuser's password would go wherever the writer of this secret points.
        if superuser.get("host", current["host"]) != current["host"]:
            raise RotationFailed("the superuser's secret names another host")
        login = current | {key: superuser.get(key) for key in ("username", "password")}
        user = str(pending["username"])
        session = self.open(rotation, login)
        try:
            done = session.provide(user.removesuffix(CLONE), user, pending["password"])
        finally:
            session.close()
        rotation.log("INFO", "user provided", user=user, statements=done)

    def compare(self, stage: str, value: Fields, current: Fields, user: str) -> None:
        """Refuse a value that would send a password to another place than the current value."""
        help = "; take AWSPENDING off" if stage == "AWSPENDING" else ""
        for key in ("engine", "host", "port", "dbname", "masterarn"):
            if value.get(key) != current.get(key):
                raise RotationFailed(f"{key} differs between {stage} and AWSCURRENT{help}")
        if value.get("username") != user:
            raise RotationFailed(f"username of {stage} does not follow from AWSCURRENT{help}")

    def opens(self, rotation: Rotation, login: Fields) -> bool:
        session = self.try_open(rotation, login)
        if session:
            session.close()
        return session is not None

    def try_open(self, rotation: Rotation, login: Fields) -> Session | None:
        try:
            return self.open(rotation, login)
        except Refused:
            return None

    def open(self, rotation: Rotation, login: Fields) -> Session:
        """Log in; only an unreachable database is tried again."""
        pauses = [1, 3]
        while True:
            try:
                return self.connect(login, rotation.deadline)
            except Unreachable as error:
                if not pauses or time.monotonic() + pauses[0] + 5 > rotation.deadline:
                    raise
                rotation.log("WARNING", "database not reached, trying again", reason=str(error))
            time.sleep(pauses.pop(0))
