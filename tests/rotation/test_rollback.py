"""Rollback: the value before the last rotation opens the database again and is current, whatever happens on the way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import STRATEGIES, Context, Database, Secrets, Setting, load, record, rotate, step
from points import Points, count, cut_off, instrument
from test_faults import set_by_hand


def previous(setting: Setting) -> str:
    labels = setting.secrets.labels(setting.arn)
    return next(version for version, held in labels.items() if "AWSPREVIOUS" in held)


def rotated(database: Database, strategy: str, times: int = 2) -> Setting:
    setting = Setting(database, strategy)
    for _ in range(times):
        setting.rotate()
    return setting


def test_restores_the_value_before(setting: Setting) -> None:
    for _ in range(2):
        setting.rotate()
    wanted, unwanted = setting.value("AWSPREVIOUS"), setting.value()
    version = previous(setting)
    for _ in range(2):
        setting.step(version, "rollback")
        assert setting.value() == wanted
        assert setting.value("AWSPREVIOUS") == unwanted
        assert setting.opens(wanted)
        assert setting.opens(unwanted) is setting.alternating
    setting.rotate()
    assert setting.opens(setting.value())
    assert setting.value("AWSPREVIOUS") == wanted


def test_restores_while_rotation_is_off(setting: Setting) -> None:
    setting.rotate()
    setting.secrets.api.cancel_rotate_secret(SecretId=setting.arn)
    wanted = setting.value("AWSPREVIOUS")
    setting.step(previous(setting), "rollback")
    assert setting.value() == wanted
    assert setting.opens(wanted)


def test_a_clone_whose_password_was_changed_is_set_again(database: Database) -> None:
    setting = rotated(database, "alternating-users")
    wanted = setting.value("AWSPREVIOUS")
    set_by_hand(database, wanted["username"], "Other-1")
    assert not setting.opens(wanted)
    setting.step(previous(setting), "rollback")
    assert setting.opens(wanted)
    assert setting.value() == wanted


def test_refuses_what_is_not_the_version_before(setting: Setting) -> None:
    first = next(iter(setting.secrets.labels(setting.arn)))
    for _ in range(2):
        setting.rotate()
    before = setting.value()
    with pytest.raises(Exception, match=r"not one of the secret's versions|AWSPREVIOUS"):
        setting.step(first, "rollback")
    assert setting.value() == before
    assert setting.opens(before)


def test_refuses_while_a_rotation_is_unfinished(setting: Setting) -> None:
    setting.rotate()
    version = previous(setting)
    setting.step(setting.begin(), "createSecret")
    with pytest.raises(Exception, match="unfinished"):
        setting.step(version, "rollback")
    assert setting.opens(setting.value())


def test_refuses_a_value_for_another_host(setting: Setting) -> None:
    setting.rotate()
    version = previous(setting)
    current = setting.value()
    setting.secrets.put(setting.arn, current | {"host": "elsewhere.example"})
    moved = previous(setting)
    assert moved != version
    with pytest.raises(Exception, match=r"host differs between AWSPREVIOUS and AWSCURRENT|does not follow"):
        setting.step(moved, "rollback")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_killed_anywhere(database: Database, strategy: str) -> None:
    """At every call and statement of a rollback the process ends; run again, it is complete."""
    trial = rotated(database, strategy, times=1)
    points = count(trial, previous(trial), ("rollback",))
    assert points >= 10
    losses = 0
    for point in range(points):
        setting = rotated(database, strategy, times=1)
        wanted, version = setting.value("AWSPREVIOUS"), previous(setting)
        assert cut_off(point, setting, version, ("rollback",)) == 9
        lost = not {"AWSCURRENT", "AWSPREVIOUS"} & setting.open_labels()
        setting.step(version, "rollback")
        losses += lost or setting.value() != wanted or not setting.opens(wanted)
    record(f"rollback killed {database.kind} {strategy}", points, losses)
    assert losses == 0


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_overtaken_anywhere(database: Database, strategy: str) -> None:
    """At each point a second run of the same rollback goes from start to end."""
    trial = rotated(database, strategy, times=1)
    points = count(trial, previous(trial), ("rollback",))
    losses = 0
    for point in range(points):
        setting = rotated(database, strategy, times=1)
        wanted, version = setting.value("AWSPREVIOUS"), previous(setting)
        other = setting.fresh_module()
        module = setting.fresh_module()

        def overtake(setting: Setting = setting, version: str = version, other: Any = other) -> None:
            setting.step(version, "rollback", module=other)

        instrument(module, Points(point, overtake))
        try:
            setting.step(version, "rollback", module=module)
        except Exception as error:
            # The label was moved by the other run, which the service says.
            assert type(error).__name__ in (
                "InvalidParameterException",
                "RotationFailed",
                "ClientError",
                "Refused",
            ), error
        losses += setting.value() != wanted or not setting.opens(wanted)
    record(f"rollback overtaken {database.kind} {strategy}", points, losses)
    assert losses == 0


def test_random_values_move_their_label(secrets: Secrets) -> None:
    arn = secrets.create("first")
    module = load("random_value")
    rotate(module, secrets, arn)
    version = next(one for one, held in secrets.labels(arn).items() if "AWSPREVIOUS" in held)
    step(module, arn, version, "rollback")
    assert secrets.api.get_secret_value(SecretId=arn)["SecretString"] == "first"


def test_new_schedules_are_tried_with_the_current_value(setting: Setting) -> None:
    """The service tries a schedule with testSecret alone, on a version without a value."""
    token = setting.begin()
    setting.step(token, "testSecret")
    copied = setting.begin_with(setting.first)
    setting.step(copied, "testSecret")
    assert setting.opens(setting.first)


def test_new_schedules_are_refused_where_the_current_value_opens_nothing(database: Database) -> None:
    setting = Setting(database, "single-user")
    setting.secrets.put(setting.arn, setting.first | {"password": "Wr0ng"})
    with pytest.raises(Exception, match="refused"):
        setting.step(setting.begin(), "testSecret")


def test_secrets_without_a_value_have_nothing_to_try(secrets: Secrets, monkeypatch: Any) -> None:
    arn = secrets.create("x")
    token = secrets.begin(arn)
    module = load("random_value")
    monkeypatch.setattr(module.Rotation, "text", lambda *_: None)
    step(module, arn, token, "testSecret")


def test_an_empty_pending_version_never_becomes_current(setting: Setting) -> None:
    token = setting.begin()
    setting.step(token, "testSecret")
    with pytest.raises(Exception, match="has no value"):
        setting.step(token, "finishSecret")
    assert setting.value() == setting.first


def test_the_runbook_event_is_the_functions_own(setting: Setting) -> None:
    """Systems Manager passes texts; nothing else is in the event."""
    setting.rotate()
    event = {"Step": "rollback", "SecretId": setting.arn, "ClientRequestToken": previous(setting)}
    setting.module.handler(json.loads(json.dumps(event)), Context())
    assert setting.value() == setting.first
