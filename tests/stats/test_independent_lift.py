import numpy as np
import pytest

from vibevariant.stats.independent_lift import AbsoluteLine, RelativeLine, beyond, rate_curve
from vibevariant.stats.posterior import Beta, posterior

TABLES = [
    (Beta(1, 1), Beta(1, 1)),
    (posterior(0, 50, Beta(0.5, 0.5)), posterior(1, 50, Beta(0.5, 0.5))),
    (posterior(20, 1000), posterior(35, 1000)),
    (posterior(0, 10**7, Beta(0.01, 0.99)), posterior(10**7, 10**7, Beta(0.01, 0.99))),
    (posterior(500_000, 10**7), posterior(501_000, 10**7)),
    (Beta(0.01, 0.99), posterior(3, 10**7, Beta(0.01, 0.99))),
]
GAPS = np.array([0.0, 1e-300, 1e-12, 1e-4, 0.01, 0.3, 0.9, 1 - 1e-15])
LINES = [RelativeLine, AbsoluteLine]


def shaped(gaps):
    return np.asarray(gaps)[:, None, None]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize(("a", "b"), TABLES)
def test_beyond_and_short_make_1_and_more_is_less_likely(line, a, b):
    for upper, lower in ((a, b), (b, a)):
        ours = beyond(rate_curve(upper), rate_curve(lower), line(shaped(GAPS)))
        assert ours.probability + ours.short == pytest.approx(1, abs=1e-12)
        assert (np.diff(ours.probability) <= 1e-14).all()
        assert np.isfinite(ours.density).all()


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize(("a", "b"), TABLES[:3])
def test_the_density_is_the_slope_of_the_probability(line, a, b):
    gaps, step = np.array([0.002, 0.01, 0.02]), 1e-6
    upper, lower = rate_curve(b), rate_curve(a)
    around = [beyond(upper, lower, line(shaped(gaps + side))).probability for side in (-step, step)]
    slope = (around[0] - around[1]) / (2 * step)
    assert beyond(upper, lower, line(shaped(gaps))).density == pytest.approx(slope, rel=1e-5)


@pytest.mark.parametrize("line", LINES)
def test_a_line_goes_where_it_says(line):
    gaps, w = shaped([1e-6, 0.2, 0.7]), np.linspace(-9, 9, 31)[None, :, None]
    ours = line(gaps)
    x, y = (1 / (1 + np.exp(-t)) for t in np.broadcast_arrays(ours.lower(w), ours.upper(w)))
    assert y == pytest.approx(x * np.exp(gaps) if line is RelativeLine else x + gaps, rel=1e-12)
    back = np.broadcast_to(w, x.shape)
    for there in (ours.where_lower(ours.lower(w)), ours.where_upper(ours.upper(w))):
        assert np.median(np.abs(there - back)) < 1e-12
        assert there == pytest.approx(back, abs=1e-6)


def test_a_small_probability_keeps_its_digits():
    # a ~ Beta(1, 1), b ~ Beta(2, 1): P(b - a > d) = (1 - d)^2 (2 + d) / 3.
    d = 1 - 1e-6
    ours = beyond(rate_curve(Beta(2, 1)), rate_curve(Beta(1, 1)), AbsoluteLine(shaped([d])))
    assert ours.probability[0] == pytest.approx((1 - d) ** 2 * (2 + d) / 3, rel=1e-9)
