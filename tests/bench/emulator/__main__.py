"""Starts the changed emulator; addresses and limits come from the environment that MiniStack itself reads."""

from ministack.app import main

from emulator import containers, events, identity, keys, network, requests, rotation, secrets, stack_sets

for part in (requests, identity, keys, network, containers, secrets, rotation, events, stack_sets):
    part.install()
main()
