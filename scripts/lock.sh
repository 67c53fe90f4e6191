#!/bin/sh
# Writes requirements.lock, requirements-dev.lock and requirements-node.lock: exact versions with hashes, for
# Python 3.11 to 3.13 on Linux and macOS, naming no host:
#   scripts/lock.sh           with the newest versions allowed
#   scripts/lock.sh --keep    what is locked stays as it is; only what pyproject.toml adds or drops changes
# uv reads all platforms at once; it lives in a throwaway environment.
set -eu
cd "$(dirname "$0")/.."
case "${1:-}" in
    '') upgrade=--upgrade ;;
    --keep) upgrade='' ;;
    *) echo "usage: scripts/lock.sh [--keep]" >&2; exit 2 ;;
esac
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"${PYTHON:-python3}" -m venv "$place"
"$place/bin/python" -m pip --quiet --disable-pip-version-check install uv

# One version of a package for every Python (fewest): the same numbers come out everywhere.
pin() {
    "$place/bin/uv" pip compile --quiet --no-config $upgrade --universal --python-version 3.11 \
        --fork-strategy fewest --generate-hashes --no-header --no-annotate "$@"
}
pin pyproject.toml -o requirements.lock
# The second lock holds the first one whole, so that an environment for tests can also run the appliance.
pin --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
# A Node for machines without one; packaging/page.py says which.
"$place/bin/python" -c 'import runpy; print(runpy.run_path("packaging/page.py")["NODE_WHEEL"])' >"$place/node.in"
pin "$place/node.in" -o requirements-node.lock

for lock in requirements.lock requirements-dev.lock requirements-node.lock; do
    if grep -En '://' "$lock"; then echo "$lock names a host" >&2; exit 1; fi
    printf '%s: %s packages\n' "$lock" "$(grep -c '==' "$lock")"
done
