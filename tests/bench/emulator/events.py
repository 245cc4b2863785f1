"""EventBridge, CloudWatch alarms and SNS: who may publish is asked of the topic's policy and of its key's.

- A caller that states to be a service puts events of `aws.*`; read-only calls reach only rules in the wider state.
- What a topic refuses goes to the target's dead-letter queue, if that queue's policy lets EventBridge send.
- A topic keeps its key and signature version.
"""

from __future__ import annotations

import contextvars
import json
import time
from typing import Any

from ministack.core.arn import parse_arn
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import cloudwatch, eventbridge, kms, sns, sqs

from emulator.provision import HANDLERS, Created, Json
from emulator.requests import CALLER

EVENTS = "events.amazonaws.com"
ALARMS = "cloudwatch.amazonaws.com"
KEPT = ("KmsMasterKeyId", "SignatureVersion")
# What a service needs of a topic's key to publish to it (KMS and SNS docs).
NEEDED = ("kms:Decrypt", "kms:GenerateDataKey")
TARGET: contextvars.ContextVar[tuple[Json, Json]] = contextvars.ContextVar("target")


def install() -> None:
    put_events, invoke = eventbridge._put_events, eventbridge._invoke_target
    eventbridge._put_events = lambda data: put_events(
        data, allow_aws_source=bool((CALLER.get() or {}).get("service"))
    )
    dispatch = eventbridge._dispatch_event

    def dispatch_event(event: Json, view: Any = None) -> None:
        """Lets the rules of the wider state take part, and those of the narrower one not in reads."""
        changed = []
        for rule in eventbridge._rules.values():
            state = rule.get("State")
            reads = json.loads(event["Detail"]).get("readOnly") is True
            if state == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" or (state == "ENABLED" and reads):
                changed.append((rule, state))
                rule["State"] = "DISABLED" if state == "ENABLED" else "ENABLED"
        try:
            dispatch(event, view)
        finally:
            for rule, state in changed:
                rule["State"] = state

    def invoke_target(target: Json, event: Json, rule: Json, view: Any = None) -> None:
        TARGET.set((target, rule))
        invoke(target, event, rule, view)

    eventbridge._dispatch_event = dispatch_event
    eventbridge._invoke_target = invoke_target
    eventbridge._dispatch_to_sns = publish
    act = cloudwatch._dispatch_alarm_actions

    def act_if_permitted(alarm: Json, old: str, new: str, reason: str) -> None:
        actions = {
            field: [one for one in alarm.get(field) or [] if permits(one, ALARMS, arn_of(alarm))]
            for field in ("AlarmActions", "OKActions", "InsufficientDataActions")
        }
        act({**alarm, **actions}, old, new, reason)

    cloudwatch._dispatch_alarm_actions = act_if_permitted
    topic = HANDLERS["AWS::SNS::Topic"]
    topic["create"], topic["update"] = keeping(topic["create"], 1), keeping(topic["update"], 2)


def keeping(inner: Any, place: int) -> Any:
    """Keeps what the emulator drops of a topic, after creating or updating."""

    def put(*arguments: Any, **options: Any) -> Created:
        made: Created = inner(*arguments, **options)
        kept = {name: arguments[place][name] for name in KEPT if name in arguments[place]}
        sns._topics[made[0]]["attributes"].update(kept)
        return made

    return put


def arn_of(alarm: Json) -> str:
    return f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{alarm['AlarmName']}"


def permits(topic: str, service: str, source: str) -> bool:
    """Whether the policies of the topic and of its key let a service publish for a source."""
    record = sns._topics.get(topic)
    if not record or not sns.topic_policy_allows(topic, service, source, get_account_id()):
        return False
    named = record["attributes"].get("KmsMasterKeyId")
    key = kms._resolve_key(named) if named else None
    return not named or bool(key and all(key_permits(key, action, service, source) for action in NEEDED))


def key_permits(key: Json, action: str, service: str, source: str) -> bool:
    context = EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=key["Arn"],
        region=get_region(),
        service_context={"aws:sourcearn": source, "aws:sourceaccount": get_account_id()},
    )
    return bool(evaluate_resource_policy(key["Policy"], context, service=service).decision == "Allow")


def publish(topic: str, payload: str) -> None:
    """Publishes an event's text, or lays it in the dead-letter queue."""
    target, rule = TARGET.get()
    source = f"arn:aws:events:{get_region()}:{get_account_id()}:rule/{rule['Name']}"
    if permits(topic, EVENTS, source):
        sns.publish_internal(topic, payload, "EventBridge")
        return
    queue = target.get("DeadLetterConfig", {}).get("Arn")
    if queue and sqs.queue_policy_allows(queue, EVENTS, source, get_account_id()):
        lay(queue, payload)


def lay(queue: str, body: str) -> None:
    """Puts a message into a queue as its service does."""
    record: Any = sqs._queue_by_arn(str(parse_arn(queue)))
    message = {
        "id": new_uuid(),
        "body": body,
        "md5": sqs.hashlib.md5(body.encode()).hexdigest(),
        "message_attributes": {},
        "md5_attrs": "",
        "receipt_handle": None,
        "sent_at": time.time(),
        "visible_at": time.time(),
        "receive_count": 0,
    }
    sqs._ensure_msg_fields(message)
    record["messages"].append(message)
