"""Rotations in trouble: the database goes away, the service refuses requests as too many; each ends well when it can."""

from __future__ import annotations

import pg8000.dbapi

from bench import SUPERUSER_PASSWORD
from clouds import until
from databases import Postgres
from rotations import Rotated, rotated_secrets
from servers import Databases, Emulator
from tally import Tally
from workspace import Stack


def check(tally: Tally, stack: Stack, servers: Databases, emulator: Emulator, postgres: Postgres) -> None:
    """Each trouble, for a secret with one user and for one with two."""
    rotated = {one.name.rpartition("/")[2]: one for one in rotated_secrets(stack).values()}
    for name in ("one-user", "two-users"):
        database_goes(tally, rotated[name], servers, postgres)
        throttled(tally, rotated[name], emulator, postgres)


def database_goes(tally: Tally, secret: Rotated, servers: Databases, postgres: Postgres) -> None:
    """The rotation stops and leaves the value that works; with the database back, the same rotation is finished."""
    before, labels = secret.value(), secret.labels()
    servers.lose()
    outcome = secret.rotate()
    step = outcome.partition(":")[0]
    tally.expect(
        step in ("createSecret", "setSecret"), f"{secret.name} without its database: {outcome[:300]}"
    )
    tally.expect(secret.value() == before, f"{secret.name}: the value changed without the database")
    tally.expect(secret.labels()["AWSCURRENT"] == labels["AWSCURRENT"], f"{secret.name}: {secret.labels()}")
    servers.regain()
    until(lambda: is_up(postgres), "the database")
    tally.expect(works(postgres, before), f"{secret.name}: the value that was there is refused")
    pending = secret.labels().get("AWSPENDING")
    again = secret.rotate()
    tally.expect(again == "rotated", f"{secret.name} with its database again: {again[:300]}")
    tally.expect(works(postgres, secret.value()), f"{secret.name}: the new value is refused")
    tally.expect(
        secret.labels()["AWSCURRENT"] == pending,
        f"{secret.name}: not the rotation that had begun was finished",
    )
    tally.notes.append(f"{secret.name}: the database away → {step} fails, the value stays; back → finished")


def throttled(tally: Tally, secret: Rotated, emulator: Emulator, postgres: Postgres) -> None:
    """Every third request of the function to Secrets Manager is refused; it sends it again."""
    end = emulator.throttle("secretsmanager", 3, roles=True)
    outcome = secret.rotate()
    refused = end()
    tally.expect(outcome == "rotated", f"{secret.name}, throttled: {outcome[:300]}")
    tally.expect(refused > 2, f"{secret.name}: only {refused} requests were throttled")
    tally.expect(works(postgres, secret.value()), f"{secret.name}: the new value is refused")
    tally.notes.append(f"{secret.name}: {refused} requests throttled → rotated all the same")


def works(postgres: Postgres, value: dict[str, str]) -> bool:
    return postgres.opens(value["username"], value["password"])


def is_up(postgres: Postgres) -> bool:
    """Whether the server has recovered and lets anybody in."""
    try:
        postgres.connect("postgres", SUPERUSER_PASSWORD).close()
    except pg8000.dbapi.DatabaseError:
        return False
    return True
