"""Beta posteriors over the log-odds of the rate, where each is a smooth curve with one peak and no singular end.

On the rate itself the density of Beta(alpha, beta) grows beyond all bounds at an end whose parameter is below 1, and
ten million visitors leave it 1e-4 wide. Over t = log(rate / (1 - rate)) it is e^(alpha t) / (1 + e^t)^(alpha + beta),
whose logarithm is concave.
"""

import numpy as np

from vibevariant.stats.quadrature import AWAY_STEP, PEAK_STEP, Floats, Mesh

# Densities are followed from their peak down to about e^-45 (1e-20) of it: this many standard deviations, and this
# many units of log-odds over alpha or beta, which is how fast the tails of a curve with few visitors fall.
REACH_IN_SD = 9.5
REACH_IN_TAIL = 45.0
# No panel spans more than this many e-folds of a tail, whatever its distance from the peak.
TAIL_STEP = 12.0
# The logistic curve itself turns at log-odds 0 within about this distance.
LOGISTIC_SCALE = 1.5


def mesh_over(alpha: Floats, beta: Floats, peaks: Floats, origin: float, share: float = 1.0) -> Mesh:
    """Panels over the densities of all arms, narrow near every peak, found by marching from the left.

    Args:
        peaks: of the densities, counted from the origin as the panels are.
        origin: the log-odds that are called 0.
        share: of the usual width of a panel.
    """
    sd = np.sqrt(1 / alpha + 1 / beta)
    start = float(np.min(peaks - REACH_IN_SD * sd - REACH_IN_TAIL / alpha))
    end = float(np.max(peaks + REACH_IN_SD * sd + REACH_IN_TAIL / beta))
    centres = np.append(peaks, -origin)
    steps = share * PEAK_STEP * np.append(np.minimum(sd, 1.0), LOGISTIC_SCALE)
    cap = share * TAIL_STEP / min(1.0, float(alpha.min()), float(beta.min()))
    away_step = share * AWAY_STEP
    edges = [start]
    while edges[-1] < end:
        # The step that suits the panel's nearest point, which may lie ahead: a wide panel must not swallow a peak.
        gap = centres - edges[-1]
        away = away_step * np.where(gap > 0, gap / (1 + away_step), -gap)
        edges.append(edges[-1] + min(cap, float(np.min(np.maximum(steps, away)))))
    return Mesh(np.array(edges))


def density(t: Floats, alpha: Floats, beta: Floats, peak: Floats) -> Floats:
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
