"""One reader for each resource type: what its own service holds, in the shape in which templates declare it."""

from __future__ import annotations

import json
from collections.abc import Callable

from botocore.exceptions import ClientError

from clouds import client
from workspace import Json, Stack

Reader = Callable[[Stack, str, Json], Json | None]


def key(stack: Stack, identifier: str, declared: Json) -> Json | None:
    api = client("kms", stack.account, stack.region)
    facts = api.describe_key(KeyId=identifier)["KeyMetadata"]
    held: Json = {
        "Description": facts["Description"],
        "KeyPolicy": api.get_key_policy(KeyId=identifier)["Policy"],
        "KeySpec": facts["KeySpec"],
        "KeyUsage": facts["KeyUsage"],
        "MultiRegion": facts["MultiRegion"],
        "Enabled": facts["Enabled"],
        "Tags": api.list_resource_tags(KeyId=identifier)["Tags"],
    }
    if "PrimaryKeyArn" in declared:
        held["PrimaryKeyArn"] = facts["MultiRegionConfiguration"]["PrimaryKey"]["Arn"]
    else:
        rotation = api.get_key_rotation_status(KeyId=identifier)
        held |= {"EnableKeyRotation": rotation["KeyRotationEnabled"]}
        held |= {"RotationPeriodInDays": rotation.get("RotationPeriodInDays")}
    return held


def alias(stack: Stack, identifier: str, declared: Json) -> Json | None:
    pages = client("kms", stack.account, stack.region).get_paginator("list_aliases").paginate()
    for page in pages:
        for one in page["Aliases"]:
            if one["AliasName"] == identifier:
                wanted = declared["TargetKeyId"]
                target = one["TargetKeyId"]
                return {"AliasName": identifier, "TargetKeyId": wanted if wanted.endswith(target) else target}
    return None


def role(stack: Stack, identifier: str, declared: Json) -> Json | None:
    facts: Json = client("iam", stack.account, stack.region).get_role(RoleName=identifier)["Role"]
    boundary = facts.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return facts | {"PermissionsBoundary": boundary}


def policy(stack: Stack, identifier: str, declared: Json) -> Json | None:
    api = client("iam", stack.account, stack.region)
    facts = api.get_policy(PolicyArn=identifier)["Policy"]
    version = api.get_policy_version(PolicyArn=identifier, VersionId=facts["DefaultVersionId"])[
        "PolicyVersion"
    ]
    roles = api.list_entities_for_policy(PolicyArn=identifier)["PolicyRoles"]
    names = [one["RoleName"] for one in roles]
    return {
        **facts,
        "ManagedPolicyName": facts["PolicyName"],
        "PolicyDocument": version["Document"],
        "Roles": names,
    }


def profile(stack: Stack, identifier: str, declared: Json) -> Json | None:
    api = client("iam", stack.account, stack.region)
    name = identifier.rpartition("/")[2]
    facts = api.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    return {
        "InstanceProfileName": facts["InstanceProfileName"],
        "Roles": [one["RoleName"] for one in facts["Roles"]],
    }


def secret(stack: Stack, identifier: str, declared: Json) -> Json | None:
    api = client("secretsmanager", stack.account, stack.region)
    facts = api.describe_secret(SecretId=identifier)
    held = {name: facts.get(name) for name in ("Name", "Description", "KmsKeyId", "Tags")}
    replicas = facts.get("ReplicationStatus", [])
    held["ReplicaRegions"] = [{"Region": one["Region"], "KmsKeyId": one.get("KmsKeyId")} for one in replicas]
    for one in declared.get("ReplicaRegions", []):
        there = client("secretsmanager", stack.account, one["Region"]).describe_secret(
            SecretId=declared["Name"]
        )
        held["ReplicaRegions"] = [{"Region": one["Region"], "KmsKeyId": there["KmsKeyId"]}]
    wanted = declared.get("GenerateSecretString")
    if wanted:
        value = api.get_secret_value(SecretId=identifier)["SecretString"]
        held["GenerateSecretString"] = wanted if generated(wanted, value) else "a value of another form"
    return held


def generated(wanted: Json, value: str) -> bool:
    """Whether a value is one that the declaration generates."""
    word = value
    if "SecretStringTemplate" in wanted:
        fields = json.loads(value)
        word = fields.pop(wanted["GenerateStringKey"])
        if not json.loads(wanted["SecretStringTemplate"]).items() <= fields.items():
            return False
    return len(word) == wanted["PasswordLength"] and not set(wanted.get("ExcludeCharacters", "")) & set(word)


def secret_policy(stack: Stack, identifier: str, declared: Json) -> Json | None:
    facts = client("secretsmanager", stack.account, stack.region).get_resource_policy(SecretId=identifier)
    return {"SecretId": facts["ARN"], "ResourcePolicy": facts["ResourcePolicy"]}


def schedule(stack: Stack, identifier: str, declared: Json) -> Json | None:
    facts = client("secretsmanager", stack.account, stack.region).describe_secret(SecretId=identifier)
    if not facts.get("RotationEnabled"):
        return None
    return {
        **{name: facts.get(name) for name in ("RotationLambdaARN", "RotationRules")},
        "SecretId": facts["ARN"],
    }


def attachment(stack: Stack, identifier: str, declared: Json) -> Json | None:
    value = client("secretsmanager", stack.account, stack.region).get_secret_value(SecretId=identifier)
    fields = json.loads(value["SecretString"])
    written = {"engine", "host", "port", "username", "password"} <= set(fields)
    named = declared["TargetId"] in (fields.get("dbClusterIdentifier"), fields.get("dbInstanceIdentifier"))
    return {**declared, "SecretId": value["ARN"]} if written and named else None


def function(stack: Stack, identifier: str, declared: Json) -> Json | None:
    api = client("lambda", stack.account, stack.region)
    held: Json = api.get_function_configuration(FunctionName=identifier)
    held["Tags"] = [
        {"Key": key, "Value": value}
        for key, value in api.get_function(FunctionName=identifier)["Tags"].items()
    ]
    held["Code"] = declared["Code"] if held["CodeSize"] > 0 else None
    return held


def permission(stack: Stack, identifier: str, declared: Json) -> Json | None:
    api = client("lambda", stack.account, stack.region)
    document = json.loads(api.get_policy(FunctionName=declared["FunctionName"])["Policy"])
    for statement in document["Statement"]:
        if statement["Sid"] != identifier:
            continue
        keys = {
            name: value for test in statement.get("Condition", {}).values() for name, value in test.items()
        }
        keys = {name.lower(): value for name, value in keys.items()}
        return {
            "Action": statement["Action"],
            "FunctionName": statement["Resource"],
            "Principal": statement["Principal"]["Service"],
            "SourceAccount": keys.get("aws:sourceaccount"),
            "SourceArn": keys.get("aws:sourcearn"),
        }
    return None


def log_group(stack: Stack, identifier: str, declared: Json) -> Json | None:
    api = client("logs", stack.account, stack.region)
    for one in api.describe_log_groups(logGroupNamePrefix=identifier)["logGroups"]:
        if one["logGroupName"] == identifier:
            found = api.list_tags_log_group(logGroupName=identifier)["tags"]
            return {
                "LogGroupName": identifier,
                "RetentionInDays": one.get("retentionInDays"),
                "KmsKeyId": one.get("kmsKeyId"),
                "Tags": [{"Key": key, "Value": value} for key, value in found.items()],
            }
    return None


def metric_filter(stack: Stack, identifier: str, declared: Json) -> Json | None:
    api = client("logs", stack.account, stack.region)
    for one in api.describe_metric_filters(logGroupName=declared["LogGroupName"])["metricFilters"]:
        if one["filterName"] == identifier:
            shapes = [
                {key[:1].upper() + key[1:]: value for key, value in each.items()}
                for each in one["metricTransformations"]
            ]
            return {
                "LogGroupName": one["logGroupName"],
                "FilterPattern": one["filterPattern"],
                "FilterName": identifier,
                "MetricTransformations": shapes,
            }
    return None


def topic(stack: Stack, identifier: str, declared: Json) -> Json | None:
    api = client("sns", stack.account, stack.region)
    held: Json = api.get_topic_attributes(TopicArn=identifier)["Attributes"]
    held["TopicName"] = identifier.rpartition(":")[2]
    held["Tags"] = api.list_tags_for_resource(ResourceArn=identifier)["Tags"]
    return held


def topic_policy(stack: Stack, identifier: str, declared: Json) -> Json | None:
    (arn,) = declared["Topics"]
    attributes = client("sns", stack.account, stack.region).get_topic_attributes(TopicArn=arn)["Attributes"]
    return {"Topics": [arn], "PolicyDocument": attributes["Policy"]}


def subscription(stack: Stack, identifier: str, declared: Json) -> Json | None:
    api = client("sns", stack.account, stack.region)
    for one in api.list_subscriptions_by_topic(TopicArn=declared["TopicArn"])["Subscriptions"]:
        if (one["Protocol"], one["Endpoint"]) == (declared["Protocol"], declared["Endpoint"]):
            held = {name: one[name] for name in ("TopicArn", "Protocol", "Endpoint")}
            attributes = set(declared) - set(held)
            if attributes and one["SubscriptionArn"].startswith("arn:"):
                held |= api.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"])["Attributes"]
            return held
    return None


def queue(stack: Stack, identifier: str, declared: Json) -> Json | None:
    api = client("sqs", stack.account, stack.region)
    held: Json = api.get_queue_attributes(QueueUrl=identifier, AttributeNames=["All"])["Attributes"]
    found = api.list_queue_tags(QueueUrl=identifier).get("Tags", {})
    held["QueueName"] = identifier.rpartition("/")[2]
    held["Tags"] = [{"Key": key, "Value": value} for key, value in found.items()]
    return held


def queue_policy(stack: Stack, identifier: str, declared: Json) -> Json | None:
    (url,) = declared["Queues"]
    api = client("sqs", stack.account, stack.region)
    attributes = api.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    return {"Queues": [url], "PolicyDocument": attributes["Policy"]}


def rule(stack: Stack, identifier: str, declared: Json) -> Json | None:
    api = client("events", stack.account, stack.region)
    held: Json = api.describe_rule(Name=identifier)
    held["Targets"] = api.list_targets_by_rule(Rule=identifier)["Targets"]
    held["Tags"] = api.list_tags_for_resource(ResourceARN=held["Arn"])["Tags"]
    return held


def alarm(stack: Stack, identifier: str, declared: Json) -> Json | None:
    api = client("cloudwatch", stack.account, stack.region)
    found = api.describe_alarms(AlarmNames=[identifier], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    for one in [*found["MetricAlarms"], *found["CompositeAlarms"]]:
        held: Json = dict(one)
        held["Tags"] = api.list_tags_for_resource(ResourceARN=one["AlarmArn"])["Tags"]
        return held
    return None


def group(stack: Stack, identifier: str, declared: Json) -> Json | None:
    api = client("ec2", stack.account, stack.region)
    facts = api.describe_security_groups(GroupIds=[identifier])["SecurityGroups"][0]
    held = {"GroupDescription": facts["Description"], "VpcId": facts["VpcId"], "Tags": facts.get("Tags", [])}
    for label, way in (
        ("SecurityGroupEgress", "IpPermissionsEgress"),
        ("SecurityGroupIngress", "IpPermissions"),
    ):
        held[label] = [
            one for one in declared.get(label, []) if any(matches(one, rule) for rule in facts[way])
        ]
    return held


def matches(wanted: Json, rule: Json) -> bool:
    """Whether a declared rule is among the group's."""
    peers = {one["GroupId"] for one in rule.get("UserIdGroupPairs", [])} | {
        one["CidrIp"] for one in rule.get("IpRanges", [])
    }
    peers |= {one["PrefixListId"] for one in rule.get("PrefixListIds", [])}
    labels = ("SourceSecurityGroupId", "DestinationSecurityGroupId", "CidrIp", "DestinationPrefixListId")
    named = {wanted[label] for label in labels if label in wanted}
    ports = all(wanted.get(end, rule.get(end)) == rule.get(end) for end in ("FromPort", "ToPort"))
    return str(wanted["IpProtocol"]) == rule["IpProtocol"] and ports and named <= peers


def group_rule(stack: Stack, identifier: str, declared: Json) -> Json | None:
    api = client("ec2", stack.account, stack.region)
    facts = api.describe_security_groups(GroupIds=[declared["GroupId"]])["SecurityGroups"][0]
    found = any(matches(declared, one) for one in [*facts["IpPermissions"], *facts["IpPermissionsEgress"]])
    return declared if found else None


def endpoint(stack: Stack, identifier: str, declared: Json) -> Json | None:
    api = client("ec2", stack.account, stack.region)
    facts: Json = api.describe_vpc_endpoints(VpcEndpointIds=[identifier])["VpcEndpoints"][0]
    facts["SecurityGroupIds"] = [one["GroupId"] for one in facts.get("Groups", [])]
    return facts


def association(stack: Stack, identifier: str, declared: Json) -> Json | None:
    api = client("eks", stack.account, stack.region)
    cluster, number = declared["ClusterName"], identifier.rpartition("/")[2]
    facts = api.describe_pod_identity_association(clusterName=cluster, associationId=number)["association"]
    return {
        "ClusterName": facts["clusterName"],
        "Namespace": facts["namespace"],
        "ServiceAccount": facts["serviceAccount"],
        "RoleArn": facts["roleArn"],
        "Tags": [{"Key": key, "Value": value} for key, value in facts["tags"].items()],
    }


def found_or_none(reader: Reader) -> Reader:
    """A service that does not know the identifier has answered the question."""

    def read(stack: Stack, identifier: str, declared: Json) -> Json | None:
        try:
            return reader(stack, identifier, declared)
        except ClientError:
            return None

    return read


def dashboard(stack: Stack, identifier: str, declared: Json) -> Json | None:
    found: Json = client("cloudwatch", stack.account, stack.region).get_dashboard(DashboardName=identifier)
    return found


def document(stack: Stack, identifier: str, declared: Json) -> Json | None:
    found = client("ssm", stack.account, stack.region).get_document(Name=identifier)
    # How a change is made, and tags, are not of the document.
    return {**found, "UpdateMethod": declared["UpdateMethod"], "Tags": declared["Tags"]}


KINDS: dict[str, Reader] = {
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::CloudWatch::CompositeAlarm": alarm,
    "AWS::EC2::SecurityGroup": group,
    "AWS::EC2::SecurityGroupEgress": group_rule,
    "AWS::EC2::SecurityGroupIngress": group_rule,
    "AWS::CloudWatch::Dashboard": dashboard,
    "AWS::EC2::VPCEndpoint": endpoint,
    "AWS::EKS::PodIdentityAssociation": association,
    "AWS::Events::Rule": rule,
    "AWS::IAM::InstanceProfile": profile,
    "AWS::IAM::ManagedPolicy": policy,
    "AWS::IAM::Role": role,
    "AWS::KMS::Alias": alias,
    "AWS::KMS::Key": key,
    "AWS::KMS::ReplicaKey": key,
    "AWS::Lambda::Function": function,
    "AWS::Lambda::Permission": permission,
    "AWS::Logs::LogGroup": log_group,
    "AWS::Logs::MetricFilter": metric_filter,
    "AWS::SNS::Subscription": subscription,
    "AWS::SNS::Topic": topic,
    "AWS::SNS::TopicPolicy": topic_policy,
    "AWS::SQS::Queue": queue,
    "AWS::SQS::QueuePolicy": queue_policy,
    "AWS::SSM::Document": document,
    "AWS::SecretsManager::ResourcePolicy": secret_policy,
    "AWS::SecretsManager::RotationSchedule": schedule,
    "AWS::SecretsManager::Secret": secret,
    "AWS::SecretsManager::SecretTargetAttachment": attachment,
}
READERS: dict[str, Reader] = {kind: found_or_none(reader) for kind, reader in KINDS.items()}
