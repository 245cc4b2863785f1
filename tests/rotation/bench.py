"""Starts and stops the real databases and the Secrets Manager of the tests: `bench.py start|stop DIR`.

Servers never run as root, listen on loopback alone, and are stopped by process id.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

POSTGRES = Path("/usr/lib/postgresql/15/bin")
SUPERUSER_PASSWORD = "Sup3r-user'word"
# Syncing to disk proves nothing here.
POSTGRES_OPTIONS = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=40"]


Words = list[str | Path]


def start(folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    certificates(folder)
    own(folder)
    ports = free_ports(3)
    pids = [
        start_postgres(folder, ports[0]),
        start_mariadb(folder, ports[1]),
        start_service(folder, ports[2]),
    ]
    state = {
        "postgresql": ports[0],
        "mysql": ports[1],
        "endpoint": f"http://127.0.0.1:{ports[2]}",
        "ca": str(folder / "ca.pem"),
        "logs": {"postgresql": str(folder / "postgres.log"), "mysql": str(folder / "mariadb.general.log")},
        "pids": pids,
    }
    (folder / "state.json").write_text(json.dumps(state))
    for port in ports:
        await_port(port)


def stop(folder: Path) -> None:
    state = folder / "state.json"
    pids = json.loads(state.read_text())["pids"] if state.exists() else []
    for pid in pids:
        try:
            # For PostgreSQL SIGINT is the fast shutdown, which does not wait for clients.
            os.kill(pid, signal.SIGINT if pid == pids[0] else signal.SIGTERM)
        except ProcessLookupError:
            continue
    deadline = time.monotonic() + 20
    while any(running(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)


def running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return status != "Z"


def start_postgres(folder: Path, port: int) -> int:
    data = folder / "postgres"
    secret = folder / "superuser"
    secret.write_text(SUPERUSER_PASSWORD + "\n")
    own(secret)
    setup: Words = [
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "scram-sha-256",
        f"--pwfile={secret}",
        "-N",
        "-E",
        "UTF8",
    ]
    call([POSTGRES / "initdb", *setup, "--locale=C.UTF-8"], folder)
    access = data / "pg_hba.conf"
    # Servers of before version 14 ask for MD5; one that trusts everybody proves no password.
    access.write_text("host all trusted 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 md5\n")
    return run_postgres(folder, port)


def run_postgres(folder: Path, port: int) -> int:
    """Start the server on data that is there already."""
    options = [
        *POSTGRES_OPTIONS,
        "ssl=on",
        f"ssl_cert_file={folder}/server.pem",
        f"ssl_key_file={folder}/server.key",
    ]
    options += ["log_statement=all", "log_min_messages=debug1"]
    where: Words = ["-D", folder / "postgres", "-p", str(port), "-h", "127.0.0.1", "-k", folder]
    return spawn([POSTGRES / "postgres", *where, *flags(options)], folder, "postgres.log")


def start_mariadb(folder: Path, port: int) -> int:
    data = folder / "mariadb"
    setup = [f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db"]
    call(["mariadb-install-db", "--no-defaults", *setup], folder)
    secret = SUPERUSER_PASSWORD.replace("'", "\\'")
    (folder / "init.sql").write_text(
        f"CREATE USER 'admin'@'%' IDENTIFIED BY '{secret}';\nGRANT ALL ON *.* TO 'admin'@'%' WITH GRANT OPTION;\n"
        "CREATE DATABASE shop;\nCREATE TABLE shop.orders (id INT);\nCREATE TABLE shop.notes (id INT, body INT);\n"
    )
    own(folder / "init.sql")
    where = [f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/my.sock"]
    tls = [f"--ssl-cert={folder}/server.pem", f"--ssl-key={folder}/server.key", f"--ssl-ca={folder}/ca.pem"]
    light = ["--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M"]
    log = ["--general-log=1", f"--general-log-file={folder}/mariadb.general.log"]
    start = [f"--init-file={folder}/init.sql", "--plugin-maturity=unknown"]
    return spawn(["mariadbd", "--no-defaults", *where, *tls, *light, *log, *start], folder, "mariadb.log")


def start_service(folder: Path, port: int) -> int:
    script = Path(__file__).with_name("secrets_manager.py")
    with (folder / "service.log").open("wb") as log:
        return subprocess.Popen([sys.executable, script, str(port)], stdout=log, stderr=log).pid


def certificates(folder: Path) -> None:
    """Two authorities, one of which signs the servers' certificate for 127.0.0.1."""
    for name in ("ca", "stranger"):
        subject = ["-subj", f"/CN=Test authority {name}", "-days", "2"]
        files: Words = ["-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem"]
        openssl("req", "-x509", "-newkey", "ec", *CURVE, "-nodes", *subject, *files)
    request: Words = ["-keyout", folder / "server.key", "-out", folder / "server.csr"]
    openssl("req", "-newkey", "ec", *CURVE, "-nodes", "-subj", "/CN=database", *request)
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    signer: Words = ["-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", "-CAcreateserial"]
    names: Words = ["-extfile", folder / "names", "-days", "2", "-out", folder / "server.pem"]
    openssl("x509", "-req", "-in", folder / "server.csr", *signer, *names)
    (folder / "server.key").chmod(0o600)


CURVE = ("-pkeyopt", "ec_paramgen_curve:prime256v1")


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def flags(options: list[str]) -> list[str]:
    return [word for option in options for word in ("-c", option)]


def own(path: Path) -> None:
    """Give a file tree to the servers' user when the tests run as root."""
    if os.geteuid() != 0:
        return
    for item in (path, *path.rglob("*")):
        shutil.chown(item, "nobody", "nogroup")


def unprivileged() -> dict[str, object]:
    if os.geteuid() != 0:
        return {}
    return {"user": "nobody", "group": "nogroup", "extra_groups": []}


def call(command: Words, folder: Path) -> None:
    with (folder / "setup.log").open("ab") as log:
        subprocess.run(command, check=True, stdout=log, stderr=log, cwd=folder, **unprivileged())  # type: ignore[call-overload]


def spawn(command: Words, folder: Path, log_name: str) -> int:
    with (folder / log_name).open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **unprivileged())  # type: ignore[call-overload]
    return int(server.pid)


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def await_port(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    {"start": start, "stop": stop}[sys.argv[1]](Path(sys.argv[2]).resolve())
