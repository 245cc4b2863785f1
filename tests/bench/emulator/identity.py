"""IAM: condition keys that the emulator leaves out, and services as callers of AssumeRole.

- `aws:PrincipalArn` of a session is the ARN of its role.
- `aws:PrincipalOrgID` and `aws:PrincipalIsAWSService` are supplied.
- A `Service` principal of a trust policy lets that service through, and not the account's root.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import sts

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
        caller = CALLER.get()
        if context is not None and arn.endswith(":root"):
            keys = {key.lower(): value for key, value in caller.get("keys", {}).items()}
            context = replace(context, principal_keys={**context.principal_keys, **keys})
            policy = {**policy, "Statement": [*applying(policy["Statement"], caller.get("service", ""))]}
        answer: bool = trusts(policy, arn, context)
        return answer

    iam_evaluator._resolve_condition_key = resolve_key
    iam_evaluator.evaluate_trust_policy = evaluate_trust
    sts.evaluate_trust_policy = evaluate_trust


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
