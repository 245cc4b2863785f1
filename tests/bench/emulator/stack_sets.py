"""CloudFormation: StackSets that deploy a stack into each account and Region, one after the other.

As the service does it: self-managed permissions deploy by the execution role, which has to be in the account and trust
the administrator; service-managed permissions refuse transforms, and deploy into the accounts of the organisation.
"""

from __future__ import annotations

import contextvars
import json
import os
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import Any
from xml.sax.saxutils import escape

from ministack.core.responses import get_account_id, request_scope
from ministack.services import iam
from ministack.services.cloudformation import _stacks, handlers
from ministack.services.cloudformation.helpers import _error, _p, _resolve_template, _xml

from emulator.provision import Json
from emulator.world import world

SETS: dict[tuple[str, str], Json] = {}
DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
DEFAULT_EXECUTION_ROLE = "AWSCloudFormationStackSetExecutionRole"


def install() -> None:
    handlers._ACTION_HANDLERS.update(
        {
            "CreateStackSet": create,
            "UpdateStackSet": update,
            "DescribeStackSet": describe,
            "CreateStackInstances": create_instances,
            "ListStackInstances": list_instances,
            "DescribeStackSetOperation": describe_operation,
            "ListStackSetOperationResults": list_results,
        }
    )


def members(parameters: Json, name: str) -> list[str]:
    """A list of plain texts among the request's parameters."""
    found = []
    while value := _p(parameters, f"{name}.member.{len(found) + 1}"):
        found.append(value)
    return found


def found_set(parameters: Json) -> Json | None:
    return SETS.get((get_account_id(), _p(parameters, "StackSetName")))


def missing(parameters: Json) -> Any:
    return _error("StackSetNotFoundException", f"StackSet {_p(parameters, 'StackSetName')} not found", 404)


def described(parameters: Json) -> tuple[Json, Any]:
    """What a StackSet is, or why it cannot be."""
    text, problem = _resolve_template(parameters)
    if problem:
        return {}, problem
    by_service = _p(parameters, "PermissionModel") == "SERVICE_MANAGED"
    if by_service and json.loads(text).get("Transform"):
        message = "Templates with transforms are not supported with service-managed permissions"
        return {}, _error("ValidationError", message)
    kept = {
        key: value for key, value in parameters.items() if key.startswith(("Capabilities.", "Parameters."))
    }
    role = _p(parameters, "ExecutionRoleName") or DEFAULT_EXECUTION_ROLE
    return {"text": text, "kept": kept, "by service": by_service, "role": role}, None


def create(parameters: Json) -> Any:
    what, problem = described(parameters)
    if problem:
        return problem
    if found_set(parameters):
        return _error("NameAlreadyExistsException", "The StackSet is there already", 409)
    name = _p(parameters, "StackSetName")
    SETS[get_account_id(), name] = {"name": name, "instances": [], "operations": {}, **what}
    return _xml(
        200,
        "CreateStackSetResponse",
        f"<CreateStackSetResult><StackSetId>{name}:1</StackSetId></CreateStackSetResult>",
    )


def describe(parameters: Json) -> Any:
    one = found_set(parameters)
    if one is None:
        return missing(parameters)
    inner = f"<StackSet><StackSetName>{one['name']}</StackSetName><Status>ACTIVE</Status></StackSet>"
    return _xml(200, "DescribeStackSetResponse", f"<DescribeStackSetResult>{inner}</DescribeStackSetResult>")


def update(parameters: Json) -> Any:
    one = found_set(parameters)
    if one is None:
        return missing(parameters)
    what, problem = described(parameters)
    if problem:
        return problem
    one.update(what)
    return operate(one, "UpdateStackSet", list(one["instances"]))


def create_instances(parameters: Json) -> Any:
    one = found_set(parameters)
    if one is None:
        return missing(parameters)
    accounts = members(parameters, "Accounts") or in_units(parameters)
    places = [(account, region) for region in members(parameters, "Regions") for account in accounts]
    one["instances"] += [place for place in places if place not in one["instances"]]
    return operate(one, "CreateStackInstances", places)


def in_units(parameters: Json) -> list[str]:
    """The organisation's accounts in the units, narrowed where accounts are given too."""
    units = members(parameters, "DeploymentTargets.OrganizationalUnitIds")
    there = {account for unit in units for account in world().get("units", {}).get(unit, [])}
    named = members(parameters, "DeploymentTargets.Accounts")
    if _p(parameters, "DeploymentTargets.AccountFilterType") == "INTERSECTION":
        there &= set(named)
    return sorted(there)


def operate(one: Json, verb: str, places: list[tuple[str, str]]) -> Any:
    """Begins an operation, which goes on in a thread."""
    identifier = str(uuid.uuid4())
    operation: Json = {"Status": "RUNNING", "results": []}
    one["operations"][identifier] = operation
    administrator = get_account_id()
    run = contextvars.copy_context().run
    threading.Thread(target=run, args=(deploy, one, operation, places, administrator), daemon=True).start()
    inner = f"<OperationId>{identifier}</OperationId>"
    return _xml(200, f"{verb}Response", f"<{verb}Result>{inner}</{verb}Result>")


def deploy(one: Json, operation: Json, places: list[tuple[str, str]], administrator: str) -> None:
    """Ends at the first place that fails."""
    for account, region in places:
        reason = deploy_one(one, account, region, administrator)
        status = "FAILED" if reason else "SUCCEEDED"
        operation["results"].append((account, region, status, reason))
        if reason:
            operation["Status"] = "FAILED"
            return
    operation["Status"] = "SUCCEEDED"


def deploy_one(one: Json, account: str, region: str, administrator: str) -> str:
    """Why a stack was not deployed, or nothing."""
    name = f"StackSet-{one['name']}"
    with request_scope(account, region):
        if not one["by service"] and not trusts(one["role"], administrator):
            return f"Account {account} should have '{one['role']}' role with trust relationship to {administrator}."
        there = name in _stacks and _stacks[name]["StackStatus"] in DONE
    verb = "UpdateStack" if there else "CreateStack"
    what = {**one["kept"], "StackName": name, "TemplateBody": one["text"]}
    refused = request(verb, what, account, region)
    if refused:
        return "" if "No updates are to be performed" in refused else refused
    with request_scope(account, region):
        while _stacks[name]["StackStatus"].endswith("IN_PROGRESS"):
            time.sleep(0.02)
        status: str = _stacks[name]["StackStatus"]
        return "" if status in DONE else f"{status}: {_stacks[name].get('StackStatusReason', '')}"


def request(verb: str, parameters: Json, account: str, region: str) -> str:
    """Has CloudFormation act in an account and Region; its refusal, or nothing."""
    scope = f"{account}/20260101/{region}/cloudformation/aws4_request"
    body = urllib.parse.urlencode({"Action": verb, "Version": "2010-05-15", **parameters}, doseq=True)
    call = urllib.request.Request(
        f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}/",
        method="POST",
        data=body.encode(),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        },
    )
    try:
        with urllib.request.urlopen(call):
            return ""
    except urllib.error.HTTPError as error:
        return error.read().decode()


def trusts(role: str, administrator: str) -> bool:
    """Whether the account has the execution role and lets the administrator assume it."""
    record = iam._roles.get(role.rpartition("/")[2]) or {}
    document = record.get("AssumeRolePolicyDocument") or "{}"
    return administrator in (document if isinstance(document, str) else json.dumps(document))


def list_instances(parameters: Json) -> Any:
    one = found_set(parameters)
    if one is None:
        return missing(parameters)
    account, region = _p(parameters, "StackInstanceAccount"), _p(parameters, "StackInstanceRegion")
    rows = [
        f"<member><Account>{place[0]}</Account><Region>{place[1]}</Region></member>"
        for place in one["instances"]
        if account in ("", None, place[0]) and region in ("", None, place[1])
    ]
    inner = f"<Summaries>{''.join(rows)}</Summaries>"
    return _xml(
        200, "ListStackInstancesResponse", f"<ListStackInstancesResult>{inner}</ListStackInstancesResult>"
    )


def operation_of(parameters: Json) -> Json | None:
    one = found_set(parameters) or {"operations": {}}
    found: Json | None = one["operations"].get(_p(parameters, "OperationId"))
    return found


def describe_operation(parameters: Json) -> Any:
    operation = operation_of(parameters)
    if operation is None:
        return _error("OperationNotFoundException", "There is no such operation", 404)
    inner = f"<StackSetOperation><Status>{operation['Status']}</Status></StackSetOperation>"
    verb = "DescribeStackSetOperation"
    return _xml(200, f"{verb}Response", f"<{verb}Result>{inner}</{verb}Result>")


def list_results(parameters: Json) -> Any:
    operation = operation_of(parameters) or {"results": []}
    rows = [
        f"<member><Account>{account}</Account><Region>{region}</Region><Status>{status}</Status>"
        f"<StatusReason>{escape(reason)}</StatusReason></member>"
        for account, region, status, reason in operation["results"]
    ]
    inner = f"<Summaries>{''.join(rows)}</Summaries>"
    verb = "ListStackSetOperationResults"
    return _xml(200, f"{verb}Response", f"<{verb}Result>{inner}</{verb}Result>")
