"""A consumer: reads its secret with the AWS caching client and logs in with it, again and again.

Run as a process it logs in until its standard input ends, then five times more, and prints its counts; as a function it
logs in once for each call. When the database refuses what the cache holds, the secret is read anew and tried once more,
as the caching client's documentation says for a secret with one user.
"""

from __future__ import annotations

import json
import os
import ssl
import sys
import threading
from typing import Any

import boto3
import pg8000.dbapi
from aws_secretsmanager_caching import SecretCache, SecretCacheConfig

REFUSED = ("28P01", "28000")
AFTERWARDS = 5
# The cache outlives the test: nothing but a refusal makes the consumer read anew.
KEEP_SECONDS = 3600


class Consumer:
    """The cache and what came of each log-in."""

    def __init__(self) -> None:
        api = boto3.client("secretsmanager", endpoint_url=os.environ["SECRETS_MANAGER_ENDPOINT"])
        config = SecretCacheConfig(secret_refresh_interval=KEEP_SECONDS)
        self.cache = SecretCache(config=config, client=api)
        self.counts = {"worked": 0, "retried": 0, "failed": 0}

    def log_in(self, secret: str) -> None:
        """One log-in, with one retry."""
        if self.opens(secret):
            self.counts["worked"] += 1
            return
        self.cache.refresh_secret_now(secret)
        self.counts["retried" if self.opens(secret) else "failed"] += 1

    def opens(self, secret: str) -> bool:
        value: dict[str, Any] = json.loads(self.cache.get_secret_string(secret))
        trust = ssl.create_default_context(cafile=os.environ["DATABASE_CA"])
        try:
            pg8000.dbapi.connect(
                user=value["username"],
                password=value["password"],
                host=value["host"],
                port=int(value["port"]),
                database="postgres",
                ssl_context=trust,
            ).close()
        except pg8000.dbapi.DatabaseError as error:
            if error.args[0]["C"] in REFUSED:
                return False
            raise
        return True


STATE: dict[str, Consumer] = {}


def handler(event: dict[str, str], context: object) -> dict[str, int]:
    """A function's call; the consumer stays warm between calls."""
    consumer = STATE.setdefault("consumer", Consumer())
    consumer.log_in(event["secret"])
    return consumer.counts


def main() -> None:
    """A process's life."""
    consumer, secret = Consumer(), sys.argv[1]
    consumer.log_in(secret)
    print("ready", flush=True)
    ended = threading.Event()

    def wait_for_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    while not ended.wait(0.05):
        consumer.log_in(secret)
    for _ in range(AFTERWARDS):
        consumer.log_in(secret)
    print(json.dumps(consumer.counts), flush=True)


if __name__ == "__main__":
    main()
