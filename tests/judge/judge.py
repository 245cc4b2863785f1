#!/usr/bin/env python3
"""keyprint's comparisons against those of cvc5, on random pairs of policies.

Usage: judge.py KEYPRINT [PAIRS [FIRST [STATEMENTS]]]

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

# Steps of cvc5 for one question; counted, so that every machine gives the same answers.
BUDGET = 2_000_000


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


def main():
    keyprint, *numbers = sys.argv[1:]
    pairs, first, statements = (numbers + ["200", "0", "3"][len(numbers):])[:3]
    seen, solver = Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(int(first), int(first) + int(pairs)):
            kind, old, new = policies.pair(seed, int(statements))
            verdict = ours(keyprint, folder, kind, old, new)
            begun = time.process_time()
            question = encoding.Question(kind, old, new, BUDGET)
            answer = question.answer()
            solver.append(time.process_time() - begun)
            theirs = {True: "new-access", False: "no-new-access", None: "unknown"}[answer]
            seen[verdict["verdict"], theirs] += 1
            if "unknown" not in (verdict["verdict"], theirs) and verdict["verdict"] != theirs:
                print(json.dumps({"seed": seed, "kind": kind, "old": old, "new": new}, indent=1))
                print("keyprint:", json.dumps(verdict, indent=1))
                sys.exit(f"contradiction: keyprint says {verdict['verdict']}, cvc5 {theirs}")
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = children.ru_utime + children.ru_stime
    both = sum(count for names, count in seen.items() if "unknown" not in names)
    for (mine, theirs), count in sorted(seen.items()):
        print(f"keyprint {mine:13}  cvc5 {theirs:13}  {count}")
    print(f"{int(pairs)} pairs, {both} decided by both, 0 contradictions; per pair keyprint {1000 * spent / len(solver):.1f} ms "
          f"as a process, cvc5 {1000 * sum(solver) / len(solver):.1f} ms, at most {1000 * max(solver):.0f} ms")


if __name__ == "__main__":
    main()
