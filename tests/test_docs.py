"""What is written for people says what the code does."""

import runpy
from pathlib import Path

import pytest

from vibevariant.settings import Settings, variables_of

ROOT = Path(__file__).parent.parent


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
