"""Aurora PostgreSQL and Aurora MySQL through the RDS Data API."""

from __future__ import annotations

import os
import time
from typing import Any

from botocore.exceptions import ClientError

from common import Fields, RotationFailed, service
from scram import name, scram_verifier, text
from statements import StatementUser
from steps import rotate

# keyprint: body

PAUSED = ("DatabaseResumingException", "DatabaseUnavailableException")


class RdsData:
    """Runs statements on the cluster CLUSTER_ARN."""

    def __init__(self) -> None:
        self.client = service("rds-data", os.environ.get("RDS_DATA_ENDPOINT"))
        self.cluster = os.environ["CLUSTER_ARN"]

    def set_password(self, pending: Fields, deadline: float) -> None:
        user, password = str(pending["username"]), str(pending["password"])
        if self.is_postgresql(pending):
            self.run(f"ALTER ROLE {name(user)} PASSWORD {text(scram_verifier(password))}", pending, deadline)
            return
        rows = self.run(f"SELECT Host FROM mysql.user WHERE User = {plain(user)}", pending, deadline)
        if not rows:
            raise RotationFailed(f"user {user} does not exist")
        accounts = [f"{plain(user)}@{plain(row[0]['stringValue'])}" for row in rows]
        changes = [f"{account} IDENTIFIED BY {plain(password)}" for account in accounts]
        self.run("ALTER USER " + ", ".join(changes), pending, deadline)

    def exists(self, pending: Fields, deadline: float) -> bool:
        user = str(pending["username"])
        if self.is_postgresql(pending):
            sql = f"SELECT 1 FROM pg_catalog.pg_roles WHERE rolcanlogin AND rolname = {text(user)}"
            sql += " AND coalesce(rolvaliduntil > now(), true)"
        else:
            sql = f"SELECT 1 FROM mysql.user WHERE User = {plain(user)}"
        return bool(self.run(sql, pending, deadline))

    def is_postgresql(self, pending: Fields) -> bool:
        engine = pending.get("engine")
        if engine not in ("aurora-postgresql", "postgres", "aurora-mysql", "mysql"):
            raise RotationFailed(f"the RDS Data API does not serve the engine {engine}")
        return "postgres" in str(engine)

    def run(self, sql: str, pending: Fields, deadline: float) -> list[Any]:
        request = {"resourceArn": self.cluster, "secretArn": pending["masterarn"], "sql": sql}
        if pending.get("dbname"):
            request["database"] = pending["dbname"]
        while True:
            try:
                return list(self.client.execute_statement(**request).get("records", []))
            except ClientError as error:
                # The message may quote the statement, so only the code is kept.
                code = error.response["Error"]["Code"]
                if code not in PAUSED or time.monotonic() + 5 > deadline:
                    raise RotationFailed(f"the RDS Data API refused with {code}") from None
            time.sleep(3)


def plain(value: str) -> str:
    """A literal that means the same in every sql_mode."""
    if "'" in value or "\\" in value:
        raise RotationFailed("quotes and backslashes cannot pass the RDS Data API to MySQL")
    return f"'{value}'"


def handler(event: Fields, context: Any) -> None:
    rotate(event, context, StatementUser(RdsData()))
