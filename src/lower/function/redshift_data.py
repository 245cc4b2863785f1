"""Redshift and Redshift Serverless through the Redshift Data API."""

from __future__ import annotations

import hashlib
import os
import time
from typing import Any

from common import Fields, RotationFailed, service
from statements import StatementUser
from steps import rotate

# keyprint: body


class RedshiftData:
    """Runs statements on REDSHIFT_CLUSTER or REDSHIFT_WORKGROUP."""

    def __init__(self) -> None:
        self.client = service("redshift-data", os.environ.get("REDSHIFT_DATA_ENDPOINT"))
        cluster = os.environ.get("REDSHIFT_CLUSTER", "")
        workgroup = os.environ.get("REDSHIFT_WORKGROUP", "")
        if bool(cluster) == bool(workgroup):
            raise RotationFailed("exactly one of REDSHIFT_CLUSTER and REDSHIFT_WORKGROUP must be set")
        self.place = {"ClusterIdentifier": cluster} if cluster else {"WorkgroupName": workgroup}

    def set_password(self, pending: Fields, deadline: float) -> None:
        user = str(pending["username"])
        if user != user.lower():
            raise RotationFailed("Redshift folds user names to lower case; the secret must say it so")
        # The API keeps the texts of statements, so the password must not be in one. Of the hashed
        # forms only MD5 is fully documented, and a log-in cannot be tried here.
        digest = hashlib.md5((str(pending["password"]) + user).encode(), usedforsecurity=False).hexdigest()
        self.run(f"ALTER USER {name(user)} PASSWORD 'md5{digest}'", pending, deadline)

    def exists(self, pending: Fields, deadline: float) -> bool:
        user = str(pending["username"]).replace("\\", "\\\\").replace("'", "''")
        sql = f"SELECT 1 FROM pg_user WHERE usename = '{user}' AND (valuntil IS NULL OR valuntil > now())"
        return self.run(sql, pending, deadline) > 0

    def run(self, sql: str, pending: Fields, deadline: float) -> int:
        """Run a statement to its end and return how many rows it found."""
        begun = self.client.execute_statement(
            Sql=sql, Database=pending.get("dbname") or "dev", SecretArn=pending["masterarn"], **self.place
        )
        pause = 0.2
        while time.monotonic() + pause < deadline:
            state = self.client.describe_statement(Id=begun["Id"])
            if state["Status"] == "FINISHED":
                return int(state.get("ResultRows", 0))
            if state["Status"] in ("FAILED", "ABORTED"):
                raise RotationFailed(f"statement {begun['Id']} ended as {state['Status']}")
            time.sleep(pause)
            pause = min(pause * 2, 2)
        raise RotationFailed(f"statement {begun['Id']} has not ended in time")


def name(value: Any) -> str:
    return '"' + str(value).replace('"', '""') + '"'


def handler(event: Fields, context: Any) -> None:
    rotate(event, context, StatementUser(RedshiftData()))
