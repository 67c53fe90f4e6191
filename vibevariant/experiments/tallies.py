"""Tallies: exposed visitors, conversions and value sums, and how a change in what is known of a visitor moves them.

Storage keeps the tallies beside the facts and adds a `difference` whenever a visitor's state changes. Since every
count is a whole number and each difference telescopes, any order of arrival ends in the same tallies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

HOUR = 3_600_000
"""Milliseconds: tallies are kept by the hour of the exposure."""

EXPOSED = 0
"""The goal id under which the exposed visitors are counted; no goal has it."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of one arm, allocation, goal, hour of exposure (hours since 1970 UTC) and segment.

    `exposed` is counted under the goal id 0 only, `value` in millionths.
    """

    arm: int
    allocation: int
    goal_id: int
    hour: int
    segment: str
    exposed: int
    conversions: int
    events: int
    value: int


class TallyKey(NamedTuple):
    """What tells one tally of an experiment from another (a tuple, for it is hashed on every event)."""

    arm: int
    allocation: int
    goal_id: int
    hour: int
    segment: str = ""


class Counts(NamedTuple):
    """What a tally adds up."""

    exposed: int = 0
    conversions: int = 0
    events: int = 0
    value: int = 0


_NOTHING = Counts()


@dataclass(frozen=True, slots=True)
class Converted:
    """What a visitor did towards one goal since the exposure; `value` is the sum over all events, in millionths."""

    first_at: int
    events: int
    value: int


@dataclass(frozen=True, slots=True)
class VisitorState:
    """All that counts about one visitor in one experiment; `conversions` are by goal id."""

    arm: int
    allocation: int
    exposed_at: int | None
    conversions: Mapping[int, Converted]


def count(
    exposed_at: int | None, events: Iterable[tuple[int, int]], ended_at: int | None = None
) -> Converted | None:
    """What the matching events (time, value) of an exposed visitor amount to, in whatever order they came.

    An event at the very time of the exposure counts, one from before it or from after the end does not.
    """
    if exposed_at is None:
        return None
    first_at: int | None = None
    counted = total = 0
    for at, value in events:
        if at < exposed_at or (ended_at is not None and at > ended_at):
            continue
        if first_at is None or at < first_at:
            first_at = at
        counted += 1
        total += value
    return None if first_at is None else Converted(first_at, counted, total)


def contributions(state: VisitorState | None) -> dict[TallyKey, Counts]:
    """What one visitor adds to the tallies: nothing before the exposure, and at most one conversion for each goal."""
    if state is None or state.exposed_at is None:
        return {}
    if EXPOSED in state.conversions:
        raise ValueError("No goal may have the goal id 0: it stands for the exposed visitors.")
    arm, allocation, hour = state.arm, state.allocation, state.exposed_at // HOUR
    added = {TallyKey(arm, allocation, EXPOSED, hour): Counts(exposed=1)}
    for goal_id, converted in state.conversions.items():
        key = TallyKey(arm, allocation, goal_id, hour)
        added[key] = Counts(conversions=1, events=converted.events, value=converted.value)
    return added


def difference(before: VisitorState | None, after: VisitorState | None) -> dict[TallyKey, Counts]:
    """What must be added to the tallies when a visitor's state changes; tallies that stay as they are are left out."""
    old, new = contributions(before), contributions(after)
    changed: dict[TallyKey, Counts] = {}
    for key in old.keys() | new.keys():
        was, becomes = old.get(key, _NOTHING), new.get(key, _NOTHING)
        if was != becomes:
            changed[key] = Counts(*(b - a for a, b in zip(was, becomes, strict=True)))
    return changed
