#!/bin/sh
# Finds a Chromium for the tests in a browser, and gets one where there is none: of the system's packages where
# that needs no password, else Playwright's own. .venv/browser keeps where it is.
#   scripts/browser.sh --check    only says, by its exit code, whether there is one
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }
keep() { printf '%s\n' "$1" >.venv/browser; }

# Asking for its version, because some systems put a stub in its place that only says how to get one.
find_browser() {
    [ ! -x "$(cat .venv/browser 2>/dev/null)" ] || return 0
    for name in chromium chromium-browser google-chrome; do
        have "$name" && "$name" --version >/dev/null 2>&1 || continue
        keep "$(command -v "$name")"
        return 0
    done
    return 1
}

of_the_system() {
    have apt-get || return 1
    if [ "$(id -u)" = 0 ]; then as_root='env'
    elif have sudo && sudo -n true 2>/dev/null; then as_root='sudo -n env'
    else return 1; fi
    $as_root apt-get -qq update && $as_root DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install -y --no-install-recommends chromium
}

of_playwright() {
    .venv/bin/playwright install chromium || return 1
    found=$(.venv/bin/python -c 'from playwright.sync_api import sync_playwright as start
with start() as playwright: print(playwright.chromium.executable_path)') && keep "$found"
}

find_browser && exit 0
[ "${1:-}" != --check ] || exit 1
say "Getting Chromium for the tests in a browser (once; a minute or so) ..."
if of_the_system >.venv/browser.log 2>&1 && find_browser; then exit 0; fi
if of_playwright >>.venv/browser.log 2>&1 && find_browser; then exit 0; fi
cat .venv/browser.log >&2
say "No Chromium could be got; what is above says why. Only the tests in a browser need it."
say "  Debian:  sudo apt-get install -y chromium"
say "  Elsewhere: install Chromium or Google Chrome, so that it is on the PATH."
exit 1
