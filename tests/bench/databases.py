"""The bench's own view of its databases, through drivers that are not ours."""

from __future__ import annotations

import ssl
from typing import Any

import pg8000.dbapi
import pymysql

from bench import SUPERUSER_PASSWORD

REFUSED = ("28P01", "28000")
REFUSED_BY_MYSQL = (1045, 1698)


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

    def ensure_user(self, user: str, password: str, superuser: bool) -> None:
        """Makes the user, or sets the password that the secret holds, as who installs a database does."""
        session = self.connect("postgres", SUPERUSER_PASSWORD)
        cursor = session.cursor()
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (user,))
        verb = "ALTER" if cursor.fetchall() else "CREATE"
        literal = password.replace("'", "''")
        cursor.execute(f"{verb} ROLE {user} LOGIN PASSWORD '{literal}'{' SUPERUSER' if superuser else ''}")
        session.close()


class MySql:
    """MariaDB as the bench's MySQL."""

    def __init__(self, port: int, authority: str) -> None:
        self.port = port
        self.authority = authority

    def connect(self, user: str, password: str) -> Any:
        """A session over verified TLS."""
        trust = {"ssl_ca": self.authority, "ssl_verify_cert": True, "ssl_verify_identity": True}
        where = {"host": "127.0.0.1", "port": self.port, "autocommit": True}
        # The driver would send text as Latin-1.
        return pymysql.connect(user=user, password=password.encode(), **where, **trust)

    def keep(self) -> None:
        """Makes a superuser of the bench's own, since the server's first is one that a blueprint rotates."""
        session = self.connect("admin", SUPERUSER_PASSWORD)
        cursor = session.cursor()
        cursor.execute("CREATE USER 'keeper'@'%%' IDENTIFIED BY %s", (SUPERUSER_PASSWORD,))
        cursor.execute("GRANT ALL ON *.* TO 'keeper'@'%' WITH GRANT OPTION")
        session.close()

    def opens(self, user: str, password: str) -> bool:
        """Whether the server lets the user in."""
        try:
            self.connect(user, password).close()
        except pymysql.err.OperationalError as error:
            if error.args[0] in REFUSED_BY_MYSQL:
                return False
            raise
        return True

    def ensure_user(self, user: str, password: str, superuser: bool) -> None:
        """Makes the user with the password that the secret holds."""
        session = self.connect("keeper", SUPERUSER_PASSWORD)
        cursor = session.cursor()
        cursor.execute(f"CREATE OR REPLACE USER '{user}'@'%%' IDENTIFIED BY %s", (password,))
        if superuser:
            cursor.execute(f"GRANT ALL ON *.* TO '{user}'@'%' WITH GRANT OPTION")
        else:
            cursor.execute(f"GRANT SELECT ON shop.* TO '{user}'@'%'")
        session.close()


Database = Postgres | MySql
