"""Counts what held and what did not, by stage; every failure is told in the services' own words."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Tally:
    """What the suite has found so far."""

    def __init__(self) -> None:
        self.passed = 0
        self.failures: list[str] = []
        self.notes: list[str] = []
        self.counts: dict[str, Counter[str]] = {}

    def count(self, blueprint: str, what: str, number: int = 1) -> None:
        """Counts what was done for one blueprint."""
        self.counts.setdefault(blueprint, Counter())[what] += number

    def summary(self) -> Iterator[str]:
        """What was done for each blueprint, as lines that the suite shows."""
        columns = ["stacks", "resources", "reads and writes allowed", "denied", "secrets rotated"]
        for blueprint, counts in sorted(self.counts.items()):
            figures = ", ".join(f"{counts[column]} {column}" for column in columns)
            yield f"summary: {blueprint:<10} {figures}"

    def expect(self, held: bool, claim: str) -> bool:
        """Counts one claim."""
        if held:
            self.passed += 1
        else:
            self.failures.append(claim)
        return held

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times a stage and prints its line, with its failures and notes below."""
        begun, passed, failed = time.monotonic(), self.passed, len(self.failures)
        self.notes = []
        try:
            yield
        except Exception as error:
            self.failures.append(f"{name} ended early: {type(error).__name__}: {error}")
        figures = f"{self.passed - passed} passed, {len(self.failures) - failed} failed"
        lines = [f"{name:<12} {time.monotonic() - begun:6.1f} s  {figures}"]
        lines += [f"    {note}" for note in self.notes]
        lines += [f"    FAILED: {failure}" for failure in self.failures[failed:]]
        # In one piece, since two lanes print.
        print("\n".join(lines), flush=True)
