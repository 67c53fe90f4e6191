"""Tallies: exposed visitors, conversions and value sums, and how a change in what is known of a visitor moves them.

Storage keeps the tallies beside the facts and adds a `difference` whenever a visitor's state changes. Since every
count is a whole number and each difference telescopes, any order of arrival ends in the same tallies. When conversions
happen is counted beside them in the same way.
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


class HourKey(NamedTuple):
    """One goal's first conversions that happened in one hour (since 1970)."""

    goal_id: int
    hour: int


class DelayKey(NamedTuple):
    """One goal's first conversions in one arm that came so many whole hours after the exposure."""

    goal_id: int
    arm: int
    hours: int


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
    segment: str = ""


def count(
    exposed_at: int | None,
    events: Iterable[tuple[int, int]],
    ended_at: int | None = None,
    window_hours: int | None = None,
) -> Converted | None:
    """What the matching events (time, value) of an exposed visitor amount to, in whatever order they came.

    An event at the very time of the exposure counts, one from before it or from after the end does not, nor does one
    from the very end of the window on: its last hour is whole, as all before it are.
    """
    if exposed_at is None:
        return None
    first_at: int | None = None
    counted = total = 0
    closes_at = None if window_hours is None else exposed_at + window_hours * HOUR
    for at, value in events:
        if at < exposed_at or (ended_at is not None and at > ended_at):
            continue
        if closes_at is not None and at >= closes_at:
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
    added = {TallyKey(arm, allocation, EXPOSED, hour, state.segment): Counts(exposed=1)}
    for goal_id, converted in state.conversions.items():
        key = TallyKey(arm, allocation, goal_id, hour, state.segment)
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


def first_conversions(state: VisitorState | None) -> set[HourKey | DelayKey]:
    """When one visitor's first conversions happened: each is one of its hour, and one of its delay."""
    found: set[HourKey | DelayKey] = set()
    if state is not None and state.exposed_at is not None:
        for goal_id, converted in state.conversions.items():
            found.add(HourKey(goal_id, converted.first_at // HOUR))
            found.add(DelayKey(goal_id, state.arm, (converted.first_at - state.exposed_at) // HOUR))
    return found


def moved_conversions(
    before: VisitorState | None, after: VisitorState | None
) -> dict[HourKey | DelayKey, int]:
    """What must be added to the counts of first conversions when a visitor's state changes."""
    old, new = first_conversions(before), first_conversions(after)
    return {key: 1 if key in new else -1 for key in old ^ new}
