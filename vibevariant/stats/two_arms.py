"""The posterior of two arms' effects, to nearly the last bit: one integral, over their difference d.

density(d) = exp L(-d/2, d/2) * sum over spreads of chance * normal(d)
"""

import math

import numpy as np
from numpy.polynomial import legendre
from scipy.special import logsumexp

from vibevariant.stats.evidence import LiftPosterior
from vibevariant.stats.laplace import Normals, laplace, mesh_over_tops
from vibevariant.stats.likelihood import Likelihood
from vibevariant.stats.prior_shift import PriorShift
from vibevariant.stats.priors import SpreadPrior
from vibevariant.stats.quadrature import NEGLIGIBLE, NODES, ORDER, TO_SERIES, Floats, Mesh

# For each spread the curve is at least as narrow as its prior, which falls to e^-45 within this many spreads of d.
REACH_IN_SD = math.sqrt(2 * NEGLIGIBLE)
# Steps of Newton's method from a log ratio back to d, where conversions are common.
STEPS_BACK = 6


class TwoArms:
    """What is known about two arms.

    Args:
        log_marginals: log of the likelihood averaged over the prior of each spread.
        spread_weights: the chance of each spread, seeing this experiment.
        effective_share: of the points that carry the answer: all, it is an integral.
    """

    effective_share = 1.0

    def __init__(self, likelihood: Likelihood, prior: SpreadPrior, shift: PriorShift | None = None) -> None:
        with np.errstate(divide="ignore"):
            log_weights = np.log(np.array(prior.weights))
        normals = laplace(likelihood, prior.spreads, shift)
        spreads = np.array(prior.spreads)
        scale = math.sqrt(2) * spreads

        def log_curves(d: Floats) -> Floats:
            """For each spread, shaped (spreads, ...)."""
            effects = _effects(d)
            logs = likelihood.at(effects)[0].reshape(d.shape)
            each = scale.reshape(-1, *(1 for _ in d.shape))
            curves = logs - (d / each) ** 2 / 2 - np.log(each * math.sqrt(2 * math.pi))
            return (
                curves if shift is None else curves + shift.log_tilt(effects, spreads).T.reshape(curves.shape)
            )

        mesh = _mesh(normals, log_weights)
        at_edges = np.max(log_curves(mesh.edges) + log_weights[:, None], axis=0)
        visible = np.flatnonzero(at_edges > at_edges.max() - NEGLIGIBLE)
        mesh = Mesh(mesh.edges[max(visible[0] - 1, 0) : visible[-1] + 2])
        mesh, d, stretch = _on_log_ratios(likelihood, mesh)
        logs = log_curves(d) + np.log(mesh.weights / stretch)
        self.log_marginals = logsumexp(logs, axis=(1, 2))
        chances = log_weights + self.log_marginals
        self.spread_weights = np.exp(chances - logsumexp(chances))
        joint = logsumexp(log_weights[:, None, None] + logs, axis=0)
        masses = np.exp(joint - joint.max())
        self._mesh, self._masses = mesh, masses / masses.sum()

    def p_best(self, running: list[int]) -> Floats:
        if len(running) == 1:
            return np.array([float(arm in running) for arm in (0, 1)])
        second = min(1.0, float(self._masses[self._mesh.nodes > 0].sum()))
        return np.array([1 - second, second])

    def loss(self, running: list[int]) -> Floats:
        lost = np.maximum([self._mesh.nodes, -self._mesh.nodes], 0.0)
        shares = -np.sum(self._masses * np.expm1(-lost), axis=(1, 2))
        return np.array([share if 1 - arm in running else 0.0 for arm, share in enumerate(shares)])

    def lift(self, a: int, b: int) -> LiftPosterior:
        mesh, masses = self._mesh, self._masses
        if a > b:
            mesh, masses = Mesh(-mesh.edges[::-1]), masses[::-1, ::-1]
        return LiftPosterior(mesh, masses, masses / mesh.weights @ TO_SERIES.T)

    def lifts(self, a: int, others: list[int]) -> list[LiftPosterior]:
        return [self.lift(a, b) for b in others]


def _effects(d: Floats) -> Floats:
    return np.stack([-d.ravel() / 2, d.ravel() / 2], axis=1)


def _mesh(normals: Normals, log_weights: Floats) -> Mesh:
    """Panels over d that suit every spread that is not ruled out."""
    heights = log_weights + normals.log_marginals
    likely = heights > heights.max() - NEGLIGIBLE
    tops = normals.effects[likely, 1] - normals.effects[likely, 0]
    sds = math.sqrt(2) / normals.factors[likely, 0, 0]
    return mesh_over_tops(tops, sds, REACH_IN_SD * math.sqrt(2) * normals.spreads[likely])


def _on_log_ratios(likelihood: Likelihood, mesh: Mesh) -> tuple[Mesh, Floats, Floats]:
    """The mesh on the log of the ratio of the rates, d on its nodes, and how fast the ratio changes with d there."""
    if likelihood.per_effect == 1:
        return mesh, mesh.nodes, np.ones(mesh.nodes.shape)

    def log_ratio(d: Floats) -> Floats:
        rates = likelihood.at(_effects(d))[1]
        return np.asarray(rates[:, 1] - rates[:, 0]).reshape(d.shape)

    # Far out a rate is 0 or 1 and the ratio stands still, but for its last bits.
    edges = log_ratio(mesh.edges)
    moves = np.append(True, np.diff(np.maximum.accumulate(edges)) > 1e-9)
    mesh = Mesh(mesh.edges[moves])
    on_ratios = Mesh(np.where(mesh.edges == 0, 0.0, edges[moves]))
    # On each panel the ratio is as good as a polynomial, which Newton's method turns round.
    series = log_ratio(mesh.nodes) @ TO_SERIES.T
    slopes = legendre.legder(series, axis=1)
    at = np.tile(NODES, (len(series), 1))
    for _ in range(STEPS_BACK):
        powers = legendre.legvander(at, ORDER - 1)
        slope = np.einsum("pnk,pk->pn", powers[..., :-1], slopes)
        off = on_ratios.nodes - np.einsum("pnk,pk->pn", powers, series)
        at = np.clip(at + off / np.maximum(slope, 1e-12), -1, 1)
    middles = (mesh.edges[1:] + mesh.edges[:-1]) / 2
    stretch = np.maximum(slope, 1e-12) / mesh.half_widths[:, None]
    return on_ratios, middles[:, None] + mesh.half_widths[:, None] * at, stretch
