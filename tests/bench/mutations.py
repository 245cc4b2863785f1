"""Planted faults: each is put into a template of its own, and has to be caught by some check of the bench."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from access import all_powerful, over_http
from clouds import assume, client, refusal, session_client
from deploy import Deployer, Failed
from rotations import rotated_secrets
from tally import Tally
from workspace import Json, Stack

Change = Callable[[Json], None]


@dataclass
class Fault:
    """One mutation of the minimal blueprint's main stack."""

    name: str
    change: Change


def props(template: Json, name: str) -> Json:
    found: Json = template["Resources"][name]["Properties"]
    return found


def statement(template: Json, policy: str, sid: str) -> Json:
    document = props(template, policy).get("PolicyDocument") or props(template, policy)["ResourcePolicy"]
    found: Json = next(one for one in document["Statement"] if one["Sid"] == sid)
    return found


def drop(place: Any, key: Any) -> None:
    del place[key]


def put(place: Any, key: Any, value: Any) -> None:
    place[key] = value


ROLE = "RotateRandomPolicy"
SECRET = "SessionSigningSecret"
OTHER = {
    "Fn::Sub": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:minimal/production/session-signing"
}
FAULTS = [
    Fault("schedule does not wait for the permission", lambda t: without_permission_first(t)),
    Fault(
        "permission names another service",
        lambda t: put(props(t, "SessionSigningRotationPermission"), "Principal", "events.amazonaws.com"),
    ),
    Fault(
        "permission names another account",
        lambda t: put(props(t, "SessionSigningRotationPermission"), "SourceAccount", "999999999999"),
    ),
    Fault(
        "permission names another secret",
        lambda t: put(
            props(t, "SessionSigningRotationPermission"), "SourceArn", {"Fn::Sub": "${SessionSigningSecret}x"}
        ),
    ),
    Fault("permission is missing", lambda t: missing_permission(t)),
    Fault(
        "rotation role may not write",
        lambda t: statement(t, ROLE, "RotateSecrets")["Action"].remove("secretsmanager:PutSecretValue"),
    ),
    Fault(
        "rotation role may not move labels",
        lambda t: statement(t, ROLE, "RotateSecrets")["Action"].remove(
            "secretsmanager:UpdateSecretVersionStage"
        ),
    ),
    Fault(
        "rotation role may not describe",
        lambda t: statement(t, ROLE, "RotateSecrets")["Action"].remove("secretsmanager:DescribeSecret"),
    ),
    Fault(
        "rotation role is trusted to another service",
        lambda t: trust(t, "RotateRandomRole", "ec2.amazonaws.com"),
    ),
    Fault(
        "consumer's role is trusted to another service", lambda t: trust(t, "WebRole", "ec2.amazonaws.com")
    ),
    Fault(
        "consumer reads an ARN without the random characters",
        lambda t: put(statement(t, "WebPolicy", "ReadSecrets"), "Resource", [OTHER]),
    ),
    Fault(
        "consumer may describe instead of read",
        lambda t: put(statement(t, "WebPolicy", "ReadSecrets"), "Action", ["secretsmanager:DescribeSecret"]),
    ),
    Fault(
        "consumer's policy is attached to another role",
        lambda t: put(props(t, "WebPolicy"), "Roles", [{"Ref": "RotateRandomRole"}]),
    ),
    Fault(
        "consumer reads every secret",
        lambda t: put(statement(t, "WebPolicy", "ReadSecrets"), "Resource", ["*"]),
    ),
    Fault(
        "rotation function reads every secret",
        lambda t: put(statement(t, ROLE, "RotateSecrets"), "Resource", ["*"]),
    ),
    Fault(
        "secret policy without its demand for TLS",
        lambda t: forget(t, "SessionSigningResourcePolicy", "DenyInsecureTransport"),
    ),
    Fault(
        "secret policy lets anybody change it",
        lambda t: forget(t, "SessionSigningResourcePolicy", "DenyChangesByOthers"),
    ),
    Fault("secret policy denies the consumer too", lambda t: deny_all(t)),
    Fault("secret without a resource policy", lambda t: missing_policy(t)),
    Fault("secret goes with the stack", lambda t: put(t["Resources"][SECRET], "DeletionPolicy", "Delete")),
    Fault(
        "handler has another name", lambda t: put(props(t, "RotateRandomFunction"), "Handler", "index.rotate")
    ),
    Fault(
        "function's source does not parse",
        lambda t: put(props(t, "RotateRandomFunction")["Code"], "ZipFile", "def handler(:\n"),
    ),
    Fault(
        "import of an export that nobody makes",
        lambda t: put(props(t, SECRET), "KmsKeyId", {"Fn::ImportValue": "minimal-production-OtherKeyArn"}),
    ),
    Fault("secret under the service's own key", lambda t: drop(props(t, SECRET), "KmsKeyId")),
    Fault(
        "reference to a resource that is not there",
        lambda t: put(props(t, "SessionSigningRotationSchedule"), "SecretId", {"Ref": "OtherSecret"}),
    ),
    Fault("property that the type does not have", lambda t: put(props(t, SECRET), "RotationEnabled", True)),
    Fault("topic policy without the rules", lambda t: forget(t, "PageTopicPolicy", "Rules")),
]


def without_permission_first(template: Json) -> None:
    """The permission comes after the schedule, as may happen where nothing says otherwise."""
    schedule = template["Resources"]["SessionSigningRotationSchedule"]
    schedule["DependsOn"].remove("SessionSigningRotationPermission")
    template["Resources"]["SessionSigningRotationPermission"]["DependsOn"] = [
        "SessionSigningRotationSchedule"
    ]


def missing_permission(template: Json) -> None:
    template["Resources"]["SessionSigningRotationSchedule"]["DependsOn"].remove(
        "SessionSigningRotationPermission"
    )
    del template["Resources"]["SessionSigningRotationPermission"]


def missing_policy(template: Json) -> None:
    template["Resources"]["SessionSigningRotationSchedule"]["DependsOn"].remove(
        "SessionSigningResourcePolicy"
    )
    del template["Resources"]["SessionSigningResourcePolicy"]


def trust(template: Json, role: str, service: str) -> None:
    props(template, role)["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] = {"Service": [service]}


def forget(template: Json, policy: str, sid: str) -> None:
    document = props(template, policy).get("PolicyDocument") or props(template, policy)["ResourcePolicy"]
    document["Statement"] = [one for one in document["Statement"] if one["Sid"] != sid]


def deny_all(template: Json) -> None:
    drop(statement(template, "SessionSigningResourcePolicy", "DenyInsecureTransport"), "Condition")


def check(tally: Tally, deployer: Deployer, keyprint: Path, stack: Stack, keys: Path, folder: Path) -> None:
    """Deletes the stack and deploys each mutation in its place; every one must be noticed, and the original by nobody."""
    clear(deployer, stack)
    files = {
        fault.name: mutated(stack, fault, folder) for fault in [Fault("nothing", lambda t: None), *FAULTS]
    }
    lint = findings_by_lint(list(files.values()))
    for name, path in files.items():
        changed = Stack(
            stack.name,
            stack.account,
            stack.region,
            stack.path,
            json.loads(path.read_text()),
            stack.entry,
            path.read_text(),
        )
        caught = [
            judge
            for judge, found in (
                ("keyprint verify", keyprint_objects(keyprint, path, keys, stack)),
                ("cfn-lint", bool(lint.get(str(path)))),
                *((judge, True) for judge in deployed_finds(deployer, changed)),
            )
            if found
        ]
        clear(deployer, stack)
        if name == "nothing":
            tally.expect(not caught, f"the unchanged template is blamed by {caught}")
            continue
        tally.expect(bool(caught), f"nothing notices: {name}")
        tally.notes.append(f"{name} → {', '.join(caught) or 'NOT CAUGHT'}")


def mutated(stack: Stack, fault: Fault, folder: Path) -> Path:
    template = copy.deepcopy(stack.template)
    before = json.dumps(template)
    fault.change(template)
    if fault.name != "nothing" and json.dumps(template) == before:
        raise ValueError(f"{fault.name} changes nothing")
    path = folder / f"{fault.name.replace(' ', '-').replace(chr(39), '')}.template.json"
    path.write_text(json.dumps(template, indent=2))
    return path


def findings_by_lint(paths: list[Path]) -> dict[str, list[str]]:
    """What cfn-lint says about each file, at any level."""
    command = [
        str(Path(sys.executable).with_name("cfn-lint")),
        "--format",
        "json",
        "--include-checks",
        "W",
        "--template",
        *map(str, paths),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found: dict[str, list[str]] = {}
    for one in json.loads(done.stdout or "[]"):
        found.setdefault(one["Filename"], []).append(one["Rule"]["Id"])
    return found


def keyprint_objects(keyprint: Path, template: Path, keys: Path, stack: Stack) -> bool:
    """Whether keyprint objects to the finished templates, of which it knows no blueprint."""
    where = ["--account", stack.account, "--region", stack.region, "--quiet"]
    done = subprocess.run([keyprint, "verify", template, keys, *where], capture_output=True, check=False)
    return done.returncode != 0


def deployed_finds(deployer: Deployer, stack: Stack) -> list[str]:
    """What shows when the template is deployed and used."""
    try:
        deployer.deploy(stack)
    except Failed:
        return ["deploy"]
    found = []
    api = client("secretsmanager", stack.account, stack.region)
    name = "minimal/production/session-signing"
    if not consumer_works(stack, name):
        found.append("access")
    if rotation_reaches_further(stack):
        found.append("access of rotation")
    if not own_key(stack, api, name):
        found.append("look up")
    if silent_topics(stack):
        found.append("alarm path")
    if policy_lacks(api, stack, name):
        found.append("resource policy")
    if any(secret.rotate() != "rotated" for secret in rotated_secrets(stack).values()):
        found.append("rotation")
    deployer.delete(stack)
    if refusal(lambda: api.describe_secret(SecretId=name)):
        found.append("deletion")
    return found


def consumer_works(stack: Stack, name: str) -> bool:
    """The consumer reads its secret and no other of the account."""
    role = f"arn:aws:iam::{stack.account}:role/minimal-production-web"
    owner = client("secretsmanager", stack.account, stack.region)
    refusal(lambda: owner.create_secret(Name="someone-elses", SecretString="{}"))

    def read(secret: str) -> Callable[[], object]:
        caller = assume(role, {"service": "lambda.amazonaws.com"}, stack.region)
        api = session_client("secretsmanager", stack.region, caller)
        return lambda: api.get_secret_value(SecretId=secret)

    return not refusal(lambda: read(name)()) and bool(refusal(lambda: read("someone-elses")()))


def rotation_reaches_further(stack: Stack) -> bool:
    """Whether a rotation function's role reads a secret that it does not rotate."""
    for secret in rotated_secrets(stack).values():
        role = f"arn:aws:iam::{stack.account}:role/{secret.role}"
        caller = assume(role, {"service": "lambda.amazonaws.com"}, stack.region)
        api = session_client("secretsmanager", stack.region, caller)
        if not refusal(partial(api.get_secret_value, SecretId="someone-elses")):
            return True
    return False


def own_key(stack: Stack, owner: Any, name: str) -> bool:
    """Whether the secret is encrypted under a key of the account that its owner made."""
    key = owner.describe_secret(SecretId=name).get("KmsKeyId")
    return bool(key) and not refusal(
        lambda: client("kms", stack.account, stack.region).describe_key(KeyId=key)
    )


def silent_topics(stack: Stack) -> list[str]:
    """Topics to which rules send and whose policy does not let them."""
    events, sns = client("events", stack.account, stack.region), client("sns", stack.account, stack.region)
    silent = []
    for rule in events.list_rules()["Rules"]:
        for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]:
            if ":sns:" not in target["Arn"]:
                continue
            policy = json.loads(sns.get_topic_attributes(TopicArn=target["Arn"])["Attributes"]["Policy"])
            admitted = [one.get("Principal") for one in policy["Statement"] if one["Effect"] == "Allow"]
            if "events.amazonaws.com" not in json.dumps(admitted):
                silent.append(target["Arn"])
    return silent


def policy_lacks(owner: Any, stack: Stack, name: str) -> bool:
    """Whether the account's powerful role reads without TLS, or changes the secret's policy."""
    credentials = all_powerful(stack.account, stack.region)
    api = session_client("secretsmanager", stack.region, credentials)
    policy = owner.get_resource_policy(SecretId=name).get("ResourcePolicy") or json.dumps(
        {"Version": "2012-10-17", "Statement": []}
    )
    changes = not refusal(lambda: api.put_resource_policy(SecretId=name, ResourcePolicy=policy))
    plain = session_client("secretsmanager", stack.region, credentials)
    plain.meta.events.register("before-sign.*", over_http)
    return changes or not refusal(lambda: plain.get_secret_value(SecretId=name))


def clear(deployer: Deployer, stack: Stack) -> None:
    """Removes the stack and the secret that it retains."""
    deployer.delete(stack)
    api = client("secretsmanager", stack.account, stack.region)
    refusal(
        lambda: api.delete_secret(
            SecretId="minimal/production/session-signing", ForceDeleteWithoutRecovery=True
        )
    )
