"""A rotation cut off, overtaken, or crossed by hand at every point loses no access."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from conftest import STEPS, STRATEGIES, Database, Setting, record
from points import Points, count, cut_off, instrument

CASES = [("single-user", "first"), ("alternating-users", "first"), ("alternating-users", "later")]


def make(database: Database, strategy: str, round: str) -> Setting:
    """A user before its first rotation, or one whose clone exists already."""
    setting = Setting(database, strategy)
    if round == "later":
        setting.rotate()
        setting.first = setting.value()
    return setting


@pytest.mark.parametrize(("strategy", "round"), CASES)
def test_killed_anywhere(database: Database, strategy: str, round: str) -> None:
    points = count(make(database, strategy, round))
    assert points > 30
    losses = 0
    for point in range(points):
        setting = make(database, strategy, round)
        token = setting.begin()
        assert cut_off(point, setting, token) == 9
        opening = setting.open_labels()
        # Between setSecret and finishSecret a single user's password is the pending one.
        lost = "AWSCURRENT" not in opening if setting.alternating else not opening
        finished = setting.retry(token, times=1)
        opening = setting.open_labels()
        whole = opening == ({"AWSCURRENT", "AWSPREVIOUS"} if setting.alternating else {"AWSCURRENT"})
        losses += lost or not finished or not whole
        assert "AWSCURRENT" in setting.secrets.labels(setting.arn)[token]
        assert setting.value("AWSPREVIOUS") == setting.first
        assert_complete(setting)
    record(f"killed {database.kind} {strategy} {round}", points, losses)
    assert losses == 0


def assert_complete(setting: Setting) -> None:
    """The current user can do what the first user could."""
    if setting.database.kind == "mysql":
        value = setting.value()
        session = setting.database.connect(value["username"], value["password"])
        session.cursor().execute("SELECT count(*) FROM shop.orders")
        session.close()
    elif setting.alternating:
        query = f"SELECT pg_has_role('{setting.user}_clone', '{setting.user}', 'member')"
        assert setting.database.run(query)[0][0] is True


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_overtaken_anywhere(database: Database, strategy: str) -> None:
    """At each point of a step a second invocation of the same step runs from start to end."""
    points = count(Setting(database, strategy))
    losses = 0
    for point in range(points):
        setting = Setting(database, strategy)
        token = setting.begin()
        other = setting.fresh_module()
        running = ""
        failures: list[str] = []

        def overtake(setting: Setting = setting, token: str = token) -> None:
            setting.step(token, running, module=other)  # noqa: B023

        module = setting.fresh_module()
        instrument(module, Points(point, overtake))
        for name in STEPS:
            running = name
            try:
                setting.step(token, name, module=module)
            except Exception as error:
                failures.append(type(error).__name__)
                break
        if failures:
            assert failures[0] in ("RotationFailed", "Refused")
            assert "AWSCURRENT" in setting.open_labels() or not setting.alternating
        losses += not setting.retry(token, times=1) or "AWSCURRENT" not in setting.open_labels()
        assert "AWSCURRENT" in setting.secrets.labels(setting.arn)[token]
        assert_complete(setting)
    record(f"overtaken {database.kind} {strategy}", points, losses)
    assert losses == 0


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_crossed_by_hand_anywhere(database: Database, strategy: str) -> None:
    """At each point someone sets a password in the database and stores it as AWSCURRENT."""
    points = count(Setting(database, strategy))
    losses = 0
    for point in range(points):
        setting = Setting(database, strategy)
        token = setting.begin()

        def cross(setting: Setting = setting) -> None:
            set_by_hand(setting.database, setting.user, "By-hand-1")
            setting.secrets.put(setting.arn, setting.first | {"password": "By-hand-1"})

        module = setting.fresh_module()
        instrument(module, Points(point, cross))
        try:
            for name in STEPS:
                setting.step(token, name, module=module)
        except Exception as error:
            # The service refuses to take AWSCURRENT from a version that lost it meanwhile.
            known = isinstance(error, ClientError) or type(error).__name__ in ("RotationFailed", "Refused")
            assert known, error
        losses += not {"AWSCURRENT", "AWSPREVIOUS"} & setting.open_labels() and not setting.retry(token)
    record(f"crossed {database.kind} {strategy}", points, losses)
    assert losses == 0


def set_by_hand(database: Database, user: str, password: str) -> None:
    if database.kind == "mysql":
        database.run(f"ALTER USER `{user}`@'%' IDENTIFIED BY '{password}'")
    else:
        database.run(f"ALTER ROLE \"{user}\" PASSWORD '{password}'")


def test_stored_by_hand_and_never_set(setting: Setting) -> None:
    token = setting.begin()
    setting.step(token, "createSecret")
    setting.step(token, "setSecret")
    setting.secrets.put(setting.arn, setting.first | {"password": "Never-set-1"})
    setting.step(token, "testSecret")
    setting.step(token, "finishSecret")
    assert "AWSCURRENT" in setting.open_labels()


def test_stored_by_hand_for_another_host(setting: Setting) -> None:
    token = setting.begin()
    setting.step(token, "createSecret")
    setting.secrets.put(setting.arn, setting.first | {"host": "elsewhere.example"})
    with pytest.raises(Exception, match="host differs"):
        setting.step(token, "setSecret")
    assert setting.opens(setting.first)
