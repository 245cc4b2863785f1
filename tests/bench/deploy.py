"""Deploys stacks as a pipeline does: upload where needed, change set, execute, poll; and deletes them."""

from __future__ import annotations

import itertools
from typing import Any

from botocore.exceptions import ClientError

from clouds import client, until
from places import bucket
from workspace import Json, Stack

NUMBERS = itertools.count(1)
# What a deployer agrees with others; the manifest says which parameters those are.
AGREED = "agreed:with,the=partner/4711"
DIRECT = 51_200


class Failed(Exception):
    """A stack that did not deploy, with the events that say why."""


class Deployer:
    """Deploys the stacks of a workspace and remembers their outputs."""

    def __init__(self) -> None:
        self.outputs: dict[str, dict[str, str]] = {}
        self.stacks: dict[str, Stack] = {}

    def deploy(self, stack: Stack, kind: str = "", resources: list[Json] | None = None) -> str:
        """Creates or updates the stack through a change set; answers its final status."""
        api = client("cloudformation", stack.account, stack.region)
        kind = kind or ("UPDATE" if exists(api, stack.name) else "CREATE")
        name = f"change-{next(NUMBERS)}"
        request: Json = {
            "StackName": stack.name,
            "ChangeSetName": name,
            "ChangeSetType": kind,
            "Capabilities": stack.entry["capabilities"],
            "Parameters": self.parameters(stack),
            **body(stack),
        }
        if resources:
            request["ResourcesToImport"] = resources
        try:
            api.create_change_set(**request)
            made = until(lambda: settled(api, stack.name, name), f"change set of {stack.path}")
        except ClientError as error:
            raise Failed(f"{stack.path}: {error.response['Error']['Message']}") from error
        if made["Status"] == "FAILED":
            reason = made.get("StatusReason", "")
            if "didn't contain changes" in reason or "No updates" in reason:
                return "UNCHANGED"
            raise Failed(f"{stack.path}: {reason}")
        api.execute_change_set(StackName=stack.name, ChangeSetName=name)
        final = until(lambda: finished(api, stack.name), f"stack {stack.path}", 120)
        status: str = final["StackStatus"]
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"):
            raise Failed(f"{stack.path}: {status}: {reasons(api, stack.name)}")
        self.adopt(stack)
        return status

    def adopt(self, stack: Stack) -> None:
        """Takes note of a deployed stack and its outputs."""
        api = client("cloudformation", stack.account, stack.region)
        found = api.describe_stacks(StackName=stack.name)["Stacks"][0]
        self.outputs[stack.path] = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}
        self.stacks[stack.path] = stack

    def parameters(self, stack: Stack) -> list[Json]:
        """What the manifest says the deployer passes."""
        values = []
        for parameter in stack.entry["parameters"]:
            source = parameter["from"]
            value = AGREED if source == "deployer" else self.outputs[source["template"]][source["output"]]
            values.append({"ParameterKey": parameter["name"], "ParameterValue": value})
        return values

    def delete(self, stack: Stack) -> None:
        """Deletes the stack and waits until it is gone."""
        api = client("cloudformation", stack.account, stack.region)
        api.delete_stack(StackName=stack.name)
        until(lambda: gone(api, stack.name), f"deletion of {stack.path}")
        if exists(api, stack.name):
            raise Failed(f"{stack.path}: {reasons(api, stack.name)}")
        self.outputs.pop(stack.path, None)
        self.stacks.pop(stack.path, None)

    def physical(self, stack: Stack) -> dict[str, str]:
        """Physical ids by logical id."""
        api = client("cloudformation", stack.account, stack.region)
        pages = api.get_paginator("list_stack_resources").paginate(StackName=stack.name)
        rows = [row for page in pages for row in page["StackResourceSummaries"]]
        return {row["LogicalResourceId"]: row["PhysicalResourceId"] for row in rows}


def body(stack: Stack) -> Json:
    """The template itself, or its address in the account's bucket when a request cannot hold it."""
    if len(stack.text.encode()) <= DIRECT:
        return {"TemplateBody": stack.text}
    api = client("s3", stack.account, stack.region)
    where = bucket(stack.account, stack.region)
    api.put_object(Bucket=where, Key=stack.path, Body=stack.text.encode())
    return {"TemplateURL": f"{api.meta.endpoint_url}/{where}/{stack.path}"}


def exists(api: Any, name: str) -> bool:
    try:
        found = api.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError:
        return False
    return found["StackStatus"] not in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE")


def settled(api: Any, stack: str, name: str) -> Json | None:
    found: Json = api.describe_change_set(StackName=stack, ChangeSetName=name)
    return found if found["Status"] in ("CREATE_COMPLETE", "FAILED") else None


def finished(api: Any, name: str) -> Json | None:
    found: Json = api.describe_stacks(StackName=name)["Stacks"][0]
    status = found["StackStatus"]
    return None if status.endswith("IN_PROGRESS") else found


def gone(api: Any, name: str) -> bool:
    try:
        status = api.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    except ClientError:
        return True
    return status in ("DELETE_COMPLETE", "DELETE_FAILED")


def reasons(api: Any, name: str) -> str:
    """The first causes among the stack's events, in the services' own words."""
    pages = api.get_paginator("describe_stack_events").paginate(StackName=name)
    events = [event for page in pages for event in page["StackEvents"]]
    causes = [
        f"{event['LogicalResourceId']} {event['ResourceStatus']}: {event['ResourceStatusReason']}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("FAILED") and event.get("ResourceStatusReason")
    ]
    return "; ".join(causes[:3]) or "no reason given"
