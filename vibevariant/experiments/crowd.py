"""A crowd: visitors who are yet to come, each with a mind of their own that is fixed beforehand.

Whoever assigns them, in this process or over HTTP, meets the same people: a visitor's decision depends on the arm and
on nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vibevariant.experiments.allocation_scenario import AllocationScenario
from vibevariant.experiments.tallies import HOUR
from vibevariant.stats.quadrature import Floats

Whole = NDArray[np.int64]

START = 1_767_571_200_000
"""When the first one comes (epoch ms): a Monday, midnight UTC."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Visitors in the order in which they come.

    Args:
        at: when each comes, epoch ms.
        hurdles: a visitor converts in an arm whose true rate, times the factor of that time, is above the hurdle.
        factors: what all rates are multiplied by for each visitor.
        delays: ms from the exposure to the conversion, if there is one.
        in_time: the chance that a conversion of each visitor comes before the end.
        ends_at: nothing that happens later is seen.
    """

    name: str
    at: Whole
    hurdles: Floats
    factors: Floats
    delays: Whole
    in_time: Floats
    rates: tuple[float, ...]
    ends_at: int

    @classmethod
    def of(cls, scenario: AllocationScenario, seed: int) -> Crowd:
        """The visitors of a scenario; the same seed brings the same ones."""
        rng = np.random.default_rng(seed)
        hurdles = rng.random(scenario.visitors)
        late = rng.exponential(1.0, scenario.visitors)
        arrives = np.arange(scenario.visitors) * scenario.lasts_ms // scenario.visitors
        delay = 0.0 if scenario.delay_hours is None else scenario.delay_hours * HOUR
        return cls(
            name=f"{scenario.key}-{seed}",
            at=START + arrives,
            hurdles=hurdles,
            factors=scenario.factors(),
            delays=(late * delay).astype(np.int64),
            in_time=-np.expm1((arrives - scenario.lasts_ms) / delay) if delay else np.ones(len(arrives)),
            rates=scenario.rates,
            ends_at=START + scenario.lasts_ms,
        )

    def __len__(self) -> int:
        return len(self.at)

    def visitor_id(self, number: int) -> str:
        """The id that the site would send."""
        return f"{self.name}-{number}"

    def converted_at(self, number: int, arm: int) -> int | None:
        """When this visitor converts having been given this arm; None where it never happens, or not in time."""
        if self.hurdles[number] >= self.rates[arm] * self.factors[number]:
            return None
        at = int(self.at[number] + self.delays[number])
        return at if at <= self.ends_at else None

    def lost(self, arms: Whole) -> float:
        """Conversions lost on average by sending each visitor to these arms instead of the best one."""
        gaps = max(self.rates) - np.array(self.rates)
        return float((gaps[arms] * self.factors).sum())

    @property
    def even_split(self) -> float:
        """Conversions in time that are to be expected where every arm gets the same share."""
        return float((self.factors * self.in_time).sum()) * sum(self.rates) / len(self.rates)
