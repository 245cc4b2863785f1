"""Secrets Manager's resources: secrets named by ARN, resource policies, attachments, reads across accounts."""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import get_region
from ministack.services import secretsmanager
from ministack.services.cloudformation import changesets, engine, handlers, provisioners

from emulator.provision import HANDLERS, Created, Json, accepted, resource
from emulator.world import database

HOSTED = "AWS::SecretsManager-2024-09-16"


def install() -> None:
    create, update, delete = (
        provisioners.__dict__[f"_sm_secret_{verb}"] for verb in ("create", "update", "delete")
    )

    def create_secret(logical: str, properties: Json, stack: str) -> Created:
        name = properties.get("Name")
        if name in secretsmanager._secrets:
            raise ValueError(
                f"The operation failed because the secret {name} already exists. (ResourceExistsException)"
            )
        _, attributes = create(logical, properties, stack)
        return attributes["Id"], attributes

    def update_secret(arn: str, old: Json, new: Json, stack: str, logical_id: str | None = None) -> Created:
        if old.get("Name") != new.get("Name") and new.get("Name") in secretsmanager._secrets:
            raise ValueError(f"The operation failed because the secret {new['Name']} already exists.")
        _, attributes = update(name_of(arn), old, new, stack, logical_id)
        return attributes["Id"], attributes

    HANDLERS["AWS::SecretsManager::Secret"] = {
        "create": create_secret,
        "update": update_secret,
        "update_with_logical_id": True,
        "delete": lambda arn, properties: delete(name_of(arn), properties),
        "import": lambda arn: import_secret(arn),
    }
    resource("AWS::SecretsManager::ResourcePolicy", create_policy, delete_policy)
    provisioners._sm_target_connection = connection
    secretsmanager._resolve = resolve
    secretsmanager.secret_policy_for_arn = policy_of
    without_hosted_transform()
    empty_versions()


def name_of(arn: str) -> str:
    _, secret = secretsmanager._resolve(arn)
    return secret["Name"] if secret else arn


def import_secret(arn: str) -> Created:
    _, secret = secretsmanager._resolve(arn)
    if not secret:
        raise ValueError("Secrets Manager can't find the specified secret.")
    return secret["ARN"], {"Id": secret["ARN"]}


def create_policy(logical: str, properties: Json, stack: str) -> Created:
    document = properties["ResourcePolicy"]
    text = document if isinstance(document, str) else json.dumps(document)
    request = {"SecretId": properties["SecretId"], "ResourcePolicy": text}
    arn = accepted(secretsmanager._put_resource_policy(request), "ResourcePolicy")["ARN"]
    return arn, {"Id": arn}


def delete_policy(identifier: str, properties: Json) -> None:
    secretsmanager._delete_resource_policy({"SecretId": identifier})


def connection(kind: str, name: str) -> Json:
    """What the attachment writes: the address of the declared database, and the identifier the service adds."""
    found = database(kind, name)
    if not found:
        raise ValueError(f"{kind} {name} not found")
    return dict(found)


def scoped(arn: str) -> tuple[str, Any] | None:
    """The secret of any account that a full ARN names in the request's own Region."""
    parts = arn.split(":", 6)
    if len(parts) < 7 or parts[3] != get_region():
        return None
    for name, secret in secretsmanager._secrets.items_scoped(parts[4], parts[3]):
        if secret["ARN"] == arn:
            return name, secret
    return None


def resolve(identifier: str, *, use_arn_scope: bool = False) -> tuple[Any, Any]:
    """Also finds another account's secret, by its full ARN, whose policy has to let the caller in."""
    found: tuple[Any, Any] = original(identifier, use_arn_scope=use_arn_scope)
    if found[1] is None and identifier and identifier.startswith("arn:"):
        return scoped(identifier) or (None, None)
    return found


original = secretsmanager._resolve


def policy_of(arn: str) -> tuple[Any, str] | None:
    """The policy of a secret and the account that owns it, which need not be the caller's."""
    found = scoped(arn)
    if not found:
        return None
    _, _, _, region, account, _, _ = arn.split(":", 6)
    return secretsmanager._resource_policies.get_scoped(account, region, arn) or "", account


def without_hosted_transform() -> None:
    """The transform of hosted rotation expands to a stack of the service's own; here its schedule is recorded."""
    parse = engine._parse_template

    def parse_template(body: str) -> Json:
        template: Json = parse(body)
        declared = template.get("Transform", [])
        left = [name for name in ([declared] if isinstance(declared, str) else declared) if name != HOSTED]
        return {
            **{key: value for key, value in template.items() if key != "Transform"},
            **({"Transform": left} if left else {}),
        }

    for module in (engine, handlers, changesets):
        module._parse_template = parse_template


def empty_versions() -> None:
    """A version that holds no value yet is not found, as while a rotation has only begun."""
    read = secretsmanager._get_secret_value

    def get_secret_value(request: Json) -> Any:
        response = read(request)
        if response[0] < 400 and not {"SecretString", "SecretBinary"} & set(json.loads(response[2])):
            label = request.get("VersionStage", "AWSCURRENT")
            message = f"Secrets Manager can't find the specified secret value for staging label: {label}"
            return secretsmanager.error_response_json("ResourceNotFoundException", message, 400)
        return response

    secretsmanager._get_secret_value = get_secret_value
