"""Which arm is best, exactly: no random draws, any number of arms, from no visitor to ten million.

With independent rates of densities f[k] and CDFs F[k], over the arms j other than k,

    P(k is best)        = integral of f[k] * prod F[j]
    E[best rate] - E[k] = integral of F[k] * (1 - prod F[j]),

and the second has no negative part, so small losses keep their digits. The integrals run over the log-odds of the
rate, where a Beta density is smooth, has one peak and no singular end even when alpha is below 1. Closed forms exist
(Evan Miller, Formulas for Bayesian A/B Testing) but need whole numbers, take a sum as long as the counts, and grow
as counts^(arms - 1): they serve as an oracle in the tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vibevariant.stats.log_odds import density, mesh_over
from vibevariant.stats.posterior import Beta
from vibevariant.stats.quadrature import Floats, Mesh, running_integrals

# Stands in for a probability of zero where its logarithm is taken.
TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Comparison:
    """For every arm, in their order: how likely it is the best, and the rate lost on average by choosing it."""

    p_best: tuple[float, ...]
    expected_loss: tuple[float, ...]


def compare(posteriors: Sequence[Beta]) -> Comparison:
    """Say which arm is best and what choosing each one would cost, taking their rates as independent."""
    if not posteriors:
        raise ValueError("there is no arm to compare")
    if len(posteriors) == 1:
        return Comparison((1.0,), (0.0,))
    alpha = np.array([arm.alpha for arm in posteriors])
    beta = np.array([arm.beta for arm in posteriors])
    reference = int(np.argmax(alpha / (alpha + beta)))
    origin = float(np.log(alpha[reference] / beta[reference]))
    peaks = _peaks_from(reference, alpha, beta)
    mesh = mesh_over(alpha, beta, peaks, origin)
    height = density(mesh.nodes[None], alpha[:, None, None], beta[:, None, None], peaks[:, None, None])
    below, above = running_integrals(height, mesh.half_widths)
    total = above[:, :1, :1] + below[:, :1, :1]
    height, below, above = height / total, below / total, above / total

    # log F, from whichever of F and 1 - F is the small one. The others' product is what is left without one's own.
    log_below = np.where(below < 0.5, np.log(np.maximum(below, TINY)), np.log1p(-np.clip(above, 0, 0.5)))
    log_others = np.minimum(log_below.sum(axis=0) - log_below, 0.0)
    p_best = _integrate(height * np.exp(log_others), mesh)
    log_odds = mesh.nodes + origin
    slope = np.exp(-np.abs(log_odds)) / (1 + np.exp(-np.abs(log_odds))) ** 2
    loss = _integrate(np.maximum(below, 0.0) * -np.expm1(log_others) * slope, mesh)
    # The probabilities sum to 1 but for the last bits; share those out.
    p_best /= p_best.sum()
    return Comparison(tuple(p_best.tolist()), tuple(loss.tolist()))


def probability_better(a: Beta, b: Beta) -> float:
    """How likely the rate of b is above the rate of a."""
    return compare((a, b)).p_best[1]


def _integrate(values: Floats, mesh: Mesh) -> Floats:
    return np.asarray((values * mesh.weights).sum(axis=(1, 2)))


def _peaks_from(reference: int, alpha: Floats, beta: Floats) -> Floats:
    """Log-odds of every density's peak, counted from the reference's.

    log(a/b) - log(c/d) as log1p((ad - bc) / bc): at ten million visitors a standard deviation is 1e-3, and the
    difference of two logarithms near -3 would be good to 1e-12 of that only.
    """
    cross = beta * alpha[reference]
    ratio = (alpha * beta[reference] - cross) / cross
    near = np.log1p(np.maximum(ratio, -0.5))
    far = np.log(alpha) - np.log(beta) - (np.log(alpha[reference]) - np.log(beta[reference]))
    return np.asarray(np.where(np.abs(ratio) <= 0.5, near, far))
