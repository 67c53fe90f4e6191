"""How strongly conversions speak for a difference between two arms, at whatever moment one looks.

Given that a visitor of one of the two arms converted, the chance that the arm was b is

    pi e^d / (1 - pi + pi e^d)

where pi is the propensity of b when that visitor was assigned and d the log of the ratio of b's rate to a's. The
base rate has dropped out: it may change by the hour, and the weights may follow the data (a bandit), as long as each
visitor is compared under the weights that were in force. For N conversions, s of them in b, summed over strata,

    L(d) = log-likelihood of d less that of 0 = s d - sum N log(1 + pi (e^d - 1)).

Without a difference, each conversion multiplies exp L(d) by something of mean 1, so a mixture of them over d is a
nonnegative martingale: it exceeds 20 in fewer than 1 of 20 experiments, however often anybody looks (Ville). This is
the sequential test of Lindon and Malek (NeurIPS 2022, arXiv:2011.03567) with predictable propensities. It takes
conversions as rare: at a rate p it uses 1 - p of the information there is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from vibevariant.stats.priors import ARCHIVE_SPREAD
from vibevariant.stats.quadrature import (
    TO_SERIES,
    Floats,
    Mesh,
    mesh_around,
    solve_within_panel,
    sum_within_panel,
)

# Standard deviation of d in the mixture. Its choice costs power where effects are of another size, never validity:
# .4 is quickest for differences of a third to a half, the ones that small sites can hope to see.
EVIDENCE_SPREAD = 0.4
# Spread of d between two arms of real experiments.
LIFT_SPREAD = math.sqrt(2) * ARCHIVE_SPREAD

# The curves are at least as narrow as their normal prior, which falls to e^-45 within this many spreads.
REACH_IN_SD = math.sqrt(2 * 45)


# Weights, exposed visitors and conversions of every arm, under one allocation.
AllocationCounts = tuple[Sequence[int], Sequence[int], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Stratum:
    """Conversions of two arms among visitors assigned under one allocation; weights in ten-thousandths."""

    weight_a: int
    weight_b: int
    conversions_a: int
    conversions_b: int

    def __post_init__(self) -> None:
        if min(self.weight_a, self.weight_b, self.conversions_a, self.conversions_b) < 0:
            raise ValueError("weights and conversions are never negative")


@dataclass(frozen=True, slots=True)
class LiftPosterior:
    """What is known about d, the log of the ratio of b's conversion rate to a's.

    Args:
        mesh: panels over the values of d that are not ruled out, with an edge at 0.
        masses: the probability that each node stands for; they sum to 1.
        series: the density's Legendre series on each panel.
    """

    mesh: Mesh
    masses: Floats
    series: Floats

    @property
    def p_better(self) -> float:
        """How likely b's rate is above a's."""
        return min(1.0, float(self.masses[self.mesh.nodes > 0].sum()))

    @property
    def interval_95(self) -> tuple[float, float]:
        return self.quantile(0.025), self.quantile(0.975)

    @property
    def loss_of_a(self) -> float:
        """Conversions lost on average by choosing a, as a share of a's: the mean of max(e^d - 1, 0)."""
        return float(np.sum(self.masses * np.expm1(np.maximum(self.mesh.nodes, 0.0))))

    @property
    def loss_of_b(self) -> float:
        """Conversions lost on average by choosing b, as a share of a's: the mean of max(1 - e^d, 0)."""
        return float(-np.sum(self.masses * np.expm1(np.minimum(self.mesh.nodes, 0.0))))

    def probability_below(self, d: float) -> float:
        edges = self.mesh.edges
        if d <= edges[0]:
            return 0.0
        if d >= edges[-1]:
            return 1.0
        panel = int(np.searchsorted(edges, d, side="right")) - 1
        half = float(edges[panel + 1] - edges[panel]) / 2
        within = half * sum_within_panel(self.series[panel], float(d - edges[panel]) / half - 1)
        return min(1.0, max(0.0, float(self.masses[:panel].sum()) + within))

    def probability_within(self, low: float, high: float) -> float:
        """How likely d lies between two values."""
        return max(0.0, self.probability_below(high) - self.probability_below(low))

    def quantile(self, q: float) -> float:
        """The d that the true one is below with probability q."""
        if not 0 < q < 1:
            raise ValueError(f"a quantile of a lift is asked for inside 0 and 1, not at {q}")
        edges = self.mesh.edges
        before = np.concatenate(([0.0], np.cumsum(self.masses.sum(axis=1))))
        panel = min(int(np.searchsorted(before, q, side="right")) - 1, len(self.masses) - 1)
        half = float(edges[panel + 1] - edges[panel]) / 2
        return float(edges[panel]) + half * (
            1 + solve_within_panel(self.series[panel], float(q - before[panel]) / half)
        )


def strata(allocations: Sequence[AllocationCounts], a: int, b: int) -> tuple[Stratum, ...]:
    """The conversions of two arms, by the allocation their visitors were assigned under."""
    return tuple(
        Stratum(weights[a], weights[b], conversions[a], conversions[b])
        for weights, _, conversions in allocations
    )


def evidence(strata: Sequence[Stratum], spread: float = EVIDENCE_SPREAD) -> float:
    """Log of the e-value against "no difference": log 20 or more is proof, whenever it is reached."""
    return _log_mixture(_Curve(strata, spread), -math.inf)


def evidence_better(strata: Sequence[Stratum], spread: float = EVIDENCE_SPREAD) -> float:
    """Log of the e-value against "b is not better than a", mixed over the positive half of the same prior.

    With b truly worse, each conversion multiplies the tilts above 0 by something of mean below 1, so the promise
    holds for any such b. For "b is worse", swap the arms.
    """
    return _log_mixture(_Curve(strata, spread), 0.0)


def lift_posterior(strata: Sequence[Stratum], spread: float = LIFT_SPREAD) -> LiftPosterior:
    """What is known about the lift of b over a, starting from a difference of N(0, spread^2).

    `hierarchical` does the same for any number of arms, and learns the spread. Independent flat priors on two rates
    imply absurd differences, and call a lead of one conversion to none 75 % where such leads are right about 55 % of
    the time.
    """
    curve = _Curve(strata, spread)
    mesh, values = curve.around_peak(-math.inf)
    masses = np.exp(values - values.max()) * mesh.weights
    density = masses / masses.sum() / mesh.weights
    return LiftPosterior(mesh, masses / masses.sum(), density @ TO_SERIES.T)


class _Curve:
    """log of exp L(d) times the normal prior's density, less a constant: concave, so it has one peak."""

    def __init__(self, strata: Sequence[Stratum], spread: float) -> None:
        if not 0 < spread < math.inf:
            raise ValueError(f"a spread is a positive number, not {spread}")
        # Where one arm had no weight, no conversion could have gone the other way: it says nothing.
        counted = [stratum for stratum in strata if stratum.weight_a and stratum.weight_b]
        self.spread = spread
        self.in_b = sum(stratum.conversions_b for stratum in counted)
        by_propensity: dict[float, int] = {}
        for stratum in counted:
            propensity = stratum.weight_b / (stratum.weight_a + stratum.weight_b)
            conversions = stratum.conversions_a + stratum.conversions_b
            by_propensity[propensity] = by_propensity.get(propensity, 0) + conversions
        self.propensities = np.array([pi for pi, count in by_propensity.items() if count])
        self.counts = np.array([float(count) for count in by_propensity.values() if count])

    def __call__(self, d: Floats) -> Floats:
        tilted = np.log1p(np.expm1(d)[..., None] * self.propensities)
        return np.asarray(self.in_b * d - tilted @ self.counts - d * d / (2 * self.spread**2))

    def slopes(self, d: float) -> tuple[float, float]:
        """First and second derivative."""
        tilted = expit(np.log(self.propensities / (1 - self.propensities)) + d)
        first = self.in_b - float(self.counts @ tilted) - d / self.spread**2
        return first, -float(self.counts @ (tilted * (1 - tilted))) - self.spread**-2

    def peak(self) -> float:
        """Newton's method, held inside a bracket; a thousandth of the peak's width is near enough."""
        high = self.spread**2 * float(self.counts.sum())
        low, d = -high, 0.0
        while True:
            first, second = self.slopes(d)
            if abs(first) <= 1e-3 * math.sqrt(-second):
                return d
            low, high = (d, high) if first > 0 else (low, d)
            d -= first / second
            if not low < d < high:
                d = (low + high) / 2

    def around_peak(self, lowest: float) -> tuple[Mesh, Floats]:
        """A mesh over what matters of the curve above the lowest d, and the curve on its nodes."""
        top = max(self.peak(), lowest)
        first, second = self.slopes(top)
        mesh = mesh_around(
            self, top, 1 / (abs(first) + math.sqrt(-second)), REACH_IN_SD * self.spread, lowest
        )
        return mesh, self(mesh.nodes)


def _log_mixture(curve: _Curve, lowest: float) -> float:
    """Log of the mean of exp L(d), d being normal, and above the lowest one."""
    if not curve.counts.size:
        return 0.0
    mesh, values = curve.around_peak(lowest)
    top = float(values.max())
    share = 1.0 if lowest < 0 else 0.5
    mean = float(np.sum(np.exp(values - top) * mesh.weights)) / (
        curve.spread * math.sqrt(2 * math.pi) * share
    )
    return top + math.log(mean)
