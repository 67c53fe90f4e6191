import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, norm

from bench.early_signals import past
from vibevariant.stats.effect_correlation import (
    BEFORE_EXPERIMENTS,
    CORRELATIONS,
    INDEX_SPREADS,
    MOST_BEFORE,
    EffectPair,
    effect_pairs,
    learned_correlation,
)
from vibevariant.stats.engagement import VisitorSignals, engagement, signal_table
from vibevariant.stats.priors import SpreadPrior, fixed_spread
from vibevariant.stats.signal_weights import USUAL_WEIGHTS

SOME = [
    EffectPair(0.3, 0.1, 0.4, 0.3, 0.1),
    EffectPair(-0.2, 0.05, 0.1, 0.2),
    EffectPair(0.1, 0.2, -0.6, 0.9, 0.3),
]

finite = st.floats(-3, 3)
errors = st.floats(1e-3, 30)
pairs = st.builds(EffectPair, finite, errors, finite, errors, st.floats(-0.9, 0.9), st.floats(0.05, 1))


def seen(*arms):
    """Of each arm: visitors who scrolled far, of whom so many converted, and visitors who did not."""
    rows = []
    for arm, (deep, converted, shallow) in enumerate(arms):
        rows.append(VisitorSignals(arm, scroll=80, visitors=deep - converted))
        rows.append(VisitorSignals(arm, scroll=80, visitors=converted, converted=True))
        rows.append(VisitorSignals(arm, scroll=10, visitors=shallow))
    weights = tuple(10_000 // len(arms) for _ in arms)
    shown = tuple(deep + shallow for deep, _, shallow in arms)
    counts = [(weights, shown, tuple(converted for _, converted, _ in arms))]
    return engagement(signal_table(rows), len(arms), USUAL_WEIGHTS), counts


def test_before_any_experiment_it_is_the_usual_one():
    assert BEFORE_EXPERIMENTS.mean == pytest.approx(0.3)
    assert BEFORE_EXPERIMENTS.used == pytest.approx(0.3)
    assert BEFORE_EXPERIMENTS.index_spread == pytest.approx(0.17)
    assert BEFORE_EXPERIMENTS.is_related
    assert BEFORE_EXPERIMENTS.experiments == 0
    assert learned_correlation([[], []]) == BEFORE_EXPERIMENTS


def test_the_grid_posterior_is_bayes_rule():
    spread = SpreadPrior((0.1, 0.3), (0.4, 0.6))
    logs = np.empty((len(CORRELATIONS), len(INDEX_SPREADS)))
    for i, r in enumerate(CORRELATIONS):
        for j, of_index in enumerate(INDEX_SPREADS):
            logs[i, j] = norm.logpdf(r, 0.3, 0.2) + norm.logpdf(np.log2(of_index / 0.17))
            for pair in SOME:
                each = []
                for of_rate, weight in zip(spread.spreads, spread.weights, strict=True):
                    both = 2 * r * of_index * of_rate + pair.noise * pair.index_error * pair.log_ratio_error
                    covariance = [
                        [2 * of_index**2 + pair.index_error**2, both],
                        [both, 2 * of_rate**2 + pair.log_ratio_error**2],
                    ]
                    density = multivariate_normal([0, 0], covariance).logpdf([pair.index, pair.log_ratio])
                    each.append(math.log(weight) + density)
                logs[i, j] += logsumexp(each)
    oracle = np.exp(logs - logsumexp(logs))
    learned = learned_correlation([[pair] for pair in SOME], spread)
    assert np.array(learned.chances) == pytest.approx(oracle.sum(axis=1), rel=1e-9, abs=1e-15)
    assert learned.index_spread == pytest.approx(math.exp(oracle.sum(axis=0) @ np.log(INDEX_SPREADS)))
    assert learned.experiments == 3


@pytest.mark.parametrize("r", [0.0, 0.3, 0.7])
def test_many_experiments_teach_what_is_true(r):
    learned = [past(np.random.default_rng(seed), 300, r) for seed in range(5)]
    assert np.mean([each.mean for each in learned]) == pytest.approx(r, abs=0.07)


def test_noise_that_both_effects_share_is_not_taken_for_a_relation():
    rng = np.random.default_rng(1)
    errors = rng.multivariate_normal([0, 0], [[0.2**2, 0.5 * 0.2 * 0.6], [0.5 * 0.2 * 0.6, 0.6**2]], 400)
    effects = errors + rng.normal(0, [0.24, 0.3], (400, 2))
    known = [[EffectPair(x, 0.2, y, 0.6, noise=0.5)] for x, y in effects.tolist()]
    ignored = [[EffectPair(x, 0.2, y, 0.6)] for x, y in effects.tolist()]
    spread = fixed_spread(0.3 / math.sqrt(2))
    assert learned_correlation(known, spread).mean < 0.2
    assert learned_correlation(ignored, spread).mean > 0.4


def test_below_ten_experiments_it_is_taken_as_a_half_at_most():
    strong = EffectPair(0.5, 0.01, 0.6, 0.01)
    against = EffectPair(-0.5, 0.01, -0.6, 0.01)
    nine, ten = ([[strong], [against]] * 5)[:9], [[strong], [against]] * 5
    assert learned_correlation(nine).mean > MOST_BEFORE
    assert learned_correlation(nine).used == MOST_BEFORE
    assert learned_correlation(ten).used == learned_correlation(ten).mean > MOST_BEFORE


def test_engagement_that_goes_the_wrong_way_is_not_used_the_other_way_round():
    opposed = learned_correlation(
        [[EffectPair(0.4, 0.02, -0.5, 0.05)], [EffectPair(-0.4, 0.02, 0.5, 0.05)]] * 20
    )
    assert opposed.mean < 0
    assert opposed.used == 0
    assert not opposed.is_related


@given(st.lists(st.lists(pairs, max_size=3), max_size=4))
def test_any_effects_give_chances_and_swapping_arms_changes_nothing(experiments):
    learned = learned_correlation(experiments)
    assert sum(learned.chances) == pytest.approx(1)
    assert 0 <= learned.used <= 0.95
    assert 0 < learned.index_spread < 1
    swapped = [
        [
            EffectPair(-p.index, p.index_error, -p.log_ratio, p.log_ratio_error, p.noise, p.weight)
            for p in each
        ]
        for each in experiments
    ]
    assert learned_correlation(swapped[::-1]).chances == pytest.approx(learned.chances, abs=1e-9)


def test_a_pair_holds_the_difference_and_what_conversions_alone_say():
    index, counts = seen((3000, 300, 2000), (3500, 420, 1500))
    (pair,) = effect_pairs(index, counts)
    assert pair.index == pytest.approx(index.difference(0, 1).difference)
    assert pair.log_ratio == pytest.approx(math.log(420 / 300), abs=0.01)
    assert pair.log_ratio_error == pytest.approx(math.sqrt(1 / 420 + 1 / 300), rel=0.03)
    assert pair.noise == index.noise > 0
    assert pair.weight == 1


def test_many_arms_make_all_pairs_that_count_for_one_less_than_there_are():
    found = effect_pairs(*seen((30, 4, 20), (35, 5, 15), (25, 2, 20), (25, 3, 20)))
    assert len(found) == 6
    assert sum(pair.weight for pair in found) == pytest.approx(3)


@pytest.mark.parametrize(
    ("arms", "teaches"),
    [
        ([(25, 0, 25), (25, 0, 25)], False),
        ([(25, 0, 25), (25, 1, 25)], True),
        ([(10, 10, 0), (10, 10, 0)], False),
        ([(25, 0, 25), (0, 0, 0)], False),
        ([(0, 0, 0), (0, 0, 0)], False),
        ([(25, 25, 1), (25, 0, 1)], True),
        ([(5_000_000, 4_000_000, 5_000_000), (5_000_000, 4_000_001, 5_000_000)], True),
    ],
)
def test_whatever_the_counts_a_pair_is_finite_or_absent(arms, teaches):
    assert bool(effect_pairs(*seen(*arms))) == teaches


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="finite"):
        EffectPair(math.nan, 1, 0, 1)
    with pytest.raises(ValueError, match="positive"):
        EffectPair(0, 0, 0, 1)
    with pytest.raises(ValueError, match="between -1 and 1"):
        EffectPair(0, 1, 0, 1, noise=2)
