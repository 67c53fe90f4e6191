"""Observations: all that was counted of an experiment, as far as one reading needs it, whatever it was counted in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from vibevariant.experiments.tallies import Tally
from vibevariant.stats.delay import DelayCounts
from vibevariant.stats.engagement import VisitorSignals
from vibevariant.stats.silence import Arrivals


class HourCount(NamedTuple):
    """One hour since 1970: the visitors first exposed in it, and the first conversions that happened in it."""

    hour: int
    exposed: int
    conversions: int


class SegmentTally(NamedTuple):
    """Visitors of one kind, arm and allocation."""

    segment: str
    arm: int
    allocation: int
    exposed: int
    conversions: int


class BuyerSum(NamedTuple):
    """So many visitors of an arm and allocation who each brought this sum, in millionths."""

    arm: int
    allocation: int
    value: int
    visitors: int


@dataclass(frozen=True, slots=True)
class Observations:
    """What was counted. All but the first two are about the goal that is read.

    Args:
        tallies: by arm, allocation and goal.
        matured: for each goal that has a window, the same of the visitors whose window has closed: only they are
            evidence. A goal without a window is not among the keys, and all its visitors count at once.
        hours: those in which something happened, rising, from the start on.
        delays: by arm, in hours.
        segments: by kind of visitor, arm and allocation.
        buyers: who brought a value; none where no event had one.
        signals: visitors by what they did short of converting; none where that is not asked for, or not known.
        arrivals: what came in from the project's site since the start, and what was left out.
    """

    tallies: Sequence[Tally]
    matured: Mapping[int, Sequence[Tally]] = field(default_factory=dict)
    hours: Sequence[HourCount] = ()
    delays: Sequence[DelayCounts] = ()
    segments: Sequence[SegmentTally] = ()
    buyers: Sequence[BuyerSum] = ()
    signals: Sequence[VisitorSignals] = ()
    arrivals: Arrivals = field(default=Arrivals(0, 0, 0))
