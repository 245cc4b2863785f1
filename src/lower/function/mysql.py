"""MySQL and MariaDB: log-in, simple queries, and the statements that a rotation needs."""

from __future__ import annotations

import hashlib
import re
import struct
from typing import Any

from common import Fields, RotationFailed
from password import new_password
from wire import Refused, Unreachable, Wire, tls_wanted

Row = list[str | None]

# keyprint: body

# CLIENT_LONG_PASSWORD, CONNECT_WITH_DB, PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION, PLUGIN_AUTH.
CAPABILITIES = 0x1 | 0x200 | 0x2000 | 0x8000 | 0x80000
WITH_DATABASE, WITH_TLS = 0x8, 0x800
UTF8MB4 = 45
PLUGINS = ("mysql_native_password", "caching_sha2_password")
# Error numbers: access denied (two forms), account locked (MySQL, MariaDB), password expired.
REFUSED = (1045, 1698, 3118, 4151, 1862)
# Too many connections (of the server, of the user), server going down.
BUSY = (1040, 1203, 1053)


class MySql:
    """A session over protocol 4.1."""

    def __init__(self, login: Fields, deadline: float) -> None:
        self.wire = Wire(login["host"], int(login.get("port") or 3306), deadline)
        self.sequence = 0
        self.maria = False
        try:
            database = str(login.get("dbname") or "")
            self.log_in(str(login["username"]), str(login["password"]), database)
            # Decides how literals are read: a backslash escapes, double quotes are no names.
            self.query("SET sql_mode = ''")
        except BaseException:
            self.wire.close()
            raise

    def close(self) -> None:
        self.wire.close()

    def probe(self) -> None:
        self.query("SELECT now()")

    def write(self) -> None:
        # A server that only reads still lets temporary tables be made.
        if self.query("SELECT @@global.read_only")[0][0] not in ("0", "OFF"):
            raise RotationFailed("the server is read-only")
        self.query("CREATE TEMPORARY TABLE keyprint_check (made DATETIME)")
        self.query("INSERT INTO keyprint_check VALUES (now())")

    def set_own_password(self, password: str) -> None:
        if not self.maria:
            self.query(f"ALTER USER USER() IDENTIFIED BY {text(password)}")
        elif self.takes_hash():
            self.query(f"SET PASSWORD = {text(native_hash(password))}")
        else:
            self.query(f"SET PASSWORD = PASSWORD({text(password)})")

    def provide(self, base: str, user: str, password: str) -> list[str]:
        """Give `user` the password and, where it is a clone, what `base` holds; tell what was run."""
        limit = 80 if self.maria else 32
        if len(user) > limit:
            raise RotationFailed(f"user name {user} is longer than {limit} characters")
        tls_of = self.accounts(base)
        if not tls_of:
            raise RotationFailed(f"user {base} does not exist")
        done = []
        if user != base:
            known = self.accounts(user)
            for host, tls in tls_of.items():
                if host not in known:
                    done.append(self.make(account(user, host), tls))
                done += self.copy(base, user, host)
        # The password comes last and for all hosts at once: a clone that opens is complete.
        accounts = [account(user, host) for host in self.accounts(user)]
        identified = self.identified(password)
        self.query("ALTER USER " + ", ".join(a + identified for a in accounts))
        return [*done, "ALTER USER " + ", ".join(accounts) + " IDENTIFIED BY ***"]

    def takes_hash(self) -> bool:
        """MariaDB logs statements as they come, so it gets a hash, unless a policy must see the password."""
        policies = "plugin_type = 'PASSWORD VALIDATION' AND plugin_status = 'ACTIVE'"
        return self.maria and not self.query(f"SELECT 1 FROM information_schema.plugins WHERE {policies}")

    def accounts(self, user: str) -> dict[str, str]:
        """Hosts of a user, each with the kind of TLS that it asks for."""
        rows = self.query(f"SELECT Host, ssl_type FROM mysql.user WHERE User = {text(user)}")
        return {str(row[0]): row[1] or "" for row in rows}

    def make(self, new: str, tls: str) -> str:
        """A user that nobody can open yet."""
        statement = f"CREATE USER {new}"
        options = " REQUIRE SSL" if tls else ""
        self.query(statement + self.identified(new_password()) + options)
        return statement + options

    def copy(self, base: str, user: str, host: str) -> list[str]:
        clone = account(user, host)
        held = self.grants(user, host, clone)
        missing = [grant for grant in self.grants(base, host, clone) if grant not in held]
        # A role without ON is held, but takes effect only as a default role.
        if not self.maria and any(" ON " not in grant for grant in missing):
            missing.append(f"ALTER USER {clone} DEFAULT ROLE ALL")
        for statement in missing:
            self.query(statement)
        return missing

    def grants(self, user: str, host: str, clone: str) -> list[str]:
        """The statements that give `clone` what `user` holds."""
        statements = []
        holder = account(user, host)
        for row in self.query(f"SHOW GRANTS FOR {holder}"):
            grant = re.sub(r" IDENTIFIED (BY PASSWORD|VIA \w+ USING) '[^']*'", "", str(row[0]))
            # MySQL 5.7 writes the name as text.
            grant = grant.replace(f" {text(user)}@{text(host)}", f" {holder}")
            head, found, tail = grant.rpartition(f" {holder}")
            if not found:
                raise RotationFailed(f"a grant of {holder} cannot be read")
            statements.append(f"{head} {clone}{tail}")
        return statements

    def identified(self, password: str) -> str:
        if self.takes_hash():
            return f" IDENTIFIED BY PASSWORD {text(native_hash(password))}"
        return f" IDENTIFIED BY {text(password)}"

    def log_in(self, user: str, password: str, database: str) -> None:
        greeting = self.packet()
        version, rest = greeting[1:].split(b"\0", 1)
        self.maria = b"MariaDB" in version
        flags = struct.unpack("<H", rest[13:15])[0]
        nonce = rest[4:12] + rest[31:43]
        plugin = rest[44:].split(b"\0", 1)[0].decode()
        flags_wanted = CAPABILITIES | (WITH_DATABASE if database else 0)
        head = struct.pack("<IIB23x", flags_wanted, 1 << 24, UTF8MB4)
        if tls_wanted():
            if not flags & WITH_TLS:
                raise RotationFailed("the database offers no TLS")
            head = struct.pack("<IIB23x", flags_wanted | WITH_TLS, 1 << 24, UTF8MB4)
            self.send(head)
            self.wire.encrypt()
        proof = answer(plugin, password, nonce)
        content = head + user.encode() + b"\0" + bytes([len(proof)]) + proof
        content += database.encode() + b"\0" if database else b""
        self.send(content + plugin.encode() + b"\0")
        self.authenticate(plugin, password, nonce)

    def authenticate(self, plugin: str, password: str, nonce: bytes) -> None:
        while True:
            packet = self.packet()
            if packet[:1] == b"\0":
                return
            if packet[:1] == b"\xfe":
                asked, _, data = packet[1:].partition(b"\0")
                plugin, nonce = asked.decode(), data[:20]
                if plugin not in PLUGINS:
                    raise RotationFailed(f"the database asks for the log-in method {plugin}")
                self.send(answer(plugin, password, nonce))
            elif packet == b"\x01\x04":
                if not self.wire.encrypted:
                    raise RotationFailed("the database asks for the password without TLS")
                self.send(password.encode() + b"\0")
            elif packet != b"\x01\x03":
                raise RotationFailed("the database asks for an unknown log-in step")

    def query(self, sql: str) -> list[Row]:
        self.sequence = 0
        self.send(b"\x03" + sql.encode())
        first = self.packet()
        if first[:1] == b"\0":
            return []
        for _ in range(first[0] + 1):
            self.packet()
        rows: list[Row] = []
        while True:
            packet = self.packet()
            if packet[:1] == b"\xfe" and len(packet) < 9:
                return rows
            rows.append(row_of(packet))

    def send(self, body: bytes) -> None:
        self.wire.send(struct.pack("<I", len(body))[:3] + bytes([self.sequence]) + body)
        self.sequence += 1

    def packet(self) -> bytes:
        head = self.wire.receive(4)
        self.sequence = (head[3] + 1) % 256
        body = self.wire.receive(int.from_bytes(head[:3], "little"))
        if body[:1] == b"\xff":
            raise failure(struct.unpack("<H", body[1:3])[0])
        return body


def answer(plugin: str, password: str, nonce: bytes) -> bytes:
    """The proof of the password for one log-in."""
    if plugin == "mysql_native_password":
        inner = hashlib.sha1(password.encode()).digest()
        mask = hashlib.sha1(nonce + hashlib.sha1(inner).digest()).digest()
    elif plugin == "caching_sha2_password":
        inner = hashlib.sha256(password.encode()).digest()
        mask = hashlib.sha256(hashlib.sha256(inner).digest() + nonce).digest()
    else:
        # A greeting names the server's default, which need not be the user's: let it ask again.
        return b""
    return bytes(a ^ b for a, b in zip(inner, mask, strict=True))


def native_hash(password: str) -> str:
    return "*" + hashlib.sha1(hashlib.sha1(password.encode()).digest()).hexdigest().upper()


def row_of(packet: bytes) -> Row:
    row: Row = []
    at = 0
    while at < len(packet):
        length = packet[at]
        at += 1
        if length == 0xFB:
            row.append(None)
            continue
        if length > 0xFB:
            size = {0xFC: 2, 0xFD: 3, 0xFE: 8}[length]
            length = int.from_bytes(packet[at : at + size], "little")
            at += size
        row.append(packet[at : at + length].decode())
        at += length
    return row


def failure(code: int) -> Exception:
    """The server's error by its number; the text may quote a statement, so only the number is kept."""
    if code in REFUSED:
        return Refused(f"log-in refused ({code})")
    if code in BUSY:
        return Unreachable(f"the database takes no sessions now ({code})")
    return RotationFailed(f"the database refused with error {code}")


def account(user: str, host: str) -> str:
    return f"{name(user)}@{name(host)}"


def name(value: Any) -> str:
    return "`" + str(value).replace("`", "``") + "`"


def text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
