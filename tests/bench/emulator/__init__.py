"""MiniStack with what our templates need and it lacks: each module changes one service, `__main__` starts it.

Every change makes the emulator answer as the service's documentation says; none knows a blueprint. Facts of the world
that a template takes for granted (networks, databases, clusters, the organisation) come from the file `BENCH_WORLD`.
"""
