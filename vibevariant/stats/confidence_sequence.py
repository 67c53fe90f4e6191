"""The lifts that the data have not ruled out, at whatever moment one looks.

For a true log rate ratio d the evidence against d, the mixture of `evidence` over the likelihood at d, is a nonnegative
martingale just as it is for d = 0. So all d whose evidence has stayed below 20 make an interval that holds the true one
in at least 19 of 20 experiments, however often anybody looks, under weights that follow the data and rates that change
together (Ville; Howard et al., Annals of Statistics 49, 2021, section 1.1). It leaves 0 out exactly when the e-value
says "proof".
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import expit

from vibevariant.stats.evidence import Stratum, evidence
from vibevariant.stats.quadrature import Floats

# A ratio of rates beyond e^60 is none that counts could tell from an infinite one.
FARTHEST = 60.0
# Where a curve hardly bends, the first guess of its edge lies far away, and the bracket brings it back.
LEAST_BEND = 1e-6
# A step of Newton's method this short is in the last digits of a double; it takes about six, and never so many.
LAST_STEP = 1e-14
MOST_STEPS = 100

# A curve's height and slope.
Curve = Callable[[float], tuple[float, float]]


def anytime_interval(
    strata: Sequence[Stratum], level: float = 0.95, log_e: float | None = None
) -> tuple[float | None, float | None]:
    """The log rate ratios of b to a that cannot be excluded; None for a side on which none can.

    Args:
        strata: conversions of the two arms by allocation.
        level: of experiments that the interval holds the truth in, looking as often as one likes.
        log_e: the evidence of these strata, where it is at hand.
    """
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1, not at {level}")
    used = [
        each for each in strata if each.conversions_a + each.conversions_b and each.weight_a and each.weight_b
    ]
    converted = np.array([each.conversions_a + each.conversions_b for each in used], dtype=np.float64)
    in_b = float(sum(each.conversions_b for each in used))
    share = np.array([each.weight_b / (each.weight_a + each.weight_b) for each in used])
    lowest = (evidence(used) if log_e is None else log_e) + math.log1p(-level)
    log_share, log_rest = np.log(share), np.log1p(-share)

    def excess(d: float) -> tuple[float, float]:
        """How far the log-likelihood of d, less that of 0, lies above what is excluded."""
        grown: Floats = np.logaddexp(log_rest, log_share + d)
        return in_b * d - float(converted @ grown) - lowest, slope(d)[0]

    def slope(d: float) -> tuple[float, float]:
        tilted: Floats = expit(log_share - log_rest + d)
        return in_b - float(converted @ tilted), -float(converted @ (tilted * (1 - tilted)))

    peak = next((far for far in (FARTHEST, -FARTHEST) if slope(far)[0] * far > 0), None)
    if peak is None:
        peak = _zero(slope, -FARTHEST, FARTHEST, 0.0)
    height, width = excess(peak)[0], max(-slope(peak)[1], LEAST_BEND) ** -0.5
    # Were the curve a parabola, it would be 0 there.
    reach = width * math.sqrt(2 * max(height, 0.0))
    low, high = (
        None if excess(far)[0] >= 0 else _zero(excess, peak, far, peak + math.copysign(reach, far))
        for far in (-FARTHEST, FARTHEST)
    )
    return low, high


def _zero(curve: Curve, above: float, below: float, start: float) -> float:
    """Where a curve that is positive on one side crosses 0 on the way to the other: Newton's method, in a bracket."""
    at = start
    for _ in range(MOST_STEPS):
        if not min(above, below) < at < max(above, below):
            at = (above + below) / 2
        height, slope = curve(at)
        above, below = (at, below) if height > 0 else (above, at)
        step = -height / slope if slope else math.inf
        if abs(step) <= LAST_STEP * max(1.0, abs(at)):
            break
        at += step
    return at
