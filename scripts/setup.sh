#!/bin/sh
# Makes .venv, the Python environment of this clone, and the page that the appliance serves:
#   scripts/setup.sh run    what the appliance needs
#   scripts/setup.sh dev    that, and what the tests need: npm packages and a browser among it
# Packages come from the lock, every one checked against its hash. A second run changes nothing and needs
# no network. PYTHON=/path/to/python chooses the interpreter. uv is used where it is on the PATH, and so is
# a good Node; where there is none, one comes as a Python package, into .venv.
# Exit codes: 2 asked wrongly, 3 no Python, 4 the packages could not be installed, 5 the page not built.
set -eu
cd "$(dirname "$0")/.."

case "${1:-run}" in
    run) lock=requirements.lock tools='' ;;
    dev) lock=requirements-dev.lock tools=--tools ;;
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
installed() { cmp -s "$1" ".venv/$1"; }
up_to_date() { same_python && installed "$lock"; }

page() { .venv/bin/python packaging/page.py "$@"; }
# The Node of an older lock is replaced, but one that is not needed is not fetched.
node_up_to_date() { [ ! -e .venv/requirements-node.lock ] || installed requirements-node.lock; }
page_up_to_date() { node_up_to_date && page --check $tools; }

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
        --only-binary :all: -r "$1"
}
with_pip() {
    [ -x .venv/bin/pip ] || .venv/bin/python -m ensurepip >/dev/null 2>&1 || return 1
    .venv/bin/python -m pip -qq --disable-pip-version-check install --require-hashes \
        --only-binary :all: --no-compile -r "$1"
}
install() {
    with_uv "$1" || with_pip "$1" || {
        say "The packages could not be installed; what is above says why."
        say "The first set-up needs the network. Run the same command again: it goes on where it stopped."
        exit 4
    }
}

# The project itself: a path and a command. No build tool has to be fetched, and no version goes stale.
link_project() {
    site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    printf '%s\n' "$PWD" >"$site/vibevariant.pth"
    printf '#!/bin/sh\nexec "%s/.venv/bin/python" -P -m vibevariant "$@"\n' "$PWD" >.venv/bin/vibevariant
    chmod +x .venv/bin/vibevariant
}

install_packages() {
    same_python || make_venv
    rm -f .venv/requirements.lock .venv/requirements-dev.lock
    say "Setting up .venv: $(grep -c '==' "$lock") packages, Python $(version_of .venv/bin/python)" \
        "(once; half a minute or so) ..."
    install "$lock"
    link_project
    cp requirements.lock .venv/ # the other lock holds all of this one
    [ "$lock" = requirements.lock ] || cp "$lock" .venv/
}

build_page() {
    if ! node_up_to_date || ! page --node >/dev/null 2>&1; then
        say "No Node ^20.19 or >=22.12 on the PATH: fetching one into .venv (once; 60 MB) ..."
        rm -f .venv/requirements-node.lock
        install requirements-node.lock
        cp requirements-node.lock .venv/
    fi
    page $tools || exit 5 # it has said why, and what to do
}

ready() { up_to_date && page_up_to_date && { [ -z "$tools" ] || scripts/browser.sh --check; }; }
ready && exit 0

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
ready && exit 0

unset PIP_USER PYTHONHOME || true # either would send the packages elsewhere
up_to_date || install_packages
page_up_to_date || build_page
[ -z "$tools" ] || scripts/browser.sh || true # the tests that need one say so again
say "Set up."
