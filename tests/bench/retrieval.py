"""Retrieval as consumers do it: a function, a service and a job log in through a rotation with what they have cached."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from clouds import ENDPOINT, assume, client, until
from databases import Postgres
from deploy import Deployer
from rotations import Rotated, rotated_secrets
from tally import Tally
from workspace import Json, Stack

HERE = Path(__file__).parent
Counts = dict[str, int]


def check(tally: Tally, deployer: Deployer, stacks: list[Stack], server: Postgres) -> None:
    """Two rotations of each strategy, with three consumers that are at work all the while."""
    for stack in stacks:
        deployer.deploy(stack)
    main = stacks[-1]
    rotated = {one.name.rpartition("/")[2]: one for one in rotated_secrets(main).values()}
    for name, one in rotated.items():
        value = one.value()
        server.ensure_user(value["username"], value["password"], name == "admin")
    for name, kind in (("two-users", "alternating users"), ("one-user", "single user")):
        for _ in range(2):
            totals = rotation(tally, main, rotated[name], server.authority)
            tally.expect(
                totals["failed"] == 0, f"{kind}: {totals['failed']} log-ins failed after a retry: {totals}"
            )
            if kind == "alternating users":
                tally.expect(totals["retried"] == 0, f"{kind}: a log-in was refused: {totals}")
            else:
                tally.expect(totals["retried"] == 3, f"{kind}: not every consumer needed its retry: {totals}")
            worked = totals["worked"] + totals["retried"]
            tally.notes.append(
                f"{kind}: {worked} log-ins through a rotation, {totals['retried']} by a retry, {totals['failed']} failed"
            )


def rotation(tally: Tally, stack: Stack, secret: Rotated, authority: str) -> Counts:
    """The counts of all consumers through one rotation."""
    with (
        function(stack, secret, authority) as lambda_counts,
        process(stack, secret, authority, "service", "ecs-tasks.amazonaws.com") as service_counts,
        process(stack, secret, authority, "job", "glue.amazonaws.com") as job_counts,
    ):
        before = secret.value()
        outcome = secret.rotate()
        tally.expect(outcome == "rotated", f"{secret.name}: {outcome}")
        tally.expect(secret.value() != before, f"{secret.name}: the value is the same")
    totals = {"worked": 0, "retried": 0, "failed": 0}
    for who, counts in (("function", lambda_counts), ("service", service_counts), ("job", job_counts)):
        tally.expect(sum(counts.values()) >= 6, f"{who} of {secret.name} logged in too seldom: {counts}")
        for word in totals:
            totals[word] += counts.get(word, 0)
    return totals


def environment(stack: Stack, authority: str) -> dict[str, str]:
    return {
        "SECRETS_MANAGER_ENDPOINT": ENDPOINT["url"],
        "DATABASE_CA": authority,
        "AWS_DEFAULT_REGION": stack.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PATH": os.environ["PATH"],
    }


@contextmanager
def process(stack: Stack, secret: Rotated, authority: str, name: str, service: str) -> Iterator[Counts]:
    """A process with its role's credentials: a service asks for them as ECS hands them out, a job has them given."""
    role = f"arn:aws:iam::{stack.account}:role/clients-test-{name}"
    conditions = {
        "aws:SourceAccount": stack.account,
        "aws:SourceArn": f"arn:aws:ecs:{stack.region}:{stack.account}:*",
    }
    credentials = assume(role, {"service": service, "keys": conditions}, stack.region)
    counts: Counts = {}
    with agent(credentials) as address:
        given = {
            "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": credentials["SessionToken"],
        }
        asked = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": address}
        variables = environment(stack, authority) | (asked if name == "service" else given)
        command = [sys.executable, str(HERE / "consumer.py"), secret.name]
        pipe = subprocess.PIPE
        running = subprocess.Popen(command, env=variables, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        try:
            if running.stdout is None or running.stdout.readline() != "ready\n":
                raise RuntimeError(f"{name}: {running.communicate()[1][-600:]}")
            yield counts
            said, complained = running.communicate(timeout=60)
        finally:
            running.kill()
        if running.returncode not in (0, None):
            raise RuntimeError(f"{name}: {complained[-600:]}")
        counts |= json.loads(said)


@contextmanager
def agent(credentials: Json) -> Iterator[str]:
    """The address at which ECS's agent answers with a task's credentials."""
    answer = {
        "AccessKeyId": credentials["AccessKeyId"],
        "SecretAccessKey": credentials["SecretAccessKey"],
        "Token": credentials["SessionToken"],
        "Expiration": credentials["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ"),
    }

    class Agent(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Agent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/credentials"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def function(stack: Stack, secret: Rotated, authority: str) -> Iterator[Counts]:
    """A function under the consumer's role, called again and again by somebody who waits for its answers."""
    api = client("lambda", stack.account, stack.region)
    name = f"consumer-{secret.name.rpartition('/')[2]}-{len(api.list_functions()['Functions'])}"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", (HERE / "consumer.py").read_text())
    api.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=f"arn:aws:iam::{stack.account}:role/clients-test-function",
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
        Timeout=30,
    )
    counts: Counts = {}

    def call() -> None:
        answer = api.invoke(FunctionName=name, Payload=json.dumps({"secret": secret.name}))
        text = answer["Payload"].read().decode()
        if "FunctionError" in answer:
            raise RuntimeError(f"{name}: {text[-600:]}")
        counts.update(json.loads(text))

    until(lambda: api.get_function(FunctionName=name)["Configuration"]["State"] == "Active", name)
    call()
    ended = threading.Event()
    problems: list[str] = []

    def keep_calling() -> None:
        try:
            while not ended.wait(0.05):
                call()
            for _ in range(5):
                call()
        except Exception as error:
            problems.append(str(error))

    caller = threading.Thread(target=keep_calling, daemon=True)
    caller.start()
    try:
        yield counts
    finally:
        ended.set()
        caller.join(60)
        api.delete_function(FunctionName=name)
    if problems:
        raise RuntimeError(problems[0])
