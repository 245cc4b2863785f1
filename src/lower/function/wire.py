"""The way to a database: a socket with time limits, TLS that verifies, and the errors that differ."""

from __future__ import annotations

import os
import socket
import ssl
import time

from authorities import AUTHORITIES
from common import RotationFailed

# keyprint: body


class Refused(RotationFailed):
    """The database answered and does not let the user in: never repeated, accounts may be locked by it."""

    pass


class Unreachable(RotationFailed):
    """The database did not answer, or asked to come back later: repeated."""

    pass


class Wire:
    """A socket to the database that reads exact lengths and ends before the function does."""

    def __init__(self, host: str, port: int, deadline: float) -> None:
        self.host = host
        self.deadline = deadline
        self.encrypted = False
        try:
            self.socket = socket.create_connection((host, port), self.left(5))
            # Log-ins are many small messages; each would wait for an acknowledgement.
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise Unreachable(f"no connection to {host}:{port}: {reason(error)}") from None

    def left(self, most: float) -> float:
        left = min(most, self.deadline - time.monotonic())
        if left <= 0:
            raise Unreachable("the time of the function is used up")
        return left

    def encrypt(self) -> None:
        """TLS with the certificate and the name verified; there is no other way."""
        try:
            trust = trusted(self.host)
            # From 3.13 on Python alone refuses chains of older authorities for lack of optional fields.
            trust.verify_flags &= ~ssl.VERIFY_X509_STRICT
        except OSError as error:
            raise RotationFailed(f"DATABASE_CA holds no certificates: {reason(error)}") from None
        try:
            self.socket = trust.wrap_socket(self.socket, server_hostname=self.host)
        except ssl.SSLCertVerificationError as error:
            raise RotationFailed(f"certificate refused: {error.verify_message}") from None
        except OSError as error:
            raise Unreachable(f"no TLS with {self.host}: {reason(error)}") from None
        self.encrypted = True

    def send(self, content: bytes) -> None:
        try:
            self.socket.settimeout(self.left(15))
            self.socket.sendall(content)
        except OSError as error:
            raise Unreachable(f"connection lost: {reason(error)}") from None

    def receive(self, length: int) -> bytes:
        content = b""
        try:
            while len(content) < length:
                self.socket.settimeout(self.left(15))
                part = self.socket.recv(length - len(content))
                if not part:
                    raise Unreachable("the database closed the connection")
                content += part
        except OSError as error:
            raise Unreachable(f"connection lost: {reason(error)}") from None
        return content

    def close(self) -> None:
        self.socket.close()


def trusted(host: str) -> ssl.SSLContext:
    """DATABASE_CA alone where it is set; else the authorities in this file, and for others than RDS the runtime's."""
    given = os.environ.get("DATABASE_CA", "") or AUTHORITIES
    source = "cafile" if given and "BEGIN CERTIFICATE" not in given else "cadata"
    trust = ssl.create_default_context(**{source: given or None})  # type: ignore[arg-type]
    # RDS Proxy shows certificates of Amazon's public authorities.
    of_rds = ".rds." in host and host.endswith((".amazonaws.com", ".amazonaws.com.cn"))
    if given == AUTHORITIES != "" and (not of_rds or ".proxy-" in host):
        trust.load_default_certs()
    return trust


def reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def tls_wanted() -> bool:
    """TLS unless DATABASE_TLS says off; nothing in the secret can switch it off."""
    choice = os.environ.get("DATABASE_TLS", "verify-full")
    if choice not in ("verify-full", "off"):
        raise RotationFailed(f"unknown DATABASE_TLS {choice}")
    return choice != "off"
