#!/usr/bin/env bash
# The rotation functions against real databases, see tests/rotation.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec tests/rotation/run
