"""The joined sources: what a template holds does what the readable parts do."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import FUNCTIONS, Setting

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


def rehearse(setting: Setting) -> None:
    function = FUNCTIONS / setting.database.kind / "index.py"
    command = [sys.executable, str(PARTS / "rehearse.py"), str(function), setting.arn]
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
