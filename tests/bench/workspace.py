"""A workspace as the author wrote it and as keyprint compiled it."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]
# The day that waivers are measured by, so that the suite does not end with one of them.
DAY = "2026-11-24"


@dataclass
class Stack:
    """One entry of the manifest with its template."""

    name: str
    account: str
    region: str
    path: str
    template: Json
    entry: Json
    text: str = field(repr=False)

    @property
    def environment(self) -> str:
        name: str = self.entry["environment"]
        return name

    @property
    def application(self) -> str:
        name: str = self.entry["application"]
        return name

    def resources(self, kind: str) -> dict[str, Json]:
        """Properties of the resources of one type by logical id."""
        found = self.template["Resources"].items()
        return {name: one.get("Properties", {}) for name, one in found if one["Type"] == kind}


class Words(yaml.SafeLoader):  # type: ignore[misc]
    """YAML 1.2's truth values: `on` is a word, and a field of alerts."""


Words.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:bool"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Words.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), ["t", "f"])


def read_blueprint(path: Path) -> Json:
    """One blueprint, as plain YAML."""
    document: Json = yaml.load(path.read_text(), Loader=Words)
    return document


def compile_workspace(keyprint: Path, blueprints: Path, out: Path) -> list[Stack]:
    """Builds the templates and reads them in the manifest's order."""
    command: list[str | Path] = [keyprint, "build", blueprints, "--out", out, "--today", DAY]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr or done.stdout)
    return read_stacks(out)


def read_stacks(out: Path) -> list[Stack]:
    """The stacks of a manifest, in its order."""
    manifest = json.loads((out / "manifest.json").read_text())
    stacks = []
    for entry in sorted(manifest["stacks"], key=lambda one: one["order"]):
        text = (out / entry["template"]).read_text()
        where = (entry["name"], entry["account"], entry["region"], entry["template"])
        stacks.append(Stack(*where, json.loads(text), entry, text))
    return stacks


def read_blueprints(folder: Path) -> dict[str, Json]:
    """Blueprints by application, as plain YAML."""
    files = [folder] if folder.is_file() else sorted(folder.rglob("*.yaml"))
    documents = [read_blueprint(path) for path in files]
    return {document["application"]: document for document in documents}
