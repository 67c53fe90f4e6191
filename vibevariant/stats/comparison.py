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

from vibevariant.stats.posterior import Beta
from vibevariant.stats.quadrature import AWAY_STEP, PEAK_STEP, Floats, Mesh, running_integrals

# Densities are followed from their peak down to about e^-45 (1e-20) of it: this many standard deviations, and this
# many units of log-odds over alpha or beta, which is how fast the tails of a curve with few visitors fall.
REACH_IN_SD = 9.5
REACH_IN_TAIL = 45.0
# No panel spans more than this many e-folds of a tail, whatever its distance from the peak.
TAIL_STEP = 12.0
# The logistic curve itself turns at log-odds 0 within about this distance.
LOGISTIC_SCALE = 1.5
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
    mesh = _mesh(alpha, beta, peaks, origin)
    density = _density(mesh.nodes[None], alpha[:, None, None], beta[:, None, None], peaks[:, None, None])
    below, above = running_integrals(density, mesh.half_widths)
    total = above[:, :1, :1] + below[:, :1, :1]
    density, below, above = density / total, below / total, above / total

    # log F, from whichever of F and 1 - F is the small one. The others' product is what is left without one's own.
    log_below = np.where(below < 0.5, np.log(np.maximum(below, TINY)), np.log1p(-np.clip(above, 0, 0.5)))
    log_others = np.minimum(log_below.sum(axis=0) - log_below, 0.0)
    p_best = _integrate(density * np.exp(log_others), mesh)
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


def _mesh(alpha: Floats, beta: Floats, peaks: Floats, origin: float) -> Mesh:
    """Panels over all densities, narrow near every peak, found by marching from the left."""
    sd = np.sqrt(1 / alpha + 1 / beta)
    start = float(np.min(peaks - REACH_IN_SD * sd - REACH_IN_TAIL / alpha))
    end = float(np.max(peaks + REACH_IN_SD * sd + REACH_IN_TAIL / beta))
    centres = np.append(peaks, -origin)
    steps = PEAK_STEP * np.append(np.minimum(sd, 1.0), LOGISTIC_SCALE)
    cap = TAIL_STEP / min(1.0, float(alpha.min()), float(beta.min()))
    edges = [start]
    while edges[-1] < end:
        # The step that suits the panel's nearest point, which may lie ahead: a wide panel must not swallow a peak.
        gap = centres - edges[-1]
        away = AWAY_STEP * np.where(gap > 0, gap / (1 + AWAY_STEP), -gap)
        edges.append(edges[-1] + min(cap, float(np.min(np.maximum(steps, away)))))
    return Mesh(np.array(edges))


def _density(t: Floats, alpha: Floats, beta: Floats, peak: Floats) -> Floats:
    """Density of the log-odds of Beta(alpha, beta), relative to its height at the peak.

    With d the distance from the peak, n = alpha + beta, p = alpha / n and u = p (e^d - 1),

        log f(d) - log f(0) = alpha d - n log(1 + u) = -alpha (e^d - 1 - d) - n (log(1 + u) - u)

    and both brackets are taken as series where d is small: as it stands alpha d - n log(1 + u) cancels, which costs
    1e-10 at ten million visitors. Mirrored (d to -d, alpha to beta) where alpha is the larger, so that p <= 1/2.
    """
    small, n = np.minimum(alpha, beta), alpha + beta
    p = small / n
    d = np.where(alpha <= beta, t - peak, peak - t)
    near = np.abs(d) < SERIES_REACH
    d_near = np.where(near, d, 0.0)
    u = p * np.expm1(d_near)
    log_near = -small * _exp_bracket(d_near) - n * _log_bracket(u)
    log_far = small * d - n * np.logaddexp(np.log1p(-p), np.log(p) + d)
    return np.asarray(np.exp(np.where(near, log_near, log_far)))


# Below this distance the series are used; above it the plain form errs by less than 1e-13, for a density that is
# still visible this far from its peak belongs to a few hundred conversions.
SERIES_REACH = 0.25


def _exp_bracket(d: Floats) -> Floats:
    """e^d - 1 - d for |d| < 0.25, by its Taylor series."""
    out = np.full_like(d, 1.0)
    for k in range(12, 2, -1):
        out = 1.0 + out * d / k
    return 0.5 * d * d * out


def _log_bracket(u: Floats) -> Floats:
    """log(1 + u) - u for |u| < 0.15: with r = u / (2 + u), log(1 + u) = 2 artanh r and 2r - u = -r u."""
    r = u / (2 + u)
    square = r * r
    out = np.full_like(u, 1 / 15)
    for k in range(13, 2, -2):
        out = 1 / k + out * square
    return 2 * r * square * out - r * u
