#!/usr/bin/env bash
# The rotation functions against real databases. Installs PostgreSQL and MariaDB from the distribution where they are
# missing; without the right to do so it says what to install.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

missing=()
[ -x /usr/lib/postgresql/15/bin/postgres ] || missing+=(postgresql-15)
command -v mariadbd >/dev/null || missing+=(mariadb-server)
command -v openssl >/dev/null || missing+=(openssl)
if ((${#missing[@]})); then
  echo "installing ${missing[*]}"
  if [ "$(id -u)" != 0 ]; then
    echo "as root: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  # The suite starts its own servers; the packages' services stay down.
  [ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d; }
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi
exec tests/rotation/run
