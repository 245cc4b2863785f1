"""Passwords from the operating system's random source."""

from __future__ import annotations

import os
import secrets
import string

from common import RotationFailed

# keyprint: body


def new_password() -> str:
    """PASSWORD_LENGTH characters without EXCLUDE_CHARACTERS, one or more of every kind that is left."""
    length = int(os.environ.get("PASSWORD_LENGTH", "32"))
    excluded = os.environ.get("EXCLUDE_CHARACTERS", "/@\"'\\")
    every = (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation)
    kinds = ["".join(c for c in kind if c not in excluded) for kind in every]
    kinds = [kind for kind in kinds if kind]
    if not kinds or length < len(kinds):
        raise RotationFailed("PASSWORD_LENGTH and EXCLUDE_CHARACTERS leave no password")
    alphabet = "".join(kinds)
    # Drawing again, rather than patching a draw, keeps all allowed passwords equally likely.
    while True:
        password = "".join(secrets.choice(alphabet) for _ in range(length))
        if all(any(c in kind for c in password) for kind in kinds):
            return password
