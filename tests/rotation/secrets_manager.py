"""A Secrets Manager for tests: versions, staging labels and tokens as the service keeps them.

Eight calls over HTTP, so that the functions use it through their own client.
"""

from __future__ import annotations

import json
import sys
import threading
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ARN = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:"
Json = dict[str, Any]


class Refusal(Exception):
    """An error of the service: its code and its message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Secret:
    """A secret: values and labels by version id. A version without value is one being rotated."""

    arn: str
    name: str
    rotating: bool | None = None
    values: dict[str, str | None] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)

    def holder(self, label: str) -> str | None:
        return next((version for version, labels in self.labels.items() if label in labels), None)

    def move(self, label: str, version: str) -> None:
        before = self.holder(label)
        if before == version:
            return
        if before:
            self.labels[before].remove(label)
            if label == "AWSCURRENT":
                self.move("AWSPREVIOUS", before)
        self.labels.setdefault(version, []).append(label)


class Service:
    """All secrets, and one method per call."""

    def __init__(self) -> None:
        self.secrets: dict[str, Secret] = {}
        self.throttled = 0

    def find(self, request: Json) -> Secret:
        key = request["SecretId"]
        secret = self.secrets.get(key) or self.secrets.get(f"{ARN}{key}-AbCdEf")
        if secret is None:
            raise Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        return secret

    def create_secret(self, request: Json) -> Json:
        arn = f"{ARN}{request['Name']}-AbCdEf"
        if arn in self.secrets:
            raise Refusal("ResourceExistsException", "The secret already exists.")
        secret = self.secrets[arn] = Secret(arn, request["Name"])
        return self.put(secret, request, ["AWSCURRENT"])

    def put_secret_value(self, request: Json) -> Json:
        return self.put(self.find(request), request, request.get("VersionStages", ["AWSCURRENT"]))

    def put(self, secret: Secret, request: Json, labels: list[str]) -> Json:
        version = request.get("ClientRequestToken") or str(uuid.uuid4())
        if not 32 <= len(version) <= 64:
            raise Refusal("InvalidParameterException", "ClientRequestToken must be 32 to 64 characters long.")
        known = secret.values.get(version)
        if known is not None and known != request["SecretString"]:
            raise Refusal("ResourceExistsException", "A version with this token has another value.")
        secret.values[version] = request["SecretString"]
        for label in labels:
            secret.move(label, version)
        if "AWSCURRENT" in labels and "AWSPENDING" in secret.labels[version]:
            secret.labels[version].remove("AWSPENDING")
        return {"ARN": secret.arn, "VersionId": version, "VersionStages": labels}

    def get_secret_value(self, request: Json) -> Json:
        secret = self.find(request)
        label = request.get("VersionStage")
        version = request.get("VersionId") or secret.holder(label or "AWSCURRENT")
        missing = version is None or secret.values.get(version) is None
        if missing or (label and label not in secret.labels.get(str(version), [])):
            raise Refusal(
                "ResourceNotFoundException",
                f"Secrets Manager can't find the value for staging label: {label}",
            )
        value = secret.values[str(version)]
        return {"ARN": secret.arn, "VersionId": version, "SecretString": value}

    def describe_secret(self, request: Json) -> Json:
        secret = self.find(request)
        labels = {version: labels for version, labels in secret.labels.items() if labels}
        answer: Json = {"ARN": secret.arn, "Name": secret.name, "VersionIdsToStages": labels}
        if secret.rotating is not None:
            answer["RotationEnabled"] = secret.rotating
        return answer

    def update_secret_version_stage(self, request: Json) -> Json:
        secret = self.find(request)
        label, target = request["VersionStage"], request.get("MoveToVersionId")
        holder = secret.holder(label)
        if holder and holder != target and request.get("RemoveFromVersionId") != holder:
            raise Refusal(
                "InvalidParameterException", f"The staging label {label} is attached to version {holder}."
            )
        if target:
            if target not in secret.values:
                raise Refusal("ResourceNotFoundException", "Secrets Manager can't find the version.")
            secret.move(label, target)
            if label == "AWSCURRENT" and "AWSPENDING" in secret.labels[target]:
                secret.labels[target].remove("AWSPENDING")
        elif holder:
            secret.labels[holder].remove(label)
        return {"ARN": secret.arn}

    def rotate_secret(self, request: Json) -> Json:
        """Stage the empty version; the test plays the four invocations."""
        secret = self.find(request)
        secret.rotating = True
        version = request.get("ClientRequestToken") or str(uuid.uuid4())
        pending = secret.holder("AWSPENDING")
        if pending not in (None, version, secret.holder("AWSCURRENT")):
            raise Refusal("InvalidRequestException", "A previous rotation isn't complete.")
        secret.values.setdefault(version, None)
        secret.move("AWSPENDING", version)
        return {"ARN": secret.arn, "VersionId": version}

    def cancel_rotate_secret(self, request: Json) -> Json:
        secret = self.find(request)
        secret.rotating = False
        return {"ARN": secret.arn}

    def throttle(self, request: Json) -> Json:
        """Not of the service: refuse that many of the next calls."""
        self.throttled = request["Count"]
        return {}

    def answer(self, call: str, request: Json) -> Json:
        if self.throttled:
            self.throttled -= 1
            raise Refusal("ThrottlingException", "Rate exceeded")
        return CALLS[call](self, request)

    def list_secret_version_ids(self, request: Json) -> Json:
        secret = self.find(request)
        versions = [
            {"VersionId": version, "VersionStages": labels}
            for version, labels in secret.labels.items()
            if labels or request.get("IncludeDeprecated")
        ]
        return {"ARN": secret.arn, "Versions": versions}


CALLS = {
    "CreateSecret": Service.create_secret,
    "PutSecretValue": Service.put_secret_value,
    "GetSecretValue": Service.get_secret_value,
    "DescribeSecret": Service.describe_secret,
    "UpdateSecretVersionStage": Service.update_secret_version_stage,
    "RotateSecret": Service.rotate_secret,
    "CancelRotateSecret": Service.cancel_rotate_secret,
    "ListSecretVersionIds": Service.list_secret_version_ids,
    "Throttle": Service.throttle,
}


def serve(port: int) -> None:
    service = Service()
    lock = threading.Lock()

    class Endpoint(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet, or each answer takes 40 ms.
        wbufsize = -1

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            call = self.headers["X-Amz-Target"].rpartition(".")[2]
            try:
                with lock:
                    status, answer = 200, service.answer(call, request)
            except Refusal as refusal:
                status, answer = 400, {"__type": refusal.code, "message": str(refusal)}
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    ThreadingHTTPServer(("127.0.0.1", port), Endpoint).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
