#!/bin/sh
# Makes .venv, the Python environment of this clone:
#   scripts/setup.sh run    what the appliance needs
#   scripts/setup.sh dev    that, and what the tests need
# Packages come from the lock, every one checked against its hash. A second run changes nothing and needs
# no network. PYTHON=/path/to/python chooses the interpreter. uv is used where it is on the PATH.
set -eu
cd "$(dirname "$0")/.."

case "${1:-run}" in
    run) lock=requirements.lock ;;
    dev) lock=requirements-dev.lock ;;
    *) echo "usage: scripts/setup.sh run|dev" >&2; exit 2 ;;
esac

say() { printf '%s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }
# Asking the interpreter itself, because a version manager's shim is on the PATH for Pythons it lacks.
new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
version_of() { "$1" -c 'import platform; print(platform.python_version())' 2>/dev/null; }
can_make_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

# .venv keeps a copy of each lock it was made from, written last: half an installation has none.
same_python() {
    new_enough .venv/bin/python || return 1
    [ "$(cat .venv/made-in 2>/dev/null)" = "$PWD" ] || return 1 # a moved clone: its paths are absolute
    [ -z "${PYTHON:-}" ] || [ "$(version_of "$PYTHON")" = "$(version_of .venv/bin/python)" ]
}
up_to_date() { same_python && cmp -s "$lock" ".venv/$lock"; }

need_python() {
    say "VibeVariant needs Python 3.11 or newer, and found none${PYTHON:+ at PYTHON=$PYTHON}."
    for candidate in python3 python; do
        found=$(version_of "$candidate") && say "  $candidate is $found"
    done
    say "  Debian, Ubuntu:  sudo apt-get install -y python3 python3-venv"
    say "  Fedora:          sudo dnf install -y python3"
    say "  macOS:           brew install python"
    say "If it is installed elsewhere: PYTHON=/path/to/python3 make run"
    exit 3
}

need_venv() {
    say "Python $(version_of "$1") is here, but its venv module is a package of its own on this system:"
    say "  sudo apt-get install -y python$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    say "Then run the same command again."
    exit 3
}

make_venv() {
    python='' without_venv=''
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        new_enough "$candidate" || continue
        if can_make_venv "$candidate" || have uv; then python=$candidate; break; fi
        without_venv=${without_venv:-$candidate}
    done
    [ -n "$python" ] || [ -z "$without_venv" ] || need_venv "$without_venv"
    rm -rf .venv
    if have uv; then
        [ -n "$python" ] || [ -z "${PYTHON:-}" ] || need_python
        uv venv --quiet --no-config --python "${python:->=3.11}" .venv || need_python
    else
        [ -n "$python" ] || need_python
        "$python" -m venv .venv
    fi
    printf '%s\n' "$PWD" >.venv/made-in
}

with_uv() {
    have uv && uv pip install --quiet --no-config --python .venv/bin/python --require-hashes \
        --only-binary :all: -r "$lock"
}
with_pip() {
    [ -x .venv/bin/pip ] || .venv/bin/python -m ensurepip >/dev/null 2>&1 || return 1
    .venv/bin/python -m pip -qq --disable-pip-version-check install --require-hashes \
        --only-binary :all: --no-compile -r "$lock"
}

# The project itself: a path and a command. No build tool has to be fetched, and no version goes stale.
link_project() {
    site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    printf '%s\n' "$PWD" >"$site/vibevariant.pth"
    printf '#!/bin/sh\nexec "%s/.venv/bin/python" -P -m vibevariant "$@"\n' "$PWD" >.venv/bin/vibevariant
    chmod +x .venv/bin/vibevariant
}

up_to_date && exit 0

# One at a time. A lock whose owner is gone is taken over.
until mkdir .venv.lock 2>/dev/null; do
    owner=$(cat .venv.lock/pid 2>/dev/null) || owner=''
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then rm -rf .venv.lock; continue; fi
    [ -n "${waited:-}" ] || say "Another set-up is at work here (.venv.lock); waiting for it ..."
    waited=yes
    sleep 1
done
trap 'rm -rf .venv.lock' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
echo $$ >.venv.lock/pid
up_to_date && exit 0

unset PIP_USER PYTHONHOME || true # either would send the packages elsewhere
same_python || make_venv
rm -f .venv/requirements.lock .venv/requirements-dev.lock
say "Setting up .venv: $(grep -c '==' "$lock") packages, Python $(version_of .venv/bin/python)" \
    "(once; half a minute or so) ..."
with_uv || with_pip || {
    say "The packages could not be installed; what is above says why."
    say "The first set-up needs the network. Run the same command again: it goes on where it stopped."
    exit 4
}
link_project
cp requirements.lock .venv/ # the other lock holds all of this one
[ "$lock" = requirements.lock ] || cp "$lock" .venv/
say "Set up."
