#!/usr/bin/env bash
# Deployment, access and rotation in an emulated cloud, see tests/bench.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec tests/bench/run
