"""All of it holds on the other Pythons too: asyncio, for one, changed under the stop in 3.12."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
LEFT_OUT = ("--ignore=tests/test_architecture.py", "--ignore=tests/test_setup.py")
"""They look at the clone and its git, not at what a Python makes of the code."""


def find_python(version: str) -> str | None:
    """The first python3.x that runs: on the PATH, or one of pyenv's, whose shims may point to nothing."""
    installed = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    candidates = [
        shutil.which(f"python{version}"),
        *sorted(installed.glob(f"{version}.*/bin/python{version}")),
    ]
    for candidate in candidates:
        if candidate and subprocess.run([candidate, "-c", ""], capture_output=True).returncode == 0:
            return str(candidate)
    return None


@pytest.mark.long
@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_everything_holds_on(version, tmp_path):
    python = find_python(version)
    if (
        python is None
    ):  # nothing of ours can install one; the Python that runs now is tested by everything else
        pytest.skip(f"no Python {version} on this machine")
    # A copy, because the environment of this clone belongs to the Python that runs now.
    ignored = shutil.ignore_patterns(
        ".git", ".venv*", ".data", ".hypothesis", ".*_cache", "__pycache__", "node_modules"
    )
    clone = Path(shutil.copytree(ROOT, tmp_path / "clone", ignore=ignored))
    setup = subprocess.run(
        [clone / "scripts/setup.sh", "dev"],
        env=os.environ | {"PYTHON": python},
        capture_output=True,
        text=True,
    )
    assert setup.returncode == 0, setup.stderr
    environment = clone / ".venv/bin/python"
    said = subprocess.run([environment, "-V"], capture_output=True, text=True).stdout
    assert said.startswith(f"Python {version}.")
    tests = subprocess.run(
        [environment, "-m", "pytest", "-q", "-m", "not long", *LEFT_OUT],
        cwd=clone,
        capture_output=True,
        text=True,
    )
    assert tests.returncode == 0, tests.stdout + tests.stderr
