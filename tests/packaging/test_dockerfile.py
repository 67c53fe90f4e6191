"""The recipe of the container says what it means, and finds what it takes. No engine is needed to look."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from vibevariant.cli import main
from vibevariant.settings import Settings, variables_of

ROOT = Path(__file__).parents[2]
RECIPE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
HADOLINT = Path(sys.executable).with_name("hadolint")


def instructions(name: str) -> list[str]:
    return re.findall(rf"^(?:HEALTHCHECK .*)?{name} (.+)$", RECIPE, re.MULTILINE)


def test_the_linter_has_nothing_to_say():
    said = subprocess.run([HADOLINT, ROOT / "Dockerfile"], capture_output=True, text=True)
    assert (said.returncode, said.stdout) == (0, "")


def test_everything_that_is_copied_is_there_and_reaches_the_builder():
    taken = [name for line in instructions("COPY") if "--from" not in line for name in line.split()[:-1]]
    assert len(taken) > 8
    for name in taken:
        assert (ROOT / name).exists(), name
        allowed = [line[1:] for line in IGNORED if line.startswith("!")]
        assert any(Path(name).match(pattern) for pattern in allowed), f"{name} is not in .dockerignore"


def test_what_builds_the_package_is_named_with_all_that_it_needs():
    needed, waiting = set(), ["hatchling"]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            requirements = [each for each in metadata.requires(name) or () if "extra ==" not in each]
            # What only older Pythons need is not in the lock.
            waiting += [
                re.match(r"[\w.-]+", each)[0] for each in requirements if "python_version" not in each
            ]
    named = re.search(r"wanted = /\^\(([\w|-]+)\)==/", RECIPE)
    assert named is not None
    assert set(named[1].split("|")) == needed


def test_what_it_runs_are_verbs_of_the_command_line():
    (entry,), commands = instructions("ENTRYPOINT"), instructions("CMD")
    words = [json.loads(command) for command in commands]
    assert json.loads(entry) == ["vibevariant"]
    assert words == [["vibevariant", "healthcheck"], ["serve"]]
    assert {command[-1] for command in words} <= set(main.commands)


def test_its_settings_are_settings():
    known = {variable for name in Settings.model_fields for variable in variables_of(name)}
    given = re.findall(r"\b(VIBEVARIANT_\w+)=", "\n".join(instructions("ENV")))
    assert given
    assert set(given) <= known


def test_every_package_is_checked_against_its_hash():
    installs = re.findall(r"\binstall (?!-d)(.*?)(?:&&|$)", "\n".join(instructions("RUN")), re.MULTILINE)
    assert len(installs) == 3
    for words in installs:
        assert "--require-hashes" in words or words.strip() == "--no-deps dist/*.whl", words


def test_it_is_not_root_and_names_no_host():
    assert instructions("USER") == ["10001:10001"]
    assert {line.split()[0] for line in instructions("FROM")} == {"python:3.13-slim"}
    assert "://" not in RECIPE
