"""Readers with a cache, logging in all along while the secret rotates."""

from __future__ import annotations

import threading
import time

import pytest
from conftest import BENCH, Database, Setting

# Far more often than real rotations, so that refreshes meet every step of them.
TIME_TO_LIVE = 0.05


class Reader(threading.Thread):
    """Logs in with a cached value; where that is refused it reads the secret anew, as clients are told to."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(daemon=True)
        self.setting = setting
        self.stopped = threading.Event()
        self.log_ins = self.refused = self.failed = 0
        self.longest_gap = 0.0
        self.value = setting.value()
        self.read = time.monotonic()

    def run(self) -> None:
        while not self.stopped.is_set():
            if time.monotonic() - self.read > TIME_TO_LIVE:
                self.refresh()
            self.log_in()

    def refresh(self) -> None:
        self.value, self.read = self.setting.value(), time.monotonic()

    def log_in(self) -> None:
        started = time.monotonic()
        self.log_ins += 1
        if self.setting.opens(self.value):
            return
        self.refused += 1
        while time.monotonic() - started < 10:
            self.refresh()
            if self.setting.opens(self.value):
                self.longest_gap = max(self.longest_gap, time.monotonic() - started)
                return
            time.sleep(0.01)
        self.failed += 1


@pytest.mark.parametrize("strategy", ["single-user", "alternating-users"])
def test_readers_all_along(database: Database, strategy: str) -> None:
    setting = Setting(database, strategy)
    readers = [Reader(setting) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(5):
            setting.rotate()
            time.sleep(0.2)
    finally:
        for reader in readers:
            reader.stopped.set()
            reader.join(20)
    assert all(reader.log_ins > 10 for reader in readers)
    assert [reader.failed for reader in readers] == [0, 0]
    gap = max(reader.longest_gap for reader in readers)
    refused = sum(reader.refused for reader in readers)
    if setting.alternating:
        assert refused == 0
    # The gap of a single user ends with finishSecret, a moment after setSecret.
    assert gap < 5
    with (BENCH / "injected").open("a") as file:
        text = f"{sum(reader.log_ins for reader in readers)} log-ins, {refused} refused at first, 0 lost"
        file.write(f"readers {database.kind} {strategy}: {text}, longest gap {gap * 1000:.0f} ms\n")
