"""What every visitor would have brought, had all of them seen one arm: under a bandit, and while the traffic changes.

For a visitor of batch t, with y what the visitor brought and pi the arm's propensity there, the score

    m + 1{saw the arm} (y - m) / pi

has the mean of y under that arm, whatever number m is, as long as m does not depend on this visitor: AIPW, augmented
inverse propensity weighting (Robins, Rotnitzky and Zhao, JASA 89, 1994). A good m, here the arm's running mean over
the batches before, makes it vary less. All visitors count alike. Weights that follow the propensities (Hadad et al.,
PNAS 118, 2021) are tighter when rates stand still, but bring the bias back where they move: coverage of nominal 95 %
was 54 % with a rate that tripled.

Only sums are needed. In a batch of N visitors, n of whom saw the arm and brought y with sum S and sum of squares Q,

    sum of scores            N m + (S - n m) / pi
    sum of squared scores    (N - n) m^2 + n c^2 + 2 c S / pi + Q / pi^2,    c = m - m / pi.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from vibevariant.stats.drift import Z_95
from vibevariant.stats.evidence import AllocationCounts
from vibevariant.stats.posterior import check_counts
from vibevariant.stats.quadrature import Floats

# The running mean starts as the mean of everybody, worth this many visitors of the arm: in the first batch it is that
# mean, later it hardly matters.
START_VISITORS = 20.0
# Below this many visitors who brought something, in any of the arms, a normal interval is fiction.
ENOUGH_ACTIVE = 5

Undefined = Literal["no visitors", "too few conversions"]


@dataclass(frozen=True, slots=True)
class Batch:
    """Visitors of one hour under one allocation: weights, and by arm their number and what they brought.

    Args:
        active: visitors who brought anything.
        sums, squares: of what each visitor brought.
    """

    weights: Sequence[int]
    exposed: Sequence[int]
    active: Sequence[int]
    sums: Sequence[float]
    squares: Sequence[float]


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """A mean by visitor had all seen one arm, or the difference of two such; without numbers, the reason why.

    Args:
        visitors: who are spoken of: those of batches in which the arms were served.
        left_out: visitors of the other batches.
    """

    mean: float | None
    standard_error: float | None
    interval_95: tuple[float, float] | None
    visitors: int
    left_out: int
    reason: Undefined | None


def conversion_batches(allocations: Sequence[AllocationCounts]) -> tuple[Batch, ...]:
    """Counts of visitors and conversions as batches: a visitor brings 1 or 0, so sums and squares are the same.

    Cut them as finely as the tallies allow, in the order of allocations and within these of hours: the running mean
    then follows the traffic. Allocations alone are right too, and a little wider.
    """
    for _, exposed, conversions in allocations:
        for converted, shown in zip(conversions, exposed, strict=True):
            check_counts(converted, shown)
    return tuple(
        Batch(weights, exposed, conversions, conversions, conversions)
        for weights, exposed, conversions in allocations
    )


def counterfactual_rate(allocations: Sequence[AllocationCounts], arm: int) -> Counterfactual:
    """Conversions per visitor had everyone seen this arm; see `conversion_batches` for what to pass."""
    estimate = counterfactual_mean(conversion_batches(allocations), arm)
    if estimate.mean is None or estimate.interval_95 is None:
        return estimate
    # A score may lie outside 0 and 1, a rate does not.
    mean, low, high = (min(max(rate, 0.0), 1.0) for rate in (estimate.mean, *estimate.interval_95))
    return replace(estimate, mean=mean, interval_95=(low, high))


def counterfactual_mean(batches: Sequence[Batch], arm: int) -> Counterfactual:
    """What a visitor brings on average had everyone seen this arm."""
    return _estimate(batches, {arm: 1.0})


def counterfactual_difference(batches: Sequence[Batch], a: int, b: int) -> Counterfactual:
    """How much more a visitor brings on average had everyone seen b, than had everyone seen a."""
    if a == b:
        raise ValueError("an arm differs from another one")
    return _estimate(batches, {a: -1.0, b: 1.0})


def _estimate(batches: Sequence[Batch], signs: dict[int, float]) -> Counterfactual:
    """Mean of each visitor's signed sum of scores, with the standard error of a mean."""
    arms = list(signs)
    everyone = sum(sum(batch.exposed) for batch in batches)
    # Where an arm had no weight, nobody knows what it would have done: those visitors are not spoken of.
    served = [batch for batch in batches if sum(batch.exposed) and all(batch.weights[arm] for arm in arms)]
    shown, active, sums, squares = (
        np.array([[getattr(batch, name)[arm] for batch in served] for arm in arms], dtype=np.float64)
        for name in ("exposed", "active", "sums", "squares")
    )
    visitors = sum(sum(batch.exposed) for batch in served)
    if visitors < 2 or not shown.size or not shown.sum(axis=1).all():
        return Counterfactual(None, None, None, visitors, everyone - visitors, "no visitors")
    if active.sum(axis=1).min() < ENOUGH_ACTIVE:
        return Counterfactual(None, None, None, visitors, everyone - visitors, "too few conversions")
    sign = np.array([signs[arm] for arm in arms])[:, None]
    pi = np.array([[batch.weights[arm] / sum(batch.weights) for batch in served] for arm in arms])
    present = np.array([float(sum(batch.exposed)) for batch in served])
    running = _running_means(shown, sums)

    # Everybody gets the regression's part; the visitors of an arm get `extra` + `scale` * y on top.
    base = (sign * running).sum(axis=0)
    scale = sign / pi
    extra = base - scale * running
    total = float((present * base + (scale * (sums - shown * running)).sum(axis=0)).sum())
    others = present - shown.sum(axis=0)
    squared = others * base**2 + (shown * extra**2 + 2 * extra * scale * sums + scale**2 * squares).sum(
        axis=0
    )
    mean = total / visitors
    variance = max(0.0, float(squared.sum()) / visitors - mean**2) / (visitors - 1)
    error = math.sqrt(variance)
    return Counterfactual(
        mean, error, (mean - Z_95 * error, mean + Z_95 * error), visitors, everyone - visitors, None
    )


def _running_means(shown: Floats, sums: Floats) -> Floats:
    """For every arm (row) and batch (column) its mean over the batches before, shrunk towards the mean of all."""
    start = sums.sum() / shown.sum()
    seen_before = np.cumsum(shown, axis=1) - shown
    sums_before = np.cumsum(sums, axis=1) - sums
    return np.asarray((sums_before + START_VISITORS * start) / (seen_before + START_VISITORS))
