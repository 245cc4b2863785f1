#!/usr/bin/env bash
# cfn-lint has nothing to say about any shipped template, at any level, in the Region that the template is for.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tests/setup
tools=.bench/lint

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
cargo build --locked --quiet
target/debug/keyprint build blueprints --out "$out" --today 2026-11-24 --quiet

checked=0 failed=0
for region in $(find "$out" -mindepth 3 -maxdepth 3 -type d -printf '%f\n' | sort -u); do
  mapfile -t templates < <(find "$out" -path "*/$region/*.template.json" | sort)
  "$tools/bin/cfn-lint" --include-checks I --regions "$region" --format parseable -- "${templates[@]}" || failed=1
  checked=$((checked + ${#templates[@]}))
done
((checked > 0)) || { echo "no template was made"; exit 1; }
((failed == 0)) || { echo "cfn-lint has findings"; exit 1; }
echo "$("$tools/bin/cfn-lint" --version): nothing to say about $checked templates"
