"""Rotation of what is not a database user: random values, access keys, and keys of an author's hook."""

from __future__ import annotations

import datetime
import json
from types import ModuleType
from typing import Any

import pytest
from botocore.exceptions import ClientError
from conftest import STEPS, Json, Secrets, load, rotate, step


class Killed(BaseException):
    """The process ends here."""


def test_random_text(secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD_LENGTH", "40")
    arn = secrets.create("first")
    seen = set()
    for _ in range(3):
        rotate(load("random_value"), secrets, arn)
        seen.add(secrets.api.get_secret_value(SecretId=arn)["SecretString"])
    assert {len(text) for text in seen} == {40}
    assert len(seen) == 3


def test_random_field(secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANDOM_FIELD", "pepper")
    arn = secrets.create({"pepper": "first", "kept": [1, {"a": None}]})
    for _ in range(3):
        before = secrets.value(arn)
        rotate(load("random_value"), secrets, arn)
        after = secrets.value(arn)
        assert after.pop("pepper") != before.pop("pepper")
        assert after == before == {"kept": [1, {"a": None}]}


def test_random_field_must_exist(secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANDOM_FIELD", "pepper")
    with pytest.raises(Exception, match="lacks the key pepper"):
        rotate(load("random_value"), secrets, secrets.create({"salt": "x"}))


def test_random_field_changed_by_hand_meanwhile(secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANDOM_FIELD", "pepper")
    arn = secrets.create({"pepper": "first", "kept": 1})
    module, token = load("random_value"), secrets.begin(arn)
    step(module, arn, token, "createSecret")
    secrets.put(arn, {"pepper": "first", "kept": 2})
    with pytest.raises(Exception, match="other fields"):
        step(module, arn, token, "testSecret")


@pytest.mark.parametrize(
    ("length", "excluded"),
    [
        ("32", "/@\"'\\"),
        ("4", ""),
        ("200", "abcdefghijklmnopqrstuvwxyz"),
        ("8", "!#$%&()*+,-./:;<=>?[]^_{|}~`"),
    ],
)
def test_passwords_keep_to_the_rules(length: str, excluded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD_LENGTH", length)
    monkeypatch.setenv("EXCLUDE_CHARACTERS", excluded)
    module = load("random_value")
    for _ in range(50):
        password = module.new_password()
        assert len(password) == int(length)
        assert not set(password) & set(excluded)
        for kind in ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"):
            assert set(password) & set(kind) or not set(kind) - set(excluded)


@pytest.mark.parametrize(("length", "excluded"), [("3", ""), ("32", "".join(map(chr, range(33, 127))))])
def test_impossible_rules_are_refused(length: str, excluded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD_LENGTH", length)
    monkeypatch.setenv("EXCLUDE_CHARACTERS", excluded)
    with pytest.raises(Exception, match="leave no password"):
        load("random_value").new_password()


class Iam:
    """The four calls on access keys, with the quota of two keys per user."""

    def __init__(self) -> None:
        self.keys: dict[str, Json] = {}
        self.cut: tuple[str, str] = ("", "")
        self.unknown_for = 0

    def service(self, name: str, endpoint: str | None = None, **options: Any) -> Any:
        return (
            Sts(self, options["aws_access_key_id"], options["aws_secret_access_key"])
            if name == "sts"
            else self
        )

    def age(self, minutes: int = 60) -> None:
        for key in self.keys.values():
            key["created"] -= datetime.timedelta(minutes=minutes)

    def point(self, call: str, when: str) -> None:
        if self.cut == (call, when):
            self.cut = ("", "")
            raise Killed

    def create_access_key(self, UserName: str) -> Json:  # noqa: N803
        self.point("create", "before")
        if len(self.keys) >= 2:
            raise refusal("LimitExceeded", "CreateAccessKey")
        key = f"AKIA{len(self.keys)}{id(object())}{datetime.datetime.now().timestamp()}"
        now = datetime.datetime.now(datetime.UTC)
        self.keys[key] = {"secret": f"secret of {key}", "created": now, "used": None}
        self.point("create", "after")
        return {"AccessKey": {"AccessKeyId": key, "SecretAccessKey": self.keys[key]["secret"]}}

    def list_access_keys(self, UserName: str) -> Json:  # noqa: N803
        keys = [{"AccessKeyId": key, "CreateDate": value["created"]} for key, value in self.keys.items()]
        return {"AccessKeyMetadata": keys}

    def get_access_key_last_used(self, AccessKeyId: str) -> Json:  # noqa: N803
        used = self.keys[AccessKeyId]["used"]
        return {"AccessKeyLastUsed": {"LastUsedDate": used} if used else {}}

    def delete_access_key(self, UserName: str, AccessKeyId: str) -> None:  # noqa: N803
        self.point("delete", "before")
        del self.keys[AccessKeyId]
        self.point("delete", "after")


class Sts:
    """GetCallerIdentity, which learns of new keys a little later."""

    def __init__(self, iam: Iam, key: str, secret: str) -> None:
        self.iam, self.key, self.secret = iam, key, secret

    def get_caller_identity(self) -> Json:
        if self.iam.unknown_for:
            self.iam.unknown_for -= 1
            raise refusal("InvalidClientTokenId", "GetCallerIdentity")
        if self.iam.keys.get(self.key, {}).get("secret") != self.secret:
            raise refusal("SignatureDoesNotMatch", "GetCallerIdentity")
        self.iam.keys[self.key]["used"] = datetime.datetime.now(datetime.UTC)
        return {"Arn": "arn:aws:iam::111111111111:user/path/robot"}


def refusal(code: str, call: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, call)


class Robot:
    """An IAM user whose key stands in a secret."""

    def __init__(self, secrets: Secrets) -> None:
        self.iam = Iam()
        self.secrets = secrets
        key = self.iam.create_access_key(UserName="robot")["AccessKey"]
        self.first = {"userName": "robot", "note": "kept"} | {
            "accessKeyId": key["AccessKeyId"],
            "secretAccessKey": key["SecretAccessKey"],
        }
        self.arn = secrets.create(self.first)
        self.module = load("access_key")
        real = self.module.service
        self.module.__dict__["service"] = lambda name, *rest, **options: (
            real(name, *rest, **options)
            if name == "secretsmanager"
            else self.iam.service(name, *rest, **options)
        )

    def live(self, label: str) -> bool:
        value = self.secrets.value(self.arn, label)
        return bool(self.iam.keys.get(value["accessKeyId"], {}).get("secret") == value["secretAccessKey"])


@pytest.fixture
def robot(secrets: Secrets) -> Robot:
    return Robot(secrets)


def test_access_keys_take_turns(robot: Robot) -> None:
    for _ in range(5):
        before = robot.secrets.value(robot.arn)
        rotate(robot.module, robot.secrets, robot.arn)
        assert robot.secrets.value(robot.arn, "AWSPREVIOUS") == before
        assert robot.live("AWSCURRENT")
        assert robot.live("AWSPREVIOUS")
        assert len(robot.iam.keys) == 2
        assert robot.secrets.value(robot.arn)["note"] == "kept"


def test_new_access_keys_are_waited_for(robot: Robot) -> None:
    robot.iam.unknown_for = 1
    rotate(robot.module, robot.secrets, robot.arn)


def test_no_access_key_reaches_the_log(robot: Robot, capfd: pytest.CaptureFixture[str]) -> None:
    rotate(robot.module, robot.secrets, robot.arn)
    assert "secret of" not in capfd.readouterr().out


@pytest.mark.parametrize("call", ["create", "delete"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_access_key_rotation_killed(robot: Robot, call: str, when: str) -> None:
    rotate(robot.module, robot.secrets, robot.arn)
    robot.iam.cut = (call, when)
    token = robot.secrets.begin(robot.arn)
    with pytest.raises(Killed):
        step(robot.module, robot.arn, token, "createSecret")
    assert robot.live("AWSCURRENT")
    if (call, when) == ("create", "after"):
        # Another invocation could still hold the key, so it is left alone for a while.
        with pytest.raises(Exception, match="moments ago"):
            step(robot.module, robot.arn, token, "createSecret")
        robot.iam.age()
    for name in STEPS:
        step(robot.module, robot.arn, token, name)
    assert robot.live("AWSCURRENT")
    assert len(robot.iam.keys) <= 2


def test_foreign_access_key_is_not_deleted(robot: Robot) -> None:
    foreign = robot.iam.create_access_key(UserName="robot")["AccessKey"]["AccessKeyId"]
    robot.iam.keys[foreign]["used"] = datetime.datetime.now(datetime.UTC)
    robot.iam.age()
    with pytest.raises(Exception, match="is in use and not in the secret"):
        rotate(robot.module, robot.secrets, robot.arn)
    assert foreign in robot.iam.keys


def test_access_key_of_nobody_is_refused(robot: Robot) -> None:
    robot.secrets.put(robot.arn, robot.first | {"accessKeyId": "AKIAELSE"})
    with pytest.raises(Exception, match="AWSCURRENT holds no key of robot"):
        rotate(robot.module, robot.secrets, robot.arn)
    assert len(robot.iam.keys) == 1


PROVIDER = """
KEYS = {}

def create(current):
    import secrets
    key = secrets.token_hex(8)
    KEYS[key] = "live"
    return current | {"key": key}

def set(pending, current):
    KEYS[pending["key"]] = "set"

def test(pending):
    if KEYS.get(pending["key"]) != "set":
        raise RuntimeError("refused")

def retire(previous, current):
    for key in list(KEYS):
        if key != current["key"]:
            del KEYS[key]
"""


def hooked(secrets: Secrets, source: str = PROVIDER) -> tuple[ModuleType, str]:
    module = load("hook", source)
    if hasattr(module, "KEYS"):
        module.KEYS["first"] = "set"
    return module, secrets.create({"key": "first", "scope": "all"})


def test_hook_rotates(secrets: Secrets) -> None:
    module, arn = hooked(secrets)
    for _ in range(4):
        rotate(module, secrets, arn)
        assert module.KEYS[secrets.value(arn)["key"]] == "set"
        assert secrets.value(arn, "AWSPREVIOUS")["key"] in module.KEYS
        assert len(module.KEYS) == 2
        assert secrets.value(arn)["scope"] == "all"


def test_hook_in_a_module_of_its_own(
    secrets: Secrets, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "provider_key.py").write_text(PROVIDER + '\nKEYS["first"] = "set"\n')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("HOOK_MODULE", "provider_key")
    arn = secrets.create({"key": "first"})
    rotate(load("hook"), secrets, arn)
    assert secrets.value(arn)["key"] != "first"


def test_hook_cut_after_create_leaves_no_key_behind(secrets: Secrets) -> None:
    module, arn = hooked(secrets)
    create = module.create

    def cut(current: Json) -> Json:
        create(current)
        raise Killed

    module.create = cut  # type: ignore[attr-defined]
    token = secrets.begin(arn)
    with pytest.raises(Killed):
        step(module, arn, token, "createSecret")
    module.create = create  # type: ignore[attr-defined]
    for name in STEPS:
        step(module, arn, token, name)
    assert sorted(module.KEYS) == sorted({"first", secrets.value(arn)["key"]})


def test_incomplete_hook_is_refused(secrets: Secrets) -> None:
    module, arn = hooked(secrets, PROVIDER.replace("def retire", "def other"))
    with pytest.raises(Exception, match="no function retire"):
        rotate(module, secrets, arn)


def test_failing_hook_keeps_its_text_out_of_our_log(
    secrets: Secrets, capfd: pytest.CaptureFixture[str]
) -> None:
    module, arn = hooked(
        secrets, PROVIDER.replace('"refused"', 'pending["key"] * 2').replace('"set"\n', '"no"\n')
    )
    with pytest.raises(RuntimeError):
        rotate(module, secrets, arn)
    line = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert (line["reason"], line["error"]) == ("unexpected", "RuntimeError")
