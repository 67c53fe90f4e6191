"""Runs everything that must hold and ends with one clear line.

python scripts/check.py [--long] [what pytest should be told besides]
"""

import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parent.parent
TYPED = ("vibevariant", "scripts", "bench")
REPORT = ROOT / ".pytest_cache" / "report.xml"


def main() -> int:
    rest = sys.argv[1:]
    long = "--long" in rest
    rest = [word for word in rest if word != "--long"]
    tool = [sys.executable, "-P", "-m"]
    steps = [
        ("lint", [*tool, "ruff", "check", "."]),
        ("format", [*tool, "ruff", "format", "--check", "."]),
        ("types", [*tool, "mypy", *(place for place in TYPED if (ROOT / place).exists())]),
        (
            "tests",
            [*tool, "pytest", "-q", f"--junitxml={REPORT}", *([] if long else ["-m", "not long"]), *rest],
        ),
    ]
    started = time.monotonic()
    failed = []
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.unlink(missing_ok=True)
    for name, command in steps:
        print(f"--- {name}", flush=True)
        # Each step runs even when an earlier one failed: one round shows all there is to mend.
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            failed.append(name)
    seconds = time.monotonic() - started
    print()
    if failed:
        print(f"FAILED: {', '.join(failed)} ({counts()}; {seconds:.0f} s). What is above says where.")
        return 1
    print(f"All that must hold holds: lint, format, types, {counts()}; {seconds:.0f} s.")
    return 0


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
