"""How much each signal of engagement is worth: learned from which of them go with conversions on this very site.

Before anybody has converted the weights are those that are usual; every conversion moves them, and what one experiment
has taught is where the next one starts. One surrogate index from several short-term outcomes: Athey, Chetty, Imbens
and Kang, NBER 26463 (2019).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from vibevariant.stats.engagement import SIGNALS, SignalTable
from vibevariant.stats.quadrature import Floats

# Who begins with the form is near the goal, who clicks or reads on is interested, who stays may have gone for coffee.
USUAL_WEIGHTS = (0.35, 0.25, 0.25, 0.15)
# How fast the log-odds of converting rise along the usual weights, and how far each signal's slope may be from that.
USUAL_SLOPE, SLOPE_SD = 0.6, 0.3
# The log-odds of converting for a visitor like most: about 5 %, and next to nothing is assumed of it.
USUAL_LEVEL, LEVEL_SD = math.log(0.05 / 0.95), 5.0
# A Newton step that would gain less than this of log-posterior is the last one; the function is concave, and it takes
# about six.
FLAT = 1e-12
MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class SignalWeights:
    """What is known of the slopes of the signals, as a normal distribution: small enough to keep, no visitor in it.

    Args:
        mean: of the slopes, in the order of `SIGNALS`; in this proportion the signals are weighed.
        precision: the inverse of their covariance.
        conversions: that have taught it.
    """

    mean: tuple[float, ...]
    precision: tuple[tuple[float, ...], ...]
    conversions: int = 0

    @property
    def shares(self) -> dict[str, float]:
        """Each signal's part of the weights, to be shown: absolute, summing to 1, negative where it counts against."""
        total = math.fsum(abs(weight) for weight in self.mean) or 1.0
        return {signal: weight / total for signal, weight in zip(SIGNALS, self.mean, strict=True)}

    def after(self, table: SignalTable) -> "SignalWeights":
        """What is known once these visitors are seen, pooled over arms: a logistic regression with this as its prior.

            log-odds of converting = level + slopes . scores,    slopes ~ N(mean, precision^-1)

        The top of the posterior and the curvature there (Laplace), the level integrated out. When nobody has
        converted, or everybody, nothing is learned.
        """
        visitors = table.visitors.astype(np.float64)
        conversions = int(table.visitors[table.converted].sum())
        if not 0 < conversions < visitors.sum():
            return self
        top, curvature = self._top(table.scores, visitors, table.converted.astype(np.float64))
        precision = curvature[1:, 1:] - np.outer(curvature[1:, 0], curvature[0, 1:]) / curvature[0, 0]
        return SignalWeights(
            tuple(top[1:].tolist()),
            tuple(tuple(row) for row in ((precision + precision.T) / 2).tolist()),
            self.conversions + conversions,
        )

    def _top(self, scores: Floats, visitors: Floats, converted: Floats) -> tuple[Floats, Floats]:
        """Newton's method with steps halved until they climb: whatever the data, there is one top, and it is finite."""
        design = np.column_stack([np.ones(len(scores)), scores])
        centre = np.array([USUAL_LEVEL, *self.mean])
        of_prior = np.zeros((len(centre), len(centre)))
        of_prior[0, 0] = LEVEL_SD**-2.0
        of_prior[1:, 1:] = self.precision

        def height(at: Floats) -> float:
            odds = design @ at
            away = at - centre
            return float(visitors @ (converted * odds - np.logaddexp(0.0, odds)) - away @ of_prior @ away / 2)

        at, here = centre, height(centre)
        for _ in range(MOST_STEPS):
            chances = expit(design @ at)
            slope = design.T @ (visitors * (converted - chances)) - of_prior @ (at - centre)
            curvature = design.T @ (design * (visitors * chances * (1 - chances))[:, None]) + of_prior
            step = np.linalg.solve(curvature, slope)
            gain = float(step @ slope)
            if gain < FLAT * max(1.0, abs(here)):
                break
            length = 1.0
            while height(at + length * step) < here + 1e-4 * length * gain and length > 1e-6:
                length /= 2
            at = at + length * step
            here = height(at)
        return at, curvature


def _usual() -> SignalWeights:
    length = math.hypot(*USUAL_WEIGHTS)
    return SignalWeights(
        tuple(USUAL_SLOPE * weight / length for weight in USUAL_WEIGHTS),
        tuple(tuple(row) for row in (np.eye(len(SIGNALS)) / SLOPE_SD**2).tolist()),
    )


BEFORE_CONVERSIONS = _usual()
"""What a project starts from."""
