import math

import mpmath
import numpy as np
import pytest

from vibevariant.stats.log_odds import density, mesh_over


@pytest.mark.parametrize(
    ("alpha", "beta"),
    [(0.01, 0.99), (0.5, 50.5), (3, 7), (36, 966), (501_000.5, 9_499_000.5), (10**7 + 1, 1)],
)
def test_the_density_keeps_its_digits_up_to_ten_million_visitors(alpha, beta):
    sd = math.sqrt(1 / alpha + 1 / beta)
    away = np.array([-6, -2.5, -1, -0.1, 0, 0.1, 1, 2.5, 6]) * sd
    ours = density(away, np.array(alpha), np.array(beta), np.array(0.0))
    with mpmath.workdps(40):
        peak = mpmath.log(mpmath.mpf(alpha) / beta)

        def log_curve(t):
            return alpha * t - (alpha + beta) * mpmath.log1p(mpmath.e**t)

        theirs = [float(mpmath.e ** (log_curve(peak + d) - log_curve(peak))) for d in away.tolist()]
    assert ours == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize(
    "pair", [((1, 1), (1, 1)), ((0.01, 0.99), (10**7, 1)), ((500_000, 9_500_000), (2, 50))]
)
def test_panels_are_narrow_at_every_peak_and_reach_where_nothing_is_left(pair):
    alpha, beta = np.array(pair, dtype=float).T
    peaks = np.log(alpha / beta)
    mesh = mesh_over(alpha, beta, peaks, 0.0)
    widths, middles = np.diff(mesh.edges), (mesh.edges[1:] + mesh.edges[:-1]) / 2
    for a, b, peak in zip(alpha, beta, peaks, strict=True):
        assert widths[np.abs(middles - peak).argmin()] <= 1.6 * min(math.sqrt(1 / a + 1 / b), 1) + 1e-12
        ends = density(mesh.edges[[0, -1]], np.array(a), np.array(b), np.array(peak))
        assert ends.max() < 1e-18
