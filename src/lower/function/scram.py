"""What PostgreSQL stores of a password, and how names and literals are written in its statements."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import stringprep
import unicodedata
from typing import Any

# keyprint: body


def scram_verifier(password: str) -> str:
    """What the server would store, so that the password itself reaches no server log."""
    salt = os.urandom(16)
    _, stored, signing = scram_keys(password, salt, 4096)
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, signing)]
    return "SCRAM-SHA-256$4096:{}${}:{}".format(*encoded)


def scram_keys(password: str, salt: bytes, rounds: int) -> tuple[bytes, bytes, bytes]:
    """The client's key, its stored form, and the key with which the server signs."""
    salted = hashlib.pbkdf2_hmac("sha256", prepared(password).encode(), salt, rounds)
    client = hmac.digest(salted, b"Client Key", "sha256")
    return client, hashlib.sha256(client).digest(), hmac.digest(salted, b"Server Key", "sha256")


def prepared(password: str) -> str:
    """SASLprep as the server does it, but for passwords with characters that it prohibits."""
    kept = [" " if stringprep.in_table_c12(c) else c for c in password if not stringprep.in_table_b1(c)]
    return password if password.isascii() else unicodedata.normalize("NFKC", "".join(kept))


def name(value: Any) -> str:
    return '"' + str(value).replace('"', '""') + '"'


def text(value: str) -> str:
    quoted = value.replace("\\", "\\\\").replace("'", "''")
    return f" E'{quoted}'" if "\\" in value else f"'{quoted}'"
