"""Starts the changed emulator; addresses and limits come from the environment that MiniStack itself reads."""

from ministack.app import main

from emulator import containers, documents, identity, keys, metrics, network, requests, rotation, secrets

for part in (requests, identity, keys, network, containers, secrets, rotation, documents, metrics):
    part.install()
main()
