"""The watching function: ages, dates, lateness and outcomes as metrics, for what the service tells."""

from __future__ import annotations

import datetime
import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from conftest import Json, load

NOW = datetime.datetime.now(datetime.UTC)
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)


class Service:
    """Secrets Manager's two calls about versions, and CloudWatch's one."""

    def __init__(self) -> None:
        self.secrets: dict[str, Json] = {}
        self.versions: dict[str, list[Json]] = {}
        self.data: list[Json] = []
        self.calls = 0

    def add(self, name: str, rotated: float | None = None, created: float = 100, **more: Any) -> None:
        """A secret by days since its last rotation and since its creation."""
        last = created if rotated is None else rotated
        secret = {"CreatedDate": NOW - created * DAY, "RotationEnabled": True}
        if rotated is not None:
            secret["LastRotatedDate"] = NOW - rotated * DAY
        self.secrets[name] = secret | more
        current = {"VersionId": "current", "VersionStages": ["AWSCURRENT"], "CreatedDate": NOW - last * DAY}
        self.versions[name] = [current, {"VersionId": "old", "CreatedDate": NOW - created * DAY}]

    def pending(self, name: str, age: datetime.timedelta) -> None:
        version = {"VersionId": "next", "VersionStages": ["AWSPENDING"], "CreatedDate": NOW - age}
        self.versions[name].append(version)

    def describe_secret(self, SecretId: str) -> Json:  # noqa: N803
        if SecretId not in self.secrets:
            code = "ResourceNotFoundException"
            raise ClientError({"Error": {"Code": code, "Message": "no such secret"}}, "DescribeSecret")
        return self.secrets[SecretId]

    def list_secret_version_ids(self, SecretId: str, NextToken: str = "0") -> Json:  # noqa: N803
        # One version a page, as a service with many might.
        at = int(NextToken)
        page: Json = {"Versions": self.versions[SecretId][at : at + 1]}
        return page | ({"NextToken": str(at + 1)} if at + 1 < len(self.versions[SecretId]) else {})

    def put_metric_data(self, Namespace: str, MetricData: list[Json]) -> None:  # noqa: N803
        assert Namespace == "Keyprint/Rotation"
        assert len(MetricData) <= 1000
        self.calls += 1
        self.data += MetricData

    def watch(self, **hours: float) -> dict[str, dict[str, float]]:
        """What was published, by secret or stack and metric."""
        module = load("watch")
        module.__dict__["service"] = lambda name, *_: self
        self.data = []
        module.handler({"stack": "shop-test", "secrets": hours}, None)
        found: dict[str, dict[str, float]] = {}
        for datum in self.data:
            (dimension,) = datum["Dimensions"]
            found.setdefault(dimension["Value"], {})[datum["MetricName"]] = datum["Value"]
        return found


@pytest.fixture
def service() -> Service:
    return Service()


def test_a_secret_in_time(service: Service) -> None:
    service.add("app", rotated=10, NextRotationDate=NOW + 20 * DAY)
    seen = service.watch(app=30 * 24)
    assert seen["app"]["DaysSinceRotation"] == pytest.approx(10, abs=0.01)
    assert seen["app"]["DaysUntilRotation"] == pytest.approx(20, abs=0.01)
    assert (seen["app"]["Late"], seen["app"]["LastRotationSucceeded"]) == (0, 1)
    assert seen["shop-test"] == {"LateSecrets": 0}


def test_a_secret_never_rotated_counts_from_its_creation(service: Service) -> None:
    service.add("app", created=5)
    assert service.watch(app=6 * 24)["app"]["Late"] == 0
    assert service.watch(app=4 * 24)["app"]["Late"] == 1


@pytest.mark.parametrize(
    ("more", "late"),
    [
        ({"NextRotationDate": NOW - 2 * HOUR}, 1),
        ({"NextRotationDate": NOW - HOUR / 2}, 0),
        ({"RotationEnabled": False}, 1),
        ({"RotationEnabled": None}, 1),
        ({}, 0),
    ],
)
def test_what_the_service_says_is_late(service: Service, more: Json, late: int) -> None:
    service.add("app", rotated=10, **more)
    assert service.watch(app=30 * 24)["app"]["Late"] == late


def test_a_date_that_moves_on_hides_no_lateness(service: Service) -> None:
    """After failures the service names a next date, and the value grows old all the same."""
    service.add("app", rotated=200, NextRotationDate=NOW + 3 * DAY)
    seen = service.watch(app=30 * 24)
    assert (seen["app"]["Late"], seen["shop-test"]["LateSecrets"]) == (1, 1)


def test_a_value_stored_by_hand_counts_as_rotated(service: Service) -> None:
    service.add("app", rotated=40)
    service.versions["app"][0]["CreatedDate"] = NOW - DAY
    seen = service.watch(app=30 * 24)["app"]
    assert seen["Late"] == 0
    assert seen["DaysSinceRotation"] == pytest.approx(40, abs=0.01)


@pytest.mark.parametrize(("age", "succeeded"), [(HOUR / 2, 1), (2 * HOUR, 0)])
def test_a_rotation_that_does_not_end(service: Service, age: datetime.timedelta, succeeded: int) -> None:
    service.add("app", rotated=10)
    service.pending("app", age)
    assert service.watch(app=30 * 24)["app"]["LastRotationSucceeded"] == succeeded


def test_a_label_left_on_the_current_version_is_no_unfinished_rotation(service: Service) -> None:
    service.add("app", rotated=10)
    service.versions["app"][0]["VersionStages"] = ["AWSCURRENT", "AWSPENDING"]
    assert service.watch(app=30 * 24)["app"]["LastRotationSucceeded"] == 1


def test_a_secret_that_cannot_be_seen_is_late_and_hides_no_other(
    service: Service, capfd: pytest.CaptureFixture[str]
) -> None:
    service.add("app", rotated=1)
    seen = service.watch(gone=24, app=48)
    assert seen["gone"] == {"Late": 1}
    assert (seen["app"]["Late"], seen["shop-test"]["LateSecrets"]) == (0, 1)
    last = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert (last["level"], last["late"]) == ("WARNING", ["gone"])


def test_many_secrets_are_published_in_several_calls(service: Service) -> None:
    names = [f"app{number}" for number in range(300)]
    for name in names:
        service.add(name, rotated=1)
    seen = service.watch(**dict.fromkeys(names, 48))
    assert len(seen) == 301
    assert service.calls == 3


def test_the_calls_are_those_of_the_client() -> None:
    """The fake above offers nothing that the real client has not."""
    client = boto3.client("secretsmanager")
    assert client.describe_secret
    assert client.list_secret_version_ids
    assert not client.can_paginate("list_secret_version_ids")
    assert boto3.client("cloudwatch").put_metric_data


def test_a_failure_to_publish_is_a_failure(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nothing arrives, and the alarm on silence tells."""
    service.add("app", rotated=1)

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutMetricData")

    monkeypatch.setattr(service, "put_metric_data", refuse)
    with pytest.raises(ClientError):
        service.watch(app=48)
