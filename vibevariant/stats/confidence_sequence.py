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

from vibevariant.stats.evidence import Stratum, evidence
from vibevariant.stats.quadrature import Floats

# A ratio of rates beyond e^60 is none that counts could tell from an infinite one.
FARTHEST = 60.0
# Halvings of a bracket: to about the last digit of a double.
HALVINGS = 60


def anytime_interval(strata: Sequence[Stratum], level: float = 0.95) -> tuple[float | None, float | None]:
    """The log rate ratios of b to a that cannot be excluded; None for a side on which none can.

    Args:
        strata: conversions of the two arms by allocation.
        level: of experiments that the interval holds the truth in, looking as often as one likes.
    """
    if not 0 < level < 1:
        raise ValueError(f"a level lies between 0 and 1, not at {level}")
    used = [
        each for each in strata if each.conversions_a + each.conversions_b and each.weight_a and each.weight_b
    ]
    converted = np.array([each.conversions_a + each.conversions_b for each in used], dtype=np.float64)
    in_b = float(sum(each.conversions_b for each in used))
    share = np.array([each.weight_b / (each.weight_a + each.weight_b) for each in used])
    lowest = evidence(used) + math.log1p(-level)

    def excess(d: float) -> float:
        """How far the log-likelihood of d, less that of 0, lies above what is excluded."""
        grown: Floats = np.logaddexp(np.log1p(-share), np.log(share) + d)
        return in_b * d - float(converted @ grown) - lowest

    def slope(d: float) -> float:
        return in_b - float(converted @ (1 / (1 + (1 - share) / share * math.exp(-d))))

    peak = _falls_to_zero(slope, -FARTHEST, FARTHEST)
    return _edge(excess, peak, -FARTHEST), _edge(excess, peak, FARTHEST)


def _edge(excess: Callable[[float], float], inside: float, far: float) -> float | None:
    """Where a curve that falls away from a point inside reaches 0; None when it does not before `far`."""
    if excess(far) >= 0:
        return None
    return _falls_to_zero(excess, inside, far)


def _falls_to_zero(curve: Callable[[float], float], high: float, low: float) -> float:
    """Where a falling curve crosses 0 on the way from `high` to `low`; the nearer end when it does not."""
    for _ in range(HALVINGS):
        middle = (high + low) / 2
        if curve(middle) > 0:
            high = middle
        else:
            low = middle
    return (high + low) / 2
