"""What the tests share: the bench's servers, the assembled functions, and peers that log in."""

from __future__ import annotations

import functools
import importlib.util
import itertools
import json
import os
import socket
import ssl
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import boto3
import pg8000.dbapi  # type: ignore[import-untyped]
import pymysql
import pytest
from bench import SUPERUSER_PASSWORD

BENCH = Path(os.environ["ROTATION_BENCH"])
STATE = json.loads((BENCH / "state.json").read_text())
FUNCTIONS = Path(os.environ["ROTATION_FUNCTIONS"])
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
NUMBERS = itertools.count(1)
Json = dict[str, Any]


class Context:
    """What Lambda passes: the time that is left."""

    def __init__(self, seconds: float = 30) -> None:
        self.milliseconds = int(seconds * 1000)

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def load(kind: str, addition: str = "") -> ModuleType:
    """The assembled function as Lambda imports it."""
    name = f"index_{kind}_{next(NUMBERS)}"
    spec = importlib.util.spec_from_loader(name, loader=None)
    assert spec
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    exec(compiled(kind, addition), module.__dict__)
    return module


@functools.cache
def compiled(kind: str, addition: str) -> CodeType:
    path = FUNCTIONS / kind / "index.py"
    return compile(path.read_text() + addition, str(path), "exec")


@functools.cache
def own_client() -> Any:
    return boto3.client("secretsmanager", endpoint_url=STATE["endpoint"])


class Secrets:
    """The test's own view of Secrets Manager."""

    def __init__(self) -> None:
        self.api = own_client()

    def create(self, value: Json | str) -> str:
        text = value if isinstance(value, str) else json.dumps(value)
        created = self.api.create_secret(Name=f"s{next(NUMBERS)}-{os.getpid()}", SecretString=text)
        return str(created["ARN"])

    def begin(self, arn: str) -> str:
        token = str(uuid.uuid4())
        self.api.rotate_secret(SecretId=arn, ClientRequestToken=token)
        return token

    def value(self, arn: str, label: str = "AWSCURRENT") -> Json:
        answer = self.api.get_secret_value(SecretId=arn, VersionStage=label)
        value: Json = json.loads(answer["SecretString"])
        return value

    def values(self, arn: str) -> dict[str, Json]:
        """The values that labels name, leaving out versions without one."""
        found = {}
        for label in ("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"):
            try:
                found[label] = self.value(arn, label)
            except self.api.exceptions.ResourceNotFoundException:
                continue
        return found

    def labels(self, arn: str) -> dict[str, list[str]]:
        labels: dict[str, list[str]] = self.api.describe_secret(SecretId=arn)["VersionIdsToStages"]
        return labels

    def put(self, arn: str, value: Json) -> None:
        self.api.put_secret_value(SecretId=arn, SecretString=json.dumps(value))


def step(module: ModuleType, arn: str, token: str, name: str, seconds: float = 30) -> None:
    event = {"SecretId": arn, "ClientRequestToken": token, "Step": name}
    module.handler(event, Context(seconds))


def rotate(module: ModuleType, secrets: Secrets, arn: str) -> str:
    token = secrets.begin(arn)
    for name in STEPS:
        step(module, arn, token, name)
    return token


class PostgreSql:
    """A peer's view of PostgreSQL, through pg8000."""

    kind = "postgresql"
    engine = "postgres"
    superuser = "postgres"
    port: int = STATE["postgresql"]

    def connect(self, user: str, password: str, database: str = "postgres") -> Any:
        trust = ssl.create_default_context(cafile=STATE["ca"])
        # The driver's own socket would wait 40 ms for an acknowledgement.
        line = socket.create_connection(("127.0.0.1", self.port), 10)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        where = {"host": "127.0.0.1", "sock": line, "database": database}
        try:
            connection = pg8000.dbapi.connect(user=user, password=password, ssl_context=trust, **where)
        except BaseException:
            line.close()
            raise
        connection.autocommit = True
        return connection

    def run(self, *statements: str) -> list[Any]:
        cursor = administrator(self).cursor()
        for statement in statements:
            cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []

    def opens(self, user: str, password: str) -> bool:
        try:
            self.connect(user, password).close()
        except pg8000.dbapi.DatabaseError as error:
            if error.args[0]["C"] in ("28P01", "28000"):
                return False
            raise
        return True

    def make_user(self, user: str, password: str) -> None:
        role = '"' + user.replace('"', '""') + '"'
        literal = "'" + password.replace("'", "''") + "'"
        self.run(f"CREATE ROLE {role} LOGIN PASSWORD {literal}")


class MySql:
    """A peer's view of MariaDB, through PyMySQL."""

    kind = "mysql"
    engine = "mariadb"
    superuser = "admin"
    port: int = STATE["mysql"]

    def connect(self, user: str, password: str) -> Any:
        where = {"host": "127.0.0.1", "port": self.port, "autocommit": True}
        tls = {"ssl_ca": STATE["ca"], "ssl_verify_cert": True, "ssl_verify_identity": True}
        # The driver would send text as Latin-1.
        return pymysql.connect(user=user, password=password.encode(), **where, **tls)  # type: ignore[call-overload]

    def run(self, *statements: str) -> list[Any]:
        cursor = administrator(self).cursor()
        for statement in statements:
            cursor.execute(statement)
        return list(cursor.fetchall())

    def opens(self, user: str, password: str) -> bool:
        try:
            self.connect(user, password).close()
        except pymysql.err.OperationalError as error:
            if error.args[0] in (1045, 1698):
                return False
            raise
        return True

    def make_user(self, user: str, password: str) -> None:
        account = f"'{escaped(user)}'@'%'"
        self.run(
            f"CREATE USER {account} IDENTIFIED BY '{escaped(password)}'",
            f"GRANT SELECT ON shop.* TO {account}",
        )


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


Database = PostgreSql | MySql
ADMINISTRATORS: dict[str, Any] = {}


def administrator(database: Database) -> Any:
    """One lasting session per server, for what tests arrange and look up."""
    if database.kind not in ADMINISTRATORS:
        ADMINISTRATORS[database.kind] = database.connect(database.superuser, SUPERUSER_PASSWORD)
    return ADMINISTRATORS[database.kind]


class Setting:
    """A user in a real database with its secret, and the function that rotates it."""

    def __init__(self, database: Database, strategy: str, user: str = "", password: str = "First-1") -> None:
        self.database = database
        self.strategy = strategy
        self.alternating = strategy == "alternating-users"
        self.secrets = Secrets()
        os.environ["ROTATION_STRATEGY"] = strategy
        self.user = user or f"app{os.getpid()}_{next(NUMBERS)}"
        database.make_user(self.user, password)
        self.first = {
            "engine": database.engine,
            "host": "127.0.0.1",
            "port": database.port,
            "username": self.user,
            "password": password,
        }
        if self.alternating:
            admin = {"username": database.superuser, "password": SUPERUSER_PASSWORD, "host": "127.0.0.1"}
            self.superuser = self.secrets.create(admin)
            self.first["masterarn"] = self.superuser
        self.arn = self.secrets.create(self.first)
        self.module = self.fresh_module()

    def fresh_module(self) -> ModuleType:
        return load(self.database.kind)

    def rotate(self) -> str:
        return rotate(self.module, self.secrets, self.arn)

    def begin(self) -> str:
        return self.secrets.begin(self.arn)

    def begin_with(self, value: Json) -> str:
        """A rotation whose pending version holds a value already."""
        labels = self.secrets.labels(self.arn).items()
        for version in [version for version, held in labels if held == ["AWSPENDING"]]:
            self.secrets.api.update_secret_version_stage(
                SecretId=self.arn, VersionStage="AWSPENDING", RemoveFromVersionId=version
            )
        token = self.begin()
        request = {"SecretId": self.arn, "ClientRequestToken": token, "VersionStages": ["AWSPENDING"]}
        self.secrets.api.put_secret_value(**request, SecretString=json.dumps(value))
        return token

    def step(self, token: str, name: str, seconds: float = 30, module: ModuleType | None = None) -> None:
        step(module or self.module, self.arn, token, name, seconds)

    def retry(self, token: str, times: int = 3) -> bool:
        """The whole rotation again, as the service does after a failed step."""
        for _ in range(times):
            try:
                for name in STEPS:
                    self.step(token, name)
            except Exception:
                continue
            return True
        return False

    def value(self, label: str = "AWSCURRENT") -> Json:
        return self.secrets.value(self.arn, label)

    def open_labels(self) -> set[str]:
        """The labels whose value opens the database."""
        return {label for label, value in self.secrets.values(self.arn).items() if self.opens(value)}

    def opens(self, value: Json) -> bool:
        return self.database.opens(value["username"], value["password"])


DATABASES: dict[str, type[Database]] = {"postgresql": PostgreSql, "mysql": MySql}
STRATEGIES = ("single-user", "alternating-users")


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> Database:
    return DATABASES[request.param]()


@pytest.fixture(params=STRATEGIES)
def setting(request: pytest.FixtureRequest, database: Database) -> Setting:
    return Setting(database, request.param)


@pytest.fixture
def secrets() -> Secrets:
    return Secrets()


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """The function's environment, put back after each test."""
    before = dict(os.environ)
    os.environ.update(
        SECRETS_MANAGER_ENDPOINT=STATE["endpoint"],
        DATABASE_CA=STATE["ca"],
        AWS_DEFAULT_REGION="eu-west-1",
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_EC2_METADATA_DISABLED="true",
    )
    yield
    os.environ.clear()
    os.environ.update(before)


def record(name: str, points: int, losses: int) -> None:
    """A line of the closing report about injected faults."""
    with (BENCH / "injected").open("a") as file:
        file.write(f"{name}: {points} points, {losses} losses\n")


OUTCOMES = {"passed": 0, "failed": 0}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        OUTCOMES["failed"] += 1
    elif report.when == "call" and report.passed:
        OUTCOMES["passed"] += 1


def pytest_sessionfinish() -> None:
    text = f"{OUTCOMES['passed']} passed, {OUTCOMES['failed']} failed\n"
    (BENCH / f"result.{os.getpid()}").write_text(text)
