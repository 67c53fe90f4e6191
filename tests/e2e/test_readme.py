"""The README's first experiment is run as it stands there, and its command line is the one there is."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

from tests.appliance import Answer, Appliance
from vibevariant.cli import main

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return re.split(r"^## ", README.partition(f"## {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def curls(text: str) -> list[list[str]]:
    """Every curl command of the shell blocks, as its words, and those within a sentence."""
    joined = text.replace("\\\n", " ")
    return [
        shlex.split(found.strip("`")) for found in re.findall(r"^curl .*$|`curl [^`]+`", joined, re.MULTILINE)
    ]


def run(appliance: Appliance, words: list[str]) -> Answer:
    method, path, key, body = "GET", "", "", None
    rest = iter(words[1:])
    for word in rest:
        if word == "-X":
            method = next(rest)
        elif word == "-H":
            name, _, value = next(rest).partition(": ")
            if name == "authorization":
                key = value.removeprefix("Bearer ")
        elif word == "-d":
            body = json.loads(next(rest))
            method = "POST"
        elif word != "-s":
            path = word.removeprefix("localhost:8000")
    return appliance.call(method, path, body, key=key)


def filled(word: str, known: dict[str, str]) -> str:
    for place, value in known.items():
        word = word.replace(place, value)
    return word


def test_the_first_experiment_of_the_readme_works_as_it_stands(tmp_path: Path) -> None:
    commands = curls(section("The same from a terminal"))
    assert len(commands) == 5
    appliance = Appliance(tmp_path / "data").start()
    try:
        said: dict[str, Any] = {}
        answers = []
        for words in commands:
            known = {
                "THE TOKEN OF THE LINK": appliance.setup_token,
                "vv_sk_YOUR_KEY": said.get("secret_key", ""),
                "vv_proj_YOUR_TOKEN": said.get("project", {}).get("token", ""),
            }
            answers.append(run(appliance, [filled(word, known) for word in words]))
            assert answers[-1].status < 300, (words, answers[-1])
            said = said or answers[-1].json
        assignment, recorded, results = (answer.json for answer in answers[2:])
        arm = assignment["assignments"]["hero"]["arm"]
        assert arm in {"control", "bold"}
        assert recorded == {"accepted": 1, "duplicates": 0, "rejected": []}
        counted = {row["key"]: (row["exposed"], row["conversions"]) for row in results["arms"]}
        assert counted[arm] == (1, 1)
        assert results["decision"]["sentence"]
    finally:
        appliance.end()


def test_every_verb_of_the_command_line_stands_in_the_readme_and_the_other_way_round() -> None:
    named = set(re.findall(r"^vibevariant ([\w-]+)", section("The command line"), re.MULTILINE))
    assert named == set(main.commands)
