"""Systems Manager: documents by name, and the one step of automation that the templates use.

An execution takes the document's role as Systems Manager does, checks the parameters against what the document allows,
and invokes the function with the role's credentials.
"""

from __future__ import annotations

import contextvars
import json
import os
import re
import threading
import uuid
from typing import Any

import boto3
from ministack.core.responses import (
    AccountRegionScopedDict,
    error_response_json,
    get_account_id,
    get_region,
    json_response,
)
from ministack.services import ssm

from emulator.provision import Created, Json, resource

DOCUMENTS = AccountRegionScopedDict()
EXECUTIONS = AccountRegionScopedDict()
NAME = re.compile(r"[A-Za-z0-9_.-]{3,128}")
SIZE = 64 << 10


def install() -> None:
    resource("AWS::SSM::Document", create, delete)
    inner = ssm.handle_request
    calls = {
        "GetDocument": get_document,
        "StartAutomationExecution": start,
        "GetAutomationExecution": get_execution,
    }

    async def handle(method: str, path: str, headers: Any, body: Any, query: Any) -> Any:
        call = calls.get(headers.get("x-amz-target", "").rpartition(".")[2])
        if call:
            return call(json.loads(body))
        return await inner(method, path, headers, body, query)

    ssm.handle_request = handle


def create(logical: str, properties: Json, stack: str) -> Created:
    name, content = properties["Name"], properties["Content"]
    if not NAME.fullmatch(name):
        raise ValueError(f"{name}: not the name of a document")
    if name in DOCUMENTS:
        raise ValueError(f"Document with same name {name} already exists")
    if len(json.dumps(content)) > SIZE:
        raise ValueError("The document is longer than 64 KB")
    if properties["DocumentType"] == "Automation" and content.get("schemaVersion") != "0.3":
        raise ValueError("Automation documents have schema version 0.3")
    DOCUMENTS[name] = {**properties, "Content": content}
    return name, {}


def delete(identifier: str, properties: Json) -> None:
    DOCUMENTS.pop(identifier, None)


def get_document(request: Json) -> Any:
    found = DOCUMENTS.get(request["Name"])
    if not found:
        return error_response_json("InvalidDocument", f"no document {request['Name']}", 400)
    keys = ("Name", "DocumentType", "DocumentFormat")
    return json_response({key: found[key] for key in keys} | {"Content": json.dumps(found["Content"])})


def start(request: Json) -> Any:
    found = DOCUMENTS.get(request["DocumentName"])
    if not found:
        return error_response_json("AutomationDefinitionNotFoundException", request["DocumentName"], 400)
    content = found["Content"]
    given = {name: values[0] for name, values in request.get("Parameters", {}).items()}
    for name, rule in content["parameters"].items():
        value = given.get(name, "")
        allowed = value in rule.get("allowedValues", [value])
        if not allowed or not re.search(rule.get("allowedPattern", ""), value):
            return error_response_json("InvalidAutomationExecutionParametersException", name, 400)
    identifier = str(uuid.uuid4())
    execution = EXECUTIONS[identifier] = {"AutomationExecutionStatus": "InProgress"}
    # In a thread, because the steps call this emulator.
    arguments = (execution, content, given, identifier)
    threading.Thread(target=contextvars.copy_context().run, args=(run, *arguments), daemon=True).start()
    return json_response({"AutomationExecutionId": identifier})


def get_execution(request: Json) -> Any:
    found = EXECUTIONS[request["AutomationExecutionId"]]
    return json_response(
        {"AutomationExecution": {"AutomationExecutionId": request["AutomationExecutionId"], **found}}
    )


def run(execution: Json, content: Json, given: Json, identifier: str) -> None:
    """Plays the steps; the first that fails ends them."""
    try:
        session = credentials(content["assumeRole"], identifier)
        for step in content["mainSteps"]:
            if step["action"] != "aws:invokeLambdaFunction":
                raise ValueError(f"{step['action']} is not known here")
            text = json.dumps(step["inputs"]["InputPayload"])
            for name, value in given.items():
                text = text.replace("{{ " + name + " }}", value)
            api = client("lambda", session)
            answer = api.invoke(FunctionName=step["inputs"]["FunctionName"], Payload=text)
            if answer.get("FunctionError"):
                raise ValueError(answer["Payload"].read().decode())
    except Exception as error:
        execution |= {"AutomationExecutionStatus": "Failed", "FailureMessage": str(error)}
    else:
        execution["AutomationExecutionStatus"] = "Success"


def credentials(role: str, identifier: str) -> Json:
    """Those of the role, taken as the service for one of its executions."""
    account, region = get_account_id(), get_region()
    api = client("sts", {"AccessKeyId": account, "SecretAccessKey": "test"})
    source = f"arn:aws:ssm:{region}:{account}:automation-execution/{identifier}"
    keys = {"aws:SourceAccount": account, "aws:SourceArn": source}
    caller = json.dumps({"service": "ssm.amazonaws.com", "keys": keys})
    api.meta.events.register(
        "before-sign.*", lambda request, **_: request.headers.add_header("x-bench-caller", caller)
    )
    found: Json = api.assume_role(RoleArn=role, RoleSessionName="automation")["Credentials"]
    return found


def client(service: str, session: Json) -> Any:
    make: Any = boto3.client
    return make(
        service,
        region_name=get_region(),
        endpoint_url=f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session.get("SessionToken"),
    )
