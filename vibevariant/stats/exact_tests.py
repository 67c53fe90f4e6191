"""Exact tests of two rates, for tables too small for the normal curve. For statisticians; no decision rests on them.

Both count how often equal rates would produce a table at least as surprising as the one seen. Fisher asks that among
the tables with just as many conversions in all, which leaves him few tables and makes him cautious; Barnard asks it
among all tables with as many visitors, for the common rate that makes them most likely, and finds more. Like the other
classical tests they hold for one look at a number of visitors fixed beforehand.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import gammaln

from vibevariant.stats.frequentist import LEVEL, two_proportion_z_test
from vibevariant.stats.posterior import check_counts
from vibevariant.stats.quadrature import Floats

# Why an exact test has no p-value.
NoExactTest = Literal["no visitors", "no variation", "too many visitors"]

# Barnard's test is left out above this many visitors in both arms together: it looks at every table there could be,
# which takes 5 ms at 500 and four times that at 1,000.
MOST_BARNARD_VISITORS = 500

# Tables this close in probability to the one seen count as just as probable: they differ by rounding only.
SAME = 1e-10
# Tables less probable than the most probable one by this many e-folds (1e-321) cannot be told from impossible.
IMPOSSIBLE = 740.0

# Barnard's p-value is a smooth curve over the common rate, nowhere narrower than one standard deviation of the share
# of conversions: this many points in each are enough to see every hill of it.
POINTS_BY_SD = 3
# Hills whose highest point seen is this close to the highest of all are climbed to the top. Between two points a hill
# rises by an eighth of the square of their distance in standard deviations at most, 1.4 %.
CLIMBED = 0.05
# Steps of Newton's method, held inside a bracket, from the points seen to the tops, which are a third of a standard
# deviation away at most. The last one is one that would gain a smaller share than this of the height; where two hills
# have just become one its top is flat, and takes many.
CLIMBING_STEPS = 30
LAST_GAIN = 1e-14
# Stands in for 0 where something is divided by it.
TINY = 1e-300
# No rate is tried whose angle is nearer to 0 or to a right angle: there p is 0.
END = 1e-9


@dataclass(frozen=True, slots=True)
class FisherTest:
    """Result of Fisher's exact test, two-sided; without a p-value, the reason why there is none."""

    p_value: float | None
    significant: bool
    reason: NoExactTest | None


@dataclass(frozen=True, slots=True)
class BarnardTest:
    """Result of Barnard's exact test, two-sided; without a p-value, the reason why there is none.

    Args:
        common_rate: the one under which a table as surprising as this is likeliest; the p-value is for this rate.
    """

    z_score: float | None
    p_value: float | None
    common_rate: float | None
    significant: bool
    reason: NoExactTest | None


def fisher_test(conversions_a: int, exposed_a: int, conversions_b: int, exposed_b: int) -> FisherTest:
    """Compare two rates, given how many visitors converted in all: the sum of the probabilities of all tables that are
    no more probable than the one seen (Fisher, Statistical Methods for Research Workers, section 21.02).

    The probabilities h(x) of x conversions in b are hypergeometric. They are built from the ratio of neighbours,

        h(x + 1) / h(x) = (c - x) (n_b - x) / ((x + 1) (n_a - c + x + 1)),    c conversions in all,

    away from the peak and divided by their sum. Ten million visitors cost no digits this way, where log-gammas of 1e8
    would leave eight; and few tables are looked at, for the others have no probability to speak of.
    """
    check_counts(conversions_a, exposed_a)
    check_counts(conversions_b, exposed_b)
    if not (exposed_a and exposed_b):
        return FisherTest(None, False, "no visitors")
    first, log_share = _hypergeometric(conversions_a + conversions_b, exposed_a, exposed_b)
    seen = conversions_b - first
    if not 0 <= seen < log_share.size:
        return FisherTest(0.0, True, None)
    share = np.exp(log_share)
    p_value = min(1.0, float(share[log_share <= log_share[seen] + SAME].sum() / share.sum()))
    return FisherTest(p_value, p_value < LEVEL, None)


def barnard_test(conversions_a: int, exposed_a: int, conversions_b: int, exposed_b: int) -> BarnardTest:
    """Compare two rates without supposing how many visitors convert (Barnard, Biometrika 34, 1947).

    Tables are as surprising as their pooled z-score is far from 0. With T(s) the chance of one as surprising as the
    one seen among those with s conversions in all, and n visitors, the p-value is the highest point of

        p(rate) = sum over s of Binomial(s; n, rate) T(s)    for rates in [0, 1].
    """
    plain = two_proportion_z_test(conversions_a, exposed_a, conversions_b, exposed_b)
    if plain.z_score is None:
        return BarnardTest(
            None, None, None, False, "no variation" if exposed_a and exposed_b else "no visitors"
        )
    visitors = exposed_a + exposed_b
    if visitors > MOST_BARNARD_VISITORS:
        return BarnardTest(plain.z_score, None, None, False, "too many visitors")
    surprising = _surprising(conversions_a, exposed_a, conversions_b, exposed_b)
    p_value, common_rate = _highest(surprising)
    return BarnardTest(plain.z_score, p_value, common_rate, p_value < LEVEL, None)


def _hypergeometric(conversions: int, exposed_a: int, exposed_b: int) -> tuple[int, Floats]:
    """The fewest conversions in b that matter; from there on, logarithms of the probabilities over that of the peak."""
    low, high = max(0, conversions - exposed_a), min(conversions, exposed_b)
    peak = (conversions + 1) * (exposed_b + 1) // (exposed_a + exposed_b + 2)
    # Hoeffding (JASA 58, 1963, section 6): k and more away from the mean lies exp(-2 k^2 / size) at most, also for
    # draws without replacement. Which of the four sums is called the number of draws is free: the smallest.
    size = min(conversions, exposed_a + exposed_b - conversions, exposed_a, exposed_b)
    reach = math.isqrt(int(size * IMPOSSIBLE / 2)) + 2
    low, high = max(low, peak - reach), min(high, peak + reach)
    x = np.arange(low, high, dtype=np.float64)
    up = (conversions - x) * (exposed_b - x)
    down = (x + 1) * (exposed_a - conversions + x + 1)
    steps = np.log1p((up - down) / down)
    split = peak - low
    right = np.cumsum(steps[split:])
    left = -np.cumsum(steps[:split][::-1])[::-1]
    return low, np.concatenate((left, [0.0], right))


def _surprising(conversions_a: int, exposed_a: int, conversions_b: int, exposed_b: int) -> Floats:
    """For every number s of conversions in all, the chance of a table at least as surprising as the one seen.

    With x of them in one arm, of n_x visitors out of n, z^2 is (x n - s n_x)^2 / (s (n - s)) up to a factor that all
    tables share. It is compared in whole numbers, so that ties are ties.
    """
    n = exposed_a + exposed_b
    total = np.arange(n + 1)[:, None]
    # The smaller arm has the fewer columns.
    size, seen = min((exposed_a, conversions_a), (exposed_b, conversions_b))
    rest = n - size
    x = np.arange(size + 1)[None, :]
    s = conversions_a + conversions_b
    off = seen * n - s * size
    as_far = (x * n - total * size) ** 2 * (s * (n - s)) >= off**2 * total * (n - total)
    # Where nobody or everybody converted, z is 0 / 0, and taken for 0.
    as_far[0] = as_far[n] = off == 0
    possible = (x <= total) & (total - x <= rest)
    log_factorial = gammaln(np.arange(n + 1) + 1.0)

    def log_choose(of: int) -> Floats:
        """For every number that may be chosen."""
        return np.asarray(log_factorial[of] - log_factorial[: of + 1] - log_factorial[of::-1])

    log_shares = log_choose(size) + log_choose(rest)[np.clip(total - x, 0, rest)] - log_choose(n)[:, None]
    return np.asarray(np.where(as_far & possible, np.exp(log_shares), 0.0).sum(axis=1))


def _highest(surprising: Floats) -> tuple[float, float]:
    """The highest point of p(rate), and where it is.

    Looked for over the angle asin(sqrt(rate)), on which a share of n conversions has the standard deviation
    1 / (2 sqrt(n)) whatever the rate is.
    """
    n = surprising.size - 1
    count = np.arange(n + 1.0)
    log_ways = gammaln(n + 1.0) - gammaln(count + 1) - gammaln(n - count + 1)

    def chances(angle: Floats) -> Floats:
        """The binomial chance of every number of conversions (column), times that of a surprising table."""
        log_rate, log_rest = (2 * np.log(side(angle))[:, None] for side in (np.sin, np.cos))
        return np.asarray(np.exp(log_ways + count * log_rate + (n - count) * log_rest) * surprising)

    # At the ends nobody or everybody converts, and p is 0.
    angles = np.linspace(0, math.pi / 2, math.ceil(math.pi * math.sqrt(n) * POINTS_BY_SD) + 2)[1:-1]
    width = float(angles[0])
    height = chances(angles).sum(axis=1)
    before, after = np.append(0.0, height[:-1]), np.append(height[1:], 0.0)
    hills = (height >= before) & (height >= after) & (height >= (1 - CLIMBED) * height.max())
    best, found = angles[hills], height[hills]
    where, left, right = best, np.maximum(best - width, END), np.minimum(best + width, math.pi / 2 - END)
    for _ in range(CLIMBING_STEPS):
        # Derivatives of the logarithm of a binomial chance over the angle.
        tan = np.tan(best)[:, None]
        first = 2 * (count / tan - (n - count) * tan)
        second = -2 * (count * (1 + tan**-2) + (n - count) * (1 + tan**2))
        here = chances(best)
        height, slope = here.sum(axis=1), (here * first).sum(axis=1)
        bend = (here * (first**2 + second)).sum(axis=1)
        where, found = np.where(height > found, best, where), np.maximum(height, found)
        left, right = np.where(slope > 0, best, left), np.where(slope > 0, right, best)
        newton = best - slope / np.minimum(bend, -TINY)
        inside = (bend < 0) & (left <= newton) & (newton <= right)
        new = np.where(inside, newton, (left + right) / 2)
        gain, best = np.abs((new - best) * slope), new
        if (inside & (gain <= LAST_GAIN * found)).all():
            break
    return min(1.0, float(found.max())), float(math.sin(where[found.argmax()]) ** 2)
