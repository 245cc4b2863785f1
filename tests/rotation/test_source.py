"""The joined sources: what a template holds does what the readable parts do."""

from __future__ import annotations

import ast
import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FUNCTIONS, STATE, Setting, load

PARTS = Path(__file__).parents[2] / "src/lower/function"
KINDS = sorted(folder.name for folder in FUNCTIONS.iterdir())


@pytest.mark.parametrize("kind", KINDS)
def test_joining_keeps_every_definition(kind: str) -> None:
    source = (FUNCTIONS / kind / "index.py").read_text()
    joined = ast.parse(source)
    names = [line[2:] for line in source.splitlines() if line.startswith("# ") and line.endswith(".py")]
    parts = [body_of(PARTS / name) for name in names]
    assert len(parts) > 1
    expected = [ast.dump(without_docstrings(node)) for part in parts for node in part]
    found = [ast.dump(node) for node in joined.body if not isinstance(node, ast.Import | ast.ImportFrom)]
    assert found == expected


def body_of(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_text().partition("# keyprint: body\n")[2]).body


def without_docstrings(node: ast.stmt) -> ast.stmt:
    for inner in ast.walk(node):
        if isinstance(inner, ast.ClassDef | ast.FunctionDef) and ast.get_docstring(inner):
            inner.body = inner.body[1:]
    return node


@pytest.mark.parametrize("kind", KINDS)
def test_sources_are_small_and_need_only_the_runtime(kind: str) -> None:
    source = (FUNCTIONS / kind / "index.py").read_text()
    assert source.isascii()
    # With the authorities of a Region, 4.6 kB, still under two thirds of what a template holds directly.
    assert len(source) < 24_000
    modules = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(str(node.module).partition(".")[0])
    assert modules - {"boto3", "botocore"} <= sys.stdlib_module_names


AUTHORITIES = sorted((PARTS.parents[1] / "aws/authorities").glob("*.pem"))


@pytest.mark.parametrize("path", AUTHORITIES, ids=lambda path: path.stem)
def test_authorities_are_the_regions_own_and_sign_themselves(path: Path, tmp_path: Path) -> None:
    certificates = path.read_text().split("-----END CERTIFICATE-----\n")[:-1]
    kinds = []
    for certificate in certificates:
        text = certificate + "-----END CERTIFICATE-----\n"
        shown = openssl(
            "x509", "-noout", "-subject", "-issuer", "-checkend", str(20 * 365 * 86400), given=text
        )
        subject, issuer = shown.splitlines()[:2]
        name = subject.partition("CN = ")[2].partition(",")[0]
        assert name == issuer.partition("CN = ")[2].partition(",")[0]
        assert name.startswith(f"Amazon RDS {path.stem} Root CA ")
        kinds.append(name.split()[-2])
        alone = tmp_path / "authority.pem"
        alone.write_text(text)
        openssl("verify", "-CAfile", str(alone), "-check_ss_sig", str(alone))
    assert kinds == ["ECC384", "RSA2048", "RSA4096"]


def openssl(*arguments: str, given: str = "") -> str:
    done = subprocess.run(["openssl", *arguments], input=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def trusted(host: str, authorities: str) -> int:
    """How many authorities a database is verified against."""
    module = load("postgresql")
    module.__dict__["AUTHORITIES"] = authorities
    return len(module.trusted(host).get_ca_certs())


def test_databases_of_rds_are_verified_against_the_regions_authorities_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DATABASE_CA")
    region = AUTHORITIES[0].read_text()
    runtime = len(ssl.create_default_context().get_ca_certs())
    assert trusted("orders.x.eu-west-1.rds.amazonaws.com", region) == 3
    assert trusted("orders.x.rds.cn-north-1.amazonaws.com.cn", region) == 3
    assert trusted("orders.proxy-x.eu-west-1.rds.amazonaws.com", region) == 3 + runtime
    assert trusted("db.example.com", region) == 3 + runtime
    assert trusted("orders.x.eu-west-1.rds.amazonaws.com", "") == runtime
    monkeypatch.setenv("DATABASE_CA", STATE["ca"])
    assert trusted("db.example.com", region) == 1


def test_authorities_in_the_text_suffice(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_CA")
    setting.module.__dict__["AUTHORITIES"] = Path(STATE["ca"]).read_text()
    setting.rotate()
    setting.module.__dict__["AUTHORITIES"] = AUTHORITIES[0].read_text()
    with pytest.raises(Exception, match="certificate refused"):
        setting.rotate()
    assert setting.opens(setting.value())


def rehearse(setting: Setting) -> None:
    function = FUNCTIONS / setting.database.kind / "index.py"
    name = setting.arn.rpartition(":")[2].rpartition("-")[0]
    command = [sys.executable, str(PARTS / "rehearse.py"), str(function), name]
    subprocess.run(command, check=True, capture_output=True, env=dict(os.environ))


def test_rehearsal(setting: Setting) -> None:
    for _ in range(2):
        before = setting.value()
        rehearse(setting)
        assert setting.value("AWSPREVIOUS") == before
        assert setting.opens(setting.value())


def test_rehearsal_takes_up_an_interrupted_rotation(setting: Setting) -> None:
    token = setting.begin()
    setting.step(token, "createSecret")
    rehearse(setting)
    assert "AWSCURRENT" in setting.secrets.labels(setting.arn)[token]
