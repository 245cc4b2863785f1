"""The health checks log in to real servers with current values, and publish what they find."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import pytest
from conftest import Context, Database, Json, MySql, PostgreSql, Setting, load


class Checked:
    """What a run published: values by metric, for each secret and for the stack."""

    def __init__(self, lines: list[Json]) -> None:
        self.lines = lines
        self.secrets: dict[str, Json] = {}
        self.failed = None
        for line in lines:
            (described,) = line["_aws"]["CloudWatchMetrics"]
            assert described["Namespace"] == "Keyprint/Health"
            ((dimension,),) = described["Dimensions"]
            values = {metric["Name"]: line[metric["Name"]] for metric in described["Metrics"]}
            if dimension == "Secret":
                self.secrets[line["Secret"]] = values
            else:
                assert line["Stack"] == "shop-test"
                self.failed = values["FailedChecks"]


def check(
    capfd: pytest.CaptureFixture[str],
    database: Database,
    secrets: dict[str, str],
    module: ModuleType | None = None,
    seconds: float = 30,
    **more: Any,
) -> Checked:
    module = module or load(f"check_{database.kind}")
    capfd.readouterr()
    module.handler({"stack": "shop-test", "secrets": secrets} | more, Context(seconds))
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    return Checked([line for line in lines if "_aws" in line])


@pytest.mark.parametrize("how", ["read", "read-and-write"])
def test_a_value_that_opens(setting: Setting, how: str, capfd: pytest.CaptureFixture[str]) -> None:
    if setting.database.kind == "mysql":
        setting.database.run(f"GRANT CREATE TEMPORARY TABLES ON *.* TO `{setting.user}`@'%'")
        setting.secrets.put(setting.arn, setting.first | {"dbname": "shop"})
    for _ in range(2):
        found = check(capfd, setting.database, {setting.arn: how})
        assert found.secrets[setting.arn]["Success"] == 1
        assert 0 < found.secrets[setting.arn]["Latency"] < 10_000
        assert found.failed == 0
        setting.rotate()


def test_a_value_that_opens_nothing(database: Database, capfd: pytest.CaptureFixture[str]) -> None:
    good, bad = Setting(database, "single-user"), Setting(database, "single-user")
    bad.secrets.put(bad.arn, bad.first | {"password": "Wr0ng-one"})
    found = check(capfd, database, {bad.arn: "read", good.arn: "read"})
    assert found.secrets[bad.arn] == {"Success": 0}
    assert found.secrets[good.arn]["Success"] == 1
    assert found.failed == 1
    text = json.dumps(found.lines)
    assert "Wr0ng-one" not in text
    assert "refused" in text


def test_only_the_changed_secret_after_a_rotation(
    database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    one, two = Setting(database, "single-user"), Setting(database, "single-user")
    both = {one.arn: "read", two.arn: "read"}
    assert list(check(capfd, database, both, changed=two.arn).secrets) == [two.arn]
    assert len(check(capfd, database, both, changed="another").secrets) == 2


def test_a_database_that_only_reads(capfd: pytest.CaptureFixture[str]) -> None:
    setting = Setting(PostgreSql(), "single-user")
    setting.database.run(f"ALTER ROLE {setting.user} SET default_transaction_read_only = on")
    assert check(capfd, setting.database, {setting.arn: "read"}).failed == 0
    assert check(capfd, setting.database, {setting.arn: "read-and-write"}).failed == 1


def test_a_mysql_that_only_reads(capfd: pytest.CaptureFixture[str]) -> None:
    setting = Setting(MySql(), "single-user")
    setting.database.run(f"GRANT CREATE TEMPORARY TABLES ON *.* TO `{setting.user}`@'%'")
    setting.secrets.put(setting.arn, setting.first | {"dbname": "shop"})
    module = load("check_mysql")
    query = module.MySql.query
    # The real setting would stop every other test of this server.
    answer = "SELECT 1"
    module.MySql.query = lambda session, sql: query(session, answer if "read_only" in sql else sql)
    assert check(capfd, setting.database, {setting.arn: "read"}, module).failed == 0
    found = check(capfd, setting.database, {setting.arn: "read-and-write"}, module)
    assert found.failed == 1
    assert "read-only" in json.dumps(found.lines)


def test_a_writer_without_the_right_to_write(capfd: pytest.CaptureFixture[str]) -> None:
    setting = Setting(MySql(), "single-user")
    setting.secrets.put(setting.arn, setting.first | {"dbname": "shop"})
    assert check(capfd, setting.database, {setting.arn: "read-and-write"}).failed == 1


def test_the_gap_of_a_single_user_is_waited_out(
    database: Database, capfd: pytest.CaptureFixture[str]
) -> None:
    """Between setSecret and finishSecret the current value is refused; the second attempt reads it anew."""
    setting = Setting(database, "single-user")
    token = setting.begin()
    setting.step(token, "createSecret")
    setting.step(token, "setSecret")
    module = load(f"check_{database.kind}")
    attempt = module.attempt
    attempts: list[int] = []

    def after_the_first(*arguments: Any) -> None:
        if attempts:
            setting.step(token, "testSecret")
            setting.step(token, "finishSecret")
        attempts.append(1)
        attempt(*arguments)

    module.__dict__["attempt"] = after_the_first
    found = check(capfd, database, {setting.arn: "read"}, module)
    assert len(attempts) == 2
    assert found.secrets[setting.arn]["Success"] == 1


def test_a_secret_that_is_gone(capfd: pytest.CaptureFixture[str]) -> None:
    found = check(capfd, PostgreSql(), {"no-such-secret": "read"}, seconds=12)
    assert (found.failed, found.secrets["no-such-secret"]) == (1, {"Success": 0})
