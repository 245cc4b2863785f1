"""What a rotation refuses, and how it fails: cleanly, in time, and with the old password in force."""

from __future__ import annotations

import json
import os
import ssl
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import impostors
import pytest
from bench import SUPERUSER_PASSWORD, free_ports
from conftest import BENCH, STATE, STEPS, Database, Json, PostgreSql, Secrets, Setting, load, rotate
from impostors import Impostor


def fails(setting: Setting, token: str, name: str, text: str, seconds: float = 30) -> None:
    with pytest.raises(Exception, match=text):
        setting.step(token, name, seconds)


def to_set(setting: Setting) -> str:
    token = setting.begin()
    setting.step(token, "createSecret")
    return token


def make_pending(setting: Setting, **change: Any) -> str:
    """A rotation whose createSecret was done by somebody else."""
    token = setting.begin()
    user = setting.user + "_clone" if setting.alternating else setting.user
    text = setting.first | {"username": user, "password": "Pending-1"} | change
    request = {"SecretId": setting.arn, "ClientRequestToken": token, "VersionStages": ["AWSPENDING"]}
    setting.secrets.api.put_secret_value(**request, SecretString=json.dumps(text))
    return token


@pytest.mark.parametrize("name", STEPS)
def test_guards(name: str) -> None:
    setting = Setting(PostgreSql(), "single-user")
    token = setting.begin()
    fails(setting, str(uuid.uuid4()), name, "not one of the secret's versions")
    setting.secrets.api.cancel_rotate_secret(SecretId=setting.arn)
    fails(setting, token, name, "rotation is not enabled")
    setting.secrets.api.rotate_secret(SecretId=setting.arn, ClientRequestToken=token)
    api = setting.secrets.api
    api.update_secret_version_stage(
        SecretId=setting.arn, VersionStage="AWSPENDING", RemoveFromVersionId=token
    )
    fails(setting, token, name, "not one of|not labelled AWSPENDING")
    setting.secrets.api.put_secret_value(
        SecretId=setting.arn, ClientRequestToken=token, SecretString="{}", VersionStages=["OTHER"]
    )
    fails(setting, token, name, "not labelled AWSPENDING")


@pytest.mark.parametrize("name", STEPS)
def test_a_current_version_is_left_alone(setting: Setting, name: str) -> None:
    token = setting.rotate()
    before = setting.secrets.labels(setting.arn), setting.value()
    setting.step(token, name)
    assert (setting.secrets.labels(setting.arn), setting.value()) == before


def test_unknown_steps_are_refused() -> None:
    setting = Setting(PostgreSql(), "single-user")
    fails(setting, setting.begin(), "create_secret", "unknown step create_secret")


@pytest.mark.parametrize("name", ["setSecret", "testSecret"])
@pytest.mark.parametrize(
    "change", [{"host": "elsewhere.example"}, {"username": "postgres"}, {"port": 1}, {"masterarn": "x"}]
)
def test_a_pending_value_for_another_place_is_refused(setting: Setting, name: str, change: Json) -> None:
    token = make_pending(setting, **change)
    fails(setting, token, name, "differs between|does not follow")
    assert setting.opens(setting.first)


@pytest.mark.parametrize("key", ["host", "username", "password"])
def test_missing_keys_are_named(key: str) -> None:
    setting = Setting(PostgreSql(), "single-user")
    value = dict(setting.first)
    del value[key]
    arn = setting.secrets.create(value)
    with pytest.raises(Exception, match=key):
        rotate(setting.module, setting.secrets, arn)


@pytest.mark.parametrize("text", ["not json", "[1]"])
def test_other_shapes_are_refused_without_showing_them(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    secrets = Secrets()
    with pytest.raises(Exception, match="is not"):
        rotate(load("postgresql"), secrets, secrets.create(text))
    assert text not in capfd.readouterr().out


def test_wrong_superuser_password(database: Database) -> None:
    setting = Setting(database, "alternating-users")
    setting.secrets.put(setting.superuser, {"username": database.superuser, "password": "wrong"})
    fails(setting, to_set(setting), "setSecret", "log-in refused")
    assert setting.opens(setting.first)


def test_superuser_of_another_host(database: Database) -> None:
    setting = Setting(database, "alternating-users")
    setting.secrets.put(setting.superuser, {"username": "x", "password": "y", "host": "elsewhere.example"})
    fails(setting, to_set(setting), "setSecret", "another host")


def test_superuser_without_rights(database: Database) -> None:
    setting = Setting(database, "alternating-users")
    user = f"weak{os.getpid()}"
    database.make_user(user, "Weak-1")
    setting.secrets.put(setting.superuser, {"username": user, "password": "Weak-1"})
    fails(setting, to_set(setting), "setSecret", "refused with (state 42501|error 1142)")
    assert setting.opens(setting.first)


def test_no_superuser(database: Database) -> None:
    setting = Setting(database, "alternating-users")
    del setting.first["masterarn"]
    setting.secrets.put(setting.arn, setting.first)
    fails(setting, to_set(setting), "setSecret", "masterarn")


def test_user_that_does_not_exist(setting: Setting) -> None:
    drop(setting)
    expected = "does not exist" if setting.alternating else "neither AWSCURRENT, AWSPREVIOUS nor AWSPENDING"
    fails(setting, to_set(setting), "setSecret", expected)


def drop(setting: Setting) -> None:
    if setting.database.kind == "mysql":
        setting.database.run(f"DROP USER `{setting.user}`@'%'")
    else:
        setting.database.run(f'DROP ROLE "{setting.user}"')


def test_clone_names_have_a_limit(database: Database) -> None:
    user = f"u{os.getpid()}".ljust(58 if database.kind == "postgresql" else 75, "x")
    setting = Setting(database, "alternating-users", user)
    fails(setting, to_set(setting), "setSecret", "is longer than")


def test_read_only_whole_server(setting: Setting) -> None:
    database = setting.database
    token = to_set(setting)
    on, off = read_only(setting)
    database.run(*on)
    try:
        if setting.alternating:
            weak = setting.secrets.value(setting.superuser) | {"username": "bounded", "password": "Bounded-1"}
            setting.secrets.put(setting.superuser, weak)
        fails(setting, token, "setSecret", "refused with (state 25006|error 1290)")
        assert setting.opens(setting.first)
    finally:
        database.run(*off)
    setting.step(token, "setSecret")
    setting.step(token, "testSecret")


def read_only(setting: Setting) -> tuple[list[str], list[str]]:
    """Statements that make the database read-only for the user and for a superuser named bounded."""
    if setting.database.kind == "postgresql":
        make = "CREATE ROLE bounded LOGIN SUPERUSER PASSWORD 'Bounded-1'"
        on = ["DROP ROLE IF EXISTS bounded", make]
        mode = "default_transaction_read_only"
        on += [f"ALTER ROLE {role} SET {mode} = on" for role in ("bounded", f'"{setting.user}"')]
        return on, [f"ALTER ROLE {role} RESET {mode}" for role in ("bounded", f'"{setting.user}"')]
    rights = "SELECT, CREATE USER ON *.*"
    on = ["CREATE OR REPLACE USER bounded@'%' IDENTIFIED BY 'Bounded-1'", f"GRANT {rights} TO bounded@'%'"]
    on += ["GRANT SELECT ON shop.* TO bounded@'%' WITH GRANT OPTION", "SET GLOBAL read_only = 1"]
    return on, ["SET GLOBAL read_only = 0"]


def test_too_many_sessions_is_tried_again(capfd: pytest.CaptureFixture[str]) -> None:
    setting = Setting(PostgreSql(), "single-user")
    token = to_set(setting)
    setting.step(token, "setSecret")
    setting.database.run(f'ALTER ROLE "{setting.user}" CONNECTION LIMIT 0')
    fails(setting, token, "testSecret", "takes no sessions now")
    assert capfd.readouterr().out.count("trying again") == 2


def test_refusals_are_not_tried_again(setting: Setting, capfd: pytest.CaptureFixture[str]) -> None:
    token = to_set(setting)
    fails(setting, token, "testSecret", "log-in refused")
    assert "trying again" not in capfd.readouterr().out


def test_database_that_is_down(database: Database, capfd: pytest.CaptureFixture[str]) -> None:
    setting = Setting(database, "single-user")
    setting.secrets.put(setting.arn, setting.first | {"port": free_ports(1)[0]})
    fails(setting, to_set(setting), "setSecret", "no connection to 127.0.0.1")
    assert capfd.readouterr().out.count("trying again") == 2


def test_database_that_does_not_answer(setting: Setting) -> None:
    impostor = Impostor(impostors.never_answers)
    setting.secrets.put(setting.arn, setting.first | {"port": impostor.port})
    token = to_set(setting)
    started = time.monotonic()
    fails(setting, token, "setSecret", "connection lost|time of the function", seconds=5)
    assert time.monotonic() - started < 5
    assert impostor.visits == 1


def test_slow_statements_end_before_the_function() -> None:
    setting = Setting(PostgreSql(), "single-user")
    token = to_set(setting)
    session = setting.database.connect("postgres", SUPERUSER_PASSWORD)
    session.autocommit = False
    session.cursor().execute(f'ALTER ROLE "{setting.user}" CONNECTION LIMIT 9')
    started = time.monotonic()
    fails(setting, token, "setSecret", "connection lost", seconds=5)
    assert time.monotonic() - started < 5
    session.rollback()
    session.close()
    assert setting.retry(token)
    assert setting.opens(setting.value())


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_throttled_calls_are_tried_again(calls: int) -> None:
    setting = Setting(PostgreSql(), "single-user")
    token = setting.begin()
    throttle(setting, calls)
    for name in STEPS:
        setting.step(token, name)
    assert setting.opens(setting.value())


def throttle(setting: Setting, calls: int) -> None:
    body = f'{{"Count": {calls}}}'.encode()
    headers = {"X-Amz-Target": "test.Throttle"}
    urllib.request.urlopen(urllib.request.Request(STATE["endpoint"], body, headers)).close()


@pytest.fixture
def stranger() -> Iterator[Path]:
    yield BENCH / "stranger.pem"


def test_unknown_authority_is_refused(
    setting: Setting, stranger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = to_set(setting)
    for authority in (str(stranger), stranger.read_text(), ""):
        monkeypatch.setenv("DATABASE_CA", authority)
        fails(setting, token, "setSecret", "certificate refused")
    monkeypatch.setenv("DATABASE_CA", "/nowhere.pem")
    fails(setting, token, "setSecret", "DATABASE_CA holds no certificates")


class StrictSsl:
    """The module ssl of Python 3.13 and later, which is stricter than database clients are."""

    def __getattr__(self, name: str) -> Any:
        return getattr(ssl, name)

    def create_default_context(self, **options: Any) -> ssl.SSLContext:
        trust = ssl.create_default_context(**options)
        trust.verify_flags |= ssl.VERIFY_X509_STRICT
        return trust


def test_authority_without_optional_fields_is_trusted(setting: Setting) -> None:
    setting.module.__dict__["ssl"] = StrictSsl()
    setting.rotate()
    assert setting.opens(setting.value())


def test_authority_may_be_given_as_text(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_CA", Path(STATE["ca"]).read_text())
    setting.rotate()
    assert setting.opens(setting.value())


def test_name_of_the_certificate_is_checked(setting: Setting) -> None:
    setting.secrets.put(setting.arn, setting.first | {"host": "localhost"})
    fails(setting, to_set(setting), "setSecret", "certificate refused")


def test_secret_cannot_switch_verification_off(
    setting: Setting, stranger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_CA", str(stranger))
    setting.secrets.put(setting.arn, setting.first | {"ssl": False})
    fails(setting, to_set(setting), "setSecret", "certificate refused")


def test_no_password_is_sent_without_encryption() -> None:
    heard: list[bytes] = []
    impostor = Impostor(impostors.postgres_without_tls(heard))
    setting = Setting(PostgreSql(), "single-user")
    setting.secrets.put(setting.arn, setting.first | {"port": impostor.port})
    fails(setting, to_set(setting), "setSecret", "offers no TLS")
    assert len(heard[0]) == 8
    assert heard[1:] in ([], [b""])


def test_plain_text_only_when_the_template_says_so(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_TLS", "off")
    setting.rotate()
    assert setting.opens(setting.value())
    monkeypatch.setenv("DATABASE_TLS", "maybe")
    fails(setting, to_set(setting), "setSecret", "unknown DATABASE_TLS")


def test_server_must_prove_that_it_knows_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_TLS", "off")
    impostor = Impostor(impostors.postgres_that_knows_no_password)
    setting = Setting(PostgreSql(), "single-user")
    setting.secrets.put(setting.arn, setting.first | {"port": impostor.port})
    fails(setting, to_set(setting), "setSecret", "does not know the password")


def test_trusting_server_proves_no_password() -> None:
    setting = Setting(PostgreSql(), "single-user", "trusted")
    fails(setting, to_set(setting), "setSecret", "without a password")


def test_md5_users_stay_md5_users() -> None:
    database = PostgreSql()
    setting = Setting(database, "single-user")
    role = f'"{setting.user}"'
    database.run(
        "SET password_encryption = md5", f"ALTER ROLE {role} PASSWORD 'First-1'", "RESET password_encryption"
    )
    database.run(f"ALTER ROLE {role} SET password_encryption = md5")
    for _ in range(2):
        setting.rotate()
        assert setting.opens(setting.value())
    stored = database.run(f"SELECT rolpassword FROM pg_authid WHERE rolname = '{setting.user}'")
    assert stored[0][0].startswith("md5")


@pytest.fixture
def mysql8() -> impostors.MySql8:
    return impostors.MySql8(str(BENCH / "server.pem"), str(BENCH / "server.key"), "app", "First-1")


def mysql8_secret(secrets: Secrets, port: int) -> str:
    value = {"engine": "mysql", "host": "127.0.0.1", "port": port, "username": "app", "password": "First-1"}
    return secrets.create(value)


def test_mysql8_rotates(secrets: Secrets, mysql8: impostors.MySql8, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCLUDE_CHARACTERS", "")
    arn = mysql8_secret(secrets, Impostor(mysql8).port)
    for _ in range(3):
        rotate(load("mysql"), secrets, arn)
        assert mysql8.password == secrets.value(arn)["password"]
    assert mysql8.cached
    changes = [statement for statement in mysql8.statements if statement.startswith("ALTER")]
    assert len(changes) == 3


def test_mysql8_gets_no_clear_password_without_tls(
    secrets: Secrets, mysql8: impostors.MySql8, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_TLS", "off")
    arn = mysql8_secret(secrets, Impostor(mysql8).port)
    with pytest.raises(Exception, match="asks for the password without TLS"):
        rotate(load("mysql"), secrets, arn)
    assert not any(b"First-1" in packet for packet in mysql8.heard)


def test_mysql8_without_tls_is_refused(secrets: Secrets, mysql8: impostors.MySql8) -> None:
    mysql8.offers_tls = False
    arn = mysql8_secret(secrets, Impostor(mysql8).port)
    with pytest.raises(Exception, match="offers no TLS"):
        rotate(load("mysql"), secrets, arn)
    assert mysql8.heard == []
