"""Three arms and more, against a fine grid and against millions of draws."""

import functools
import itertools
import math

import numpy as np
import pytest

from tests.stats.conversions import BANDITS, even, log_likelihood
from vibevariant.stats.hierarchical import Hierarchical
from vibevariant.stats.prior_shift import PriorShift, no_shift
from vibevariant.stats.priors import BEFORE_HISTORY, SPREADS

QUANTILES = (0.025, 0.1, 0.5, 0.9, 0.975)


def grid_of_three(allocations, prior, shift=None):
    """Posterior of the two differences of three arms on a fine grid."""
    shift = shift or no_shift(3)
    side = np.linspace(-2.4, 2.4, 961)
    to_b, to_c = np.meshgrid(side, side, indexing="ij")
    effects = np.stack([np.zeros_like(to_b), to_b, to_c], axis=-1)
    centred = effects - effects.mean(axis=-1, keepdims=True)
    of_prior = 0
    for weight, spread in zip(prior.weights, prior.spreads, strict=True):
        means, sd = shift.at(spread)
        squares = ((centred - np.array(means)) ** 2).sum(axis=-1)
        of_prior = of_prior + weight * np.exp(-squares / (2 * sd**2)) / sd**2
    logs = log_likelihood(allocations, effects)
    density = np.exp(logs - logs.max()) * of_prior
    return effects, density / density.sum()


@pytest.mark.parametrize(
    "shift", [None, PriorShift((0.3, -0.1, -0.2), 0.8), PriorShift((-0.5, 0.6, -0.1), 0.5)]
)
@pytest.mark.parametrize("counts", [even(4, 1, 2), even(50, 60, 80), BANDITS[3]])
def test_three_arms_agree_with_a_fine_grid(counts, shift):
    effects, density = grid_of_three(counts, BEFORE_HISTORY, shift)
    top = effects.max(axis=-1, keepdims=True)
    at_top = np.isclose(effects, top)
    chances = [(density * at_top[..., arm] / at_top.sum(axis=-1)).sum() for arm in range(3)]
    lost = [(density * -np.expm1(effects[..., arm] - top[..., 0])).sum() for arm in range(3)]
    posterior = Hierarchical(counts, 3, shift=shift)
    assert posterior.p_best((0, 1, 2)) == pytest.approx(chances, abs=0.002)
    assert posterior.loss((0, 1, 2)) == pytest.approx(lost, abs=0.001)
    for a, b in itertools.permutations(range(3), 2):
        lift, d = posterior.lift(a, b), (effects[..., b] - effects[..., a]).ravel()
        order = np.argsort(d)
        below = np.cumsum(density.ravel()[order])
        ends = [float(np.interp(q, below, d[order])) for q in QUANTILES]
        sd = (ends[4] - ends[0]) / 4
        assert [lift.quantile(q) for q in QUANTILES] == pytest.approx(ends, abs=0.02 * sd + 0.003)
        # The grid's cells straddle 0.
        exact = (density.ravel() * ((d > 1e-9) + 0.5 * (np.abs(d) <= 1e-9))).sum()
        assert lift.p_better == pytest.approx(exact, abs=0.002)
        at_edge = np.isclose(np.abs(d), 0.05)
        within = (density.ravel() * (((np.abs(d) < 0.05) & ~at_edge) + 0.5 * at_edge)).sum()
        assert lift.probability_within(-0.05, 0.05) == pytest.approx(within, abs=0.003)


@functools.cache
def by_draws(arms):
    """Chances and losses by weighing two million draws of the prior itself: slow, and simple."""
    rng = np.random.default_rng(8)
    chances, lost, total, squares = np.zeros(arms), np.zeros(arms), 0.0, 0.0
    for _ in range(20):
        spreads = rng.choice(SPREADS, 100_000, p=BEFORE_HISTORY.weights)
        effects = rng.standard_normal((100_000, arms)) * spreads[:, None]
        weights = np.exp(
            log_likelihood(BANDITS[arms], effects) - log_likelihood(BANDITS[arms], np.zeros(arms))
        )
        chances += np.bincount(effects.argmax(axis=1), weights=weights, minlength=arms)
        lost += weights @ -np.expm1(effects - effects.max(axis=1, keepdims=True))
        total += weights.sum()
        squares += float(weights @ weights)
    return chances / total, lost / total, total**2 / squares


@pytest.mark.parametrize("arms", [5, 9])
def test_more_arms_agree_with_millions_of_draws(arms):
    chances, lost, effective = by_draws(arms)
    error_of_draws = 3 * 0.5 / math.sqrt(effective)
    assert error_of_draws < 0.005
    posterior = Hierarchical(BANDITS[arms], arms)
    assert posterior.p_best(range(arms)) == pytest.approx(chances, abs=0.002 + error_of_draws)
    assert posterior.loss(range(arms)) == pytest.approx(lost, abs=0.002)
    assert posterior.effective_share > 0.9
