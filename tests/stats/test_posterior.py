import math

import mpmath
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from vibevariant.stats.posterior import DRAWN_LEVEL, DRAWN_RATES, EDGE, FLAT, Beta, posterior, rates_to_draw

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


def by_mpmath(beta, rate):
    with mpmath.workdps(40):
        x = mpmath.mpf(float(rate))
        inverse = mpmath.beta(beta.alpha, beta.beta)
        return float(x ** (beta.alpha - 1) * (1 - x) ** (beta.beta - 1) / inverse)


@pytest.mark.parametrize("prior", PRIORS)
@pytest.mark.parametrize(
    ("conversions", "exposed"), [(0, 0), (0, 50), (1, 50), (50, 50), (60, 1000), (50_000, 10**6)]
)
def test_a_drawn_curve_is_that_of_mpmath_and_finite_also_at_its_edge(prior, conversions, exposed):
    drawn = posterior(conversions, exposed, prior)
    rates = rates_to_draw([drawn])
    density = drawn.density(rates)
    assert np.isfinite(density).all()
    assert density == pytest.approx([by_mpmath(drawn, rate) for rate in rates], rel=1e-8)


@given(exposed=st.integers(0, 10**7), share=st.floats(0, 1))
def test_under_a_drawn_curve_lies_one(exposed, share):
    drawn = posterior(int(exposed * share), exposed)
    rates = rates_to_draw([drawn])
    assert np.trapezoid(drawn.density(rates), rates) == pytest.approx(DRAWN_LEVEL, abs=0.002)


@given(arms=st.lists(st.tuples(st.integers(0, 10**7), st.floats(0, 1)), min_size=1, max_size=12))
def test_every_arm_gets_its_part_of_the_rates_however_unlike_they_are(arms):
    posteriors = [posterior(int(exposed * share), exposed) for exposed, share in arms]
    rates = rates_to_draw(posteriors)
    assert len(rates) == DRAWN_RATES
    assert 0 < rates[0] < rates[-1] < 1
    assert (np.diff(rates) > 0).all()
    for drawn in posteriors:
        low, high = drawn.interval(DRAWN_LEVEL)
        assert rates[0] <= max(low, EDGE)
        assert rates[-1] >= min(high, 1 - EDGE)
        within = ((low <= rates) & (rates <= high)).sum()
        assert within >= DRAWN_RATES // (len(arms) + 1) - 1


def test_arms_alike_are_drawn_at_even_steps():
    steps = np.diff(rates_to_draw([posterior(10, 100)] * 3))
    assert steps == pytest.approx(np.full(DRAWN_RATES - 1, steps.mean()))


def test_an_arm_of_many_visitors_is_seen_beside_one_of_few():
    many, few = posterior(20_000, 10**6), posterior(1, 5)
    peak = many.density(rates_to_draw([many, few])).max()
    assert peak > 0.99 * many.density(np.array([0.02]))[0]


def test_counts_beyond_all_bounds_are_drawn_too():
    for drawn in (Beta(1, 1e15), Beta(1e15, 1), Beta(0.001, 0.001)):
        rates = rates_to_draw([drawn])
        assert len(rates) == DRAWN_RATES
        assert np.isfinite(rates).all()
        assert np.isfinite(drawn.density(rates)).all()
