"""simulate: the same seed writes the same files, and what makes no sense is refused with a sentence."""

from __future__ import annotations

import csv
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.appliance import END_SECONDS, environment
from vibevariant.cli.simulate import RULES, simulate
from vibevariant.experiments.simulation import Scenario
from vibevariant.experiments.winner_rules import RULES as ALL_RULES

QUICK = (
    "--tests",
    "12",
    "--visitors",
    "600",
    "--look-every",
    "50",
    "--lift",
    "0.5",
    "--allocation",
    "adaptive",
)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vibevariant", "simulate", *arguments], capture_output=True, text=True,
        timeout=END_SECONDS, env=environment(),
    )  # fmt: skip


def test_the_same_seed_writes_the_same_files_byte_for_byte(tmp_path: Path) -> None:
    said = [run(*QUICK, "--seed", "5", "--out", str(tmp_path / name)) for name in ("first", "again")]
    assert [done.returncode for done in said] == [0, 0]
    for name in ("calls.csv", "lifts.csv", "calls.svg"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    assert "12 experiments, 2 arms, the last arm +50%" in said[0].stdout
    assert "12 of 12" in said[0].stderr
    with (tmp_path / "first" / "calls.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["rule"] for row in rows} == set(RULES)
    assert int(rows[-1]["visitors"]) == 600


def test_the_picture_says_in_words_what_it_shows(tmp_path: Path) -> None:
    done = run(*QUICK, "--rule", "p-best-95", "--rule", "decision", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    drawn = ET.parse(tmp_path / "calls.svg").getroot()
    texts = {part.tag.rpartition("}")[2]: part.text or "" for part in drawn.iter() if part.get("id")}
    assert "one arm is +50%" in texts["title"]
    assert "p-best-95 " in texts["desc"]
    assert "decision " in texts["desc"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--base", "0.6", "--lift", "1"), "highest rate is 1.20"),
        (("--threshold", "10"), "A threshold belongs to one rule"),
        (("--rule", "decision", "--threshold", "10"), "has its own threshold"),
        (("--rule", "z-test", "--threshold", "2"), "makes no sense"),
        (("--look-every", "700", "--visitors", "600"), "does not fit 600 visitors"),
        (("--rule", "coin"), "'coin' is not one of"),
        (("--arms", "1"), "2<=x<=12"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    done = run("--tests", "2", *arguments, "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.csv"))


def test_a_directory_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here already")
    done = run("--tests", "2", "--visitors", "100", "--out", str(tmp_path / "file" / "out"))
    assert done.returncode == 2
    assert "cannot be written to" in done.stderr


def test_the_defaults_of_the_command_are_those_of_a_scenario() -> None:
    """The command names them itself, so that `--help` need not load numpy."""
    assert RULES == ALL_RULES
    defaults = {option.name: option.default for option in simulate.params}
    scenario = Scenario()
    for name in ("arms", "base", "lift", "shape", "visitors", "look_every", "allocation"):
        assert defaults[name] == getattr(scenario, name), name
