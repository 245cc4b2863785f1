"""Rotation through the deployed stacks: the service invokes our function under its role, against a real database."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any

from clouds import client, refusal, until
from databases import Database
from tally import Tally
from workspace import Json, Stack

# Actions whose lack the emulator cannot show, by service.
UNSEEN = {
    "kms": "the emulator's Secrets Manager does not ask KMS",
    "ec2": "no network interfaces",
    "logs": "logs are kept anyway",
}

# The step that fails without an action, by statement and action.
FAILS = {
    ("RotateSecrets", "DescribeSecret"): "createSecret",
    ("RotateSecrets", "GetSecretValue"): "createSecret",
    ("RotateSecrets", "PutSecretValue"): "createSecret",
    ("RotateSecrets", "UpdateSecretVersionStage"): "finishSecret",
    ("ReadSecrets", "GetSecretValue"): "setSecret",
}

# Granted for superuser secrets that a service owns, whose tags are read; the functions of the bench have none such.
UNUSED = {("ReadSecrets", "DescribeSecret")}


@dataclass
class Rotated:
    """A secret that a function of ours rotates."""

    stack: Stack
    name: str
    role: str

    @property
    def api(self) -> Any:
        return client("secretsmanager", self.stack.account, self.stack.region)

    def value(self, label: str = "AWSCURRENT") -> Json:
        """The secret's fields."""
        found: Json = json.loads(
            self.api.get_secret_value(SecretId=self.name, VersionStage=label)["SecretString"]
        )
        return found

    def labels(self) -> dict[str, str]:
        """Versions by label."""
        versions = self.api.describe_secret(SecretId=self.name)["VersionIdsToStages"]
        return {label: version for version, labels in versions.items() for label in labels}

    def rotate(self) -> str:
        """Asks for a rotation, or for the unfinished one to go on, and waits: `rotated`, or the failed step and why."""
        refusal(lambda: self.api.rotate_secret(SecretId=self.name))

        def outcome() -> str:
            tags = {tag["Key"]: tag["Value"] for tag in self.api.describe_secret(SecretId=self.name)["Tags"]}
            return str(tags.get("bench:rotation", ""))

        found: str = until(outcome, f"rotation of {self.name}", 60)
        return found


def rotated_secrets(stack: Stack) -> dict[str, Rotated]:
    """The secrets of a stack that functions of ours rotate, by logical id."""
    found = {}
    named = stack.resources("AWS::SecretsManager::Secret")
    for schedule in stack.resources("AWS::SecretsManager::RotationSchedule").values():
        function = schedule.get("RotationLambdaARN")
        if isinstance(function, dict):
            role = stack.resources("AWS::Lambda::Function")[function["Fn::GetAtt"][0]]["Role"]["Fn::GetAtt"][
                0
            ]
            secret = schedule["SecretId"]["Ref"]
            name = stack.resources("AWS::IAM::Role")[role]["RoleName"]
            found[secret] = Rotated(stack, named[secret]["Name"], name)
    return found


def check(tally: Tally, stacks: list[Stack], servers: dict[str, Database]) -> None:
    """Every secret that functions of ours rotate, and for orders' users what each permission is for."""
    counts = {"single user": 0, "alternating users": 0, "drawn at random": 0}
    for stack in stacks:
        secrets = rotated_secrets(stack)
        # Superusers first, since the others' functions log in as them.
        for one in sorted(secrets.values(), key=lambda one: "alternating" in one.role):
            failed = len(tally.failures)
            if "random" in one.role:
                counts["drawn at random"] += random_value(tally, one)
                tally.count(stack.application, "secrets rotated", len(tally.failures) == failed)
                continue
            server = servers[one.value()["engine"]]
            arn = one.api.describe_secret(SecretId=one.name)["ARN"]
            masters = {
                other.value().get("masterarn") for other in secrets.values() if "random" not in other.role
            }
            value = one.value()
            server.ensure_user(value["username"], value["password"], arn in masters)
            if "alternating" in one.role:
                alternating(tally, one, server)
                counts["alternating users"] += 1
            else:
                single(tally, one, server)
                counts["single user"] += 1
            tally.count(stack.application, "secrets rotated", len(tally.failures) == failed)
    tally.notes.append("rotated: " + ", ".join(f"{count} {kind}" for kind, count in counts.items()))
    tally.notes.append("removed from the role → the step that fails")
    staging = next(one for one in stacks if one.name == "orders-staging")
    for one in rotated_secrets(staging).values():
        value = one.value()
        servers[value["engine"]].ensure_user(value["username"], value["password"], "single" in one.role)
        without_each_action(tally, one)


def single(tally: Tally, secret: Rotated, server: Database) -> None:
    """The user's password is another one, and the old one is refused."""
    before = secret.value()
    outcome = secret.rotate()
    after = secret.value()
    tally.expect(outcome == "rotated", f"{secret.name}: {outcome}")
    tally.expect(before["password"] != after["password"], f"{secret.name}: the password is still the same")
    tally.expect(
        server.opens(after["username"], after["password"]), f"{secret.name}: the new password is refused"
    )
    tally.expect(
        not server.opens(before["username"], before["password"]),
        f"{secret.name}: the old password still works",
    )
    settled(tally, secret)


def alternating(tally: Tally, secret: Rotated, server: Database) -> None:
    """A reader that still holds the value before keeps working through each of three rotations."""
    for _ in range(3):
        held = secret.value()
        outcome = secret.rotate()
        fresh = secret.value()
        tally.expect(outcome == "rotated", f"{secret.name}: {outcome}")
        tally.expect(held["username"] != fresh["username"], f"{secret.name}: the user did not alternate")
        tally.expect(
            server.opens(held["username"], held["password"]),
            f"{secret.name}: a reader with the old value is cut off",
        )
        tally.expect(
            server.opens(fresh["username"], fresh["password"]), f"{secret.name}: the new value is refused"
        )
        settled(tally, secret)


def settled(tally: Tally, secret: Rotated) -> None:
    labels = secret.labels()
    tally.expect(labels["AWSCURRENT"] != labels.get("AWSPREVIOUS"), f"{secret.name}: labels {labels}")
    pending = labels.get("AWSPENDING", labels["AWSCURRENT"])
    tally.expect(pending == labels["AWSCURRENT"], f"{secret.name}: a version is still pending")


def random_value(tally: Tally, secret: Rotated) -> bool:
    """A secret whose new value is drawn at random."""
    api = secret.api
    before = api.get_secret_value(SecretId=secret.name)["SecretString"]
    outcome = secret.rotate()
    after = api.get_secret_value(SecretId=secret.name)["SecretString"]
    return tally.expect(outcome == "rotated" and before != after, f"{secret.name}: {outcome}")


def without_each_action(tally: Tally, secret: Rotated) -> None:
    """Takes each action of each statement from the role in turn; the rotation must fail, and then work again."""
    iam = client("iam", secret.stack.account, secret.stack.region)
    unseen: dict[str, str] = {}
    for one in iam.list_attached_role_policies(RoleName=secret.role)["AttachedPolicies"]:
        arn = one["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        for place, statement in enumerate(document["Statement"]):
            for action in statement["Action"]:
                what = f"{secret.role} {statement['Sid']} {action}"
                why = UNSEEN.get(action.partition(":")[0])
                if why:
                    unseen[action] = why
                    continue
                replace_policy(iam, arn, without(document, place, action))
                outcome = secret.rotate()
                replace_policy(iam, arn, document)
                again = secret.rotate()
                tally.expect(again == "rotated", f"{what}: with it again {again[:300]}")
                step, _, cause = outcome.partition(":")
                place_of = (statement["Sid"], action.rpartition(":")[2])
                if place_of in UNUSED:
                    tally.expect(outcome == "rotated", f"{what} is needed after all: {outcome[:300]}")
                    tally.notes.append(f"{what} → rotated all the same: an action too many")
                    continue
                held = step == FAILS.get(place_of) and "AccessDenied" in cause
                tally.expect(held, f"{what}: without it {outcome[:300]}")
                tally.notes.append(f"{what} → {step}")
    for action, why in sorted(unseen.items()):
        tally.notes.append(f"{secret.role} {action} → not judged by the emulator: {why}")


def without(document: Json, place: int, action: str) -> Json:
    changed = copy.deepcopy(document)
    statement = changed["Statement"][place]
    statement["Action"] = [one for one in statement["Action"] if one != action]
    if not statement["Action"]:
        del changed["Statement"][place]
    return changed


def replace_policy(iam: Any, arn: str, document: Json) -> None:
    """Makes the document the only version but the one before it."""
    for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)
