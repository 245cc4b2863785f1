#!/usr/bin/env python3
"""keyprint's comparisons against those of cvc5, on random pairs of policies.

Usage: judge.py KEYPRINT [PAIRS [FIRST [STATEMENTS [BUDGET]]]]

cvc5 searches by itself; where its budget, in its own steps, is too small to find a request, it judges keyprint's.
Ends with code 1 at the first contradiction, which it prints.
"""

import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter

import encoding
import policies

DEFAULTS = ["200", "0", "3", "60000"]
# Enough for a request whose every part is known.
ENOUGH = 2_000_000


def ours(keyprint, folder, kind, old, new):
    paths = []
    for name, policy in (("old", old), ("new", new)):
        path = pathlib.Path(folder) / f"{name}.json"
        path.write_text(json.dumps(policy))
        paths.append(str(path))
    result = subprocess.run([keyprint, "compare", *paths, "--kind", kind, "--format", "json"],
                            capture_output=True, text=True, check=False)
    if result.returncode not in (0, 1, 4):
        sys.exit(f"keyprint compare ended with {result.returncode}: {result.stderr}")
    return json.loads(result.stdout)


def theirs(kind, old, new, budget, witness=None):
    question = encoding.Question(kind, old, new, budget)
    if witness:
        question.fix(witness)
    return {True: "new-access", False: "no-new-access", None: "unknown"}[question.answer()]


def main():
    keyprint, *numbers = sys.argv[1:]
    pairs, first, statements, budget = (int(number) for number in numbers + DEFAULTS[len(numbers):])
    seen, spent, confirmed = Counter(), [], 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + pairs):
            kind, old, new = policies.pair(seed, statements)
            mine = ours(keyprint, folder, kind, old, new)
            begun = time.process_time()
            judged = theirs(kind, old, new, budget)
            spent.append(time.process_time() - begun)
            if judged == "unknown" and mine["verdict"] == "new-access":
                judged = theirs(kind, old, new, ENOUGH, mine["witness"])
                confirmed += judged == "new-access"
            seen[mine["verdict"], judged] += 1
            if "unknown" not in (mine["verdict"], judged) and mine["verdict"] != judged:
                print(json.dumps({"seed": seed, "kind": kind, "old": old, "new": new, "keyprint": mine}, indent=1))
                sys.exit(f"contradiction: keyprint says {mine['verdict']}, cvc5 {judged}")
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = 1000 * (children.ru_utime + children.ru_stime) / pairs
    for (verdict, judged), count in sorted(seen.items()):
        print(f"keyprint {verdict:13}  cvc5 {judged:13}  {count}")
    both = sum(count for names, count in seen.items() if "unknown" not in names)
    print(f"{pairs} pairs, {both} decided by both, of these {confirmed} by keyprint's request; 0 contradictions")
    print(f"CPU for a pair: keyprint {own:.1f} ms as a process; cvc5 {1000 * sum(spent) / pairs:.1f} ms, "
          f"at most {1000 * max(spent):.0f} ms")


if __name__ == "__main__":
    main()
