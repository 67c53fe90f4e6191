import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from vibevariant.stats.posterior import FLAT, Beta, posterior

PRIORS = [FLAT, Beta(0.5, 0.5), Beta(1, 19), Beta(0.01, 0.99)]


def test_every_visitor_adds_one_to_alpha_or_beta():
    assert posterior(3, 50) == Beta(4.0, 48.0)
    assert posterior(3, 50, Beta(1, 19)) == Beta(4.0, 66.0)
    assert posterior(0, 0) == FLAT


@pytest.mark.parametrize(("conversions", "exposed"), [(3, 2), (-1, 5), (0, -1), (-2, -1)])
def test_counts_that_cannot_be_are_refused(conversions, exposed):
    with pytest.raises(ValueError, match="cannot be"):
        posterior(conversions, exposed)


@pytest.mark.parametrize(("alpha", "beta"), [(0, 1), (1, -1), (math.nan, 1), (1, math.inf)])
def test_a_prior_that_is_no_distribution_is_refused(alpha, beta):
    with pytest.raises(ValueError, match="two positive"):
        Beta(alpha, beta)


@pytest.mark.parametrize("prior", PRIORS)
@pytest.mark.parametrize(
    ("conversions", "exposed"), [(0, 0), (0, 50), (1, 50), (50, 50), (60, 1000), (500_000, 10**7)]
)
def test_interval_is_that_of_scipy(prior, conversions, exposed):
    ours = posterior(conversions, exposed, prior)
    theirs = scipy.stats.beta(ours.alpha, ours.beta)
    assert ours.interval() == pytest.approx((theirs.ppf(0.025), theirs.ppf(0.975)), rel=1e-9, abs=1e-300)
    assert ours.mean == pytest.approx(theirs.mean(), rel=1e-14)


def test_density_is_that_of_scipy_and_starts_at_the_edge():
    x = np.linspace(0, 1, 11)
    assert posterior(3, 9).density(x) == pytest.approx(scipy.stats.beta(4, 7).pdf(x), rel=1e-12)
    assert FLAT.density(x) == pytest.approx(np.ones(11))


@given(exposed=st.integers(0, 10**7), share=st.floats(0, 1), prior=st.sampled_from(PRIORS), q=st.floats(0, 1))
def test_a_quantile_is_always_a_rate(exposed, share, prior, q):
    arm = posterior(int(exposed * share), exposed, prior)
    assert 0 <= arm.quantile(q) <= 1
    low, high = arm.interval()
    assert 0 <= low <= high <= 1


@pytest.mark.parametrize("q", [-0.1, 1.1, math.nan])
def test_a_quantile_outside_0_and_1_is_refused(q):
    with pytest.raises(ValueError, match="between 0 and 1"):
        FLAT.quantile(q)
