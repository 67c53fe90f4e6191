"""What `pip install` gets: the wheel holds the whole package, data files too, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from vibevariant import __version__

ROOT = Path(__file__).parent.parent
KINDS = {".py", ".sql", ".csv", ".html", ".css", ".typed"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(next(target.glob("*.whl"))) as opened:
        yield opened


def test_every_file_of_the_package_is_in_the_wheel(wheel):
    files = [path for path in (ROOT / "vibevariant").rglob("*") if path.is_file() and path.suffix in KINDS]
    ours = {str(path.relative_to(ROOT)) for path in files}
    assert any(name.endswith(".sql") for name in ours)
    assert {name for name in wheel.namelist() if ".dist-info/" not in name} == ours


def test_the_wheel_names_its_command_its_version_and_its_licence(wheel):
    about = f"vibevariant-{__version__}.dist-info"
    assert b"vibevariant = vibevariant.cli:main" in wheel.read(f"{about}/entry_points.txt")
    assert f"{about}/licenses/LICENSE" in wheel.namelist()
    metadata = wheel.read(f"{about}/METADATA").decode()
    assert f"Version: {__version__}\n" in metadata
    assert "License-Expression: Apache-2.0" in metadata


def test_the_appliance_does_without_the_heavy_statistics_packages():
    """Conjugate posteriors need numpy and scipy.special; sampling and modelling packages are for the oracles."""
    locked = {
        line.split("==")[0] for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line
    }
    assert {"numpy", "scipy"} <= locked
    assert not locked & {"pymc", "arviz", "statsmodels", "pandas", "mpmath", "sympy"}
