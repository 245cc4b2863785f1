"""Starts the emulator and the databases on free loopback ports, and stops them by process id."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bench as databases

HERE = Path(__file__).parent


class Databases:
    """PostgreSQL and MariaDB of the distribution, never as root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        databases.certificates(folder)
        databases.own(folder)
        postgres, mysql = databases.free_ports(2)
        self.ports = {"postgresql": postgres, "mysql": mysql}
        self.pids: list[tuple[int, signal.Signals]] = []
        self.authority = str(folder / "ca.pem")

    def start(self) -> None:
        """Starts both servers; what has started is stopped even if the other does not."""
        # For PostgreSQL SIGINT is the fast shutdown, which does not wait for clients.
        self.pids.append((databases.start_postgres(self.folder, self.ports["postgresql"]), signal.SIGINT))
        self.pids.append((databases.start_mariadb(self.folder, self.ports["mysql"]), signal.SIGTERM))

    def lose(self) -> None:
        """Ends PostgreSQL alone, at once."""
        pid, _ = self.pids[0]
        end(pid, signal.SIGQUIT)

    def regain(self) -> None:
        """Starts PostgreSQL again where it was."""
        port = self.ports["postgresql"]
        self.pids[0] = (databases.run_postgres(self.folder, port), signal.SIGINT)
        databases.await_port(port)

    def wait(self) -> None:
        """Returns when both servers listen."""
        for port in self.ports.values():
            databases.await_port(port)

    def stop(self) -> None:
        """Ends both servers."""
        for pid, how in self.pids:
            end(pid, how)


class Emulator:
    """The emulated cloud, with what exists in it before anything is deployed."""

    def __init__(self, folder: Path, world: dict[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (self.port,) = databases.free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "emulator.log"
        self.throttling = folder / "throttling.json"
        facts = folder / "world.json"
        facts.write_text(json.dumps(world))
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment = {
            **kept,
            "PYTHONPATH": str(HERE),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": str(folder),
            "BENCH_WORLD": str(facts),
            "BENCH_THROTTLE": str(self.throttling),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "AUTH": "true",
            "LAMBDA_EXECUTOR": "local",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "LOG_LEVEL": "WARNING",
        }
        with self.log.open("wb") as log:
            command = [sys.executable, "-m", "emulator"]
            self.process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)

    def wait(self) -> None:
        """Returns when the emulator listens."""
        databases.await_port(self.port)

    def throttle(self, service: str, every: int, roles: bool = False) -> Callable[[], int]:
        """Has every n-th request to a service, or of roles to it, refused as too fast, until the answer is called.

        The answer says how many were refused.
        """
        state = {"service": service, "every": every, "roles": roles, "seen": 0, "refused": 0}
        self.throttling.write_text(json.dumps(state))

        def end() -> int:
            refused: int = json.loads(self.throttling.read_text())["refused"]
            self.throttling.unlink()
            return refused

        return end

    def stop(self) -> None:
        """Ends the emulator."""
        end(self.process.pid, signal.SIGTERM)
        self.process.wait(20)


def end(pid: int, how: signal.Signals) -> None:
    """Signals one process and waits for its end."""
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + 20
    while databases.running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
