"""What the tests of the JavaScript SDK share: the Node that builds it, and what it has built."""

from __future__ import annotations

import runpy
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DIST = ROOT / "sdk-js/dist"


class Node:
    """Runs the scripts beside these tests; the built SDK is their first argument."""

    def __init__(self, program: Path) -> None:
        self.program = program

    def start(self, script: str, entry: str) -> subprocess.Popen[str]:
        built = DIST / f"{entry}.js"
        assert built.is_file(), "The SDK is not built: python packaging/page.py, or npm run build in sdk-js/."
        return subprocess.Popen(
            [str(self.program), str(Path(__file__).with_name(script)), built.as_uri()],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip


@pytest.fixture(scope="session")
def node() -> Node:
    return Node(runpy.run_path(str(ROOT / "packaging/page.py"))["need_node"]().program)
