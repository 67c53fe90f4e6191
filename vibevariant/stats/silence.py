"""Whether a goal that used to fire has gone silent: mostly a page that changed, and a button that lost its name."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

# How unlikely a silence must be to be spoken of.
SILENT_AT = 0.001


@dataclass(frozen=True, slots=True)
class Silence:
    """How long a goal has not been seen, counted in visitors.

    Args:
        last_seen: index of the last hour with an event; None if there never was one.
        since: visitors of the hours after it.
        expected: events that they would have brought at the rate before.
        probability: that so long a silence comes up at some time although nothing changed; at most this.
        is_silent: the probability is below 1 in 1,000.
    """

    last_seen: int | None
    since: int
    expected: float
    probability: float
    is_silent: bool


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What came in: what was counted, and what was left out as robots' or as sent twice."""

    counted: int
    robots: int
    duplicates: int

    def __post_init__(self) -> None:
        if min(self.counted, self.robots, self.duplicates) < 0:
            raise ValueError("what came in is never negative")

    @property
    def share_left_out(self) -> float | None:
        """Of all that came in; None when nothing did."""
        total = self.counted + self.robots + self.duplicates
        return (self.robots + self.duplicates) / total if total else None


def silence(visitors: Sequence[int], events: Sequence[int]) -> Silence:
    """Judge the hours since a goal was last seen by the rate before: visitors and events of each hour, in order.

    With s events among N visitors, of whom m came after the last event, and nothing changed, any of the gaps between
    events is as long as this one with a chance of

        C(N - m, s) / C(N, s) < (1 - m/N)^s,    nearly exp(-expected) where s is large,

    which needs no rate to be known and is not sure of itself after three events. There are s gaps that could have
    been noticed, so s times that bounds the chance of ever raising a false alarm, however often one looks. Events are
    counted in the hour in which they happened (not that of the exposure), one for each visitor who converted.
    """
    if len(visitors) != len(events) or min((*visitors, *events), default=0) < 0:
        raise ValueError("every hour needs its visitors and its events, none of them negative")
    last_seen = max((hour for hour, count in enumerate(events) if count), default=None)
    if last_seen is None:
        return Silence(None, sum(visitors), 0.0, 1.0, is_silent=False)
    before, since, fired = sum(visitors[: last_seen + 1]), sum(visitors[last_seen + 1 :]), sum(events)
    # Late conversions can outnumber the visitors of the hours they fall in; each came with a visitor all the same.
    before = max(before, fired)
    log_gap = fired * math.log(before / (before + since))
    probability = min(1.0, math.exp(log_gap) * fired)
    return Silence(last_seen, since, fired / before * since, probability, is_silent=probability < SILENT_AT)
