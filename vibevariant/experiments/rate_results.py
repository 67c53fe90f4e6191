"""The rates to show: as counted, or where weights changed meanwhile, as they had been had everyone seen each arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vibevariant.stats.aipw import Counterfactual
from vibevariant.stats.evidence import AllocationCounts

WHY_ADJUSTED = (
    "The arms were not shown in the same shares all the time, so they met different visitors: raw rates mix what an arm "
    "does with when it was shown, and can mislead. The rates shown are what each arm would have brought had everyone "
    "seen it; the raw ones stand beside them."
)
TOO_FEW_TO_ADJUST = (
    "The arms were not shown in the same shares all the time, so raw rates mix what an arm does with when it was shown, "
    "and can mislead. There are too few conversions yet to correct them; the chances do not rest on them."
)


@dataclass(frozen=True, slots=True)
class Rates:
    """How the rates of the arms are to be read.

    Args:
        method: `raw` is conversions by visitor; `adjusted` is that had everyone seen the arm, each visitor weighed by
            how likely it was to get it (AIPW).
        note: why a raw rate misleads here; None where it does not.
    """

    method: Literal["raw", "adjusted"]
    note: str | None


def rates(allocations: Sequence[AllocationCounts], had_all_seen: Sequence[Counterfactual]) -> Rates:
    """Which rates to show: the raw ones as long as the shares of the arms never changed."""
    weights = {tuple(weights) for weights, exposed, _ in allocations if any(exposed)}
    if len(weights) < 2:
        return Rates("raw", None)
    if all(each.mean is not None for each in had_all_seen):
        return Rates("adjusted", WHY_ADJUSTED)
    return Rates("raw", TOO_FEW_TO_ADJUST)
