"""PostgreSQL: log-in, simple queries, and the statements that a rotation needs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct

from common import Fields, RotationFailed
from scram import name, scram_keys, scram_verifier, text
from wire import Refused, Unreachable, Wire, tls_wanted

Row = list[str | None]

# keyprint: body

# PostgreSQL cuts longer names silently, so a clone could become another user.
NAME_LIMIT = 63
SETTINGS = """SELECT datname, unnest(setconfig) FROM pg_catalog.pg_db_role_setting
LEFT JOIN pg_catalog.pg_database d ON d.oid = setdatabase WHERE setrole = """


class PostgreSql:
    """A session over protocol 3.0."""

    def __init__(self, login: Fields, deadline: float) -> None:
        self.user = str(login["username"])
        self.wire = Wire(login["host"], int(login.get("port") or 5432), deadline)
        try:
            self.log_in(str(login["password"]), str(login.get("dbname") or "postgres"))
        except BaseException:
            self.wire.close()
            raise

    def close(self) -> None:
        self.wire.close()

    def probe(self) -> None:
        self.query("SELECT now()")

    def write(self) -> None:
        # One message is one transaction; nothing of it stays.
        table = "CREATE TEMPORARY TABLE keyprint_check (at timestamptz) ON COMMIT DROP"
        self.query(f"{table}; INSERT INTO keyprint_check VALUES (now())")

    def set_own_password(self, password: str) -> None:
        # Without WITH LOGIN: an ordinary user may change nothing but its password.
        change = f"ALTER ROLE {name(self.user)} PASSWORD {self.verifier(self.user, password)}"
        self.query("SET ROLE NONE; " + change)

    def provide(self, base: str, user: str, password: str) -> list[str]:
        """Make `user` a member of `base` that opens the database, and tell what was run."""
        columns = "rolname, rolconnlimit, rolvaliduntil"
        pair = f"rolname IN ({text(base)}, {text(user)})"
        rows = self.query(f"SELECT {columns} FROM pg_catalog.pg_roles WHERE {pair}")
        roles = {row[0]: row for row in rows}
        if base not in roles:
            raise RotationFailed(f"user {base} does not exist")
        if len(user.encode()) > NAME_LIMIT:
            raise RotationFailed(f"user name {user} is longer than {NAME_LIMIT} bytes")
        verifier = self.verifier(user, password)
        copies = [f"GRANT {name(base)} TO {name(user)}"]
        if user in roles:
            copies = [] if self.is_member(base, user) else copies
            first = f"ALTER ROLE {name(user)} PASSWORD "
        else:
            copies += self.copies(roles[base], user)
            first = f"CREATE ROLE {name(user)} LOGIN PASSWORD "
        # One message is one transaction: the user exists completely or not at all.
        self.query("; ".join([first + verifier, *copies]))
        return [first + "***", *copies]

    def is_member(self, base: str, user: str) -> bool:
        """Whether `user` holds what `base` holds; a user is a member of itself."""
        return self.query(f"SELECT pg_catalog.pg_has_role({text(user)}, {text(base)}, 'member')") == [["t"]]

    def copies(self, base: Row, user: str) -> list[str]:
        """Limits and settings of the base user, which membership does not hand on."""
        done = [f"ALTER ROLE {name(user)} CONNECTION LIMIT {int(base[1] or -1)}"]
        if base[2]:
            done.append(f"ALTER ROLE {name(user)} VALID UNTIL {text(base[2])}")
        for database, setting in self.query(f"{SETTINGS}{text(name(base[0]))}::regrole"):
            key, value = str(setting).split("=", 1)
            if key == "role":
                continue
            place = f" IN DATABASE {name(database)}" if database else ""
            # FROM CURRENT keeps lists such as search_path lists.
            done.append(f"SELECT pg_catalog.set_config({text(key)}, {text(value)}, true)")
            key = ".".join(name(part) for part in key.split("."))
            done.append(f"ALTER ROLE {name(user)}{place} SET {key} FROM CURRENT")
        # Both users act as the base user, so that objects made by either belong to both.
        return [*done, f"ALTER ROLE {name(user)} SET role = {text(str(base[0]))}"]

    def verifier(self, user: str, password: str) -> str:
        """What the server would store, so that the password itself reaches no server log."""
        if self.query("SHOW password_encryption")[0][0] != "scram-sha-256":
            return text("md5" + md5((password + user).encode()))
        return text(scram_verifier(password))

    def log_in(self, password: str, database: str) -> None:
        if tls_wanted():
            self.wire.send(struct.pack("!ii", 8, 80877103))
            if self.wire.receive(1) != b"S":
                raise RotationFailed("the database offers no TLS")
            self.wire.encrypt()
        options = ("user", self.user, "database", database, "application_name", "rotation", "")
        start = struct.pack("!i", 196608) + b"\0".join(zero_free(part) for part in options) + b"\0"
        self.wire.send(struct.pack("!i", len(start) + 4) + start)
        asked, proof = False, b""
        while True:
            kind, body = self.message()
            if kind == b"Z":
                return
            if kind == b"E":
                raise failure(body)
            if kind != b"R":
                continue
            method = struct.unpack("!i", body[:4])[0]
            if method == 0 and asked and not proof:
                continue
            asked = True
            if method == 5:
                inner = md5((password + self.user).encode())
                self.send(b"p", b"md5" + md5(inner.encode() + body[4:8]).encode() + b"\0")
            elif method == 10 and b"SCRAM-SHA-256\0" in body:
                nonce = secrets.token_urlsafe(18)
                first = f"n,,n=,r={nonce}".encode()
                mechanism = b"SCRAM-SHA-256\0" + struct.pack("!i", len(first))
                self.send(b"p", mechanism + first)
            elif method == 11:
                answer, proof = scram_answer(password, nonce, body[4:].decode())
                self.send(b"p", answer)
            elif method == 12:
                if not hmac.compare_digest(body[4:], b"v=" + base64.b64encode(proof)):
                    raise RotationFailed("the server does not know the password it accepted")
                proof = b""
            elif method == 0:
                # A server that trusts everyone would make any pending password look set.
                raise RotationFailed("the database lets the user in without a password")
            else:
                raise RotationFailed(f"the database asks for the log-in method {method}")

    def query(self, sql: str) -> list[Row]:
        self.send(b"Q", zero_free(sql) + b"\0")
        rows: list[Row] = []
        error: Exception | None = None
        while True:
            kind, body = self.message()
            if kind == b"D":
                rows.append(row_of(body))
            elif kind == b"E":
                error = failure(body)
            elif kind == b"Z":
                if error:
                    raise error
                return rows

    def send(self, kind: bytes, body: bytes) -> None:
        self.wire.send(kind + struct.pack("!i", len(body) + 4) + body)

    def message(self) -> tuple[bytes, bytes]:
        head = self.wire.receive(5)
        return head[:1], self.wire.receive(struct.unpack("!i", head[1:])[0] - 4)


def scram_answer(password: str, nonce: str, challenge: str) -> tuple[bytes, bytes]:
    """The client's final message and the signature that the server must return."""
    parts = dict(part.split("=", 1) for part in challenge.split(","))
    if not parts["r"].startswith(nonce):
        raise RotationFailed("the server answers another log-in")
    salt, rounds = base64.b64decode(parts["s"]), int(parts["i"])
    key, stored, signing = scram_keys(password, salt, rounds)
    bare = f"c=biws,r={parts['r']}"
    signed = f"n=,r={nonce},{challenge},{bare}".encode()
    mask = hmac.digest(stored, signed, "sha256")
    proof = base64.b64encode(bytes(a ^ b for a, b in zip(key, mask, strict=True))).decode()
    return f"{bare},p={proof}".encode(), hmac.digest(signing, signed, "sha256")


def md5(content: bytes) -> str:
    """The method of servers before version 14; the protocol leaves no choice."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def row_of(body: bytes) -> Row:
    row: Row = []
    at = 2
    for _ in range(struct.unpack("!h", body[:2])[0]):
        length = struct.unpack("!i", body[at : at + 4])[0]
        at += 4
        row.append(None if length < 0 else body[at : at + length].decode())
        at += max(length, 0)
    return row


def failure(body: bytes) -> Exception:
    """The server's error by its state; the text may quote a statement, so only the code is kept."""
    parts = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
    code = parts.get(b"C", "")
    if code in ("28P01", "28000"):
        return Refused(f"log-in refused ({code})")
    if code in ("53300", "57P01", "57P02", "57P03"):
        return Unreachable(f"the database takes no sessions now ({code})")
    return RotationFailed(f"the database refused with state {code}")


def zero_free(value: str) -> bytes:
    if "\0" in value:
        raise RotationFailed("a name or a password holds a zero byte")
    return value.encode()
