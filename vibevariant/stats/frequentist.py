"""The classical tests and intervals, for statisticians and for comparison with other tools. No decision rests on them.

They hold for one look at a number of visitors fixed beforehand; looked at often, a third of experiments without any
difference show p < .05 at some time.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from scipy.special import chdtrc, erfc, ndtri

from vibevariant.stats.posterior import check_counts

# The conventional level; the page says what it does and does not promise.
LEVEL = 0.05

# Below this expected count in any cell the tests that lean on the normal curve are a rough guide only (Cochran,
# Biometrics 10, 1954).
FEW_EXPECTED = 5.0

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

    smallest_expected is the smallest count that any cell, converted or not, would have if all rates were equal.
    """

    statistic: float | None
    df: int | None
    p_value: float | None
    reason: Undefined | None
    smallest_expected: float | None

    @property
    def is_rough(self) -> bool:
        """Whether some expected count is so small that the p-value is a rough guide only."""
        return self.smallest_expected is not None and self.smallest_expected < FEW_EXPECTED


def two_proportion_z_test(conversions_a: int, exposed_a: int, conversions_b: int, exposed_b: int) -> ZTest:
    """Compare two rates: positive z when b is higher. Pooled variance, no continuity correction.

    Uncorrected because the corrected tests (Yates, Fisher) are far too cautious at small counts: with 50 visitors an
    arm and rates of 5 % they are wrong .7 % of the time where 5 % is meant, and find half as much.
    """
    check_counts(conversions_a, exposed_a)
    check_counts(conversions_b, exposed_b)
    if not (exposed_a and exposed_b):
        return ZTest(None, None, False, "no visitors")
    conversions, exposed = conversions_a + conversions_b, exposed_a + exposed_b
    if conversions in (0, exposed):
        return ZTest(None, None, False, "no variation")
    # (p_b - p_a) / sqrt(p (1 - p) (1/n_a + 1/n_b)) with the subtractions in whole numbers, which lose no digits.
    share_left = (exposed - conversions) / exposed
    z_score = (conversions_b * exposed_a - conversions_a * exposed_b) / math.sqrt(
        float(exposed_a) * exposed_b * conversions * share_left
    )
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
    total, shown_in_all = sum(conversions), sum(exposed)
    smallest = min(shown for _, shown in seen) * min(total, shown_in_all - total) / shown_in_all
    if total in (0, shown_in_all):
        return ChiSquared(None, None, None, "no variation", smallest)
    # (o - e)^2 / e of the converted and of the others add up to (o - e)^2 / (n p (1 - p)); whole numbers, as above.
    statistic = math.fsum(
        float(converted * shown_in_all - shown * total) ** 2 / (float(shown) * total * (shown_in_all - total))
        for converted, shown in seen
    )
    df = len(seen) - 1
    return ChiSquared(statistic, df, float(chdtrc(df, statistic)), None, smallest)


def yates_chi_squared(conversions_a: int, exposed_a: int, conversions_b: int, exposed_b: int) -> ChiSquared:
    """The chi-squared test of two arms with Yates' continuity correction: for comparison only, it is too cautious.

    Every count is moved by 1/2 towards the one expected, or all the way where that is nearer (Yates, Supplement to
    the Journal of the Royal Statistical Society 1, 1934). All four differences |o - e| of the table are the same
    number, |s_a n_b - s_b n_a| / (n_a + n_b). The correction is defined for two arms only.
    """
    plain = chi_squared((conversions_a, conversions_b), (exposed_a, exposed_b))
    if plain.statistic is None:
        return plain
    off = abs(conversions_a * exposed_b - conversions_b * exposed_a) / (exposed_a + exposed_b)
    statistic = plain.statistic * (1 - 0.5 / off) ** 2 if off > 0.5 else 0.0
    return replace(plain, statistic=statistic, p_value=float(chdtrc(1, statistic)))


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


def agresti_caffo_interval(
    conversions_a: int, exposed_a: int, conversions_b: int, exposed_b: int, level: float = 0.95
) -> tuple[float, float] | None:
    """Interval for the rate of b minus the rate of a; None while an arm has no visitors.

    The textbook interval after one conversion and one visitor who did not convert are added to each arm (Agresti and
    Caffo, The American Statistician 54, 2000), which is enough to repair it. Cut off at -1 and 1.
    """
    check_counts(conversions_a, exposed_a)
    check_counts(conversions_b, exposed_b)
    if not (exposed_a and exposed_b):
        return None
    return _normal_interval(conversions_a + 1, exposed_a + 2, conversions_b + 1, exposed_b + 2, level)


def wald_interval(
    conversions_a: int, exposed_a: int, conversions_b: int, exposed_b: int, level: float = 0.95
) -> tuple[float, float] | None:
    """The textbook interval for the rate of b minus the rate of a, to be shown with a warning if at all; None while an
    arm has no visitors.

    d +- z sqrt(p_a (1 - p_a) / n_a + p_b (1 - p_b) / n_b). It has no width at all where each arm converted nobody or
    everybody (see `has_no_width`), and holds the true difference too seldom at small counts. Cut off at -1 and 1.
    """
    check_counts(conversions_a, exposed_a)
    check_counts(conversions_b, exposed_b)
    if not (exposed_a and exposed_b):
        return None
    return _normal_interval(conversions_a, exposed_a, conversions_b, exposed_b, level)


def has_no_width(interval: tuple[float, float] | None) -> bool:
    """Whether an interval claims to know the difference exactly, as the textbook one does from 0 conversions."""
    return interval is not None and interval[0] == interval[1]


def _normal_interval(
    conversions_a: int, exposed_a: int, conversions_b: int, exposed_b: int, level: float
) -> tuple[float, float]:
    rate_a, rate_b = conversions_a / exposed_a, conversions_b / exposed_b
    spread = -float(ndtri((1 - level) / 2)) * math.sqrt(
        rate_a * (1 - rate_a) / exposed_a + rate_b * (1 - rate_b) / exposed_b
    )
    return max(-1.0, rate_b - rate_a - spread), min(1.0, rate_b - rate_a + spread)


def _wilson(rate: float, exposed: int, level: float) -> tuple[float, float]:
    """Wilson's interval for one rate (JASA 22, 1927)."""
    z = -float(ndtri((1 - level) / 2))
    spread = z * math.sqrt((rate * (1 - rate) + z * z / (4 * exposed)) / exposed)
    centre, scale = rate + z * z / (2 * exposed), 1 + z * z / exposed
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
