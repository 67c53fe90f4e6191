"""How far the rate of one arm lies above that of another, taking their rates as independent: exact, without draws.

The question is turned so that no gap is negative: how likely does the rate y of the upper arm exceed the rate x of the
lower one by more than a factor e^gap (relative), or by more than the gap itself (absolute)? Along the line where it
exceeds it by just so much, with densities f and CDFs F,

    P(beyond) = integral of f[upper](y) F[lower](x) dy.

The line is run along on a scale w without ends, where all is smooth (s is the logistic curve 1 / (1 + e^-w)):

    relative   y = s(w),       x = e^-gap y
    absolute   y = x + gap,    x = (1 - gap) s(w)

Over the rate itself the integral ends where x or y reaches 0 or 1, which costs four digits at 0 or 1 conversions if it
is ignored, and all the more where alpha or beta is below 1 and a curve ends there with an infinite slope.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray
from scipy.special import expit

from vibevariant.stats.log_odds import density, mesh_over
from vibevariant.stats.posterior import Beta
from vibevariant.stats.quadrature import NODES, ORDER, TO_SERIES, WEIGHTS, Floats

# Panels are this share of their usual width: between its nodes a curve is as good as a polynomial of degree 15, where
# an integral over the panel is as good as one of degree 31. At the full width probabilities err by 5e-12.
NARROWER = 0.65
# A line bends where one logarithm takes over from another, within about pi of that place, for the sum of the two is 0
# at a distance of pi i. Panels that wide there, and three times as wide at each further step, see it.
BENDING = 3.0
BENDS = np.array([0.0, *(side * BENDING * 3.0**k for k in range(8) for side in (-1, 1))])
# Stands in for 0 where a logarithm is taken.
TINY = 1e-300
# Stands in for a place that no line and no curve ever reaches.
FAR = 1e9
# The largest exponent whose power of e is a number.
MOST_EXPONENT = 700.0

# Legendre series -> coefficients of 1, x, ..., x^15. Powers are quick to evaluate anywhere, and as good as Legendre's
# polynomials for curves as smooth as these, as long as their series is worked out first.
TO_POWERS = np.column_stack(
    [np.pad(legendre.leg2poly(row[: n + 1]), (0, ORDER - 1 - n)) for n, row in enumerate(np.eye(ORDER))]
)


@dataclass(frozen=True, slots=True)
class RateCurve:
    """One arm's posterior over the log-odds of its rate, cut into panels.

    Args:
        edges: of the panels.
        heights: the density on each panel, as a polynomial in the position from -1 to 1.
        masses: its integral from the left edge of the panel, as a polynomial.
        below, above: the probabilities below and above every edge.
    """

    edges: Floats
    heights: Floats
    masses: Floats
    below: Floats
    above: Floats

    def panels(self, t: Floats) -> NDArray[np.intp]:
        """In which panel log-odds lie; for what lies outside, the nearest."""
        return np.clip(np.searchsorted(self.edges, t, side="right") - 1, 0, len(self.edges) - 2)

    def positions(self, t: Floats, panels: NDArray[np.intp]) -> Floats:
        left, right = self.edges[panels], self.edges[panels + 1]
        return np.clip((t - left) / (right - left) * 2 - 1, -1.0, 1.0)

    def tails(self, positions: Floats, panels: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """The probabilities below and above."""
        within = _polynomial(self.masses[panels], positions)
        mass = self.below[panels + 1] - self.below[panels]
        return self.below[panels] + within, self.above[panels + 1] + (mass - within)

    def height(self, positions: Floats, panels: NDArray[np.intp]) -> Floats:
        """The density."""
        return _polynomial(self.heights[panels], positions)


def rate_curve(rate: Beta) -> RateCurve:
    alpha, beta = np.array([rate.alpha]), np.array([rate.beta])
    peak = np.log(alpha) - np.log(beta)
    edges = mesh_over(alpha, beta, np.zeros(1), float(peak[0]), NARROWER)
    values = density(edges.nodes, alpha, beta, np.zeros(1))
    panels = (values @ WEIGHTS) * edges.half_widths
    panels, values = panels / panels.sum(), values / panels.sum()
    heights = (values @ TO_SERIES.T) @ TO_POWERS.T
    masses = np.zeros((len(panels), ORDER + 1))
    masses[:, 1:] = heights / np.arange(1, ORDER + 1) * edges.half_widths[:, None]
    masses[:, 0] = -masses @ (-1.0) ** np.arange(ORDER + 1)
    below = np.concatenate(([0.0], np.cumsum(panels)))
    above = np.concatenate((np.cumsum(panels[::-1])[::-1], [0.0]))
    return RateCurve(edges.edges + peak, heights, masses, below, above)


class Line(Protocol):
    """Where the upper rate exceeds the lower one by just so much, for several gaps at once, along a scale w.

    Gaps have a shape that goes with that of w: (gaps, 1, 1) with nodes shaped (gaps, panels, 16), say.
    """

    @property
    def gap(self) -> Floats: ...

    def lower(self, w: Floats) -> Floats:
        """Log-odds of the lower rate."""

    def upper(self, w: Floats) -> Floats:
        """Log-odds of the upper rate."""

    def speed(self, w: Floats) -> Floats:
        """Slope of `upper`."""

    def lower_speed(self, w: Floats) -> Floats:
        """Slope of `lower`."""

    def where_lower(self, t: Floats) -> Floats:
        """The w at which the lower log-odds are t; infinite where they never get there."""

    def where_upper(self, t: Floats) -> Floats:
        """The w at which the upper log-odds are t; infinite where they never get there."""

    def bends(self) -> Floats:
        """The places where the line turns."""

    def crossing(self, w: Floats) -> Floats:
        """By how much the lower log-odds fall as the gap grows while the upper rate stays, times the speed."""


@dataclass(frozen=True, slots=True)
class RelativeLine:
    """The upper rate is e^gap times the lower one."""

    gap: Floats

    @property
    def _log_excess(self) -> Floats:
        """log(e^gap - 1)."""
        with np.errstate(divide="ignore"):
            return np.asarray(self.gap + np.log(-np.expm1(-self.gap)))

    def lower(self, w: Floats) -> Floats:
        return np.asarray(-np.logaddexp(self._log_excess, self.gap - w))

    def upper(self, w: Floats) -> Floats:
        return w

    def speed(self, w: Floats) -> Floats:
        return np.ones_like(w)

    def lower_speed(self, w: Floats) -> Floats:
        return np.asarray(expit(self.gap - w - self._log_excess))

    def where_lower(self, t: Floats) -> Floats:
        return self.gap + t - _log_one_less(t + self._log_excess)

    def where_upper(self, t: Floats) -> Floats:
        return np.broadcast_to(t, np.broadcast_shapes(t.shape, self.gap.shape))

    def bends(self) -> Floats:
        return self.gap - self._log_excess

    def crossing(self, w: Floats) -> Floats:
        # x = e^-gap y, so d log-odds(x) = -d gap / (1 - x).
        return 1 + np.exp(np.minimum(self.lower(w), MOST_EXPONENT))


@dataclass(frozen=True, slots=True)
class AbsoluteLine:
    """The upper rate is the lower one plus the gap."""

    gap: Floats

    @property
    def _log_gap(self) -> Floats:
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.gap))

    def lower(self, w: Floats) -> Floats:
        return np.asarray(np.log1p(-self.gap) - np.logaddexp(self._log_gap, -w))

    def upper(self, w: Floats) -> Floats:
        return np.asarray(np.logaddexp(self._log_gap, w) - np.log1p(-self.gap))

    def speed(self, w: Floats) -> Floats:
        return np.asarray(expit(w - self._log_gap))

    def lower_speed(self, w: Floats) -> Floats:
        return np.asarray(expit(-w - self._log_gap))

    def where_lower(self, t: Floats) -> Floats:
        log_rest = np.log1p(-self.gap)
        return t - log_rest - _log_one_less(t + self._log_gap - log_rest)

    def where_upper(self, t: Floats) -> Floats:
        log_rest = np.log1p(-self.gap)
        return t + log_rest + _log_one_less(self._log_gap - log_rest - t)

    def bends(self) -> Floats:
        return np.concatenate((self._log_gap, -self._log_gap), axis=-1)

    def crossing(self, w: Floats) -> Floats:
        # x = y - gap, so d log-odds(x) = -d gap / (x (1 - x)).
        log_slope = (
            2 * np.logaddexp(0.0, w)
            - np.logaddexp(self._log_gap, w)
            - np.logaddexp(0.0, self._log_gap + w)
            - np.log1p(-self.gap)
        )
        return np.asarray(np.exp(np.minimum(log_slope, MOST_EXPONENT)))


@dataclass(frozen=True, slots=True)
class Beyond:
    """For every gap, how likely the upper rate exceeds the lower one by more, by less, and the density in between."""

    probability: Floats
    short: Floats
    density: Floats


def beyond(upper: RateCurve, lower: RateCurve, line: Line) -> Beyond:
    """How likely the upper rate exceeds the lower one by more than each gap."""
    edges = _edges(upper, lower, line)
    half_widths = np.diff(edges, axis=1) / 2
    middles = edges[:, :-1] + half_widths
    w = middles + half_widths * NODES
    panels_up, panels_low = upper.panels(line.upper(middles)), lower.panels(line.lower(middles))
    positions_up = upper.positions(line.upper(w), panels_up)
    positions_low = lower.positions(line.lower(w), panels_low)
    mass = upper.height(positions_up, panels_up) * half_widths * WEIGHTS
    below, above = lower.tails(positions_low, panels_low)
    along = mass * line.speed(w)
    across = mass * line.crossing(w) * lower.height(positions_low, panels_low)
    # Where the line starts, part of the upper rate's curve may lie behind it.
    start = line.upper(edges[:, :1])
    first = upper.panels(start)
    behind = upper.tails(upper.positions(start, first), first)[0]
    return Beyond(
        np.clip((along * below).sum(axis=(1, 2)), 0.0, 1.0),
        np.clip((along * above).sum(axis=(1, 2)) + behind[:, 0, 0], 0.0, 1.0),
        np.maximum(across.sum(axis=(1, 2)), 0.0),
    )


def _edges(upper: RateCurve, lower: RateCurve, line: Line) -> Floats:
    """Panels along a line, shaped (gaps, edges, 1), within each of which both curves are one polynomial."""
    from_lower = line.where_lower(lower.edges[None, :, None])
    from_upper = line.where_upper(upper.edges[None, :, None])
    bends = (line.bends()[..., None] + BENDS).reshape(len(line.gap), -1, 1)
    start = np.minimum(np.maximum(from_lower[:, :1], from_upper[:, :1]), FAR)
    end = np.maximum(from_upper[:, -1:], start)
    edges = np.sort(np.clip(np.concatenate((from_lower, from_upper, bends), axis=1), start, end), axis=1)
    # What was cut off lies at the ends, one edge upon the other.
    used = np.flatnonzero((np.diff(edges, axis=1) > 0).any(axis=(0, 2)))
    return edges[:, used[0] : used[-1] + 2] if used.size else edges[:, :2]


def _log_one_less(x: Floats) -> Floats:
    """log(1 - e^x), which is minus infinity from x = 0 on."""
    return np.asarray(np.where(x < 0, np.log(-np.expm1(np.minimum(x, -TINY))), -np.inf))


def _polynomial(coefficients: Floats, x: Floats) -> Floats:
    """Polynomials, one a panel, at positions within it."""
    out = np.broadcast_to(coefficients[..., 0, -1:], x.shape).copy()
    for power in range(coefficients.shape[-1] - 2, -1, -1):
        out *= x
        out += coefficients[..., 0, power, None]
    return out
