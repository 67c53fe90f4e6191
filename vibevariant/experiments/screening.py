"""Screening: quick looks at many simulated experiments at once, good enough to tell which of them need a full reading.

Everything is summed on grids that all experiments share a shape of: chances within .001 of `stats.comparison`, log
e-values within .05 of `stats.evidence`. Who needs the digits asks those.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vibevariant.stats.evidence import EVIDENCE_SPREAD

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

# Points over the log-odds of rates. Where no arm has more than some ten times the visitors of another, they lie at
# most half a standard deviation of the narrowest posterior apart.
POINTS = 112
# Beyond so many standard deviations, and so much more where a handful of conversions leaves a long tail, lies nothing.
REACH, TAIL = 6.5, 8.0
# The mixture's prior ends here, in its standard deviations.
FARTHEST = 6.0
# Points of the mixture lie at most this far apart, in standard deviations of what is known in the end, or as such.
STEP_IN_SD, WIDEST_STEP = 1.2, 0.05
# What the grids may be off in a log e-value.
MARGIN = 0.1


def chances(converted: Counts, exposed: Counts) -> tuple[Floats, Floats]:
    """Chance of being best and expected loss of every arm under flat priors, shaped (experiments, arms) as the counts.

    The integrals of `stats.comparison` by the trapezoidal rule, the running ones corrected by their end slopes.
    """
    a, b = converted[..., None] + 1.0, (exposed - converted)[..., None] + 1.0
    centre, sd = np.log(a / b), np.sqrt(1 / a + 1 / b)
    low = (centre - sd * (REACH + TAIL / a)).min(axis=1, keepdims=True)
    high = (centre + sd * (REACH + TAIL / b)).max(axis=1, keepdims=True)
    step = (high - low) / (POINTS - 1)
    t = low + step * np.arange(POINTS)
    log = a * t - (a + b) * np.logaddexp(0.0, t)
    height = np.exp(log - log.max(axis=-1, keepdims=True))
    height /= height.sum(axis=-1, keepdims=True) * step
    rate = 1 / (1 + np.exp(-t))
    slope = height * (a - (a + b) * rate)
    below = step * (np.cumsum(height, axis=-1) - height / 2) - step**2 / 12 * slope
    below = np.clip(below, 1e-300, 1.0)
    others = np.exp(np.minimum(np.log(below).sum(axis=1, keepdims=True) - np.log(below), 0.0))
    p_best = (height * others).sum(axis=-1)
    loss = (step * below * (1 - others) * rate * (1 - rate)).sum(axis=-1)
    return p_best / p_best.sum(axis=-1, keepdims=True), loss


class RunningEvidence:
    """E-values of every arm against the first one, of many experiments at once, kept up to date look by look.

    Args:
        conversions: as many as an experiment may come to; the more, the finer the grid.
        spread: standard deviation of the differences in the mixture.
    """

    def __init__(
        self, experiments: int, arms: int, conversions: float, spread: float = EVIDENCE_SPREAD
    ) -> None:
        step = min(WIDEST_STEP, STEP_IN_SD * 2 / math.sqrt(max(conversions, 1.0)))
        half = math.ceil(FARTHEST * spread / step)
        self.d = step * np.arange(-half, half + 1)
        self._tilt = np.expm1(self.d)
        prior = np.exp(-((self.d / spread) ** 2) / 2)
        self._log_prior = np.log(prior / prior.sum())
        self._logs = np.tile(self._log_prior, (experiments, arms - 1, 1))
        # The point at 0 belongs to both halves.
        self._better = np.where(self.d > 0, 1.0, np.where(self.d == 0, 0.5, 0.0))

    def add(self, weights: Counts, converted: Counts) -> None:
        """Takes in what came since the look before, shaped (experiments, arms)."""
        first, others = converted[:, :1], converted[:, 1:]
        propensity = weights[:, 1:] / (weights[:, 1:] + weights[:, :1])
        both = (first + others)[..., None]
        self._logs += others[..., None] * self.d - both * np.log1p(propensity[..., None] * self._tilt)

    def log_e(self) -> tuple[Floats, Floats, Floats]:
        """For every arm but the first, the log of the e-value against "no difference", "not better", "not worse"."""
        top = self._logs.max(axis=-1, keepdims=True)
        masses = np.exp(self._logs - top)
        total = masses.sum(axis=-1)
        better = masses @ self._better
        either = np.maximum(np.stack([total, 2 * better, 2 * (total - better)]), 1e-300)
        logs = np.log(either) + top[..., 0]
        return logs[0], logs[1], logs[2]
