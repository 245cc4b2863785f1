"""A second lane beside the suite's stages: the printed plans, and what interrupts them, each in a cloud of their own.

The AWS CLI mostly starts up and waits, and interruptions end clouds; neither may hold up or disturb the other stages.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import clouds
import interruptions
import places
import plans
from deploy import Deployer
from servers import Emulator
from tally import Tally
from workspace import compile_workspace, read_blueprints

# No database runs for this lane; secrets that are attached to one get its address all the same.
PORTS = {"postgresql": 5432, "mysql": 3306}


class Lane:
    """Runs the lane in a process of its own while the block runs, and adds what it found to the suite's tally."""

    def __init__(self, tally: Tally, folder: Path, keyprint: Path, sources: Path) -> None:
        self.tally = tally
        context = multiprocessing.get_context("spawn")
        self.found: Any = context.SimpleQueue()
        self.process = context.Process(target=run, args=(self.found, folder, keyprint, sources))

    def __enter__(self) -> None:
        self.process.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.process.terminate()
        self.process.join()
        if not self.found.empty():
            passed, failures = self.found.get()
            self.tally.passed += passed
            self.tally.failures += failures
        elif kind is None:
            self.tally.expect(False, f"the second lane ended early with {self.process.exitcode}")


def run(found: Any, folder: Path, keyprint: Path, sources: Path) -> None:
    """The lane's stages."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    tally = Tally()
    folder.mkdir()
    out = folder / "out"
    stacks = compile_workspace(keyprint, sources, out)
    blueprints = read_blueprints(sources)
    minimal = sources / "minimal.yaml"
    accounts = {stack.account for stack in stacks} | {plans.ADMINISTRATOR, "222222222222"}
    world = places.world(stacks, blueprints, PORTS, "")
    planner = plans.Planner(tally, keyprint, folder / "plans", accounts)
    emulator = Emulator(folder / "emulator", world)
    try:
        emulator.wait()
        clouds.connect(emulator.url)
        places.prepare(stacks)
        with tally.stage("plans"):
            plans.deploy_all(tally, planner, Deployer(), stacks, out)
        with tally.stage("fleets"):
            plans.check(tally, planner, minimal, stacks, out)
    finally:
        emulator.stop()
    with tally.stage("interrupted"):
        interruptions.check(tally, planner, minimal, folder / "interrupted", world)
    found.put((tally.passed, tally.failures))
