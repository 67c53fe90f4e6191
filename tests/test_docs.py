"""What is written for people says what the code does."""

import re
import runpy
from pathlib import Path
from typing import get_args

import pytest

from vibevariant.jobs.load_examples import SOURCE
from vibevariant.settings import Settings, variables_of
from vibevariant.stats.decision import Status
from vibevariant.stats.reading import read

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def env_example() -> str:
    return (ROOT / ".env.example").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_in_the_example_environment(env_example, name):
    assert f"\n#{variables_of(name)[0]}=" in env_example


def test_the_example_environment_is_what_its_script_writes(env_example):
    script = runpy.run_path(str(ROOT / "scripts/env_example.py"))
    assert env_example == script["env_example"](), "run .venv/bin/python scripts/env_example.py"


def test_every_verb_of_the_makefile_explains_itself():
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    verbs = next(line for line in lines if line.startswith(".PHONY:")).split()[1:]
    for verb in verbs:
        assert any(line.startswith(f"{verb}: ## ") for line in lines), verb


def test_the_sentence_in_the_readme_is_what_the_appliance_says():
    counts = [((5000, 5000), (50, 50), (0, 1))]
    said = read(["control", "b"], 0, counts, goal="signup", started_ms=0, now_ms=86_400_000).decision.sentence
    quoted = " ".join(line[2:] for line in README.splitlines() if line.startswith("> "))
    assert quoted == said


def test_every_example_experiment_names_its_source_and_licence():
    for phrase in ("Upworthy Research Archive", "CC BY 4.0"):
        assert phrase in README
        assert phrase in SOURCE


def test_every_code_file_stands_in_the_annotated_tree():
    tree = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for file in (ROOT / "vibevariant").rglob("*.py"):
        room = file.parent.name
        if (
            file.name != "__init__.py"
            and room not in {"api", "cli", "migrations"}
            and file.stem != "__main__"
        ):
            assert re.search(rf"\b{file.stem}\.py\b", tree), file


def test_every_decision_is_named_in_the_readme():
    for status in get_args(Status):
        assert f"`{status}`" in README


def test_what_each_mode_loses_and_proves_in_the_readme_is_what_the_benchmarks_found():
    page = (ROOT / "bench/bandits.md").read_text(encoding="utf-8").partition("regret and proof")[2]
    found = {
        mode: (round(100 * float(lost)), round(float(proven)))
        for mode, lost, proven in re.findall(
            r"^\| (\w+) \| \d+ \| ([\d.]+) ± [\d.]+ \| ([\d.]+) ±", page, re.MULTILINE
        )
    }
    said = re.findall(r"^\| `(\w+)` \|.*\| (?:as many|(\d+) %) \| (\d+) in 100 \|$", README, re.MULTILINE)
    # Two arms get half each where visitors are there to learn from.
    assert {mode: (int(lost or 100), int(proven)) for mode, lost, proven in said} == {
        "learn": found["even"], "balanced": found["balanced"], "earn": found["earn"],
    }  # fmt: skip
    archive = (ROOT / "bench/archive_bandit.md").read_text(encoding="utf-8")
    for mode in ("balanced", "earn"):
        gained = re.search(rf"{mode} \| report \| \+([\d.]+) ±", archive, re.IGNORECASE)
        assert gained is not None
        assert re.search(
            rf"`{mode}`[^`]*?{re.escape(gained[1])} %", README.partition("headline tests, 41.5")[2]
        )


def test_the_share_of_false_winners_in_the_readme_is_what_the_benchmark_found():
    rows = re.findall(
        r"\| ([\d.]+)% \|$", (ROOT / "bench/peeking.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    claimed = re.search(r"names a winner in ([\d.]+) % .*?VibeVariant does in ([\d.]+) %", README, re.DOTALL)
    assert claimed is not None
    assert list(claimed.groups()) == rows
