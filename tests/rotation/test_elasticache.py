"""Rotation of ElastiCache users, played by a fake that keeps two passwords and takes its time."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from conftest import STEPS, Json, Secrets, load, rotate, step


class Cache:
    """ModifyUser and DescribeUsers; a change is seen as such for a number of looks."""

    def __init__(self) -> None:
        self.name = "app"
        self.passwords = ["first-password-1"]
        self.modifying = 0
        self.takes = 1
        self.calls: list[str] = []

    def describe_users(self, UserId: str) -> Json:  # noqa: N803
        assert UserId == "sessions-app"
        status = "modifying" if self.modifying else "active"
        self.modifying = max(0, self.modifying - 1)
        authentication = {"Type": "password", "PasswordCount": len(self.passwords)}
        return {"Users": [{"UserName": self.name, "Status": status, "Authentication": authentication}]}

    def modify_user(self, UserId: str, Passwords: list[str]) -> None:  # noqa: N803
        assert UserId == "sessions-app"
        assert not self.modifying, "InvalidUserState"
        assert len(set(Passwords)) == len(Passwords) <= 2
        self.passwords = list(Passwords)
        self.modifying = self.takes


ARN = "arn:aws:elasticache:eu-west-1:111111111111:user:sessions-app"


@pytest.fixture
def cache() -> Cache:
    return Cache()


@pytest.fixture
def module(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = load("elasticache")
    real = module.service
    module.__dict__["service"] = lambda name, *rest: real(name, *rest) if name == "secretsmanager" else cache
    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    return module


def make(secrets: Secrets, **change: Any) -> str:
    return secrets.create({"username": "app", "password": "first-password-1", "user_arn": ARN} | change)


def test_both_passwords_hold_until_the_next_rotation(
    secrets: Secrets, cache: Cache, module: ModuleType
) -> None:
    arn = make(secrets)
    for _ in range(5):
        before = secrets.value(arn)
        rotate(module, secrets, arn)
        after = secrets.value(arn)
        assert cache.passwords == [after["password"], before["password"]]
        assert after | {"password": ""} == before | {"password": ""}


def test_every_step_may_be_repeated(secrets: Secrets, cache: Cache, module: ModuleType) -> None:
    arn = make(secrets)
    token = secrets.begin(arn)
    for name in STEPS:
        step(module, arn, token, name)
        held = list(cache.passwords)
        step(module, arn, token, name)
        assert cache.passwords == held


def test_rolled_back(secrets: Secrets, cache: Cache, module: ModuleType) -> None:
    arn = make(secrets)
    first = secrets.value(arn)
    rotate(module, secrets, arn)
    version = next(one for one, held in secrets.labels(arn).items() if "AWSPREVIOUS" in held)
    step(module, arn, version, "rollback")
    assert secrets.value(arn) == first
    assert cache.passwords[0] == first["password"]


def test_a_user_that_stays_in_change_is_reported(secrets: Secrets, cache: Cache, module: ModuleType) -> None:
    arn = make(secrets)
    token = secrets.begin(arn)
    step(module, arn, token, "createSecret")
    cache.modifying = 10**9
    with pytest.raises(Exception, match="stays modifying"):
        step(module, arn, token, "setSecret", seconds=12.5)
    assert cache.passwords == ["first-password-1"]


def test_another_users_id_is_refused(secrets: Secrets, cache: Cache, module: ModuleType) -> None:
    cache.name = "somebody"
    with pytest.raises(Exception, match="is called somebody"):
        rotate(module, secrets, make(secrets))


@pytest.mark.parametrize("key", ["username", "password", "user_arn"])
def test_missing_keys_are_named(secrets: Secrets, module: ModuleType, key: str) -> None:
    with pytest.raises(Exception, match=f"lacks the key {key}"):
        rotate(module, secrets, make(secrets, **{key: ""}))


def test_a_pending_value_for_another_user_is_refused(
    secrets: Secrets, cache: Cache, module: ModuleType
) -> None:
    arn = make(secrets)
    token = secrets.begin(arn)
    step(module, arn, token, "createSecret")
    secrets.put(arn, secrets.value(arn) | {"user_arn": ARN + "2"})
    with pytest.raises(Exception, match="differs from AWSCURRENT"):
        step(module, arn, token, "setSecret")
    assert cache.passwords == ["first-password-1"]
