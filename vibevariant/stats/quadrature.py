"""Integrals over smooth, single-peaked curves to nearly the last bit, without random draws.

A curve is cut into panels that are narrow near its peaks and wide far from them; on each panel the curve is as good
as a polynomial of degree 15, which 16 Gauss-Legendre nodes integrate exactly. The running integral (a CDF) comes
from the very same nodes through a 16 x 16 matrix, so no special function is evaluated. Background: Trefethen,
Approximation Theory and Approximation Practice, chapters 19 and 21; Greengard, SIAM J. Numer. Anal. 28 (1991).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ORDER = 16
NODES, WEIGHTS = (np.asarray(half, dtype=np.float64) for half in legendre.leggauss(ORDER))

# A panel is at most this many standard deviations wide near a peak, and at most this share of the distance to the
# peak away from it. Wider loses digits, narrower only costs time: half of both changes results by less than 1e-12.
PEAK_STEP = 1.6
AWAY_STEP = 0.45
# The logistic curves in what is integrated turn within about this distance, however wide they are as a whole.
WIDEST = 1.5
# What lies this many e-folds below the peak (1e-20 of it) is left out.
NEGLIGIBLE = 45.0
# A quantile is found to this share of a panel, in far fewer than this many steps (bisection alone needs 44).
CLOSE = 1e-11
MOST_STEPS = 60


def _antiderivatives(x: Floats) -> Floats:
    """Integrals from -1 to each x of the first 16 Legendre polynomials: (P[n+1] - P[n-1]) / (2n + 1)."""
    values = legendre.legvander(x, ORDER)
    out = np.empty((x.size, ORDER))
    out[:, 0] = x + 1
    out[:, 1:] = (values[:, 2:] - values[:, :-2]) / (2 * np.arange(1, ORDER) + 1)
    return out


# f on the nodes -> coefficients of its Legendre series: c[n] = (2n + 1)/2 * sum_j w[j] P[n](x[j]) f(x[j]).
TO_SERIES = (legendre.legvander(NODES, ORDER - 1) * WEIGHTS[:, None]).T * (np.arange(ORDER)[:, None] + 0.5)
# f on the nodes -> its integral from the panel's left end to each node, and from each node to the right end.
LEFT_OF_NODE = _antiderivatives(NODES) @ TO_SERIES
RIGHT_OF_NODE = LEFT_OF_NODE[::-1, ::-1].copy()


@dataclass(frozen=True, slots=True)
class Mesh:
    """Panels side by side, with the nodes and weights that integrate over them."""

    edges: Floats

    @property
    def half_widths(self) -> Floats:
        return np.diff(self.edges) / 2

    @property
    def nodes(self) -> Floats:
        """One row a panel."""
        centres = (self.edges[1:] + self.edges[:-1]) / 2
        return centres[:, None] + self.half_widths[:, None] * NODES

    @property
    def weights(self) -> Floats:
        return self.half_widths[:, None] * WEIGHTS


def running_integrals(values: Floats, half_widths: Floats) -> tuple[Floats, Floats]:
    """Integrals of curves from the far left up to each node, and from each node to the far right.

    Args:
        values: the curves on the nodes of a mesh, shaped (curves, panels, 16).
        half_widths: of the panels.

    The right-hand one is not one minus the left-hand one: near the far right that would keep no digit of it.
    """
    panels = (values @ WEIGHTS) * half_widths
    before = np.cumsum(panels, axis=1) - panels
    after = np.cumsum(panels[:, ::-1], axis=1)[:, ::-1] - panels
    left = before[:, :, None] + (values @ LEFT_OF_NODE.T) * half_widths[:, None]
    right = after[:, :, None] + (values @ RIGHT_OF_NODE.T) * half_widths[:, None]
    return left, right


def mesh_around(
    log_curve: Callable[[Floats], Floats], top: float, width: float, reach: float, lowest: float
) -> Mesh:
    """Panels over a log-concave curve, narrow at its top, wider away from it, until it is negligible.

    Args:
        log_curve: its logarithm.
        top: about where it is highest above `lowest`.
        width: the scale on which it falls there.
        reach: how far from the top it may have to be followed.
        lowest: where the integral starts.
    """
    offsets = [0.0]
    while offsets[-1] < reach:
        offsets.append(offsets[-1] + min(WIDEST, max(PEAK_STEP * width, AWAY_STEP * offsets[-1])))
    right = np.array(offsets)
    edges = np.concatenate((top - right[:0:-1], top + right))
    start = max(lowest, float(edges[0]))
    edges = np.unique(np.append(edges[edges > start], [start, np.clip(0.0, start, edges[-1])]))
    heights = log_curve(edges)
    visible = np.flatnonzero(heights > heights.max() - NEGLIGIBLE)
    return Mesh(edges[max(visible[0] - 1, 0) : visible[-1] + 2])


def sum_within_panel(series: Floats, position: float) -> float:
    """The integral of a Legendre series from -1 to a position in [-1, 1]."""
    return _sum_and_value(series.tolist(), position)[0]


def solve_within_panel(series: Floats, target: float) -> float:
    """The position in [-1, 1] up to which a positive Legendre series sums to the target: Newton within a bracket."""
    coefficients = series.tolist()
    low, high, position = -1.0, 1.0, 0.0
    for _ in range(MOST_STEPS):
        total, value = _sum_and_value(coefficients, position)
        low, high = (low, position) if total > target else (position, high)
        step = position - (total - target) / value if value > 0 else math.inf
        step = step if low < step < high else (low + high) / 2
        if abs(step - position) < CLOSE:
            return step
        position = step
    return position


def _sum_and_value(coefficients: list[float], x: float) -> tuple[float, float]:
    """A Legendre series' integral from -1 to x and its value at x, by the three-term recurrence."""
    total, value = coefficients[0] * (x + 1), coefficients[0]
    before, here = 1.0, x
    for n, coefficient in enumerate(coefficients[1:], start=1):
        after = ((2 * n + 1) * x * here - n * before) / (n + 1)
        value += coefficient * here
        total += coefficient * (after - before) / (2 * n + 1)
        before, here = here, after
    return total, value
