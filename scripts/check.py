"""Runs everything that must hold and ends with one clear line.

python scripts/check.py [--long] [what pytest should be told besides]
"""

import runpy
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parent.parent
TYPED = ("vibevariant", "scripts", "packaging", "bench", "hatch_build.py")
REPORT = ROOT / ".pytest_cache" / "report.xml"


class Step(NamedTuple):
    name: str
    command: list[str]
    place: Path = ROOT
    environment: dict[str, str] | None = None


def main() -> int:
    rest = sys.argv[1:]
    long = "--long" in rest
    rest = [word for word in rest if word != "--long"]
    tool = [sys.executable, "-P", "-m"]
    steps = [
        Step("lint", [*tool, "ruff", "check", "."]),
        Step("format", [*tool, "ruff", "format", "--check", "."]),
        Step("types", [*tool, "mypy", *(place for place in TYPED if (ROOT / place).exists())]),
        *steps_of_the_page(),
        Step(
            "tests",
            [*tool, "pytest", "-q", f"--junitxml={REPORT}", *([] if long else ["-m", "not long"]), *rest],
        ),
    ]
    started = time.monotonic()
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.unlink(missing_ok=True)
    # Each step runs even when an earlier one failed: one round shows all there is to mend.
    failed = [step.name for step in steps if not holds(step)]
    seconds = time.monotonic() - started
    print()
    if failed:
        print(f"FAILED: {', '.join(failed)} ({counts()}; {seconds:.0f} s). What is above says where.")
        return 1
    *others, _ = [step.name for step in steps]
    print(f"All that must hold holds: {', '.join(others)}, {counts()}; {seconds:.0f} s.")
    return 0


def steps_of_the_page() -> list[Step]:
    """What must hold in web/ and sdk-js/. They need a Node, of which scripts/setup.sh has made sure."""
    node = runpy.run_path(str(ROOT / "packaging/page.py"))["need_node"]()
    environment = node.environment()
    biome = str(ROOT / "web/node_modules/.bin/biome")
    return [
        Step("page and SDK lint", [biome, "check", "--error-on-warnings", "."], ROOT, environment),
        Step("API types", [sys.executable, str(ROOT / "scripts/api_types.py"), "--check"]),
        *(
            Step(f"{name} {what}", [*node.npm, "run", "--silent", verb], ROOT / package, environment)
            for name, package in (("page", "web"), ("SDK", "sdk-js"))
            for what, verb in (("types", "check"), ("tests", "test"))
        ),
    ]


def holds(step: Step) -> bool:
    print(f"--- {step.name}", flush=True)
    try:
        return subprocess.run(step.command, cwd=step.place, env=step.environment, check=False).returncode == 0
    except OSError as fault:
        print(f"{fault}; scripts/setup.sh dev brings what is missing.")
        return False


def counts() -> str:
    """What pytest counted, in words."""
    if not REPORT.exists():
        return "no test ran"
    suite = ET.parse(REPORT).getroot().find("testsuite")  # noqa: S314 -- written by our own pytest
    if suite is None:
        return "no test ran"
    total, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
    bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    words = [f"{total - skipped - bad} tests passed"]
    words += [f"{bad} failed"] if bad else []
    words += [f"{skipped} skipped"] if skipped else []
    return ", ".join(words)


if __name__ == "__main__":
    sys.exit(main())
