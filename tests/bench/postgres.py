"""The bench's own view of PostgreSQL, through a driver that is not ours."""

from __future__ import annotations

import ssl
from typing import Any

import bench as databases
import pg8000.dbapi

REFUSED = ("28P01", "28000")


class Postgres:
    """The server of the bench."""

    def __init__(self, port: int, authority: str) -> None:
        self.port = port
        self.authority = authority

    def connect(self, user: str, password: str) -> Any:
        """A session over verified TLS."""
        trust = ssl.create_default_context(cafile=self.authority)
        where = {"host": "127.0.0.1", "port": self.port, "database": "postgres"}
        session = pg8000.dbapi.connect(user=user, password=password, ssl_context=trust, **where)
        session.autocommit = True
        return session

    def opens(self, user: str, password: str) -> bool:
        """Whether the server lets the user in."""
        try:
            self.connect(user, password).close()
        except pg8000.dbapi.DatabaseError as error:
            if error.args[0]["C"] in REFUSED:
                return False
            raise
        return True

    def ensure_user(self, user: str, password: str, options: str = "") -> None:
        """Makes the user, or sets the password that the secret holds, as who installs a database does."""
        session = self.connect("postgres", databases.SUPERUSER_PASSWORD)
        cursor = session.cursor()
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (user,))
        verb = "ALTER" if cursor.fetchall() else "CREATE"
        literal = password.replace("'", "''")
        cursor.execute(f"{verb} ROLE {user} LOGIN PASSWORD '{literal}' {options}")
        session.close()
