"""How much more often b converts than a when the traffic changed during the test.

A bandit sends more visitors to one arm later. If everybody converts more later too, that arm looks better than it is
(Simpson's paradox): with equal arms, a rate that triples and Thompson weights, the naive 95 % interval holds the truth
in one test of six. Within one allocation the weights stood still, so both arms met the same traffic there: compare the
arms within each allocation, then put the comparisons together.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from vibevariant.stats.evidence import AllocationCounts
from vibevariant.stats.posterior import check_counts
from vibevariant.stats.quadrature import Floats

Z_95 = 1.959963984540054
# The naive and the time-adjusted ratio differ by chance alone, too; in 1 of 20 tests by more than this many standard
# errors of their difference.
MIX_CHANGED_AT = 2.0
MIX_CHANGED = "Traffic mix changed during the test; the time-adjusted number is used."

Undefined = Literal["no visitors", "no conversions", "no variation"]


@dataclass(frozen=True, slots=True)
class RateRatio:
    """Log of the ratio of b's conversion rate to a's; without numbers, the reason why there are none."""

    log_ratio: float | None
    standard_error: float | None
    interval_95: tuple[float, float] | None
    reason: Undefined | None


@dataclass(frozen=True, slots=True)
class TrafficMix:
    """Whether time has to be adjusted for.

    Args:
        naive: from the totals of each arm.
        adjusted: compared within allocations (Mantel-Haenszel).
        z_score: their difference in its standard errors; None where one of them is undefined.
        changed: they differ by more than chance would have it.
        note: what to tell people then.
    """

    naive: RateRatio
    adjusted: RateRatio
    z_score: float | None
    changed: bool
    note: str | None


def naive_ratio(allocations: Sequence[AllocationCounts], a: int, b: int) -> RateRatio:
    """Compare two arms by their totals, as if the traffic never changed.

    Variance of the log by the delta method, 1/s_a - 1/n_a + 1/s_b - 1/n_b (Katz et al., Biometrics 34, 1978): that of
    Mantel-Haenszel with a single stratum.
    """
    counts = _counts(allocations, a, b)
    return _ratio(counts.sum(axis=1, keepdims=True))


def mantel_haenszel(allocations: Sequence[AllocationCounts], a: int, b: int) -> RateRatio:
    """Compare two arms within each allocation, whatever the base rate was there.

    With n visitors and s conversions in stratum e, N = n_a + n_b,

        RR = R / S,  R = sum s_b n_a / N,  S = sum s_a n_b / N

        Var log RR = sum ((s_a + s_b) n_a n_b / N^2 - s_a s_b / N) / (R S)

    (Mantel and Haenszel, JNCI 22, 1959; variance by Greenland and Robins, Biometrics 41, 1985). Both hold for few
    large strata and for many small ones. An allocation in which only one of the two arms got visitors says nothing.
    """
    return _ratio(_counts(allocations, a, b))


def traffic_mix(allocations: Sequence[AllocationCounts], a: int, b: int) -> TrafficMix:
    """Say whether the naive comparison of two arms is misleading, and which number to use.

    Both estimates are smooth functions of the same counts. To first order in the counts s their difference is

        sum s_b (1/S_b - n_a/(N R)) - sum s_a (1/S_a - n_b/(N S)),  S_b and S_a the total conversions,

    and its variance follows from the binomial variances of the s. The difference of the two variances (Hausman) would
    be a shortcut, but can be negative.
    """
    counts = _counts(allocations, a, b)
    naive, adjusted = _ratio(counts.sum(axis=1, keepdims=True)), _ratio(counts)
    z_score = None
    if naive.log_ratio is not None and adjusted.log_ratio is not None:
        n_a, n_b, s_a, s_b, both = _parts(counts)
        slope_b = 1 / s_b.sum() - n_a / both / (s_b * n_a / both).sum()
        slope_a = 1 / s_a.sum() - n_b / both / (s_a * n_b / both).sum()
        variance = float((_variance(s_b, n_b) * slope_b**2 + _variance(s_a, n_a) * slope_a**2).sum())
        difference = naive.log_ratio - adjusted.log_ratio
        # Strata with the same shares throughout weigh conversions as the totals do: nothing to compare.
        certain = abs(difference) < 1e-9
        z_score = 0.0 if certain or variance <= 0 else difference / math.sqrt(variance)
    changed = z_score is not None and abs(z_score) > MIX_CHANGED_AT
    return TrafficMix(naive, adjusted, z_score, changed, MIX_CHANGED if changed else None)


def _counts(allocations: Sequence[AllocationCounts], a: int, b: int) -> Floats:
    """Visitors of a and of b, conversions of a and of b: four rows, a column for each allocation."""
    for _, exposed, conversions in allocations:
        for arm in (a, b):
            check_counts(conversions[arm], exposed[arm])
    rows = [[shown[a], shown[b], converted[a], converted[b]] for _, shown, converted in allocations]
    return np.array(rows, dtype=np.float64).reshape(-1, 4).T


def _parts(counts: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    n_a, n_b, s_a, s_b = counts
    # An empty stratum adds nothing to any sum; 1 keeps it from dividing by 0.
    return n_a, n_b, s_a, s_b, np.maximum(n_a + n_b, 1.0)


def _ratio(counts: Floats) -> RateRatio:
    n_a, n_b, s_a, s_b, both = _parts(counts)
    if not np.any((n_a > 0) & (n_b > 0)):
        return RateRatio(None, None, None, "no visitors")
    r, s = float((s_b * n_a / both).sum()), float((s_a * n_b / both).sum())
    if not (r and s):
        return RateRatio(None, None, None, "no conversions")
    # The numerator of the variance, written so that both of its terms are positive.
    spread = (s_a * n_a * (n_b - s_b) + s_b * n_b * (n_a - s_a)) / both**2
    variance = float(spread.sum()) / (r * s)
    if variance <= 0:
        return RateRatio(None, None, None, "no variation")
    log_ratio, error = math.log(r / s), math.sqrt(variance)
    return RateRatio(log_ratio, error, (log_ratio - Z_95 * error, log_ratio + Z_95 * error), None)


def _variance(converted: Floats, shown: Floats) -> Floats:
    """Unbiased estimate of the variance of each binomial count."""
    return np.asarray(converted * (shown - converted) / np.maximum(shown - 1, 1.0))
