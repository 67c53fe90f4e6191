"""Two arms, against sums over a fine grid."""

import math

import numpy as np
import pytest

from tests.stats.conversions import even, log_likelihood
from vibevariant.stats.evidence import Stratum, lift_posterior
from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.prior_shift import PriorShift
from vibevariant.stats.priors import BEFORE_HISTORY, SPREADS, SpreadPrior, fixed_spread, half_normal

QUANTILES = (0.025, 0.1, 0.5, 0.9, 0.975)


def density_of_difference(allocations, prior, d, apart=0.0, kept=1.0):
    """Apart: how far the prior of the difference is moved, in units of the spread of arms."""
    logs = log_likelihood(allocations, np.stack([-d / 2, d / 2], axis=-1))
    of_prior = sum(
        weight * np.exp(-((d - spread * apart) ** 2) / (4 * kept * spread**2)) / spread
        for weight, spread in zip(prior.weights, prior.spreads, strict=True)
    )
    density = np.exp(logs - logs.max()) * of_prior
    return density / density.sum()


# Before any history: chance that the second arm is better, and its lift in per cent, by a sum over 400,001 points.
REFERENCE = [
    (50, 0, 1, 0.548, -40, 94),
    (50, 1, 5, 0.674, -28, 135),
    (50, 2, 6, 0.669, -28, 121),
    (100, 5, 10, 0.694, -25, 108),
    (1000, 50, 60, 0.736, -15, 49),
    (10_000, 500, 560, 0.949, -2, 24),
]


@pytest.mark.parametrize(("exposed", "a", "b", "chance", "low", "high"), REFERENCE)
def test_two_arms_before_any_history(exposed, a, b, chance, low, high):
    counts = even(a, b, exposed=exposed)
    d = np.linspace(-4, 4, 400_001)
    density = density_of_difference(counts, BEFORE_HISTORY, d)
    exact = float(density[d > 0].sum() + density[d == 0].sum() / 2)
    below = np.cumsum(density)
    posterior = Hierarchical(counts, 2)
    assert posterior.p_best((0, 1)) == pytest.approx((1 - exact, exact), abs=1e-6)
    lift = posterior.lift(0, 1)
    for q in QUANTILES:
        assert lift.quantile(q) == pytest.approx(float(np.interp(q, below, d)), abs=5e-5)
    lost = [float(density @ -np.expm1(-np.maximum(sign * d, 0))) for sign in (1, -1)]
    assert posterior.loss((0, 1)) == pytest.approx(lost, abs=1e-6)
    assert posterior.p_best((0, 1))[1] == pytest.approx(chance, abs=5e-4)
    assert [100 * math.expm1(end) for end in lift.interval_95] == pytest.approx([low, high], abs=0.6)


def test_where_spreads_lie_on_the_difference_the_usual_reference_comes_out():
    """A hyperprior of half-normal(.25) on the difference of two arms, instead of on each."""
    halved = half_normal(0.25)
    on_difference = SpreadPrior(tuple(spread / math.sqrt(2) for spread in SPREADS), halved.weights)
    for exposed, a, b, chance in (
        (50, 0, 1, 0.526),
        (50, 1, 5, 0.602),
        (100, 5, 10, 0.618),
        (1000, 50, 60, 0.665),
    ):
        ours = Hierarchical(even(a, b, exposed=exposed), 2, on_difference)
        assert ours.p_best((0, 1))[1] == pytest.approx(chance, abs=5e-4)
    low, high = Hierarchical(even(0, 1, exposed=50), 2, on_difference).lift(0, 1).interval_95
    assert [100 * math.expm1(end) for end in (low, high)] == pytest.approx([-28, 51], abs=0.6)


@pytest.mark.parametrize("spread", [0.03, 0.21, 0.5])
@pytest.mark.parametrize("counts", [(0, 1), (3, 12), (500, 560), (500_000, 501_000)])
def test_two_arms_of_one_spread_are_the_quadrature_over_their_difference(counts, spread):
    ours = Hierarchical(even(*counts, exposed=10**7), 2, fixed_spread(spread)).lift(0, 1)
    theirs = lift_posterior([Stratum(5000, 5000, *counts)], math.sqrt(2) * spread)
    assert ours.p_better == pytest.approx(theirs.p_better, abs=1e-9)
    for q in QUANTILES:
        assert ours.quantile(q) == pytest.approx(theirs.quantile(q), abs=1e-9)


@pytest.mark.parametrize(("a", "b"), [(0, 0), (0, 1), (5, 10), (560, 500)])
@pytest.mark.parametrize(("mean", "kept"), [(0.15, 0.9), (-0.4, 0.6)])
def test_a_shifted_prior_is_moved_and_narrower_and_nothing_else(a, b, mean, kept):
    counts = even(a, b, exposed=10_000)
    d = np.linspace(-4, 4, 400_001)
    density = density_of_difference(counts, BEFORE_HISTORY, d, apart=-2 * mean, kept=kept)
    exact = float(density[d > 0].sum() + density[d == 0].sum() / 2)
    posterior = Hierarchical(counts, 2, shift=PriorShift((mean, -mean), kept))
    assert posterior.p_best((0, 1)) == pytest.approx((1 - exact, exact), abs=1e-6)
    below = np.cumsum(density)
    for q in QUANTILES:
        exactly = float(np.interp(q, below, d))
        assert posterior.lift(0, 1).quantile(q) == pytest.approx(exactly, abs=5e-5)
        assert posterior.lift(1, 0).quantile(1 - q) == pytest.approx(-exactly, abs=5e-5)
    lost = [float(density @ -np.expm1(-np.maximum(sign * d, 0))) for sign in (1, -1)]
    assert posterior.loss((0, 1)) == pytest.approx(lost, abs=1e-6)
