"""How likely one rate exceeds another by more than a gap, for many pairs at once: sums over evenly spaced points.

The integrals are those of independent_lift.py,

    P(beyond) = integral of f[upper](y) F[lower](x)  =  integral of f[lower](x) (1 - F[upper](y)),

whichever of the two runs over less of the line. Along a line without ends, a sum over evenly spaced points is as good
as the integral as soon as they lie closer together than the curve is wide (the trapezoid rule; Trefethen and Weideman,
SIAM Review 56, 2014): thirty points do what panels do with a thousand. Tails that fall slowly need many, though, and
where an alpha or a beta is far below 1, panels are quicker.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, expit

from vibevariant.stats.independent_lift import TINY, Beyond, Line
from vibevariant.stats.log_odds import density
from vibevariant.stats.posterior import Beta
from vibevariant.stats.quadrature import Floats

Indices = NDArray[np.intp]

# Curves are followed until they have fallen to e^-36 (2e-16) of their peak.
FALL = 36.0
# One over the distance between points: so many for each standard deviation, and so many for each unit of log-odds. The
# error is the curve's Fourier transform at 2 pi over that distance: e^(-w^2 sd^2 / 2) of a normal curve, e^(-w pi / 2)
# of one of few conversions, both below e^-33.
POINTS_BY_SD, POINTS_BY_UNIT = 1.45, 2.0


@dataclass(frozen=True, slots=True)
class Rates:
    """Posteriors of rates over their log-odds.

    Args:
        peaks, sds: of the curves, as their curvature at the peak has it.
        low, high: where the curves begin and end.
        scales: what `density` has to be multiplied by.
    """

    alpha: Floats
    beta: Floats
    peaks: Floats
    sds: Floats
    low: Floats
    high: Floats
    scales: Floats

    def density(self, t: Floats, of: Indices) -> Floats:
        return self.scales[of] * density(t, self.alpha[of], self.beta[of], self.peaks[of])

    def below(self, t: Floats, of: Indices) -> Floats:
        """The probability below, from whichever of the rate and 1 - rate is the small one."""
        alpha, beta, left = self.alpha[of], self.beta[of], t < 0
        tail = betainc(np.where(left, alpha, beta), np.where(left, beta, alpha), expit(-np.abs(t)))
        return np.asarray(np.where(left, tail, 1 - tail))


def rates(posteriors: Sequence[Beta]) -> Rates:
    alpha = np.array([rate.alpha for rate in posteriors], dtype=np.float64)
    beta = np.array([rate.beta for rate in posteriors], dtype=np.float64)
    peaks, sds = np.log(alpha) - np.log(beta), np.sqrt(1 / alpha + 1 / beta)
    # A curve is normal near its peak, and falls like e^(alpha t) and e^(-beta t) far from it.
    reach = math.sqrt(2 * FALL) * sds
    low, high = peaks - reach - FALL / alpha, peaks + reach + FALL / beta
    points = _Points(low, high, 1 / (POINTS_BY_SD / sds + POINTS_BY_UNIT))
    of = points.row
    scales = 1 / points.sums(density(points.at, alpha[of], beta[of], peaks[of]))
    return Rates(alpha, beta, peaks, sds, low, high, scales)


def beyond_by_sums(
    arms: Rates, upper: Indices, lower: Indices, line: Callable[[Floats], Line], gaps: Floats
) -> Beyond:
    """How likely each upper rate exceeds the lower one beside it by more than the gap beside both."""
    whole = line(gaps)
    from_lower = whole.where_lower(arms.low[lower]), whole.where_lower(arms.high[lower])
    from_upper = whole.where_upper(arms.low[upper]), whole.where_upper(arms.high[upper])
    first, last = np.maximum(from_lower[0], from_upper[0]), np.minimum(from_lower[1], from_upper[1])
    over_upper = from_upper[1] - first < last - from_lower[0]
    start, end = np.where(over_upper, first, from_lower[0]), np.where(over_upper, from_upper[1], last)
    # Elsewhere the rates are never so far apart.
    possible = np.flatnonzero(np.isfinite(start) & np.isfinite(end) & (start < end))
    probability, slope = np.zeros(gaps.size), np.zeros(gaps.size)
    if possible.size:
        start, end, over_upper = start[possible], end[possible], over_upper[possible]
        upper, lower, whole = upper[possible], lower[possible], line(gaps[possible])
        # Along the line curves are the wider the slower it runs, and it is fastest at these ends.
        precision = np.hypot(whole.speed(end) / arms.sds[upper], whole.lower_speed(start) / arms.sds[lower])
        points = _Points(start, end, 1 / (POINTS_BY_SD * precision + POINTS_BY_UNIT))
        w, of_upper, of_lower = points.at, upper[points.row], lower[points.row]
        here, by_upper = line(gaps[possible][points.row]), over_upper[points.row]
        t_upper, t_lower = here.upper(w), here.lower(w)
        f_upper, f_lower = arms.density(t_upper, of_upper), arms.density(t_lower, of_lower)
        below = arms.below(np.where(by_upper, t_lower, t_upper), np.where(by_upper, of_lower, of_upper))
        over_lower = f_lower * here.lower_speed(w) * (1 - below)
        probability[possible] = points.sums(np.where(by_upper, f_upper * here.speed(w) * below, over_lower))
        slope[possible] = points.sums(f_upper * f_lower * here.crossing(w))
    probability = np.clip(probability, 0.0, 1.0)
    return Beyond(probability, 1 - probability, np.maximum(slope, TINY))


class _Points:
    """Evenly spaced points from each start to its end, one after the other.

    Attributes:
        at: where they are.
        row: whose they are.
    """

    def __init__(self, start: Floats, end: Floats, distance: Floats) -> None:
        steps = np.ceil((end - start) / distance)
        self._first = np.append(0, np.cumsum(steps + 1)[:-1]).astype(np.intp)
        self._distance = (end - start) / steps
        self.row: Indices = np.repeat(np.arange(len(start)), (steps + 1).astype(np.intp))
        self.at: Floats = start[self.row] + self._distance[self.row] * (
            np.arange(len(self.row)) - self._first[self.row]
        )

    def sums(self, values: Floats) -> Floats:
        """Integrals of curves, given on the points."""
        return np.asarray(np.add.reduceat(values, self._first) * self._distance)
