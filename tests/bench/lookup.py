"""Looks every deployed resource up in its own service and compares what it holds with what the template declares."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from deploy import Deployer
from readers import READERS
from resolve import Resolver
from tally import Tally
from workspace import Json, Stack

# What the emulator accepts and does not keep. Each must still be dropped, or the line is out of date.
DROPPED = {
    "AWS::CloudWatch::Alarm Metrics",
    "AWS::CloudWatch::Alarm ThresholdMetricId",
    "AWS::EC2::VPCEndpoint PolicyDocument",
    "AWS::EC2::VPCEndpoint PrivateDnsEnabled",
    "AWS::EC2::VPCEndpoint SecurityGroupIds",
    "AWS::Lambda::Function VpcConfig",
}
# Properties that only steer the deployment, or that no service reports back.
SILENT = {
    "AWS::SecretsManager::ResourcePolicy BlockPublicPolicy",
    "AWS::SecretsManager::RotationSchedule RotateImmediatelyOnUpdate",
    "AWS::SecretsManager::RotationSchedule HostedRotationLambda",
    "AWS::KMS::Key PendingWindowInDays",
    "AWS::KMS::ReplicaKey PendingWindowInDays",
}


def check(tally: Tally, deployer: Deployer) -> None:
    """Every property of every resource, the outputs and the exports."""
    dropped: Counter[str] = Counter()
    silent: Counter[str] = Counter()
    looked_up = compared = 0
    for stack in deployer.stacks.values():
        resolver = Resolver(deployer, stack)
        for name, resource in stack.template["Resources"].items():
            kind = resource["Type"]
            declared = resolver.properties(name)
            held = READERS[kind](stack, resolver.physical[name], declared)
            found_it = tally.expect(held is not None, f"{stack.path} {name}: not found in its service")
            looked_up += found_it
            tally.count(stack.application, "resources", found_it)
            for label, wanted in declared.items():
                what = f"{kind} {label}"
                if what in SILENT:
                    silent[what] += 1
                    continue
                compared += 1
                found = (held or {}).get(label)
                if same(label, wanted, found):
                    tally.passed += 1
                elif what in DROPPED:
                    dropped[what] += 1
                else:
                    tally.expect(
                        False, f"{stack.path} {name}.{label}: {differing(plain(wanted), plain(found))}"
                    )
        outputs(tally, deployer, stack, resolver)
    tally.notes.append(f"{looked_up} resources looked up, {compared} properties compared")
    for what, count in sorted(dropped.items()):
        tally.notes.append(f"dropped by the emulator, judged on the template alone: {what} ({count})")
    for what, count in sorted(silent.items()):
        tally.notes.append(f"reported by no service: {what} ({count})")
    for what in sorted(DROPPED - set(dropped)):
        tally.expect(False, f"{what} is said to be dropped by the emulator and is not")


def outputs(tally: Tally, deployer: Deployer, stack: Stack, resolver: Resolver) -> None:
    """Outputs resolve to the deployed values, and exactly the manifest's exports are there."""
    declared = stack.template.get("Outputs", {})
    for name, output in declared.items():
        wanted = resolver.value(output["Value"])
        found = deployer.outputs[stack.path].get(name)
        tally.expect(found == wanted, f"{stack.path} output {name}: declared {wanted}, found {found}")
        export = output.get("Export")
        if export:
            name = resolver.value(export["Name"])
            tally.expect(resolver.exports.get(name) == wanted, f"{stack.path}: export {name} is missing")
            tally.expect(
                name in stack.entry["exports"], f"{stack.path}: export {name} is not in the manifest"
            )


def same(label: str, wanted: Any, found: Any) -> bool:
    """Equality after the services' own habits: documents as text, numbers as text, one value for a list of one."""
    if label == "Tags":
        return isinstance(found, list) and tags(wanted) <= tags(found)
    return bool(plain(wanted) == plain(found))


def tags(pairs: list[Json]) -> set[tuple[Any, Any]]:
    return {
        (one.get("Key", one.get("TagKey", "")), one.get("Value", one.get("TagValue", ""))) for one in pairs
    }


def plain(node: Any) -> Any:
    if isinstance(node, str) and node[:1] in "{[" and node:
        try:
            return plain(json.loads(node))
        except ValueError:
            return node
    if isinstance(node, dict):
        return {key: plain(one) for key, one in node.items()}
    if isinstance(node, list):
        items = [plain(one) for one in node]
        return items[0] if len(items) == 1 else items
    if isinstance(node, bool):
        return str(node).lower()
    if isinstance(node, (int, float)):
        return f"{float(node):g}"
    try:
        return f"{float(node):g}"
    except (TypeError, ValueError):
        return node


def differing(wanted: Any, found: Any) -> str:
    """The first place where two values differ."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key in [*wanted, *(found.keys() - wanted.keys())]:
            if wanted.get(key) != found.get(key):
                return f"{key}: {differing(wanted.get(key), found.get(key))}"
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for one, other in zip(wanted, found, strict=True):
            if one != other:
                return differing(one, other)
    text = [json.dumps(value, default=str) for value in (wanted, found)]
    return f"declared {text[0][:160]}, found {text[1][:160]}"
