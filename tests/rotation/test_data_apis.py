"""Rotation through the Data APIs, played by fakes that run the statements in real servers.

PostgreSQL stands in for Redshift: it knows the same statement and the same MD5 form.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError
from conftest import STEPS, Database, Json, MySql, PostgreSql, Secrets, Setting, load, rotate, step


class DataApi:
    """Both APIs; statements run as the server's superuser."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.statements: list[str] = []
        self.errors: list[str] = []
        self.found: list[Any] = []
        self.waits = 1

    def execute_statement(self, **request: Any) -> Json:
        if self.errors:
            code = self.errors.pop(0)
            raise ClientError({"Error": {"Code": code, "Message": f"near {request}"}}, "ExecuteStatement")
        sql = request.get("sql") or request["Sql"]
        self.statements.append(sql)
        self.found = self.database.run(sql)
        return {
            "Id": "statement-1",
            "records": [[{"stringValue": str(cell)} for cell in row] for row in self.found],
        }

    def describe_statement(self, Id: str) -> Json:  # noqa: N803
        if self.waits:
            self.waits -= 1
            return {"Status": "STARTED"}
        return {"Status": "FINISHED", "ResultRows": len(self.found)}


def prepare(kind: str, database: Database, engine: str) -> tuple[Setting, ModuleType, DataApi]:
    setting = Setting(database, "single-user")
    setting.first |= {"engine": engine, "masterarn": "arn:of:the:superuser"}
    setting.secrets.put(setting.arn, setting.first)
    api, module = DataApi(database), load(kind)
    real = module.service
    module.__dict__["service"] = lambda name, *rest, **options: (
        real(name, *rest, **options) if name == "secretsmanager" else api
    )
    return setting, module, api


CASES: list[tuple[str, type[Database], str]] = [
    ("rds_data", PostgreSql, "aurora-postgresql"),
    ("rds_data", MySql, "aurora-mysql"),
    ("redshift_data", PostgreSql, "redshift"),
]


@pytest.fixture(params=CASES, ids=lambda case: case[2])
def case(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[Setting, ModuleType, DataApi]:
    monkeypatch.setenv("CLUSTER_ARN", "arn:of:the:cluster")
    monkeypatch.setenv("REDSHIFT_CLUSTER", "warehouse")
    kind, database, engine = request.param
    return prepare(kind, database(), engine)


Case = tuple[Setting, ModuleType, DataApi]


def test_rotates(case: Case) -> None:
    setting, module, api = case
    for _ in range(3):
        before = setting.value()
        rotate(module, setting.secrets, setting.arn)
        assert setting.opens(setting.value())
        assert not setting.opens(before)
        assert setting.value("AWSPREVIOUS") == before
    if setting.database.kind == "postgresql":
        assert not any(str(setting.value()["password"]) in statement for statement in api.statements)


def test_steps_may_be_repeated(case: Case) -> None:
    setting, module, _ = case
    token = setting.begin()
    for name in STEPS:
        for _ in range(2):
            step(module, setting.arn, token, name)
    assert setting.opens(setting.value())


def test_a_pending_value_for_another_user_is_refused(case: Case) -> None:
    setting, module, api = case
    token = setting.begin()
    step(module, setting.arn, token, "createSecret")
    setting.secrets.put(setting.arn, setting.first | {"username": "other"})
    for name in ("setSecret", "testSecret"):
        with pytest.raises(Exception, match="differs from AWSCURRENT"):
            step(module, setting.arn, token, name)
    assert api.statements == []


def test_user_that_does_not_exist(case: Case) -> None:
    setting, module, _ = case
    token = setting.begin()
    setting.secrets.put(setting.arn, setting.first | {"username": "nobody_here"})
    step(module, setting.arn, token, "createSecret")
    with pytest.raises(Exception, match="does not exist"):
        step(module, setting.arn, token, "testSecret")


def test_alternating_users_are_refused(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    setting, module, _ = case
    monkeypatch.setenv("ROTATION_STRATEGY", "alternating-users")
    with pytest.raises(Exception, match="single user"):
        step(module, setting.arn, setting.begin(), "createSecret")


def test_paused_cluster_is_waited_for_and_errors_show_no_statement(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLUSTER_ARN", "arn:of:the:cluster")
    setting, module, api = prepare("rds_data", PostgreSql(), "aurora-postgresql")
    token = setting.begin()
    step(module, setting.arn, token, "createSecret")
    api.errors = ["DatabaseResumingException"]
    step(module, setting.arn, token, "setSecret")
    assert setting.opens(setting.value("AWSPENDING"))
    api.errors = ["BadRequestException"]
    with pytest.raises(Exception, match=r"refused with BadRequestException$"):
        step(module, setting.arn, token, "setSecret")
    assert "ALTER" not in capfd.readouterr().out


def test_upper_case_redshift_users_are_refused(secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDSHIFT_WORKGROUP", "warehouse")
    module = load("redshift_data")
    value = {"username": "Loader", "password": "x", "masterarn": "arn:of:the:superuser"}
    arn = secrets.create(value)
    with pytest.raises(Exception, match="lower case"):
        rotate(module, secrets, arn)
