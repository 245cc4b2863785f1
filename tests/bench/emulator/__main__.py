"""Starts the changed emulator; addresses and limits come from the environment that MiniStack itself reads."""

from ministack.app import main

from emulator import (
    containers,
    documents,
    events,
    identity,
    keys,
    metrics,
    network,
    requests,
    rotation,
    secrets,
    stack_sets,
)

PARTS = (requests, identity, keys, network, containers, secrets, rotation, documents, metrics, events, stack_sets)

for part in PARTS:
    part.install()
main()
