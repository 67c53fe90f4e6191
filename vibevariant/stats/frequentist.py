"""The classical tests, for statisticians and for comparison with other tools. The decision does not rest on them.

They hold for one look at a number of visitors fixed beforehand; looked at often, a third of experiments without any
difference show p < .05 at some time.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.special import chdtrc, erfc, ndtri

from vibevariant.stats.posterior import check_counts

# The conventional level; the page says what it does and does not promise.
LEVEL = 0.05

Undefined = Literal["no visitors", "one arm", "no variation"]


@dataclass(frozen=True, slots=True)
class ZTest:
    """Result of the two-proportion z-test; without numbers, the reason why there are none."""

    z_score: float | None
    p_value: float | None
    significant: bool
    reason: Undefined | None


@dataclass(frozen=True, slots=True)
class ChiSquared:
    """Result of the chi-squared test over all arms; without numbers, the reason why there are none.

    Below a smallest expected count of 5 the p-value is a rough guide only.
    """

    statistic: float | None
    df: int | None
    p_value: float | None
    reason: Undefined | None
    smallest_expected: float | None


def two_proportion_z_test(conversions_a: int, exposed_a: int, conversions_b: int, exposed_b: int) -> ZTest:
    """Compare two rates: positive z when b is higher. Pooled variance, no continuity correction.

    Uncorrected because the corrected tests (Yates, Fisher) are far too cautious at small counts: with 50 visitors an
    arm and rates of 5 % they are wrong .7 % of the time where 5 % is meant, and find half as much.
    """
    check_counts(conversions_a, exposed_a)
    check_counts(conversions_b, exposed_b)
    if not (exposed_a and exposed_b):
        return ZTest(None, None, False, "no visitors")
    pooled = (conversions_a + conversions_b) / (exposed_a + exposed_b)
    variance = pooled * (1 - pooled) * (1 / exposed_a + 1 / exposed_b)
    if conversions_a + conversions_b in (0, exposed_a + exposed_b):
        return ZTest(None, None, False, "no variation")
    z_score = (conversions_b / exposed_b - conversions_a / exposed_a) / math.sqrt(variance)
    p_value = float(erfc(abs(z_score) / math.sqrt(2)))
    return ZTest(z_score, p_value, p_value < LEVEL, None)


def chi_squared(conversions: Sequence[int], exposed: Sequence[int]) -> ChiSquared:
    """Test whether all arms share one rate (Pearson). Arms without visitors say nothing and are left out."""
    for converted, shown in zip(conversions, exposed, strict=True):
        check_counts(converted, shown)
    if len(exposed) < 2:
        return ChiSquared(None, None, None, "one arm", None)
    seen = [(converted, shown) for converted, shown in zip(conversions, exposed, strict=True) if shown]
    if len(seen) < 2:
        return ChiSquared(None, None, None, "no visitors", None)
    rate = sum(conversions) / sum(exposed)
    smallest = min(shown for _, shown in seen) * min(rate, 1 - rate)
    if sum(conversions) in (0, sum(exposed)):
        return ChiSquared(None, None, None, "no variation", smallest)
    statistic = sum(
        (converted - shown * rate) ** 2 / (shown * rate * (1 - rate)) for converted, shown in seen
    )
    df = len(seen) - 1
    return ChiSquared(statistic, df, float(chdtrc(df, statistic)), None, smallest)


def newcombe_interval(
    conversions_a: int, exposed_a: int, conversions_b: int, exposed_b: int, level: float = 0.95
) -> tuple[float, float] | None:
    """Interval for the rate of b minus the rate of a; None while an arm has no visitors.

    Method 10 of Newcombe (Statistics in Medicine 17, 1998): from the Wilson intervals (l, u) of each rate p,
    d - sqrt((p_b - l_b)^2 + (u_a - p_a)^2) to d + sqrt((u_b - p_b)^2 + (p_a - l_a)^2). It stays within [-1, 1] and,
    unlike the textbook (Wald) interval, has a width when nobody has converted.
    """
    check_counts(conversions_a, exposed_a)
    check_counts(conversions_b, exposed_b)
    if not (exposed_a and exposed_b):
        return None
    rate_a, rate_b = conversions_a / exposed_a, conversions_b / exposed_b
    low_a, high_a = _wilson(rate_a, exposed_a, level)
    low_b, high_b = _wilson(rate_b, exposed_b, level)
    difference = rate_b - rate_a
    return (
        difference - math.hypot(rate_b - low_b, high_a - rate_a),
        difference + math.hypot(high_b - rate_b, rate_a - low_a),
    )


def _wilson(rate: float, exposed: int, level: float) -> tuple[float, float]:
    """Wilson's interval for one rate (JASA 22, 1927)."""
    z = -float(ndtri((1 - level) / 2))
    spread = z * math.sqrt((rate * (1 - rate) + z * z / (4 * exposed)) / exposed)
    centre, scale = rate + z * z / (2 * exposed), 1 + z * z / exposed
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
