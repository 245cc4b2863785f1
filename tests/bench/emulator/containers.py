"""EKS clusters of the world with pod identity associations, composite alarms, alarms on metric expressions.

The services keep them; the emulator evaluates no expression.
"""

from __future__ import annotations

from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch, eks

from emulator.provision import HANDLERS, Created, Json, accepted, resource
from emulator.world import world


def install() -> None:
    for location, here in world()["places"].items():
        account, region = location.split("/")
        for name in here.get("clusters", []):
            arn = f"arn:aws:eks:{region}:{account}:cluster/{name}"
            eks._clusters.set_scoped(account, region, name, {"name": name, "arn": arn, "status": "ACTIVE"})
    resource("AWS::EKS::PodIdentityAssociation", associate, dissociate)
    resource("AWS::CloudWatch::CompositeAlarm", compose, forget)
    alarm = HANDLERS["AWS::CloudWatch::Alarm"]
    alarm["create"] = with_expressions(alarm["create"])
    alarm["update"] = with_expressions(alarm["update"])


def with_expressions(inner: Any) -> Any:
    """Puts an alarm on an expression through the service, which keeps everything of it but the expression."""

    def put(*arguments: Any, **named_arguments: Any) -> Created:
        # The wanted properties stand before the name of the stack, in creating and in updating.
        properties: Json = arguments[2] if isinstance(arguments[2], dict) else arguments[1]
        if "Metrics" not in properties:
            made: Created = inner(*arguments, **named_arguments)
            return made
        tags = [tag for tag in properties.get("Tags", []) if not tag["Key"].startswith("aws:")]
        accepted(cloudwatch._put_metric_alarm({}, {**properties, "Tags": tags}, False, is_json=True), "Alarm")
        return named(properties)

    return put


def associate(logical: str, properties: Json, stack: str) -> Created:
    tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
    body = {"namespace": properties["Namespace"], "serviceAccount": properties["ServiceAccount"]}
    body |= {"roleArn": properties["RoleArn"], "tags": tags}
    cluster = properties["ClusterName"]
    answer = accepted(eks._create_pod_identity_association(cluster, body), "PodIdentityAssociation")
    made = answer["association"]
    return made["associationArn"], {
        "AssociationArn": made["associationArn"],
        "AssociationId": made["associationId"],
    }


def dissociate(identifier: str, properties: Json) -> None:
    eks._delete_pod_identity_association(properties["ClusterName"], identifier.rpartition("/")[2])


def compose(logical: str, properties: Json, stack: str) -> Created:
    accepted(cloudwatch._put_composite_alarm({}, properties, False, is_json=True), "CompositeAlarm")
    return named(properties)


def named(properties: Json) -> Created:
    name = properties["AlarmName"]
    return name, {"Arn": f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}"}


def forget(identifier: str, properties: Json) -> None:
    cloudwatch._delete_alarms({}, {"AlarmNames": [identifier]}, False, is_json=True)
