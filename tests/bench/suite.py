"""Runs the bench: starts the servers, every stage in turn, and stops them; the last line says how many claims held."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import access
import clouds
import deploy
import events
import lifecycle
import lookup
import mutations
import places
import retrieval
import rotations
import tasks
import trouble
from databases import MySql, Postgres
from lane import Lane
from servers import Databases, Emulator
from tally import Tally
from workspace import Json, Stack, compile_workspace, read_blueprints

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "blueprints"
CLIENTS = Path(__file__).with_name("clients.yaml")


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keyprint", type=Path, default=ROOT / "target/debug/keyprint")
    parser.add_argument("--logs", type=Path, default=ROOT / "target/bench")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    folder.chmod(0o755)
    tally = Tally()
    # A suite that is told to end stops its servers first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with Lane(tally, folder / "lane", options.keyprint, SOURCES):
            run(tally, folder, options.keyprint)
    finally:
        keep_logs(folder, options.logs)
    for line in tally.summary():
        print(line)
    print(f"summary: {tally.passed} passed, {len(tally.failures)} failed")
    return 1 if tally.failures or not tally.passed else 0


def run(tally: Tally, folder: Path, keyprint: Path) -> None:
    """Everything between the start and the end of the servers."""
    servers = Databases(folder / "databases")
    try:
        servers.start()
        blueprints = read_blueprints(SOURCES)
        stacks = compile_workspace(keyprint, SOURCES, folder / "out")
        clients = compile_workspace(keyprint, CLIENTS, folder / "clients")
        everything = blueprints | read_blueprints(CLIENTS)
        world = places.world([*stacks, *clients], everything, servers.ports, servers.authority)
        emulator = Emulator(folder / "emulator", world)
        try:
            with tally.stage("start"):
                servers.wait()
                emulator.wait()
                clouds.connect(emulator.url)
                places.prepare([*stacks, *clients])
            stages(tally, folder, keyprint, servers, emulator, stacks, clients, blueprints)
        finally:
            emulator.stop()
    finally:
        servers.stop()


def stages(
    tally: Tally,
    folder: Path,
    keyprint: Path,
    servers: Databases,
    emulator: Emulator,
    stacks: list[Stack],
    clients: list[Stack],
    blueprints: dict[str, Json],
) -> None:
    """What is tried, in an order in which each stage builds on the ones before it."""
    deployer = deploy.Deployer()
    with tally.stage("deploy"):
        deploy_all(tally, deployer, stacks)
    with tally.stage("look up"):
        lookup.check(tally, deployer)
    with tally.stage("access"):
        access.check(tally, blueprints, stacks)
    with tally.stage("events"):
        events.check(tally, deployer)
    with tally.stage("rotation"):
        postgres = Postgres(servers.ports["postgresql"], servers.authority)
        mysql = MySql(servers.ports["mysql"], servers.authority)
        mysql.keep()
        databases = {"postgres": postgres, "mysql": mysql}
        rotations.check(tally, stacks, databases)
    with tally.stage("tasks"):
        tasks.check(tally, stacks, databases)
    with tally.stage("retrieval"):
        retrieval.check(tally, deployer, clients, postgres)
    with tally.stage("trouble"):
        trouble.check(tally, clients[-1], servers, emulator, postgres)
    with tally.stage("life"):
        lifecycle.check(tally, deployer, keyprint, SOURCES / "minimal.yaml", made(folder / "life"))
    with tally.stage("faults"):
        main_stack = next(stack for stack in stacks if stack.name == "minimal-production")
        keys = (folder / "out" / main_stack.path).with_name("keys.template.json")
        mutations.check(tally, deployer, keyprint, main_stack, keys, made(folder / "faults"))


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def deploy_all(tally: Tally, deployer: deploy.Deployer, stacks: list[Stack]) -> None:
    """Every stack in the manifest's order, each in its account and Region."""
    count = 0
    for stack in stacks:
        try:
            status = deployer.deploy(stack)
        except (deploy.Failed, KeyError) as error:
            tally.expect(False, f"{stack.path}: {error}")
            continue
        tally.expect(status == "CREATE_COMPLETE", f"{stack.path}: {status}")
        count += len(stack.template["Resources"])
        tally.count(stack.application, "stacks")
    tally.notes.append(f"{len(deployer.stacks)} of {len(stacks)} stacks, {count} resources")


def keep_logs(folder: Path, logs: Path) -> None:
    """Leaves the servers' logs where the suite's logs are, and removes the rest."""
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    for path in folder.rglob("*.log"):
        # Two lanes have logs of the same name.
        shutil.copy(path, logs / "-".join(path.relative_to(folder).parts))
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
