"""Visitors steered as the appliance does it: refresh by refresh, new weights from all that was seen, if they differ enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from vibevariant.experiments.policies import Counts, Floats
from vibevariant.stats.allocation import (
    TEN_THOUSANDTHS,
    Mode,
    even_weights,
    weights_in_mode,
    worth_publishing,
)
from vibevariant.stats.delay import DelayCounts, delay_curve
from vibevariant.stats.design import Design
from vibevariant.stats.evidence import AllocationCounts
from vibevariant.stats.posterior import Beta
from vibevariant.stats.steering import steering_chances

Late = Literal["discounted", "known", "naive", "matured"]
"""What is made of late conversions: each visitor counts for as much as can have arrived, by the delays that were seen
(as the appliance has it) or by their true law, which nobody knows; in full; or once nearly all can have arrived."""

# In mean delays: 95 % of conversions come within them, if delays are exponential.
MATURED_AFTER = 3.0


@dataclass(frozen=True, slots=True)
class Steered:
    """One experiment, checkpoint by checkpoint: shaped (checkpoints, arms).

    Args:
        weights: under which the visitors before the checkpoint came.
        shown: visitors so far.
        converted: conversions that have arrived.
        p_best: chances of being best as they stand then.
    """

    weights: Counts
    shown: Counts
    converted: Counts
    p_best: Floats


@dataclass(slots=True)
class _Seen:
    """Visitors and conversions as the appliance has them: by the allocation they came under, and by their times.

    Args:
        by_allocation: for each its weights, and visitors and conversions of its arms.
        ages: visitors of each batch.
        delays: conversions by the batches they took.
        matured: conversions of each batch that have arrived.
    """

    by_allocation: list[tuple[tuple[int, ...], Counts, Counts]]
    ages: Counts
    delays: Counts
    matured: Counts
    due: defaultdict[int, list[tuple[int, int, int, Counts]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @property
    def allocations(self) -> list[AllocationCounts]:
        return [
            (weights, exposed.tolist(), converted.tolist())
            for weights, exposed, converted in self.by_allocation
        ]


def steer(
    mode: Mode | None,
    rates: Sequence[float],
    factors: Floats,
    ends: Sequence[int],
    rng: np.random.Generator,
    *,
    prior: Beta,
    design: Design | None = None,
    delay: float | None = None,
    late: Late = "discounted",
) -> Steered:
    """Lets visitors come, batch by batch; without a mode all arms keep the same weight, and no chances are worked out.

    Args:
        factors: what the rates are multiplied by in each batch.
        ends: visitors at the end of each batch.
    """
    arms, batches = len(rates), len(ends)
    in_force = even_weights(arms)
    nothing = np.zeros((batches, arms), np.int64)
    seen = _Seen([], nothing.copy(), nothing.copy(), nothing.copy())
    course = Steered(nothing.copy(), nothing.copy(), nothing.copy(), np.zeros((batches, arms)))
    new = True
    for batch, came in enumerate(np.diff((0, *ends)).tolist()):
        if new:
            seen.by_allocation.append((in_force, np.zeros(arms, np.int64), np.zeros(arms, np.int64)))
        arrived = rng.multinomial(came, np.array(in_force) / TEN_THOUSANDTHS)
        converted = rng.binomial(arrived, np.array(rates) * factors[batch])
        seen.by_allocation[-1][1][:] += arrived
        seen.ages[batch] = arrived
        _convert(seen, batch, converted, ends, delay, rng)
        course.weights[batch] = in_force
        course.shown[batch] = seen.ages.sum(axis=0)
        course.converted[batch] = seen.delays.sum(axis=0)
        new = False
        if mode is not None:
            p_best = _chances(seen, batch, ends, prior, design, delay, late)
            course.p_best[batch] = p_best
            wanted = weights_in_mode(p_best, mode, ends[batch])
            new = worth_publishing(in_force, wanted)
            in_force = wanted if new else in_force
    return course


def _convert(
    seen: _Seen,
    batch: int,
    converted: Counts,
    ends: Sequence[int],
    delay: float | None,
    rng: np.random.Generator,
) -> None:
    """Takes in the conversions that arrive by the end of this batch, and keeps those that its visitors have to come."""
    allocation, width = len(seen.by_allocation) - 1, ends[0]
    if delay is None:
        seen.due[batch].append((allocation, batch, 0, converted))
    else:
        first = ends[batch - 1] if batch else 0
        for arm, count in enumerate(converted.tolist()):
            took = rng.exponential(delay, count)
            arrives = rng.uniform(first, ends[batch], count) + took
            for at, bins in zip(np.searchsorted(ends, arrives).tolist(), took // width, strict=True):
                one = np.zeros_like(converted)
                one[arm] = 1
                seen.due[at].append((allocation, batch, int(bins), one))
    for under, of_batch, bins, counts in seen.due.pop(batch, ()):
        seen.by_allocation[under][2][:] += counts
        seen.delays[bins] += counts
        seen.matured[of_batch] += counts


def _chances(
    seen: _Seen,
    batch: int,
    ends: Sequence[int],
    prior: Beta,
    design: Design | None,
    delay: float | None,
    late: Late,
) -> tuple[float, ...]:
    """The chances that steer the next batch."""
    arms = seen.ages.shape[1]
    allocations = seen.allocations
    if delay is None or late == "naive":
        return steering_chances(allocations, arms, prior=prior, design=design)
    if late == "matured":
        old = int(np.searchsorted(ends, ends[batch] - MATURED_AFTER * delay, side="right"))
        exposed, converted = seen.ages[:old].sum(axis=0), seen.matured[:old].sum(axis=0)
        only = [(allocations[-1][0], exposed.tolist(), converted.tolist())]
        return steering_chances(only, arms, prior=prior, design=design)
    # The youngest batch is of age 0.
    ages, delays = seen.ages[batch::-1].T, seen.delays[: batch + 1].T
    if late == "known":
        arrived = -np.expm1(-(np.arange(batch + 1) + 0.5) * ends[0] / delay)
        effective = (ages @ arrived).tolist()
    else:
        by_arm = [DelayCounts(age, taken) for age, taken in zip(ages.tolist(), delays.tolist(), strict=True)]
        curve = delay_curve(by_arm)
        effective = [curve.effective_visitors(arm.ages) for arm in by_arm]
    return steering_chances(allocations, arms, prior=prior, effective=effective, design=design)
