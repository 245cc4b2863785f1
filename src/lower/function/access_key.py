"""IAM access keys: a user's two keys take turns, and the older one lives until the next rotation."""

from __future__ import annotations

import datetime
import json
import os
import time
from typing import Any

from botocore.exceptions import ClientError

from common import Fields, RotationFailed, service
from steps import Rotation, rotate

# keyprint: body

# A key younger than the longest run of a function may be in the hands of another invocation.
SETTLED = datetime.timedelta(minutes=15)


class AccessKey:
    """A secret with the keys accessKeyId, secretAccessKey and userName."""

    def __init__(self) -> None:
        self.iam = service("iam", os.environ.get("IAM_ENDPOINT"))

    def create(self, rotation: Rotation) -> str:
        current = rotation.current()
        user = user_of(current)
        self.retire(rotation, user, current)
        key = self.iam.create_access_key(UserName=user)["AccessKey"]
        change = {"accessKeyId": key["AccessKeyId"], "secretAccessKey": key["SecretAccessKey"]}
        rotation.log("INFO", "access key created", key=key["AccessKeyId"])
        return json.dumps(current | change)

    def retire(self, rotation: Rotation, user: str, current: Fields) -> None:
        """Delete the key that the last rotation replaced, or that an interrupted one left behind."""
        keys = self.iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
        if current.get("accessKeyId") not in [key["AccessKeyId"] for key in keys]:
            raise RotationFailed(f"AWSCURRENT holds no key of {user}")
        previous = rotation.previous() or {}
        for key in keys:
            identity = key["AccessKeyId"]
            if identity == current["accessKeyId"]:
                continue
            if identity != previous.get("accessKeyId"):
                self.refuse_unless_left_behind(identity, key["CreateDate"])
            self.iam.delete_access_key(UserName=user, AccessKeyId=identity)
            rotation.log("INFO", "access key deleted", key=identity)

    def refuse_unless_left_behind(self, identity: str, created: datetime.datetime) -> None:
        """A key in no version was never handed out by us; once used, it is somebody else's."""
        use = self.iam.get_access_key_last_used(AccessKeyId=identity)["AccessKeyLastUsed"]
        if use.get("LastUsedDate"):
            raise RotationFailed(f"{identity} is in use and not in the secret; delete it first")
        if datetime.datetime.now(datetime.UTC) - created < SETTLED:
            raise RotationFailed(f"{identity} was made moments ago and is not in the secret")

    def apply(self, rotation: Rotation) -> None:
        pending, current = rotation.pending(), rotation.current()
        if user_of(pending) != user_of(current):
            raise RotationFailed("userName differs from AWSCURRENT; take AWSPENDING off")

    def test(self, rotation: Rotation) -> None:
        self.use(rotation, rotation.pending())

    def probe(self, rotation: Rotation) -> None:
        self.use(rotation, rotation.current())

    def restore(self, rotation: Rotation) -> None:
        # The key before lives until the next rotation begins.
        self.use(rotation, rotation.restored())

    def use(self, rotation: Rotation, value: Fields) -> None:
        sts = service(
            "sts",
            os.environ.get("STS_ENDPOINT"),
            aws_access_key_id=value["accessKeyId"],
            aws_secret_access_key=value["secretAccessKey"],
            aws_session_token=None,
        )
        while True:
            try:
                arn = str(sts.get_caller_identity()["Arn"])
                break
            except ClientError as error:
                # A new key takes some seconds to be known everywhere.
                new = error.response["Error"]["Code"] == "InvalidClientTokenId"
                if not new or time.monotonic() + 5 > rotation.deadline:
                    raise
                time.sleep(2)
        if arn.rpartition("/")[2] != user_of(value):
            raise RotationFailed(f"the key belongs to {arn}")


def user_of(fields: Fields) -> str:
    user = fields.get("userName")
    if not user:
        raise RotationFailed("the secret lacks the key userName")
    return str(user)


def handler(event: Fields, context: Any) -> None:
    rotate(event, context, AccessKey())
