"""What is known about one arm's conversion rate.

An arm's rate starts at a Beta prior and each exposed visitor moves it: a conversion adds one to alpha, a visitor
who did not convert adds one to beta (the conjugate update; Gelman et al., Bayesian Data Analysis, section 2.4).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, betaln, xlog1py, xlogy


@dataclass(frozen=True, slots=True)
class Beta:
    """A conversion rate that is not known exactly: a Beta(alpha, beta) distribution over [0, 1]."""

    alpha: float
    beta: float

    def __post_init__(self) -> None:
        if not (0 < self.alpha < math.inf and 0 < self.beta < math.inf):
            raise ValueError(f"Beta needs two positive, finite numbers, not {self.alpha} and {self.beta}")

    @property
    def mean(self) -> float:
        """The rate to expect from the next visitor."""
        return self.alpha / (self.alpha + self.beta)

    def quantile(self, q: float) -> float:
        """The rate that the true one is below with probability q."""
        if not 0 <= q <= 1:
            raise ValueError(f"a quantile lies between 0 and 1, not at {q}")
        return float(betaincinv(self.alpha, self.beta, max(q, SMALLEST_TAIL) if q else 0.0))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The equal-tailed interval that holds the true rate with this probability.

        Not the shortest (highest-density) one: that changes when the same data are read as odds or as losses, and
        collapses to [0, x] at 0 conversions.
        """
        tail = (1 - level) / 2
        return self.quantile(tail), self.quantile(1 - tail)

    def density(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """The curve to draw: how plausible each rate in x is."""
        log_density = xlogy(self.alpha - 1, x) + xlog1py(self.beta - 1, -x) - betaln(self.alpha, self.beta)
        return np.asarray(np.exp(log_density), dtype=np.float64)


# Quantiles nearer to 0 than this are those of this: farther down the inverse has no value for some distributions, and
# at the other end 1 - q has no more digits either.
SMALLEST_TAIL = 1e-16

# A curve through this many rates looks smooth; more would only be more to send.
DRAWN_RATES = 120
# Probability of each posterior that is drawn at least: what is left out could not be told from the axis.
DRAWN_LEVEL = 0.998
# Nothing is drawn nearer to 0 or 1 than this: with an alpha or beta below 1 the density grows beyond all bounds there.
EDGE = 1e-12

# Every rate equally plausible before the first visitor.
FLAT = Beta(1.0, 1.0)


def posterior(conversions: int, exposed: int, prior: Beta = FLAT) -> Beta:
    """What is known about an arm's rate after this many exposed visitors, of whom so many converted."""
    check_counts(conversions, exposed)
    return Beta(prior.alpha + conversions, prior.beta + (exposed - conversions))


def rates_to_draw(posteriors: Sequence[Beta]) -> NDArray[np.float64]:
    """Rates, rising, through which to draw these posteriors beside each other: from the lowest that matters to any
    of them to the highest.

    They lie closer together where a posterior is narrow. Evenly spaced ones would pass by an arm of many visitors
    that stands beside one of few. Each interval, and the range of them all, gets the same number of rates: the
    share of rates up to x is the mean of how much of each of them lies below x, and here that is turned round.
    """
    ends = np.array([posterior.interval(DRAWN_LEVEL) for posterior in posteriors]).clip(EDGE, 1 - EDGE)
    lows = np.append(ends[:, 0], ends.min())
    widths = np.maximum(np.append(ends[:, 1], ends.max()) - lows, EDGE)
    knots = np.unique(ends)
    shares = np.clip((knots[:, None] - lows) / widths, 0, 1).mean(axis=1)
    return np.asarray(np.interp(np.linspace(0, 1, DRAWN_RATES), shares, knots), dtype=np.float64)


def check_counts(conversions: int, exposed: int) -> None:
    """Refuse counts that no experiment can produce, rather than compute something from them."""
    if not 0 <= conversions <= exposed:
        raise ValueError(f"{conversions} conversions of {exposed} exposed visitors cannot be")
