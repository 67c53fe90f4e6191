"""The program goes the whole way on a machine that has nothing: as it is installed, and as an executable.

packaging/smoke.py goes that way, without the project's packages and without its environment.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 600
INSTALLED = Path(sys.executable).with_name("vibevariant")
MOST_MEGABYTES = 60


def run(program: str, *words: str | Path) -> tuple[int, str]:
    command = [sys.executable, ROOT / "packaging" / program, *words]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE
    )
    print(done.stdout)
    return done.returncode, done.stdout


def test_the_installed_program_goes_the_whole_way():
    code, said = run("smoke.py", INSTALLED)
    assert code == 0
    assert "All is well" in said


def test_what_is_no_appliance_is_found_out(tmp_path):
    impostor = tmp_path / "vibevariant"
    impostor.write_text("#!/bin/sh\necho vibevariant setup-link\n")
    impostor.chmod(0o755)
    code, said = run("smoke.py", impostor)
    assert code == 1
    assert "WRONG: " in said
    assert run("smoke.py", tmp_path / "nothing")[0] == 2


@pytest.mark.long
def test_both_executables_are_built_once_and_go_the_whole_way():
    assert run("binary.py")[0] == 0
    code, said = run("binary.py")
    assert code == 0
    assert "in step with its sources" in said
    assert (ROOT / "dist/vibevariant").stat().st_size <= MOST_MEGABYTES * 1_000_000
    folder = next(path for path in (ROOT / "dist").glob("vibevariant-*") if path.is_dir())
    assert folder.with_name(f"{folder.name}.tar.gz").exists()
    for executable in (ROOT / "dist/vibevariant", folder / "vibevariant"):
        code, said = run("smoke.py", executable)
        assert code == 0
        assert "All is well" in said
