"""Certificates, as PEM, of the authorities that databases are verified against; put in when the parts are joined."""

from __future__ import annotations

# keyprint: body

AUTHORITIES = ""
