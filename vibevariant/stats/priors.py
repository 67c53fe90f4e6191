"""What is assumed before the first visitor: of an arm's rate, and of how far the arms of an experiment lie apart.

Both are learned from the project's own past, and both start from somewhere. They answer different questions: the rate
prior belongs to each arm on its own, the spread prior to the differences, which is what keeps a lead of one
conversion to none from looking like a win.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import gammaln, logsumexp, ndtr, polygamma, psi

from vibevariant.stats.posterior import FLAT, Beta, check_counts
from vibevariant.stats.quadrature import Floats

# Nothing known yet: about 5 %, worth twenty visitors.
BEFORE_FIRST_ARM = Beta(1.0, 19.0)
JEFFREYS = Beta(0.5, 0.5)
# However alike past arms were, their rate counts for at most this many visitors: the next page may be another one.
MOST_STRENGTH = 50.0
USUAL_LOG_STRENGTH, LOG_STRENGTH_SD = math.log(BEFORE_FIRST_ARM.alpha + BEFORE_FIRST_ARM.beta), math.log(5)
# The strength is looked for between these; nothing below the first is a rate, and everything above the last is one rate.
STRENGTHS = (0.5, 1e6)
# Rounds of a grid over the strength, each within two steps of the round before, and points of the grid.
ROUNDS, GRID = 5, 21

# Standard deviation of one arm's log rate around its experiment's mean; the difference of two has sqrt(2) of it.
SPREADS = (0.03, 0.06, 0.10, 0.15, 0.22, 0.33, 0.50)
# Scale of the half-normal from which projects' spreads are thought to come: with it their mean is .20.
HYPERPRIOR_SCALE = 0.25
# Real experiments: .21 an arm, by the method of moments over the headline tests of the Upworthy Research Archive
# (exploratory part, those with 20 clicks and more), and how well each spread of the grid foretells an average one of
# them (bench/spread.md).
ARCHIVE_SPREAD = 0.21
ARCHIVE_LOG_MARGINALS = (-1.94, -1.40, -0.73, -0.21, 0.0, -0.24, -0.97)
# The archive's word counts for less than one finished test of the project's own. With its full weight, two thousand
# tests of one publisher's headlines, no project would ever learn otherwise; with half a test, what is said of real
# experiments is too modest (bench/decisions.md), with a whole one, small differences are called too soon
# (bench/calibration.md).
ARCHIVE_WORTH = 0.9

PastArm = tuple[int, int]
"""Conversions and exposed visitors of an arm of a finished experiment."""


@dataclass(frozen=True, slots=True)
class RatePrior:
    """Which prior an arm's rate starts from: learned from past arms (the usual one), or set by hand.

    Args:
        kind: `flat` is Beta(1, 1), `jeffreys` Beta(1/2, 1/2), `custom` the given Beta.
        custom: needed for, and only for, `custom`.
    """

    kind: Literal["learned", "flat", "jeffreys", "custom"] = "learned"
    custom: Beta | None = None

    def __post_init__(self) -> None:
        if (self.kind == "custom") != (self.custom is not None):
            raise ValueError("a custom prior, and no other, comes with its Beta")

    def from_past(self, past: Sequence[PastArm]) -> Beta:
        """The prior of a new arm's rate."""
        if self.custom is not None:
            return self.custom
        if self.kind == "learned":
            return learned_rate(past)
        return FLAT if self.kind == "flat" else JEFFREYS


def learned_rate(past: Sequence[PastArm]) -> Beta:
    """What past arms of this goal say of a new one: Beta(mu k, (1 - mu) k), k being worth at most 50 visitors.

    mu and k maximise the likelihood of Beta-binomial counts (Skellam, JRSS B 10, 1948). Half a conversion of one
    visitor among them keeps mu off 0 and 1, and k is thought to be about 20, by a factor of 5 either way, which
    matters for a handful of arms only.
    """
    for converted, exposed in past:
        check_counts(converted, exposed)
    seen = [arm for arm in past if arm[1]]
    if not seen:
        return BEFORE_FIRST_ARM
    counts = np.array([*seen, (0.5, 1.0)], dtype=np.float64)
    low, high = (math.log(k) for k in STRENGTHS)
    for _ in range(ROUNDS):
        grid = np.linspace(low, high, GRID)
        means, heights = _best_means(np.exp(grid), counts[:, 0], counts[:, 1])
        best = int(np.argmax(heights - ((grid - USUAL_LOG_STRENGTH) / LOG_STRENGTH_SD) ** 2 / 2))
        low, high = float(grid[max(best - 2, 0)]), float(grid[min(best + 2, GRID - 1)])
    strength, mean = min(math.exp(grid[best]), MOST_STRENGTH), float(means[best])
    return Beta(mean * strength, (1 - mean) * strength)


def _best_means(k: Floats, s: Floats, n: Floats) -> tuple[Floats, Floats]:
    """For each strength, the mean of highest likelihood, and its log-likelihood.

    The likelihood is log-concave in the mean: Newton's method, held inside a bracket.
    """
    k = k[:, None]
    low, high = np.zeros_like(k), np.ones_like(k)
    mean = np.full_like(k, float(s.sum() / n.sum()))
    for _ in range(60):
        a, b = mean * k, (1 - mean) * k
        slope = k * (psi(s + a) - psi(a) - psi(n - s + b) + psi(b)).sum(axis=1, keepdims=True)
        bend = k**2 * (polygamma(1, s + a) - polygamma(1, a) + polygamma(1, n - s + b) - polygamma(1, b)).sum(
            axis=1, keepdims=True
        )
        low, high = np.where(slope > 0, mean, low), np.where(slope > 0, high, mean)
        step = mean - slope / np.minimum(bend, -1e-300)
        new = np.where((step > low) & (step < high), step, (low + high) / 2)
        moved = float(np.max(np.abs(new - mean) / (mean * (1 - mean))))
        mean = new
        if moved < 1e-10:
            break
    a, b = mean * k, (1 - mean) * k
    heights = _log_rising(a, s) + _log_rising(b, n - s) - _log_rising(k, n)
    return mean[:, 0], heights.sum(axis=1)


def _log_rising(a: Floats, n: Floats) -> Floats:
    """Log of a (a + 1) ... (a + n - 1)."""
    return np.asarray(gammaln(a + n) - gammaln(a))


@dataclass(frozen=True, slots=True)
class SpreadPrior:
    """How far the arms of an experiment usually lie apart: chances of a few standard deviations of one arm's log rate.

    An arm's log rate lies around its experiment's mean as N(0, spread^2), the spread being the experiment's own.
    """

    spreads: tuple[float, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.spreads) != len(self.weights) or not self.spreads:
            raise ValueError("every spread needs its weight")
        if any(not 0 < spread < math.inf for spread in self.spreads):
            raise ValueError("a spread is a positive number")
        if any(not weight >= 0 for weight in self.weights) or abs(math.fsum(self.weights) - 1) > 1e-9:
            raise ValueError("the weights of spreads are chances that sum to 1")

    @property
    def mean(self) -> float:
        """The spread to expect."""
        return math.fsum(weight * spread for weight, spread in zip(self.weights, self.spreads, strict=True))

    @property
    def width_95(self) -> float:
        """Width of the interval that holds the log of the ratio of two arms' rates with 95 %, before any data."""
        low, high = 0.0, 10 * math.sqrt(2) * max(self.spreads)
        scale = math.sqrt(2) * np.array(self.spreads)
        for _ in range(60):
            middle = (low + high) / 2
            below = float(np.dot(self.weights, ndtr(middle / scale)))
            low, high = (middle, high) if below < 0.975 else (low, middle)
        return low + high

    def after(self, log_marginals: Iterable[Sequence[float]]) -> "SpreadPrior":
        """What the next experiment starts from: weighed by how well each spread foretold the finished ones (Bayes).

        Args:
            log_marginals: of each finished experiment, for each spread, log of the likelihood of what was seen, as
                `hierarchical.log_marginals` has it.
        """
        with np.errstate(divide="ignore"):
            logs = np.log(np.array(self.weights))
        for of_one in log_marginals:
            logs = logs + np.asarray(of_one, dtype=np.float64)
        weights = np.exp(logs - logsumexp(logs))
        return SpreadPrior(self.spreads, tuple((weights / weights.sum()).tolist()))


def half_normal(scale: float) -> SpreadPrior:
    """Chances of the spreads on the grid, in proportion to the density of |N(0, scale^2)| at each.

    The grid lies closer where spreads are small, and that is not corrected for: it leans to small differences, and
    is to.
    """
    density = [math.exp(-0.5 * (spread / scale) ** 2) for spread in SPREADS]
    return SpreadPrior(SPREADS, tuple(each / math.fsum(density) for each in density))


def before_history(scale: float = HYPERPRIOR_SCALE) -> SpreadPrior:
    """What an experiment of a project without history starts from: the half-normal, and a little of the archive.

    A small tweak may start from .1, another offer from .5.
    """
    return half_normal(scale).after([[ARCHIVE_WORTH * log for log in ARCHIVE_LOG_MARGINALS]])


def fixed_spread(spread: float) -> SpreadPrior:
    """A spread that is taken as known."""
    return SpreadPrior((spread,), (1.0,))


BEFORE_HISTORY = before_history()
