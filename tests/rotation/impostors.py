"""Servers that are not what they should be, and a MySQL 8 that Debian does not have."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from typing import Any

Talk = Callable[[socket.socket], None]


class Impostor:
    """Listens on loopback and talks to each visitor as it was told; keeps what it was sent."""

    def __init__(self, talk: Talk) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.talk = talk
        self.visits = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                visitor, _ = self.listener.accept()
            except OSError:
                return
            self.visits += 1
            threading.Thread(target=self.attend, args=(visitor,), daemon=True).start()

    def attend(self, visitor: socket.socket) -> None:
        with visitor:
            try:
                self.talk(visitor)
            except (OSError, EOFError):
                return


def read(visitor: socket.socket, length: int) -> bytes:
    content = b""
    while len(content) < length:
        part = visitor.recv(length - len(content))
        if not part:
            raise EOFError
        content += part
    return content


def never_answers(visitor: socket.socket) -> None:
    while visitor.recv(1024):
        pass


def postgres_without_tls(heard: list[bytes]) -> Talk:
    def talk(visitor: socket.socket) -> None:
        heard.append(read(visitor, 8))
        visitor.sendall(b"N")
        heard.append(visitor.recv(1024))

    return talk


def postgres_that_knows_no_password(visitor: socket.socket) -> None:
    """Goes through SCRAM and accepts any proof, but cannot sign."""

    def message(kind: bytes, body: bytes) -> None:
        visitor.sendall(kind + struct.pack("!i", len(body) + 4) + body)

    def hear() -> bytes:
        return read(visitor, struct.unpack("!i", read(visitor, 5)[1:])[0] - 4)

    read(visitor, struct.unpack("!i", read(visitor, 4))[0] - 4)
    message(b"R", struct.pack("!i", 10) + b"SCRAM-SHA-256\0\0")
    nonce = hear().rpartition(b"r=")[2] + b"server"
    salt = base64.b64encode(os.urandom(16))
    message(b"R", struct.pack("!i", 11) + b"r=" + nonce + b",s=" + salt + b",i=4096")
    hear()
    message(b"R", struct.pack("!i", 12) + b"v=" + base64.b64encode(os.urandom(32)))
    message(b"R", struct.pack("!i", 0))
    message(b"Z", b"I")
    hear()


class MySql8:
    """The log-in of MySQL 8 with caching_sha2_password, and the statements of a single-user rotation."""

    def __init__(self, certificate: str, key: str, user: str, password: str) -> None:
        self.trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.trust.load_cert_chain(certificate, key)
        self.user = user
        self.password = password
        self.cached = False
        self.statements: list[str] = []
        self.heard: list[bytes] = []
        self.offers_tls = True

    def __call__(self, visitor: socket.socket) -> None:
        nonce = bytes(33 + byte % 90 for byte in os.urandom(20))
        capabilities = 0x000FFFFF if self.offers_tls else 0x000FF7FF
        low, high = struct.pack("<H", capabilities & 0xFFFF), struct.pack("<H", capabilities >> 16)
        greeting = b"\x0a8.0.36\0" + struct.pack("<I", 7) + nonce[:8] + b"\0" + low + b"\xff\x02\0" + high
        greeting += bytes([21]) + bytes(10) + nonce[8:] + b"\0caching_sha2_password\0"
        self.send(visitor, 0, greeting)
        number, login = self.hear(visitor)
        if self.offers_tls and struct.unpack("<I", login[:4])[0] & 0x800:
            visitor = self.trust.wrap_socket(visitor, server_side=True)
            number, login = self.hear(visitor)
        user, _, rest = login[32:].partition(b"\0")
        proof = rest[1 : 1 + rest[0]]
        if not self.admits(visitor, number, user.decode(), proof, nonce):
            return
        while True:
            number, command = self.hear(visitor)
            statement = command[1:].decode()
            self.statements.append(statement)
            change = re.fullmatch(r"ALTER USER USER\(\) IDENTIFIED BY '(.*)'", statement)
            if change:
                self.password = re.sub(r"\\(.)", r"\1", change[1])
                self.cached = False
            self.answer(visitor, number, statement)

    def admits(self, visitor: Any, number: int, user: str, proof: bytes, nonce: bytes) -> bool:
        inner = hashlib.sha256(self.password.encode()).digest()
        mask = hashlib.sha256(hashlib.sha256(inner).digest() + nonce).digest()
        right = proof == bytes(a ^ b for a, b in zip(inner, mask, strict=True))
        if self.cached and right:
            self.send(visitor, number + 1, b"\x01\x03")
        else:
            self.send(visitor, number + 1, b"\x01\x04")
            number, clear = self.hear(visitor)
            right = clear == self.password.encode() + b"\0"
        if not right or user != self.user:
            self.send(visitor, number + 1, b"\xff" + struct.pack("<H", 1045) + b"#28000Access denied")
            return False
        self.cached = True
        self.send(visitor, number + 2, b"\0\0\0\x02\0\0\0")
        return True

    def answer(self, visitor: Any, number: int, statement: str) -> None:
        if not statement.startswith("SELECT"):
            self.send(visitor, number + 1, b"\0\0\0\x02\0\0\0")
            return
        end = b"\xfe\0\0\x02\0"
        column = b"\x03def\0\0\0\x01x\0\x0c\x2d\0\xff\0\0\0\xfd\0\0\0\0\0"
        for offset, body in enumerate((b"\x01", column, end, b"\x01x", end)):
            self.send(visitor, number + 1 + offset, body)

    def send(self, visitor: Any, number: int, body: bytes) -> None:
        visitor.sendall(struct.pack("<I", len(body))[:3] + bytes([number]) + body)

    def hear(self, visitor: Any) -> tuple[int, bytes]:
        head = read(visitor, 4)
        body = read(visitor, int.from_bytes(head[:3], "little"))
        self.heard.append(body)
        return head[3], body
