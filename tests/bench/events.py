"""Events and alarms end to end: put where the services put them, received by who subscribes to the topics."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from clouds import client, session_client, stating
from deploy import Deployer
from resolve import Resolver
from tally import Tally
from workspace import Json, Stack

LISTENER = "bench-listener"
API_CALL = "AWS API Call via CloudTrail"
SERVICE_EVENT = "AWS Service Event via CloudTrail"
# The calls that each kind of rule is for, and neighbours that are none of its business.
CALLS: dict[str, tuple[str, list[str], list[str]]] = {
    "secret-deleted": (
        "secretsmanager",
        ["DeleteSecret", "CancelRotateSecret", "RemoveRegionsFromReplication", "StopReplicationToReplica"],
        ["CreateSecret", "RestoreSecret", "TagResource"],
    ),
    "secret-policy-changed": (
        "secretsmanager",
        ["PutResourcePolicy", "DeleteResourcePolicy"],
        ["ValidateResourcePolicy", "UpdateSecret"],
    ),
    "key-policy-changed": ("kms", ["PutKeyPolicy", "CreateGrant"], ["RetireGrant", "UpdateAlias"]),
    "key-disabled": (
        "kms",
        ["DisableKey", "ScheduleKeyDeletion", "DisableKeyRotation", "DeleteImportedKeyMaterial"],
        ["EnableKey", "CancelKeyDeletion", "EnableKeyRotation"],
    ),
}
ROTATION = ["RotationFailed", "RotationAbandoned", "TestRotationFailed", "ReplicationFailed"]
OTHERS = ["RotationSucceeded", "RotationStarted", "TestRotationSucceeded", "ReplicationSucceeded"]
SOMEBODY = "arn:aws:sts::{account}:assumed-role/somebody/session"


@dataclass
class Rule:
    """A deployed rule with the topics that it sends to."""

    stack: Stack
    kind: str
    name: str
    topics: list[str]


@dataclass
class Event:
    """An event as its service would put it, and the rules that are for it."""

    entry: Json
    heard_by: list[Rule]


class Listener:
    """A queue of an account and Region that subscribes to every topic there, as somebody with an address would."""

    def __init__(self, account: str, region: str, topics: list[str]) -> None:
        self.queue = Queue(account, region, LISTENER)
        sns = client("sns", account, region)
        for topic in topics:
            sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=self.queue.arn)
        self.events = session_client("events", region, {"AccessKeyId": account, "SecretAccessKey": "test"})
        stating(self.events, {"service": "events"})

    def put(self, entry: Json) -> None:
        answer = self.events.put_events(Entries=[entry])
        if answer["FailedEntryCount"]:
            raise RuntimeError(f"{answer['Entries']}")


class Queue:
    """A queue that topics of its account may send to."""

    def __init__(self, account: str, region: str, name: str) -> None:
        self.api: Any = client("sqs", account, region)
        self.arn = f"arn:aws:sqs:{region}:{account}:{name}"
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": self.arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.url = self.api.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]

    def received(self) -> list[Json]:
        """What lies in the queue, taken out."""
        return take(self.api, self.url)


def take(api: Any, url: str) -> list[Json]:
    found = []
    while messages := api.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        for message in messages:
            found.append(json.loads(message["Body"]))
            api.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def check(tally: Tally, deployer: Deployer) -> None:
    """Every rule and every alarm of every stack, in each account and Region."""
    stacks = list(deployer.stacks.values())
    heard = unheard = alarmed = undelivered = 0
    subscribed = deployed_queues(stacks)
    for account, region in sorted({(one.account, one.region) for one in stacks}):
        here = [one for one in stacks if (one.account, one.region) == (account, region)]
        rules = [rule for stack in here for rule in rules_of(deployer, stack)]
        topics = sorted({topic for stack in here for topic in topics_of(deployer, stack)})
        if not topics:
            continue
        listener = Listener(account, region, topics)
        for event in events(rules, here, account, region):
            listener.put(event.entry)
            heard, unheard = compare(tally, listener, event, (heard, unheard))
        for stack in here:
            alarmed += alarms(tally, deployer, stack, listener)
        undelivered += refused(tally, rules, listener)
    for queue in subscribed:
        texts = [one.get("Message", "") for one in queue.received()]
        tally.expect(bool(texts), f"nothing came through the deployed subscription of {queue.arn}")
        tally.notes.append(f"{len(texts)} messages through the subscription that a blueprint names")
    tally.notes.append(
        f"{heard} messages from rules, {unheard} events that no rule is for, {alarmed} from alarms"
    )
    tally.notes.append(f"{undelivered} events in dead-letter queues while a topic or its key refused them")


def rules_of(deployer: Deployer, stack: Stack) -> Iterator[Rule]:
    resolver = Resolver(deployer, stack)
    for name in stack.resources("AWS::Events::Rule"):
        found = resolver.properties(name)
        kind = found["Name"].removeprefix(f"{stack.application}-{stack.environment}-")
        yield Rule(stack, kind, found["Name"], [target["Arn"] for target in found["Targets"]])


def topics_of(deployer: Deployer, stack: Stack) -> list[str]:
    physical = deployer.physical(stack)
    return [physical[name] for name in stack.resources("AWS::SNS::Topic")]


def deployed_queues(stacks: list[Stack]) -> list[Queue]:
    """The queues that blueprints name as subscribers, which are somebody else's to make."""
    named = {
        one["Endpoint"]
        for stack in stacks
        for one in stack.resources("AWS::SNS::Subscription").values()
        if one["Protocol"] == "sqs"
    }
    found = []
    for arn in sorted(named):
        _, _, _, region, account, name = arn.split(":")
        found.append(Queue(account, region, name))
    return found


def events(rules: list[Rule], stacks: list[Stack], account: str, region: str) -> Iterator[Event]:
    """For each kind of rule the events that it is for, and those beside it, in the documented shapes."""
    who = SOMEBODY.format(account=account)
    of_kind = {kind: [rule for rule in rules if rule.kind == kind] for kind in {rule.kind for rule in rules}}
    for kind, (service, wanted, beside) in CALLS.items():
        for name in wanted:
            yield Event(api_call(service, name, who, region), of_kind.get(kind, []))
        for name in beside:
            yield Event(api_call(service, name, who, region), [])
        other = "kms" if service == "secretsmanager" else "secretsmanager"
        yield Event(api_call(other, wanted[0], who, region), [])
    for name in ("GetSecretValue", "DescribeSecret"):
        yield Event(api_call("secretsmanager", name, who, region, readOnly=True), [])
    for rule in of_kind.get("rotation-failed", []):
        mine = f"arn:aws:secretsmanager:{region}:{account}:secret:{rule.stack.application}/{rule.stack.environment}"
        for name in ROTATION:
            yield Event(service_event(name, f"{mine}/some-AbCdEf", region), [rule])
        for name in OTHERS:
            yield Event(service_event(name, f"{mine}/some-AbCdEf", region), [])
        yield Event(service_event(ROTATION[0], f"{mine}-else/some-AbCdEf", region), [])
    for rule in of_kind.get("break-glass-used", []):
        (pattern,) = [
            one["EventPattern"]
            for one in rule.stack.resources("AWS::Events::Rule").values()
            if one["Name"] == rule.name
        ]
        (role,) = pattern["detail"]["requestParameters"]["roleArn"]
        name = role["Fn::Sub"].rpartition(":role/")[2]
        arn = f"arn:aws:iam::{account}:role/{name}"
        same = [one for one in of_kind["break-glass-used"] if name in json.dumps(one.stack.template)]
        for taken, heard_by in ((arn, same), (f"{arn}-else", [])):
            yield Event(
                api_call(
                    "sts", "AssumeRole", who, region, readOnly=True, requestParameters={"roleArn": taken}
                ),
                heard_by,
            )


def api_call(service: str, name: str, who: str, region: str, **more: Any) -> Json:
    """A call as CloudTrail records it."""
    detail = {
        "eventVersion": "1.09",
        "userIdentity": {"type": "AssumedRole", "arn": who},
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "requestParameters": {"secretId": "some"},
        "responseElements": None,
        "readOnly": False,
        "eventType": "AwsApiCall",
        **more,
    }
    return {"Source": f"aws.{service}", "DetailType": API_CALL, "Detail": json.dumps(detail)}


def service_event(name: str, secret: str, region: str) -> Json:
    """What Secrets Manager itself records of a rotation or replication."""
    detail = {
        "eventVersion": "1.09",
        "userIdentity": {"type": "AWSService", "invokedBy": "secretsmanager.amazonaws.com"},
        "eventSource": "secretsmanager.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "requestParameters": None,
        "responseElements": None,
        "additionalEventData": {"SecretId": secret},
        "errorMessage": "Error when executing lambda during setSecret step",
        "readOnly": False,
        "eventType": "AwsServiceEvent",
    }
    return {"Source": "aws.secretsmanager", "DetailType": SERVICE_EVENT, "Detail": json.dumps(detail)}


def compare(tally: Tally, listener: Listener, event: Event, counts: tuple[int, int]) -> tuple[int, int]:
    """Whether exactly the topics of the rules that are for an event have sent a message about it."""
    heard, unheard = counts
    detail = json.loads(event.entry["Detail"])
    wanted = sorted(topic for rule in event.heard_by for topic in rule.topics)
    messages = listener.queue.received()
    found = sorted(one["TopicArn"] for one in messages)
    label = f"{listener.queue.arn}: {event.entry['Source']} {detail['eventName']}"
    tally.expect(found == wanted, f"{label}: heard by {found}, and it is for {wanted}")
    about = detail.get("additionalEventData", {}).get("SecretId") or detail["userIdentity"].get("arn", "")
    for one in messages:
        tally.expect(
            detail["eventName"] in one["Message"] and about in one["Message"],
            f"{label}: the message is {one['Message']}",
        )
    return heard + len(messages), unheard + (not wanted)


def alarms(tally: Tally, deployer: Deployer, stack: Stack, listener: Listener) -> int:
    """Each alarm that goes off tells its topic, and says that it is over where it has to."""
    api = client("cloudwatch", stack.account, stack.region)
    resolver = Resolver(deployer, stack)
    count = 0
    for kind in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        for name in stack.resources(kind):
            alarm = resolver.properties(name)
            for state, field in (("ALARM", "AlarmActions"), ("OK", "OKActions")):
                api.set_alarm_state(
                    AlarmName=alarm["AlarmName"], StateValue=state, StateReason="the bench says so"
                )
                # An alarm that is composed of this one tells of itself.
                mine = [
                    one
                    for one in listener.queue.received()
                    if json.loads(one["Message"])["AlarmName"] == alarm["AlarmName"]
                ]
                found = sorted(one["TopicArn"] for one in mine)
                wanted = sorted(alarm.get(field, []))
                tally.expect(
                    found == wanted,
                    f"{stack.path} {alarm['AlarmName']} {state}: heard by {found}, not {wanted}",
                )
                count += len(found)
    return count


def refused(tally: Tally, rules: list[Rule], listener: Listener) -> int:
    """What the topic or its key refuses is not heard, and waits in the dead-letter queue."""
    count = 0
    for rule in rules:
        if rule.kind != "key-disabled":
            continue
        (topic,) = rule.topics
        account, region = rule.stack.account, rule.stack.region
        sqs = client("sqs", account, region)
        queues = sqs.list_queues(QueueNamePrefix=rule.stack.name).get("QueueUrls", [])
        for what, closed in (("topic", closed_topic), ("key", closed_key)):
            with closed(rule.stack, topic):
                listener.put(api_call("kms", "DisableKey", SOMEBODY.format(account=account), region))
            heard = [one for one in listener.queue.received() if one["TopicArn"] == topic]
            tally.expect(
                not heard, f"{rule.name}: heard although the {what}'s policy does not let EventBridge in"
            )
            waiting = [text for queue in queues for text in take(sqs, queue)]
            held = len(waiting) == 1 and "DisableKey" in str(waiting)
            count += tally.expect(
                held, f"{rule.name}: refused by the {what}, in the dead-letter queue is {waiting}"
            )
    return count


@contextmanager
def closed_topic(stack: Stack, topic: str) -> Iterator[None]:
    """The topic without the statement that lets EventBridge publish."""
    api = client("sns", stack.account, stack.region)
    policy = api.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    api.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=without(policy, "Rules"))
    yield
    api.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


@contextmanager
def closed_key(stack: Stack, topic: str) -> Iterator[None]:
    """The topic's key without the statement that lets the publishing services use it."""
    attributes = client("sns", stack.account, stack.region).get_topic_attributes(TopicArn=topic)["Attributes"]
    where = {"KeyId": attributes["KmsMasterKeyId"], "PolicyName": "default"}
    api = client("kms", stack.account, stack.region)
    policy = api.get_key_policy(**where)["Policy"]
    api.put_key_policy(**where, Policy=without(policy, "PublishToTopics"))
    yield
    api.put_key_policy(**where, Policy=policy)


def without(policy: str, sid: str) -> str:
    document = json.loads(policy)
    left = [one for one in document["Statement"] if one["Sid"] != sid]
    if len(left) == len(document["Statement"]):
        raise ValueError(f"there is no statement {sid}")
    return json.dumps({**document, "Statement": left})
