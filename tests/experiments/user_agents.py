"""What real browsers, programs and robots call themselves: user_agents.tsv, read in place."""

from __future__ import annotations

from pathlib import Path

USER_AGENTS: list[tuple[str, str]] = [
    (kind, user_agent)
    for line in Path(__file__).with_suffix(".tsv").read_text(encoding="utf-8").splitlines()
    for kind, user_agent in [line.split("\t")]
]
"""Each with what it is: `robot`, or the device of a person or of a program."""
