"""Deployments that are interrupted, refused or slowed down; each ends clean, or as the README says, when it is run again."""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
from functools import partial
from pathlib import Path

import clouds
import places
from clouds import client, refusal, until
from deploy import exists
from plans import BUCKET, Outcome, Planner, unguard
from servers import Emulator
from tally import Tally
from workspace import Json, Stack, compile_workspace, read_blueprint

NAME = "minimal/production/session-signing"
OTHER = "minimal/production/other"


class Ground:
    """The minimal blueprint in a cloud of its own, with the plan that deploys it."""

    def __init__(self, tally: Tally, planner: Planner, source: Path, folder: Path, world: Json) -> None:
        folder.mkdir()
        self.tally, self.planner, self.folder, self.world = tally, planner, folder, world
        self.document = read_blueprint(source)
        self.out = folder / "out"
        self.stacks = compile_workspace(planner.keyprint, source, self.out)
        self.script, _ = planner.plan("--built", self.out, "--bucket", BUCKET)
        self.clouds = 0
        self.emulator = self.cloud()

    def cloud(self) -> Emulator:
        """A new, empty cloud."""
        self.clouds += 1
        self.emulator = Emulator(self.folder / f"cloud-{self.clouds}", self.world)
        self.emulator.wait()
        clouds.connect(self.emulator.url)
        places.prepare(self.stacks)
        return self.emulator

    def status(self, stack: Stack) -> str:
        api = client("cloudformation", stack.account, stack.region)
        if not exists(api, stack.name):
            return "NONE"
        found: str = api.describe_stacks(StackName=stack.name)["Stacks"][0]["StackStatus"]
        return found

    def is_gone(self, stack: Stack) -> bool:
        return self.status(stack) == "NONE"

    def complete(self, what: str) -> None:
        """The plan, run again, ends well, and both stacks are there."""
        self.judge(what, self.planner.carry_out(self.script, self.out))

    def judge(self, what: str, done: Outcome) -> None:
        statuses = [self.status(stack) for stack in self.stacks]
        held = done.code == 0 and all(one in ("CREATE_COMPLETE", "UPDATE_COMPLETE") for one in statuses)
        self.tally.expect(held, f"{what}: the plan ends with {statuses}: {done.said}{done.complained}")

    def clear(self) -> None:
        """Deletes the stacks and what they retain."""
        for stack in reversed(self.stacks):
            if self.status(stack) != "NONE":
                unguard(stack)
                api = client("cloudformation", stack.account, stack.region)
                api.delete_stack(StackName=stack.name)
                until(partial(self.is_gone, stack), f"deletion of {stack.name}")
        secrets = client("secretsmanager", self.stacks[0].account, self.stacks[0].region)
        for name in (NAME, OTHER):
            refusal(partial(secrets.delete_secret, SecretId=name, ForceDeleteWithoutRecovery=True))

    def version(self, name: str, document: Json) -> Path:
        """The templates of a changed blueprint."""
        source = self.folder / f"{name}.yaml"
        source.write_text(json.dumps(document))
        compile_workspace(self.planner.keyprint, source, self.folder / name)
        return self.folder / name


def check(tally: Tally, planner: Planner, source: Path, folder: Path, world: Json) -> None:
    """Each interruption in turn."""
    ground = Ground(tally, planner, source, folder, world)
    try:
        creation_fails(ground)
        update_fails(ground)
        left_behind(ground)
        ground.clear()
        deployer_ends(ground)
        ground.clear()
        throttled(ground)
        cloud_ends(ground)
    finally:
        ground.emulator.stop()


def creation_fails(ground: Ground) -> None:
    """A secret is in the way: the stack rolls back, says why, and leaves nothing; without it the same plan deploys."""
    main = ground.stacks[-1]
    secrets = client("secretsmanager", main.account, main.region)
    secrets.create_secret(Name=NAME, SecretString="in the way")
    done = ground.planner.carry_out(ground.script, ground.out)
    ground.tally.expect(
        done.code == 1 and "already exists" in done.complained,
        f"a creation that fails: {done.code} {done.complained}",
    )
    value = secrets.get_secret_value(SecretId=NAME)["SecretString"]
    ground.tally.expect(value == "in the way", "the failed creation took somebody else's secret along")
    roles = [one["RoleName"] for one in client("iam", main.account, main.region).list_roles()["Roles"]]
    left = [one for one in roles if one.startswith("minimal-production")]
    ground.tally.expect(not left, f"the failed creation left roles: {left}")
    secrets.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)
    ground.complete("a creation that failed")
    ground.tally.notes.append(
        "a creation that fails → rolled back with the service's words, then deployed by the same plan"
    )


def update_fails(ground: Ground) -> None:
    """A new secret's name is taken: the update rolls back, the stack works as before, and takes the secret later."""
    main = ground.stacks[-1]
    secrets = client("secretsmanager", main.account, main.region)
    before = secrets.describe_secret(SecretId=NAME)
    document = copy.deepcopy(ground.document)
    document["secrets"]["other"] = document["secrets"]["session-signing"]
    document["consumers"]["web"]["reads"].append("other")
    grown = ground.version("grown", document)
    script, _ = ground.planner.plan("--built", grown, "--bucket", BUCKET)
    secrets.create_secret(Name=OTHER, SecretString="in the way")
    done = ground.planner.carry_out(script, grown)
    ground.tally.expect(
        done.code == 1
        and "UPDATE_ROLLBACK_COMPLETE" in done.complained
        and "already exists" in done.complained,
        f"an update that fails: {done.code} {done.complained}",
    )
    after = secrets.describe_secret(SecretId=NAME)
    ground.tally.expect(
        after["VersionIdsToStages"] == before["VersionIdsToStages"], "the failed update changed the secret"
    )
    secrets.delete_secret(SecretId=OTHER, ForceDeleteWithoutRecovery=True)
    again = ground.planner.carry_out(script, grown)
    ground.tally.expect(again.code == 0 and "UPDATE_COMPLETE" in again.said, f"updated: {again.complained}")
    ground.complete("an update that failed, taken back")
    ground.tally.notes.append("an update that fails → rolled back, then made by the same plan")


def left_behind(ground: Ground) -> None:
    """What a deleted stack retains is in the way of the next, which says so and harms nothing."""
    main = ground.stacks[-1]
    secrets = client("secretsmanager", main.account, main.region)
    before = secrets.get_secret_value(SecretId=NAME)
    unguard(main)
    api = client("cloudformation", main.account, main.region)
    api.delete_stack(StackName=main.name)
    until(partial(ground.is_gone, main), f"deletion of {main.name}")
    done = ground.planner.carry_out(ground.script, ground.out)
    ground.tally.expect(
        done.code == 1 and "already exists" in done.complained, f"beside a retained secret: {done.complained}"
    )
    after = secrets.get_secret_value(SecretId=NAME)
    ground.tally.expect(
        (after["ARN"], after["VersionId"]) == (before["ARN"], before["VersionId"]),
        "the retained secret did not outlive the attempt",
    )
    ground.tally.notes.append("a retained secret → the plan says so and leaves it as it is")


def deployer_ends(ground: Ground) -> None:
    """The deployer is killed at each of some moments; the cloud goes on, and the plan goes on where it was."""
    moments = {
        "a change set is made": has_change_set,
        "a stack is begun": is_begun,
        "a stack is complete": is_complete,
    }
    for moment, reached in moments.items():
        process = ground.planner.start(ground.script, ground.out)
        until(partial(reached, ground), moment)
        # The script and the command that it runs just now.
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        ground.complete(f"the deployer killed when {moment}")
        ground.clear()
    ground.tally.notes.append(f"the deployer killed when {', '.join(moments)} → the same plan goes on")


def has_change_set(ground: Ground) -> bool:
    first = ground.stacks[0]
    api = client("cloudformation", first.account, first.region)
    return not refusal(lambda: api.list_change_sets(StackName=first.name)) and bool(
        api.list_change_sets(StackName=first.name)["Summaries"]
    )


def is_begun(ground: Ground) -> bool:
    return ground.status(ground.stacks[0]) != "NONE"


def is_complete(ground: Ground) -> bool:
    return ground.status(ground.stacks[0]) == "CREATE_COMPLETE"


def throttled(ground: Ground) -> None:
    """Every third request to CloudFormation is refused as too fast; the plan takes longer and ends well."""
    refused = ground.emulator.throttle("cloudformation", 3)
    done = ground.planner.carry_out(ground.script, ground.out)
    count = refused()
    ground.judge("throttled", done)
    ground.tally.expect(count > 3, f"only {count} requests were throttled")
    ground.tally.notes.append(f"{count} requests throttled → deployed all the same")


def cloud_ends(ground: Ground) -> None:
    """The cloud is killed while it deploys: the plan says so and ends; in a new cloud it deploys from the beginning."""
    ground.clear()
    process = ground.planner.start(ground.script, ground.out, AWS_MAX_ATTEMPTS="2")
    until(lambda: ground.status(ground.stacks[0]) != "NONE", "the first stack")
    ground.emulator.process.kill()
    ground.emulator.process.wait()
    try:
        _, complained = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        _, complained = process.communicate()
    ground.tally.expect(
        process.returncode not in (0, -signal.SIGKILL) and "endpoint" in complained,
        f"the cloud killed: {process.returncode} {complained}",
    )
    ground.cloud()
    ground.complete("the cloud killed")
    ground.tally.notes.append(
        "the cloud killed → the plan ends and says so; in a new cloud it deploys from the beginning"
    )
