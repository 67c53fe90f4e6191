import math

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaln

from vibevariant.stats.posterior import Beta
from vibevariant.stats.priors import (
    ARCHIVE_LOG_MARGINALS,
    BEFORE_HISTORY,
    MOST_STRENGTH,
    SPREADS,
    RatePrior,
    SpreadPrior,
    before_history,
    fixed_spread,
    half_normal,
    learned_rate,
)


def counts(mean, strength, arms, seed=1):
    rng = np.random.default_rng(seed)
    exposed = rng.integers(200, 5000, arms)
    converted = rng.binomial(exposed, rng.beta(mean * strength, (1 - mean) * strength, arms))
    return list(zip(converted.tolist(), exposed.tolist(), strict=True))


def test_without_history_a_rate_is_about_one_in_twenty():
    assert learned_rate([]) == learned_rate([(0, 0)]) == Beta(1, 19)


@pytest.mark.parametrize(("mean", "strength"), [(0.05, 15), (0.3, 8), (0.02, 40)])
def test_the_rate_prior_is_the_maximum_of_the_likelihood(mean, strength):
    past = counts(mean, strength, 150)
    s, n = np.array(past).T

    def height(at):
        a, b = np.exp(at)
        return -(betaln(s + a, n - s + b) - betaln(a, b)).sum()

    best = scipy.optimize.minimize(height, [0.0, 3.0], method="Nelder-Mead", options={"maxiter": 2000})
    a, b = np.exp(best.x)
    ours = learned_rate(past)
    assert ours.mean == pytest.approx(a / (a + b), rel=0.01)
    assert ours.alpha + ours.beta == pytest.approx(min(a + b, MOST_STRENGTH), rel=0.03)


def test_however_alike_past_arms_were_their_rate_counts_for_fifty_visitors():
    ours = learned_rate([(500, 10_000)] * 40)
    assert ours.alpha + ours.beta == pytest.approx(50)
    assert ours.mean == pytest.approx(0.05, abs=1e-3)


@given(
    st.lists(st.integers(0, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=6)
)
def test_any_history_makes_a_prior(past):
    ours = learned_rate(past)
    assert 0 < ours.mean < 1
    assert 0 < ours.alpha + ours.beta <= MOST_STRENGTH * (1 + 1e-12)


@given(st.permutations([(3, 100), (0, 40), (70, 900), (12, 300)]))
def test_the_order_of_past_arms_says_nothing(past):
    ours, sorted_ones = learned_rate(past), learned_rate(sorted(past))
    assert (ours.alpha, ours.beta) == pytest.approx((sorted_ones.alpha, sorted_ones.beta), rel=1e-6)


def test_a_rate_prior_can_be_set_by_hand():
    past = counts(0.1, 20, 10)
    assert RatePrior().from_past(past) == learned_rate(past)
    assert RatePrior("flat").from_past(past) == Beta(1, 1)
    assert RatePrior("jeffreys").from_past(past) == Beta(0.5, 0.5)
    assert RatePrior("custom", Beta(2, 30)).from_past(past) == Beta(2, 30)
    with pytest.raises(ValueError, match="custom"):
        RatePrior("custom")
    with pytest.raises(ValueError, match="custom"):
        RatePrior("flat", Beta(2, 30))
    with pytest.raises(ValueError, match="cannot be"):
        learned_rate([(5, 3)])


def test_the_hyperprior_weighs_each_spread_by_its_density():
    density = scipy.stats.halfnorm(scale=0.25).pdf(SPREADS)
    assert half_normal(0.25).weights == pytest.approx(density / density.sum(), rel=1e-12)


def test_before_any_history_the_archive_counts_for_nine_tenths_of_a_test():
    weights = np.array(half_normal(0.25).weights) * np.exp(0.9 * np.array(ARCHIVE_LOG_MARGINALS))
    assert BEFORE_HISTORY.weights == pytest.approx(weights / weights.sum(), rel=1e-12)
    assert BEFORE_HISTORY.weights == pytest.approx(
        (0.064, 0.102, 0.178, 0.257, 0.252, 0.125, 0.021), abs=1e-3
    )
    assert before_history(0.1).mean < BEFORE_HISTORY.mean < before_history(0.5).mean


def test_the_width_of_the_prior_is_that_of_its_mixture():
    width = BEFORE_HISTORY.width_95
    below = sum(
        weight * scipy.stats.norm.cdf(width / 2, scale=math.sqrt(2) * spread)
        for weight, spread in zip(BEFORE_HISTORY.weights, SPREADS, strict=True)
    )
    assert below == pytest.approx(0.975, abs=1e-10)
    assert fixed_spread(0.2).width_95 == pytest.approx(2 * 1.959964 * 0.2 * math.sqrt(2), rel=1e-6)


def test_experiments_weigh_the_spreads_by_how_well_each_foretold_them():
    prior = SpreadPrior((0.1, 0.2), (0.25, 0.75))
    after = prior.after([(0.0, math.log(2)), (5.0, 5.0 + math.log(3))])
    assert after.weights == pytest.approx((0.25 / (0.25 + 4.5), 4.5 / (0.25 + 4.5)))
    assert prior.after([]).weights == pytest.approx(prior.weights)
    # However strongly they speak, and of a spread that was ruled out nothing is heard.
    assert prior.after([(-1e6, 0.0)] * 50).weights == (0.0, 1.0)
    assert SpreadPrior((0.1, 0.2), (0.0, 1.0)).after([(9.0, 0.0)]).weights == (0.0, 1.0)


@pytest.mark.parametrize(
    ("spreads", "weights"),
    [((), ()), ((0.1,), (0.5,)), ((0.1, 0.2), (1.0,)), ((0.0,), (1.0,)), ((0.1, 0.2), (1.5, -0.5))],
)
def test_a_prior_that_is_none_is_refused(spreads, weights):
    with pytest.raises(ValueError):
        SpreadPrior(spreads, weights)
