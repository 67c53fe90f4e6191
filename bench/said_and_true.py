"""The picture of how true the leader's chance is in real experiments, drawn from bench/decisions.md."""

import re
from pathlib import Path

from vibevariant.cli.pictures import Curve, Panel, picture

PICTURE = Path(__file__).parent.parent / "docs" / "pictures" / "said-and-true.svg"
NAMES = {"flat priors, rates independent": "The usual way: flat priors", "VibeVariant": "VibeVariant"}
COLOURS = {"flat priors, rates independent": 2, "VibeVariant": 1}

Row = tuple[str, int, int, float, float]
"""Rule, visitors, tests, said, true."""


def rows_of(page: str) -> list[Row]:
    """The rows of the table of said and true."""
    found = re.findall(r"^\| ([^|]+) \| ([\d,]+) \| ([\d,]+) \| (0\.\d+) \| (0\.\d+) \|", page, re.MULTILINE)
    return [
        (rule, int(visitors.replace(",", "")), int(tests.replace(",", "")), float(said), float(true))
        for rule, visitors, tests, said, true in found
        if rule in NAMES
    ]


def drawn(rows: list[Row]) -> str:
    """SVG."""
    panels, words = [], []
    for rule, name in NAMES.items():
        mine = [row for row in rows if row[0] == rule]
        said = Curve("said", [(row[1], row[3]) for row in mine], COLOURS[rule])
        true = Curve("true", [(row[1], row[4]) for row in mine], None)
        panels.append(Panel(name, [said, true], 0.8, values=True, filled=True))
        words.append(
            f"{name}: "
            + ", ".join(
                f"{row[1]:,} visitors, said {100 * row[3]:.0f} %, true {100 * row[4]:.0f} %" for row in mine
            )
        )
    tests = max((row[2] for row in rows), default=0)
    return picture(
        "The leader's chance of being the best, as said early and as it turned out",
        ". ".join(words) + ".",
        panels,
        f"By visitors so far; {tests:,} real headline tests (Upworthy Research Archive, CC BY 4.0), averages.",
        width=900, height=400, labels=62,
    )  # fmt: skip


def sentence(rows: list[Row]) -> str:
    """What the README says of it."""
    ours, flat = ([row for row in rows if row[0] == rule] for rule in reversed(NAMES))
    names = [f"{row[1]:,}" for row in ours]

    def percents(mine: list[Row], column: int) -> str:
        each = [f"{100 * float(row[column]):.0f}" for row in mine]
        return f"{', '.join(each[:-1])} and {each[-1]} %"

    return (
        f"Read at {', '.join(names[:-1])} and {names[-1]} visitors, {max(row[2] for row in rows):,} real headline tests had a "
        f"leader that was the best in {percents(ours, 4)} of them; VibeVariant said {percents(ours, 3)}. Flat priors, the "
        f"usual way, said {percents(flat, 3)} of leaders that were the best in {percents(flat, 4)}."
    )
