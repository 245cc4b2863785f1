"""A stack's life: changed, renamed, deleted, deployed again with what deletion left behind."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clouds import assume, client, refusal, session_client
from deploy import Deployer, Failed
from tally import Tally
from workspace import Json, Stack, compile_workspace, read_blueprint

NAME = "minimal/production/session-signing"


def check(tally: Tally, deployer: Deployer, keyprint: Path, blueprint: Path, folder: Path) -> None:
    """The minimal blueprint, changed as its author would change it."""
    original = read_blueprint(blueprint)

    def version(name: str, change: Callable[[Json], None]) -> list[Stack]:
        document = copy.deepcopy(original)
        change(document)
        source = folder / f"{name}.yaml"
        source.write_text(json.dumps(document))
        return compile_workspace(keyprint, source, folder / name)

    keys, main = version("same", lambda document: None)
    api = client("secretsmanager", main.account, main.region)
    before = api.describe_secret(SecretId=NAME)
    tally.expect(deployer.deploy(main) == "UNCHANGED", "the same template again is a change")

    _, grown = version("grown", grow)
    tally.expect(deployer.deploy(grown) == "UPDATE_COMPLETE", "a consumer added and an interval changed")
    after = api.describe_secret(SecretId=NAME)
    tally.expect(after["ARN"] == before["ARN"], "the secret was replaced by another")
    tally.expect(
        after["VersionIdsToStages"] == before["VersionIdsToStages"], "the value changed with the schedule"
    )
    rules = after["RotationRules"]
    tally.expect(rules["ScheduleExpression"] == "rate(45 days)", f"the schedule is {rules}")
    tally.expect(reads(grown, "batch", "glue.amazonaws.com"), "the added consumer cannot read")
    tally.expect(reads(grown, "web", "lambda.amazonaws.com"), "the first consumer cannot read any more")

    _, renamed = version("renamed", rename)
    tally.expect(deployer.deploy(renamed) in ("UPDATE_COMPLETE", "UNCHANGED"), "a secret renamed")
    kept = api.describe_secret(SecretId=NAME)
    tally.expect(kept["ARN"] == before["ARN"], "the renamed secret was replaced by another")
    tally.expect(kept["VersionIdsToStages"] == before["VersionIdsToStages"], "renaming changed the value")
    tally.expect(reads(renamed, "web", "lambda.amazonaws.com"), "the consumer cannot read the renamed secret")

    held = exported(deployer, keys)
    tally.expect("in use" in held or "imported" in held, f"the keys can go while they are used: {held}")
    deployer.delete(renamed)
    tally.expect(not refusal(lambda: api.describe_secret(SecretId=NAME)), "deletion took the secret along")
    tally.expect(
        bool(api.get_resource_policy(SecretId=NAME).get("ResourcePolicy")),
        "deletion took its policy along",
    )
    again = failure(deployer, renamed)
    tally.expect("already exists" in again, f"deploying again beside a retained secret: {again}")
    discard(api, NAME)
    tally.expect(deployer.deploy(renamed) == "CREATE_COMPLETE", "deployed again after the secret is gone")

    deployer.delete(renamed)
    deployer.delete(keys)
    kms = client("kms", keys.account, keys.region)
    left = [
        one["KeyId"]
        for one in kms.list_keys()["Keys"]
        if kms.describe_key(KeyId=one["KeyId"])["KeyMetadata"]["Enabled"]
    ]
    tally.expect(len(left) >= 2, "deletion took the keys along")
    discard(api, NAME)
    tally.expect(
        deployer.deploy(keys) == "CREATE_COMPLETE", "the keys deployed again beside the retained ones"
    )
    tally.expect(deployer.deploy(main) == "CREATE_COMPLETE", "everything deployed again")
    tally.notes.append(
        "updated, renamed, deleted with secrets and keys retained, refused beside them, deployed again"
    )


def grow(document: Json) -> None:
    document["consumers"]["batch"] = {"runs-on": "glue-job", "reads": ["session-signing"]}
    document["secrets"]["session-signing"]["rotation"]["every"] = "45 days"


def rename(document: Json) -> None:
    document["secrets"] = {
        "session-key": {"was": "session-signing", **document["secrets"]["session-signing"]}
    }
    document["consumers"]["web"]["reads"] = ["session-key"]


def reads(stack: Stack, consumer: str, service: str) -> bool:
    """Whether a consumer's role reads the secret."""
    role = f"arn:aws:iam::{stack.account}:role/minimal-production-{consumer}"
    api = session_client("secretsmanager", stack.region, assume(role, {"service": service}, stack.region))
    return not refusal(lambda: api.get_secret_value(SecretId=NAME))


def exported(deployer: Deployer, stack: Stack) -> str:
    """Why a stack whose exports are used is not deleted."""
    try:
        deployer.delete(stack)
    except Failed as error:
        return str(error)
    except Exception as error:  # the service may refuse the request itself
        return str(error)
    return "deleted"


def failure(deployer: Deployer, stack: Stack) -> str:
    """Why a stack does not deploy, which leaves nothing behind."""
    try:
        deployer.deploy(stack)
    except Failed as error:
        deployer.delete(stack)
        return str(error)
    return "deployed"


def discard(api: Any, name: str) -> None:
    """Deletes a retained secret at once, after its policy, as its administrators may."""
    if not refusal(lambda: api.describe_secret(SecretId=name)):
        api.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
