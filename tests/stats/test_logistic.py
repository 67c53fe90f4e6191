"""Conversions that are not rare, against Fisher's noncentral hypergeometric distribution in full."""

import itertools
import math

import numpy as np
import pytest
from scipy.special import expit, gammaln, logsumexp

from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.logistic import Logistic
from vibevariant.stats.priors import BEFORE_HISTORY, fixed_spread


def log_choose(n, k):
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)


def exact(exposed, conversions, effects):
    """Log chance of how the conversions fell on the arms, given their total, relative to no effects."""
    total = sum(conversions)
    ways = np.array([
        cells
        for cells in itertools.product(*(range(n + 1) for n in exposed))
        if sum(cells) == total
    ])  # fmt: skip
    logs = sum(log_choose(n, ways[:, arm]) for arm, n in enumerate(exposed))
    seen = np.dot(conversions, effects)
    return seen - logsumexp(logs + ways @ effects) + logsumexp(logs)


@pytest.mark.parametrize(
    ("exposed", "conversions", "error"),
    [
        ((1, 1), (0, 1), 0.05),
        ((10, 10), (3, 7), 0.005),
        ((50, 20), (20, 14), 0.002),
        ((40, 40), (39, 40), 0.02),
        ((12, 10, 8), (5, 7, 2), 0.01),
    ],
)
def test_the_saddlepoint_is_near_the_whole_sum(exposed, conversions, error):
    arms = len(exposed)
    likelihood = Logistic([((1,) * arms, exposed, conversions)], arms)
    for effects in ([0.5, -0.5, 0.1][:arms], [-0.3, 0.6, 0.2][:arms]):
        ours = likelihood.at(np.array([effects, [0.0] * arms]))[0]
        assert ours[0] - ours[1] == pytest.approx(exact(exposed, conversions, effects), abs=error)


@pytest.mark.parametrize(
    ("strata", "error"),
    [
        ([((1, 1), (0, 1))], 2e-3),
        ([((10, 10), (3, 7))], 2e-4),
        ([((50, 50), (20, 30))], 2e-5),
        ([((50, 20), (20, 14)), ((20, 60), (10, 40))], 3e-5),
        ([((50, 50), (49, 50))], 2e-5),
    ],
)
@pytest.mark.parametrize("prior", [BEFORE_HISTORY, fixed_spread(0.5)])
def test_the_chance_of_two_arms_is_that_of_the_whole_sum(strata, error, prior):
    d = np.linspace(-5, 5, 4001)
    logs = sum(
        np.array([exact(exposed, conversions, np.array([-each / 2, each / 2])) for each in d])
        for exposed, conversions in strata
    )
    of_prior = sum(
        w * np.exp(-d * d / (4 * t * t)) / t for w, t in zip(prior.weights, prior.spreads, strict=True)
    )
    density = np.exp(logs) * of_prior
    chance = (density[d > 0].sum() + density[d == 0].sum() / 2) / density.sum()
    counts = [(exposed, exposed, conversions) for exposed, conversions in strata]
    assert Hierarchical(counts, 2, prior).p_best((0, 1))[1] == pytest.approx(chance, abs=error)


def test_a_lift_is_of_the_rates_and_holds_what_a_double_integral_holds():
    exposed, conversions = (120, 100), (60, 62)
    level, d = np.meshgrid(np.linspace(-2, 2, 801), np.linspace(-2.5, 2.5, 801), indexing="ij")
    a, b = expit(level - d / 2), expit(level + d / 2)
    logs = sum(
        s * np.log(rate) + (n - s) * np.log1p(-rate)
        for n, s, rate in zip(exposed, conversions, (a, b), strict=True)
    )
    of_prior = sum(
        w * np.exp(-d * d / (4 * t * t)) / t
        for w, t in zip(BEFORE_HISTORY.weights, BEFORE_HISTORY.spreads, strict=True)
    )
    # Flat in the rate at which the arms meet, which is what conditioning on the total comes to.
    middle = expit(level)
    density = np.exp(logs - logs.max()) * of_prior * middle * (1 - middle)
    ratios = np.log(b / a).ravel()
    order = np.argsort(ratios)
    below = np.cumsum(density.ravel()[order]) / density.sum()
    lift = Hierarchical([((1, 1), exposed, conversions)], 2).lift(0, 1)
    for q in (0.025, 0.1, 0.5, 0.9, 0.975):
        assert lift.quantile(q) == pytest.approx(float(np.interp(q, below, ratios[order])), abs=0.006)


def test_two_arms_and_a_third_that_nobody_saw_are_two_arms():
    pair = Hierarchical([((1, 1), (120, 100), (60, 62))], 2)
    three = Hierarchical([((1, 1, 0), (120, 100, 0), (60, 62, 0))], 3)
    assert three.lift(0, 1).p_better == pytest.approx(pair.lift(0, 1).p_better, abs=0.002)
    for q in (0.025, 0.5, 0.975):
        assert three.lift(0, 1).quantile(q) == pytest.approx(pair.lift(0, 1).quantile(q), abs=0.01)


def test_where_nobody_or_everybody_converts_nothing_is_learned():
    everybody = [((1, 1), (50, 50), (50, 50)), ((1, 1), (7, 9), (7, 9))]
    posterior = Hierarchical(everybody, 2)
    assert posterior.p_best((0, 1)) == pytest.approx((0.5, 0.5), abs=1e-12)
    low, high = posterior.lift(0, 1).interval_95
    assert -0.05 < low < high < 0.05
    assert posterior.prior_width > 0
    nobody_too = [*everybody, ((1, 1), (10, 10), (0, 0))]
    assert Hierarchical(nobody_too, 2).p_best((0, 1)) == pytest.approx((0.5, 0.5), abs=1e-12)


def test_a_better_arm_among_common_conversions_is_found_with_less_doubt_than_by_conversions_alone():
    from vibevariant.stats.likelihood import Conditional
    from vibevariant.stats.two_arms import TwoArms

    counts = [((1, 1), (500, 500), (300, 340))]
    whole = Hierarchical(counts, 2).p_best((0, 1))[1]
    conversions_only = TwoArms(Conditional(counts, 2), BEFORE_HISTORY).p_best([0, 1])[1]
    assert whole > conversions_only + 0.05
    assert math.isclose(sum(Hierarchical(counts, 2).p_best((0, 1))), 1)
