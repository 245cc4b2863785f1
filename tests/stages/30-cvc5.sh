#!/usr/bin/env bash
# cvc5 as an independent judge of `keyprint compare`, on random pairs of policies: PAIRS of them (60), from seed FIRST (0).
# Its encoding is in tests/judge and shares nothing with keyprint's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tools=.bench/judge
requirements=tests/stages/cvc5.txt
if ! cmp -s "$requirements" "$tools/installed.txt"; then
  echo "installing the packages of $requirements with pip into $tools"
  python3 -m venv --clear "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$requirements"
  cp "$requirements" "$tools/installed.txt"
fi

cargo build --locked --quiet
"$tools/bin/python" tests/judge/judge.py target/debug/keyprint "${1:-60}" "${2:-0}"
