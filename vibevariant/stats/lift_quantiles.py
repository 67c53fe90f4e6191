"""By how much one arm's rate may exceed another's, taking the rates as independent: probabilities and quantiles.

For statisticians and for comparison with other tools: independent rates allow absurd lifts (from 0 and 1 conversions of
50 visitors each, -81 % to +7600 %), and what is said aloud is the calibrated lift of evidence.py. Exact: the CDF comes
from independent_lift.py, and is inverted by Newton's method within a bracket.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, polygamma, psi

from vibevariant.stats.independent_lift import (
    AbsoluteLine,
    Beyond,
    Line,
    RateCurve,
    RelativeLine,
    beyond,
    rate_curve,
)
from vibevariant.stats.posterior import Beta
from vibevariant.stats.quadrature import Floats
from vibevariant.stats.trapezoid import Indices, Rates, beyond_by_sums, rates

# The median, and the ends of the intervals that hold half and 95 % of what is possible.
LEVELS = (0.025, 0.25, 0.5, 0.75, 0.975)

# A ratio of rates beyond this is given as this, so that it remains a number: e^709 is 8e307.
MOST_LOG_RATIO = 709.0
# No difference of rates is looked for above this, the largest number below 1.
MOST_DIFFERENCE = math.nextafter(1.0, 0.0)

# Newton's method squares the error in every step: after a step that is this small, in log-odds of the level and as a
# share of the gap, nothing is left of it.
LAST_STEP = 1e-6
# Gaps this close to each other, or to 0, are the same.
SAME = 1e-15
# Where Newton's method leaves the bracket, the next gap tried is the geometric mean of its ends, taking the lower end
# for at least this share of the upper one.
LEAST_SHARE = 1e-4
# Never reached: Newton's method needs about 4 steps, and halving from 1 down to 1e-15 needs 50.
MOST_STEPS = 200
# Lifts are worked out together, by sums, for levels no nearer to 0 and 1, where 1 - p keeps its digits, and for curves
# whose tails fall no slower: a tail of e^(.15 t) takes 700 points.
FARTHEST_LEVEL = 1e-4
LEAST_SMOOTH = 0.15
# Beyond this, skewness makes no better guess.
MOST_SKEW = 1.0
# Stands in for a probability of 0 where its logarithm is taken.
TINY = 1e-300

# Mean, variance and third central moment of a rate.
Moments = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class LiftQuantiles:
    """For each level, the lift of b over a that the true one is below with this probability.

    Args:
        ratio: the rate of b by that of a.
        relative: the same as a change, .12 being 12 % more.
        absolute: the rate of b minus that of a.
    """

    levels: tuple[float, ...]
    ratio: tuple[float, ...]
    relative: tuple[float, ...]
    absolute: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class IndependentLift:
    """What is known about the lift of b over a when the two rates are known independently of each other."""

    a: Beta
    b: Beta
    curve_a: RateCurve
    curve_b: RateCurve

    def relative_below(self, change: float) -> float:
        """How likely the rate of b is at most 1 + change times that of a."""
        if change <= -1:
            return 0.0
        if change == math.inf:
            return 1.0
        return self._below(RelativeLine, math.log1p(change))

    def absolute_below(self, difference: float) -> float:
        """How likely the rate of b is at most that of a plus the difference."""
        if abs(difference) >= 1:
            return 1.0 if difference > 0 else 0.0
        return self._below(AbsoluteLine, difference)

    @property
    def p_better(self) -> float:
        """How likely the rate of b is above that of a."""
        return float(beyond(self.curve_b, self.curve_a, AbsoluteLine(_gaps([0.0]))).probability[0])

    def quantiles(self, levels: Sequence[float] = LEVELS) -> LiftQuantiles:
        """The relative and the absolute lift that the true one is below with each of these probabilities."""
        if not all(0 < level < 1 for level in levels):
            raise ValueError(f"quantiles of a lift are asked for inside 0 and 1, not at {levels}")
        level = np.array(levels, dtype=np.float64)
        at_most_equal = self._below(AbsoluteLine, 0.0)
        # Guesses: nearly normal curves, over the logarithm of the ratio and over the difference.
        log_ratio = self._solve(
            RelativeLine, level, at_most_equal, _log_moments(self.a), _log_moments(self.b), math.inf
        )
        absolute = self._solve(
            AbsoluteLine, level, at_most_equal, _moments(self.a), _moments(self.b), MOST_DIFFERENCE
        )
        return _quantiles(levels, np.minimum(log_ratio, MOST_LOG_RATIO), absolute)

    def _below(self, line: Callable[[Floats], Line], lift: float) -> float:
        if lift >= 0:
            return float(beyond(self.curve_b, self.curve_a, line(_gaps([lift]))).short[0])
        return float(beyond(self.curve_a, self.curve_b, line(_gaps([-lift]))).probability[0])

    def _solve(
        self,
        line: Callable[[Floats], Line],
        level: Floats,
        at_most_equal: float,
        of_a: Moments,
        of_b: Moments,
        most: float,
    ) -> Floats:
        """Quantiles of the lift on the scale of a line's gaps, downwards ones as gaps of a over b."""
        guess, sd = _guess(level, np.array(of_a), np.array(of_b))
        out = np.zeros_like(level)
        up = level > at_most_equal
        for side, sign, upper, lower in (
            (up, 1, self.curve_b, self.curve_a),
            (~up, -1, self.curve_a, self.curve_b),
        ):
            if side.any():
                tail = 1 - level[side] if sign > 0 else level[side]
                # No gap can be larger than that between the ends of what the curves hold.
                end = min(most, float(np.logaddexp(0.0, -lower.edges[0])))
                first = np.clip(sign * guess[side], LEAST_SHARE * np.minimum(sd, end), end)
                out[side] = sign * _gap_beyond(_by_panels(upper, lower, line), tail, first, end)
        return out


def independent_lift(a: Beta, b: Beta) -> IndependentLift:
    """What is known about the lift of b over a, taking their rates as independent."""
    return IndependentLift(a, b, rate_curve(a), rate_curve(b))


def lift_quantiles(a: Beta, b: Beta, levels: Sequence[float] = LEVELS) -> LiftQuantiles:
    """The relative and the absolute lift of b over a that the true one is below with each of these probabilities."""
    return independent_lift(a, b).quantiles(levels)


def lift_quantiles_over(
    control: Beta, others: Sequence[Beta], levels: Sequence[float] = LEVELS
) -> tuple[LiftQuantiles, ...]:
    """What `lift_quantiles` says of each of the others over one control, worked out together: much quicker.

    Args:
        levels: not nearer to 0 and 1 than 1e-4; `lift_quantiles` has the others.
    """
    if not all(FARTHEST_LEVEL <= level <= 1 - FARTHEST_LEVEL for level in levels):
        raise ValueError(f"quantiles of many lifts are asked for well inside 0 and 1, not at {levels}")
    smooth = [b for b in others if _is_smooth(control) and _is_smooth(b)]
    arms = rates([control, *smooth])
    pair = np.repeat(np.arange(1, len(smooth) + 1), len(levels))
    level = np.tile(np.array(levels, dtype=np.float64), len(smooth))
    each = np.arange(1, len(smooth) + 1)
    equal = beyond_by_sums(arms, each, np.zeros_like(each), RelativeLine, np.zeros(len(smooth)))
    up = level > equal.short[pair - 1]
    log_ratios, absolute = (
        _solve_together(arms, pair, level, up, line, moments, most)
        for line, moments, most in (
            (RelativeLine, [_log_moments(rate) for rate in (control, *smooth)], MOST_LOG_RATIO),
            (AbsoluteLine, [_moments(rate) for rate in (control, *smooth)], MOST_DIFFERENCE),
        )
    )
    together = iter(
        _quantiles(levels, *lifts)
        for lifts in zip(log_ratios.reshape(-1, len(levels)), absolute.reshape(-1, len(levels)), strict=True)
    )
    return tuple(
        next(together) if _is_smooth(control) and _is_smooth(b) else lift_quantiles(control, b, levels)
        for b in others
    )


def _quantiles(levels: Sequence[float], log_ratio: Floats, absolute: Floats) -> LiftQuantiles:
    return LiftQuantiles(
        tuple(levels),
        tuple(np.exp(log_ratio).tolist()),
        tuple(np.expm1(log_ratio).tolist()),
        tuple(absolute.tolist()),
    )


def _is_smooth(rate: Beta) -> bool:
    return min(rate.alpha, rate.beta) >= LEAST_SMOOTH


def _solve_together(
    arms: Rates,
    pair: Indices,
    level: Floats,
    up: NDArray[np.bool_],
    line: Callable[[Floats], Line],
    moments: Sequence[Moments],
    most: float,
) -> Floats:
    """Quantiles of the lift of arms over the first one, on the scale of a line's gaps."""
    of_arms = np.array(moments).T
    guess, sd = _guess(level, of_arms[:, :1], of_arms[:, pair])
    upper, lower = np.where(up, pair, 0), np.where(up, 0, pair)
    end = np.minimum(most, np.logaddexp(0.0, -arms.low[lower]))
    first = np.clip(np.where(up, guess, -guess), LEAST_SHARE * np.minimum(sd, end), end)
    gaps = _gap_beyond(
        lambda rows, gaps: beyond_by_sums(arms, upper[rows], lower[rows], line, gaps),
        np.where(up, 1 - level, level),
        first,
        end,
    )
    return np.where(up, gaps, -gaps)


def _gap_beyond(
    beyond_at: Callable[[Indices, Floats], Beyond], tail: Floats, first: Floats, end: float | Floats
) -> Floats:
    """The gaps that the upper rate exceeds the lower one by with these probabilities, from first guesses.

    Newton's method on the log-odds of the probability, which are nearly a straight line both where it falls like a
    normal curve and where it falls like e^-gap.

    Args:
        beyond_at: for some of the gaps, whose places come first, how likely they are exceeded.
    """
    target = np.log(tail) - np.log1p(-tail)
    gap, low, high = first, np.zeros_like(first), np.full_like(first, end)
    open_ = np.arange(gap.size)
    for _ in range(MOST_STEPS):
        here = gap[open_]
        found = beyond_at(open_, here)
        inside, outside = np.maximum(found.probability, TINY), np.maximum(found.short, TINY)
        off = np.log(inside) - np.log(outside) - target[open_]
        low[open_] = np.where(off > 0, here, low[open_])
        high[open_] = np.where(off > 0, high[open_], here)
        left, right = low[open_], high[open_]
        slope = np.maximum(found.density, TINY) / inside / outside
        step = off / slope
        newton = here + step
        last = (np.abs(step) <= LAST_STEP * here) & (np.abs(off) <= LAST_STEP)
        halved = np.sqrt(np.maximum(left, LEAST_SHARE * right) * right)
        held = last | ((newton > left) & (newton < right))
        gap[open_] = np.where(held, np.clip(newton, left, right), halved)
        open_ = open_[~(last | (right - left <= SAME * np.maximum(right, 1.0)))]
        if not open_.size:
            break
    return gap


def _by_panels(
    upper: RateCurve, lower: RateCurve, line: Callable[[Floats], Line]
) -> Callable[[Indices, Floats], Beyond]:
    return lambda _, gaps: beyond(upper, lower, line(_gaps(gaps)))


def _gaps(gaps: Sequence[float] | Floats) -> Floats:
    return np.asarray(gaps, dtype=np.float64)[:, None, None]


def _guess(level: Floats, of_a: Floats, of_b: Floats) -> tuple[Floats, Floats]:
    """Quantiles of a difference that is nearly normal (Cornish and Fisher, 1938), and its standard deviation."""
    mean, sd = of_b[0] - of_a[0], np.sqrt(of_a[1] + of_b[1])
    normal, skew = ndtri(level), np.clip((of_b[2] - of_a[2]) / sd**3, -MOST_SKEW, MOST_SKEW)
    return mean + sd * (normal + (normal**2 - 1) * skew / 6), sd


def _moments(rate: Beta) -> Moments:
    total = rate.alpha + rate.beta
    variance = rate.mean * (1 - rate.mean) / (total + 1)
    return rate.mean, variance, 2 * variance * (1 - 2 * rate.mean) / (total + 2)


def _log_moments(rate: Beta) -> Moments:
    """The same of the logarithm of a rate."""
    total = rate.alpha + rate.beta
    mean, variance, third = (
        float(function(rate.alpha) - function(total))
        for function in (psi, lambda x: polygamma(1, x), lambda x: polygamma(2, x))
    )
    return mean, max(variance, TINY), third
