"""KMS: replica keys, and aliases that refuse a name in use."""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import kms

from emulator.provision import HANDLERS, Created, Json, accepted, resource


def install() -> None:
    resource("AWS::KMS::ReplicaKey", create_replica, delete_replica)
    HANDLERS["AWS::KMS::ReplicaKey"]["update"] = update_replica
    alias = HANDLERS["AWS::KMS::Alias"]
    create = alias["create"]

    def create_alias(logical: str, properties: Json, stack: str) -> Created:
        name = properties["AliasName"]
        if kms._alias_arn(name) in kms._aliases:
            raise ValueError(f"An alias with the name {name} already exists")
        made: Created = create(logical, properties, stack)
        return made

    alias["create"] = create_alias


def create_replica(logical: str, properties: Json, stack: str) -> Created:
    arn = properties["PrimaryKeyArn"]
    _, _, _, region, account, name = arn.split(":", 5)
    identifier = name.removeprefix("key/")
    primary = kms._keys.get_scoped(account, region, identifier)
    if account != get_account_id() or primary is None or region == get_region():
        raise ValueError(f"Invalid primary key ARN {arn}")
    if not primary.get("MultiRegion"):
        raise ValueError(f"{arn} is not a multi-Region primary key.")
    policy = json.dumps(properties["KeyPolicy"])
    record = {**primary, "Arn": arn.replace(f":{region}:", f":{get_region()}:"), "Policy": policy}
    record["Description"] = properties.get("Description", "")
    record["Tags"] = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in properties.get("Tags", [])]
    kms._keys[identifier] = record
    return identifier, {"Arn": record["Arn"], "KeyId": identifier}


def update_replica(identifier: str, old: Json, new: Json, stack: str) -> Created:
    record: Any = kms._resolve_key(identifier)
    record["Policy"] = json.dumps(new["KeyPolicy"])
    return identifier, {"Arn": record["Arn"], "KeyId": identifier}


def delete_replica(identifier: str, properties: Json) -> None:
    if kms._resolve_key(identifier):
        accepted(kms._schedule_key_deletion({"KeyId": identifier, "PendingWindowInDays": 7}), "ReplicaKey")
