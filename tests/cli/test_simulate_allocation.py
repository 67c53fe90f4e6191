"""simulate for an allocation: the same seed writes the same files, and what does not go together is refused."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.appliance import command, environment
from vibevariant.cli.simulate import EXAMPLE, SHAPES
from vibevariant.cli.simulate_allocation import NAMED, POLICIES
from vibevariant.experiments import allocation_scenario, bandits
from vibevariant.experiments.simulation import Shape

ROOT = Path(__file__).parents[2]
PATIENCE = 240
QUICK = ("--visitors", "400", "--tests", "2", "--policy", "earn", "--policy", "even", "--policy", "ucb1")
FILES = {"matrix.csv", "allocations.csv", "looks.csv", "courses.csv", "metadata.json",
         "traffic.svg", "chances.svg", "regret.svg"}  # fmt: skip
SCENARIO = {
    "name": "Pricing page",
    "visitors": 400,
    "mode": "earn",
    "drift": "weekend",
    "delay_hours": 6,
    "elements": [
        {"key": "button", "variants": ["green", "red"]},
        {"key": "copy", "variants": ["short", "long"]},
    ],
    "true_rates": {"green.short": 0.05, "green.long": 0.06, "red.short": 0.04, "red.long": 0.15},
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def metadata(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "metadata.json").read_text(encoding="utf-8"))


def test_the_same_seed_writes_the_same_files_byte_for_byte(tmp_path: Path):
    file = tmp_path / "pricing.json"
    file.write_text(json.dumps(SCENARIO), encoding="utf-8")
    for name in ("first", "again"):
        done = command(
            "simulate", "--scenario", file, "--seed", "7", "--tests", "2", "--policy", "thompson", "--policy", "learn",
            "--visitors-csv", "--out", tmp_path / name, patience=PATIENCE,
        )  # fmt: skip
        assert done.code == 0, done.err
    first, again = tmp_path / "first", tmp_path / "again"
    assert {path.name for path in first.iterdir()} == FILES | {"visitors.csv"}
    for path in first.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name

    about = metadata(first)
    assert about["true_rates"] == about["combination_conversion_rates"] == SCENARIO["true_rates"]
    assert (about["best_arm"], about["seed"], about["mode"], about["visitors"]) == (
        "red.long",
        7,
        "earn",
        400,
    )
    assert about["found_best"] is (about["leader"] == "red.long")
    assert about["decision"] == about["results"]["decision"]
    assert set(about["policies"]) == {"learn", "thompson"}
    matrix = rows(first / "matrix.csv")
    assert [(row["button"], row["copy"]) for row in matrix] == [
        ("green", "short"), ("green", "long"), ("red", "short"), ("red", "long"),
    ]  # fmt: skip
    arms = about["results"]["arms"]
    assert [(int(r["visitors"]), int(r["conversions"])) for r in matrix] == [
        (arm["exposed"], arm["conversions"]) for arm in arms
    ]
    assert len(rows(first / "visitors.csv")) == 400
    assert sum(int(row["conversions"]) for row in matrix) == about["conversions"]


def test_the_truth_is_in_the_metadata_and_nowhere_in_the_results(tmp_path: Path):
    done = command("simulate", "--scenario", "headline", *QUICK, "--out", tmp_path, patience=PATIENCE)
    assert done.code == 0, done.err
    about = metadata(tmp_path)
    results = about.pop("results")
    assert about["true_rates"]["numbers"] == 0.1
    assert "true_rates" not in json.dumps(results)
    assert "combination_conversion_rates" not in about
    assert "Headline: 400 visitors in 14 days, 4 arms, balanced, seed 1" in done.out
    assert f"Decision: {about['decision']['status']} " in done.out
    assert about["decision"]["sentence"] in done.out
    said = "Found: the leader is numbers" if about["found_best"] else "Not found: "
    assert said in done.out
    assert "Conversions: " in done.out
    for policy in ("even", "earn", "ucb1"):
        assert any(line.startswith(f"{policy} ") for line in done.out.splitlines())
    assert "Simulating visitors: 400 of 400" in done.err
    assert "Playing policies: 6 of 6" in done.err


def test_pictures_say_in_words_what_they_show(tmp_path: Path):
    words = ("--scenario", "multi-element", *QUICK, "--mode", "fixed", "--out", tmp_path)
    assert command("simulate", *words, patience=PATIENCE).code == 0
    for name, said in (
        ("traffic.svg", "the other 4"),
        ("chances.svg", "At the end it may be said: "),
        ("regret.svg", "ucb1 "),
    ):
        drawn = ET.parse(tmp_path / name).getroot()
        texts = {part.get("id"): part.text or "" for part in drawn.iter() if part.get("id")}
        assert said in texts["desc"], name
        assert any("9 combinations, fixed, seed 1" in (part.text or "") for part in drawn.iter()), name


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--scenario", "coin"), "'coin' is not one of flat, rising, weekend, launch, headline, multi-element"),
        (("--scenario", "headline", "--rule", "z-test"), "--rule does not go with --scenario headline"),
        (("--scenario", "headline", "--lift", "0.5", "--arms", "3"), "--arms, --lift does not go with"),
        (("--scenario", "rising", "--mode", "earn"), "--mode does not go with --scenario rising"),
        (("--load", "http://localhost:8000"), "--load does not go with --scenario flat"),
        (("--scenario", "headline", "--load", "http://localhost:8000"), "its secret key is needed"),
        (("--scenario", "headline", "--mode", "adaptive"), "'adaptive' is not one of"),
        (("--scenario", "headline", "--policy", "coin"), "'coin' is not one of"),
        (("--scenario", "headline", "--days", "0"), "0.0 is not in the range"),
        (("--scenario", "headline", "--days", "500"), "6,000 visitors in 500 days cannot be simulated"),
        (("--scenario", "absent.toml"), "absent.toml cannot be read"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused_and_nothing_is_written(
    tmp_path: Path, words: tuple[str, ...], said: str
):
    done = command("simulate", *words, "--out", tmp_path / "out")
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "Traceback" not in done.err
    assert not list(tmp_path.rglob("*.csv"))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.toml", b"name = ", "is no TOML in UTF-8"),
        ("a.json", b"{", "is no JSON in UTF-8"),
        ("a.json", b"\xff\xfe\x00", "is no JSON in UTF-8"),
        ("a.json", b"[" * 100_000, "is no JSON in UTF-8"),
        ("a.json", b" " * 1_100_000, "is too large"),
        ("a.json", b"[]", "a.json, scenario: This must be an object"),
        ("a.toml", b'name = "x"\ncolour = 1\n', "a.toml, scenario"),
        ("a.toml", b'name = "x"\ntrue_rates = {a = 0.1, b = 2}\n', "a.toml, true_rates.b: A true rate is"),
        ("a.toml", b'name = "x"\ntrue_rates = {a = 0.1, b = nan}\n', "a.toml, true_rates.b: A true rate is"),
        ("a.toml", b'name = "x"\ntrue_rates = {a = 0.1}\n', "Too few arms"),
    ],
)
def test_a_bad_file_is_refused_with_its_name_and_the_place(
    tmp_path: Path, name: str, content: bytes, said: str
):
    (tmp_path / name).write_bytes(content)
    done = command("simulate", "--scenario", tmp_path / name, "--out", tmp_path / "out")
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "Traceback" not in done.err


def test_the_scenarios_in_the_help_are_scenarios():
    text = EXAMPLE.replace("\b\n", "")
    head, _, elements = text.partition("Where several things vary")
    first = "\n".join(line for line in head.splitlines() if line.startswith("  "))
    assert allocation_scenario.scenario_of(tomllib.loads(first)).visitors_per_day == 1_500
    second = "\n".join(line for line in elements.splitlines() if line.startswith("  "))
    combined = allocation_scenario.scenario_of({"name": "x"} | tomllib.loads(second))
    assert combined.experiment(0).arms[combined.best or 0].key == "red.long"


def test_the_command_knows_every_scenario_and_policy():
    """It names them itself, so that `--help` need not load numpy."""
    assert tuple(allocation_scenario.NAMED) == NAMED
    assert bandits.POLICIES == POLICIES
    assert get_args(Shape) == SHAPES


@pytest.mark.parametrize(
    ("script", "arms", "visitors"),
    [("generate_demo_data.py", 4, 6_000), ("generate_demo_multielement.py", 9, 10_000)],
)
def test_the_demo_scripts_write_thousands_of_visitors_and_the_winner_emerges(
    tmp_path: Path, script: str, arms: int, visitors: int
):
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "data" / script, "--out", tmp_path, "--tests", "1", "--policy", "even"],
        capture_output=True, text=True, timeout=PATIENCE, env=environment(), cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    matrix, about = rows(tmp_path / "matrix.csv"), metadata(tmp_path)
    assert len(matrix) == arms
    assert sum(int(row["visitors"]) for row in matrix) == visitors
    best = max(about["true_rates"], key=lambda arm: about["true_rates"][arm])
    assert about["best_arm"] == about["leader"] == best
    assert max(matrix, key=lambda row: int(row["visitors"]))["arm"] == best
    assert about["conversions"] > about["even_split_conversions"]
    if arms == 9:
        assert len(about["combination_conversion_rates"]) == 9
        assert {row["cta"] + row["copy"] for row in matrix} == {cta + copy for cta in "abc" for copy in "xyz"}
