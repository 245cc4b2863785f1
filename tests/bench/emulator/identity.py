"""IAM: condition keys that the emulator leaves out, and services as callers of AssumeRole.

- `aws:PrincipalArn` of a session is the ARN of its role.
- `aws:PrincipalOrgID` and `aws:PrincipalIsAWSService` are supplied.
- A `Service` principal of a trust policy lets that service through, and not the account's root.
- A role keeps the boundary that its template names, which has to exist.
- Generated names differ between Regions, as their random parts do: the account's policies are the same in all of them.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.services import iam, sts
from ministack.services.cloudformation import provisioners

from emulator.provision import HANDLERS, Created
from emulator.requests import CALLER
from emulator.world import organization


def install() -> None:
    resolve = iam_evaluator._resolve_condition_key
    trusts = iam_evaluator.evaluate_trust_policy

    def resolve_key(key: str, context: Any) -> Any:
        name = key.lower()
        if name == "aws:principalarn":
            return role_of(context.principal_arn)
        if name == "aws:principalorgid":
            return organization(context.principal_account)
        if name == "aws:principalisawsservice":
            return "false"
        return resolve(key, context)

    def evaluate_trust(document: Any, arn: str, context: Any = None) -> bool:
        policy = json.loads(document) if isinstance(document, str) else document
        caller = CALLER.get() or {}
        if context is not None and arn.endswith(":root"):
            keys = {key.lower(): value for key, value in caller.get("keys", {}).items()}
            context = replace(context, principal_keys={**context.principal_keys, **keys})
            policy = {**policy, "Statement": [*applying(policy["Statement"], caller.get("service", ""))]}
        answer: bool = trusts(policy, arn, context)
        return answer

    def physical_name(*arguments: Any, **options: Any) -> str:
        seed = provisioners._NAME_SEED.set(f"{provisioners._NAME_SEED.get()}{get_region()}")
        try:
            name: str = physical(*arguments, **options)
        finally:
            provisioners._NAME_SEED.reset(seed)
        return name

    physical = provisioners._physical_name
    provisioners._physical_name = physical_name
    role = HANDLERS["AWS::IAM::Role"]
    role["create"], role["update"] = bounded(role["create"], 1), bounded(role["update"], 2)
    iam_evaluator._resolve_condition_key = resolve_key
    iam_evaluator.evaluate_trust_policy = evaluate_trust
    sts.evaluate_trust_policy = evaluate_trust


def bounded(inner: Any, place: int) -> Any:
    """Sets the boundary after creating or updating, where the properties stand at this place."""

    def put(*arguments: Any, **options: Any) -> Created:
        boundary = arguments[place].get("PermissionsBoundary")
        if boundary and boundary not in iam._policies:
            raise ValueError(f"Scope ARN: {boundary} does not exist or is not attachable.")
        made: Created = inner(*arguments, **options)
        iam._roles[made[0]]["PermissionsBoundary"] = boundary or ""
        return made

    return put


def role_of(arn: str) -> str:
    """The role's ARN for a session's ARN, any other ARN unchanged; roles of ours have no path."""
    head, found, session = arn.partition(":assumed-role/")
    return f"{head.replace(':sts:', ':iam:')}:role/{session.split('/')[0]}" if found else arn


def applying(statements: list[dict[str, Any]], service: str) -> list[dict[str, Any]]:
    """The statements that could apply to the caller: those naming its service, or none that names a service."""
    named = []
    for statement in statements:
        principal = statement.get("Principal", {})
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        services = [services] if isinstance(services, str) else services
        if service in services if service else not services:
            named.append(statement)
    return named
