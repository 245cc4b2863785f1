"""Rotation of database users against real servers, looked at through independent drivers."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import STATE, STEPS, STRATEGIES, Database, MySql, PostgreSql, Setting


def test_rotates_five_times(setting: Setting) -> None:
    seen = [setting.first]
    for _ in range(5):
        setting.rotate()
        seen.append(setting.value())
        assert setting.opens(seen[-1])
        assert setting.opens(seen[-2]) is setting.alternating
        assert setting.value("AWSPREVIOUS") == seen[-2]
    assert len({value["password"] for value in seen}) == 6
    users = [setting.user, setting.user + "_clone"] if setting.alternating else [setting.user] * 2
    assert [value["username"] for value in seen] == users * 3


def test_labels_end_on_two_versions(setting: Setting) -> None:
    first = next(iter(setting.secrets.labels(setting.arn)))
    token = setting.rotate()
    assert setting.secrets.labels(setting.arn) == {first: ["AWSPREVIOUS"], token: ["AWSCURRENT"]}


def test_every_step_may_be_repeated(setting: Setting) -> None:
    token = setting.begin()
    for name in STEPS:
        setting.step(token, name)
        before = setting.secrets.values(setting.arn), setting.secrets.labels(setting.arn)
        setting.step(token, name)
        assert (setting.secrets.values(setting.arn), setting.secrets.labels(setting.arn)) == before
    assert setting.opens(setting.value())


AWKWARD = [
    ("back\\slash", "\\'\"`;--%s{}$1 "),
    ("quo'te", "''''''''"),
    ('dou"ble', 'a"b$$c$tag$'),
    ("semi;colon-- ", "\\\\n\\0x"),
    ("Sp ace`tick", "`~!@#$%^&*()_+ "),
    ("per%cent_", "caf\u00e9-\u00df\u00fc\u2126\u00a0x"),
]


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("case", range(len(AWKWARD)))
def test_special_characters(
    database: Database, strategy: str, case: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing is excluded, so that the generated passwords are awkward as well.
    monkeypatch.setenv("EXCLUDE_CHARACTERS", "")
    monkeypatch.setenv("PASSWORD_LENGTH", "60")
    user, password = AWKWARD[case]
    setting = Setting(database, strategy, f"{user}{os.getpid()}_{case}{strategy[0]}", password)
    for _ in range(2):
        setting.rotate()
        assert setting.opens(setting.value())


def test_chosen_passwords_survive_quoting(database: Database) -> None:
    for _, password in AWKWARD:
        setting = Setting(database, "single-user")
        token = setting.begin()
        pending = setting.first | {"password": password}
        setting.secrets.api.put_secret_value(
            SecretId=setting.arn,
            ClientRequestToken=token,
            SecretString=json.dumps(pending),
            VersionStages=["AWSPENDING"],
        )
        for name in STEPS:
            setting.step(token, name)
        assert setting.opens(pending)


def test_no_password_reaches_a_log(setting: Setting, capfd: pytest.CaptureFixture[str]) -> None:
    values = [setting.first]
    for _ in range(2):
        setting.rotate()
        values.append(setting.value())
    output = capfd.readouterr()
    server_log = Path(STATE["logs"][setting.database.kind]).read_text(errors="replace")
    for value in values[1:]:
        password = str(value["password"])
        assert password not in output.out + output.err
        assert password not in server_log
    lines = [json.loads(line) for line in output.out.splitlines()]
    finished = [line for line in lines if line["step"] == "finishSecret"]
    assert len(finished) == 2
    for line in lines:
        assert line["secret"] == setting.arn
        assert line["duration_ms"] >= 0
        assert line["version"]


def test_single_user_falls_back_to_previous(database: Database) -> None:
    setting = Setting(database, "single-user")
    # Someone stored a value that was never set in the database.
    setting.secrets.put(setting.arn, setting.first | {"password": "never-set"})
    setting.rotate()
    assert setting.opens(setting.value())


def test_clone_acts_as_the_base_user_of_postgresql() -> None:
    database = PostgreSql()
    setting = Setting(database, "alternating-users")
    user, clone = setting.user, setting.user + "_clone"
    database.run(
        f"CREATE SCHEMA {user} AUTHORIZATION {user}",
        f"ALTER ROLE {user} CONNECTION LIMIT 7 VALID UNTIL '2099-01-01'",
        f"ALTER ROLE {user} SET search_path = {user}, \"odd, name\", 'x''y'",
        f"ALTER ROLE {user} IN DATABASE postgres SET work_mem = '7MB'",
        f"ALTER ROLE {user} SET app.tenant = 'a''b\\c'",
    )
    setting.rotate()
    rows = database.run(
        "SELECT rolname, rolconnlimit, rolvaliduntil FROM pg_roles "
        f"WHERE rolname IN ('{user}', '{clone}') ORDER BY rolname"
    )
    assert [rows[0][1:], rows[1][1:]] == [rows[0][1:]] * 2
    kept = settings_of(database, user)
    kept[0][1].append(f"role={user}")
    assert settings_of(database, clone) == kept
    session = database.connect(clone, setting.value()["password"])
    cursor = session.cursor()
    cursor.execute("CREATE TABLE made_by_clone (id int)")
    session.close()
    owner = database.run(f"SELECT tableowner FROM pg_tables WHERE schemaname = '{user}'")
    assert [list(row) for row in owner] == [[user]]


def settings_of(database: Database, user: str) -> list[list[Any]]:
    rows = database.run(
        "SELECT coalesce(d.datname, ''), s.setconfig FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole "
        f"LEFT JOIN pg_database d ON d.oid = s.setdatabase WHERE r.rolname = '{user}' ORDER BY 1"
    )
    return [list(row) for row in rows]


def test_superuser_without_superuser_rights_suffices() -> None:
    database = PostgreSql()
    database.run(
        "DROP ROLE IF EXISTS operator", "CREATE ROLE operator LOGIN CREATEROLE PASSWORD 'Operator-1'"
    )
    setting = Setting(database, "alternating-users")
    setting.secrets.put(setting.superuser, {"username": "operator", "password": "Operator-1"})
    for _ in range(3):
        setting.rotate()
        assert setting.opens(setting.value())


def test_clone_holds_the_grants_of_mariadb() -> None:
    database = MySql()
    setting = Setting(database, "alternating-users")
    user, clone = f"`{setting.user}`", f"`{setting.user}_clone`"
    database.run(
        f"CREATE USER {user}@'127.0.0.1' IDENTIFIED BY 'First-1' REQUIRE SSL",
        f"GRANT INSERT, SELECT (id) ON shop.orders TO {user}@'127.0.0.1' WITH GRANT OPTION",
        f"GRANT USAGE ON *.* TO {user}@'%' WITH MAX_USER_CONNECTIONS 9",
        "CREATE ROLE IF NOT EXISTS clerk",
        f"GRANT clerk TO {user}@'%'",
        f"SET DEFAULT ROLE clerk FOR {user}@'%'",
    )
    setting.rotate()
    for host in ("%", "127.0.0.1"):
        held = grants_of(database, f"{user}@`{host}`")
        assert grants_of(database, f"{clone}@`{host}`") == [line.replace(user, clone) for line in held]
    database.run(f"GRANT UPDATE ON shop.notes TO {user}@'%'")
    setting.rotate()
    setting.rotate()
    assert any("UPDATE" in line for line in grants_of(database, f"{clone}@`%`"))


def grants_of(database: Database, account: str) -> list[str]:
    rows = database.run(f"SHOW GRANTS FOR {account}")
    return [re.sub(" IDENTIFIED BY PASSWORD '.*?'", "", row[0]) for row in rows]


def test_a_revoked_grant_does_not_come_back() -> None:
    database = MySql()
    setting = Setting(database, "alternating-users")
    setting.rotate()
    database.run(f"REVOKE SELECT ON shop.* FROM `{setting.user}`@'%'")
    setting.rotate()
    assert not any("SELECT" in line for line in grants_of(database, f"`{setting.user}`@`%`"))


def test_password_policy_of_a_whole_server() -> None:
    database = MySql()
    database.run("INSTALL SONAME 'simple_password_check'")
    try:
        for strategy in STRATEGIES:
            setting = Setting(database, strategy, password="First-1-word")
            setting.rotate()
            assert setting.opens(setting.value())
    finally:
        database.run("UNINSTALL SONAME 'simple_password_check'")
