"""The normal curve that lies closest to a posterior of effects, for each spread that the arms may have.

Effects x are prior-independent N(0, spread^2), or where a `PriorShift` has moved that to. Their mean changes no likelihood and no difference, and under the
prior it is independent of the differences: it is left out, and y, arms - 1 numbers of N(0, spread^2) each, hold the
rest: x = basis y (Helmert's contrasts). Effects that know of each other (`shared_strength`) have another basis, and
nothing else is different. The log-posterior of y is concave, its top is found by Newton's method, and its curvature
there is the normal's (Laplace; Gelman et al., Bayesian Data Analysis, chapter 4).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from vibevariant.stats.likelihood import Likelihood
from vibevariant.stats.prior_shift import PriorShift
from vibevariant.stats.quadrature import AWAY_STEP, PEAK_STEP, WIDEST, Floats, Mesh

# No step moves an effect farther: the curvature of a log-linear model may not be trusted beyond a factor of e.
LONGEST_STEP = 1.0
# The last Newton step is one that would gain less than this of log-posterior.
LAST_GAIN = 1e-9
MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class Normals:
    """One normal curve for each spread.

    Args:
        effects: the tops, shaped (spreads, arms).
        factors: lower triangular L with L L' the precision of y, shaped (spreads, arms - 1, arms - 1).
        to_effects: noise of N(0, 1) times this is the effects' own, shaped (spreads, arms - 1, arms).
        log_marginals: log of the likelihood averaged over the prior of each spread, as the normal has it.
    """

    spreads: Floats
    effects: Floats
    factors: Floats
    to_effects: Floats
    log_marginals: Floats


@dataclass(frozen=True, slots=True)
class Basis:
    """What y is: numbers that the prior takes as independent, of one spread, and that are all there is of differences.

    Args:
        to_effects: effects are this times y, shaped (arms, arms - 1); each column sums to 0.
        from_effects: and y is this times effects, shaped (arms - 1, arms).
        exchangeable: no arm says more of one than of another: y is as long as the effects are.
    """

    to_effects: Floats
    from_effects: Floats
    exchangeable: bool = True

    def lengths(self, effects: Floats) -> Floats:
        """Squares of y's length, for effects that sum to 0."""
        y = effects if self.exchangeable else effects @ self.from_effects.T
        return np.asarray(np.einsum("...k,...k->...", y, y))


@lru_cache(maxsize=64)
def contrasts(arms: int) -> Floats:
    """Orthonormal columns, arms x (arms - 1), of which each sums to 0."""
    basis = np.zeros((arms, arms - 1))
    for column in range(1, arms):
        length = math.sqrt(column * (column + 1))
        basis[:column, column - 1] = 1 / length
        basis[column, column - 1] = -column / length
    return basis


def exchangeable(arms: int) -> Basis:
    """The basis of arms of which none says anything of another."""
    return Basis(contrasts(arms), contrasts(arms).T)


def log_prior(
    effects: Floats, spreads: Floats, shift: PriorShift | None = None, basis: Basis | None = None
) -> Floats:
    """Log density of y for effects that sum to 0, shaped (rows, spreads)."""
    free = effects.shape[-1] - 1
    of = basis or exchangeable(free + 1)
    squares = of.lengths(effects)[..., None]
    logs = np.asarray(-squares / (2 * spreads**2) - free * np.log(spreads * math.sqrt(2 * math.pi)))
    if shift is None:
        return logs
    return logs + shift.log_tilt(effects, spreads, None if of.exchangeable else of.from_effects)


def laplace(
    likelihood: Likelihood,
    spreads: Sequence[float],
    shift: PriorShift | None = None,
    basis: Basis | None = None,
) -> Normals:
    """The normal curves closest to the posteriors of at least two arms, exchangeable ones unless a basis is given."""
    each = np.array(spreads, dtype=np.float64)
    arms = len(likelihood.conversions)
    of = basis or exchangeable(arms)
    to_effects = of.to_effects
    # Of the prior of y, where it stands and its variance.
    middle, variance = np.zeros((len(each), arms - 1)), each[:, None] ** 2
    if shift is not None:
        middle, variance = each[:, None] * (np.array(shift.means) @ of.from_effects.T), variance * shift.kept
    y = middle
    diagonal = np.arange(arms - 1)
    for _ in range(MOST_STEPS):
        expected, information = likelihood.curvature(y @ to_effects.T)
        slope = (likelihood.conversions - expected) @ to_effects - (y - middle) / variance
        precision = to_effects.T @ information @ to_effects
        precision[:, diagonal, diagonal] += 1 / variance
        step = np.linalg.solve(precision, slope[..., None])[..., 0]
        if float(np.max(np.sum(step * slope, axis=1))) < LAST_GAIN:
            break
        longest = np.abs(step @ to_effects.T).max(axis=1, keepdims=True)
        y = y + step * np.minimum(1.0, LONGEST_STEP / np.maximum(longest, 1e-300))
    effects = y @ to_effects.T
    factors = np.asarray(np.linalg.cholesky(precision), dtype=np.float64)
    of_top = likelihood.at(effects)[0] + np.diagonal(log_prior(effects, each, shift, of))
    volume = (arms - 1) * math.log(2 * math.pi) / 2 - np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(
        axis=1
    )
    return Normals(each, effects, factors, np.linalg.inv(factors) @ to_effects.T, of_top + volume)


def mesh_over_tops(tops: Floats, sds: Floats, reach: Floats) -> Mesh:
    """Panels over curves of one peak each, narrow near every top, wide away from all, found by marching from the left.

    There is an edge at 0.
    """
    return meshes_over_tops(tops[None], sds[None], reach[None])[0]


def meshes_over_tops(tops: Floats, sds: Floats, reach: Floats) -> list[Mesh]:
    """The same for every row of curves."""
    ends, steps = (tops + reach).max(axis=1), PEAK_STEP * sds
    edges = [(tops - reach).min(axis=1)]
    while (edges[-1] < ends).any():
        # The step that suits the panel's nearest point, which may lie ahead: it must not pass over a top.
        gap = tops - edges[-1][:, None]
        away = AWAY_STEP * np.where(gap > 0, gap / (1 + AWAY_STEP), -gap)
        edges.append(edges[-1] + np.minimum(np.maximum(steps, away).min(axis=1), WIDEST))
    lines = np.array(edges).T
    return [
        Mesh(np.unique(np.append(line[: np.searchsorted(line, end) + 1], 0.0)))
        for line, end in zip(lines, ends, strict=True)
    ]
