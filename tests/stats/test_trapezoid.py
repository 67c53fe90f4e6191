import numpy as np
import pytest
import scipy.stats
from scipy.special import expit

from vibevariant.stats.independent_lift import AbsoluteLine, RelativeLine, beyond, rate_curve
from vibevariant.stats.posterior import Beta, posterior
from vibevariant.stats.trapezoid import beyond_by_sums, rates

ARMS = [
    Beta(1, 1), posterior(0, 50, Beta(0.5, 0.5)), posterior(1, 50), Beta(0.3, 9.7), posterior(20, 1000),
    posterior(3, 10**7), posterior(500_000, 10**7), posterior(501_000, 10**7), posterior(10**7, 10**7),
]  # fmt: skip
GAPS = np.array([0.0, 1e-12, 1e-4, 0.01, 0.3, 0.9])


def test_curves_are_densities_and_know_what_is_below():
    ours = rates(ARMS)
    for arm, rate in enumerate(ARMS):
        t = np.linspace(ours.peaks[arm] - 3 * ours.sds[arm], ours.peaks[arm] + 3 * ours.sds[arm], 41)
        of, x = np.full(t.size, arm), expit(t)
        exact = scipy.stats.beta.pdf(x, rate.alpha, rate.beta) * x * expit(-t)
        assert ours.density(t, of) == pytest.approx(exact, rel=1e-7)
        assert ours.below(t, of) == pytest.approx(scipy.stats.beta.cdf(x, rate.alpha, rate.beta), abs=1e-9)


@pytest.mark.parametrize("line", [RelativeLine, AbsoluteLine])
def test_sums_are_the_integrals_by_panels(line):
    arms = rates(ARMS)
    for upper, one in enumerate(ARMS):
        for lower, other in enumerate(ARMS):
            places = [np.full(GAPS.size, place) for place in (upper, lower)]
            ours = beyond_by_sums(arms, *places, line, GAPS)
            theirs = beyond(rate_curve(one), rate_curve(other), line(GAPS[:, None, None]))
            assert ours.probability == pytest.approx(theirs.probability, abs=1e-10)
            assert ours.short == pytest.approx(theirs.short, abs=1e-10)
            # At a gap of 0 it may be infinite.
            told = (GAPS > 0) & (theirs.probability > 1e-3)
            assert ours.density[told] == pytest.approx(theirs.density[told], rel=1e-5)
