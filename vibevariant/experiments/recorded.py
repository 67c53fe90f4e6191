"""Recorded experiments: counts by arm from elsewhere, turned back into visitors who came over some weeks."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vibevariant.errors import InvalidInput

TWO_WEEKS = 14 * 86_400_000
SLOWEST_CLICK = 10 * 60_000
"""A recorded conversion is laid at most this long after its exposure (ms)."""

_COLUMNS = ("test_id", "arm", "impressions", "clicks")


@dataclass(frozen=True, slots=True)
class RecordedArm:
    """How many saw an arm, and how many of them clicked."""

    arm: str
    exposed: int
    converted: int

    @property
    def rate(self) -> float:
        return self.converted / self.exposed if self.exposed else 0.0


@dataclass(frozen=True, slots=True)
class RecordedExperiment:
    """The counts of one experiment."""

    key: str
    arms: tuple[RecordedArm, ...]

    @property
    def exposed(self) -> int:
        return sum(arm.exposed for arm in self.arms)

    @property
    def best(self) -> RecordedArm:
        return max(self.arms, key=lambda arm: arm.rate)


@dataclass(frozen=True, slots=True)
class RecordedVisitor:
    """One visitor as the counts imply: the arm's index, the times in epoch ms."""

    visitor_id: str
    arm: int
    exposed_at: int
    converted_at: int | None


def read_recorded(lines: Iterable[str]) -> list[RecordedExperiment]:
    """Experiments from CSV lines with the columns test_id, arm, impressions, clicks, in the order they appear."""
    reader = csv.DictReader(lines)
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise InvalidInput(
            f"The file has no column {', '.join(missing)}.",
            hint=f"Its first line must name {', '.join(_COLUMNS)}.",
        )
    arms: dict[str, list[RecordedArm]] = {}
    for row in reader:
        try:
            exposed, converted = int(row["impressions"]), int(row["clicks"])
            sound = 0 <= converted <= exposed
        except (TypeError, ValueError):
            sound = False
        if not sound:
            raise InvalidInput(
                f"Line {reader.line_num} does not hold whole numbers with 0 <= clicks <= impressions.",
                hint="Mend the line and run again.",
            )
        arms.setdefault(row["test_id"], []).append(RecordedArm(f"arm-{row['arm']}", exposed, converted))
    return [RecordedExperiment(key, tuple(recorded)) for key, recorded in arms.items() if len(recorded) > 1]


def visitors_of(
    experiment: RecordedExperiment, start: int, end: int, rng: random.Random
) -> Iterator[RecordedVisitor]:
    """As many visitors as were recorded, arms and conversions in random order, evenly spread from start to end."""
    cards = [
        (arm, order < recorded.converted)
        for arm, recorded in enumerate(experiment.arms)
        for order in range(recorded.exposed)
    ]
    rng.shuffle(cards)
    times = sorted(rng.randrange(start, end) for _ in cards)
    for number, ((arm, converted), exposed_at) in enumerate(zip(cards, times, strict=True)):
        delay = rng.randrange(SLOWEST_CLICK)
        converted_at = min(exposed_at + delay, end) if converted else None
        yield RecordedVisitor(f"{experiment.key}-{number}", arm, exposed_at, converted_at)
