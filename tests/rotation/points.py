"""Places at which a rotation can be cut: before and after each API call, log-in and statement."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import ModuleType
from typing import Any

from conftest import STEPS, Setting

Act = Callable[[], None]


class Points:
    """Counts the points that a run passes and acts at one of them."""

    def __init__(self, at: int = -1, act: Act | None = None) -> None:
        self.passed = 0
        self.at = at
        self.act = act

    def tick(self) -> None:
        point, self.passed = self.passed, self.passed + 1
        if point == self.at and self.act:
            self.act()

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def cut(*arguments: Any, **options: Any) -> Any:
            self.tick()
            try:
                return call(*arguments, **options)
            finally:
                self.tick()

        return cut


class Client:
    """An AWS client whose every call is a point before and after."""

    def __init__(self, client: Any, points: Points) -> None:
        self.client = client
        self.points = points
        self.exceptions = client.exceptions

    def __getattr__(self, name: str) -> Any:
        return self.points.around(getattr(self.client, name))


def instrument(module: ModuleType, points: Points) -> None:
    make = module.service
    module.__dict__["service"] = lambda *names, **options: Client(make(*names, **options), points)
    session = getattr(module, "PostgreSql", None) or module.MySql
    session.__init__ = points.around(session.__init__)
    session.query = points.around(session.query)


def count(setting: Setting, version: str = "", steps: tuple[str, ...] = STEPS) -> int:
    """How many points a complete rotation, or other steps, pass. They are done once."""
    points = Points()
    module = setting.fresh_module()
    instrument(module, points)
    token = version or setting.begin()
    for name in steps:
        setting.step(token, name, module=module)
    return points.passed


def cut_off(point: int, setting: Setting, token: str, steps: tuple[str, ...] = STEPS) -> int:
    """Run the steps in a process of their own that ends without notice at a point."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            module = setting.fresh_module()
            instrument(module, Points(point, lambda: os._exit(9)))
            for name in steps:
                setting.step(token, name, module=module)
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
